"""Secrets of settings: masked when read, kept when their mask comes back, asked for again (sheet 9.4, 9.5)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.dynatrace.definition import Definition
from reconciler.sandbox.dynatrace.environment import Environment

STARS = "*" * 8


def mask(env: Environment, secret: str) -> str:
    """What stands where the secret is; the same for the same secret, so that reading twice shows no change."""
    return STARS if env.settings.mask == "stars" else f"~{env.digits('mask/' + secret, 24)}~"


def type_named(definition: Definition, kind: Any) -> Obj | None:
    """The type of the schema that a property refers to; `None` for a primitive, an enum or a free object."""
    if not isinstance(kind, dict) or not kind["$ref"].startswith("#/types/"):
        return None
    found = definition.types[kind["$ref"].removeprefix("#/types/")]
    return found if found["properties"] is not None else None


@dataclass(frozen=True)
class Taken:
    """A value whose masks became secrets again. `kept` are the paths where that happened."""

    value: Any
    kept: tuple[str, ...]


def taken(env: Environment, definition: Definition, value: Any, stored: Any) -> Taken:
    """The value with stored secrets where their mask was sent back."""
    kept: list[str] = []

    def secret(sent: Any, before: Any, path: str) -> Any:
        if isinstance(before, str) and sent == mask(env, before):
            kept.append(path)
            return before
        return sent

    clean = _walked(definition, definition.root, value, stored, secret)
    return Taken(clean, tuple(kept))


def masked(env: Environment, definition: Definition, value: Obj) -> Obj:
    """The value as it is read."""

    def hidden(sent: Any, before: Any, path: str) -> Any:
        return mask(env, sent) if isinstance(sent, str) else sent

    result: Obj = _walked(definition, definition.root, value, None, hidden)
    return result


def open_part(definition: Definition, value: Obj) -> Obj:
    """The value without its secrets, for people."""
    result: Obj = _walked(definition, definition.root, value, None, lambda sent, before, path: "(secret)")
    return result


Secret = Callable[[Any, Any, str], Any]


def _walked(definition: Definition, kind: Obj, value: Any, stored: Any, secret: Secret, path: str = "") -> Any:
    """The value with `secret(sent, stored, path)` in the place of every secret."""
    if not isinstance(value, dict):
        return value
    before = stored if isinstance(stored, dict) else {}
    result = dict(value)
    for name, prop in kind["properties"].items():
        if value.get(name) is None:
            continue
        at = f"{path}/{name}" if path else name
        result[name] = _inner(definition, prop, value[name], before.get(name), secret, at)
    return result


def _inner(definition: Definition, prop: Obj, value: Any, before: Any, secret: Secret, path: str) -> Any:
    if prop["type"] == "secret":
        return secret(value, before, path)
    inner = type_named(definition, prop["type"])
    if inner:
        return _walked(definition, inner, value, before, secret, path)
    item = type_named(definition, prop["items"]["type"]) if "items" in prop else None
    if item is None or not isinstance(value, list):
        return value
    stored = before if isinstance(before, list) else []
    named = {str(part.get("name")): part for part in stored if isinstance(part, dict)}
    return [
        _walked(definition, item, part, named.get(str(part.get("name"))), secret, f"{path}/{at}")
        if isinstance(part, dict)
        else part
        for at, part in enumerate(value)
    ]


def asks_again(definition: Definition, before: Obj, after: Obj, kept: tuple[str, ...]) -> str | None:
    """The schema's message where a field changed that lets no secret stay masked."""
    if not kept or _guards(definition, definition.root, before) == _guards(definition, definition.root, after):
        return None
    for kind in (definition.root, *definition.types.values()):
        for constraint in kind["constraints"]:
            if constraint["type"] == "SECRET_RESUBMISSION":
                return str(constraint["customMessage"])
    return "Enter all secrets again."


def _guards(definition: Definition, kind: Obj, value: Any) -> list[tuple[str, str]]:
    return list(_guarded(definition, kind, value, ""))


def _guarded(definition: Definition, kind: Obj, value: Any, path: str) -> Iterator[tuple[str, str]]:
    if not isinstance(value, dict):
        return
    for name, prop in kind["properties"].items():
        at = f"{path}/{name}"
        if prop.get("forceSecretResubmission") and value.get(name) is not None:
            yield at, str(value[name])
        inner = type_named(definition, prop["type"])
        if inner:
            yield from _guarded(definition, inner, value.get(name), at)
