"""pagerduty/EventOrchestration: takes events by keys of its own, changes them, and routes them to services.

https://developer.pagerduty.com/api-reference/a47605517c19a-api-concepts#event-orchestrations Integrations are shared:
those no manifest names stay, also the one PagerDuty makes itself. Router, unrouted and global are each written whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from reconciler.kinds.fields import Keyed, NoClear, RefTo, Shared
from reconciler.kinds.kind import Kind, by_name
from reconciler.kinds.output import Output
from reconciler.kinds.place import Part, Place, Whole
from reconciler.kinds.remark import Remark
from reconciler.kinds.spec import Spec
from reconciler.kinds.step import Context, Step, Work, plain_steps
from reconciler.kinds.tree import Object, Ref, Tree
from reconciler.kinds.wire import Wire, each, from_wire, to_wire
from reconciler.vendors.pagerduty import rule_set
from reconciler.vendors.pagerduty.api import PAGES
from reconciler.vendors.pagerduty.reference import COMMON, TEAM, ident

_ITEM = "/event_orchestrations/{id}"
_PATHS = ("router", "unrouted", "global")


class Integration(Spec):
    """A way in for events, with a key of its own."""

    label: Annotated[str, Field(min_length=1, description="what people call it; unique among those declared")]


class EventOrchestration(Spec):
    """An event orchestration."""

    name: Annotated[
        str | None, NoClear("write another name"), Field(min_length=1, description="name shown in PagerDuty")
    ] = None
    description: Annotated[str | None, Field(description="what it is for")] = None
    team: Annotated[
        Annotated[Ref, RefTo(TEAM)] | None, Field(description="the team it belongs to; null: administrators alone")
    ] = None
    integrations: Annotated[
        list[Integration] | None,
        Keyed(("label",)),
        Shared(),
        NoClear("leave it out: an integration that no manifest names stays, with its key"),
        Field(
            description="ways in for events, each with its own key; others stay as they are",
            examples=[[{"label": "Datadog"}]],
        ),
    ] = None
    router: Annotated[
        rule_set.Router | None,
        rule_set.same(rule_set.TO_UNROUTED),
        Field(
            description="which service an event goes to; null: none",
            examples=[
                {
                    "rules": [{"conditions": ["event.source matches part 'checkout'"], "route_to": "checkout"}],
                    "catch_all": {"route_to": "unrouted"},
                }
            ],
        ),
    ] = None
    unrouted: Annotated[
        rule_set.Unrouted | None,
        rule_set.same(rule_set.NOTHING),
        Field(description="what is done with events that go to no service; null: nothing"),
    ] = None
    global_: Annotated[
        rule_set.Global | None,
        rule_set.same(rule_set.NOTHING),
        Field(alias="global", description="what is done with every event before it is routed; null: nothing"),
    ] = None


# ── ours and the vendor's ───────────────────────────────────────────────────────────────────────────────────────────


def _team_back(raw: Tree) -> Tree:
    """None of them is a reference with no id."""
    return None if isinstance(raw, Mapping) and raw.get("id") is None else ident(TEAM, raw)


# Beside label and id there is the key, a secret.
_INTEGRATION = Wire(
    back=lambda raw: {name: raw[name] for name in ("label", "id") if name in raw} if isinstance(raw, Mapping) else {}
)
_WIRES = {
    "description": Wire(cleared=""),
    "team": Wire(lambda node: {"id": node}, _team_back, cleared={"id": None}),
    "integrations": each(_INTEGRATION),
    "router": rule_set.ROUTER,
    "unrouted": rule_set.RULES,
    "global": rule_set.RULES,
}
_SERVER_SETS = COMMON | {"routes", "version", "created_at", "created_by", "updated_at", "updated_by"}


def to_api(tree: Object, context: Context) -> Object:
    return to_wire(tree, _WIRES)


def from_api(raw: Object, context: Context) -> Object:
    return from_wire(raw, _WIRES, _SERVER_SETS)


# ── steps ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def steps(kind: Kind, work: Work, context: Context) -> tuple[Step, ...]:
    match work.verb:
        case "create":
            fields = frozenset(work.wanted)
            made = _itself(work.wanted, fields)
            create = Step(
                "create",
                "POST",
                kind.place.list,
                to_api(made, context),
                "creates",
                wrap=kind.place.wrap,
                answer=kind.place.created,
                made=made,
            )
            return (create, *_below(work, fields, _labels(work), context))
        case "update":
            changed = _itself(work.wanted, work.changed)
            body = to_api(changed, context)
            put = Step("update", "PUT", _ITEM, body, wrap=kind.place.wrap, answer=kind.place.created)
            return (*((put,) if changed else ()), *_below(work, work.changed, _labels(work), context))
        case _:
            return plain_steps(kind, work, context)


def _itself(tree: Object, fields: frozenset[str]) -> Object:
    """What stands in the orchestration itself; the rest has paths of its own."""
    return {name: value for name, value in tree.items() if name in fields and name not in (*_PATHS, "integrations")}


def _below(work: Work, fields: frozenset[str], labels: list[str], context: Context) -> tuple[Step, ...]:
    return (*_integrations(work, fields, labels), *_paths(work, fields, context))


def _paths(work: Work, fields: frozenset[str], context: Context) -> tuple[Step, ...]:
    bodies = to_api({name: work.wanted[name] for name in _PATHS if name in fields and name in work.wanted}, context)
    return tuple(
        Step(name, "PUT", f"{_ITEM}/{name}", body, wrap=("orchestration_path",)) for name, body in bodies.items()
    )


def _integrations(work: Work, fields: frozenset[str], labels: list[str]) -> tuple[Step, ...]:
    """One request for each that is new or goes, and a last look, which tells the keys of the new ones."""
    if "integrations" not in fields:
        return ()
    path = f"{_ITEM}/integrations"
    adds = tuple(
        Step(f"add {label}", "POST", path, {"label": label}, "creates", wrap=("integration",), adds=True)
        for label in labels
    )
    drops = tuple(
        Step(f"drop {one['label']}", "DELETE", path + "/{integration}", params={"integration": one["id"]}, drops=True)
        for one in _gone(work)
    )
    look = (Step("keys", "GET", path, effect="reads"),) if adds else ()
    return (*adds, *drops, *look)


def _rows(tree: Object | None) -> list[Object]:
    """Integrations; of what is live, as far as they have a form that is known."""
    found: Any = (tree or {}).get("integrations")
    rows = found if isinstance(found, list) else []
    return [one for one in rows if isinstance(one, dict) and isinstance(one.get("label"), str)]


def _labels(work: Work) -> list[str]:
    """Labels that are not there yet. The one that PagerDuty makes with an orchestration is told by its label."""
    made = [f"{work.wanted.get('name')} Default Integration"]
    there = [one["label"] for one in _rows(work.live)] if work.live else made
    found = [one["label"] for one in _rows(work.wanted)]
    return [label for label in dict.fromkeys(found) if label not in there]


def _gone(work: Work) -> list[Object]:
    stay = [one.get("id") for one in _rows(work.wanted)]
    return [one for one in _rows(work.live) if one.get("id") not in (None, *stay)]


# ── words around it ─────────────────────────────────────────────────────────────────────────────────────────────────


def renews(work: Work) -> tuple[str, ...]:
    """Keys that the change makes."""
    new = _labels(work) if work.verb == "update" and "integrations" in work.changed else []
    return tuple(f"routing_key:{label}" for label in new)


def remarks(tree: Object) -> list[Remark]:
    return [remark for name in _PATHS for remark in rule_set.remarks(tree.get(name), (name,))]


def consequences(work: Work) -> tuple[str, ...]:
    match work.verb:
        case "delete":
            return ("its keys are worth nothing from then on: events sent with them are lost",)
        case "update" if "integrations" in work.changed:
            words = "the key of the integration {} is worth nothing from then on: events sent with it are lost"
            return tuple(words.format(one.get("label")) for one in _gone(work))
        case _:
            return ()


KIND = Kind(
    vendor="pagerduty",
    version="v1",
    name="EventOrchestration",
    spec=EventOrchestration,
    place=Place(
        list="/event_orchestrations",
        envelope=("orchestrations",),
        paging=PAGES,
        item=_ITEM,
        item_envelope=("orchestration",),
        parts=(
            Part("integrations", f"{_ITEM}/integrations", ("integrations",), paging=Whole()),
            *(Part(name, f"{_ITEM}/{name}", ("orchestration_path",)) for name in _PATHS),
        ),
        update="PUT",
        wrap=("orchestration",),
        created=("orchestration",),
    ),
    page="https://developer.pagerduty.com/api-reference/a47605517c19a-api-concepts#event-orchestrations",
    to_api=to_api,
    from_api=from_api,
    key=by_name,
    needed_to_create=("name",),
    outputs=(
        Output(
            "routing_key",
            ("integrations", "parameters", "routing_key"),
            each="label",
            doc="the key events are sent with, of the first integration; routing_key:LABEL is that of another one",
        ),
    ),
    own_steps=steps,
    renews=renews,
    remarks=remarks,
    consequences=consequences,
    heard=rule_set.heard,
)
