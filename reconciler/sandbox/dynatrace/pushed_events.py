"""Events API v1: pushing an event by attach rules (sheet 2.2 to 2.6)."""

from __future__ import annotations

from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.dynatrace.environment import CONSTRAINTS, Environment, Refusal, Violation, in_body
from reconciler.sandbox.dynatrace.events import Report, minutes, opens_problem, report
from reconciler.sandbox.dynatrace.instant import DAY
from reconciler.sandbox.dynatrace.selector import seen
from reconciler.sandbox.dynatrace.vocabulary import (
    CONTEXTS,
    EVENT_TYPES,
    INFORMATION_PAST,
    LONGEST_TIMEOUT,
    MATRIX,
    ME_TYPES,
    NEWER_ME_TYPES,
    PROBLEM_PAST,
    TIMEOUT,
    UNLISTED,
    cell,
)
from reconciler.sandbox.exchange import Answer, json_answer
from reconciler.sandbox.fields import Check, Invalid, anything, flag, items, mapping, record, text, whole, word
from reconciler.sandbox.routes import Call, Route


def _rules(me_types: frozenset[str]) -> Check:
    tag = record({"context": word(*CONTEXTS), "key": text(1), "value": text()}, ("context", "key"))
    rule = record({"meTypes": items(word(*sorted(me_types))), "tags": items(tag, 1)}, ("meTypes", "tags"))
    return record({"entityIds": items(text(1)), "tagRule": items(rule)})


def _fields(me_types: frozenset[str]) -> dict[str, Check]:
    texts = {name: text() for name in MATRIX if name != "customProperties"}
    times = {"start": whole(least=0), "end": whole(least=0), "timeoutMinutes": whole(least=0)}
    rest = {"changed": text(), "timeseriesIds": items(text()), "allowDavisMerge": flag}
    whole_body = {"eventType": word(*EVENT_TYPES), "attachRules": _rules(me_types)}
    return {**texts, **times, **rest, **whole_body, "customProperties": mapping(anything)}


REQUIRED = ("eventType", "source", "attachRules")
OLDER, NEWER = (record(_fields(types), REQUIRED) for types in (ME_TYPES, NEWER_ME_TYPES))
OLDER_LOOSE, NEWER_LOOSE = (record(_fields(types), REQUIRED, unknown="kept") for types in (ME_TYPES, NEWER_ME_TYPES))


def _body(env: Environment, raw: Any) -> Obj:
    check = {
        (True, "refused"): NEWER,
        (True, "ignored"): NEWER_LOOSE,
        (False, "refused"): OLDER,
        (False, "ignored"): OLDER_LOOSE,
    }[env.current, env.settings.unknown]
    try:
        body: Obj = check(raw, "")
    except Invalid as wrong:
        raise Refusal(400, CONSTRAINTS, [Violation(path, said) for path, said in wrong.errors.items()]) from None
    if body["eventType"] == "CUSTOM_ALERT" and env.settings.custom_alert == "refused":
        raise in_body("eventType", "CUSTOM_ALERT cannot be pushed")
    _check_matrix(env, body)
    kind = body["eventType"]
    return {key: part for key, part in body.items() if key in UNLISTED or (key in MATRIX and cell(key, kind) != "-")}


def _check_matrix(env: Environment, body: Obj) -> None:
    kind = body["eventType"]
    wrong = [
        Violation(name, f"is required for {kind}") for name in MATRIX if cell(name, kind) == "R" and not body.get(name)
    ]
    if env.settings.not_applicable == "refused":
        given = [name for name in MATRIX if name in body and cell(name, kind) == "-"]
        problem = opens_problem(env, kind)
        given += ["end"] if problem and "end" in body else []
        given += ["allowDavisMerge"] if not problem and "allowDavisMerge" in body else []
        wrong += [Violation(name, f"is not applicable to {kind}") for name in given]
    if wrong:
        raise Refusal(400, CONSTRAINTS, wrong)


