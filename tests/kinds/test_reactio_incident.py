"""reactio/Incident: what a manifest says, what is sent, what is read, and what nobody may write."""

from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from reconciler.kinds.fields import NoClear
from reconciler.kinds.spec import declared, read
from reconciler.kinds.step import Context
from reconciler.kinds.tree import Object
from reconciler.sandbox.reactio import vocabulary as sandbox
from reconciler.vendors.reactio import incident, life, message, moment, option, parameter

CONTEXT = Context(datetime(2026, 1, 1, tzinfo=UTC))
SERVER: dict[str, Any] = {
    "id": 512,
    "manager": None,
    "closed_by": None,
    "closed_at": None,
    "pended_by": 0,
    "pended_at": 1760000000,
    "created_by": 0,
    "created_at": 1760000000,
    "updated_by": 0,
    "updated_at": 1760000000,
}


def tree_of(spec: dict[str, Any]) -> Object:
    return declared(read(incident.Incident, spec))


def wrong(spec: dict[str, Any]) -> dict[tuple[str | int, ...], str]:
    with pytest.raises(ValidationError) as found:
        read(incident.Incident, spec)
    return {error["loc"]: error["msg"] for error in found.value.errors()}


WIRE: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "everything that is sent with it",
        {
            "name": "決済APIの応答遅延",
            "status": "open",
            "parameters": {"service": "checkout", "detection": "system"},
            "topics": ["一次切り分け"],
            "notification_text": "参集",
            "notification_call": False,
            "message": "<b>自動起票</b><br>p95 = 4.2s",
        },
        {
            "name": "決済APIの応答遅延",
            "status": "open",
            "parameters": {"service": "checkout", "detection": "system"},
            "topics": ["一次切り分け"],
            "notification_text": "参集",
            "notification_call": False,
            "message": "<b>自動起票</b><br>p95 = 4.2s",
        },
    ),
    (
        "what is ours is not sent",
        {
            "name": "a",
            "since": "2026-01-05T09:00:00Z",
            "messages": {"fixed": "復旧"},
            "notifications": {"fixed": {"notification_text": "復旧"}},
        },
        {"name": "a"},
    ),
    (
        "older fields go inside the parameters",
        {"scale": "point", "point": "os", "close_text": "増設", "parameters": {"service": "search"}},
        {"parameters": {"point": "os", "scale": "point", "close_text": "増設", "service": "search"}},
    ),
    ("older fields alone", {"detection": "msp"}, {"parameters": {"detection": "msp"}}),
    ("said in both ways alike", {"cause": "bug", "parameters": {"cause": "bug"}}, {"parameters": {"cause": "bug"}}),
    ("null is not selected, and not sent", {"cause": None, "parameters": {"point": None}}, {"parameters": {}}),
    ("nulls of other fields are not sent either", {"name": "a", "status": None, "message": None}, {"name": "a"}),
]


@pytest.mark.parametrize(("spec", "body"), [row[1:] for row in WIRE], ids=[row[0] for row in WIRE])
def test_what_is_sent_is_what_is_said(spec: dict[str, Any], body: dict[str, Any]) -> None:
    assert incident.to_api(tree_of(spec), CONTEXT) == body
    folded = parameter.folded(tree_of(spec))
    assert parameter.folded(folded) == folded
    assert incident.to_api(folded, CONTEXT) == body


TOPIC = {"id": 901, "name": "顧客告知", "status": "open", "color": "#077f40"}
READ: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "a row of the list",
        {**SERVER, "name": "a", "status": "pend", "parameters": {"cause": "bug"}},
        {"name": "a", "status": "pend", "parameters": {"cause": "bug"}},
    ),
    (
        "the answer to a create",
        {"name": "a", "topics": [TOPIC], "notifications": {"id": 77, "notification_text": "x"}, "parameters": {}},
        {"name": "a", "topics": ["顧客告知"], "parameters": {}},
    ),
    (
        "the detail",
        {"name": "a", "topics": [], "files": [{"name": "a.docx"}], "users": [{"id": 1}], "parameters": {}},
        {"name": "a", "topics": [], "parameters": {}},
    ),
    (
        "a text that stands beside the parameters too",
        {"close_text": "増設", "parameters": {"close_text": "増設", "cause": "bug"}},
        {"parameters": {"close_text": "増設", "cause": "bug"}},
    ),
    ("a text that stands beside them alone", {"close_text": "増設"}, {"parameters": {"close_text": "増設"}}),
    ("selections that nobody made", {"parameters": {"cause": None, "point": "os"}}, {"parameters": {"point": "os"}}),
    ("no parameters", {"name": "a", "parameters": None}, {"name": "a"}),
    ("a status that is new", {"status": "reopened"}, {"status": "reopened"}),
    ("a field that is new", {"brand": {"new": [1]}}, {"brand": {"new": [1]}}),
    ("forms that are new", {"parameters": "a:b", "topics": ["x"]}, {"parameters": "a:b", "topics": ["x"]}),
    ("more of them", {"parameters": [1], "close_text": "x"}, {"parameters": [1], "close_text": "x"}),
]


