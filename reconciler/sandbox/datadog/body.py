"""Bodies and queries as Datadog takes them: unknown keys dropped, JSON:API envelopes, numbers, flags, tags."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.datadog.tenant import Refusal
from reconciler.sandbox.fields import Check, Invalid, record, wrong_type
from reconciler.sandbox.routes import Call


def known(fields: Mapping[str, Check], required: Collection[str] = ()) -> Check:
    """An object of these fields, nulls checked as well; what it holds beside them is dropped (sheet 3)."""
    inner = record(fields, required, nulls="checked", unknown="kept")
    return lambda value, path: {key: part for key, part in inner(value, path).items() if key in fields}


def closed(fields: Mapping[str, Check], required: Collection[str] = ()) -> Check:
    """An object of these fields and no others (sheet 7)."""
    inner = record(fields, required, nulls="checked")

    def check(value: Any, path: str) -> Any:
        extra = [key for key in value if key not in fields] if isinstance(value, dict) else []
        if extra:
            listed = ", ".join(map(repr, extra))
            verb = "was" if len(extra) == 1 else "were"
            raise Refusal(400, f"Additional properties are not allowed ({listed} {verb} unexpected)")
        return inner(value, path)

    return check


def data(call: Call, kind: str | None = None, idents: tuple[str, ...] = ()) -> Obj:
    """The attributes of a JSON:API body. `kind` is the type it must say, `idents` the ids of which it must say one."""
    body = call.body if isinstance(call.body, dict) else {}
    inner = body.get("data")
    if not isinstance(inner, dict) or not isinstance(inner.get("attributes"), dict):
        raise Refusal(400, "Invalid payload: data.attributes is required")
    if kind is not None and inner.get("type") != kind:
        raise Refusal(400, f'got type "{inner.get("type") or ""}" expected one of "{kind}"')
    if idents and inner.get("id") not in idents:
        raise Refusal(400, "Invalid payload: data.id must be the id of the path")
    attributes: Obj = inner["attributes"]
    return attributes


def number(call: Call, key: str, default: int, most: int | None = None, least: int = 0) -> int:
    value = call.query.get(key, str(default))
    if not (value.isascii() and value.isdecimal()) or len(value) > 18:
        raise Refusal(400, f"The value provided for parameter '{key}' is invalid: {value!r} is no number")
    found = int(value)
    if found < least or (most is not None and found > most):
        raise Refusal(400, f"The value provided for parameter '{key}' is invalid: {found} is out of range")
    return found


def monitor_id(written: str) -> int | None:
    """The id of a monitor out of a path or a query; `None` where it can be none."""
    return int(written) if written.isascii() and written.isdecimal() and len(written) <= 18 else None


def truth(call: Call, key: str) -> bool:
    return call.query.get(key, "").lower() == "true"


def words(call: Call, key: str) -> list[str]:
    """What a parameter lists between commas."""
    return [part.strip() for part in call.query.get(key, "").split(",") if part.strip()]


def distinct(tags: list[str]) -> list[str]:
    """Tags are a set; the first of those alike stays."""
    return list(dict.fromkeys(tags))


def decimal(least: float | None = None, most: float | None = None) -> Check:
    """A number, kept as one with a fraction."""

    def check(value: Any, path: str) -> float:
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            raise wrong_type(value, path, "a number")
        if not abs(value) <= 1e300 or (least is not None and value < least) or (most is not None and value > most):
            raise Invalid({path: f"{value} is out of range"})
        return float(value)

    return check
