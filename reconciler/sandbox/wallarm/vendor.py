"""Wallarm as a vendor of the sandbox: sign-in, routing table, edits as in its UI, filling."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from reconciler.sandbox.clock import Clock
from reconciler.sandbox.collection import Collection, Obj
from reconciler.sandbox.exchange import Answer, Request
from reconciler.sandbox.fields import Invalid
from reconciler.sandbox.routes import Call, NoPath, Routes, WrongVerb
from reconciler.sandbox.vendor import BadControl, Vendor, merged
from reconciler.sandbox.wallarm import account, applications, crowd, integrations, triggers
from reconciler.sandbox.wallarm.client import Client, Refusal, WallarmSettings, refuse, wrong_fields
from reconciler.sandbox.wallarm.incident import Notice, notices

FAMILIES = (integrations, triggers, applications, account)
ROUTES: Routes[Client] = Routes(route for family in FAMILIES for route in family.ROUTES)
TOKEN = "x-wallarmapi-token"  # noqa: S105  # the name of the header, no token

Edited = Callable[[Client, Obj | None, Any], Obj]
Dropped = Callable[[Client, Obj], None]


class WallarmAccount(Client):
    """One Wallarm account behind its API."""

    def serve(self, request: Request, segments: tuple[str, ...]) -> Answer:
        try:
            self._check_token(request)
            route, params = ROUTES.find(request.method, segments)
            body = json.loads(request.body) if request.body else {}
            return route.handler(self, Call(request, params, dict(request.query), body))
        except NoPath:
            return refuse(Refusal(404, "Not found"))
        except WrongVerb:
            return refuse(Refusal(405, "Method not allowed"))
        except ValueError:
            return refuse(Refusal(400, "Invalid JSON"))
        except Invalid as wrong:
            return refuse(wrong_fields(wrong.errors))
        except Refusal as refusal:
            return refuse(refusal)

    def _check_token(self, request: Request) -> None:
        token = request.headers.get(TOKEN, "").strip()
        if not token or "wrong" in token:
            raise Refusal(403, "Forbidden")

    def incident(self, seen: Any) -> list[Notice]:
        """The notifications that leave when Wallarm sees these incidents."""
        return notices(self, seen)

    def _sorts(self) -> dict[str, tuple[Collection[int], Edited, Dropped]]:
        return {
            "integrations": (self.integrations, integrations.edited, integrations.dropped),
            "triggers": (self.triggers, triggers.edited, triggers.dropped),
            "applications": (self.pools, applications.edited, applications.dropped),
        }

    def edit(self, path: tuple[str, ...], value: Obj | None) -> Any:
        match path:
            case (str() as sort, str() as name) if sort in self._sorts():
                objs, edited, dropped = self._sorts()[sort]
            case _:
                known = ", ".join(f"{sort}/NAME" for sort in self._sorts())
                raise BadControl(f"wallarm can edit {known}, not {'/'.join(path)!r}")
        obj = self._one(objs, name)
        if value is not None:
            return _without_secrets(edited(self, obj, _after(obj, name, value)))
        if obj is None:
            raise BadControl(f"wallarm has no {'/'.join(path)}")
        try:
            dropped(self, obj)
        except Refusal as refusal:
            raise BadControl(str(refusal.body)) from None
        return None

    def _one(self, objs: Collection[int], name: str) -> Obj | None:
        found = objs.get(int(name)) if name.lstrip("-").isdecimal() else None
        named = objs.named(name)
        if found is None and len(named) > 1:
            raise BadControl(
                f"{len(named)} are called {name!r}; use the id: {', '.join(str(obj['id']) for obj in named)}"
            )
        return found or next(iter(named), None)

    def fill(self, count: int) -> None:
        crowd.filled(self, count)

    def fork(self, clock: Clock) -> WallarmAccount:
        twin = WallarmAccount(self.name, self.vendor, clock, self.seed, self.settings)
        self.copy_to(twin)
        return twin


def _after(obj: Obj | None, name: str, value: Obj) -> Obj:
    """The edited fields, each merged with what is there; a null clears."""
    if obj is None:
        return {"name": name, **value}
    return {key: None if part is None else merged(obj.get(key), part) for key, part in value.items()}


def _without_secrets(obj: Obj) -> Obj:
    return {key: part for key, part in obj.items() if key != "target"}


class Wallarm(Vendor[WallarmSettings]):
    """Wallarm, made up."""

    name = "wallarm"

    def first_settings(self) -> WallarmSettings:
        return WallarmSettings()

    def make(self, account: str) -> WallarmAccount:
        made = WallarmAccount(account, self.name, self.clock, self.seed, self.settings)
        applications.made(made, "Default application", applications.DEFAULT_APPLICATION)
        triggers.defaults(made)
        made.lag.clear()  # the account is older than the first call
        return made

    def throttled(self) -> Answer:
        return refuse(Refusal(429, "Rate limiting"))
