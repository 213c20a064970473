"""Forge: the API of GitHub and of GitLab on loopback, as far as the recipes ask it, strict about who may do what."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

OURS, FORKS = 1, 2  # ids of repositories
ME = 7  # the user behind GitLab's project access token


@dataclass(frozen=True)
class Artifact:
    name: str
    run: int
    repository: int
    files: Mapping[str, bytes]
    number: int

    @property
    def json(self) -> dict[str, Any]:
        run = {"id": self.run, "repository_id": OURS, "head_repository_id": self.repository}
        made = f"2026-01-01T00:00:{self.number:02}Z"
        return {"id": self.number, "name": self.name, "expired": False, "created_at": made, "workflow_run": run}


@dataclass
class Forge:
    """What the server knows. A token is known with what it may do: `{"actions": "read"}`."""

    url: str = ""
    tokens: dict[str, Mapping[str, str]] = field(default_factory=dict)
    artifacts: list[Artifact] = field(default_factory=list)
    comments: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    merged: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def keep(self, name: str, run: int, files: Mapping[str, bytes], repository: int = OURS) -> None:
        self.artifacts = [one for one in self.artifacts if (one.name, one.run) != (name, run)]
        self.artifacts.append(Artifact(name, run, repository, files, len(self.artifacts)))

    def fetch(self, name: str, run: int) -> Mapping[str, bytes]:
        [found] = [one for one in self.artifacts if (one.name, one.run) == (name, run)]
        return found.files

    def say(self, number: int, body: str, *, bot: bool, author: int = ME) -> dict[str, Any]:
        """A new comment."""
        said = self.comments.setdefault(number, [])
        user = {"type": "Bot" if bot else "User"}
        one = {"id": number * 1000 + len(said), "body": body, "user": user, "author": {"id": author}}
        said.append(one)
        return one

    def bodies(self, number: int) -> list[str]:
        return [one["body"] for one in self.comments.get(number, [])]

    def may(self, token: str, area: str, what: str) -> bool:
        given = self.tokens.get(token, {}).get(area, "none")
        return given in (("write",) if what == "write" else ("read", "write"))

    # ── the API ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def answer(self, method: str, target: str, token: str, body: Any) -> tuple[int, Any]:
        """Status and JSON."""
        parts = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        for (verb, pattern), (area, what, act) in _ROUTES.items():
            if verb == method and (found := re.fullmatch(pattern, parts.path)):
                if not self.may(token, area, what):
                    return 403, {"message": f"Resource not accessible: {area} {what}"}
                status, told = act(self, query, body, *found.groups())
                return int(status), told
        return 404, {"message": "Not Found"}

    def _artifacts(self, query: Mapping[str, str], body: Any) -> tuple[int, Any]:
        named = [one.json for one in self.artifacts if one.name == query["name"]]
        return 200, {"total_count": len(named), "artifacts": named}

    def _pulls(self, query: Mapping[str, str], body: Any, commit: str) -> tuple[int, Any]:
        return 200, self.merged.get(commit, [])

    def _list(self, query: Mapping[str, str], body: Any, number: str) -> tuple[int, Any]:
        size, page = int(query["per_page"]), int(query["page"])
        return 200, self.comments.get(int(number), [])[(page - 1) * size : page * size]

    def _new(self, query: Mapping[str, str], body: Any, number: str) -> tuple[int, Any]:
        return 201, self.say(int(number), body["body"], bot=True)

    def _change(self, query: Mapping[str, str], body: Any, one: str) -> tuple[int, Any]:
        [found] = [row for rows in self.comments.values() for row in rows if row["id"] == int(one)]
        found["body"] = body["body"]
        return 200, found

    def _me(self, query: Mapping[str, str], body: Any) -> tuple[int, Any]:
        return 200, {"id": ME}


_GITHUB, _NOTES = "/repos/acme/on-call", r"/projects/1/merge_requests/(\d+)/notes"
_ROUTES: Mapping[tuple[str, str], tuple[str, str, Any]] = {
    ("GET", f"{_GITHUB}/actions/artifacts"): ("actions", "read", Forge._artifacts),
    ("GET", rf"{_GITHUB}/commits/(\w+)/pulls"): ("pull-requests", "read", Forge._pulls),
    ("GET", rf"{_GITHUB}/issues/(\d+)/comments"): ("pull-requests", "read", Forge._list),
    ("POST", rf"{_GITHUB}/issues/(\d+)/comments"): ("pull-requests", "write", Forge._new),
    ("PATCH", rf"{_GITHUB}/issues/comments/(\d+)"): ("pull-requests", "write", Forge._change),
    ("GET", "/user"): ("api", "read", Forge._me),
    ("GET", _NOTES): ("api", "read", Forge._list),
    ("POST", _NOTES): ("api", "write", Forge._new),
    ("PUT", r"/projects/1/merge_requests/\d+/notes/(\d+)"): ("api", "write", Forge._change),
}


class _Asked(BaseHTTPRequestHandler):
    forge: Forge

    def _answer(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        token = self.headers.get("PRIVATE-TOKEN") or self.headers.get("Authorization", "").removeprefix("Bearer ")
        status, body = self.forge.answer(self.command, self.path, token, json.loads(content) if content else None)
        told = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    do_GET = do_POST = do_PATCH = do_PUT = _answer

    def log_message(self, format: str, *args: object) -> None:
        """A test's output is no place for an access log."""


@contextmanager
def forge() -> Iterator[Forge]:
    """One that is served for as long as this lasts."""
    known = Forge()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Asked", (_Asked,), {"forge": known}))
    known.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield known
    server.shutdown()
    thread.join()
    server.server_close()
