"""JSON that travels as a string: written as YAML, compared as what it means, sent as text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Annotated, Any

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from reconciler.kinds.fields import Same
from reconciler.kinds.tree import NODES, Path, Text, Tree, spell
from reconciler.kinds.wire import Wire

# ── what a manifest may say ─────────────────────────────────────────────────────────────────────────────────────────


def _nothing_empty(value: Any, path: Path = ()) -> Any:
    """A null in the middle of it would be left out on its way, and be missed for ever."""
    if value is None and path:
        raise PydanticCustomError(
            "null",
            "{where} is null, which cannot be sent in it: leave it out, or write all of it as JSON text",
            {"where": spell(path)},
        )
    pairs: Iterator[tuple[Any, Any]] = iter(())
    if isinstance(value, Mapping):
        pairs = iter(value.items())
    elif isinstance(value, list):
        pairs = iter(enumerate(value))
    for part, inner in pairs:
        _nothing_empty(inner, (*path, part))
    return value


def _same(wanted: Tree, live: Tree) -> bool:
    """Text and YAML of the same meaning are the same."""
    one, other = _meant(wanted), _meant(live)
    return type(one) is type(other) and json.dumps(one, sort_keys=True, default=repr) == json.dumps(
        other, sort_keys=True, default=repr
    )


def _meant(value: Tree) -> Tree:
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value


JsonText = Annotated[Any, Same(_same), AfterValidator(_nothing_empty)]

# ── ours and the vendor's ───────────────────────────────────────────────────────────────────────────────────────────


def _to(value: Tree) -> Tree:
    """JSON on one line; a text with references in it where there are any."""
    if isinstance(value, (str, *NODES)):
        return value
    parts: list[Tree] = []
    for plain, run in groupby(_written(value), lambda one: isinstance(one, str)):
        found = list(run)
        parts += ["".join(found)] if plain else found
    return parts[0] if len(parts) == 1 and isinstance(parts[0], str) else Text(tuple(parts))


def _written(value: Tree) -> Iterator[Tree]:
    match value:
        case Mapping():
            yield "{"
            for index, (name, inner) in enumerate(value.items()):
                yield f"{', ' if index else ''}{json.dumps(str(name), ensure_ascii=False)}: "
                yield from _written(inner)
            yield "}"
        case list():
            yield "["
            for index, inner in enumerate(value):
                yield ", " if index else ""
                yield from _written(inner)
            yield "]"
        case Text(parts=parts):
            yield '"'
            for part in parts:
                yield json.dumps(part, ensure_ascii=False)[1:-1] if isinstance(part, str) else part
            yield '"'
        case _ if isinstance(value, NODES):
            yield value
        case _:
            yield json.dumps(value, ensure_ascii=False)


def _back(raw: Tree) -> Tree:
    """What the text means, where that says all of it: a template need be no JSON, and nulls would be lost."""
    found = _meant(raw)
    return found if isinstance(found, dict | list) and not _has_null(found) else raw


def _has_null(value: Tree) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return value is None or any(map(_has_null, inner))


JSON_TEXT = Wire(_to, _back)
