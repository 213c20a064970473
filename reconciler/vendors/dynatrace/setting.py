"""Settings 2.0: objects of a schema at a scope, written whole, known by `externalId`, guarded by `updateToken`.

https://docs.dynatrace.com/docs/dynatrace-api/environment-api/settings 500 objects a page. `externalId` is set when an
object is made, of 500 characters at most: a longer address goes without.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from reconciler.kinds.kind import Kind
from reconciler.kinds.mark import Mark
from reconciler.kinds.neutral import Removal, Seen
from reconciler.kinds.place import Alone, Place
from reconciler.kinds.remark import Remark, Taken
from reconciler.kinds.signal import Query
from reconciler.kinds.step import Context, Step, Work
from reconciler.kinds.trail import Authored, Trail
from reconciler.kinds.tree import Object, Path, at
from reconciler.kinds.wire import Wire, from_wire, to_wire
from reconciler.vendors.dynatrace.api import violations
from reconciler.vendors.dynatrace.layout import NO_SECRETS, Layout, held_back, hidden, masked

OBJECTS = "/api/v2/settings/objects"
ITEM = f"{OBJECTS}/{{id}}"
SCOPE = "environment"
PAGES = Alone(("nextPageKey",), "nextPageKey")

ALERTING_PROFILE = "dynatrace/AlertingProfile"
MANAGEMENT_ZONE = "dynatrace/ManagementZone"
ENTITY = "dynatrace/Entity"
SETTINGS_OBJECT = "dynatrace/SettingsObject"

# What may be done with an object; newer versions tell the one, older ones the other, the oldest neither.
_ALLOWED = ("resourceContext", "modificationInfo")
_FIELDS = "objectId,value,scope,schemaId,schemaVersion,externalId,updateToken"
QUERY = (("fields", f"{_FIELDS},{_ALLOWED[0]}"), ("pageSize", "500"))
OLDER = ((("fields", f"{_FIELDS},{_ALLOWED[1]}"),), (("fields", _FIELDS),))
_SERVER_SETS = frozenset(
    {
        *("objectId", "value", "scope", "schemaId", "schemaVersion", "externalId", "updateToken", "summary", "author"),
        *("searchSummary", "created", "modified", "createdBy", "modifiedBy", "owner", "insertAfter"),
    }
)


def place(schema: str) -> Place:
    """Where the objects of one schema stand at the environment's scope."""
    return Place(
        list=OBJECTS,
        envelope=("items",),
        query=(("schemaIds", schema), ("scopes", SCOPE), *QUERY),
        older=OLDER,
        paging=PAGES,
        item=ITEM,
        update="PUT",
        id_at="objectId",
    )


# ── ours and the vendor's ───────────────────────────────────────────────────────────────────────────────────────────


def writing(schema: str, wires: Mapping[str, Wire]) -> Callable[[Object, Context], Object]:
    """`to_api` of a schema's kind: the whole of a settings object."""

    def to_api(tree: Object, context: Context) -> Object:
        value = {name: part for name, part in tree.items() if name not in _ALLOWED}
        return {"schemaId": schema, "scope": SCOPE, "value": to_wire(value, wires)}

    return to_api


def reading(wires: Mapping[str, Wire], layout: Layout = NO_SECRETS) -> Callable[[Object, Context], Object]:
    """`from_api` of a schema's kind: the value's fields, and what may be done with the object."""

    def from_api(raw: Object, context: Context) -> Object:
        return {**beside(raw), **from_wire(hidden(value_of(raw), layout), wires)}

    return from_api


def beside(raw: Object) -> Object:
    """What stands in an object beside its value, less what only the server sets."""
    return {name: part for name, part in raw.items() if name not in _SERVER_SETS and part is not None}


def value_of(raw: Mapping[str, Any]) -> dict[str, Any]:
    value = raw.get("value")
    return dict(value) if isinstance(value, Mapping) else {}


# ── whose it is, and what may be done with it ───────────────────────────────────────────────────────────────────────

_MOST = 500


def _mark(raw: Mapping[str, Any]) -> str | None:
    mark = raw.get("externalId")
    return mark if isinstance(mark, str) else None


def _marked(body: Object, mark: str) -> Object:
    return {**body, "externalId": mark} if len(mark) <= _MOST else body


MARK = Mark(_mark, _marked, fixed=True)


def closed(ident: str, live: Object, seen: Seen) -> str | None:
    return None if _allows(live, "write", "modifiable") else "the server says that nobody can change it"


def on_removal(tree: Object, leaving: frozenset[str]) -> Removal:
    """What the server makes by itself, and lets nobody delete, stays."""
    return "delete" if _allows(tree, "delete", "deletable") else "release"


def _allows(tree: Object, operation: str, flag: str) -> bool:
    context, info = (tree.get(name) for name in _ALLOWED)
    operations = context.get("operations") if isinstance(context, Mapping) else None
    if isinstance(operations, list):
        return operation in operations
    return not (isinstance(info, Mapping) and info.get(flag) is False)


# ── who changed it ──────────────────────────────────────────────────────────────────────────────────────────────────


def _changed(raw: Mapping[str, Any], answers: Sequence[Any]) -> Iterator[Authored]:
    """The last write; older servers call who did it the author."""
    for answer in answers:
        if isinstance(answer, Mapping) and (moment := _instant(answer.get("modified"))):
            yield Authored(moment, str(answer.get("modifiedBy") or answer.get("author") or ""))


