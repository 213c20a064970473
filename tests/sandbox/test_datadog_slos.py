"""Datadog's service level objectives in the sandbox: three types, derived fields, lists, what holds one."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.datadog_caller import Datadog, monitor, objective

PATH = "/api/v1/slo"
OK, ALL = "sum:req.ok{service:checkout}.as_count()", "sum:req.all{service:checkout}.as_count()"
QUERIES = [{"data_source": "metrics", "name": name, "query": query} for name, query in (("ok", OK), ("all", ALL))]
COUNT = {"good_events_formula": {"formula": "ok"}, "total_events_formula": {"formula": "all"}, "queries": QUERIES}
SLICE = {
    "query": {"formulas": [{"formula": "ok"}], "queries": QUERIES[:1]},
    "comparator": ">",
    "threshold": 5,
}
MISSING: Any = object()


def post(datadog: Datadog, **fields: Any) -> Any:
    body = {key: part for key, part in objective(**fields).items() if part is not MISSING}
    answer = datadog.made("POST", PATH, body)
    assert answer["error"] is None
    (made,) = answer["data"]
    return made


def test_a_metric_slo_is_filled_in(datadog: Datadog) -> None:
    made = post(datadog, tags=["service:checkout"])
    assert len(made.pop("id")) == 32
    creator = made.pop("creator")
    assert creator["handle"] == "ann@example.com"
    named = [
        {"data_source": "metrics", "name": "query1", "query": OK},
        {"data_source": "metrics", "name": "query2", "query": ALL},
    ]
    derived = {
        "good_events_formula": {"formula": "query1"},
        "total_events_formula": {"formula": "query2"},
        "queries": named,
    }
    assert made == {
        **objective(tags=["service:checkout"]),
        "thresholds": [{"timeframe": "30d", "target": 98.0, "target_display": "98."}],
        "description": "",
        "type_id": 1,
        "timeframe": "30d",
        "target_threshold": 98.0,
        "monitor_tags": [],
        "sli_specification": {"count": derived},
        "created_at": 1767603600,
        "modified_at": 1767603600,
    }


def test_formulas_of_a_count_give_a_query(datadog: Datadog) -> None:
    made = post(datadog, query=MISSING, sli_specification={"count": COUNT})
    assert made["query"] == {"numerator": OK, "denominator": ALL}
    assert made["sli_specification"] == {"count": COUNT}
    bad = {**{key: COUNT[key] for key in ("good_events_formula", "queries")}, "bad_events_formula": {"formula": "all"}}
    assert post(datadog, query=MISSING, sli_specification={"count": bad})["query"]["denominator"] == f"({OK}) + ({ALL})"


def test_slices_of_time_have_an_interval(datadog: Datadog) -> None:
    made = post(datadog, type="time_slice", query=MISSING, sli_specification={"time_slice": SLICE})
    assert made["sli_specification"]["time_slice"] == {**SLICE, "threshold": 5.0, "query_interval_seconds": 300}
    assert "query" not in made


def test_an_slo_over_monitors_shows_their_tags(datadog: Datadog) -> None:
    watched = datadog.made("POST", "/api/v1/monitor", monitor(tags=["a:b", "c:d"]))["id"]
    made = post(datadog, type="monitor", query=MISSING, monitor_ids=[watched], groups=["host:a"])
    assert (made["monitor_tags"], made["groups"], made["type_id"]) == (["a:b", "c:d"], ["host:a"], 0)


@pytest.mark.parametrize(
    ("target", "shown"), [(97, "97."), (99.5, "99.5"), (99.999, "99.999"), (100, "100."), (0, "0.")]
)
def test_targets_are_shown_with_a_point(datadog: Datadog, target: float, shown: str) -> None:
    (threshold,) = post(datadog, thresholds=[{"timeframe": "7d", "target": target}])["thresholds"]
    assert (threshold["target"], threshold["target_display"]) == (target, shown)


def test_the_primary_threshold_is_the_named_or_the_first(datadog: Datadog) -> None:
    thresholds = [{"timeframe": "90d", "target": 90, "warning": 95}, {"timeframe": "7d", "target": 80}]
    first = post(datadog, thresholds=thresholds)
    assert [part["timeframe"] for part in first["thresholds"]] == ["90d", "7d"]
    assert (first["timeframe"], first["target_threshold"], first["warning_threshold"]) == ("90d", 90, 95)
    named = post(datadog, thresholds=thresholds, timeframe="7d")
    assert (named["timeframe"], named["target_threshold"], "warning_threshold" in named) == ("7d", 80, False)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"query": MISSING}, "Invalid payload: must specify the query for count types"),
        ({"type": "monitor"}, "Invalid payload: must specify monitor_ids"),
        ({"type": "monitor", "monitor_ids": []}, "Invalid payload: must specify monitor_ids"),
        ({"type": "monitor", "monitor_ids": [5]}, "no monitor 5"),
        ({"type": "time_slice"}, "time_slice"),
        ({"type": "time_slice", "sli_specification": {"count": COUNT}}, "time_slice"),
        ({"sli_specification": {"time_slice": SLICE}}, "time slice types"),
        ({"sli_specification": {"ratio": {}}}, "Additional properties are not allowed"),
        ({"sli_specification": {"count": {**COUNT, "bad_events_formula": {"formula": "all"}}}}, "one of"),
        (
            {"type": "time_slice", "sli_specification": {"time_slice": {**SLICE, "query_interval_seconds": 30}}},
            "60, 300",
        ),
        ({"type": "time_slice", "sli_specification": {"time_slice": {**SLICE, "comparator": "=="}}}, "not one of"),
        ({"type": "latency"}, "not one of"),
        ({"name": MISSING}, "name is required"),
        ({"thresholds": []}, "at least 1"),
        ({"thresholds": [{"timeframe": "custom", "target": 9}]}, "not one of"),
        ({"thresholds": [{"timeframe": "7d", "target": 101}]}, "out of range"),
        ({"thresholds": [{"timeframe": "7d", "target": 99, "warning": 98}]}, "above its target"),
        ({"thresholds": [{"timeframe": "7d", "target": 99}] * 2}, "timeframes of their own"),
        ({"timeframe": "90d"}, "no threshold has the timeframe 90d"),
        ({"tags": "a:b"}, "must be an array"),
    ],
)
def test_a_wrong_slo_is_refused(datadog: Datadog, fields: Any, said: str) -> None:
    body = {key: part for key, part in objective(**fields).items() if part is not MISSING}
    status, (error,) = datadog.errors("POST", PATH, body)
    assert (status, said in error) == (400, True), error


def test_tags_come_in_another_order_from_call_to_call(datadog: Datadog) -> None:
    tags = [f"n:{at}" for at in range(4)]
    ident = post(datadog, tags=tags)["id"]
    seen = [datadog.made("GET", f"{PATH}/{ident}")["data"]["tags"] for _ in range(8)]
    assert {tuple(sorted(found)) for found in seen} == {tuple(tags)}
    assert len({tuple(found) for found in seen}) > 1


@pytest.mark.parametrize(("setting", "back"), [("lower", ["team:pay"]), ("as_sent", ["Team:Pay"])])
def test_upper_case_in_tags_may_go(datadog: Datadog, setting: str, back: list[str]) -> None:
    datadog.set(slo_tags=setting)
    assert post(datadog, tags=["Team:Pay"])["tags"] == back


def test_a_change_sends_the_whole(datadog: Datadog) -> None:
    made = post(datadog, tags=["a:b"], description="of all")
    datadog.world.clock.advance(10)
    changed = datadog.made("PUT", f"{PATH}/{made['id']}", objective(name="new"))["data"][0]
    assert (changed["name"], changed["tags"], changed["description"]) == ("new", [], "")
    assert changed["modified_at"] == changed["created_at"] + 10 == made["created_at"] + 10
    watched = datadog.made("POST", "/api/v1/monitor", monitor())["id"]
    body = objective(type="monitor", monitor_ids=[watched])
    assert datadog("PUT", f"{PATH}/{made['id']}", body)[0] == 400
    assert datadog("PUT", f"{PATH}/{made['id']}", {"name": "new"})[0] == 400


@pytest.mark.parametrize("verb", ["GET", "PUT", "DELETE"])
def test_an_unknown_one_is_said_to_be_not_found(datadog: Datadog, verb: str) -> None:
    body = objective() if verb == "PUT" else None
    assert datadog.errors(verb, f"{PATH}/abc", body) == (404, ["SLO not found: abc not found"])


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, [0, 1, 2]),
        ({"limit": "2"}, [0, 1]),
        ({"limit": "2", "offset": "2"}, [2]),
        ({"query": "SLO-1"}, [1]),
        ({"tags_query": "n:2"}, [2]),
        ({"metrics_query": "req.ok"}, [0, 1, 2]),
        ({"metrics_query": "nothing"}, []),
        ({"is_deleted": "true"}, []),
    ],
)
def test_a_list_is_filtered_and_paged(datadog: Datadog, query: dict[str, str], found: list[int]) -> None:
    idents = [post(datadog, name=f"slo-{at}", tags=[f"n:{at}"])["id"] for at in range(3)]
    answer = datadog.made("GET", PATH, **query)
    assert [slo["id"] for slo in answer["data"]] == [idents[at] for at in found]
    assert answer["metadata"]["page"]["total_count"] == 3
    assert len(datadog.made("GET", PATH, ids=",".join(idents[:2]))["data"]) == 2
    assert datadog("GET", PATH, limit="0")[0] == 400


def test_a_search_shows_another_shape(datadog: Datadog) -> None:
    ident = post(datadog, tags=["service:checkout", "env:prod"])["id"]
    post(datadog, name="other")
    answer = datadog.made("GET", f"{PATH}/search", query="checkout", **{"page[size]": "1", "page[number]": "0"})
    assert answer["data"]["type"] == "service_level_objective_search_results"
    (row,) = answer["data"]["attributes"]["slos"]
    assert (row["data"]["id"], row["data"]["type"]) == (ident, "slo")
    attributes = row["data"]["attributes"]
    assert (attributes["slo_type"], attributes["service_tags"]) == ("metric", ["service:checkout"])
    assert sorted(attributes["all_tags"]) == ["env:prod", "service:checkout"]


def test_a_dashboard_holds_an_slo(datadog: Datadog) -> None:
    ident, free = post(datadog)["id"], post(datadog, name="free")["id"]
    datadog.edit("dashboards/Board", {"slos": [ident]})
    said = f"slo {ident} is referenced in dashboard_id: board"
    assert datadog("GET", f"{PATH}/can_delete", ids=f"{ident},{free}") == (
        409,
        {"data": {"ok": [free]}, "errors": {ident: said}},
    )
    assert datadog("DELETE", f"{PATH}/{ident}") == (409, {"errors": said, "data": None})
    assert datadog.made("DELETE", f"{PATH}/{ident}", force="true") == {"data": [ident], "error": None}
    assert datadog("GET", f"{PATH}/can_delete", ids=free) == (200, {"data": {"ok": [free]}, "errors": {}})
    assert datadog("GET", f"{PATH}/can_delete", ids="absent")[0] == 400
    assert datadog.made("DELETE", f"{PATH}/{free}") == {"data": [free], "error": None}


def test_timeframes_are_deleted_in_bulk(datadog: Datadog) -> None:
    thresholds = [{"timeframe": frame, "target": 9} for frame in ("7d", "30d")]
    one, two = (post(datadog, thresholds=thresholds, name=name)["id"] for name in "ab")
    answer = datadog.made("POST", f"{PATH}/bulk_delete", {one: ["7d"], two: ["7d", "30d"], "absent": ["7d"]})
    assert answer["data"] == {"deleted": [two], "updated": [one]}
    assert [error["id"] for error in answer["errors"]] == ["absent"]
    assert datadog.made("GET", f"{PATH}/{one}")["data"]["timeframe"] == "30d"
    assert datadog("GET", f"{PATH}/{two}")[0] == 404
