"""wallarm/Integration: where Wallarm sends its events and what triggers tell. `target` holds the secret.

https://docs.wallarm.com/user-guides/settings/integrations/integrations-intro/
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from reconciler.kinds.fields import NoClear, SecretField, Unordered
from reconciler.kinds.kind import Kind
from reconciler.kinds.place import Place
from reconciler.kinds.remark import Remark
from reconciler.kinds.spec import OneOf, Spec
from reconciler.kinds.stake import Probe
from reconciler.kinds.step import Context, Step, Work, plain_steps
from reconciler.kinds.tree import Hidden, Keep, Object, Secret, Tree
from reconciler.kinds.wire import Wire, from_wire, to_wire
from reconciler.vendors.wallarm import event
from reconciler.vendors.wallarm import target as sends_to

_ACTIVE_OFF = "perhaps switched off by Wallarm after failed deliveries (60 % within 12 hours)"

# ── what a manifest says ────────────────────────────────────────────────────────────────────────────────────────────

_TYPE = Field(description="the service that is told; cannot be changed")
_EVENTS = Field(description="the events it passes on; all others are off. What triggers tell it comes besides")
_STAYS = NoClear("remove the manifest instead")


class Integration(Spec):
    """What integrations of all types have."""

    name: Annotated[
        str | None,
        NoClear("write another name"),
        Field(min_length=1, description="name shown in the Console; need not be unique"),
    ] = None
    active: Annotated[
        bool | None,
        NoClear("write true or false"),
        Field(description="whether it sends; Wallarm itself switches it off after many failed deliveries"),
    ] = None


class EmailIntegration(Integration):
    """Reports and notices by mail."""

    type: Annotated[Literal["email"], _TYPE]
    target: Annotated[
        list[Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")]] | None,
        Unordered(),
        _STAYS,
        Field(min_length=1, description="addresses the mail goes to", examples=[["security@example.com"]]),
    ] = None
    events: Annotated[event.MailEvents, _EVENTS] = None


class ChatIntegration(Integration):
    """Messages in a channel of Slack or Microsoft Teams."""

    type: Annotated[Literal["slack", "ms_teams"], _TYPE]
    target: Annotated[SecretField | None, _STAYS, Field(description="URL of the channel's incoming web hook")] = None
    events: Annotated[event.ChatEvents, _EVENTS] = None


class TelegramIntegration(Integration):
    """Messages in a Telegram chat."""

    type: Annotated[Literal["telegram"], _TYPE]
    target: Annotated[sends_to.TelegramTarget | None, _STAYS, Field(description="the chat; cannot be changed")] = None
    events: Annotated[event.TelegramEvents, _EVENTS] = None


class OpsgenieIntegration(Integration):
    """Alerts in Opsgenie."""

    type: Annotated[Literal["opsgenie"], _TYPE]
    target: Annotated[sends_to.OpsgenieTarget | None, _STAYS, Field(description="key and region")] = None
    events: Annotated[event.ChatEvents, _EVENTS] = None


class PagerDutyIntegration(Integration):
    """Incidents in PagerDuty."""

    type: Annotated[Literal["pager_duty"], _TYPE]
    target: Annotated[
        SecretField | None, _STAYS, Field(description="integration key of a PagerDuty service, 32 characters")
    ] = None
    events: Annotated[event.ChatEvents, _EVENTS] = None


class SplunkIntegration(Integration):
    """Events in Splunk."""

    type: Annotated[Literal["splunk"], _TYPE]
    target: Annotated[sends_to.SplunkTarget | None, _STAYS, Field(description="token and address")] = None
    events: Annotated[event.CollectorEvents, _EVENTS] = None


class SumoLogicIntegration(Integration):
    """Events in Sumo Logic."""

    type: Annotated[Literal["sumo_logic"], _TYPE]
    target: Annotated[SecretField | None, _STAYS, Field(description="URL of an HTTP source of Sumo Logic")] = None
    events: Annotated[event.CollectorEvents, _EVENTS] = None


class InsightConnectIntegration(Integration):
    """Events in InsightConnect."""

    type: Annotated[Literal["insight_connect"], _TYPE]
    target: Annotated[sends_to.InsightConnectTarget | None, _STAYS, Field(description="key and address")] = None
    events: Annotated[event.CollectorEvents, _EVENTS] = None


class DatadogIntegration(Integration):
    """Events in Datadog."""

    type: Annotated[Literal["data_dog"], _TYPE]
    target: Annotated[sends_to.DatadogTarget | None, _STAYS, Field(description="region and key")] = None
    events: Annotated[event.CollectorEvents, _EVENTS] = None


class WebhookIntegration(Integration):
    """Events as HTTP requests."""

    type: Annotated[Literal["web_hooks"], _TYPE]
    target: Annotated[
        sends_to.WebhookTarget | None, _STAYS, Field(description="the receiver, and how it is called")
    ] = None
    events: Annotated[event.CollectorEvents, _EVENTS] = None


SPEC = OneOf(
    "type",
    (
        EmailIntegration,
        ChatIntegration,
        TelegramIntegration,
        OpsgenieIntegration,
        PagerDutyIntegration,
        SplunkIntegration,
        SumoLogicIntegration,
        InsightConnectIntegration,
        DatadogIntegration,
        WebhookIntegration,
    ),
)

# ── ours and the vendor's ───────────────────────────────────────────────────────────────────────────────────────────

_SERVER_SETS = frozenset({"id", "created_at", "created_by", "clientid"})


def to_api(tree: Object, context: Context) -> Object:
    """A body; `target` and `events` need `type` beside them, as steps() sees to."""
    type_ = str(tree.get("type"))
    wires = {
        "target": sends_to.wire(type_),
        "events": Wire(lambda active: event.to_wire(active, type_), cleared=event.to_wire([], type_)),
    }
    return to_wire(tree, wires)


def from_api(raw: Object, context: Context) -> Object:
    target = sends_to.wire(raw.get("type"))
    tree = from_wire(raw, {"target": target, "events": Wire(back=event.from_wire)}, _SERVER_SETS)
    # Telegram's chat is there whether Wallarm shows anything of it or not.
    return {**tree, "target": target.back({})} if raw.get("type") == "telegram" else tree


def key(tree: Object) -> tuple[Tree, ...] | None:
    """Names are not unique in an account; of one type they should be."""
    return (tree["type"], tree["name"]) if tree.get("type") and tree.get("name") else None


# ── steps ───────────────────────────────────────────────────────────────────────────────────────────────────────────

_FIELDS = ("name", "active", "target", "events", "type")


def steps(kind: Kind, work: Work, context: Context) -> tuple[Step, ...]:
    """A change of events needs the whole body, secret and all; any other only what changed."""
    type_ = work.wanted.get("type")
    match work.verb:
        case "create" if type_ == "telegram":
            return _telegram(kind, work, context)
        case "create":
            body = to_api(work.wanted, context) | _tenant(context)
            return (Step("create", "POST", kind.place.create, body, "creates", answer=kind.place.created),)
        case "update" if type_ == "email":
            return _email(kind, work, context)
        case "update":
            whole = "events" in work.changed and type_ != "telegram"
            return (_put(kind, "update", _body(work, context, _FIELDS if whole else work.changed)),)
        case _:
            return plain_steps(kind, work, context)


def _tenant(context: Context) -> Object:
    return {"clientid": int(context.facts["client_id"])} if "client_id" in context.facts else {}


def _telegram(kind: Kind, work: Work, context: Context) -> tuple[Step, ...]:
    """Wallarm makes it of the chat alone, silent and under the name of the bot's user; the rest comes second."""
    chat = dict(work.wanted.get("target") or {})
    name = chat.pop("username", None) or work.wanted.get("name")
    first = {"name": name, **_tenant(context), **chat}
    path, made = f"{kind.place.create}/telegram", {"type": "telegram", "name": name}
    create = Step("create", "POST", path, first, "creates", answer=kind.place.created, made=made)
    return (create, _put(kind, "finish", _body(work, context, ("name", "active", "events"))))