def _instant(modified: Any) -> str:
    """Milliseconds since 1970, or a text as it is."""
    if isinstance(modified, int) and modified in range(10**14):  # the last is in the year 5138
        return datetime.fromtimestamp(modified / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return modified if isinstance(modified, str) else ""


def _single(ident: str, context: Context) -> tuple[Query, ...]:
    return (Query(ITEM, {"id": ident}, sole=True),)


TRAIL = Trail(_changed, _single)


# ── steps ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def steps(kind: Kind, work: Work, context: Context) -> tuple[Step, ...]:
    return steps_with(NO_SECRETS, False, kind, work, context)


def steps_with(layout: Layout, forced: bool, kind: Kind, work: Work, context: Context) -> tuple[Step, ...]:
    """One request, of the whole value. A create may be sent twice: `externalId` makes one object of both; several go in
    one list, whose items the server takes or refuses each by itself.

    Where secrets are `forced` all go in clear; else the server's masks take the places of those that nobody gives.
    """
    if work.verb == "delete":
        return (Step("delete", "DELETE", f"{ITEM}?updateToken={{updateToken}}", deletes=True, lays=True),)
    body = kind.to_api(work.wanted, context)
    body["value"] = {name: part for name, part in body["value"].items() if part is not None}
    if work.verb == "create":
        return (Step("create", "POST", OBJECTS, [body], "creates", answer=(0,), joins=True),)
    if not forced:
        body["value"] = held_back(body["value"], layout)
    return (Step("update", "PUT", ITEM, body, lays=True),)


def laid_with(layout: Layout) -> Callable[[Object, Object, Context], Object]:
    def lay(raw: Object, body: Object, context: Context) -> Object:
        """The body of a PUT: the value whole, masks where secrets stay, and the token of what was read."""
        was = value_of(raw)
        known = {name: part for name, part in body["value"].items() if name in was or name not in raw}
        put = {"value": masked(known, was, layout)}
        put |= {name: body[name] for name in ("insertAfter",) if name in body}
        return put | {name: raw[name] for name in ("schemaVersion", "updateToken") if raw.get(name) is not None}

    return lay


lay = laid_with(NO_SECRETS)


# ── asked before it is done ─────────────────────────────────────────────────────────────────────────────────────────


def rehearsal_with(layout: Layout) -> Callable[[Step, Object | None, Context], Step | None]:
    def rehearsal(step: Step, raw: Object | None, context: Context) -> Step | None:
        """The same as a POST that only validates: versions whose PUT knows no such thing would write.

        An update is known by its `externalId`; without one, or with a mask in it, it cannot be asked.
        """
        if step.deletes:
            return None
        if raw is None:
            return replace(step, path=f"{OBJECTS}?validateOnly=true", effect="reads")
        body = dict(step.body)
        whole = masked(body["value"], value_of(raw), layout) == body["value"]
        if raw.get("externalId") is None or not whole:
            return None
        body["externalId"] = raw["externalId"]
        return Step(step.name, "POST", f"{OBJECTS}?validateOnly=true", [body], "reads")

    return rehearsal


rehearsal = rehearsal_with(NO_SECRETS)


def objections(body: Any) -> Iterator[Remark]:
    """What the server has against a value, at the manifest's fields."""
    for result in body if isinstance(body, list) else [body]:
        for path, text in violations(result):
            yield Remark(_path(path), text)


def _path(text: str) -> Path:
    """`builtin:tags.auto-tagging/0/rules/0/type`: schema, number in the request, and the value's own path."""
    parts = text.split("/")
    inner = parts[2:] if len(parts) > 1 and parts[1].isdecimal() else parts
    return tuple(int(part) if part.isdecimal() else part for part in inner if part)


# ── what is said once ───────────────────────────────────────────────────────────────────────────────────────────────

_LABELS: Mapping[str, tuple[Path, ...]] = {
    "builtin:problem.notifications": (("type",), ("displayName",)),
    "builtin:alerting.maintenance-window": (("generalProperties", "name"),),
}
_NAMES = ("name", "displayName", "title", "summary", "key")


def label(schema: str, value: Mapping[str, Any]) -> str | None:
    """What people tell the objects of a schema apart by; None where nothing is known of that."""
    named = (*_NAMES, *sorted(name for name in value if name.endswith("Name")))
    paths = _LABELS.get(schema) or tuple((name,) for name in named if isinstance(value.get(name), str))[:1]
    parts = [at(value, path) for path in paths]
    return " ".join(parts) if parts and all(isinstance(part, str) and part for part in parts) else None


def value_taken(schema: str, name: str, path: Path) -> Taken:
    return Taken("the value", f'{schema} "{name}"', path)


def taken_by(schema: str, *fields: str) -> Callable[[Object], tuple[Taken, ...]]:
    """An object of a schema that has a kind of its own is not also a SettingsObject."""

    def taken(tree: Object) -> tuple[Taken, ...]:
        parts = [tree.get(name) for name in fields]
        whole = all(isinstance(part, str) and part for part in parts)
        return (value_taken(schema, " ".join(str(part) for part in parts), (fields[-1],)),) if whole else ()

    return taken
