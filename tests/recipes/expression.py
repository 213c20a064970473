"""Expression: `${{ … }}` of GitHub Actions, as far as the recipes use it: look-ups, `==`, `!=`, `&&`, `||`, `!`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_HOLE = re.compile(r"\$\{\{(.+?)\}\}", re.DOTALL)
_TOKEN = re.compile(r"\s*(?:('[^']*')|(==|!=|&&|\|\||[!()])|([A-Za-z_][\w.-]*))")
_WORDS = {"&&": "and", "||": "or", "!": "not", "==": "==", "!=": "!=", "(": "(", ")": ")"}
_STATUS = ("always", "cancelled", "success", "failure")


@dataclass(frozen=True)
class Contexts:
    """What an expression may look up; `failed` is whether a step or a needed job before has failed."""

    values: Mapping[str, Any]
    failed: bool = False

    def look(self, name: str) -> Any:
        """A value, '' where a level is not there. A context that does not exist is a mistake."""
        root, *rest = name.split(".")
        found = self.values[root]
        for key in rest:
            found = found.get(key) if isinstance(found, Mapping) else None
        return "" if found is None else found

    def value(self, expression: str) -> Any:
        """What one expression, without its brackets, comes to."""
        source, at = [], 0
        text = expression.strip()
        while at < len(text):
            token = _TOKEN.match(text, at)
            assert token, f"no expression: {text[at:]}"
            literal, sign, name = token.groups()
            at = token.end()
            if name in _STATUS:
                at = text.index(")", at) + 1
            source.append(literal or _WORDS.get(sign or "") or self._name(name))
        return eval(" ".join(source), {"__builtins__": {}}, {"look": self.look})  # made of the tokens above alone

    def _name(self, name: str) -> str:
        match name:
            case "always":
                return "True"
            case "cancelled":
                return "False"
            case "success":
                return str(not self.failed)
            case "failure":
                return str(self.failed)
        return f"look({name!r})"

    def fill(self, value: Any) -> str:
        """A text with its holes filled, as a variable or an input gets it."""
        if isinstance(value, bool):
            return str(value).lower()
        return _HOLE.sub(lambda hole: str(self.value(hole[1])), str(value))

    def holds(self, condition: str | None) -> bool:
        """What an `if` comes to; without a status function in it, it holds only while nothing has failed."""
        text = (condition or "success()").strip()
        if whole := _HOLE.fullmatch(text):
            text = whole[1]
        told = any(f"{name}(" in text for name in _STATUS)
        return (told or not self.failed) and bool(self.value(text))
