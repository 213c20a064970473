"""PagerDuty maintenance windows (sheet 3.12): made, ended, never brought back."""

from __future__ import annotations

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.exchange import Answer
from reconciler.sandbox.fields import Check, items, nullable, text
from reconciler.sandbox.pagerduty import paging, services, teams, users
from reconciler.sandbox.pagerduty.body import instant, known, link_id, unwrapped
from reconciler.sandbox.pagerduty.family import Family, Include, sender
from reconciler.sandbox.pagerduty.reference import all_pointed, identity, needed, pointed
from reconciler.sandbox.pagerduty.tenant import Caller, Refusal, Tenant, arguments, invalid
from reconciler.sandbox.pagerduty.vocabulary import WINDOW_FILTERS
from reconciler.sandbox.routes import Call, Route

FIELDS: dict[str, Check] = {
    "description": nullable(text()),
    "start_time": instant,
    "end_time": instant,
    "services": items(link_id("service"), least=1),
}


def _settled(tenant: Tenant, before: Obj | None, body: Obj, caller: Caller) -> Obj:
    now = tenant.stamp()
    if before and before["end_time"] <= now:
        raise Refusal(400, 5003, "Maintenance Window Cannot Be Changed", ("Maintenance window is in the past",))
    after = {**(before or {"description": None, "created_by": caller.user}), **body}
    if "start_time" in body and not (before and before["start_time"] <= now):
        after["start_time"] = max(body["start_time"], now)
    elif before:
        after["start_time"] = before["start_time"]  # begun is begun
    if after["end_time"] <= max(after["start_time"], now):
        raise invalid("End time must be in the future and after the start time")
    needed(tenant, "service", body.get("services", ()), "Service")
    return {**after, "sequence_number": after.get("sequence_number") or tenant.number("maintenance_windows")}


def _teams(tenant: Tenant, window: Obj) -> list[str]:
    there = (tenant.of("services").get(ident) for ident in window["services"])
    named = (services.team_of(tenant, service) for service in there if service)
    return list(dict.fromkeys(team for team in named if team))


def _shown(tenant: Tenant, window: Obj, include: Include) -> Obj:
    plain = ("sequence_number", "start_time", "end_time", "description")
    result = {
        **identity(tenant, "maintenance_window", window),
        **{key: window[key] for key in plain},
        "created_by": pointed(tenant, "user", window["created_by"]),
        "services": all_pointed(tenant, "service", window["services"]),
        "teams": all_pointed(tenant, "team", _teams(tenant, window)),
    }
    if "services" in include:
        there = [tenant.of("services").get(ident) for ident in window["services"]]
        result["services"] = [services.shown(tenant, part, frozenset()) for part in there if part]
    if "teams" in include:
        there = [tenant.of("teams").get(ident) for ident in _teams(tenant, window)]
        result["teams"] = [teams.shown(tenant, part, frozenset()) for part in there if part]
    if "users" in include and (author := tenant.of("users").get(window["created_by"])):
        result["created_by"] = users.shown(tenant, author, frozenset())
    return result


def _fits(window: Obj, state: str, now: str) -> bool:
    match state:
        case "past":
            return bool(window["end_time"] <= now)
        case "future":
            return bool(window["start_time"] > now)
        case "ongoing":
            return bool(window["start_time"] <= now < window["end_time"])
        case "open":
            return bool(window["end_time"] > now)
        case _:
            return True


def _filtered(tenant: Tenant, objs: list[Obj], call: Call) -> list[Obj]:
    state = call.query.get("filter", "all")
    if state not in WINDOW_FILTERS:
        raise arguments(f"filter cannot be {state!r}")
    fitting = [window for window in paging.queried(objs, call, "description") if _fits(window, state, tenant.stamp())]
    of_services, of_teams = set(paging.many(call, "service_ids[]")), set(paging.many(call, "team_ids[]"))
    if of_services:
        fitting = [window for window in fitting if not of_services.isdisjoint(window["services"])]
    if of_teams:
        fitting = [window for window in fitting if not of_teams.isdisjoint(_teams(tenant, window))]
    return fitting


def _removed(tenant: Tenant, window: Obj) -> None:
    """A future window goes, a running one ends now, a past one stays."""
    now = tenant.stamp()
    if window["end_time"] <= now:
        raise Refusal(405, 5003, "Maintenance Window Cannot Be Deleted", ("Maintenance window is in the past",))
    if window["start_time"] > now:
        tenant.of("maintenance_windows").drop(window["id"])
    else:
        tenant.of("maintenance_windows").put({**window, "end_time": now})


FAMILY = Family(
    kind="maintenance_window",
    new=known(FIELDS, ("start_time", "end_time", "services")),
    changed=known(FIELDS),
    settled=_settled,
    shown=_shown,
    filtered=_filtered,
    removed=_removed,
)


def _create(tenant: Tenant, call: Call) -> Answer:
    author = Caller(sender(tenant, call))
    window = FAMILY.made(tenant, unwrapped(call, "maintenance_window"), author)
    return tenant.reply(201, {"maintenance_window": _shown(tenant, window, paging.includes(call))})


ROUTES: tuple[Route[Tenant], ...] = (
    Route("POST", "/maintenance_windows", _create),
    *(route for route in FAMILY.routes() if route.method != "POST"),
)
