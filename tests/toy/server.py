"""The toy vendor's server: an object that answers requests, with a clock-less memory and little rules of its own."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Answer = tuple[int, Mapping[str, str], bytes, float]
SORTS = ("groups", "rules", "windows", "settings", "tickets", "notes", "beeps", "pings", "flares")
BLIND = ("notes", "beeps")  # nobody can read them back


@dataclass
class ToyServer:
    """Objects by sort and id. `log` holds every request; `unseen` ids are missing from lists, `down` refuses all.

    Nothing can be posted to sorts that are `lacking`: an older server does not have them.
    """

    objects: dict[str, dict[str, dict[str, Any]]] = field(default_factory=lambda: {sort: {} for sort in SORTS})
    log: list[tuple[str, str, Any]] = field(default_factory=list)
    unseen: set[str] = field(default_factory=set)
    down: bool = False
    refused: set[tuple[str, str]] = field(default_factory=set)
    lacking: set[str] = field(default_factory=set)
    made: int = 0
    accounts: dict[str, ToyServer] = field(default_factory=dict)

    def account(self, host: str) -> ToyServer:
        """The server of another account, `toy@other`."""
        return self if host == "toy" else self.accounts.setdefault(host, ToyServer())

    def put(self, sort: str, **fields: Any) -> str:
        """What somebody makes in the vendor's own UI."""
        self.made += 1
        ident = f"{sort[0]}{self.made}"
        extra = {"address": f"{ident}@toy.example"} if sort == "groups" else {}
        self.objects[sort][ident] = {"id": ident, "made": f"day {self.made}", **fields, **extra}
        return ident

    def named(self, sort: str, name: str) -> dict[str, Any]:
        [found] = [one for one in self.objects[sort].values() if one.get("name") == name]
        return found

    def writes(self) -> list[tuple[str, str]]:
        return [(method, path) for method, path, _ in self.log if method != "GET"]

    def fork(self) -> ToyServer:
        return copy.deepcopy(self)

    def __call__(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer:
        host, sort, *rest = target.partition("?")[0].strip("/").split("/")
        given = json.loads(body) if body else None
        return self.account(host)._serve(method, sort, rest, given)

    def _serve(self, method: str, sort: str, rest: list[str], given: Any) -> Answer:
        self.log.append((method, f"/{sort}/{'/'.join(rest)}".rstrip("/"), given))
        if self.down:
            return self._say(401, {"message": "no such token"})
        name = str((given or {}).get("name", ""))
        if (method, name) in self.refused or (method, rest[0] if rest else "") in self.refused:
            return self._say(422, {"message": "refused by order"})
        return self._say(*self._answer(method, sort, rest, given))

    def _say(self, status: int, body: Any) -> Answer:
        return status, {"content-type": "application/json"}, json.dumps(body).encode(), 0.0

    def _answer(self, method: str, sort: str, rest: list[str], given: Any) -> tuple[int, Any]:
        objects, name = self.objects[sort], (given or {}).get("name")
        match method, rest:
            case "POST", [] if sort in self.lacking:
                return 404, {"message": "no such path"}
            case "GET", _ if sort in BLIND:
                return 405, {"message": f"nobody reads {sort}"}
            case "POST", [] if sort == "pings" and (same := [i for i, one in objects.items() if one["name"] == name]):
                objects[same[0]] = {**objects[same[0]], **given}
                return 202, objects[same[0]]
            case "POST", [] if sort == "tickets":
                return 201, objects[self.put(sort, **{"status": "open", **given})]
            case "GET", []:
                return 200, [one for one in objects.values() if one["id"] not in self.unseen]
            case "POST", []:
                if sort == "rules" and any(one["name"] == given["name"] for one in objects.values()):
                    return 409, {"message": "a rule has this name"}
                return 201, objects[self.put(sort, **given)]
            case _, [ident] if ident not in objects:
                return 404, {"message": "not there"}
            case "GET", [ident]:
                return 200, objects[ident]
            case "PATCH", [ident]:
                merged = {**objects[ident], **given}
                objects[ident] = {name: value for name, value in merged.items() if value is not None}
                return 200, objects[ident]
            case "DELETE", [ident]:
                return self._delete(sort, ident)
            case _:
                return 405, {"message": f"no {method} here"}

    def _delete(self, sort: str, ident: str) -> tuple[int, Any]:
        users = [one for one in self.objects["rules"].values() if ident in (one.get("group"), *one.get("groups", []))]
        if sort == "groups" and users:
            return 422, {"message": f"used by {users[0]['name']}"}
        del self.objects[sort][ident]
        return 200, None