@pytest.mark.parametrize(("raw", "tree"), [row[1:] for row in READ], ids=[row[0] for row in READ])
def test_what_is_read_is_in_the_manifests_words(raw: dict[str, Any], tree: Object) -> None:
    assert incident.from_api(raw, CONTEXT) == tree
    assert isinstance(incident.to_api(tree, CONTEXT), dict)


# ── what nobody may write ───────────────────────────────────────────────────────────────────────────────────────────

MISTAKES: list[tuple[dict[str, Any], tuple[str | int, ...], str]] = [
    ({"name": ""}, ("name",), "at least 1 character"),
    ({"status": "closed"}, ("status",), "'open', 'pend' or 'close'"),
    ({"detection": "監視委託"}, ("detection",), '"監視委託" is the label: write msp'),
    ({"cause": "不明"}, ("cause",), '"不明" is the label: write unknown'),
    ({"point": "専有ハードウェア"}, ("point",), '"専有ハードウェア" is the label: write hardware'),
    ({"scale": "サービスの一部"}, ("scale",), '"サービスの一部" is the label: write point'),
    ({"scale": "application"}, ("scale",), "'cross', 'whole' or 'point'"),
    ({"point": "OS"}, ("point",), '"OS" is the label: write os'),
    ({"parameters": {"service": 7}}, ("parameters", "service"), "valid string"),
    ({"parameters": "service:checkout"}, ("parameters",), "valid dictionary"),
    ({"topics": ["a", "a"]}, ("topics",), "item 2 stood there before"),
    ({"topics": [""]}, ("topics", 0), "at least 1 character"),
    ({"since": "yesterday"}, ("since",), "'yesterday' is no instant with an offset"),
    ({"since": "2026-01-05T09:00:00"}, ("since",), "no instant with an offset"),
    ({"notification_text": ""}, ("notification_text",), "at least 1 character"),
    ({"notification_call": "yes"}, ("notification_call",), "valid boolean"),
    ({"messages": {"a": "<h1>"}}, ("messages", "a"), 'not "<h1"'),
    ({"messages": {"": "x"}}, ("messages", "", "[key]"), "at least 1 character"),
    ({"notifications": {"a": {}}}, ("notifications", "a", "notification_text"), "Field required"),
    ({"notifications": {"a": "x"}}, ("notifications", "a"), "valid dictionary or instance"),
    ({"manager": 4}, ("manager",), "not permitted"),
    (
        {"detection": "system", "parameters": {"detection": "msp"}},
        ("parameters", "detection"),
        'it is "msp" here and "system" in detection',
    ),
    ({"cause": None, "parameters": {"cause": "bug"}}, ("parameters", "cause"), 'it is "bug" here and null in cause'),
    ({"pend_text": "x", "parameters": {"pend_text": None}}, ("parameters", "pend_text"), 'null here and "x"'),
]


@pytest.mark.parametrize(("spec", "path", "words"), MISTAKES, ids=[str(row[0])[:50] for row in MISTAKES])
def test_what_is_wrong_is_told_at_its_place(spec: dict[str, Any], path: tuple[str | int, ...], words: str) -> None:
    assert words in wrong(spec)[path]


MESSAGES = [
    ("x" * 10_000, None),
    ("長" * 10_000, None),
    ("x" * 10_001, "at most 10,000 characters, this one has 10,001"),
    ('<a href="https://x.test">x</a> <B>b</B><br/><br><img src="x.png">', None),
    ("4 < 5, <3 and a <- b", None),
    ("5 &lt; 6", None),
    ("<p>x</p>", 'takes a, b, br, img, not "<p" (character 1)'),
    ("<b>x</b><script>", 'not "<script" (character 9)'),
    ("</div>", 'not "</div"'),
    ("<abbr>", 'not "<abbr"'),
    ("<!-- hidden -->", 'not "<!"'),
    ("<?php", 'not "<?"'),
]


