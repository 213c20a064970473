"""Export: manifests as YAML text for people, with comments; what is read back from it is what was meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from reconciler.kinds.address import DEFAULT_ACCOUNT, Address
from reconciler.kinds.tree import Path
from reconciler.manifest.scalar import UNSET
from reconciler.manifest.yaml_text import flow, is_literal, literal, scalar

_MOST_COLUMNS = 100
_KEEP = {"keep": True}


@dataclass(frozen=True)
class Export:
    """A manifest to be written: `spec` is plain data, `ident` for `metadata.id`, `comments` stand above it."""

    address: Address
    api: str
    spec: Mapping[str, Any] = field(repr=False)
    ident: str | None = None
    comments: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The document, without the line that parts it from another."""
        metadata = {"name": self.address.name}
        if self.address.account != DEFAULT_ACCOUNT:
            metadata["account"] = self.address.account
        if self.ident is not None:
            metadata["id"] = self.ident
        lines = [_comment(one) for one in self.comments]
        lines += [f"apiVersion: {self.api}", f"kind: {self.address.kind}", f"metadata: {flow(metadata)}"]
        lines += ["spec:", *_below(self.spec, 1, ("spec",), self)] if self.spec else []
        return "\n".join(lines) + "\n"

    def hint(self, path: Path) -> str:
        """What to write in the place of a secret that is kept: a variable named after where it stands."""
        last = next((part for part in reversed(path) if isinstance(part, str)), "")
        own = _upper(self.address.name) or _upper(self.address.kind)
        name = "_".join(filter(None, (own, _upper(last))))
        name = name if name[:1].isalpha() else f"{_upper(self.address.kind)}_{name}"
        return f"# or {{env: {name}}}"


def undefaulted(spec: Mapping[str, Any], default: Mapping[str, Any]) -> dict[str, Any]:
    """The spec so that it means the same with a default laid under it: what that alone has is unset."""
    both = {name: spec.get(name, UNSET) for name in default}
    inner = {
        name: undefaulted(own, default[name])
        for name, own in both.items()
        if isinstance(own, Mapping) and isinstance(default[name], Mapping)
    }
    return {**spec, **both, **inner}


def _upper(words: str) -> str:
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", words)
    return re.sub(r"[^A-Z0-9]+", "_", parted.upper()).strip("_")


def document_text(exports: Iterable[Export]) -> str:
    """Several manifests as one file."""
    return "---\n".join(one.text for one in exports)


def appended(before: str, exports: Iterable[Export]) -> str:
    """The file with these manifests behind what is there, not a letter of which changes."""
    if not before.strip():
        return document_text(exports)
    end = "\r\n" if "\r\n" in before else "\n"
    head = before if before.endswith("\n") else before + end
    return head + f"---\n{document_text(exports)}".replace("\n", end)


# ── blocks ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _entry(name: str, value: Any, depth: int, path: Path, of: Export) -> list[str]:
    """The lines of one key and its value."""
    margin, key = "  " * depth, scalar(name)
    if value == _KEEP:
        return [f"{margin}{key}: {{keep: true}}  {of.hint(path)}"]
    if is_literal(value):
        mark, *lines = literal(value, len(margin) + 2)
        return [f"{margin}{key}: {mark}", *lines]
    short = f"{margin}{key}: {flow(value)}"
    if _fits(value, short):
        return [short]
    return [f"{margin}{key}:", *_below(value, depth + 1, path, of)]


def _below(value: Any, depth: int, path: Path, of: Export) -> list[str]:
    """The lines of a mapping or a list that is not empty."""
    if isinstance(value, Mapping):
        return [line for name, part in value.items() for line in _entry(name, part, depth, (*path, name), of)]
    return [line for index, item in enumerate(value) for line in _item(item, depth, (*path, index), of)]


def _item(value: Any, depth: int, path: Path, of: Export) -> list[str]:
    margin = "  " * depth
    if value == _KEEP:
        return [f"{margin}- {{keep: true}}  {of.hint(path)}"]
    if is_literal(value):
        mark, *lines = literal(value, len(margin) + 2)
        return [f"{margin}- {mark}", *lines]
    short = f"{margin}- {flow(value)}"
    if _fits(value, short):
        return [short]
    if isinstance(value, list):
        return [f"{margin}-", *_below(value, depth + 1, path, of)]
    first, *rest = _below(value, depth + 1, path, of)
    return [f"{margin}- {first[len(margin) + 2 :]}", *rest]


def _fits(value: Any, line: str) -> bool:
    """Whether a value stands in one line: what cannot be parted does, however long it is."""
    parted = isinstance(value, Mapping | list) and len(value) > 0
    return not parted or (_is_short(value) and len(line) <= _MOST_COLUMNS)


def _is_short(value: Any) -> bool:
    """What people would write in one line: a value, a list of values, a mapping that says one thing."""
    match value:
        case Mapping():
            return len(value) <= 1 and value != _KEEP and all(_is_plain(part) for part in value.values())
        case list():
            return all(_is_value(item) or (_is_short(item) and isinstance(item, Mapping)) for item in value)
        case _:
            return True


def _is_value(value: Any) -> bool:
    return not isinstance(value, Mapping | list) and not (isinstance(value, str) and "\n" in value)


def _is_plain(value: Any) -> bool:
    """A value, or a list of some."""
    return all(map(_is_value, value)) if isinstance(value, list) else _is_value(value)


def _comment(text: str) -> str:
    return "# " + "".join(letter if letter.isprintable() else " " for letter in " ".join(text.split()))
