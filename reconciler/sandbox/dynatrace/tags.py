"""Custom tags: read as a union, added, and taken away, on what an entity selector fits (sheet 4)."""

from __future__ import annotations

from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.dynatrace.entities import shown_tag, tag
from reconciler.sandbox.dynatrace.environment import CONSTRAINTS, Environment, Refusal, Violation, in_body, in_query
from reconciler.sandbox.dynatrace.instant import read_window
from reconciler.sandbox.dynatrace.selector import selected
from reconciler.sandbox.exchange import Answer, json_answer
from reconciler.sandbox.routes import Call, Route

WINDOW = "now-24h"
MOST = 1000


def _chosen(env: Environment, call: Call) -> list[Obj]:
    query = dict(call.query)
    if not query.get("entitySelector"):
        raise in_query("entitySelector", "The entitySelector must not be null.")
    return selected(env, query["entitySelector"], read_window(env, query, WINDOW))


def is_custom(stored: Obj) -> bool:
    """Neither put there by a rule nor imported."""
    return bool(stored["context"] == "CONTEXTLESS" and not stored.get("auto"))


def _list(env: Environment, call: Call) -> Answer:
    found: dict[tuple[str, str | None], Obj] = {}
    for entity in _chosen(env, call):
        found.update({(part["key"], part.get("value")): part for part in entity["tags"] if is_custom(part)})
    return json_answer(200, {"totalCount": len(found), "tags": [shown_tag(part) for part in found.values()]})


def _wanted(body: Any) -> list[Obj]:
    if not isinstance(body, dict) or not isinstance(body.get("tags"), list) or not body["tags"]:
        raise in_body("tags", "must not be empty")
    wrong, wanted = [], []
    for at, part in enumerate(body["tags"]):
        key, value = (part.get("key"), part.get("value")) if isinstance(part, dict) else (None, None)
        if not isinstance(key, str) or not key.strip():
            wrong.append(Violation(f"tags[{at}].key", "must not be blank"))
        elif not isinstance(value, str | None) or (isinstance(part, dict) and set(part) - {"key", "value"}):
            wrong.append(Violation(f"tags[{at}]", "has a key and a value, both texts"))
        else:
            wanted.append(tag(key, value))
    if wrong:
        raise Refusal(400, CONSTRAINTS, wrong)
    return wanted


def _add(env: Environment, call: Call) -> Answer:
    """Adds what is missing and takes nothing away; nothing matched is no error."""
    chosen, wanted = _chosen(env, call), _wanted(call.body)
    after = [(entity, [*entity["tags"], *(part for part in wanted if part not in entity["tags"])]) for entity in chosen]
    for entity, tags in after:
        if sum(map(is_custom, tags)) > MOST:
            raise in_body("tags", f"{entity['id']} would have more than {MOST} custom tags")
    for entity, tags in after:
        env.entities.put({**entity, "tags": tags})
    applied = [shown_tag(part) for part in wanted] if chosen else []
    return json_answer(200, {"matchedEntitiesCount": len(chosen), "appliedTags": applied})


def _remove(env: Environment, call: Call) -> Answer:
    """`key` with `value`, `key` alone for the tag without a value, or all values with `deleteAllWithKey`."""
    key, value = call.query.get("key"), call.query.get("value")
    if not key:
        raise in_query("key", "must not be null")
    all_values = call.query.get("deleteAllWithKey", "false")
    if all_values not in ("true", "false"):
        raise in_query("deleteAllWithKey", "must be true or false")
    chosen = _chosen(env, call)

    def goes(part: Obj) -> bool:
        fits = all_values == "true" or part.get("value") == value
        return is_custom(part) and part["key"] == key and fits

    for entity in chosen:
        env.entities.put({**entity, "tags": [part for part in entity["tags"] if not goes(part)]})
    return json_answer(200, {"matchedEntitiesCount": len(chosen)})


ROUTES: tuple[Route[Environment], ...] = (
    Route("GET", "/api/v2/tags", _list),
    Route("POST", "/api/v2/tags", _add),
    Route("DELETE", "/api/v2/tags", _remove),
)
