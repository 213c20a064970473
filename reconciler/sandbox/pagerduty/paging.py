"""Lists as PagerDuty cuts them: by offset, by cursor, before and after; query, order and includes (sheet 2)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable
from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.pagerduty.tenant import arguments
from reconciler.sandbox.routes import Call

DEFAULT = 25
MOST = 100
CEILING = 10_000

Show = Callable[[Obj], Obj]


def many(call: Call, key: str) -> list[str]:
    """All values of a query parameter that repeats: `team_ids[]=P1&team_ids[]=P2`."""
    return [value for name, value in call.request.query if name == key]


def includes(call: Call) -> frozenset[str]:
    return frozenset(many(call, "include[]"))


def _number(call: Call, key: str, default: int) -> int:
    value = call.query.get(key, str(default))
    if not (value.isascii() and value.isdecimal()) or len(value) > 9:
        raise arguments(f"{key} must be a number, not {value!r}")
    return int(value)


def truth(call: Call, key: str) -> bool | None:
    """A flag of the query, in lower case only (sheet 1); `None` when it is not there."""
    value = call.query.get(key)
    if value is None:
        return None
    if value not in ("true", "false"):
        raise arguments(f"{key} must be true or false, not {value!r}")
    return value == "true"


def limit(call: Call) -> int:
    return max(1, min(MOST, _number(call, "limit", DEFAULT)))


def classic(call: Call, envelope: str, objs: list[Obj], show: Show) -> Obj:
    """The page asked for by limit and offset; 400 beyond the 10,000th object."""
    size, offset = limit(call), _number(call, "offset", 0)
    if offset + size > CEILING:
        raise arguments("Offset and limit must not reach beyond 10000 objects")
    total = len(objs) if truth(call, "total") else None
    shown = [show(obj) for obj in objs[offset : offset + size]]
    return {envelope: shown, "limit": size, "offset": offset, "more": offset + size < len(objs), "total": total}


def _place(token: str | None, name: str) -> int:
    """Where a token leads. Raises 400 for one the vendor did not make."""
    if not token:
        return 0
    try:
        place = int(base64.urlsafe_b64decode(token.encode()).decode("ascii").removeprefix("at:"))
    except (ValueError, binascii.Error):
        raise arguments(f"{name} is not valid") from None
    if place < 0:
        raise arguments(f"{name} is not valid")
    return place


def _token(place: int) -> str:
    return base64.urlsafe_b64encode(f"at:{place}".encode()).decode()


def by_cursor(call: Call, envelope: str, objs: list[Obj], show: Show) -> Obj:
    size, start = limit(call), _place(call.query.get("cursor"), "cursor")
    left = start + size < len(objs)
    shown = [show(obj) for obj in objs[start : start + size]]
    return {envelope: shown, "limit": size, "next_cursor": _token(start + size) if left else None}


def between(call: Call, envelope: str, objs: list[Obj], show: Show) -> Obj:
    """The page after or before a token; `total` only when asked for."""
    size = limit(call)
    start = _place(call.query.get("after"), "after")
    if "before" in call.query:
        start = max(0, _place(call.query["before"], "before") - size)
    body: Obj = {envelope: [show(obj) for obj in objs[start : start + size]]}
    body["after"] = _token(start + size) if start + size < len(objs) else None
    body["before"] = _token(start) if start else None
    if truth(call, "total"):
        body["total"] = len(objs)
    return body


def queried(objs: Iterable[Obj], call: Call, *fields: str) -> list[Obj]:
    """The objects in which one of the fields holds the text of `query=`."""
    query = call.query.get("query", "").casefold()
    if not query:
        return list(objs)
    return [obj for obj in objs if any(query in str(obj.get(field) or "").casefold() for field in fields)]


def ordered(objs: list[Obj], call: Call, *fields: str, default: str = "") -> list[Obj]:
    """The objects in the order of `sort_by=`, `name:desc`; as they were made where nothing is asked for."""
    wanted = call.query.get("sort_by") or default
    if not wanted:
        return objs
    field, _, direction = wanted.partition(":")
    if field not in fields or direction not in ("", "asc", "desc"):
        raise arguments(f"sort_by cannot be {wanted!r}")

    def key(obj: Obj) -> Any:
        return str(obj.get(field) or "").casefold(), obj["id"]

    return sorted(objs, key=key, reverse=direction == "desc")
