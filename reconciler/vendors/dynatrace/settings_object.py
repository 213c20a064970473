"""dynatrace/SettingsObject: an object of any settings schema, by the fields that the schema has.

https://docs.dynatrace.com/docs/dynatrace-api/environment-api/settings What is secret the server's own schema says; it
is read once for each schema. Where a schema has one object that object is never made and never deleted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

from reconciler.kinds.fields import NoClear, RefTo, SecretMark
from reconciler.kinds.kind import Kind
from reconciler.kinds.neutral import Removal
from reconciler.kinds.place import Place
from reconciler.kinds.remark import Remark, Taken
from reconciler.kinds.signal import Refusal
from reconciler.kinds.spec import Spec
from reconciler.kinds.step import Context, Step, Work
from reconciler.kinds.tree import Object, Ref, Tree, spell
from reconciler.vendors.dynatrace import merge, schema, setting
from reconciler.vendors.dynatrace.layout import NO_SECRETS, Layout, hidden, resubmitting

FIRST = "first"
_SECRETS = SecretMark()


def _with_sources(value: Any) -> Any:
    """A value in which `{env: NAME}` and its like are sources of secrets."""
    match value:
        case {"env": str()} | {"file": str()} | {"keep": True} if len(value) == 1:
            return _SECRETS.read(value)
        case {"from": str(), "output": str()} if len(value) == 2:
            return _SECRETS.read(value)
        case dict():
            return {name: _with_sources(part) for name, part in value.items()}
        case list():
            return [_with_sources(part) for part in value]
        case _:
            return value


def _id(value: str) -> str:
    if "," in value or not value.strip():
        words = "{value} is no schema's id, like builtin:tags.auto-tagging"
        raise PydanticCustomError("schema", words, {"value": repr(value)})
    return value


class Value(Spec):
    """The fields of any schema."""

    model_config = ConfigDict(extra="allow")

    @model_validator(mode="before")
    @classmethod
    def _sources(cls, data: Any) -> Any:
        return {name: _with_sources(part) for name, part in data.items()} if isinstance(data, dict) else data

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "object", "description": "the fields of the schema"}


class SettingsObject(Spec):
    """A settings object."""

    schemaId: Annotated[
        str, AfterValidator(_id), Field(description="the schema: builtin:tags.auto-tagging; cannot be changed")
    ]
    scope: Annotated[
        str | None,
        NoClear("write environment"),
        Field(min_length=1, description="environment, or an entity's id; cannot be changed; environment if not said"),
    ] = None
    value: Annotated[
        Value | None,
        NoClear("write its fields"),
        Field(description="the schema's fields; those not named stay; secrets as everywhere: {env: NAME}"),
    ] = None
    after: Annotated[
        Literal["first"] | Annotated[Ref, RefTo(setting.SETTINGS_OBJECT)] | None,
        NoClear("leave it out, and it stays where it is"),
        Field(description="in an ordered schema: the object that it comes right after, or first"),
    ] = None


# ── ours and the vendor's ───────────────────────────────────────────────────────────────────────────────────────────


def _definition(tree: Mapping[str, Any], context: Context) -> Mapping[str, Any] | None:
    found = context.known.get(schema.path_of(tree.get("schemaId")) or "")
    return found if isinstance(found, Mapping) else None


def _layout(tree: Mapping[str, Any], context: Context) -> Layout:
    definition = _definition(tree, context)
    return NO_SECRETS if definition is None else schema.layout(definition)


def to_api(tree: Object, context: Context) -> Object:
    body = {name: tree[name] for name in ("schemaId", "scope") if tree.get(name) is not None}
    if isinstance(tree.get("value"), Mapping):
        body["value"] = merge.without_nulls(tree["value"])
    if tree.get("after") is not None:
        body["insertAfter"] = "" if tree["after"] == FIRST else tree["after"]
    return body


def from_api(raw: Object, context: Context) -> Object:
    definition = _definition(raw, context)
    tree = {name: raw[name] for name in ("schemaId", "scope") if raw.get(name) is not None}
    if isinstance(raw.get("value"), Mapping):
        tree["value"] = hidden(merge.without_nulls(raw["value"]), _layout(raw, context))
    before = raw.get("insertAfter")
    if isinstance(before, str) and (definition is None or schema.is_ordered(definition)):
        tree["after"] = Ref(setting.SETTINGS_OBJECT, "id", (before,)) if before else FIRST
    if definition is not None:
        tree["multiObject"] = not schema.is_single(definition)
    return {**setting.beside(raw), **tree}


def key(tree: Object) -> tuple[Tree, ...] | None:
    """Schema, scope and name; where a schema has one object, no name. Without a name an object is what is in it."""
    id_, value = tree.get("schemaId"), tree.get("value")
    if not isinstance(id_, str) or not id_:
        return None
    name = setting.label(id_, value) if isinstance(value, Mapping) else None
    if name is None:
        name = json.dumps(value, sort_keys=True, ensure_ascii=False, default=lambda node: type(node).__name__)
    return id_, str(tree.get("scope") or setting.SCOPE), "" if tree.get("multiObject") is False else name


def knowing(declared: Object, context: Context) -> Object:
    definition = _definition(declared, context)
    return declared if definition is None else {**declared, "multiObject": not schema.is_single(definition)}


def beforehand(declared: Object) -> tuple[str, ...]:
    path = schema.path_of(declared.get("schemaId"))
    return (path,) if path else ()


_LIST = f"{setting.OBJECTS}?schemaIds={{of}}&" + "&".join(f"{name}={value}" for name, value in setting.QUERY)


def listed_at(key: tuple[str, ...]) -> tuple[str, str] | None:
    return _LIST, key[0]


def row(raw: Object, of: str) -> Object:
    """Older versions leave the schema out."""
    return {**raw, "schemaId": raw.get("schemaId") or of}


def lined_up(rows: list[Object]) -> list[Object]:
    """Each with the id of the one before it at the same scope."""
    last: dict[str, str] = {}
    found = []
    for raw in rows:
        scope = str(raw.get("scope"))
        found.append({**raw, "insertAfter": last.get(scope, "")})
        last[scope] = str(raw.get("objectId"))
    return found


def meant(wanted: Object, live: Object, context: Context) -> Object:
    """What is named laid over what is there, at any depth; the order of a set means nothing."""
    meant = {**wanted, "scope": wanted.get("scope") or live.get("scope")}
    if isinstance(wanted.get("value"), Mapping) and isinstance(live.get("value"), Mapping):
        definition = _definition(wanted, context)
        sets = schema.sets(definition) if definition is not None else merge.NO_SETS
        meant["value"] = merge.merged(wanted["value"], live["value"], sets)
    return meant


# ── what cannot be done ─────────────────────────────────────────────────────────────────────────────────────────────


def refuses(work: Work, context: Context) -> Refusal | None:
    if work.verb not in ("create", "update"):
        return None
    id_, definition = work.wanted.get("schemaId"), _definition(work.wanted, context)
    if definition is None:
        return Refusal(
            ("schemaId",),
            f"the server knows no schema {id_}",
            "correct it: GET /api/v2/settings/schemas tells those that this server has",
        )
    wrong = next(schema.misplaced(work.wanted.get("value"), _layout(work.wanted, context)), None)
    if wrong is not None:
        path, why = wrong
        return Refusal(
            ("value", *path),
            f"{spell(('value', *path))}: {why}",
            "write {env: NAME}, {file: path} or {from: ADDRESS, output: NAME} for secrets only",
            conceals=True,
        )
    if work.verb == "create" and schema.is_single(definition):
        way = "it is there as soon as the server has the schema; bind it with metadata: {id: …}"
        return Refusal((), f"{id_} has one object, which nobody makes", way)
    if work.wanted.get("after") is not None and not schema.is_ordered(definition):
        return Refusal(("after",), f"the objects of {id_} have no order", "leave after out")
    return None


def on_removal(tree: Object, leaving: frozenset[str]) -> Removal:
    return "release" if tree.get("multiObject") is False else setting.on_removal(tree, leaving)


def taken(tree: Object) -> tuple[Taken, ...]:
    value, id_ = tree.get("value"), str(tree.get("schemaId"))
    name = setting.label(id_, value) if isinstance(value, Mapping) else None
    if name is None or tree.get("scope") not in (None, setting.SCOPE):
        return ()
    return (setting.value_taken(id_, name, ("value",)),)


# ── steps ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def steps(kind: Kind, work: Work, context: Context) -> tuple[Step, ...]:
    """A place in the order goes along only where it changes."""
    wanted = {"scope": setting.SCOPE, "value": {}, **work.wanted}
    if work.verb == "update" and "after" not in work.changed:
        wanted.pop("after", None)
    definition, where = _definition(work.wanted, context), _layout(work.wanted, context)
    if definition is not None and work.verb != "delete":
        wanted["value"] = schema.filled(merge.without_nulls(wanted["value"]), definition)
    work = replace(work, wanted=wanted)
    forced = resubmitting(wanted["value"], (work.live or {}).get("value"), where)
    return setting.steps_with(where, forced, kind, work, context)


def lay(raw: Object, body: Object, context: Context) -> Object:
    return setting.laid_with(_layout(raw, context))(raw, body, context)


def rehearsal(step: Step, raw: Object | None, context: Context) -> Step | None:
    where = NO_SECRETS if raw is None else _layout(raw, context)
    return setting.rehearsal_with(where)(step, raw, context)


def objections(body: Any) -> list[Remark]:
    return [replace(one, path=("value", *one.path)) for one in setting.objections(body)]


KIND = Kind(
    vendor="dynatrace",
    version="v1",
    name="SettingsObject",
    spec=SettingsObject,
    place=Place(
        list=setting.OBJECTS,
        envelope=("items",),
        older=setting.OLDER,
        paging=setting.PAGES,
        item=setting.ITEM,
        update="PUT",
        id_at="objectId",
        listed_at=listed_at,
        row=row,
        lined_up=lined_up,
    ),
    page="https://docs.dynatrace.com/docs/dynatrace-api/environment-api/settings",
    to_api=to_api,
    from_api=from_api,
    key=key,
    name_field=None,
    immutable=frozenset({"schemaId", "scope"}),
    needed_to_create=("value",),
    mark=setting.MARK,
    meant=meant,
    on_removal=on_removal,
    closed=setting.closed,
    beforehand=beforehand,
    knowing=knowing,
    refuses=refuses,
    taken=taken,
    own_steps=steps,
    lay=lay,
    rehearsal=rehearsal,
    objections=objections,
    trail=setting.TRAIL,
)
