"""Events API v2: ingest by entity selector, list, single and discovery (sheet 3)."""

from __future__ import annotations

import re
from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.dynatrace.entities import asked, paged, shown_tag
from reconciler.sandbox.dynatrace.environment import CONSTRAINTS, Environment, Refusal, Violation, in_query
from reconciler.sandbox.dynatrace.events import Report, between, is_open, minutes, report, shown_end
from reconciler.sandbox.dynatrace.instant import DAY, HOUR, MINUTE, read_size, read_window
from reconciler.sandbox.dynatrace.selector import selected, split
from reconciler.sandbox.dynatrace.vocabulary import (
    CONTROL_KEYS,
    INFORMATION,
    LONGEST_TIMEOUT_V2,
    PROBLEMS,
    PROPERTY_KEYS,
    TIMEOUT,
)
from reconciler.sandbox.exchange import Answer, json_answer
from reconciler.sandbox.fields import Check, Invalid, mapping, record, text, whole, word
from reconciler.sandbox.routes import Call, Route

RENAMED = {"RESOURCE_CONTENTION": "RESOURCE_CONTENTION_EVENT"}
OLD_NAMES = {new: old for old, new in RENAMED.items()}
TYPES = (*(RENAMED.get(kind, kind) for kind in PROBLEMS), "CUSTOM_ALERT", *INFORMATION)
OPEN_NAMESPACES = ("dt.event.", "dt.davis.", "dt.entity.")
PAGE, MOST = 100, 1000
FIELDS: dict[str, Check] = {
    "title": text(1),
    "entitySelector": text(1),
    "startTime": whole(),
    "endTime": whole(),
    "timeout": whole(least=1),
    "properties": mapping(text()),
}
QUIET = ("underMaintenance", "suppressAlert", "suppressProblem", "frequentEvent")
SELECTABLE = (*QUIET, "status", "eventType", "managementZoneId", "eventId", "entityId", "correlationId")
CRITERION = re.compile(r"([a-zA-Z]+(?:\.[^()]+)?)\((.*)\)", re.DOTALL)


def _types(env: Environment) -> tuple[str, ...]:
    return (*TYPES, "WARNING") if env.current else TYPES


def _ingest(env: Environment, call: Call) -> Answer:
    """One report for each entity; an event that cannot be is told in a 201 all the same."""
    check = record({**FIELDS, "eventType": word(*_types(env))}, ("eventType", "title"))
    try:
        body: Obj = check(call.body, "")
    except Invalid as wrong:
        raise Refusal(400, CONSTRAINTS, [Violation(path, said) for path, said in wrong.errors.items()]) from None
    entities = _attached(env, body)
    status = _status(env, body)
    told = _told(env, body)
    results = []
    for entity in entities:
        correlation = report(env, entity, told)["correlation"] if status == "OK" else ""
        results.append({"correlationId": correlation, "status": status})
    return json_answer(201, {"reportCount": len(results), "eventIngestResults": results})


def _attached(env: Environment, body: Obj) -> list[Obj]:
    """Entities active in the last 24 hours, or named by their ids; without a selector the environment itself."""
    if "entitySelector" not in body:
        return list(env.entities.named("ENVIRONMENT"))[:1]
    by_id = body["entitySelector"].lstrip().startswith("entityId(")
    found = selected(env, body["entitySelector"], (0 if by_id else env.now() - DAY, env.now()))
    if not found:
        raise Refusal(400, CONSTRAINTS, [Violation("entitySelector", "No entity matches the selector.")])
    return found


def _status(env: Environment, body: Obj) -> str:
    problem = _problem(body["eventType"])
    past, ahead = (6 * HOUR, 5 * MINUTE) if problem else (30 * DAY, 7 * DAY)
    start = body.get("startTime", env.now())
    if not env.now() - past <= start <= env.now() + ahead or body.get("endTime", start) < start:
        return "INVALID_TIMESTAMPS"
    properties = body.get("properties", {})
    reserved = [key for key in properties if key.startswith("dt.") and not key.startswith(OPEN_NAMESPACES)]
    long = [key for key, value in properties.items() if not 1 <= len(key) <= 100 or len(value) > 4096]
    return "INVALID_METADATA" if reserved or long or len(properties) > 100 else "OK"


def _problem(kind: str) -> bool:
    return OLD_NAMES.get(kind, kind) in PROBLEMS or kind in ("CUSTOM_ALERT", "WARNING")


def _told(env: Environment, body: Obj) -> Report:
    start = body.get("startTime", env.now())
    timeout = min(body.get("timeout", TIMEOUT), LONGEST_TIMEOUT_V2)
    kind = str(OLD_NAMES.get(body["eventType"], body["eventType"]))
    problem = _problem(kind)
    end = body.get("endTime", (env.now() if problem else start) + minutes(timeout))
    said = {"title": body["title"], "properties": body.get("properties", {})}
    return Report(kind, start, end, problem, said)


