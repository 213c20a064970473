"""What an SLO measures: queries of two metrics, a count over formulas, slices of time (sheet 8)."""

from __future__ import annotations

import re
from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.datadog.body import closed, decimal, known
from reconciler.sandbox.datadog.tenant import Refusal
from reconciler.sandbox.datadog.vocabulary import SLO_COMPARATORS, SLO_INTERVALS
from reconciler.sandbox.fields import Check, Invalid, items, text, whole, word

FORMULA = known({"formula": text(least=1)}, ("formula",))
SOURCE: dict[str, Check] = {"data_source": word("metrics"), "name": text(least=1), "query": text(least=1)}
SOURCES = items(known(SOURCE, ("data_source", "name", "query")), least=1)


def _interval(value: Any, path: str) -> int:
    if whole()(value, path) not in SLO_INTERVALS:
        raise Invalid({path: f"must be one of {', '.join(map(str, SLO_INTERVALS))}, is {value}"})
    return int(value)


SLICE = known(
    {
        "query": known({"formulas": items(FORMULA, least=1, most=1), "queries": SOURCES}, ("formulas", "queries")),
        "comparator": word(*SLO_COMPARATORS),
        "threshold": decimal(),
        "query_interval_seconds": _interval,
    },
    ("query", "comparator", "threshold"),
)
COUNT = known(
    {
        "good_events_formula": FORMULA,
        "total_events_formula": FORMULA,
        "bad_events_formula": FORMULA,
        "queries": SOURCES,
    },
    ("good_events_formula", "queries"),
)
QUERY = known({"numerator": text(least=1), "denominator": text(least=1)}, ("numerator", "denominator"))
CHECK = closed({"time_slice": SLICE, "count": COUNT})


def _spelt(formula: str, queries: list[Obj]) -> str:
    """A formula with the queries in the place of their names."""
    by_name = {part["name"]: part["query"] for part in queries}
    return re.sub(r"\w+", lambda found: by_name.get(found[0], found[0]), formula)


def _as_query(count: Obj) -> Obj:
    good = _spelt(count["good_events_formula"]["formula"], count["queries"])
    if "total_events_formula" in count:
        return {"numerator": good, "denominator": _spelt(count["total_events_formula"]["formula"], count["queries"])}
    bad = _spelt(count["bad_events_formula"]["formula"], count["queries"])
    return {"numerator": good, "denominator": f"({good}) + ({bad})"}


def _as_count(query: Obj) -> Obj:
    texts = (query["numerator"], query["denominator"])
    named = [{"data_source": "metrics", "name": f"query{at}", "query": part} for at, part in enumerate(texts, 1)]
    return {
        "good_events_formula": {"formula": "query1"},
        "total_events_formula": {"formula": "query2"},
        "queries": named,
    }


def settled(kind: str, body: Obj) -> Obj:
    """`query` and `sli_specification` as stored: of a metric SLO each follows from the other. Raises 400."""
    given = body.get("sli_specification") or {}
    if kind == "time_slice":
        if set(given) != {"time_slice"}:
            raise Refusal(400, "Invalid payload: must specify the sli_specification.time_slice for time slice types")
        part = {"query_interval_seconds": SLO_INTERVALS[1], **given["time_slice"]}
        return {"query": None, "sli_specification": {"time_slice": part}}
    if kind == "monitor":
        return {"query": None, "sli_specification": None}
    if "time_slice" in given:
        raise Refusal(400, "Invalid payload: time_slice is for time slice types")
    count = given.get("count")
    if count is not None:
        if ("total_events_formula" in count) == ("bad_events_formula" in count):
            raise Refusal(400, "Invalid payload: one of total_events_formula, bad_events_formula must be given")
        return {"query": _as_query(count), "sli_specification": {"count": count}}
    if body.get("query") is None:
        raise Refusal(400, "Invalid payload: must specify the query for count types")
    return {"query": body["query"], "sli_specification": {"count": _as_count(body["query"])}}
