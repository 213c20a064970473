"""Option parameters: what `parameters` of an incident may hold: Reactio's own with their labels, and a project's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Literal

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from reconciler.kinds.remark import Misfit
from reconciler.kinds.tree import Object, Path, Tree, spell

_MOST_SHOWN = 20


@dataclass(frozen=True)
class Option:
    """One option parameter. `strings` are the API strings with their labels; none: any text is taken."""

    name: str
    label: str = ""
    strings: Mapping[str, str] = field(default_factory=dict)
    required: bool = False

    @property
    def shown(self) -> str:
        return f'"{self.name}"' if self.label in ("", self.name) else f'"{self.name}" ({self.label})'

    @property
    def choices(self) -> str:
        """The strings with their labels: `msp (監視委託), system (システム発報)`."""
        words = [f"{string} ({label})" if label else string for string, label in self.strings.items()]
        more = f", … ({len(words)} in all)" if len(words) > _MOST_SHOWN else ""
        return ", ".join(words[:_MOST_SHOWN]) + more

    def labelled(self, label: str) -> str | None:
        """The string that people read as `label`."""
        return next((string for string, its in self.strings.items() if its and its == label), None)

    @property
    def no_label(self) -> BeforeValidator:
        """For the older field of the same name: tells people who wrote the label what to write."""

        def check(value: Any) -> Any:
            string = self.labelled(value) if isinstance(value, str) and value not in self.strings else None
            if string is not None:
                raise PydanticCustomError(
                    "label", '"{label}" is the label: write {string}', {"label": value, "string": string}
                )
            return value

        return BeforeValidator(check)

    def way_out(self, value: str) -> str:
        """What to write for a value that is none of the strings."""
        string = self.labelled(value)
        if string is not None:
            return f'"{value}" is the label: write {string}'
        near = get_close_matches(value, self.strings, 1, 0.6)
        return f'did you mean "{near[0]}"?' if near else f"it is one of: {self.choices}"


Detection = Literal["msp", "system", "client", "internal"]
Cause = Literal["over-capacity", "bug", "operation-error", "external-factor", "degradation", "unknown"]
Point = Literal["network", "shared-hardware", "hardware", "os", "middleware", "application"]
Scale = Literal["cross", "whole", "point"]

DETECTION = Option(
    "detection",
    "how it was noticed",
    {"msp": "監視委託", "system": "システム発報", "client": "クライアント", "internal": "社内"},
)
CAUSE = Option(
    "cause",
    "why it happened",
    {
        "over-capacity": "アクセス過多",
        "bug": "バグ",
        "operation-error": "オペミス",
        "external-factor": "外部要因",
        "degradation": "老朽化",
        "unknown": "不明",
    },
)
POINT = Option(
    "point",
    "where it happened",
    {
        "network": "ネットワーク",
        "shared-hardware": "共有ハードウェア",
        "hardware": "専有ハードウェア",
        "os": "OS",
        "middleware": "ミドルウェア",
        "application": "アプリケーション",
    },
)
SCALE = Option(
    "scale",
    "how far it reaches",
    {"cross": "サービス横断", "whole": "サービス全体", "point": "サービスの一部"},
)
FREE = tuple(Option(name) for name in ("cause_supplement", "pend_text", "close_text"))
BUILT_IN: Mapping[str, Option] = {one.name: one for one in (DETECTION, CAUSE, POINT, SCALE, *FREE)}


@dataclass(frozen=True)
class Options:
    """All option parameters of a project. `closed`: a catalogue names them, so that there are no others."""

    by_name: Mapping[str, Option]
    closed: bool

    def misfit(self, path: Path, name: str, value: Tree) -> Misfit | None:
        """What is wrong with one pair of `parameters`; null is 未選択, "not selected", and always right."""
        option, where = self.by_name.get(name), spell(path)
        if option is None:
            if not self.closed:
                return None
            near = get_close_matches(name, self.by_name, 1, 0.6)
            way_out = f'did you mean "{near[0]}"?' if near else f"there are: {', '.join(self.by_name)}"
            return Misfit(path, f'{where}: the catalogue has no option parameter "{name[:60]}"', way_out)
        if not option.strings or not isinstance(value, str) or value in option.strings:
            return None
        return Misfit(path, f'{where}: "{value[:60]}" is no string of {option.shown}', option.way_out(value))

    def missing(self, given: Mapping[str, Tree]) -> Iterator[Misfit]:
        """What an incident has to be opened with and is not there."""
        for option in self.by_name.values():
            if option.required and given.get(option.name) is None:
                way_out = f"write it, one of: {option.choices}" if option.strings else "write it"
                yield Misfit(("parameters",), f"parameters: {option.shown} is required", way_out, makes=True)


def options_of(catalogues: Iterable[Object]) -> Options:
    """The built-in ones, and what catalogues say: over a built-in one only in what they name."""
    found = dict(BUILT_IN)
    closed = False
    for tree in catalogues:
        closed = True
        for name, said in (tree.get("parameters") or {}).items():
            found[name] = _laid_over(found.get(name) or Option(name), said)
    return Options(found, closed)


def _laid_over(option: Option, said: Mapping[str, Any] | None) -> Option:
    given = said or {}
    strings = given.get("strings")
    labels = {string: label or "" for string, label in strings.items()} if strings is not None else option.strings
    return Option(option.name, given.get("label") or option.label, labels, bool(given.get("required")))
