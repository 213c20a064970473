"""datadog/DoraIncident: where it is looked for, what each sending says, what is refused and told."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.kinds.signal import Seeing
from reconciler.kinds.step import Context, Work
from reconciler.kinds.tree import Object, Own
from reconciler.sandbox.datadog import vocabulary as sandbox
from reconciler.vendors.datadog.dora_incident import KIND
from tests.kind_kit import tree_of
from tests.kinds.datadog_dora import BEGAN, BLIND, DEPLOYMENT, END, ENDED, ID, INCIDENT, SIGNED, START, edit, signal_of

# ── where it is seen ────────────────────────────────────────────────────────────────────────────────────────────────


def asked(kind: str, spec: Any, ident: str | None = None, context: Context = SIGNED) -> list[Any]:
    """By which id, or from when."""
    found = signal_of(kind).queries(tree_of(kind, spec), ident, Seeing(context, lambda leaf: None))
    assert all(one.sole for one in found)
    return [one.params["id"] if one.body is None else one.body["data"]["attributes"]["from"] for one in found]


BEFORE = {BEGAN: "2026-08-31T23:59:59Z", ENDED: "2026-09-01T00:59:59Z"}
SOUGHT: dict[str, tuple[str, Any, str | None, list[str]]] = {
    "by what the ledger has": (INCIDENT, {"id": ID}, "other-id-of-the-ledger", ["other-id-of-the-ledger"]),
    "by its own id": (DEPLOYMENT, {"id": ID, "started_at": BEGAN}, None, [ID]),
    "around its start": (INCIDENT, {"started_at": BEGAN}, None, [BEFORE[BEGAN]]),
    "around both": (DEPLOYMENT, {"started_at": BEGAN, "finished_at": ENDED}, None, [BEFORE[BEGAN], BEFORE[ENDED]]),
    "where both are one": (DEPLOYMENT, {"started_at": BEGAN, "finished_at": BEGAN}, None, [BEFORE[BEGAN]]),
    "not without a start": (INCIDENT, {"services": ["a"]}, None, []),
}


@pytest.mark.parametrize(("kind", "spec", "ident", "wanted"), SOUGHT.values(), ids=SOUGHT)
def test_it_is_looked_for_by_id_or_in_narrow_windows(kind: str, spec: Any, ident: str | None, wanted: Any) -> None:
    assert asked(kind, spec, ident) == wanted
    assert asked(kind, spec, ident, BLIND) == []


def test_a_list_is_asked_for_in_its_own_words() -> None:
    signal = signal_of(INCIDENT)
    [query] = signal.queries({"started_at": BEGAN}, None, Seeing(SIGNED, lambda leaf: None))
    window = {"from": BEFORE[BEGAN], "to": "2026-09-01T00:00:01Z", "limit": sandbox.DORA_MOST}
    assert query.body == {"data": {"type": "dora_failures_list_request", "attributes": window}}
    assert (query.path, query.envelope) == ("/api/v2/dora/failures", ("data",))


ROW = {"services": ["checkout", "cart"], "team": "payments", "env": "prod", "started_at": "2026-09-01T00:00:00+00:00"}
TREE: Object = {"services": ["cart", "checkout"], "env": "prod", "started_at": BEGAN}
ROWS: dict[str, tuple[dict[str, Any], dict[str, Any], bool]] = {
    "itself": ({}, {}, True),
    "as a number": ({"started_at": START}, {}, True),
    "in small letters there": ({}, {"services": ["Cart", "CHECKOUT"]}, True),
    "of another team, since services tell": ({}, {"team": "other"}, True),
    "by team alone": ({}, {"services": None, "team": "payments"}, True),
    "of another team": ({}, {"services": None, "team": "other"}, False),
    "of fewer services": ({"services": ["cart"]}, {}, False),
    "in another environment": ({"env": "stage"}, {}, False),
    "in no environment": ({"env": None}, {}, False),
    "a second later": ({"started_at": "2026-09-01T00:00:01Z"}, {}, False),
    "without a start": ({"started_at": None}, {}, False),
}


@pytest.mark.parametrize(("row", "tree", "same"), ROWS.values(), ids=ROWS)
def test_it_is_known_again_by_environment_subject_and_start(row: Any, tree: Any, same: bool) -> None:
    signal = signal_of(INCIDENT)
    raw = {"id": "x", "type": "dora_failure", "attributes": {**ROW, **row}}
    seeing = Seeing(SIGNED, lambda leaf: None)
    assert bool(signal.found({**TREE, **tree}, None, [raw], seeing)) is same
    assert bool(signal.found({**TREE, "id": "y"}, None, [raw], seeing)) is False
    assert bool(signal.found(TREE, "x", [raw], seeing)) is True


# ── what is sent, and refused ───────────────────────────────────────────────────────────────────────────────────────

BEGUN: Object = {"services": ["a"], "env": "prod", "started_at": BEGAN, "name": "n"}
OVER: Object = {**BEGUN, "finished_at": ENDED}
EDITS: dict[str, tuple[Object, Object, str]] = {
    "it is over": (BEGUN, {"finished_at": ENDED}, ""),
    "it is graver": (BEGUN, {"severity": "SEV-1", "team": "t", "name": "m"}, ""),
    "its end was wrong": (OVER, {"finished_at": "2026-09-01T02:00:00Z"}, ""),
    "its end is taken back": (OVER, {"finished_at": None}, "finished_at"),
    "other services": (BEGUN, {"services": ["b"]}, "services"),
    "another environment": (BEGUN, {"env": "stage"}, "env"),
    "another start": (BEGUN, {"started_at": ENDED}, "started_at"),
    "an id": (BEGUN, {"id": ID}, "id"),
    "another team, which tells": ({"team": "t", "started_at": BEGAN}, {"team": "u"}, "team"),
}


@pytest.mark.parametrize(("last", "changed", "refused"), EDITS.values(), ids=EDITS)
@pytest.mark.parametrize("context", [SIGNED, BLIND], ids=["signed", "blind"])
def test_what_tells_it_cannot_be_changed(last: Object, changed: Object, refused: str, context: Context) -> None:
    found = signal_of(INCIDENT).refuses(edit(last, **changed), context)
    assert (found.path if found else ()) == ((refused,) if refused else ())
    assert found is None or (found.why and found.way_out)


@pytest.mark.parametrize(("context", "effect"), [(SIGNED, "creates"), (BLIND, "writes")])
def test_what_can_be_looked_for_is_sent_once_and_what_cannot_is_joined(context: Context, effect: str) -> None:
    [step] = KIND.steps(Work("create", BEGUN), context)
    assert (step.effect, step.blind, step.made) == (effect, False, {"started_at": BEGAN})


def test_a_further_sending_says_all_and_names_the_first_by_its_id() -> None:
    [step] = KIND.steps(edit(BEGUN, finished_at=ENDED), SIGNED)
    body = {"services": ["a"], "env": "prod", "name": "n", "started_at": START, "finished_at": END, "id": Own()}
    assert (step.name, step.path, step.instead) == ("finish", "/api/v2/dora/failure", "/api/v2/dora/incident")
    assert (step.body, step.wrap, step.effect) == (body, ("data", "attributes"), "writes")


CONSEQUENCES: list[tuple[Work, str]] = [
    (Work("create", BEGUN), ""),
    (edit(BEGUN, finished_at=ENDED), ""),
    (edit(BEGUN, finished_at=ENDED, severity="x"), "changes severity at Datadog"),
    (edit(OVER, finished_at="2026-09-01T02:00:00Z"), "changes finished_at at Datadog"),
]


@pytest.mark.parametrize(("work", "words"), CONSEQUENCES)
def test_a_reviewer_sees_what_is_not_documented(work: Work, words: str) -> None:
    told = " ".join(KIND.consequences(work))
    assert words in told
    assert bool(words) is bool(told)


NOTICES: list[tuple[Object, tuple[str, ...]]] = [
    ({**BEGUN, "env": "x"}, ()),
    (OVER, ("to follow it, write finished_at: 2026-09-01T01:00:00Z",)),
    ({"name": "other"}, ("name is other there and n in Git",)),
]


@pytest.mark.parametrize(("there", "words"), NOTICES)
def test_what_is_otherwise_there_is_told(there: Object, words: tuple[str, ...]) -> None:
    told = KIND.notices(BEGUN, there)
    assert len(told) == len(words)
    assert all(word in text for word, text in zip(words, told, strict=True))
