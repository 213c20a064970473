"""pagerduty/IncidentWorkflow: actions that are taken in an incident, one after another, and what starts them.

https://developer.pagerduty.com/api-reference/a47605517c19a-api-concepts Steps are told apart by name; of their inputs
only those that are named are compared, as PagerDuty adds others. Triggers are read by a request of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from reconciler.kinds.fields import Keyed, NoClear, RefTo, Shared
from reconciler.kinds.kind import Kind, by_name
from reconciler.kinds.place import Part, Place, Token
from reconciler.kinds.spec import Spec
from reconciler.kinds.step import Context, Step, Work, plain_steps
from reconciler.kinds.tree import Object, Own, Ref, Tree
from reconciler.kinds.wire import Wire, each, from_wire, to_wire
from reconciler.vendors.pagerduty import trigger
from reconciler.vendors.pagerduty.api import PAGES
from reconciler.vendors.pagerduty.reference import COMMON, TEAM, pointing

_TRIGGERS = "/incident_workflows/triggers"


class Action(Spec):
    """One step."""

    name: Annotated[str, Field(min_length=1, description="what people call it; unique within the workflow")]
    action_id: Annotated[
        str | None,
        NoClear("a step has an action"),
        Field(
            min_length=1,
            description="what is done",
            examples=["pagerduty.com:incident-workflows:send-status-update:1"],
        ),
    ] = None
    inputs: Annotated[
        dict[str, str] | None,
        Shared(),
        NoClear("an input is set to another value, or left as it is"),
        Field(
            description="what the action is told, by the input's name; inputs that are not named stay",
            examples=[{"Message": "We are looking into it"}],
        ),
    ] = None


class IncidentWorkflow(Spec):
    """An incident workflow."""

    name: Annotated[
        str | None, NoClear("write another name"), Field(min_length=1, description="name shown in PagerDuty")
    ] = None
    description: Annotated[str | None, Field(description="what it is for")] = None
    team: Annotated[Annotated[Ref, RefTo(TEAM)] | None, Field(description="the team that owns it")] = None
    is_enabled: Annotated[
        bool | None, NoClear("write true or false"), Field(description="whether it can be started; true if not said")
    ] = None
    steps: Annotated[
        list[Action] | None,
        Keyed(("name",), ordered=True),
        Field(description="what is done, in this order; a step that is not named goes"),
    ] = None
    triggers: Annotated[
        list[trigger.Trigger] | None,
        Keyed(("trigger_type", "condition")),
        Field(
            description="what starts it; one that is not named goes",
            examples=[
                [
                    {
                        "trigger_type": "conditional",
                        "condition": "incident.priority matches 'P1'",
                        "services": ["checkout"],
                    }
                ]
            ],
        ),
    ] = None


# ── ours and the vendor's ───────────────────────────────────────────────────────────────────────────────────────────

_OF_A_STEP = ("name",)
_OF_AN_ACTION = frozenset({"description", "outputs"})


def _action_to(step: Tree) -> Tree:
    if not isinstance(step, Mapping):
        return step
    inputs = step.get("inputs")
    pairs = [{"name": name, "value": value} for name, value in inputs.items()] if isinstance(inputs, Mapping) else []
    own = {name: value for name, value in step.items() if name in _OF_A_STEP}
    action = {name: value for name, value in step.items() if name not in (*_OF_A_STEP, "inputs") and value is not None}
    return {**own, "action_configuration": {**action, "inputs": pairs}}


def _action_back(raw: Tree) -> Tree:
    if not isinstance(raw, Mapping):
        return raw
    found = raw.get("action_configuration")
    action = found if isinstance(found, Mapping) else {}
    inputs = action.get("inputs")
    named = [one for one in inputs if isinstance(one, Mapping) and "name" in one] if isinstance(inputs, list) else []
    said = {name: value for name, value in action.items() if name not in _OF_AN_ACTION and value is not None}
    own = {name: raw[name] for name in _OF_A_STEP if name in raw}
    return {**own, **said, "inputs": {str(one["name"]): one.get("value") for one in named}}


_WIRES = {
    "description": Wire(cleared=""),
    "team": pointing(TEAM, "team"),
    "steps": each(Wire(_action_to, _action_back)),
    "triggers": trigger.TRIGGERS,
}
_SERVER_SETS = COMMON | {"created_at"}


def to_api(tree: Object, context: Context) -> Object:
    return to_wire(tree, _WIRES)


def from_api(raw: Object, context: Context) -> Object:
    return from_wire(raw, _WIRES, _SERVER_SETS)


# ── steps ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def steps(kind: Kind, work: Work, context: Context) -> tuple[Step, ...]:
    place = kind.place
    match work.verb:
        case "create":
            made = {name: value for name, value in work.wanted.items() if name != "triggers"}
            body = to_api(made, context)
            create = Step(
                "create", "POST", place.list, body, "creates", wrap=place.wrap, answer=place.created, made=made
            )
            return (create, *_triggers(work.wanted.get("triggers"), []))
        case "update":
            fields = {name: value for name, value in work.only_changed().items() if name != "triggers"}
            put = Step("update", "PUT", place.item_path, to_api(fields, context), wrap=place.wrap, answer=place.created)
            moved = "triggers" in work.changed
            had = (work.live or {}).get("triggers")
            return (
                *((put,) if fields else ()),
                *(_triggers(work.wanted["triggers"], had if isinstance(had, list) else []) if moved else ()),
            )
        case _:
            return plain_steps(kind, work, context)


def _triggers(wanted: Tree, had: list[Tree]) -> tuple[Step, ...]:
    """One request for each that is new, that differs, or that goes."""
    before = {one.get("id"): one for one in had if isinstance(one, Mapping)}
    shall: list[Any] = wanted if isinstance(wanted, list) else []
    adds = (
        Step("add trigger", "POST", _TRIGGERS, trigger.created(one, Own()), "creates", wrap=("trigger",), adds=True)
        for one in shall
        if "id" not in one
    )
    moves = (
        Step(
            "change trigger",
            "PUT",
            f"{_TRIGGERS}/{{trigger}}",
            trigger.changed(one),
            params=_of(one),
            wrap=("trigger",),
        )
        for one in shall
        if "id" in one and one != before.get(one["id"])
    )
    stay = {one.get("id") for one in shall}
    drops = (
        Step("drop trigger", "DELETE", f"{_TRIGGERS}/{{trigger}}", params=_of(one), drops=True)
        for ident, one in before.items()
        if ident not in stay
    )
    return (*adds, *moves, *drops)


def _of(one: Mapping[str, Tree]) -> Mapping[str, Tree]:
    return {"trigger": one["id"]}


KIND = Kind(
    vendor="pagerduty",
    version="v1",
    name="IncidentWorkflow",
    spec=IncidentWorkflow,
    place=Place(
        list="/incident_workflows",
        envelope=("incident_workflows",),
        query=(("include[]", "steps"), ("include[]", "team")),
        paging=PAGES,
        item="/incident_workflows/{id}",
        item_envelope=("incident_workflow",),
        parts=(
            Part(
                "triggers",
                f"{_TRIGGERS}?workflow_id={{id}}",
                ("triggers",),
                paging=Token(100, at=("next_cursor",), ask="cursor"),
            ),
        ),
        update="PUT",
        wrap=("incident_workflow",),
        created=("incident_workflow",),
    ),
    page="https://developer.pagerduty.com/api-reference/a47605517c19a-api-concepts",
    to_api=to_api,
    from_api=from_api,
    key=by_name,
    needed_to_create=("name",),
    own_steps=steps,
)
