"""pagerduty/EventOrchestration: rules by content and order, paths written whole, integrations that are shared."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.kinds.step import Work
from reconciler.kinds.tree import Hidden, walk
from tests.kind_kit import (
    CONTEXT,
    Case,
    Mistake,
    assert_mistaken,
    assert_settled,
    bound,
    cases,
    kind_of,
    mistakes,
    sent,
    tree_of,
    updating,
)

NAME = "pagerduty/EventOrchestration"
KIND = kind_of(NAME)
ITEM = "/event_orchestrations/{id}"

CHECKOUT = "event.source matches part 'checkout'"
UNROUTED = {"actions": {"route_to": "unrouted"}}
STAMPS = {"created_at": None, "created_by": None, "updated_at": "2026-01-01T00:00:00Z", "version": "x"}


def start(*rules: Any) -> list[Any]:
    return [{"id": "start", "rules": [*rules]}]


@cases(
    Case(
        "itself",
        NAME,
        {"name": "main", "description": "all events", "team": "payments"},
        {"name": "main", "description": "all events", "team": {"id": "id:payments"}},
        {
            "id": "0c0e",
            "name": "main",
            "description": "all events",
            "team": {"id": "id:payments", "type": "team_reference", "self": "…"},
            "routes": 3,
            **STAMPS,
        },
    ),
    Case(
        "a router",
        NAME,
        {
            "router": {
                "rules": [
                    {"dynamic_route_to": {"lookup_by": "service_name", "source": "event.group", "regex": "(.*)"}},
                    {"label": "checkout", "conditions": [CHECKOUT], "route_to": "checkout", "disabled": False},
                ],
                "catch_all": {"route_to": "unrouted"},
            }
        },
        {
            "router": {
                "sets": start(
                    {
                        "conditions": [],
                        "actions": {
                            "dynamic_route_to": {"lookup_by": "service_name", "source": "event.group", "regex": "(.*)"}
                        },
                    },
                    {
                        "label": "checkout",
                        "conditions": [{"expression": CHECKOUT}],
                        "actions": {"route_to": "id:checkout"},
                    },
                ),
                "catch_all": UNROUTED,
            }
        },
        {
            "router": {
                "type": "router",
                "parent": {"id": "0c0e"},
                **STAMPS,
                "sets": start(
                    {
                        "id": "f00d",
                        "label": None,
                        "conditions": None,
                        "disabled": False,
                        "actions": {
                            "dynamic_route_to": {"lookup_by": "service_name", "source": "event.group", "regex": "(.*)"}
                        },
                    },
                    {
                        "id": "beef",
                        "label": "checkout",
                        "conditions": [{"expression": CHECKOUT}],
                        "disabled": False,
                        "actions": {"route_to": "id:checkout"},
                    },
                ),
                "catch_all": UNROUTED,
            }
        },
    ),
    Case(
        "global rules in several sets",
        NAME,
        {
            "global": {
                "rules": [
                    {
                        "label": "names",
                        "variables": [{"name": "host", "path": "event.component", "value": "host: (.*)"}],
                        "extractions": [
                            {"target": "event.summary", "template": "{{variables.host}}"},
                            {"target": "event.source", "source": "event.source", "regex": "www (.*)"},
                        ],
                        "route_to": "two",
                    }
                ],
                "sets": {
                    "two": [
                        {
                            "conditions": ["event.severity matches 'critical'"],
                            "priority": "P1",
                            "escalation_policy": "late",
                            "suspend": "5m",
                            "annotate": "see the runbook",
                            "incident_custom_field_updates": [{"id": "PEX", "value": ""}],
                        },
                        {"drop_event": True},
                    ]
                },
                "catch_all": {"suppress": True},
            }
        },
        {
            "global": {
                "sets": [
                    *start(
                        {
                            "label": "names",
                            "conditions": [],
                            "actions": {
                                "variables": [
                                    {
                                        "type": "regex",
                                        "name": "host",
                                        "path": "event.component",
                                        "value": "host: (.*)",
                                    }
                                ],
                                "extractions": [
                                    {"target": "event.summary", "template": "{{variables.host}}"},
                                    {"target": "event.source", "source": "event.source", "regex": "www (.*)"},
                                ],
                                "route_to": "two",
                            },
                        }
                    ),
                    {
                        "id": "two",
                        "rules": [
                            {
                                "conditions": [{"expression": "event.severity matches 'critical'"}],
                                "actions": {
                                    "priority": "id:P1",
                                    "escalation_policy": "id:late",
                                    "suspend": 300,
                                    "annotate": "see the runbook",
                                    "incident_custom_field_updates": [{"id": "PEX", "value": ""}],
                                },
                            },
                            {"conditions": [], "actions": {"drop_event": True}},
                        ],
                    },
                ],
                "catch_all": {"actions": {"suppress": True}},
            }
        },
    ),
    Case(
        "null puts a path back to nothing",
        NAME,
        {"router": None, "unrouted": None, "global": None, "team": None, "description": None},
        {
            "router": {"sets": start(), "catch_all": UNROUTED},
            "unrouted": {"sets": start(), "catch_all": {"actions": {}}},
            "global": {"sets": start(), "catch_all": {"actions": {}}},
            "team": {"id": None},
            "description": "",
        },
    ),
    Case(
        "a path on which nothing is done, in full",
        NAME,
        {"router": {"rules": [], "catch_all": {"route_to": "unrouted"}}, "unrouted": {"catch_all": {}}},
        {
            "router": {"sets": start(), "catch_all": UNROUTED},
            "unrouted": {"sets": start(), "catch_all": {"actions": {}}},
        },
    ),
)
def test_what_is_declared_is_sent_and_found_again(case: Case) -> None:
    assert sent(case) == case.body
    assert_settled(case, case.raw or case.body or {})


def router(*rules: Any, **more: Any) -> dict[str, Any]:
    return {"router": {"rules": [*rules], **more}}


def unrouted(*rules: Any, **more: Any) -> dict[str, Any]:
    return {"unrouted": {"rules": [*rules], **more}}


def everywhere(**rule: Any) -> dict[str, Any]:
    return {"global": {"rules": [rule]}}


DYNAMIC = {"dynamic_route_to": {"lookup_by": "service_name", "source": "event.group", "regex": "(.*)"}}
FIRST = ("router", "rules", 0)
RULE = ("global", "rules", 0)


@mistakes(
    Mistake(NAME, {"integrations": [{"label": "a"}, {"label": "a"}]}, ("integrations",), "items 1 and 2"),
    Mistake(NAME, router({"label": "x"}), FIRST, "has route_to, or dynamic_route_to"),
    Mistake(NAME, router({"route_to": "a", **DYNAMIC}), FIRST, "has route_to, or dynamic_route_to"),
    Mistake(NAME, router({"conditions": ["x"], **DYNAMIC}), FIRST, "takes no conditions"),
    Mistake(NAME, router({"route_to": "a"}, DYNAMIC), ("router", "rules"), "only the first rule"),
    Mistake(NAME, router({"route_to": "a", "severity": "info"}), (*FIRST, "severity"), "not permitted"),
    Mistake(NAME, router(sets={}), ("router", "sets"), "not permitted"),
    Mistake(NAME, router(catch_all={"route_to": {"name": "x"}}), ("router", "catch_all", "route_to"), "a reference"),
    Mistake(NAME, unrouted({"suppress": True}), ("unrouted", "rules", 0, "suppress"), "not permitted"),
    Mistake(NAME, unrouted({"route_to": "two"}, sets={}), ("unrouted",), "sets has none of that name"),
    Mistake(NAME, unrouted(sets={"start": []}), ("unrouted", "sets"), "is `rules`"),
    Mistake(NAME, everywhere(severity="high"), (*RULE, "severity"), "'info'"),
    Mistake(NAME, everywhere(suspend="soon"), (*RULE, "suspend"), "a duration"),
    Mistake(NAME, everywhere(extractions=[{"target": "x"}]), (*RULE, "extractions", 0), "a template, or source"),
    Mistake(
        NAME,
        everywhere(extractions=[{"target": "x", "template": "y", "source": "z"}]),
        (*RULE, "extractions", 0),
        "a template, or source",
    ),
    Mistake(
        NAME,
        everywhere(automation_actions=[{"name": "n", "url": "u", "headers": {"A": "literal"}}]),
        (*RULE, "automation_actions", 0, "headers", "A"),
        "never stands in a manifest",
    ),
    Mistake(
        NAME,
        everywhere(pagerduty_automation_actions=[{"action_id": "x"}]),
        (*RULE, "pagerduty_automation_actions"),
        "not permitted",
    ),
)
def test_a_mistake_is_told_where_it_is(mistake: Mistake) -> None:
    assert_mistaken(mistake)


def test_rules_behind_one_that_takes_every_event_are_remarked() -> None:
    [remark] = KIND.remarks(tree_of(NAME, unrouted({"severity": "info"}, {"severity": "error"})))
    assert remark.path == ("unrouted", "rules", 0)
    assert KIND.remarks(tree_of(NAME, unrouted({"conditions": ["x"]}, {"severity": "error"}))) == []
    assert KIND.remarks(tree_of(NAME, router(DYNAMIC, {"route_to": "a"}))) == []


def test_no_key_and_no_header_is_read_into_a_tree() -> None:
    action = {"name": "n", "url": "u", "headers": [{"key": "Authorization", "value": "s3cret"}]}
    raw = {
        "integrations": [{"id": "1", "label": "a", "parameters": {"routing_key": "R0s3cret"}}],
        "global": {"sets": start({"actions": {"automation_actions": [action]}}), "catch_all": {"actions": {}}},
    }
    tree = KIND.from_api(raw, CONTEXT)
    assert "s3cret" not in repr(tree)
    assert [leaf for _, leaf in walk(tree) if isinstance(leaf, Hidden)] == [Hidden()]


def test_each_key_is_an_output_by_its_label_and_the_first_by_no_name() -> None:
    integrations = [
        {"id": str(number), "label": label, "parameters": {"routing_key": f"R0{label}"}}
        for number, label in enumerate(["main Default Integration", "Datadog"])
    ]
    [output] = KIND.outputs
    assert output.values({"integrations": integrations}) == {
        "routing_key": "R0main Default Integration",
        "routing_key:main Default Integration": "R0main Default Integration",
        "routing_key:Datadog": "R0Datadog",
    }
    assert output.values({}) == {}
    assert KIND.output("routing_key:Datadog") is output
    assert KIND.output("key") is None


# ── steps ───────────────────────────────────────────────────────────────────────────────────────────────────────────

WHOLE = {
    "name": "main",
    "integrations": [{"label": "Datadog"}, {"label": "main Default Integration"}],
    "router": {"rules": [{"route_to": "checkout"}]},
}


def test_it_is_made_then_its_integrations_then_its_paths() -> None:
    work = Work("create", bound(tree_of(NAME, WHOLE)))
    create, add, keys, put = KIND.steps(work, CONTEXT)
    assert (create.effect, create.body, create.made) == ("creates", {"name": "main"}, {"name": "main"})
    assert (add.method, add.path, add.body, add.effect) == (
        "POST",
        f"{ITEM}/integrations",
        {"label": "Datadog"},
        "creates",
    )
    assert add.adds
    assert (keys.method, keys.effect) == ("GET", "reads")
    assert (put.method, put.path, put.wrap) == ("PUT", f"{ITEM}/router", ("orchestration_path",))


LIVE = {
    "name": "main",
    "integrations": [{"label": "a", "id": "1"}, {"label": "b", "id": "2"}],
    "router": {"rules": [{"label": "x"}], "catch_all": {}},
}


def test_only_what_changed_is_sent() -> None:
    [put] = KIND.steps(updating(NAME, LIVE, description="x"), CONTEXT)
    assert (put.path, put.body) == (ITEM, {"description": "x"})
    [put] = KIND.steps(updating(NAME, LIVE, router={"rules": [], "catch_all": {}}), CONTEXT)
    assert put.path == f"{ITEM}/router"


def test_an_integration_that_goes_takes_its_key_along_and_that_is_said() -> None:
    work = updating(NAME, LIVE, integrations=[LIVE["integrations"][1]])
    [drop] = KIND.steps(work, CONTEXT)
    assert (drop.method, drop.path, dict(drop.params)) == (
        "DELETE",
        f"{ITEM}/integrations/{{integration}}",
        {"integration": "1"},
    )
    assert drop.drops
    [word] = KIND.consequences(work)
    assert "the key of the integration a" in word
    assert KIND.renews(work) == ()
    more = updating(NAME, LIVE, integrations=[*LIVE["integrations"], {"label": "c"}])
    assert KIND.renews(more) == ("routing_key:c",)


def test_warnings_of_an_answer_are_heard() -> None:
    assert KIND.heard({"warnings": [{"message": "no suspend in this plan", "rule_id": "x"}, {"rule_id": "y"}]}) == (
        "no suspend in this plan",
    )
    assert KIND.heard(None) == KIND.heard({}) == KIND.heard({"warnings": None}) == ()


# ── a property ──────────────────────────────────────────────────────────────────────────────────────────────────────

TEXT = st.text("abc ", min_size=1, max_size=4)
ACTIONS = st.fixed_dictionaries(
    {},
    optional={
        "label": st.text("abc", max_size=2),
        "conditions": st.lists(TEXT, max_size=2, unique=True),
        "disabled": st.booleans(),
        "severity": st.sampled_from(["info", "error"]),
        "suppress": st.booleans(),
        "drop_event": st.booleans(),
        "suspend": st.integers(0, 3),
        "annotate": st.text("ab", max_size=2),
        "priority": st.sampled_from(["P1", "P2"]),
        "variables": st.lists(st.fixed_dictionaries({"name": TEXT, "path": TEXT, "value": TEXT}), max_size=2),
        "automation_actions": st.lists(
            st.fixed_dictionaries(
                {"name": TEXT, "url": TEXT},
                optional={"auto_send": st.booleans(), "parameters": st.dictionaries(TEXT, TEXT, max_size=2)},
            ),
            max_size=2,
        ),
    },
)


@settings(max_examples=100)
@given(rules=st.lists(ACTIONS, max_size=4), sets=st.dictionaries(st.sampled_from(["two", "three"]), st.lists(ACTIONS)))
def test_any_rules_are_settled_once_they_were_sent(rules: list[Any], sets: dict[str, Any]) -> None:
    case = Case("generated", NAME, {"global": {"rules": rules, "sets": sets, "catch_all": {}}})
    raw = sent(case)
    for one in raw["global"]["sets"]:
        one["rules"] = [{"id": "new", "label": None, "disabled": False, **rule} for rule in one["rules"]]
    assert_settled(case, raw)
