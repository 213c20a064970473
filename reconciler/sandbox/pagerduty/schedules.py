"""PagerDuty schedules of the layer model, with their overrides (sheet 3.3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.exchange import Answer
from reconciler.sandbox.fields import Check, Invalid, items, nullable, text, word, zone
from reconciler.sandbox.pagerduty import layers, paging, turns
from reconciler.sandbox.pagerduty.body import instant, known, link_id, moment, sentences, unwrapped
from reconciler.sandbox.pagerduty.family import Family, Include, check_name
from reconciler.sandbox.pagerduty.reference import all_pointed, found, identity, needed, pointed
from reconciler.sandbox.pagerduty.tenant import Caller, Refusal, Tenant, arguments, invalid, not_found
from reconciler.sandbox.pagerduty.turns import Turn
from reconciler.sandbox.routes import Call, Route

IN_USE = "Schedule can't be deleted if it's being used by escalation policies"
IN_SNAPSHOT = "Schedule can't be deleted if it's being used by an escalation policy snapshot with open incidents"
LIST_LEAVES_OUT = ("schedule_layers", "overrides_subschedule", "final_schedule")
Span = tuple[datetime, datetime]

FIELDS: dict[str, Check] = {
    "type": word("schedule"),
    "name": text(least=1),
    "description": nullable(text()),
    "time_zone": zone,
    "teams": nullable(items(link_id("team"))),
    "schedule_layers": items(layers.layer),
}


def _settled(tenant: Tenant, before: Obj | None, body: Obj, caller: Caller) -> Obj:
    if before and before.get("v3"):
        raise Refusal(400, 3001, "Invalid Schedule", ("Schedule has been upgraded and cannot be changed here",))
    if "name" in body:
        check_name(tenant, "schedule", body["name"], before)
    after = {**(before or {"name": "Schedule", "description": None, "teams": [], "layers": []})}
    after |= {key: value for key, value in body.items() if key not in ("type", "schedule_layers")}
    after["teams"] = after["teams"] or []
    needed(tenant, "team", after["teams"], "Team")
    if "schedule_layers" in body:
        after["layers"] = layers.settled(tenant, after["layers"], body["schedule_layers"])
    return after


def users_of(schedule: Obj) -> list[str]:
    return list(dict.fromkeys(user for layer in schedule["layers"] for user in layer["users"]))


def _policies(tenant: Tenant, schedule: str) -> list[str]:
    by_schedule: dict[str, list[str]] = tenant.once("policies by schedule", lambda: _policies_by_schedule(tenant))
    return by_schedule.get(schedule, [])


def _policies_by_schedule(tenant: Tenant) -> dict[str, list[str]]:
    result: dict[str, list[str]] = {}
    for policy in tenant.of("escalation_policies"):
        targets = [target["id"] for rule in policy["escalation_rules"] for target in rule["targets"]]
        for target in dict.fromkeys(targets):
            result.setdefault(target, []).append(policy["id"])
    return result


def _entries(tenant: Tenant, found_turns: Sequence[Turn], zone_name: str) -> list[Obj]:
    shown = []
    for turn in found_turns:
        times = {key: layers.local(value.isoformat(), zone_name) for key, value in _times(turn)}
        shown.append({"user": pointed(tenant, "user", turn.user), **times})
    return shown


def _times(turn: Turn) -> tuple[tuple[str, datetime], ...]:
    return (("start", turn.start), ("end", turn.end))


def _rendered(tenant: Tenant, schedule: Obj, span: Span | None) -> Obj:
    """Layers and the two sub-schedules; entries only for a span of time."""
    name, shown = schedule["time_zone"], []
    for layer in schedule["layers"]:
        own = turns.of_layer(layer, name, *span) if span else []
        covered = turns.coverage(own, *span) if span else None
        shown.append(layers.shown(tenant, layer, name, _entries(tenant, own, name), covered))
    final = turns.final(tenant, schedule, *span) if span else []
    over = turns.of_overrides(tenant, schedule, *span) if span else []
    subs = {"final_schedule": ("Final Schedule", final), "overrides_subschedule": ("Overrides", over)}
    return {"schedule_layers": shown} | {
        key: {
            "name": label,
            "rendered_schedule_entries": _entries(tenant, part, name),
            "rendered_coverage_percentage": turns.coverage(part, *span) if span and key == "final_schedule" else None,
        }
        for key, (label, part) in subs.items()
    }


def _bare(tenant: Tenant, schedule: Obj) -> Obj:
    return {
        **identity(tenant, "schedule", schedule),
        **{key: schedule[key] for key in ("name", "description", "time_zone")},
        "teams": all_pointed(tenant, "team", schedule["teams"]),
        "users": all_pointed(tenant, "user", users_of(schedule)),
        "escalation_policies": all_pointed(tenant, "escalation_policy", _policies(tenant, schedule["id"])),
    }


def shown(tenant: Tenant, schedule: Obj, include: Include) -> Obj:
    return {**_bare(tenant, schedule), **_rendered(tenant, schedule, None)}


def _row(tenant: Tenant, schedule: Obj, include: Include) -> Obj:
    """As listed: layers and sub-schedules only where asked for (sheet 2)."""
    if include.isdisjoint(LIST_LEAVES_OUT):
        return _bare(tenant, schedule)
    rendered = _rendered(tenant, schedule, None)
    return {**_bare(tenant, schedule), **{key: rendered[key] for key in LIST_LEAVES_OUT if key in include}}


def _filtered(tenant: Tenant, objs: list[Obj], call: Call) -> list[Obj]:
    fitting = paging.queried(objs, call, "name")
    teams = set(paging.many(call, "team_ids[]"))
    if teams:
        fitting = [obj for obj in fitting if not teams.isdisjoint(obj["teams"])]
    return sorted(fitting, key=lambda obj: (obj["name"].casefold(), obj["id"]))


def _removed(tenant: Tenant, schedule: Obj) -> None:
    ident = schedule["id"]
    if _policies(tenant, ident):
        raise invalid(IN_USE)
    if any(part["status"] != "resolved" and ident in part["snapshot"] for part in tenant.of("incidents")):
        raise invalid(IN_SNAPSHOT)
    for override in tenant.of("overrides").named(ident):
        tenant.of("overrides").drop(override["id"])
    tenant.of("schedules").drop(ident)


FAMILY = Family(
    kind="schedule",
    new=known(FIELDS, ("time_zone", "schedule_layers")),
    changed=known(FIELDS),
    settled=_settled,
    shown=shown,
    row=_row,
    filtered=_filtered,
    removed=_removed,
    created=lambda tenant: tenant.settings.schedule_created,
)


def _span(call: Call, required: bool = False) -> Span | None:
    given = [call.query.get(key) for key in ("since", "until")]
    if None in given:
        if required or given != [None, None]:
            raise arguments("since and until are both needed")
        return None
    try:
        since, until = (moment(instant(value, key)) for value, key in zip(given, ("since", "until"), strict=True))
    except Invalid as wrong:
        raise sentences(wrong) from None
    if not timedelta() < until - since <= timedelta(days=92):
        raise arguments("since must be before until, by three months at most")
    return since, until


def _read(tenant: Tenant, call: Call) -> Answer:
    schedule, span = found(tenant, "schedule", call.params["id"]), _span(call)
    return tenant.reply(200, {"schedule": {**_bare(tenant, schedule), **_rendered(tenant, schedule, span)}})


def _preview(tenant: Tenant, call: Call) -> Answer:
    """What a new schedule would look like; nothing is stored."""
    body = FAMILY.new(unwrapped(call, "schedule"), "")
    schedule = {"id": "PREVIEW", **_settled(tenant, None, body, call.caller)}
    return tenant.reply(200, {"schedule": {**_bare(tenant, schedule), **_rendered(tenant, schedule, _span(call))}})


def _override_shown(tenant: Tenant, override: Obj) -> Obj:
    times = {key: override[key] for key in ("id", "start", "end")}
    return {**times, "user": pointed(tenant, "user", override["user"])}


def _overrides(tenant: Tenant, call: Call) -> Answer:
    schedule, span = found(tenant, "schedule", call.params["id"]), _span(call, required=True)
    assert span is not None
    inside = [
        override
        for override in tenant.of("overrides").named(schedule["id"])
        if moment(override["start"]) < span[1] and moment(override["end"]) > span[0]
    ]
    return tenant.reply(200, {"overrides": [_override_shown(tenant, override) for override in inside]})


_OVERRIDE = known({"start": instant, "end": instant, "user": link_id("user")}, ("start", "end", "user"))


def _add_overrides(tenant: Tenant, call: Call) -> Answer:
    """One answer for each override, in a bare array (sheet 3.3)."""
    schedule = found(tenant, "schedule", call.params["id"])
    given = call.body.get("overrides") if isinstance(call.body, dict) else None
    if not isinstance(given, list):
        raise invalid("Overrides are required")
    return tenant.reply(201, [_add_override(tenant, schedule, value) for value in given])


def _add_override(tenant: Tenant, schedule: Obj, value: Any) -> Obj:
    try:
        body: Obj = _OVERRIDE(value, "override")
        needed(tenant, "user", [body["user"]], "User")
    except Invalid as wrong:
        return _override_refused(value, sentences(wrong))
    except Refusal as refusal:
        return _override_refused(value, refusal)
    if body["end"] <= max(body["start"], tenant.stamp()):
        return _override_refused(value, invalid("Override must end later than it starts, and in the future"))
    stored = tenant.of("overrides").put({"id": tenant.ident("Q", 13), "schedule": schedule["id"], **body})
    return {"status": 201, "override": _override_shown(tenant, stored)}


def _override_refused(value: Any, refusal: Refusal) -> Obj:
    return {"status": 400, "errors": list(refusal.errors), "override": value if isinstance(value, dict) else {}}


def _end_override(tenant: Tenant, call: Call) -> Answer:
    """A future override goes, a running one ends now, a past one cannot be touched (code 4004)."""
    schedule = found(tenant, "schedule", call.params["id"])
    override = tenant.of("overrides").get(call.params["override"])
    if override is None or override["schedule"] != schedule["id"]:
        raise not_found()
    now = tenant.stamp()
    if override["end"] <= now:
        raise Refusal(400, 4004, "Override Cannot Be Deleted", ("Override is over",))
    if override["start"] > now:
        tenant.of("overrides").drop(override["id"])
        return tenant.reply(204)
    cut = tenant.of("overrides").put({**override, "end": now})
    return tenant.reply(200, {"override": _override_shown(tenant, cut)})


ROUTES: tuple[Route[Tenant], ...] = (
    Route("GET", "/schedules/{id}", _read),
    *(route for route in FAMILY.routes() if (route.method, route.path) != ("GET", "/schedules/{id}")),
    Route("POST", "/schedules/preview", _preview),
    Route("GET", "/schedules/{id}/overrides", _overrides),
    Route("POST", "/schedules/{id}/overrides", _add_overrides),
    Route("DELETE", "/schedules/{id}/overrides/{override}", _end_override),
)