@pytest.mark.parametrize(("text", "words"), MESSAGES, ids=[row[0][:20] for row in MESSAGES])
def test_a_message_is_short_and_has_four_tags(text: str, words: str | None) -> None:
    if words is None:
        assert tree_of({"message": text}) == {"message": text}
    else:
        assert words in wrong({"message": text})[("message",)]
        assert words in wrong({"messages": {"a": text}})[("messages", "a")]


def test_null_is_refused_where_nothing_can_be_cleared() -> None:
    """All but the older fields, where null is a selection nobody made."""
    fixed = {
        name
        for name, info in incident.Incident.model_fields.items()
        if any(isinstance(mark, NoClear) for mark in info.metadata)
    }
    assert set(incident.Incident.model_fields) - fixed == set(parameter.DEPRECATED)


# ── what is said of it ──────────────────────────────────────────────────────────────────────────────────────────────

REMARKS: list[tuple[dict[str, Any], list[tuple[tuple[str, ...], str]]]] = [
    ({"parameters": {"detection": "msp"}, "notification_text": "x", "notification_call": True}, []),
    ({"notification_call": False}, []),
    (
        {"notification_call": True},
        [(("notification_call",), "without notification_text no telephone rings")],
    ),
    (
        {"scale": "whole", "cause": "over-capacity", "point": None, "pend_text": "x: y"},
        [
            (("cause",), "cause is about to be removed by Reactio: write parameters: {cause: over-capacity}"),
            (("point",), "point is about to be removed by Reactio: write parameters: {point: null}"),
            (("scale",), "scale is about to be removed by Reactio: write parameters: {scale: whole}"),
            (("pend_text",), "pend_text is about to be removed by Reactio: write parameters: {pend_text: …}"),
        ],
    ),
]


@pytest.mark.parametrize(("spec", "said"), REMARKS, ids=[", ".join(row[0]) for row in REMARKS])
def test_what_works_and_is_not_meant_is_warned_about(spec: dict[str, Any], said: Any) -> None:
    assert [(remark.path, remark.text) for remark in incident.remarks(tree_of(spec))] == said


@pytest.mark.parametrize(
    ("wanted", "there", "back"),
    [
        ("pend", "open", False),
        ("close", "open", False),
        ("close", "close", False),
        ("open", "pend", True),
        ("open", "close", True),
        ("pend", "close", True),
        ("open", "reopened", False),
        (None, "close", False),
    ],
)
def test_a_status_goes_forward(wanted: Any, there: Any, back: bool) -> None:
    assert life.goes_back(wanted, there) is back


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            {"notifications": {"notificated_for": {"phone": ["4"], "email1": ["4", "9"], "email2": [], "imkayac": []}}},
            ("told by phone: users 4; email1: users 4, 9",),
        ),
        ({"id": 78, "notificated_for": {"email1": ["4"]}}, ("told by email1: users 4",)),
        ({"notificated_for": {"phone": [], "email1": []}}, ("nobody was told",)),
        ({"notifications": None}, ()),
        ({"notifications": {}}, ()),
        ({"success": True}, ()),
        (None, ()),
        ([], ()),
        ({"notificated_for": {"phone": 3}}, ("nobody was told",)),
    ],
)
def test_whom_a_notification_reached_is_told(body: Any, words: tuple[str, ...]) -> None:
    assert incident.heard(body) == words


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("2026-01-05T09:00:00Z", 1767603600),
        ("2026-01-05T18:00:00+09:00", 1767603600),
        (1767603600, 1767603600),
        ("2026-01-05T09:00:00", None),
        ("1767603600", None),
        (True, None),
        (None, None),
    ],
)
def test_a_moment_is_an_instant_or_seconds(written: Any, seconds: int | None) -> None:
    assert moment.seconds(written) == seconds


# ── double entry ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (life.STATUSES, sandbox.STATUSES),
        (get_args(incident.Status), sandbox.STATUSES),
        (parameter.DEPRECATED, sandbox.DEPRECATED),
        (tuple(option.BUILT_IN), (*sandbox.SELECTIONS, *sandbox.FREE_TEXTS)),
        (message.TAGS, sandbox.MESSAGE_TAGS),
        ((message.MOST,), (sandbox.MESSAGE_MOST,)),
        *((tuple(option.BUILT_IN[name].strings), words) for name, words in sandbox.SELECTIONS.items()),
        *(
            (get_args(form), sandbox.SELECTIONS[name])
            for name, form in (
                ("detection", option.Detection),
                ("cause", option.Cause),
                ("point", option.Point),
                ("scale", option.Scale),
            )
        ),
    ],
)
def test_words_and_limits_are_the_same_on_both_sides(ours: Any, theirs: Any) -> None:
    assert ours == theirs
