"""wallarm/Integration: where Wallarm sends its events and what triggers tell. `target` holds the secret.

https://docs.wallarm.com/user-guides/settings/integrations/integrations-intro/
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from reconciler.kinds.fields import NoClear, SecretField, Unordered
from reconciler.kinds.kind import Kind, Place, Probe, Remark
from reconciler.kinds.spec import OneOf, Spec
from reconciler.kinds.step import Context, Step, Work, plain_steps
from reconciler.kinds.tree import Hidden, Keep, Object, Secret, Tree
from reconciler.kinds.wire import Wire, from_wire, record, to_wire
from reconciler.vendors.wallarm import event

Region = Literal["us", "eu"]

# The only two addresses the vendor takes for this target.
_ALERTS: dict[str, str] = {
    "us": "https://api.opsgenie.com/v2/alerts",
    "eu": "https://api.eu.opsgenie.com/v2/alerts",
}
_REGIONS = {url: region for region, url in _ALERTS.items()}

_ACTIVE_OFF = "perhaps switched off by Wallarm after failed deliveries (60 % within 12 hours)"


class OpsgenieTarget(Spec):
    """Opsgenie as a target: the key of one of its API integrations, and the region that key belongs to."""

    token: Annotated[
        SecretField | None, NoClear("give another key"), Field(description="key of an Opsgenie API integration")
    ] = None
    api: Annotated[
        Region | None, NoClear("write us or eu"), Field(description="the Opsgenie account's region: us or eu")
    ] = None


class OpsgenieIntegration(Spec):
    """Alerts in Opsgenie."""

    type: Annotated[Literal["opsgenie"], Field(description="the service that is told; cannot be changed")]
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
    target: Annotated[
        OpsgenieTarget | None, NoClear("remove the manifest instead"), Field(description="key and region")
    ] = None
    events: Annotated[
        list[Annotated[str, event.EventMark("opsgenie")]] | None,
        Unordered(),
        Field(description="the events it passes on; all others are off. What triggers tell it comes besides"),
    ] = None


SPEC = OneOf("type", (OpsgenieIntegration,))

# ── ours and the vendor's ───────────────────────────────────────────────────────────────────────────────────────────

_SERVER_SETS = frozenset({"id", "created_at", "created_by", "clientid"})


def _looked_up(names: dict[str, str], value: Tree) -> Tree:
    return names.get(value, value) if isinstance(value, str) else value


_TARGETS = {
    "opsgenie": record(
        {
            "token": Wire(back=lambda _: Hidden()),
            "api": Wire(lambda region: _looked_up(_ALERTS, region), lambda url: _looked_up(_REGIONS, url)),
        }
    )
}


def to_api(tree: Object, context: Context) -> Object:
    """A body; `target` and `events` need `type` beside them, as steps() sees to."""
    type_ = str(tree.get("type"))
    wires = {
        "target": _TARGETS.get(type_, Wire()),
        "events": Wire(lambda active: event.to_wire(active, type_), cleared=event.to_wire([], type_)),
    }
    return to_wire(tree, wires)


def from_api(raw: Object, context: Context) -> Object:
    wires = {
        "target": Wire(back=lambda target: _target(raw.get("type"), target)),
        "events": Wire(back=event.from_wire),
    }
    return from_wire(raw, wires, _SERVER_SETS)


def _target(type_: Tree, target: Tree) -> Tree:
    """Anything in a target that is not known to be harmless is a secret: URLs of web hooks are keys by themselves."""
    if str(type_) not in _TARGETS or not isinstance(target, dict):
        return Hidden()
    known: Tree = _TARGETS[str(type_)].back(target)
    return {name: value if name in OpsgenieTarget.model_fields else Hidden() for name, value in known.items()}


def key(tree: Object) -> tuple[Tree, ...] | None:
    """Names are not unique in an account; of one type they should be."""
    return (tree["type"], tree["name"]) if tree.get("type") and tree.get("name") else None


# ── steps, and words around them ────────────────────────────────────────────────────────────────────────────────────


def steps(kind: Kind, work: Work, context: Context) -> tuple[Step, ...]:
    """A change of events needs the whole body, secret and all; any other only what changed."""
    place = kind.place
    if work.verb == "create":
        tenant = {"clientid": int(context.facts["client_id"])} if "client_id" in context.facts else {}
        body = to_api(work.wanted, context) | tenant
        return (Step("create", "POST", place.create, body, "creates", answer=place.created),)
    if work.verb == "update":
        return (Step("update", "PUT", place.item_path, _update(work, context), answer=place.created),)
    return plain_steps(kind, work, context)


def _update(work: Work, context: Context) -> Object:
    whole = "events" in work.changed
    names = [name for name in OpsgenieIntegration.model_fields if whole or name in work.changed]
    body = to_api({name: work.wanted.get(name) for name in {*names, "type"} if name in work.wanted}, context)
    if whole:
        return {**body, "events": [*body["events"], *_gone(work, body["events"])]}
    return {name: value for name, value in body.items() if name in work.changed}


def _gone(work: Work, named: list[Object]) -> list[Tree]:
    """Events of an older vocabulary that are on and shall not be."""
    live = (work.live or {}).get("events") or []
    known = {item["event"] for item in named}
    return [{"event": name, "active": False} for name in live if isinstance(name, str) and name not in known]


def remarks(tree: Object) -> list[Remark]:
    unknown = [(index, name) for index, name in enumerate(tree.get("events") or []) if name not in event.KNOWN]
    return [
        Remark(("events", index), f"{name!r} is no event this version knows; it is sent as it stands")
        for index, name in unknown
    ]


def consequences(work: Work) -> tuple[str, ...]:
    was_off = work.live is not None and work.live.get("active") is False
    match work.verb:
        case "update" if was_off and work.wanted.get("active"):
            return (f"it was off: {_ACTIVE_OFF}",)
        case "update" if was_off:
            return (f"it is off and stays off: {_ACTIVE_OFF}; `active: true` switches it on",)
        case _:
            return ()


def after(work: Work) -> tuple[str, ...]:
    return ("not tested: Console → Integrations → Test integration",) if work.verb in ("create", "update") else ()


def probes(work: Work) -> tuple[Probe, ...]:
    """Whether the key opens the region it was given for; asked only when one of the two was just written."""
    target = work.wanted.get("target")
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
    needed_to_create=("name", "target"),
    also_needed=lambda tree: ("target.token", "target.api"),
    # A create without `active` makes a silent integration; one without `events` is not documented.
    sent_on_create={"active": True, "events": []},
    settles=30.0,
    born_at="created_at",
    own_steps=steps,
    remarks=remarks,
    consequences=consequences,
    after=after,
    probes=probes,
)
