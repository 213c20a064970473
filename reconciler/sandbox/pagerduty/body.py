"""Bodies as PagerDuty takes them: wrapped, unknown keys ignored, instants, zones, references."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.fields import Check, Invalid, record, text, wrong_type
from reconciler.sandbox.pagerduty.tenant import Refusal, invalid, zulu
from reconciler.sandbox.routes import Call

YEARS = range(1971, 3000)  # so that no sum of times leaves what dates can say
TIME_OF_DAY = text(pattern=r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d")
# Sheet 3.4 and 3.5: no blank name, nothing that cannot be printed, no space at the end.
NAME = text(least=1, pattern=r"[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f]")


def known(fields: Mapping[str, Check], required: Collection[str] = ()) -> Check:
    """An object of these fields, nulls checked as well; what it holds beside them is ignored (sheet 1)."""
    inner = record(fields, required, nulls="checked")

    def check(value: Any, path: str) -> Any:
        if not isinstance(value, dict):
            raise wrong_type(value, path or "body", "an object")
        return inner({key: part for key, part in value.items() if key in fields}, path)

    return check


def unwrapped(call: Call, wrapper: str) -> Obj:
    """What the body holds under its wrapper; 400 where there is none (sheet 6.2)."""
    body = call.body
    if not isinstance(body, dict) or not isinstance(body.get(wrapper), dict):
        raise Refusal(400, 2001, "Invalid Input Provided", (f"The body must hold the object under {wrapper!r}",))
    inner: Obj = body[wrapper]
    return inner


def sentences(wrong: Invalid) -> Refusal:
    """The vendor's refusal of fields that are wrong."""
    return invalid(*(f"{path[:1].upper()}{path[1:].replace('_', ' ')} {said}" for path, said in wrong.errors.items()))


def moment(value: str) -> datetime:
    """An instant the sandbox keeps, read back."""
    return datetime.fromisoformat(value)


def instant(value: Any, path: str) -> str:
    """An instant as `2026-01-05T09:00:00Z`; one without a zone is in the account's, UTC."""
    if not isinstance(value, str):
        raise wrong_type(value, path, "a string")
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError:
        raise Invalid({path: f"is no date and time: {value!r}"}) from None
    if parsed.year not in YEARS:
        raise Invalid({path: f"is out of range: {value!r}"})
    return zulu(parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC))


def link(*kinds: str) -> Check:
    """A reference `{id, type}` of one of these kinds, kept as `{id, type}` without the `_reference`; the first kind
    is meant where no type is given."""
    allowed = {kind: kind for kind in kinds} | {f"{kind}_reference": kind for kind in kinds}

    def check(value: Any, path: str) -> Obj:
        if not isinstance(value, dict):
            raise wrong_type(value, path, "a reference")
        ident, kind = value.get("id"), value.get("type") or kinds[0]
        if not isinstance(ident, str) or not ident:
            raise Invalid({f"{path}.id": "is required"})
        if not isinstance(kind, str) or kind not in allowed:
            raise Invalid({f"{path}.type": f"{kind!r} is not one of {', '.join(allowed)}"})
        return {"id": ident, "type": allowed[kind]}

    return check


def link_id(*kinds: str) -> Check:
    """A reference, kept as its id alone."""
    inner = link(*kinds)
    return lambda value, path: inner(value, path)["id"]
