"""The entity selector: criteria with commas between, exactly one entity type on every level (sheet 4)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.dynatrace.environment import Environment, Refusal, in_query
from reconciler.sandbox.dynatrace.instant import read_instant

LONGEST = 2000
UNTYPED = "The entitySelector parameter must contain entity type information on all levels, by type() or entityId()."
CRITERION = re.compile(r"([a-zA-Z]+(?:\.[a-zA-Z]+)*)\((.*)\)", re.DOTALL)
TAG = re.compile(r"(?:\[([A-Za-z_ ]+)\])?((?:[^:\\]|\\.)+)(?::(.*))?", re.DOTALL)

Fits = Callable[[Obj], bool]


@dataclass(frozen=True)
class Selector:
    """What an entity must be: of `types`, or one of `ids`, and fit all criteria."""

    types: frozenset[str]
    ids: frozenset[str]
    criteria: tuple[Fits, ...]

    def fits(self, entity: Obj) -> bool:
        if self.types and entity["type"] not in self.types:
            return False
        if self.ids and entity["id"] not in self.ids:
            return False
        return all(criterion(entity) for criterion in self.criteria)


def selected(env: Environment, text: str, window: tuple[int, int]) -> list[Obj]:
    """The entities the selector fits that were seen in the window. Raises a refusal for a selector that is none."""
    chosen, now = parsed(env, text), env.now()
    near = env.entities.named(next(iter(chosen.types))) if chosen.types else env.entities
    return [entity for entity in near if chosen.fits(entity) and seen(entity, window, now)]


def seen(entity: Obj, window: tuple[int, int], now: int) -> bool:
    start, end = window
    return last_seen(entity, now) >= start and bool(entity["firstSeenTms"] <= end)


def last_seen(entity: Obj, now: int) -> int:
    """What has no last day yet still reports."""
    return now if entity["lastSeenTms"] is None else int(entity["lastSeenTms"])


def parsed(env: Environment, text: str) -> Selector:
    if len(text) > LONGEST:
        raise _wrong(f"must have at most {LONGEST} characters, has {len(text)}")
    types: set[str] = set()
    ids: set[str] = set()
    criteria: list[Fits] = []
    for part in split(text):
        name, arguments = _criterion(part)
        if name == "type":
            types.update(arguments)
        elif name == "entityId":
            ids.update(arguments)
        elif name != "deletedEntities.include":  # the sandbox holds none
            criteria.append(_fits(env, name, arguments))
    if not types and not ids:
        raise in_query("entitySelector", UNTYPED)
    if len(types) > 1 or len({ident.rpartition("-")[0] for ident in ids}) > 1:
        raise _wrong("must name exactly one entity type")
    return Selector(frozenset(types), frozenset(ids), tuple(criteria))


def split(text: str, parameter: str = "entitySelector") -> list[str]:
    """Parts with commas between, but not inside quotes or parentheses."""
    parts, start, depth, quoted = [], 0, 0, False
    for at, char in enumerate(text):
        if char == '"':
            quoted = not quoted
        elif quoted:
            continue
        elif char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
        elif char == "," and depth == 0:
            parts.append(text[start:at].strip())
            start = at + 1
    if quoted or depth:
        raise in_query(parameter, "The selector has quotes or parentheses that do not match.")
    return [*parts, text[start:].strip()]


def _criterion(text: str) -> tuple[str, list[str]]:
    found = CRITERION.fullmatch(text)
    if found is None:
        raise _wrong(f"cannot be read at '{text}'")
    return found[1], [_plain(part) for part in split(found[2])] if found[2].strip() else []


def _plain(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text


def _fits(env: Environment, name: str, arguments: list[str]) -> Fits:
    head, _, operator = name.partition(".")
    if not arguments and operator != "exists":
        raise _wrong(f"names nothing in {name}()")
    match head:
        case "tag":
            return _tagged(env, arguments)
        case "entityName":
            return _named(operator or "contains", arguments)
        case "mzId" | "mzName":
            field = head[2:].lower()
            return lambda entity: any(str(zone[field]) in arguments for zone in entity["managementZones"])
        case "healthState":
            return lambda entity: entity.get("healthState", "HEALTHY") in arguments
        case "firstSeenTms":
            return _first_seen(env, operator, arguments[0])
        case "fromRelationships" | "fromRelationship" | "toRelationships" | "toRelationship":
            return _related(env, head.removesuffix("s"), operator, arguments)
        case "not":
            return _negated(env, arguments)
        case "caseSensitive":
            inner, wanted = _criterion(arguments[0])
            return _named(inner.partition(".")[2] or "contains", wanted, str)
    if operator == "exists":
        return lambda entity: head in entity["properties"]
    return lambda entity: str(entity["properties"].get(head)) in arguments


def _negated(env: Environment, arguments: list[str]) -> Fits:
    name, inner = _criterion(arguments[0])
    if name in ("type", "entityId"):
        raise _wrong(f"must not negate {name}()")
    fits = _fits(env, name, inner)
    return lambda entity: not fits(entity)


def _named(operator: str, arguments: list[str], case: Callable[[str], str] = str.lower) -> Fits:
    wanted = [case(argument) for argument in arguments]
    match operator:
        case "contains":
            return lambda entity: wanted[0] in case(entity["displayName"])
        case "equals" | "in":
            return lambda entity: case(entity["displayName"]) in wanted
        case "startsWith":
            return lambda entity: case(entity["displayName"]).startswith(wanted[0])
    raise _wrong(f"has no entityName.{operator}()")


def _first_seen(env: Environment, operator: str, argument: str) -> Fits:
    instant = read_instant(env, argument, "entitySelector")
    compare: dict[str, Fits] = {
        "lt": lambda entity: entity["firstSeenTms"] < instant,
        "lte": lambda entity: entity["firstSeenTms"] <= instant,
        "gt": lambda entity: entity["firstSeenTms"] > instant,
        "gte": lambda entity: entity["firstSeenTms"] >= instant,
    }
    if operator not in compare:
        raise _wrong(f"has no firstSeenTms.{operator}()")
    return compare[operator]


def _related(env: Environment, head: str, operator: str, arguments: list[str]) -> Fits:
    """Entities at the other end of a relationship must fit a selector of their own, type and all."""
    inner = parsed(env, ",".join(arguments))

    def ahead(entity: Obj) -> bool:
        return any(inner.fits(env.entities.items[ident]) for ident in entity["from"].get(operator, ()))

    def behind(entity: Obj) -> bool:
        others = (other for other in env.entities if entity["id"] in other["from"].get(operator, ()))
        return any(inner.fits(other) for other in others)

    return ahead if head == "fromRelationship" else behind


def read_tag(text: str) -> tuple[str, str, str | None]:
    """Context, key and value of `[CONTEXT]key:value`."""
    found = TAG.fullmatch(text)
    if found is None:
        raise _wrong(f"has no tag in '{text}'")
    plain = re.compile(r"\\(.)")
    value = None if found[3] is None else plain.sub(r"\1", found[3])
    return (found[1] or "CONTEXTLESS").upper().replace(" ", "_"), plain.sub(r"\1", found[2]), value


def _tagged(env: Environment, arguments: list[str]) -> Fits:
    wanted = {read_tag(argument) for argument in arguments}
    loose = env.settings.bare_tags == "any_value"
    bare = {(context, key) for context, key, value in wanted if value is None} if loose else set()

    def fits(entity: Obj) -> bool:
        for tag in entity["tags"]:
            pair = (tag["context"], tag["key"])
            if (*pair, tag.get("value")) in wanted or pair in bare:
                return True
        return False

    return fits


def _wrong(text: str) -> Refusal:
    return in_query("entitySelector", f"The entity selector {text}.")
