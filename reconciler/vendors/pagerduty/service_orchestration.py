"""pagerduty/ServiceOrchestration: what is done with the events of one service.

https://developer.pagerduty.com/api-reference/855659be83d9e-update-the-service-orchestration-active-status-for-a-service
Every service has one. Rules are written whole; they cannot be deleted, so what was declared is put back to nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from reconciler.kinds.fields import NoClear, RefTo
from reconciler.kinds.kind import Kind
from reconciler.kinds.neutral import Removal
from reconciler.kinds.place import Part, Place, Sole
from reconciler.kinds.remark import Remark
from reconciler.kinds.step import Context, Step, Work
from reconciler.kinds.tree import Object, Path, Ref, Tree
from reconciler.kinds.wire import Wire, from_wire
from reconciler.vendors.pagerduty import rule_set
from reconciler.vendors.pagerduty.reference import COMMON, SERVICE

_PATH = "/event_orchestrations/services/{service}"
_RULES = ("rules", "sets", "catch_all")


class ServiceOrchestration(rule_set.Service):
    """A service orchestration."""

    service: Annotated[Ref, RefTo(SERVICE), Field(description="the service whose events it is for; cannot be changed")]
    active: Annotated[
        bool | None,
        NoClear("write true or false"),
        Field(description="whether events go through it; if not, they go through the service's older rules"),
    ] = None


# ── ours and the vendor's ───────────────────────────────────────────────────────────────────────────────────────────

_ACTIVE = Wire(
    lambda value: {"active": value},
    lambda raw: raw["active"] if isinstance(raw, Mapping) and set(raw) == {"active"} else raw,
)


_SERVER_SETS = COMMON | {
    *("sets", "catch_all", "parent", "version", "created_at", "created_by", "updated_at", "updated_by"),
    *("migrated_at", "migrated_by", "migrated_from", "migrated_status", "migrated_via"),
}


def to_api(tree: Object, context: Context) -> Object:
    """The rules whole, as far as any of them are named, and the switch, which has a path of its own."""
    rules = {name: tree[name] for name in _RULES if name in tree}
    whole = rule_set.RULES.to(rules) if rules else {}
    return {**whole, **({"active": _ACTIVE.to(tree["active"])} if "active" in tree else {})}


def from_api(raw: Object, context: Context) -> Object:
    rules = rule_set.RULES.back(raw) or {"rules": [], "catch_all": {}}
    return {**from_wire(raw, {"active": _ACTIVE}, _SERVER_SETS), **rules}


def key(tree: Object) -> tuple[Tree, ...] | None:
    return (tree["service"],) if tree.get("service") else None


# ── steps ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def steps(kind: Kind, work: Work, context: Context) -> tuple[Step, ...]:
    params = {"service": work.wanted.get("service")}
    find = Step("find", "GET", kind.place.list, effect="reads", params=params, finds=True)
    match work.verb:
        case "create":
            return (find, *_puts(work, frozenset(work.wanted), context))
        case _:
            return _puts(work, work.changed, context)


def _puts(work: Work, fields: frozenset[str], context: Context) -> tuple[Step, ...]:
    params = {"service": work.wanted.get("service")}
    found = []
    if fields & set(_RULES):
        body = to_api({name: value for name, value in work.wanted.items() if name in _RULES}, context)
        found.append(Step("rules", "PUT", _PATH, body, params=params, wrap=("orchestration_path",)))
    if "active" in fields:
        body = {"active": work.wanted["active"]}
        found.append(Step("active", "PUT", f"{_PATH}/active", body, params=params))
    return tuple(found)


# ── removal, and words around it ────────────────────────────────────────────────────────────────────────────────────


def on_removal(tree: Object, leaving: frozenset[str]) -> Removal:
    """It goes with its service; without that it is put back."""
    service = tree.get("service")
    return "release" if getattr(service, "identity", None) in leaving else "reset"


def reset(tree: Object) -> Object:
    """What was declared, as a new service has it."""
    nothing: Object = {"rules": [], "sets": None, "catch_all": None, "active": False}
    return {name: nothing[name] for name in nothing if name in tree}


def remarks(tree: Object) -> list[Remark]:
    at: Path = ()
    idle = tree.get("active") is False and any(tree.get(name) for name in _RULES)
    off = [Remark(("active",), "its rules are not in force while it is false")] if idle else []
    return [*rule_set.remarks(tree, at), *off]


KIND = Kind(
    vendor="pagerduty",
    version="v1",
    name="ServiceOrchestration",
    spec=ServiceOrchestration,
    place=Place(
        list=_PATH,
        envelope=("orchestration_path",),
        paging=Sole(),
        item=_PATH,
        item_envelope=("orchestration_path",),
        item_read=False,
        parts=(Part("active", f"{_PATH}/active", nothing=frozenset({410}), instead={"active": True}),),
        parent="service",
        update="PUT",
    ),
    page="https://developer.pagerduty.com/api-reference/"
    "855659be83d9e-update-the-service-orchestration-active-status-for-a-service",
    to_api=to_api,
    from_api=from_api,
    key=key,
    name_field=None,
    immutable=frozenset({"service"}),
    settles=0.0,
    own_steps=steps,
    on_removal=on_removal,
    reset=reset,
    remarks=remarks,
    heard=rule_set.heard,
)
