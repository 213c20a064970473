"""Query: what a monitor's query says by itself: what it asks, over how long, and the number it compares with."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

MonitorType = Literal[
    "composite",
    "event alert",
    "log alert",
    "metric alert",
    "process alert",
    "query alert",
    "rum alert",
    "service check",
    "synthetics alert",
    "trace-analytics alert",
    "slo alert",
    "event-v2 alert",
    "audit alert",
    "ci-pipelines alert",
    "ci-tests alert",
    "error-tracking alert",
    "database-monitoring alert",
    "network-performance alert",
    "cost alert",
    "data-quality alert",
    "network-path alert",
    "data-jobs alert",
    "llm-observability alert",
]

METRIC = frozenset({"metric alert", "query alert"})

# What a query of each type begins with. `formula(` may stand in many; types that are not here begin as they will.
_SOURCES: Mapping[str, tuple[str, ...]] = {
    "log alert": ("logs",),
    "process alert": ("processes",),
    "event-v2 alert": ("events",),
    "audit alert": ("audits",),
    "ci-pipelines alert": ("ci-pipelines",),
    "ci-tests alert": ("ci-tests",),
    "error-tracking alert": ("error-tracking",),
    "database-monitoring alert": ("database-monitoring",),
    "network-performance alert": ("network-performance",),
    "network-path alert": ("network-path",),
    "slo alert": ("error_budget", "burn_rate"),
}
_OF = {source: type_ for type_, sources in _SOURCES.items() for source in sources}

_BEGINS = re.compile(r"\s*(?P<source>[a-z][a-z_-]*)\(")
_COMPARED = re.compile(r"(?:<=|>=|==|!=|<|>)\s*(?P<number>-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|threshold)\s*$")
_METRIC_WINDOW = re.compile(r"\(\s*last_(?P<count>\d+)(?P<unit>[mhdw])\s*\)")
_EVENT_WINDOW = re.compile(r"\.last\(\s*[\"'](?P<count>\d+)(?P<unit>[smhdw])[\"']\s*\)")
_CHECKS = re.compile(r"\.last\(\s*(?P<count>\d+)\s*\)")
_BUDGET_WINDOW = re.compile(r"\.over\(\s*[\"'](?P<window>[^\"']*)[\"']\s*\)")

_METRIC_MOST = {"m": 10_080, "h": 168, "d": 1, "w": 1}
_EVENT_MOST = {"m": 2_880, "h": 48}
_CHECKS_MOST = 100
_EVENT_TYPES = frozenset(_SOURCES) - {"process alert", "slo alert"}
_COMPARING = METRIC | frozenset(_SOURCES)


def compared(query: str) -> float | Literal["threshold"] | None:
    """The number at a query's end, or the word that stands for a query of its own; None where there is neither."""
    found = _COMPARED.search(query)
    if found is None:
        return None
    return "threshold" if found["number"] == "threshold" else float(found["number"])


def checks(query: str) -> int | None:
    """Over how many of its last states a service check counts."""
    found = _CHECKS.search(query)
    return int(found["count"]) if found else None


@dataclass(frozen=True)
class Flaw:
    """What is wrong with a query, for people."""

    text: str


def flaws(type_: str, query: str) -> Iterator[Flaw]:
    """What the documented form of this type of query forbids; what is not documented is let pass."""
    yield from _of_another_type(type_, query)
    if type_ in _COMPARING and compared(query) is None:
        yield Flaw(f"a query of type {type_} ends in an operator and a number: > 20")
    if type_ in METRIC:
        yield from _window(_METRIC_WINDOW, query, _METRIC_MOST, "last_")
    elif type_ in _EVENT_TYPES:
        yield from _window(_EVENT_WINDOW, query, _EVENT_MOST, "")
    elif type_ == "service check":
        count = checks(query)
        if count is not None and count > _CHECKS_MOST:
            yield Flaw(f"last({count}): a service check looks at {_CHECKS_MOST} states at most")
    elif type_ == "slo alert":
        yield from _budget(query)


def _of_another_type(type_: str, query: str) -> Iterator[Flaw]:
    found = _BEGINS.match(query)
    source = found["source"] if found else ""
    own = _SOURCES.get(type_)
    if source in _OF and _OF[source] != type_:
        yield Flaw(f"{source}(…) is the query of type {_OF[source]}, not of {type_}")
    elif own is not None and source not in (*own, "formula"):
        yield Flaw(f"a query of type {type_} begins with {' or '.join(f'{one}(' for one in own)}")
    elif type_ == "composite" and (found or '"' in query):
        yield Flaw("a composite names monitors: ${ref:datadog/Monitor/a} && ${ref:datadog/Monitor/b}")


def _window(pattern: re.Pattern[str], query: str, most: Mapping[str, int], prefix: str) -> Iterator[Flaw]:
    for found in pattern.finditer(query):
        limit = most.get(found["unit"])
        if limit is not None and not 1 <= int(found["count"]) <= limit:
            window = f"{prefix}{found['count']}{found['unit']}"
            yield Flaw(f"{window}: such a window is 1 to {limit:,}{found['unit']} long")


def _budget(query: str) -> Iterator[Flaw]:
    for found in _BUDGET_WINDOW.finditer(query):
        if found["window"] not in ("7d", "30d", "90d") and "error_budget" in query:
            yield Flaw(f"over {found['window']!r}: an error budget is one of 7d, 30d and 90d")
    operator = re.search(r"(<=|>=|==|!=|<|>)\s*[\d.]+\s*$", query)
    if operator and operator[1] not in (">", ">="):
        yield Flaw(f"{operator[1]}: an slo alert compares by > or >=")
