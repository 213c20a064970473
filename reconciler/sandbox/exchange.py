"""What goes in and out of the sandbox: a request value and an answer value, without sockets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

JSON_TYPE = "application/json; charset=utf-8"


@dataclass(frozen=True)
class Request:
    """One call. `path` is as on the wire (percent-encoded); header names are in lower case."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)  # holds the sign-in
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class Answer:
    """What comes back. `delay` is the seconds the carrier must wait before it answers."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)
    delay: float = 0.0

    def json(self) -> Any:
        """The body read as JSON; `None` where there is none."""
        return json.loads(self.body) if self.body else None


def encode(value: Any) -> bytes:
    """JSON as UTF-8. Half a surrogate pair, which JSON can name and UTF-8 cannot, becomes a question mark."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


def json_answer(status: int, value: Any, headers: Mapping[str, str] | None = None) -> Answer:
    return Answer(status, {"content-type": JSON_TYPE, **(headers or {})}, encode(value))
