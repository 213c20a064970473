"""Writing settings objects: each item of a POST by itself, PUT, DELETE, and what the server checks (sheet 6.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.dynatrace.alerting_schemas import PROFILES
from reconciler.sandbox.dynatrace.definition import Definition
from reconciler.sandbox.dynatrace.environment import VALIDATORS, Environment, Refusal, Violation
from reconciler.sandbox.dynatrace.notification_schemas import DEFAULT_PROFILE
from reconciler.sandbox.dynatrace.object_id import ObjectId, update_token
from reconciler.sandbox.dynatrace.objects import MAKER, is_protected
from reconciler.sandbox.dynatrace.positions import KEPT, Position, placeable, placed
from reconciler.sandbox.dynatrace.schemas import SCHEMAS
from reconciler.sandbox.dynatrace.secrecy import asks_again, taken
from reconciler.sandbox.dynatrace.tagging_schemas import MANAGEMENT_ZONES
from reconciler.sandbox.dynatrace.validation import Checked, Filled

LONGEST_EXTERNAL_ID = 500


@dataclass(frozen=True)
class Write:
    """One write of one object: `index` is its place in the POST, `before` what it replaces.

    `form`: it is made in the UI. `dry`: nothing is saved.
    """

    definition: Definition
    scope: str
    value: Any
    index: int
    before: Obj | None
    external_id: str | None
    by_post: bool
    author: str
    position: Position = KEPT
    form: bool = False
    dry: bool = False


def unknown_item(ident: str) -> Refusal:
    return Refusal(404, f"No schema with topic identifier '{ident}'")


def invalid(*violations: Violation, status: int = 400) -> Refusal:
    return Refusal(status, VALIDATORS, violations)


def written(env: Environment, write: Write) -> Obj | None:
    """The object as stored; `None` for a dry run. Raises a refusal that names everything that is wrong."""
    stored = write.before["value"] if write.before else None
    value, kept = _unmasked(env, write, stored)
    filled: Filled = "form" if write.form else "defaults" if env.settings.defaults == "filled" else "no"
    checked = Checked(env, write.definition, lambda schema, ident: referred(env, schema, ident), filled)
    path = f"{write.definition.ident}/{write.index}"
    clean = checked.record(write.definition.root, value, path)
    if not checked.violations:
        _check_rest(env, write, clean, checked)
    if checked.violations:
        raise invalid(*checked.violations)
    said = asks_again(write.definition, stored, clean, kept) if stored is not None else None
    if said:
        raise invalid(Violation(path, said), status=env.settings.resubmission)
    placeable(env, write.definition, write.scope, write.position)
    return None if write.dry else _stored(env, write, clean)


def _unmasked(env: Environment, write: Write, stored: Any) -> tuple[Any, tuple[str, ...]]:
    """PUT keeps the secret whose mask comes back; for POST that is unconfirmed (sheet 10)."""
    got = taken(env, write.definition, write.value, stored)
    if not write.by_post or env.settings.mask_in_post == "kept":
        return got.value, got.kept
    if got.kept and env.settings.mask_in_post == "refused":
        raise invalid(Violation(f"{write.definition.ident}/{write.index}/{got.kept[0]}", "Must not be masked"))
    return write.value, ()


def _check_rest(env: Environment, write: Write, clean: Obj, checked: Checked) -> None:
    """What the whole schema demands: unique names, a limit, names that stay, fields that never change."""
    definition, before = write.definition, write.before
    path = f"{definition.ident}/{write.index}"
    own = before["id"] if before and not (write.by_post and write.dry and env.settings.own_name == "counted") else None
    for name, said in definition.unique.items():
        if _is_taken(env, definition, write.scope, clean[name], own):
            checked.wrong(f"{path}/{name}", said)
    if before is None and definition.multi and len(env.objects.named(definition.ident)) >= definition.most:
        checked.wrong(path, f"There must not be more than {definition.most} objects")
    if before and is_protected(before) and clean.get("name") != before["value"]["name"]:
        checked.wrong(f"{path}/name", "The name of a default object cannot be changed")
    for name, prop in definition.root["properties"].items():
        if before and prop["modificationPolicy"] == "NEVER" and clean.get(name) != before["value"].get(name):
            checked.wrong(f"{path}/{name}", "The property cannot be changed")


def _is_taken(env: Environment, definition: Definition, scope: str, name: str, own: str | None) -> bool:
    gone = env.gone.get(f"{definition.ident} {scope} {name}")
    if gone is not None and env.now() < gone + env.settings.name_lag * 1000:
        return True
    return any(obj["id"] != own and obj["scope"] == scope for obj in env.objects.titled(definition.ident, name))


def referred(env: Environment, schema: str, ident: str) -> str | None:
    """What is wrong with a reference to another schema's object; `None` where it holds."""
    obj = env.objects.get(ident)
    if obj is None and env.settings.bare_ids == "accepted":
        wanted = "Default" if ident == DEFAULT_PROFILE else None
        objs = env.objects.named(schema)
        obj = next((obj for obj in objs if obj["key"] == ident or (wanted and obj["value"]["name"] == wanted)), None)
    if obj is not None and obj["schema"] == schema:
        young = env.now() < obj["created"] + env.settings.zone_lag * 1000
        if not (schema == MANAGEMENT_ZONES.ident and young):
            return None
    return "Unknown management zone." if schema == MANAGEMENT_ZONES.ident else f"Unknown object of {schema}."


