"""Opsgenie as a vendor of the sandbox: sign-in, routing table, edits as in its UI, filling."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from reconciler.sandbox.clock import Clock
from reconciler.sandbox.collection import Collection, Obj
from reconciler.sandbox.exchange import Answer, Request
from reconciler.sandbox.fields import Invalid
from reconciler.sandbox.opsgenie import (
    actions,
    alerts,
    crowd,
    escalations,
    heartbeats,
    integrations,
    maintenance,
    policies,
    reference,
    rules,
    schedules,
    teams,
    users,
)
from reconciler.sandbox.opsgenie.tenant import Caller, OpsgenieSettings, Refusal, Tenant, forbidden
from reconciler.sandbox.routes import Call, NoPath, Routes, WrongVerb
from reconciler.sandbox.vendor import BadControl, Vendor, merged

FAMILIES = (
    teams,
    rules,
    schedules,
    escalations,
    integrations,
    actions,
    heartbeats,
    policies,
    maintenance,
    users,
    alerts,
)
ROUTES: Routes[Tenant] = Routes(route for family in FAMILIES for route in family.ROUTES)
SCHEME = "GenieKey "
OPEN_TO_INTEGRATIONS = re.compile(r"/v2/alerts.*|/v2/heartbeats/[^/]+/ping")
AUTHENTICATE = "/v2/integrations/authenticate"

Edited = Callable[[Tenant, Obj | None, Any], Obj]
Dropped = Callable[[Tenant, Obj], None]


def _sorts(tenant: Tenant) -> dict[str, tuple[Collection[str], Edited, Dropped]]:
    """What a person can edit, by the first segment of the path."""
    return {
        "teams": (tenant.teams, teams.edited, teams.removed),
        "schedules": (tenant.schedules, schedules.edited, lambda t, obj: t.schedules.drop(obj["id"])),
        "escalations": (tenant.escalations, escalations.edited, lambda t, obj: t.escalations.drop(obj["id"])),
        "integrations": (tenant.integrations, integrations.edited, integrations.dropped),
        "heartbeats": (tenant.heartbeats, heartbeats.edited, lambda t, obj: t.heartbeats.drop(obj["id"])),
        "maintenance": (tenant.maintenance, maintenance.edited, lambda t, obj: t.maintenance.drop(obj["id"])),
        "users": (tenant.users, users.edited, lambda t, obj: t.users.drop(obj["id"])),
    }


class OpsgenieAccount(Tenant):
    """One Opsgenie account behind its API."""

    def serve(self, request: Request, segments: tuple[str, ...]) -> Answer:
        path = "/" + "/".join(segments)
        try:
            caller = self._caller(request, path)
            route, params = ROUTES.find(request.method, segments)
            if request.body:
                body = json.loads(request.body)
            else:
                body = {} if request.method in ("POST", "PUT", "PATCH") else None
            return route.handler(self, Call(request, params, dict(request.query), body, caller))
        except NoPath:
            return self.refuse(Refusal(404, f"No resource at {path}"))
        except WrongVerb:
            return self.refuse(Refusal(405, f"Method {request.method} is not allowed at {path}"))
        except ValueError:
            return self.refuse(Refusal(400, "Could not parse the body as JSON"))
        except Invalid as wrong:
            text = "Request body is not processable. Please check the errors."
            return self.refuse(Refusal(422, text, errors=wrong.errors))
        except Refusal as refusal:
            return self.refuse(refusal)

    def _caller(self, request: Request, path: str) -> Caller:
        """Who signs the call, with the rights of its key (sheet 1). Raises 401 or 403 refusals."""
        header = request.headers.get("authorization", "")
        key = header.removeprefix(SCHEME).strip()
        if not header.startswith(SCHEME) or not key or "wrong" in key or key in self.revoked:
            raise Refusal(401, "API key is invalid")
        writes = request.method != "GET"
        for_alerts = OPEN_TO_INTEGRATIONS.fullmatch(path) is not None
        if key not in self.keys:
            # Any other key becomes the account's by signing for configuration;
            # writes of alerts and the check of a key know only keys that are there.
            if (for_alerts and writes) or path == AUTHENTICATE:
                if key not in self.account_keys:
                    raise Refusal(401, "API key is invalid")
            else:
                self.account_keys.add(key)
            return Caller()
        integration = self.integrations.items[self.keys[key]]
        if not integration["enabled"]:
            raise Refusal(401, "API key is invalid")
        if path != AUTHENTICATE:
            self._check_rights(integration, request.method, for_alerts)
        return Caller(integration)

    def _check_rights(self, integration: Obj, method: str, for_alerts: bool) -> None:
        right = {"GET": "allowReadAccess", "DELETE": "allowDeleteAccess"}.get(method, "allowWriteAccess")
        if not integration[right] or not (for_alerts or integration["allowConfigurationAccess"]):
            raise forbidden()

    def edit(self, path: tuple[str, ...], value: Obj | None) -> Any:
        label = "name"
        match path:
            case (str() as sort, str() as name) if sort in _sorts(self):
                objs, edited, dropped = _sorts(self)[sort]
                obj, label = objs.get(name) or next(iter(objs.named(name)), None), objs.key
            case ("policies", str() as name):
                edited, dropped = lambda t, obj, new: policies.edited(t, None, obj, new), policies.dropped
                obj = self._policy(None, name)
            case ("teams", str() as team_name, "routing-rules", str() as name):
                team = self._team(team_name)
                edited, dropped = lambda t, obj, new: rules.edited(t, team, obj, new), rules.dropped
                obj = self._rule(team, name)
            case ("teams", str() as team_name, "policies", str() as name):
                ident = self._team(team_name)["id"]
                edited, dropped = lambda t, obj, new: policies.edited(t, ident, obj, new), policies.dropped
                obj = self._policy(ident, name)
            case _:
                below = ("policies/NAME", "teams/TEAM/policies/NAME", "teams/TEAM/routing-rules/NAME (or default)")
                known = ", ".join([*(f"{sort}/NAME" for sort in _sorts(self)), *below])
                raise BadControl(f"opsgenie can edit {known}, not {'/'.join(path)!r}")
        if value is not None:
            return self._edited(edited, obj, {label: name}, value)
        if obj is None:
            raise BadControl(f"opsgenie has no {'/'.join(path)}")
        dropped(self, obj)
        return None

    def _edited(self, edited: Edited, obj: Obj | None, label: Obj, value: Obj) -> Obj:
        try:
            if obj is None:
                result = edited(self, None, reference.resolved(self, {**label, **value}))
            else:
                patch = {key: part for key, part in value.items() if part is not None}
                bare = {key: part for key, part in obj.items() if key not in value or key in patch}
                after = {key: merged(bare.get(key), part) for key, part in patch.items()}
                result = edited(self, bare, reference.resolved(self, after))
        except Refusal as refusal:
            raise BadControl(refusal.message) from None
        return {key: part for key, part in result.items() if key != "apiKey"}

    def _team(self, name: str) -> Obj:
        team = self.teams.get(name) or next(iter(self.teams.named(name)), None)
        if team is None:
            raise BadControl(f"opsgenie has no team {name!r}")
        return team

    def _policy(self, team: str | None, name: str) -> Obj | None:
        found = (policy for policy in self.policies if policy["team"] == team)
        return next((policy for policy in found if name in (policy["id"], policy["name"])), None)

    def _rule(self, team: Obj, name: str) -> Obj | None:
        for rule in self.rules.named(team["id"]):
            if name in (rule["id"], rule["name"]) or (name == "default" and rule["isDefault"]):
                return rule
        return None

    def fill(self, count: int) -> None:
        crowd.filled(self, count)

    def fork(self, clock: Clock) -> OpsgenieAccount:
        twin = OpsgenieAccount(self.name, self.vendor, clock, self.seed, self.settings)
        self.copy_to(twin)
        return twin


class Opsgenie(Vendor[OpsgenieSettings]):
    """Opsgenie, made up."""

    name = "opsgenie"

    def first_settings(self) -> OpsgenieSettings:
        return OpsgenieSettings()

    def make(self, account: str) -> OpsgenieAccount:
        made = OpsgenieAccount(account, self.name, self.clock, self.seed, self.settings)
        users.first(made)
        return made

    def throttled(self) -> Answer:
        text = "You are making too many requests! To avoid this, please slow down."
        made = OpsgenieAccount("", self.name, self.clock, self.seed, self.settings)
        return made.refuse(Refusal(429, text))
