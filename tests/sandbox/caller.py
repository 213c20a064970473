"""Calls one account of a sandbox and reads the answer."""

import json
from dataclasses import dataclass
from typing import Any

from reconciler.sandbox.exchange import Answer, Request
from reconciler.sandbox.world import Sandbox


@dataclass
class Caller:
    """Calls one account of a world; a call gives status and JSON."""

    world: Sandbox
    prefix: str
    headers: dict[str, str]

    def answer(self, method: str, path: str, body: Any = None, **query: str) -> Answer:
        content = b"" if body is None else json.dumps(body).encode()
        return self.world.handle(Request(method, self.prefix + path, tuple(query.items()), self.headers, content))

    def __call__(self, method: str, path: str, body: Any = None, **query: str) -> tuple[int, Any]:
        answer = self.answer(method, path, body, **query)
        return answer.status, answer.json()

    def made(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        """The answer's JSON; a refusal fails the test."""
        status, found = self(method, path, body, **query)
        assert status < 300, (method, path, status, found)
        return found

    def signed(self, key: str) -> "Caller":
        return Caller(self.world, self.prefix, {"authorization": f"GenieKey {key}"})