def _times(env: Environment, body: Obj) -> tuple[int, int]:
    """Start and end; the time-out counts only where a problem is opened (the vendor's own sample sends 0 elsewhere)."""
    now = env.now()
    start = body.get("start", now)
    problem = opens_problem(env, body["eventType"])
    if start < now - (PROBLEM_PAST if problem else INFORMATION_PAST) and env.settings.old_start == "refused":
        raise in_body("start", "lies too far in the past")
    if not problem:
        end = body.get("end", max(now, start))
        if end < start:
            raise in_body("end", "lies before the start")
        return start, end
    timeout = body.get("timeoutMinutes", TIMEOUT)
    if timeout > LONGEST_TIMEOUT and env.settings.long_timeout == "refused":
        raise in_body("timeoutMinutes", f"must be at most {LONGEST_TIMEOUT}")
    return start, now + minutes(min(timeout or TIMEOUT, LONGEST_TIMEOUT))


def _matched(env: Environment, rules: Obj) -> list[Obj]:
    """The entities the rules attach to; by tag only what was seen in the last 24 hours."""
    wanted = rules.get("entityIds", [])
    known = [env.entities.items[ident] for ident in dict.fromkeys(wanted) if ident in env.entities]
    if len(known) < len(set(wanted)) and env.settings.unknown_entities == "refused":
        raise _unmatched(rules)
    now = env.now()
    window = (now - DAY, now)
    found = {entity["id"]: entity for entity in known}
    tag_rules = rules.get("tagRule", [])
    every = env.settings.rules == "all"
    for entity in env.entities if tag_rules else ():
        fits = [_fits(env, rule, entity) for rule in tag_rules]
        if (all(fits) if every else any(fits)) and seen(entity, window, now):
            found[entity["id"]] = entity
    if not found:
        raise _unmatched(rules)
    return list(found.values())


def _fits(env: Environment, rule: Obj, entity: Obj) -> bool:
    if entity["type"] not in rule["meTypes"]:
        return False
    borne = {(tag["context"], tag["key"], tag.get("value")) for tag in entity["tags"]}
    fits = [(tag["context"], tag["key"], tag.get("value")) in borne for tag in rule["tags"]]
    return all(fits) if env.settings.tags_of_rule == "all" else any(fits)


def _unmatched(rules: Obj) -> Refusal:
    """The vendor's sentence, word for word (sheet 1.4)."""
    ids = f"[{', '.join(rules['entityIds'])}]" if "entityIds" in rules else "null"
    parts = []
    for rule in rules.get("tagRule", []):
        tags = [
            f"[{tag['context']}]{tag['key']}" + (f":{tag['value']}" if "value" in tag else "") for tag in rule["tags"]
        ]
        parts.append(f"TagMatchRule{{meTypes=[{', '.join(rule['meTypes'])}], tags=[{', '.join(tags)}]}}")
    tag_rules = f"[{', '.join(parts)}]" if "tagRule" in rules else "null"
    said = f"Matching rule: PushEventAttachRules{{entityIds={ids}, tagRules={tag_rules}}}"
    return Refusal(400, f"Invalid attachRules object provided. No entity IDs match: {said}")


def _push(env: Environment, call: Call) -> Answer:
    body = _body(env, call.body)
    start, end = _times(env, body)
    entities = _matched(env, body["attachRules"])
    said = {key: part for key, part in body.items() if key not in ("attachRules", "eventType", "start", "end")}
    problem = opens_problem(env, body["eventType"])
    told = Report(body["eventType"], start, end, problem, said)
    stored = [report(env, entity, told) for entity in entities]
    counted = stored if env.settings.stored == "entity" else stored[:1]
    ids: dict[str, list[Any]] = {"storedEventIds": [], "storedIds": [], "storedCorrelationIds": []}
    if problem:
        ids["storedCorrelationIds"] = [event["correlation"] for event in counted]
    else:
        ids["storedEventIds"] = [event["number"] for event in counted]
        ids["storedIds"] = [event["id"] for event in counted]
    return json_answer(200, ids)


ROUTES: tuple[Route[Environment], ...] = (Route("POST", "/api/v1/events", _push),)
