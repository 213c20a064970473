"""wallarm/Trigger: more than so many events within a time, that pass the filters, set off reactions.

https://docs.wallarm.com/user-guides/triggers/triggers/ Times are seconds; at most 6 filters and 4 actions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from reconciler.kinds.fields import NoClear, Owned, RefTo, Seconds, Unordered
from reconciler.kinds.kind import Kind, by_name
from reconciler.kinds.place import Place
from reconciler.kinds.remark import Remark
from reconciler.kinds.spec import Spec
from reconciler.kinds.step import Context, Work
from reconciler.kinds.tree import Object, Ref, Tree
from reconciler.kinds.wire import Wire, each, from_wire, to_wire
from reconciler.vendors.wallarm import filter as looks_at

COUNTED = ("incidents_exceeded", "attacks_exceeded", "hits_exceeded", "vector_attack", "bruteforce_started")
UNCOUNTED = ("user_created",)
# Seen with a threshold in the vendor's examples, or left open by them.
_MAY_COUNT = ("forced_browsing_started", "bola_search_started", "attack_ip_grouping")
TEMPLATES = (
    *COUNTED,
    *UNCOUNTED,
    *_MAY_COUNT,
    "blacklist_ip_added",
    "api_structure_changed",
    "compromised_logins",
    "rogue_api_detected",
)

INTEGRATION = "wallarm/Integration"

# ── what a manifest says ────────────────────────────────────────────────────────────────────────────────────────────


class Threshold(Spec):
    """Fires on more than so many events within a time."""

    more_than: Annotated[
        int | None,
        NoClear("write a number"),
        Field(ge=0, description="fires when there are more than this: 1 means two or more"),
    ] = None
    within: Annotated[
        Seconds | None, NoClear("write a time"), Field(ge=1, description="in a window of this length")
    ] = None


class Lock(Spec):
    """How long an address stays on a list."""

    lock_time: Annotated[
        Seconds, Field(ge=1, description="how long; 3650d (315360000 seconds) is what the Console calls forever")
    ]


class Bare(Spec):
    """A reaction without parameters."""


class Action(Spec):
    """One reaction: exactly one of these."""

    send_notification: Annotated[
        list[Annotated[Ref, RefTo(INTEGRATION)]] | None,
        Unordered(),
        Field(min_length=1, description="integrations that are told"),
    ] = None
    block_ips: Annotated[Lock | None, Owned(), Field(description="put the address on the denylist")] = None
    add_to_graylist: Annotated[Lock | None, Owned(), Field(description="put the address on the graylist")] = None
    mark_as_brute: Annotated[Bare | None, Field(description="mark as brute force, without blocking: {}")] = None
    group_attack_by_ip: Annotated[Bare | None, Field(description="group hits of one address: {}")] = None

    @model_validator(mode="after")
    def _is_one(self) -> Action:
        if len(self.model_fields_set) != 1 or getattr(self, next(iter(self.model_fields_set))) is None:
            names = ", ".join(type(self).model_fields)
            raise PydanticCustomError("action", "an action is exactly one of {names}", {"names": names})
        return self


class Trigger(Spec):
    """A trigger."""

    name: Annotated[
        str | None,
        NoClear("write another name"),
        Field(min_length=1, description="name shown in the Console and in notifications; need not be unique"),
    ] = None
    template: Annotated[
        str | None,
        NoClear("a trigger keeps its template"),
        Field(
            min_length=1,
            description="the condition; cannot be changed",
            json_schema_extra={"anyOf": [{"enum": list(TEMPLATES)}, {"type": "string"}, {"type": "null"}]},
        ),
    ] = None
    enabled: Annotated[
        bool | None, NoClear("write true or false"), Field(description="whether the trigger is at work")
    ] = None
    comment: Annotated[str | None, Field(description="a note for people")] = None
    threshold: Annotated[
        Threshold | None,
        Field(description=f"needed by {', '.join(COUNTED)}; user_created takes none"),
    ] = None
    filters: Annotated[looks_at.Filters | None, Owned(), Field(description="what it looks at; owned whole")] = None
    actions: Annotated[
        list[Annotated[Action, Owned()]] | None,
        Unordered(),
        NoClear("a trigger has one action at least"),
        Field(min_length=1, max_length=4, description="what it does"),
    ] = None

    @field_validator("threshold")
    @classmethod
    def _fits_the_template(cls, value: Threshold | None, info: ValidationInfo) -> Threshold | None:
        template = info.data.get("template")
        if template in COUNTED and value is None:
            raise PydanticCustomError(
                "threshold", "{template} needs its threshold: it cannot be null", {"template": template}
            )
        if template in UNCOUNTED and value is not None:
            raise PydanticCustomError("threshold", "{template} takes no threshold: remove it", {"template": template})
        return value


# ── ours and the vendor's ───────────────────────────────────────────────────────────────────────────────────────────


def _threshold_to(threshold: Tree) -> Tree:
    if not isinstance(threshold, Mapping):
        return threshold
    names = {"more_than": "count", "within": "period"}
    fields = {names.get(name, name): value for name, value in threshold.items() if value is not None}
    return {"operator": "gt", **fields, "allowed_operators": ["gt"]}


def _threshold_back(threshold: Tree) -> Tree:
    if not isinstance(threshold, Mapping):
        return threshold
    names = {"count": "more_than", "period": "within"}
    said = {name: value for name, value in threshold.items() if name != "allowed_operators" and value is not None}
    return {names.get(name, name): value for name, value in said.items() if (name, value) != ("operator", "gt")}


def _action_to(action: Tree) -> Tree:
    match action:
        case {"send_notification": integrations}:
            return {"id": "send_notification", "params": {"integration_ids": integrations}}
        case dict() if len(action) == 1:
            ((name, params),) = action.items()
            return {"id": name, "params": params}
        case _:
            return action


def _action_back(action: Tree) -> Tree:
    match action:
        case {"id": "send_notification", "params": {"integration_ids": list(ids)}}:
            return {"send_notification": [Ref(INTEGRATION, "id", (str(ident),)) for ident in ids]}
        case {"id": str(name)}:
            return {name: action.get("params") or {}}
        case _:
            return action


_WIRES = {
    "threshold": Wire(_threshold_to, _threshold_back),
    "filters": Wire(looks_at.to_wire, looks_at.from_wire, cleared=[]),
    "actions": each(Wire(_action_to, _action_back)),
}

_SERVER_SETS = frozenset({"id", "client_id", "thresholds", "template_id"})


def to_api(tree: Object, context: Context) -> Object:
    body = to_wire(tree, _WIRES)
    return {("template_id" if name == "template" else name): value for name, value in body.items()}


def from_api(raw: Object, context: Context) -> Object:
    tree = from_wire(raw, _WIRES, _SERVER_SETS)
    template = raw.get("template")
    ident = template.get("id") if isinstance(template, Mapping) else raw.get("template_id")
    return tree if ident is None else {**tree, "template": ident}


def writable(raw: Object) -> Object:
    """A PUT takes the whole trigger in the form of a create, which is not the form it is read in."""
    written = {name: value for name, value in raw.items() if name in _WRITTEN}
    template = raw.get("template")
    ident = template.get("id") if isinstance(template, Mapping) else raw.get("template_id")
    threshold = raw.get("threshold")
    if isinstance(threshold, Mapping):
        written["threshold"] = {"allowed_operators": ["gt"], **threshold}
    return {"template_id": ident, "threshold": None, **written}


_WRITTEN = frozenset({"name", "comment", "enabled", "filters", "actions", "threshold"})

# ── words around it ─────────────────────────────────────────────────────────────────────────────────────────────────


def also_needed(tree: Object) -> tuple[str, ...]:
    return ("threshold.more_than", "threshold.within") if tree.get("template") in COUNTED else ()


def remarks(tree: Object) -> list[Remark]:
    return [*_template_remarks(tree), *looks_at.remarks(tree.get("filters"))]


def _template_remarks(tree: Object) -> list[Remark]:
    template: Any = tree.get("template")
    if template is not None and template not in TEMPLATES:
        return [Remark(("template",), f"{template!r} is no template this version knows; it is sent as it stands")]
    uncertain = template is not None and template not in (*COUNTED, *_MAY_COUNT)
    if uncertain and tree.get("threshold") is not None:
        return [Remark(("threshold",), f"Wallarm's docs show no threshold for {template}")]
    return []


def consequences(work: Work) -> tuple[str, ...]:
    if work.verb == "delete" and "hint_tag" in (work.wanted.get("filters") or {}):
        return ("Wallarm removes a counter some 30 s after the last trigger that uses it",)
    return ()


KIND = Kind(
    vendor="wallarm",
    version="v1",
    name="Trigger",
    spec=Trigger,
    place=Place(
        list="/v2/clients/{client_id}/triggers",
        envelope=("triggers",),
        query=(("denormalize", "true"),),
        item="/v2/clients/{client_id}/triggers/{id}",
        item_read=False,
        update="PUT",
        wrap=("trigger",),
        created=("trigger",),
        id_number=True,
        facts=frozenset({"client_id"}),
    ),
    page="https://docs.wallarm.com/user-guides/triggers/triggers/",
    to_api=to_api,
    from_api=from_api,
    key=by_name,
    writes="replace",
    immutable=frozenset({"template"}),
    needed_to_create=("name", "template", "actions"),
    also_needed=also_needed,
    sent_on_create={"enabled": True, "filters": {}},
    settles=30.0,
    writable=writable,
    remarks=remarks,
    consequences=consequences,
)
