"""Instants as the v2 paths take them: milliseconds, ISO 8601, or back from now (`now-24h`)."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from reconciler.sandbox.dynatrace.environment import Environment, in_query

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
UNITS = {"m": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY, "M": 30 * DAY, "y": 365 * DAY}
RELATIVE = re.compile(r"now(?:([-+])(\d{1,6})([mhdwMy]))?")


def read_instant(env: Environment, text: str, parameter: str) -> int:
    """Milliseconds since 1970. Raises a refusal that names the parameter."""
    relative = RELATIVE.fullmatch(text)
    if relative:
        sign, amount, unit = relative.groups()
        return env.now() + (int(f"{sign}{amount}") * UNITS[unit] if sign else 0)
    if re.fullmatch(r"-?\d{1,15}", text):
        return int(text)
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        raise in_query(parameter, f"The timestamp '{text}' is not valid.") from None
    return round((parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp() * 1000)


def read_window(env: Environment, query: dict[str, str], first: str) -> tuple[int, int]:
    """`from` and `to` of a query; `first` is the default of `from`."""
    start = read_instant(env, query.get("from", first), "from")
    end = read_instant(env, query.get("to", "now"), "to")
    if start > end:
        raise in_query("from", "The start of the timeframe lies after its end.")
    return start, end


def read_size(text: str, parameter: str, most: int | None) -> int:
    """A page size of 1 to `most`."""
    if not re.fullmatch(r"\d{1,9}", text) or int(text) < 1 or (most is not None and int(text) > most):
        wanted = "at least 1" if most is None else f"between 1 and {most}"
        raise in_query(parameter, f"The value must be {wanted}, is '{text}'.")
    return int(text)
