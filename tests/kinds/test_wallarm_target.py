"""Targets of wallarm/Integration: the body and the answer of each type, its secrets, its mistakes."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.kinds.shape import Variants
from reconciler.kinds.tree import Hidden, Keep, Unknown, walk
from reconciler.sandbox.wallarm.target import TARGETS
from reconciler.vendors.wallarm.event import ALLOWED
from tests.kind_kit import (
    CONTEXT,
    KINDS,
    Case,
    Mistake,
    assert_mistaken,
    assert_settled,
    cases,
    fields_of,
    mistakes,
    sent,
)

NAME = "wallarm/Integration"
KIND = KINDS[NAME]
ENV = {"env": "SECRET"}
MASK = "********"
EU = "https://api.eu.opsgenie.com/v2/alerts"
WEB = "https://collector.example.com:8088"
WEBHOOK = {
    "http_method": "POST",
    "headers": {},
    "ca_file": "",
    "ca_verify": True,
    "timeout": 15,
    "open_timeout": 20,
    "format": "json",
    "subtype": "web_hooks",
}


def target(type_: str, written: Any, body: Any, raw: Any, name: str = "") -> Case:
    """A target as written, as sent, and as answered, clear or masked."""
    shown = f"{type_} {name}".strip()
    return Case(shown, NAME, {"type": type_, "target": written}, {"target": body}, {"target": raw})


CASES = (
    target("email", ["b@a.example", "a@a.example"], ["b@a.example", "a@a.example"], ["a@a.example", "b@a.example"]),
    target("slack", ENV, "Env", "https://hooks.example.com/T0"),
    target("ms_teams", ENV, "Env", MASK),
    target("pager_duty", ENV, "Env", MASK),
    target("sumo_logic", ENV, "Env", MASK),
    target("opsgenie", {"token": ENV, "api": "eu"}, {"token": "Env", "api": EU}, {"token": MASK, "api": EU}),
    target("splunk", {"token": ENV, "api": WEB}, {"token": "Env", "api": WEB}, {"token": MASK, "api": WEB}),
    target("insight_connect", {"token": ENV, "api": WEB}, {"token": "Env", "api": WEB}, {"token": "x", "api": WEB}),
    target(
        "data_dog",
        {"region": "US1", "token": ENV},
        {"region": "US1", "token": "Env"},
        {"region": "US1", "token": MASK},
    ),
    target("data_dog", {"region": "EU9"}, {"region": "EU9"}, {"region": "EU9"}, "in a region nobody told of"),
    target(
        "web_hooks",
        {"url": ENV},
        {"url": "Env", "headers": {}, "ca_file": "", "subtype": "web_hooks"},
        {"url": MASK, **WEBHOOK},
    ),
    target(
        "web_hooks",
        {
            "url": ENV,
            "http_method": "PUT",
            "headers": {"Authorization": ENV, "X-Team": {"file": "team"}},
            "ca_file": {"file": "ca.pem"},
            "ca_verify": False,
            "timeout": "1m",
            "open_timeout": 5,
            "format": "jsonl",
        },
        {
            "url": "Env",
            "http_method": "PUT",
            "headers": {"Authorization": "Env", "X-Team": "File"},
            "ca_file": "File",
            "ca_verify": False,
            "timeout": 60,
            "open_timeout": 5,
            "format": "jsonl",
            "subtype": "web_hooks",
        },
        {
            "url": MASK,
            "http_method": "PUT",
            "headers": {"X-Team": MASK, "Authorization": MASK},
            "ca_file": MASK,
            "ca_verify": False,
            "timeout": 60,
            "open_timeout": 5,
            "format": "jsonl",
            "subtype": "web_hooks",
        },
        "whole",
    ),
    target(
        "web_hooks",
        {"headers": None, "ca_file": None},
        {"headers": {}, "ca_file": "", "subtype": "web_hooks"},
        {"url": MASK, **WEBHOOK},
        "cleared",
    ),
)


@cases(*CASES)
def test_a_target_is_sent_and_found_again(case: Case) -> None:
    type_ = case.spec["type"]
    assert case.body is not None
    assert case.raw is not None
    assert sent(case) == {"type": type_, **case.body}
    assert_settled(case, {"id": 1, "type": type_, **case.raw})


def test_every_confirmed_type_is_there() -> None:
    assert isinstance(KIND.shape, Variants)
    assert set(KIND.shape.records) == set(ALLOWED) == {*TARGETS, "telegram"}
    assert {case.spec["type"] for case in CASES} == set(TARGETS)


@pytest.mark.parametrize("raw", [{}, {"target": None}, {"target": {"chat_data": MASK}}, {"target": "chat"}])
def test_telegrams_chat_is_there_whatever_is_answered(raw: dict[str, Any]) -> None:
    written = {"chat_data": ENV, "token": ENV, "username": "acme_bot"}
    assert_settled(Case("chat", NAME, {"type": "telegram", "target": written}), {"type": "telegram", **raw})
    tree = KIND.from_api({"type": "telegram", **raw}, CONTEXT)
    assert tree["target"] == {"chat_data": Hidden(), "token": Hidden(), "username": Unknown("Wallarm does not tell it")}


def test_a_constant_of_the_vendors_is_no_field_and_another_subtype_is_kept() -> None:
    assert KIND.from_api({"type": "web_hooks", "target": {"subtype": "web_hooks"}}, CONTEXT)["target"] == {}
    other = KIND.from_api({"type": "web_hooks", "target": {"subtype": "fluentd", "token": "", "api": None}}, CONTEXT)
    assert other["target"] == {"subtype": "fluentd"}
    assert KIND.to_api(other, CONTEXT)["target"]["subtype"] == "fluentd"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4) | st.just("s3cret"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["token", "url", "api", "headers", "ca_file", "region", "chat_data", "timeout", "new"]),
            inner,
        )
    ),
)
OPEN = {"api", "region", "timeout", "http_method", "ca_verify", "open_timeout", "format", "subtype"}


@given(raw=JSON)
def test_no_target_shows_a_secret(raw: Any) -> None:
    for type_ in (*TARGETS, "telegram", "brand_new", None):
        tree = KIND.from_api({"type": type_, "target": raw}, CONTEXT).get("target")
        leaves = [(path, leaf) for path, leaf in walk(tree) if not isinstance(leaf, Hidden | Unknown | None)]
        if type_ != "email":
            assert all(len(path) == 1 and path[0] in OPEN for path, _ in leaves)


# ── what a create needs, what is a secret, what is wrong ────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("type_", "needed"),
    [
        *((type_, ()) for type_ in ("email", "slack", "ms_teams", "pager_duty", "sumo_logic")),
        *((type_, ("target.token", "target.api")) for type_ in ("opsgenie", "splunk", "insight_connect")),
        ("data_dog", ("target.region", "target.token")),
        ("telegram", ("target.chat_data",)),
        ("web_hooks", ("target.url",)),
    ],
)
def test_a_create_needs_a_whole_target(type_: str, needed: tuple[str, ...]) -> None:
    assert KIND.missing({"type": type_, "name": "a"}) == ("target", *needed)
    assert KIND.missing({"type": type_, "name": "a", "target": {}}) == needed


def test_keep_is_enough_until_it_is_made() -> None:
    assert KIND.missing({"type": "slack", "name": "a", "target": Keep()}) == ()


SECRETS = [
    *((type_, ()) for type_ in ("slack", "ms_teams", "pager_duty", "sumo_logic")),
    *((type_, ("token",)) for type_ in ("opsgenie", "splunk", "insight_connect", "data_dog", "telegram")),
    ("telegram", ("chat_data",)),
    *(("web_hooks", path) for path in (("url",), ("ca_file",), ("headers", "Authorization"))),
]


@pytest.mark.parametrize(("type_", "path"), SECRETS, ids=str)
def test_a_literal_secret_is_refused(type_: str, path: tuple[str, ...]) -> None:
    written: Any = "literal"
    for name in reversed(path):
        written = {name: written}
    spec = {"type": type_, "target": written}
    assert_mistaken(Mistake(NAME, spec, ("target", *path), "a secret never stands in a manifest"))


def wrong(type_: str, written: Any, path: tuple[str | int, ...], words: str) -> Mistake:
    return Mistake(NAME, {"type": type_, "target": written}, ("target", *path), words)


@mistakes(
    wrong("email", [], (), "at least 1"),
    wrong("email", ["nobody"], (0,), "pattern"),
    wrong("email", ["a b@example.com"], (0,), "pattern"),
    wrong("email", ["a@example.com", "a@example.com"], (), "item 2 stood there before"),
    wrong("email", "a@example.com", (), "list"),
    wrong("opsgenie", {"api": EU}, ("api",), "'us' or 'eu'"),
    wrong("opsgenie", ENV, ("env",), "not permitted"),
    wrong("splunk", {"api": "splunk.example.com:8088"}, ("api",), "pattern"),
    wrong("splunk", {"api": "ftp://splunk.example.com"}, ("api",), "pattern"),
    wrong("splunk", {"region": "US1"}, ("region",), "not permitted"),
    wrong("insight_connect", {"api": "x y"}, ("api",), "pattern"),
    wrong("data_dog", {"region": ""}, ("region",), "at least 1"),
    wrong("data_dog", {"api": WEB}, ("api",), "not permitted"),
    wrong("telegram", {"username": ""}, ("username",), "at least 1"),
    wrong("telegram", {"chat": ENV}, ("chat",), "not permitted"),
    wrong("web_hooks", {"http_method": "GET"}, ("http_method",), "'POST' or 'PUT'"),
    wrong("web_hooks", {"http_method": "post"}, ("http_method",), "'POST' or 'PUT'"),
    wrong("web_hooks", {"format": "xml"}, ("format",), "'json' or 'jsonl'"),
    wrong("web_hooks", {"timeout": 0}, ("timeout",), "greater than or equal to 1"),
    wrong("web_hooks", {"open_timeout": "soon"}, ("open_timeout",), "like 30s, 5m"),
    wrong("web_hooks", {"ca_verify": "yes"}, ("ca_verify",), "boolean"),
    wrong("web_hooks", {"headers": ["a"]}, ("headers",), "dictionary"),
    wrong("web_hooks", {"subtype": "fluentd"}, ("subtype",), "not permitted"),
    wrong("slack", {"url": ENV}, (), "not a secret's source"),
)
def test_a_mistake_is_told_where_it_is(mistake: Mistake) -> None:
    assert_mistaken(mistake)


def test_what_cannot_be_cleared_says_so() -> None:
    fixed = {path for path, one in fields_of(KIND.shape) if one.no_clear is None}
    assert fixed == {"type", "events", "target.headers", "target.ca_file"}
