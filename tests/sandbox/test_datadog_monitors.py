"""Datadog's monitors in the sandbox: options, defaults, what a change replaces, what holds a monitor."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.datadog_caller import METRIC, Datadog, monitor, written

PATH = "/api/v1/monitor"
ROLLUP = '.rollup("count").last("5m") > 5'


# ── options ─────────────────────────────────────────────────────────────────────────────────────────────────────────

GROUPED = "sum(last_5m):sum:lb.5xx{*} by {host} > 20"
CUSTOM = {"custom_schedule": {"recurrences": [{"rrule": "FREQ=DAILY", "timezone": "Asia/Tokyo"}]}}
GOOD_OPTIONS = [
    {"thresholds": {"critical": 20.0, "warning": 10, "warning_recovery": 5, "critical_recovery": 19}},
    {"thresholds": {"critical": 20, "warning": None}},
    {"no_data_timeframe": 10, "notify_no_data": True},
    {"on_missing_data": "resolve", "notify_no_data": False},
    {"renotify_interval": 60, "renotify_occurrences": 2, "renotify_statuses": ["alert", "no data"]},
    {"timeout_h": 24, "min_failure_duration": 7200, "new_host_delay": None, "new_group_delay": 60},
    {"notification_preset_name": "hide_all", "group_retention_duration": "72h"},
    {"scheduling_options": {"evaluation_window": {"day_starts": "04:00", "timezone": "UTC"}}},
    {"scheduling_options": CUSTOM, "on_missing_data": "default"},
    {"threshold_windows": {"trigger_window": "last_15m", "recovery_window": "last_15m"}},
]
BAD_OPTIONS = [
    {"thresholds": {"critical": 25}},
    {"thresholds": {"critical": "20"}},
    {"thresholds": {"critical": 20, "warning_recovery": 5}},
    {"thresholds": {"critical": 20, "ok": 5}},
    {"thresholds": {"critical": 20, "critical_query": "x"}},
    {"notify_no_data": True, "on_missing_data": "resolve"},
    {"no_data_timeframe": 5, "on_missing_data": "resolve"},
    {"on_missing_data": "forget"},
    {"timeout_h": 25},
    {"min_failure_duration": 7201},
    {"min_location_failed": 0},
    {"renotify_statuses": ["ok"]},
    {"notification_preset_name": "none"},
    {"group_retention_duration": "59m"},
    {"group_retention_duration": "73h"},
    {"scheduling_options": {"evaluation_window": {"hour_starts": 60}}},
    {"scheduling_options": {"evaluation_window": {"day_starts": "24:00"}}},
    {"scheduling_options": CUSTOM},
    {"notify_by": ["*"]},
    {"include_tags": None},
]


@pytest.mark.parametrize("options", GOOD_OPTIONS, ids=str)
def test_good_options_are_kept(datadog: Datadog, options: Any) -> None:
    made = datadog.made("POST", f"{PATH}/validate", monitor(options=options))
    assert made == {}
    kept = datadog.made("POST", PATH, monitor(options=options))["options"]
    wanted = {name: value for name, value in options.get("thresholds", {}).items() if value is not None}
    assert kept.get("thresholds", {}) == wanted
    assert {name: kept[name] for name in options if name != "thresholds"} == {
        name: value for name, value in options.items() if name != "thresholds"
    }


@pytest.mark.parametrize("options", BAD_OPTIONS, ids=str)
def test_wrong_options_are_refused(datadog: Datadog, options: Any) -> None:
    assert datadog("POST", PATH, monitor(options=options))[0] == 400
    assert datadog.made("GET", PATH) == []


@pytest.mark.parametrize("options", [{"notify_by": ["*"]}, {"scheduling_options": CUSTOM}])
def test_older_servers_refuse_less(datadog: Datadog, options: Any) -> None:
    datadog.set(options="older")
    assert datadog("POST", PATH, monitor(options=options))[0] == 200


def test_groups_may_be_notified_by(datadog: Datadog) -> None:
    made = datadog.made("POST", PATH, monitor(query=GROUPED, options={"notify_by": ["host"]}))
    assert (made["multi"], made["options"]["notify_by"]) == (True, ["host"])


@pytest.mark.parametrize(
    ("thresholds", "status"),
    [({"critical": 2, "ok": 1, "unknown": 3}, 200), ({"critical": 4}, 400), ({"warning": 4}, 400)],
)
def test_a_service_check_looks_back_as_far_as_its_largest_threshold(
    datadog: Datadog, thresholds: Any, status: int
) -> None:
    query = '"agent.up".over("*").last(3).by("host").count_by_status()'
    body = {**written("service check", query), "options": {"thresholds": thresholds}}
    assert datadog("POST", PATH, body)[0] == status


def test_a_dynamic_threshold_is_a_query(datadog: Datadog) -> None:
    query = 'formula("query1").last("5m") > threshold'
    variables = [{"data_source": "metrics", "name": "query1", "query": "sum:req{*}"}]
    asked = {"thresholds": {"critical_query": 'formula("2 * query1").last("6mo")'}, "variables": variables}
    body = {**written("query alert", query), "options": asked}
    # The document says less of variables than recordings do.
    assert super(Datadog, datadog).answer("POST", PATH, body).status == 200
    assert datadog("POST", PATH, {**body, "options": {"variables": variables}})[0] == 400


# ── what the server makes of a monitor ──────────────────────────────────────────────────────────────────────────────


def test_defaults_are_added_texts_trimmed_and_numbers_get_a_fraction(datadog: Datadog) -> None:
    options = {"thresholds": {"critical": 20}, "escalation_message": "again \n"}
    body = monitor(query=f"{METRIC} \n", message="see @me  ", tags=["b", "a", "b"], priority=0, options=options)
    answer = datadog.answer("POST", PATH, {**body, "type": "metric alert", "classification": "dropped"})
    made = answer.json()
    assert b'"critical":20.0' in answer.body
    assert (made["type"], made["query"], made["message"]) == ("query alert", METRIC, "see @me")
    assert (made["tags"], made["priority"], made["restricted_roles"]) == (["b", "a"], None, None)
    assert made["options"] == {
        "thresholds": {"critical": 20.0},
        "escalation_message": "again",
        "notify_audit": False,
        "notify_no_data": False,
        "include_tags": True,
        "new_host_delay": 300,
        "silenced": {},
    }
    assert not {"classification", "assets"} & set(made)
    assert (made["overall_state"], made["deleted"], made["draft_status"]) == ("No Data", None, "published")


@pytest.mark.parametrize(("setting", "back"), [("as_sent", "metric alert"), ("turned", "query alert")])
def test_either_metric_type_may_come_back(datadog: Datadog, setting: str, back: str) -> None:
    datadog.set(metric_type=setting)
    made = datadog.made("POST", PATH, monitor(type="metric alert"))
    assert made["type"] == back
    changed = datadog.made("PUT", f"{PATH}/{made['id']}", {"type": "query alert"})
    assert changed["type"] == back


def test_a_log_monitor_has_a_default_of_its_own(datadog: Datadog) -> None:
    made = datadog.made("POST", PATH, written("log alert", f'logs("*"){ROLLUP}'))
    assert made["options"]["groupby_simple_monitor"] is False


def test_a_change_merges_on_top_and_replaces_options(datadog: Datadog) -> None:
    made = datadog.made("POST", PATH, monitor(message="kept", options={"timeout_h": 2, "include_tags": False}))
    one = f"{PATH}/{made['id']}"
    datadog.world.clock.advance(60)
    changed = datadog.made("PUT", one, {"options": {"thresholds": {"critical": 20, "warning": None}}})
    assert "creator" in made
    assert "creator" not in changed
    assert (changed["message"], changed["options"]["include_tags"]) == ("kept", True)
    assert "timeout_h" not in changed["options"]
    assert changed["options"]["thresholds"] == {"critical": 20.0}
    assert changed["modified"] > made["modified"] == changed["created"]
    assert datadog.made("PUT", one, {"message": "new"})["options"] == changed["options"]


@pytest.mark.parametrize(
    "body",
    [
        {"type": "log alert"},
        {"priority": 6},
        {"query": "x"},
        {"query": " "},
        {"options": {"thresholds": {"critical": 1}}},
        {"name": 1},
    ],
    ids=str,
)
def test_a_wrong_change_is_refused_and_changes_nothing(datadog: Datadog, body: Any) -> None:
    one = f"{PATH}/{datadog.made('POST', PATH, monitor())['id']}"
    before = datadog.made("GET", one)
    assert datadog("PUT", one, body)[0] == 400
    assert datadog.made("GET", one) == before


@pytest.mark.parametrize("field", ["type", "query"])
def test_type_and_query_are_needed(datadog: Datadog, field: str) -> None:
    body = {key: part for key, part in monitor().items() if key != field}
    assert datadog.errors("POST", PATH, body) == (400, [f"{field} is required"])


def test_a_monitor_that_is_the_same_is_a_duplicate(datadog: Datadog) -> None:
    first = datadog.made("POST", PATH, monitor(tags=["a:b"]))
    said = [f"Duplicate of an existing monitor_id:{first['id']} org_id:{first['org_id']}"]
    assert datadog.errors("POST", PATH, monitor(message="other")) == (400, said)
    other = datadog.made("POST", PATH, monitor(name="other"))["id"]
    assert datadog.errors("PUT", f"{PATH}/{other}", {"name": "checkout 5xx"}) == (400, said)
    datadog.set(duplicates="taken")
    assert datadog("POST", PATH, monitor())[0] == 200


def test_runbooks_are_shown_when_asked_for(datadog: Datadog) -> None:
    asset = {"category": "runbook", "name": "how", "url": "https://acme.example/how"}
    one = f"{PATH}/{datadog.made('POST', PATH, monitor(assets=[asset]))['id']}"
    assert "assets" not in datadog.made("GET", one)
    assert datadog.made("GET", one, with_assets="true")["assets"] == [asset]


# ── lists and searches ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def five(datadog: Datadog) -> list[int]:
    return [
        datadog.made("POST", PATH, monitor(name=f"m{at}", tags=[f"n:{at}", "all"], message="@webhook-audit"))["id"]
        for at in range(5)
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, [0, 1, 2, 3, 4]),
        ({"page": "0", "page_size": "2"}, [0, 1]),
        ({"page": "2", "page_size": "2"}, [4]),
        ({"page": "9"}, []),
        ({"name": "M3"}, [3]),
        ({"monitor_tags": "all,n:2"}, [2]),
        ({"tags": "n:9"}, []),
        ({"id_offset": "0", "page_size": "3"}, [0, 1, 2]),
    ],
)
def test_a_list_is_whole_or_paged_or_filtered(
    datadog: Datadog, five: list[int], query: dict[str, str], found: list[int]
) -> None:
    assert [one["id"] for one in datadog.made("GET", PATH, **query)] == [five[at] for at in found]


def test_a_list_goes_on_after_an_id(datadog: Datadog, five: list[int]) -> None:
    rows = datadog.made("GET", PATH, id_offset=str(five[2]), page_size="9")
    assert [one["id"] for one in rows] == five[3:]


@pytest.mark.parametrize("query", [{"page": "x"}, {"page": "0", "page_size": "1001"}, {"page": "0", "page_size": "0"}])
def test_a_page_that_cannot_be_is_refused(datadog: Datadog, query: dict[str, str]) -> None:
    assert datadog("GET", PATH, **query)[0] == 400


@pytest.mark.parametrize(
    ("query", "count"),
    [("", 5), ("m3", 1), ("tag:all", 5), ('tag:"n:4"', 1), ("type:metric", 5), ("type:log", 0), ("status:OK", 0)],
)
def test_a_search_gives_summaries(datadog: Datadog, five: list[int], query: str, count: int) -> None:
    found = datadog.made("GET", f"{PATH}/search", query=query, per_page="2", sort="name,desc")
    assert found["metadata"] == {"page": 0, "page_count": -(-count // 2), "per_page": 2, "total_count": count}
    assert len(found["monitors"]) == min(2, count)
    assert not any({"options", "message"} & set(row) for row in found["monitors"])
    groups = datadog.made("GET", f"{PATH}/groups/search", query=query)["groups"]
    assert {group["monitor_id"] for group in groups} <= set(five)


def test_a_search_knows_who_is_notified(datadog: Datadog, five: list[int]) -> None:
    (row,) = datadog.made("GET", f"{PATH}/search", query="m0")["monitors"]
    assert (row["notifications"][0]["handle"], row["metrics"]) == ("webhook-audit", ["lb.5xx"])
    assert datadog("GET", f"{PATH}/search", sort="colour,asc")[0] == 400


# ── deleting ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_monitor_that_is_referred_to_goes_only_by_force(datadog: Datadog) -> None:
    one, two = (datadog.made("POST", PATH, monitor(name=name))["id"] for name in "ab")
    over = {"type": "monitor", "name": "up", "monitor_ids": [one], "thresholds": [{"timeframe": "7d", "target": 9}]}
    slo = datadog.made("POST", "/api/v1/slo", over)["data"][0]["id"]
    parent = datadog.made("POST", PATH, written("composite", f"{one} && {two}"))["id"]
    said = [
        f"monitor [{one},a] is referenced in slos: [{slo},up]",
        f"monitor [{one},a] is referenced in composite monitors: [{parent},m]",
    ]
    assert datadog.errors("DELETE", f"{PATH}/{one}") == (400, said)
    held = {str(one): said, str(two): [f"monitor [{two},b] is referenced in composite monitors: [{parent},m]"]}
    assert datadog("GET", f"{PATH}/can_delete", monitor_ids=f"{one},{two},{parent}") == (
        409,
        {"data": {"ok": [parent]}, "errors": held},
    )
    assert datadog.made("DELETE", f"{PATH}/{one}", force="true") == {"deleted_monitor_id": one}
    assert datadog.made("GET", f"/api/v1/slo/{slo}")["data"]["monitor_ids"] == [one]
    assert datadog.errors("GET", f"{PATH}/{one}") == (404, ["Monitor not found"])
    assert datadog.made("DELETE", f"{PATH}/{parent}") == {"deleted_monitor_id": parent}


def test_what_nothing_holds_can_be_deleted(datadog: Datadog) -> None:
    ident = datadog.made("POST", PATH, monitor())["id"]
    answer = datadog.made("GET", f"{PATH}/can_delete", monitor_ids=str(ident))
    assert answer == {"data": {"ok": [ident]}, "errors": None}
    for wrong in ("", "x", "5"):
        assert datadog("GET", f"{PATH}/can_delete", monitor_ids=wrong)[0] == 400
