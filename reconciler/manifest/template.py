"""Template: a document before its variables are filled in, before one is made of each, and before its defaults."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

from reconciler.errors import Problem
from reconciler.kinds.tree import Path, spell
from reconciler.manifest.load import Document
from reconciler.manifest.mistakes import did_you_mean
from reconciler.manifest.scalar import UNSET, plain

# `$${` is a literal `${`, and left for the field to read. A default may hold anything but a closing brace.
_HOLE = re.compile(r"\$\$\{|\$\{(?P<of>var|each)\.(?P<name>[^}:]*)(?P<default>:-(?P<text>[^}]*))?\}")
_TEMPLATE = re.compile(rb"\$\{(var|each)\.|forEach|!unset")
MOST = 1000
_LONGEST = 40  # what is longer is no number that anybody writes


@dataclass(frozen=True)
class Default:
    """What a project lays under every manifest of a kind: the data, and the document and path it is written at."""

    data: Mapping[str, Any]
    document: Document = field(repr=False)
    path: Path


@dataclass(frozen=True)
class Templates:
    """What the documents of a project are filled in with. `hint` says something of a variable that nobody sets."""

    variables: Mapping[str, Any] = field(default_factory=dict)
    defaults: Mapping[str, Default] = field(default_factory=dict)
    hint: Callable[[str], str] = lambda _: ""

    def documents(self, document: Document, *, plain: bool = False) -> Iterator[Document]:
        """The documents that one stands for, with what is wrong with it among their problems.

        `plain`: its file holds no variable, no `forEach` and no `!unset`.
        """
        each = [document] if plain else [self.filled(one, one_of) for one, one_of in _each(self.filled(document, None))]
        for one in each:
            default = self._default(one)
            if default is not None:
                one = _laid_over(one, default)
            yield one if plain else _left_over(one)

    def filled(self, document: Document, each: Mapping[str, Any] | None) -> Document:
        """The document with its variables; with `each`, those of `forEach`, and else those of the project."""
        problems: list[Problem] = []

        def one(text: str, path: Path) -> Any:
            whole = _HOLE.fullmatch(text)
            if whole is not None and whole["of"]:
                return self._value(document, whole, path, each, problems, alone=True)
            return _HOLE.sub(lambda hole: self._text(document, hole, path, each, problems), text)

        data = _mapped(document.data, one, ())
        problems += _named_by_one(document, "var" if each is None else "each")
        unfilled = document.unfilled or bool(problems)
        return replace(document, data=data, problems=(*document.problems, *problems), unfilled=unfilled)

    def _text(
        self, document: Document, hole: re.Match[str], path: Path, each: Mapping[str, Any] | None, wrong: list[Problem]
    ) -> str:
        if not hole["of"]:
            return hole[0]
        value = self._value(document, hole, path, each, wrong)
        if isinstance(value, dict | list):
            what = f"{spell(path)}: {hole[0]} is no single value, and cannot stand in a text"
            wrong.append(Problem(what, document.place(path), "write it alone, as the whole value"))
        return _spelled(value)

    def _value(
        self,
        document: Document,
        hole: re.Match[str],
        path: Path,
        each: Mapping[str, Any] | None,
        wrong: list[Problem],
        *,
        alone: bool = False,
    ) -> Any:
        name, mine = hole["name"], (hole["of"] == "each") == (each is not None)
        known = self.variables if each is None else each
        if not mine:
            return hole[0]
        if name in known:
            return known[name]
        if hole["default"]:
            return _read(hole["text"]) if alone else hole["text"]
        wrong.append(Problem(f"{spell(path)}: {hole[0]} is not set", document.place(path), self._way_out(hole, known)))
        return hole[0]

    def _way_out(self, hole: re.Match[str], known: Mapping[str, Any]) -> str:
        name = hole["name"]
        if hole["of"] == "each" and not known:
            return f"write forEach: {{{name}: […]}} in metadata"
        if hole["of"] == "each":
            return did_you_mean(name, known, "metadata.forEach has")
        near = did_you_mean(name, known, "there are") if known else ""
        if near.startswith("did you mean"):
            return near
        return self.hint(name) or f"write variables: {{{name}: …}} in the project, or ${{var.{name}:-VALUE}} here"

    def _default(self, document: Document) -> Default | None:
        data = document.data
        if not self.defaults or not isinstance(data, dict):
            return None
        return self.defaults.get(f"{str(data.get('apiVersion')).partition('/')[0]}/{data.get('kind')}")


def is_plain(content: bytes) -> bool:
    """Whether a file holds nothing to be filled in."""
    return _TEMPLATE.search(content) is None


def _named_by_one(document: Document, of: str) -> Iterator[Problem]:
    """Keys with a variable in them: they would be sent as they stand."""
    for path in _keys(document.data, ()):
        for hole in _HOLE.finditer(str(path[-1])):
            if hole["of"] == of:
                what = f"{spell(path[:-1])}: {hole[0]} cannot stand in a key"
                yield Problem(what, document.place(path, key=True), "write the key itself")


def _keys(data: Any, path: Path) -> Iterator[Path]:
    match data:
        case dict():
            for key, value in data.items():
                if isinstance(key, str) and "${" in key:
                    yield (*path, key)
                yield from _keys(value, (*path, key))
        case list():
            for index, item in enumerate(data):
                yield from _keys(item, (*path, index))


def _mapped(data: Any, change: Callable[[str, Path], Any], path: Path) -> Any:
    match data:
        case str():
            return change(data, path) if "${" in data else data
        case dict():
            return {key: _mapped(value, change, (*path, key)) for key, value in data.items()}
        case list():
            return [_mapped(item, change, (*path, index)) for index, item in enumerate(data)]
        case _:
            return data


def _read(text: str) -> str | int | float | bool:
    """A default that is the whole value, as YAML would read it there: a number, true or false, or a text."""
    if text[:1] == text[-1:] == '"' and len(text) > 1:
        return text[1:-1]
    value = plain(text) if len(text) < _LONGEST else text
    return value if isinstance(value, int | float) else text


def _spelled(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


# ── one of each ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _each(document: Document) -> Iterator[tuple[Document, dict[str, Any]]]:
    """The document once for each combination of what `metadata.forEach` lists, which goes out of it."""
    head = document.data.get("metadata") if isinstance(document.data, dict) else None
    if not isinstance(head, dict) or "forEach" not in head:
        yield document, {}
        return
    lists = head["forEach"]
    bare = {**document.data, "metadata": {name: value for name, value in head.items() if name != "forEach"}}
    wrong = _not_lists(document, lists) or _same_name(document, head, lists)
    if wrong is not None:
        yield replace(document, data=bare, problems=(*document.problems, wrong)), dict.fromkeys(_listed(lists), "")
        return
    for values in product(*lists.values()):
        yield replace(document, data=bare), dict(zip(lists, values, strict=True))


def _listed(lists: Any) -> Iterator[str]:
    """The names under `forEach`, as far as it holds any."""
    return (name for name in (lists if isinstance(lists, dict | list) else ()) if isinstance(name, str))


def _not_lists(document: Document, lists: Any) -> Problem | None:
    place, way_out = document.place(("metadata", "forEach")), "write forEach: {region: [eu, us]}"
    if not isinstance(lists, dict) or not lists or not all(isinstance(one, list) and one for one in lists.values()):
        return Problem("metadata.forEach takes lists by name", place, way_out)
    if any(isinstance(value, dict | list) for one in lists.values() for value in one):
        return Problem("metadata.forEach lists texts, numbers, true and false", place, way_out)
    count = 1
    for one in lists.values():
        count *= len(one)
    return Problem(f"metadata.forEach makes {count} objects of one", place, f"{MOST} at most") if count > MOST else None


def _same_name(document: Document, head: Mapping[str, Any], lists: Mapping[str, Any]) -> Problem | None:
    """Two objects of one name would be one address."""
    name = str(head.get("name"))
    missing = [one for one, values in lists.items() if len(values) > 1 and f"${{each.{one}}}" not in name]
    if not missing:
        return None
    what = f'metadata.forEach: every "{missing[0]}" would have the name "{name[:60]}"'
    way_out = f"put ${{each.{missing[0]}}} into metadata.name"
    return Problem(what, document.place(("metadata", "name")), way_out)


# ── defaults ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _laid_over(document: Document, default: Default) -> Document:
    """The document with what its kind's default says and its own spec does not."""
    spec = document.data.get("spec")
    if spec is not None and not isinstance(spec, dict):
        return document
    data = {**document.data, "spec": _over(spec or {}, default.data)}
    spot = default.document.spot_at(default.path)
    return replace(document, data=data, base=None if spot is None else (default.document.file, spot))


