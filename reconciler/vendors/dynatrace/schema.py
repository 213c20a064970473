"""Settings schemas as the server defines them: what is secret, what asks for secrets anew, one object or many.

https://docs.dynatrace.com/docs/dynatrace-api/environment-api/settings/schemas/get-schema
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reconciler.kinds.tree import Env, File, FromOutput, Hidden, Keep, Path, Secret, Tree
from reconciler.vendors.dynatrace.layout import Layout
from reconciler.vendors.dynatrace.merge import Sets

SCHEMAS = "/api/v2/settings/schemas"
# Types may hold themselves; no value is nested deeper.
_DEEPEST = 12

Definition = Mapping[str, Any]


def path_of(schema: Tree) -> str | None:
    return f"{SCHEMAS}/{schema}" if isinstance(schema, str) and schema else None


def layout(definition: Definition) -> Layout:
    """Where the secrets of such an object stand."""
    return _layout(definition.get("properties"), definition.get("types"), _DEEPEST)


def _layout(properties: Any, types: Any, depth: int) -> Layout:
    if not isinstance(properties, Mapping) or depth == 0:
        return Layout()
    rows = {name: one for name, one in properties.items() if isinstance(one, Mapping)}
    inner = {name: _layout(below, types, depth - 1) for name, one in rows.items() if (below := _object(one, types))}
    return Layout(
        frozenset(name for name, one in rows.items() if one.get("type") == "secret"),
        frozenset(name for name, one in rows.items() if one.get("forceSecretResubmission") is True),
        {name: one for name, one in inner.items() if one != Layout()},
    )


def sets(definition: Definition) -> Sets:
    """Which of its lists have no order."""
    return _sets(definition.get("properties"), definition.get("types"), _DEEPEST)


def _sets(properties: Any, types: Any, depth: int) -> Sets:
    if not isinstance(properties, Mapping) or depth == 0:
        return Sets()
    rows = {name: one for name, one in properties.items() if isinstance(one, Mapping)}
    inner = {name: _sets(below, types, depth - 1) for name, one in rows.items() if (below := _object(one, types))}
    names = frozenset(name for name, one in rows.items() if one.get("type") == "set")
    return Sets(names, {name: one for name, one in inner.items() if one != Sets()})


def filled(value: Tree, definition: Definition) -> Tree:
    """A value with the defaults of what it leaves out and the server refuses to be left out."""
    return _filled(value, definition.get("properties"), definition.get("types"), _DEEPEST)


def _filled(value: Tree, properties: Any, types: Any, depth: int) -> Tree:
    if isinstance(value, list):
        return [_filled(item, properties, types, depth) for item in value]
    if not isinstance(value, Mapping) or not isinstance(properties, Mapping) or depth == 0:
        return value
    whole = dict(value)
    for name, one in properties.items():
        if not isinstance(one, Mapping):
            continue
        if name in whole:
            below = _object(one, types)
            whole[name] = _filled(whole[name], below, types, depth - 1) if below else whole[name]
        elif one.get("default") is not None and not one.get("nullable") and not one.get("precondition"):
            whole[name] = one["default"]
    return whole


def _object(one: Mapping[str, Any], types: Any) -> Any:
    """The properties of the object that a property holds, or holds a list of."""
    type_ = one.get("type")
    if type_ in ("list", "set") and isinstance(one.get("items"), Mapping):
        type_ = one["items"].get("type")
    reference = type_.get("$ref") if isinstance(type_, Mapping) else None
    if not isinstance(reference, str) or not isinstance(types, Mapping):
        return None
    found = types.get(reference.rpartition("/")[2])
    return found.get("properties") if isinstance(found, Mapping) else None


def is_single(definition: Definition | None) -> bool:
    """Whether there is always exactly one object of the schema, which nobody makes."""
    return definition is not None and definition.get("multiObject") is False


def is_ordered(definition: Definition | None) -> bool:
    return definition is not None and definition.get("ordered") is True


_SOURCES = (Env, File, FromOutput, Keep, Secret, Hidden)


def misplaced(value: Tree, where: Layout, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Secrets that stand in clear, and sources of secrets where no secret is."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from misplaced(item, where, (*path, index))
    elif isinstance(value, Mapping):
        for name, part in value.items():
            here = (*path, name)
            if name in where.secrets and part is not None and not isinstance(part, _SOURCES):
                yield here, "it is a secret, which never stands in a manifest"
            elif name not in where.secrets and isinstance(part, _SOURCES):
                yield here, "the server's schema says that it is no secret"
            else:
                yield from misplaced(part, where.inner.get(name, Layout()), here)