def _email(kind: Kind, work: Work, context: Context) -> tuple[Step, ...]:
    """`active` goes by itself and first; anything else with the whole body, which holds no secret."""
    switch = _put(kind, "switch", {"active": work.wanted.get("active")})
    update = _put(kind, "update", _body(work, context, _FIELDS))
    rest = work.changed - {"active"}
    return (*((switch,) if "active" in work.changed else ()), *((update,) if rest else ()))


def _put(kind: Kind, name: str, body: Object) -> Step:
    return Step(name, "PUT", kind.place.item_path, body, answer=kind.place.created)


def _body(work: Work, context: Context, names: frozenset[str] | tuple[str, ...]) -> Object:
    """These fields of what is wanted, in the vendor's form."""
    body = to_api({name: work.wanted[name] for name in _FIELDS if name in work.wanted}, context)
    if work.verb == "update" and isinstance(body.get("events"), list):
        body["events"] = [*body["events"], *event.gone((work.live or {}).get("events"), body["events"])]
    return {name: value for name, value in body.items() if name in names}


# ── words around it ─────────────────────────────────────────────────────────────────────────────────────────────────


def remarks(tree: Object) -> list[Remark]:
    return [
        Remark(("events", index), f"{name!r} is no event this version knows; it is sent as it stands")
        for index, name in event.unknown(tree.get("events"))
    ]