def _shown(env: Environment, event: Obj) -> Obj:
    entity = env.entities.get(event["entity"]) or {"displayName": event["entity"], "type": "HOST", "tags": []}
    ident = {"entityId": {"id": event["entity"], "type": entity["type"]}, "name": entity["displayName"]}
    shown: Obj = {"eventId": event["id"], "startTime": event["start"], "endTime": shown_end(env, event)}
    shown |= {"eventType": RENAMED.get(event["kind"], event["kind"]), "title": event["said"].get("title", "")}
    pairs = [{"key": key, "value": value} for key, value in properties(event["said"]).items()]
    shown |= {"entityId": ident, "properties": pairs, "status": "OPEN" if is_open(env, event) else "CLOSED"}
    shown |= {"correlationId": event["correlation"], "entityTags": [shown_tag(tag) for tag in entity["tags"]]}
    return {**shown, "managementZones": entity.get("managementZones", []), **dict.fromkeys(QUIET, False)}


def properties(said: Obj) -> dict[str, str]:
    """What an event of either API was told, by the names of v2."""
    if "properties" in said:
        return dict(said["properties"])
    named = {PROPERTY_KEYS[key]: part for key, part in said.items() if key in PROPERTY_KEYS}
    plain = {key: str(part).lower() if isinstance(part, bool) else str(part) for key, part in named.items()}
    return {**said.get("customProperties", {}), **plain}


def _list(env: Environment, call: Call) -> Answer:
    query = asked(call)
    size = read_size(query.get("pageSize", str(PAGE)), "pageSize", MOST)
    window = read_window(env, query, "now-2h")
    criteria = _criteria(query.get("eventSelector", ""))
    found = [event for event in between(env, *window) if all(_fits(env, event, *one) for one in criteria)]
    if "entitySelector" in query:
        chosen = {entity["id"] for entity in selected(env, query["entitySelector"], window)}
        found = [event for event in found if event["entity"] in chosen]
    page, around = paged(query, found, size)
    return json_answer(200, {**around, "events": [_shown(env, event) for event in page], "warnings": []})


def _criteria(selector: str) -> list[tuple[str, list[str]]]:
    """Names and wanted values of an event selector; `status` and `eventType` take one value."""
    criteria = []
    for part in split(selector, "eventSelector") if selector else ():
        found = CRITERION.fullmatch(part)
        wanted = [one.strip().strip('"') for one in found[2].split(",")] if found else []
        known = found and (found[1] in SELECTABLE or found[1].startswith("property."))
        if found is None or not known or (found[1] in ("status", "eventType") and len(wanted) > 1):
            raise in_query("eventSelector", f"The event selector cannot be read at '{part}'.")
        criteria.append((found[1], wanted))
    return criteria


def _fits(env: Environment, event: Obj, name: str, wanted: list[str]) -> bool:
    if name.startswith("property."):
        return properties(event["said"]).get(name.removeprefix("property.")) in wanted
    if name in QUIET:
        return wanted == ["false"]
    match name:
        case "status":
            return ("OPEN" if is_open(env, event) else "CLOSED") in wanted
        case "eventType":
            return RENAMED.get(event["kind"], event["kind"]) in wanted
        case "managementZoneId":
            zones = (env.entities.get(event["entity"]) or {}).get("managementZones", [])
            return any(str(zone["id"]) in wanted for zone in zones)
    return {"eventId": event["id"], "entityId": event["entity"], "correlationId": event["correlation"]}[name] in wanted


def _one(env: Environment, call: Call) -> Answer:
    event = env.events.get(call.params["id"])
    if event is None:
        raise Refusal(404, f"Event {call.params['id']} does not exist")
    return json_answer(200, _shown(env, event))


def _event_types(env: Environment, call: Call) -> Answer:
    kinds = [{"type": kind, "displayName": kind} for kind in _types(env)]
    return json_answer(200, {"totalCount": len(kinds), "pageSize": len(kinds), "eventTypeInfos": kinds})


def _property(key: str) -> dict[str, Any]:
    return {"key": key, "displayName": key, "description": "", "writable": True, "filterable": True}


def _event_properties(env: Environment, call: Call) -> Answer:
    known = [_property(key) for key in (*PROPERTY_KEYS.values(), *CONTROL_KEYS)]
    return json_answer(200, {"totalCount": len(known), "pageSize": len(known), "eventProperties": known})


def _event_property(env: Environment, call: Call) -> Answer:
    key = call.params["key"]
    if key not in (*PROPERTY_KEYS.values(), *CONTROL_KEYS):
        raise Refusal(404, f"Event property {key} does not exist")
    return json_answer(200, _property(key))


ROUTES: tuple[Route[Environment], ...] = (
    Route("POST", "/api/v2/events/ingest", _ingest),
    Route("GET", "/api/v2/events", _list),
    Route("GET", "/api/v2/events/{id}", _one),
    Route("GET", "/api/v2/eventTypes", _event_types),
    Route("GET", "/api/v2/eventProperties", _event_properties),
    Route("GET", "/api/v2/eventProperties/{key}", _event_property),
)
