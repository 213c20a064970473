"""wallarm/Trigger: thresholds, filters with the right types on the wire, actions, templates."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.kinds.step import Work
from reconciler.vendors.wallarm.filter import ATTACKS
from reconciler.vendors.wallarm.trigger import COUNTED, TEMPLATES
from tests.kind_kit import (
    CONTEXT,
    KINDS,
    Case,
    Mistake,
    assert_mistaken,
    assert_settled,
    cases,
    mistakes,
    sent,
    tree_of,
)

NAME = "wallarm/Trigger"
KIND = KINDS[NAME]
NUMBERS = {"opsgenie-alerts": 90210, "pager": 90211}


def echo(body: dict[str, Any]) -> dict[str, Any]:
    """The trigger as the vendor reads it out again."""
    template = body.get("template_id", "hits_exceeded")
    threshold = body.get("threshold") and {key: body["threshold"][key] for key in ("operator", "period", "count")}
    read = {key: value for key, value in body.items() if key not in ("template_id", "threshold")}
    about = {"id": template, "filters": [], "threshold": threshold, "actions": [{"id": "send_notification"}]}
    return {
        **read,
        "id": 3301,
        "client_id": 4711,
        "template": about,
        "threshold": threshold,
        "thresholds": [threshold] if threshold else [],
    }


@cases(
    Case(
        "more than one incident a second, on server or database",
        NAME,
        {
            "name": "Notification about incidents",
            "comment": "managed by iac",
            "template": "incidents_exceeded",
            "enabled": True,
            "filters": {"target": ["server", "database"]},
            "threshold": {"more_than": 1, "within": "1s"},
            "actions": [{"send_notification": ["opsgenie-alerts"]}],
        },
        {
            "name": "Notification about incidents",
            "comment": "managed by iac",
            "template_id": "incidents_exceeded",
            "enabled": True,
            "filters": [{"id": "target", "operator": "eq", "values": ["server", "database"]}],
            "threshold": {"period": 1, "operator": "gt", "allowed_operators": ["gt"], "count": 1},
            "actions": [{"id": "send_notification", "params": {"integration_ids": [90210]}}],
        },
        numbers=NUMBERS,
    ),
    Case(
        "numbers are numbers and classes are words",
        NAME,
        {
            "filters": {
                "pool": {"eq": ["shop", 42, {"id": 7}], "ne": ["default"]},
                "response_status": [503, "5xx"],
                "api_spec_ids": [7],
            }
        },
        {
            "filters": [
                {"id": "pool", "operator": "eq", "values": [1, 42, 7]},
                {"id": "pool", "operator": "ne", "values": [-1]},
                {"id": "response_status", "operator": "eq", "values": [503, "5xx"]},
                {"id": "api_spec_ids", "operator": "eq", "values": [7]},
            ]
        },
        numbers={"shop": 1},
    ),
    Case(
        "the default application by its number",
        NAME,
        {"filters": {"pool": {"eq": [-1], "ne": [{"id": -1}]}}},
        {
            "filters": [
                {"id": "pool", "operator": "eq", "values": [-1]},
                {"id": "pool", "operator": "ne", "values": [-1]},
            ]
        },
    ),
    Case("no filters", NAME, {"filters": {}}, {"filters": []}),
    Case(
        "every action",
        NAME,
        {
            "actions": [
                {"send_notification": ["opsgenie-alerts", "pager"]},
                {"block_ips": {"lock_time": "1h"}},
                {"add_to_graylist": {"lock_time": 60}},
                {"mark_as_brute": {}},
            ]
        },
        {
            "actions": [
                {"id": "send_notification", "params": {"integration_ids": [90210, 90211]}},
                {"id": "block_ips", "params": {"lock_time": 3600}},
                {"id": "add_to_graylist", "params": {"lock_time": 60}},
                {"id": "mark_as_brute", "params": {}},
            ]
        },
        numbers=NUMBERS,
    ),
    Case(
        "grouping",
        NAME,
        {"template": "attack_ip_grouping", "actions": [{"group_attack_by_ip": {}}]},
        {"template_id": "attack_ip_grouping", "actions": [{"id": "group_attack_by_ip", "params": {}}]},
    ),
    Case(
        "no threshold",
        NAME,
        {"template": "api_structure_changed", "threshold": None, "comment": None},
        {"template_id": "api_structure_changed", "threshold": None, "comment": None},
    ),
)
def test_what_is_declared_is_sent_and_found_again(case: Case) -> None:
    assert sent(case) == case.body
    assert case.body is not None
    assert_settled(case, echo(case.body))


def test_order_of_filters_values_and_actions_is_nothing() -> None:
    spec = {
        "filters": {"target": ["server", "database"], "domain": ["a.example", "b.example"]},
        "actions": [{"mark_as_brute": {}}, {"block_ips": {"lock_time": "1d"}}],
    }
    raw = {
        "filters": [
            {"id": "domain", "operator": "eq", "values": ["b.example", "a.example"]},
            {"id": "target", "operator": "eq", "values": ["database", "server"]},
        ],
        "actions": [{"id": "block_ips", "params": {"lock_time": 86400}}, {"id": "mark_as_brute", "params": {}}],
    }
    assert_settled(Case("shuffled", NAME, spec), raw)


@pytest.mark.parametrize(
    "filters",
    [
        [{"id": "target", "operator": "eq", "values": ["server"]}],
        [{"id": "target", "operator": "ne", "values": ["server", "database"]}],
        [
            {"id": "target", "operator": "eq", "values": ["server", "database"]},
            {"id": "target", "operator": "ne", "values": ["client"]},
        ],
        [
            {"id": "target", "operator": "eq", "values": ["server", "database"]},
            {"id": "domain", "operator": "eq", "values": ["a.example"]},
        ],
        [],
    ],
    ids=["a value gone", "negated", "a side more", "a filter more", "none"],
)
def test_filters_are_owned_whole(filters: list[dict[str, Any]]) -> None:
    case = Case("drifted", NAME, {"filters": {"target": ["server", "database"]}})
    with pytest.raises(AssertionError):
        assert_settled(case, {"filters": filters})


def test_a_read_trigger_turns_into_one_that_can_be_written() -> None:
    body = {
        "name": "n",
        "comment": None,
        "template_id": "hits_exceeded",
        "enabled": False,
        "filters": [{"id": "brand_new", "operator": "eq", "values": [1]}],
        "actions": [{"id": "send_notification", "params": {"integration_ids": [1]}}],
        "threshold": {"operator": "gt", "allowed_operators": ["gt"], "period": 30, "count": 5},
    }
    assert KIND.writable(echo(body)) == body
    assert KIND.writable(echo({**body, "threshold": None})) == {**body, "threshold": None}


def test_the_template_is_read_in_both_its_forms() -> None:
    assert KIND.from_api({"template": {"id": "hits_exceeded"}}, CONTEXT) == {"template": "hits_exceeded"}
    assert KIND.from_api({"template_id": "hits_exceeded"}, CONTEXT) == {"template": "hits_exceeded"}


COUNT = {"more_than": 1, "within": 1}
LOCK = {"block_ips": {"lock_time": 1}}


@mistakes(
    *(
        Mistake(NAME, {"template": name, "threshold": None}, ("threshold",), f"{name} needs its threshold")
        for name in COUNTED
    ),
    Mistake(NAME, {"template": "user_created", "threshold": COUNT}, ("threshold",), "user_created takes no threshold"),
    Mistake(NAME, {"threshold": {"more_than": -1}}, ("threshold", "more_than"), "greater than or equal to 0"),
    Mistake(NAME, {"threshold": {"within": 0}}, ("threshold", "within"), "greater than or equal to 1"),
    Mistake(NAME, {"threshold": {"within": "soon"}}, ("threshold", "within"), "like 30s, 5m"),
    Mistake(NAME, {"threshold": {"less_than": 1}}, ("threshold", "less_than"), "not permitted"),
    Mistake(NAME, {"filters": {"targets": ["server"]}}, ("filters", "targets"), "not permitted"),
    Mistake(NAME, {"filters": {"target": ["Server"]}}, ("filters", "target", "eq", 0), "'server', 'database'"),
    Mistake(NAME, {"filters": {"target": []}}, ("filters", "target", "eq"), "at least 1"),
    Mistake(NAME, {"filters": {"target": {}}}, ("filters", "target"), "has eq, ne or both"),
    Mistake(NAME, {"filters": {"target": {"gt": ["server"]}}}, ("filters", "target", "gt"), "not permitted"),
    Mistake(NAME, {"filters": {"ip_address": ["10.0.0.0/8"]}}, ("filters", "ip_address", "eq", 0), "no subnets"),
    Mistake(NAME, {"filters": {"pool": [0]}}, ("filters", "pool", "eq", 0), "1 and above"),
    Mistake(NAME, {"filters": {"pool": [-2]}}, ("filters", "pool", "eq", 0), "1 and above"),
    Mistake(NAME, {"filters": {"pool": [True]}}, ("filters", "pool", "eq", 0), "a reference to wallarm/Application"),
    Mistake(NAME, {"filters": {"pool": [""]}}, ("filters", "pool", "eq", 0), "a reference to wallarm/Application"),
    Mistake(NAME, {"filters": {"pool": [42, {"id": 42}]}}, ("filters", "pool", "eq"), "item 2 stood there before"),
    Mistake(NAME, {"filters": {"pool": ["default", -1]}}, ("filters", "pool", "eq"), "item 2 stood there before"),
    Mistake(NAME, {"filters": {"response_status": ["503"]}}, ("filters", "response_status", "eq", 0), "such as 503"),
    Mistake(NAME, {"filters": {"response_status": [99]}}, ("filters", "response_status", "eq", 0), "such as 503"),
    Mistake(NAME, {"filters": {"url": ["https://a.example/x"]}}, ("filters", "url", "eq", 0), "without a scheme"),
    Mistake(NAME, {"filters": {"url": ["a:443/x"], "hint_tag": ["b:1:ff"]}}, ("filters",), "exclude each other"),
    Mistake(NAME, {"filters": {"hint_tag": ["x:1:ff"]}}, ("filters", "hint_tag", "eq", 0), "pattern"),
    Mistake(NAME, {"filters": {"pii": ["shoe_size"]}}, ("filters", "pii", "eq", 0), "'password'"),
    Mistake(NAME, {"filters": {"change_type": ["moved"]}}, ("filters", "change_type", "eq", 0), "'added'"),
    Mistake(NAME, {"filters": {"deviation_type": ["x"]}}, ("filters", "deviation_type", "eq", 0), "'shadow'"),
    Mistake(NAME, {"filters": {"api_spec_ids": ["x"]}}, ("filters", "api_spec_ids", "eq", 0), "integer"),
    Mistake(
        NAME,
        {
            "filters": {name: {"eq": ["a"], "ne": ["b"]} for name in ("domain", "attack_type")}
            | {"pool": {"eq": [1], "ne": [2]}, "target": ["server"]}
        },
        ("filters",),
        "7 conditions; Wallarm takes 6",
    ),
    Mistake(NAME, {"actions": []}, ("actions",), "at least 1"),
    Mistake(NAME, {"actions": [{"block_ips": {"lock_time": n}} for n in range(1, 6)]}, ("actions",), "at most 4"),
    Mistake(NAME, {"actions": [LOCK, LOCK]}, ("actions",), "item 2 stood there before"),
    Mistake(NAME, {"actions": [{}]}, ("actions", 0), "exactly one of send_notification"),
    Mistake(NAME, {"actions": [{**LOCK, "mark_as_brute": {}}]}, ("actions", 0), "exactly one of"),
    Mistake(NAME, {"actions": [{"block_ips": None}]}, ("actions", 0), "exactly one of"),
    Mistake(NAME, {"actions": [{"block_ips": {}}]}, ("actions", 0, "block_ips", "lock_time"), "required"),
    Mistake(NAME, {"actions": [{"page_everybody": {}}]}, ("actions", 0, "page_everybody"), "not permitted"),
    Mistake(NAME, {"actions": [{"send_notification": []}]}, ("actions", 0, "send_notification"), "at least 1"),
    Mistake(NAME, {"actions": [{"send_notification": [1]}]}, ("actions", 0, "send_notification", 0), "a reference to"),
    Mistake(NAME, {"template": ""}, ("template",), "at least 1"),
)
def test_a_mistake_is_told_where_it_is(mistake: Mistake) -> None:
    assert_mistaken(mistake)


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_template_passes_without_a_word(template: str) -> None:
    threshold = {"threshold": COUNT} if template in COUNTED else {}
    assert list(KIND.remarks(tree_of(NAME, {"template": template, **threshold}))) == []


@pytest.mark.parametrize(
    ("spec", "path"),
    [
        ({"template": "weak_jwt"}, ("template",)),
        ({"template": "blacklist_ip_added", "threshold": COUNT}, ("threshold",)),
        ({"template": "compromised_logins", "threshold": COUNT}, ("threshold",)),
        ({"filters": {"attack_type": {"ne": ["sqli", "brand_new"]}}}, ("filters", "attack_type", "ne", 1)),
    ],
)
def test_what_is_uncertain_is_remarked_and_passes(spec: dict[str, Any], path: tuple[str | int, ...]) -> None:
    assert [remark.path for remark in KIND.remarks(tree_of(NAME, spec))] == [path]


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_create_needs_the_threshold_where_the_template_counts(template: str) -> None:
    bare = {"name": "n", "template": template, "actions": [{"mark_as_brute": {}}]}
    wants = ("threshold.more_than", "threshold.within") if template in COUNTED else ()
    assert KIND.missing(bare) == wants
    assert KIND.missing({**bare, "threshold": COUNT}) == ()


def test_an_update_is_laid_over_the_whole_trigger() -> None:
    live = {"name": "n", "template": "hits_exceeded", "enabled": True}
    [step] = KIND.steps(Work("update", {**live, "enabled": False}, frozenset({"enabled"}), live), CONTEXT)
    assert (step.method, step.over, step.wrap, step.body) == ("PUT", True, ("trigger",), {"enabled": False})
    assert step.path == "/v2/clients/{client_id}/triggers/{id}"
    assert step.params == {}


def test_deleting_one_with_a_counter_says_that_the_counter_may_go() -> None:
    [word] = KIND.consequences(Work("delete", {"filters": {"hint_tag": {"eq": ["b:1:ff"]}}}))
    assert "counter" in word
    assert KIND.consequences(Work("delete", {"filters": {}})) == ()


# ── a property ──────────────────────────────────────────────────────────────────────────────────────────────────────


def sides(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    some = st.lists(values, min_size=1, max_size=3, unique=True)
    both = st.fixed_dictionaries({"eq": some}, optional={"ne": some})
    return some | both | st.fixed_dictionaries({"ne": some})


FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "pool": sides(st.integers(1, 9) | st.just("default")),
        "target": sides(st.sampled_from(["server", "database", "client"])),
        "response_status": sides(st.integers(100, 599) | st.sampled_from(["4xx", "5xx"])),
    },
)
ACTIONS = st.lists(
    st.fixed_dictionaries(
        {"send_notification": st.lists(st.sampled_from(["opsgenie-alerts", "pager"]), min_size=1, unique=True)}
    )
    | st.fixed_dictionaries({"block_ips": st.fixed_dictionaries({"lock_time": st.integers(1, 10**6)})})
    | st.just({"mark_as_brute": {}}),
    min_size=1,
    max_size=4,
    unique_by=str,
)
SPECS = st.fixed_dictionaries(
    {"template": st.sampled_from(["hits_exceeded", "vector_attack"])},
    optional={
        "name": st.text(min_size=1),
        "comment": st.none() | st.text(min_size=1).filter(lambda text: "${" not in text),
        "enabled": st.booleans(),
        "filters": FILTERS,
        "actions": ACTIONS,
        "threshold": st.fixed_dictionaries({"more_than": st.integers(0, 99), "within": st.integers(1, 9999)}),
    },
)


@settings(max_examples=60)
@given(spec=SPECS)
def test_whatever_is_declared_is_settled_once_it_was_sent(spec: dict[str, Any]) -> None:
    spec = {name: value for name, value in spec.items() if name != "name" or "${" not in value}
    case = Case("generated", NAME, spec, numbers=NUMBERS)
    assert_settled(case, echo(sent(case)))


def test_the_list_of_attacks_has_no_double() -> None:
    assert len(set(ATTACKS)) == len(ATTACKS)
