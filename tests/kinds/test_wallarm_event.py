"""Events of wallarm/Integration: the vendor's table, type by type, and the forms a list of them may have."""

from typing import Any

import pytest

from reconciler.kinds.remark import Remark
from reconciler.sandbox.wallarm import vocabulary
from reconciler.vendors.wallarm import event
from tests.kind_kit import CONTEXT, KINDS, Case, Mistake, assert_mistaken, assert_settled, mistakes, sent, tree_of

NAME = "wallarm/Integration"
KIND = KINDS[NAME]

# The table of the vendor's events, column by column: how many a type may have, and which of the odd ones.
MAIL, CHAT, TELEGRAM, COLLECTOR = 7, 7, 10, 9
TYPES = {
    "email": MAIL,
    **dict.fromkeys(("slack", "ms_teams", "opsgenie", "pager_duty"), CHAT),
    "telegram": TELEGRAM,
    **dict.fromkeys(("data_dog", "insight_connect", "splunk", "sumo_logic", "web_hooks"), COLLECTOR),
}
COLLECTORS = [type_ for type_, count in TYPES.items() if count == COLLECTOR]
EVERY = sorted(event.KNOWN)


def test_both_sides_know_the_same_table() -> None:
    ours = {type_: set(names) for type_, names in event.ALLOWED.items()}
    assert ours == {type_: set(names) for type_, names in vocabulary.EVENTS.items()}
    assert {type_: len(names) for type_, names in event.ALLOWED.items()} == TYPES
    assert not event.KNOWN & set(vocabulary.OLDER_EVENTS)


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("type_", TYPES)
def test_a_type_takes_its_own_events_and_no_others(type_: str, name: str) -> None:
    spec = {"type": type_, "events": [name]}
    if name in vocabulary.EVENTS[type_]:
        assert tree_of(NAME, spec)["events"] == [name]
    else:
        words = f"an integration of type {type_} has no event {name}; it has system"
        assert_mistaken(Mistake(NAME, spec, ("events", 0), words))


@pytest.mark.parametrize("type_", TYPES)
def test_all_events_of_a_type_are_sent_whichever_are_on(type_: str) -> None:
    case = Case(type_, NAME, {"type": type_, "events": ["system"]})
    events = sent(case)["events"]
    assert {one["event"] for one in events} == set(vocabulary.EVENTS[type_])
    assert [one["event"] for one in events if one["active"]] == ["system"]
    assert_settled(case, {"id": 1, "type": type_, "events": events[::-1]})
    assert_settled(Case("only the active ones answered", NAME, case.spec), {"type": type_, "events": events[:1]})


@pytest.mark.parametrize("type_", TYPES)
def test_null_switches_all_of_them_off(type_: str) -> None:
    events = sent(Case(type_, NAME, {"type": type_, "events": None}))["events"]
    assert {one["active"] for one in events} == {False}


@pytest.mark.parametrize("type_", COLLECTORS)
@pytest.mark.parametrize(
    ("written", "tree", "wire"),
    [
        ("siem", "siem", {"event": "siem", "active": True}),
        ({"siem": {}}, "siem", {"event": "siem", "active": True}),
        ({"siem": {"with_headers": False}}, "siem", {"event": "siem", "active": True}),
        (
            {"siem": {"with_headers": True}},
            {"siem": {"with_headers": True}},
            {"event": "siem", "active": True, "with_headers": True},
        ),
    ],
)
def test_siem_comes_with_headers_or_without(type_: str, written: Any, tree: Any, wire: Any) -> None:
    case = Case("siem", NAME, {"type": type_, "events": [written]})
    assert tree_of(NAME, case.spec)["events"] == [tree]
    assert wire in sent(case)["events"]
    full = {"event": "siem", "active": True, "with_headers": "with_headers" in wire}
    assert_settled(case, {"type": type_, "events": [full]})
    other = {**full, "with_headers": not full["with_headers"]}
    with pytest.raises(AssertionError):
        assert_settled(case, {"type": type_, "events": [other]})


def of(type_: str, *events: Any) -> dict[str, Any]:
    return {"type": type_, "events": list(events)}


@mistakes(
    Mistake(NAME, of("splunk", "system", "system"), ("events",), "item 2 stood there before"),
    Mistake(NAME, of("splunk", "siem", {"siem": {"with_headers": True}}), ("events",), "siem stands there twice"),
    Mistake(NAME, of("splunk", {"siem": {"headers": True}}), ("events", 0), "siem takes {with_headers: true}"),
    Mistake(NAME, of("splunk", {"siem": {"with_headers": "yes"}}), ("events", 0), "siem takes {with_headers: true}"),
    Mistake(NAME, of("splunk", {"siem": True}), ("events", 0), "or siem: {with_headers: true}"),
    Mistake(NAME, of("splunk", {"system": {"with_headers": True}}), ("events", 0), "an event is a word"),
    Mistake(NAME, of("splunk", 7), ("events", 0), "an event is a word"),
    Mistake(NAME, of("splunk", ""), ("events", 0), "an event is a word"),
    Mistake(NAME, of("slack", {"siem": {"with_headers": True}}), ("events", 0), "slack has no event siem"),
    Mistake(NAME, of("slack", {"hit": {}}), ("events", 0), "an event is a word"),
    Mistake(NAME, {"type": "slack", "events": {"system": True}}, ("events",), "list"),
)
def test_a_mistake_is_told_where_it_is(mistake: Mistake) -> None:
    assert_mistaken(mistake)


@pytest.mark.parametrize("name", vocabulary.OLDER_EVENTS)
@pytest.mark.parametrize("type_", TYPES)
def test_an_event_of_an_older_vocabulary_is_remarked_and_passes(type_: str, name: str) -> None:
    spec = of(type_, "system", name)
    [remark] = KIND.remarks(tree_of(NAME, spec))
    assert isinstance(remark, Remark)
    assert remark.path == ("events", 1)
    assert name in remark.text
    assert {"event": name, "active": True} in sent(Case(name, NAME, spec))["events"]


@pytest.mark.parametrize("type_", TYPES)
def test_a_known_event_is_not_remarked(type_: str) -> None:
    assert list(KIND.remarks(tree_of(NAME, of(type_, *vocabulary.EVENTS[type_])))) == []


def test_what_is_no_event_at_all_passes_both_ways() -> None:
    raw = {"type": "slack", "events": [{"event": 7, "active": True}, "odd", None]}
    tree = KIND.from_api(raw, CONTEXT)
    assert tree["events"] == [{"event": 7, "active": True}, "odd", None]
    body = KIND.to_api(tree, CONTEXT)
    assert body["events"][-3:] == [{"event": "odd", "active": True}, {"event": 7, "active": True}, None]
