"""Queries of monitors, by type: the grammars of the sheet (3), and the number each must have in common with options."""

from __future__ import annotations

import re
from dataclasses import dataclass

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.datadog.body import monitor_id
from reconciler.sandbox.datadog.tenant import Refusal, Tenant
from reconciler.sandbox.datadog.vocabulary import METRIC_TYPES

QUOTED = r'"(?:[^"\\]|\\.)*"'
ARGUMENTS = rf"(?:{QUOTED}(?:\s*,\s*{QUOTED})*)?"
CALLS = rf"(?P<calls>(?:\.\w+\({ARGUMENTS}\))*)"
COMPARED = r"\s*(?P<op><=|>=|==|!=|<|>)\s*(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?|threshold)"
LAST = r"\.last\(\"(?P<window>[^\"]*)\"\)"
METRIC = re.compile(
    r"(?P<how>avg|sum|min|max|change|pct_change)"
    r"\((?:(?P<window>[^()]+)|(?:avg|sum|min|max)\((?P<inner>[^()]+)\)\s*,\s*\d+[mhdw]_ago)\)"
    rf":.*\w:[\w.]+\{{[^{{}}]*\}}(?:[^<>=!]|\w=(?!=))*?{COMPARED}",  # `direction='above'` is no comparison
    re.DOTALL,
)
FORMULA = re.compile(rf"formula\({QUOTED}\){CALLS}{COMPARED}", re.DOTALL)
SERVICE_CHECK = re.compile(
    rf"{QUOTED}\.over\({QUOTED}(?:\s*,\s*{QUOTED})*\)(?:\.exclude\({ARGUMENTS}\))?"
    rf"\.by\({QUOTED}(?:\s*,\s*{QUOTED})*\)\.last\((?P<early>\d{{1,6}})\)\.count_by_status\(\)"
    rf"|{QUOTED}\.over\({QUOTED}(?:\s*,\s*{QUOTED})*\)(?:\.exclude\({ARGUMENTS}\))?"
    rf"\.last\((?P<late>\d{{1,6}})\)\.by\({QUOTED}(?:\s*,\s*{QUOTED})*\)\.count_by_status\(\)"
)
PROCESS = re.compile(
    r"processes\([^()]*\)\.over\([^()]*\)\.rollup\([\"']count[\"']\)\.last\([\"']\d+[smhd][\"']\)" + COMPARED
)
COST = re.compile(
    rf"formula\({QUOTED}\)\.(?:last|current)\(\"\d+[dwm]o?\"\)(?:\.(?:change|anomaly|forecast)\([^()]*\))?{COMPARED}"
)
OBJECTIVE = re.compile(
    r"(?P<budget>error_budget|burn_rate)\(\"(?P<slo>[^\"]*)\"\)\.over\(\"(?:7d|30d|90d)\"\)"
    rf"{CALLS}\s*(?P<op>>=|>)\s*(?P<number>-?\d+(?:\.\d+)?)"
)
ERRORS = r"\.source\(\"(?:all|browser|mobile|backend)\"\)"
SOURCES = {
    "log alert": "logs",
    "event-v2 alert": "events",
    "audit alert": "audits",
    "ci-pipelines alert": "ci-pipelines",
    "ci-tests alert": "ci-tests",
    "database-monitoring alert": "database-monitoring",
    "network-performance alert": "network-performance",
    "network-path alert": "network-path",
    "error-tracking alert": "error-tracking",
    "rum alert": "rum",
}
SEARCHES = {
    kind: re.compile(rf"{re.escape(source)}\({QUOTED}\){CALLS}{LAST}{COMPARED}", re.DOTALL)
    for kind, source in SOURCES.items()
}
ROLLUP = re.compile(rf"\.rollup\(\"(?P<method>[^\"]*)\"(?P<measure>\s*,\s*{QUOTED})?\)")
ENDING = re.compile(rf".*?{COMPARED}", re.DOTALL)
OPERAND = re.compile(r"\d+")
SIMPLER = (r"\(\s*X\s*\)", r"!\s*X", r"X\s*(?:&&|\|\|)\s*X")


@dataclass(frozen=True)
class Asked:
    """What the sandbox reads out of a query: the number it compares with, a word in its place, groups."""

    number: str | None
    grouped: bool


def wrong(said: str) -> Refusal:
    return Refusal(400, f"The value provided for parameter 'query' is invalid: {said}")


def composed_of(query: str) -> list[int | None]:
    """The monitors a composite names, `None` for a number that can be none."""
    return [monitor_id(found) for found in OPERAND.findall(query)]


def objective_of(query: str) -> str | None:
    found = OBJECTIVE.fullmatch(query)
    return found["slo"] if found else None


def read(tenant: Tenant, kind: str, query: str, options: Obj) -> Asked:
    """The query, held against the grammar of its type and the options beside it. Raises 400."""
    if kind == "composite":
        _check_composite(tenant, query)
        return Asked(None, grouped=False)
    if kind == "service check":
        _check_count(query, options)
        return Asked(None, grouped=True)
    found = _matched(tenant, kind, query, options)
    number = found["number"] if found else None
    if number is not None:
        _check_critical(number, options.get("thresholds") or {})
    return Asked(number, bool(re.search(r"\bby\s*\{[^{}*]+\}|\.by\(\"[^\"*]+\"", query)))