def _over(own: Mapping[str, Any], under: Mapping[str, Any]) -> dict[str, Any]:
    laid = dict(own)
    for name, value in under.items():
        if name not in own:
            laid[name] = value
        elif own[name] is UNSET:
            del laid[name]
        elif isinstance(own[name], dict) and isinstance(value, dict):
            laid[name] = _over(own[name], value)
    return laid


def _left_over(document: Document) -> Document:
    """What `!unset` should have removed and nothing gave."""
    paths = list(_unset(document.data, ()))
    if not paths:
        return document
    way_out = "remove the line: !unset takes away what `defaults` of the project gives"
    wrong = [Problem(f"{spell(path)}: there is no default to unset", document.place(path), way_out) for path in paths]
    data = _without(document.data)
    return replace(document, data=data, problems=(*document.problems, *wrong))


def _unset(data: Any, path: Path) -> Iterator[Path]:
    match data:
        case dict():
            for key, value in data.items():
                yield from _unset(value, (*path, key))
        case list():
            for index, item in enumerate(data):
                yield from _unset(item, (*path, index))
        case _ if data is UNSET:
            yield path


def _without(data: Any) -> Any:
    match data:
        case dict():
            return {key: _without(value) for key, value in data.items() if value is not UNSET}
        case list():
            return [_without(item) for item in data if item is not UNSET]
        case _:
            return data
