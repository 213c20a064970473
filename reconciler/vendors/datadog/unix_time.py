"""Unix times as DORA takes them: seconds, milliseconds or nanoseconds since 1970, told apart by their size."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from reconciler.kinds.fields import Same
from reconciler.kinds.tree import Tree
from reconciler.kinds.wire import Wire

SECOND = 1_000_000_000  # in nanoseconds, as everything here
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = 4_102_444_800 * SECOND  # the year 2100: what lies beyond is in a unit that nobody meant
# Between the largest milliseconds and the smallest nanoseconds lie microseconds, which Datadog does not know.
_UNITS = ((1, 10**11, SECOND), (10**11, 10**14, 10**6), (10**17, 10**19, 1))
_RFC3339 = re.compile(r"(\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d)(?:\.(\d{1,9})0*)?([Zz]|[+-]\d\d:\d\d)")


def nanoseconds(value: Tree) -> int | None:
    """An instant with an offset, or a number, in nanoseconds since 1970; None where it is neither."""
    match value:
        case bool():
            return None
        case float() if value.is_integer():
            return _counted(int(value))
        case int():
            return _counted(value)
        case str():
            return _read(value)
        case _:
            return None


def _counted(number: int) -> int | None:
    instant = next((number * unit for least, end, unit in _UNITS if least <= number < end), None)
    return instant if instant is not None and instant < _LATEST else None


def _read(text: str) -> int | None:
    told = _RFC3339.fullmatch(text)
    if told is None:
        return None
    try:
        moment = datetime.fromisoformat(f"{told[1].upper()}{told[3].upper()}")
    except ValueError:
        return None
    whole = (moment - _EPOCH) // timedelta(seconds=1)
    instant = whole * SECOND + int((told[2] or "").ljust(9, "0"))
    return instant if 0 < instant < _LATEST else None


def spelled(instant: int) -> str:
    """An instant in UTC as RFC 3339 has it, as exact as it is."""
    whole, part = divmod(instant, SECOND)
    fraction = f".{part:09d}".rstrip("0") if part else ""
    return f"{_EPOCH + timedelta(seconds=whole):%Y-%m-%dT%H:%M:%S}{fraction}Z"


def _one_spelling(value: str | int) -> str:
    """However it is written, it is known by one spelling, so that equal instants are equal."""
    instant = nanoseconds(value)
    if instant is None:
        raise PydanticCustomError(
            "unix_time",
            "{text} is no instant with an offset, like 2026-09-05T01:00:00Z, and no Unix time in seconds, "
            "milliseconds or nanoseconds",
            {"text": repr(value)},
        )
    return spelled(instant)


def same(wanted: Tree, live: Tree) -> bool:
    """Whether two instants are one, as far as the less exact of them tells: what is read may be cut short."""
    one, other = nanoseconds(wanted), nanoseconds(live)
    if one is None or other is None:
        return False
    grain = max(_grain(one), _grain(other))
    return one // grain == other // grain


def _grain(instant: int) -> int:
    return next(unit for unit in (SECOND, 10**6, 10**3, 1) if instant % unit == 0)


def _to(value: Tree) -> Tree:
    instant = nanoseconds(value)
    return value if instant is None else instant


def _back(value: Tree) -> Tree:
    instant = nanoseconds(value)
    return value if instant is None else spelled(instant)


UnixTime = Annotated[str | int, AfterValidator(_one_spelling), Same(same)]
UNIX_TIME = Wire(_to, _back)