def _matched(tenant: Tenant, kind: str, query: str, options: Obj) -> re.Match[str] | None:
    formula = FORMULA.fullmatch(query) if options.get("variables") is not None else None
    if formula and (kind in METRIC_TYPES or kind in SOURCES):
        return formula
    if kind in METRIC_TYPES:
        return _metric(query)
    if kind in SEARCHES:
        return _search(kind, query)
    match kind:
        case "process alert":
            return _needed(PROCESS.fullmatch(query), query)
        case "cost alert":
            return _needed(COST.fullmatch(query), query)
        case "slo alert":
            found = _needed(OBJECTIVE.fullmatch(query), query)
            if found["slo"] not in tenant.of("slos"):
                raise wrong(f"there is no SLO {found['slo']!r}")
            return found
        case _:  # the sheet has no grammar for these
            return ENDING.fullmatch(query)


def _needed(found: re.Match[str] | None, query: str) -> re.Match[str]:
    if found is None:
        raise wrong(f"it does not follow the grammar of its type: {query[:200]}")
    return found


def _metric(query: str) -> re.Match[str]:
    found = _needed(METRIC.fullmatch(query), query)
    changes = found["how"] in ("change", "pct_change")
    if changes != (found["inner"] is not None):
        raise wrong(f"{found['how']} takes {'an aggregation and a shift' if changes else 'a window'}")
    window = found["inner"] or found["window"]
    minutes, hours = (2880, 48) if changes else (10_080, 168)
    days = ("last_1d", "last_2d") if changes else ("last_1d", "last_1w")
    if window not in days and not _within(window.removeprefix("last_"), minutes, hours):
        raise wrong(f"{window!r} is no window that can be evaluated")
    return found


def _within(window: str, minutes: int, hours: int) -> bool:
    found = re.fullmatch(r"([1-9]\d{0,5})([mh])", window)
    return found is not None and int(found[1]) <= (minutes if found[2] == "m" else hours)


def _search(kind: str, query: str) -> re.Match[str]:
    found = _needed(SEARCHES[kind].fullmatch(query), query)
    if not _within(found["window"], 2880, 48):
        raise wrong(f"{found['window']!r} is no window that can be evaluated")
    calls = found["calls"]
    rollup = ROLLUP.search(calls)
    if rollup is None and kind != "error-tracking alert":
        raise wrong("it has no rollup")
    if rollup and rollup["method"] not in ("count", "avg", "cardinality"):
        raise wrong(f"{rollup['method']!r} is no method of rollup")
    if rollup and rollup["method"] != "count" and not rollup["measure"]:
        raise wrong(f"{rollup['method']} needs a measure")
    if kind == "error-tracking alert" and not re.search(r"\.(?:new|impact)\(\)", calls):
        raise wrong("it must ask for new() or impact()")
    if kind == "error-tracking alert" and not re.search(r"\.by\([^)]*\"issue\.id\"", calls):
        raise wrong('it must be grouped by "issue.id"')
    if kind == "error-tracking alert" and ".source(" in calls and not re.search(ERRORS, calls):
        raise wrong("its source is none of all, browser, mobile, backend")
    if kind == "network-path alert" and not re.search(r"\.index\(\"netpath-(?:path|hop)\"\)", calls):
        raise wrong("its index is none of netpath-path, netpath-hop")
    return found


def _check_critical(number: str, thresholds: Obj) -> None:
    """The number is the critical threshold; the word `threshold` stands for a query in its place."""
    if number == "threshold":
        if not thresholds.get("critical_query"):
            raise wrong("threshold needs a critical_query")
        return
    critical = thresholds.get("critical")
    if critical is not None and critical != float(number):
        raise wrong(f"Alert threshold ({critical}) does not match that used in the query ({float(number)})")


def _check_count(query: str, options: Obj) -> None:
    found = _needed(SERVICE_CHECK.fullmatch(query), query)
    count = int(found["early"] or found["late"])
    numbers = [value for value in (options.get("thresholds") or {}).values() if isinstance(value, float)]
    if not 1 <= count <= 100 or any(value > count for value in numbers):
        raise wrong(f"last({count}) must be at most 100 and no less than the largest threshold")


def _check_composite(tenant: Tenant, query: str) -> None:
    if tenant.settings.composite == "plain" and re.search(r"[!()]", query):
        raise wrong("a composite joins ids by && and ||")
    left, before = OPERAND.sub("X", query).strip(), ""
    while left != before:
        before = left
        for form in SIMPLER:
            left = re.sub(form, "X", left)
    if left != "X":
        raise wrong(f"it is no expression over ids: {query[:200]}")
    monitors = tenant.of("monitors")
    if any(ident not in monitors or monitors.items[ident]["type"] == "composite" for ident in composed_of(query)):
        raise Refusal(400, "Some monitor IDs are invalid")