def _stored(env: Environment, write: Write, clean: Obj) -> Obj:
    now, before = env.now(), write.before
    revision = env.mint()
    if before:
        changed = {"value": clean, "modified": now, "author": write.author, "revision": revision, "pristine": False}
        obj = env.objects.put({**before, **changed, "externalId": write.external_id})
    else:
        key = env.key()
        ident = str(ObjectId(write.definition.ident, write.scope, key))
        shape = {"id": ident, "key": key, "schema": write.definition.ident, "scope": write.scope, "value": clean}
        times = {"created": now, "modified": now, "creator": write.author, "author": write.author}
        rank = _last(env, write.definition)
        rest = {"externalId": write.external_id, "revision": revision, "pristine": False, "rank": rank}
        obj = env.objects.put({**shape, **times, **rest})
        env.lag.hide(ident, env.settings.lag, env.settings.lag_reads)
    return placed(env, write.definition, obj, write.position)


def _last(env: Environment, definition: Definition) -> int:
    """The rank after all others; only an order counts ranks."""
    if not definition.ordered:
        return 0
    return max((int(obj["rank"]) + 1 for obj in env.objects.named(definition.ident)), default=0)


def held(env: Environment, obj: Obj, token: Any) -> None:
    """Raises the conflict where a token was sent that is not the latest."""
    if token is not None and token != update_token(obj["key"], obj["revision"]):
        raise Refusal(env.settings.conflict, "Conflicting resource: the object has been changed in the meantime")


def deleted(env: Environment, obj: Obj) -> None:
    """Raises a refusal for what is protected, or in use where that is refused."""
    definition = SCHEMAS[obj["schema"]]
    if is_protected(obj):
        raise Refusal(400, "Deletion of value(s) is not allowed")
    if not definition.multi:
        if env.settings.single_delete == "refused":
            raise Refusal(400, "Deletion of value(s) is not allowed")
        first_of_single(env, definition, obj["scope"], obj)
        return
    users = referrers(env, obj["id"]) if obj["schema"] == PROFILES.ident else []
    if users and env.settings.delete_in_use == "refused":
        raise Refusal(400, f"The alerting profile is used by {len(users)} problem notifications")
    env.objects.drop(obj["id"])
    env.lag.forget(obj["id"])
    env.shown.pop(obj["id"], None)
    for name in definition.unique:
        env.gone[f"{definition.ident} {obj['scope']} {obj['value'].get(name)}"] = env.now()


def referrers(env: Environment, ident: str) -> list[Obj]:
    return [obj for obj in env.objects if obj["value"].get("alertingProfile") == ident]


def first_of_single(env: Environment, definition: Definition, scope: str, before: Obj | None) -> Obj:
    """The one object of a schema in a scope, as nobody has written it yet."""
    checked = Checked(env, definition, lambda schema, ident: None, filled="form")
    clean = checked.record(definition.root, {}, f"{definition.ident}/0")
    write = Write(definition, scope, clean, 0, before, None, by_post=False, author=MAKER)
    return env.objects.put({**_stored(env, write, clean), "pristine": True})


def scope_of(env: Environment, definition: Definition, scope: str) -> None:
    """Raises the refusal for a scope the schema does not allow, or that is not there."""
    kind = "environment" if scope == "environment" else scope.rpartition("-")[0]
    if kind not in definition.scopes:
        raise Refusal(404, f"No write access for scope class {'TENANT' if kind == 'environment' else kind}")
    if kind != "environment" and scope not in env.entities:
        raise Refusal(404, f"Scope {scope} does not exist.")