def consequences(work: Work) -> tuple[str, ...]:
    was_off = work.live is not None and work.live.get("active") is False
    if work.verb == "update" and was_off and work.wanted.get("active"):
        return (f"it was off: {_ACTIVE_OFF}",)
    return ()


def notices(declared: Object, live: Object) -> tuple[str, ...]:
    """A switch that no manifest names stays as it is found, and may be found off."""
    if live.get("active") is False and "active" not in declared:
        return (f"it is off and stays off: {_ACTIVE_OFF}; `active: true` switches it on",)
    return ()


def after(work: Work) -> tuple[str, ...]:
    return ("not tested: Console → Integrations → Test integration",) if work.verb in ("create", "update") else ()


def probes(work: Work) -> tuple[Probe, ...]:
    """Whether the key opens the region it was given for; asked only when one of the two was just written."""
    target = work.wanted.get("target") if work.wanted.get("type") == "opsgenie" else None
    if work.verb not in ("create", "update") or (work.live is not None and "target" not in work.changed):
        return ()
    match target:
        case {"token": Hidden() | Keep() | Secret(source=Keep())}:
            return ()
        case {"token": token, "api": "us" | "eu" as region}:
            return (
                Probe(
                    vendor="opsgenie",
                    region=region,
                    method="POST",
                    path="/v2/integrations/authenticate",
                    body={"type": "API"},
                    key=token,
                    works=f"Opsgenie ({region}) knows the key as that of an API integration",
                    fails=f"Opsgenie ({region}) does not know the key: is target.api the account's region, "
                    "and the key that of an enabled API integration?",
                ),
            )
        case _:
            return ()


KIND = Kind(
    vendor="wallarm",
    version="v1",
    name="Integration",
    spec=SPEC,
    place=Place(
        list="/v2/integration",
        envelope=("body", "object"),
        query=(("clientid", "{client_id}"),),
        item="/v2/integration/{id}",
        item_read=False,
        create="/v2/integration",
        update="PUT",
        created=("body", "object"),
        id_number=True,
        facts=frozenset({"client_id"}),
    ),
    page="https://docs.wallarm.com/user-guides/settings/integrations/integrations-intro/",
    to_api=to_api,
    from_api=from_api,
    key=key,
    immutable=frozenset({"type"}),
    also_immutable=lambda tree: frozenset({"target"}) if tree.get("type") == "telegram" else frozenset(),
    needed_to_create=("name", "target"),
    also_needed=lambda tree: sends_to.NEEDED.get(str(tree.get("type")), ()),
    # A create without `active` makes a silent integration; one without `events` is not documented.
    sent_on_create={"active": True, "events": []},
    settles=30.0,
    born_at="created_at",
    own_steps=steps,
    remarks=remarks,
    notices=notices,
    consequences=consequences,
    after=after,
    probes=probes,
)
