"""What is recorded folds into a state, in one piece or in many, and comes back from its bytes as it was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.errors import LedgerError
from reconciler.ledger.entries import (
    Closed,
    DropEntry,
    Entry,
    Intent,
    LedgerState,
    Opened,
    PutEntry,
    Record,
    TenantSeen,
    fold,
)
from reconciler.ledger.journal import SEGMENT, SNAPSHOT, Segment, Snapshot
from reconciler.ledger.shelf import Shelf, Slot, Torn, encode
from reconciler.ledger.store import Store
from tests.ledger.stage import PREFIX, entry, intent

NAMES = st.sampled_from(["a", "b", "дежурные", "当番"])
TEXT = st.text(max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
ENTRIES = st.builds(
    Entry,
    address=NAMES,
    id=TEXT,
    key=st.lists(TEXT, min_size=1, max_size=2).map(tuple),
    declared=JSON,
    born=st.none() | TEXT,
    outputs=st.dictionaries(TEXT, TEXT, max_size=2),
    protect=st.booleans(),
    origin=st.sampled_from(["created", "adopted"]),
    retiring=st.lists(TEXT, max_size=2).map(tuple),
    unfinished=st.booleans(),
    labels=st.dictionaries(TEXT, TEXT, max_size=2),
)
IDENTS = st.sampled_from(["1", "2", "3"])
INTENTS = st.builds(
    Intent,
    ident=IDENTS,
    address=NAMES,
    step=st.integers(0, 3),
    effect=st.sampled_from(["creates", "writes", "deletes"]),
    what=JSON,
    at=TEXT,
)
RECORDS: st.SearchStrategy[Record] = st.one_of(
    st.builds(PutEntry, ENTRIES),
    st.builds(DropEntry, NAMES),
    st.builds(Opened, INTENTS),
    st.builds(Closed, IDENTS, st.sampled_from(["done", "not done", "not sent", "settled"])),
    st.builds(TenantSeen, TEXT),
)
SHELF = Shelf(Store.memory(), PREFIX)
SLOT = Slot("journal", 1)


@given(st.lists(RECORDS), st.lists(RECORDS))
def test_folding_in_parts_is_folding_at_once(first: list[Record], second: list[Record]) -> None:
    assert fold(fold(LedgerState(), first), second) == fold(LedgerState(), [*first, *second])


@given(st.lists(RECORDS))
def test_a_segment_comes_back_from_its_bytes_as_it_was(records: list[Record]) -> None:
    segment = Segment("w", tuple(records))
    assert SHELF.parse(SLOT, encode(segment, SEGMENT), SEGMENT) == segment


@given(st.lists(RECORDS))
def test_a_snapshot_comes_back_from_its_bytes_as_it_was(records: list[Record]) -> None:
    state = fold(LedgerState(), records)
    snapshot = Snapshot(tuple(state.entries.values()), state.open, state.tenant)
    assert SHELF.parse(SLOT, encode(snapshot, SNAPSHOT), SNAPSHOT) == snapshot


@given(st.lists(RECORDS), st.data())
def test_a_document_cut_short_is_never_taken_for_a_whole_one(records: list[Record], data: st.DataObject) -> None:
    body = encode(Segment("w", tuple(records)), SEGMENT)
    cut = body[: data.draw(st.integers(0, len(body) - 1))]
    try:
        found: Segment | Torn = SHELF.parse(SLOT, cut, SEGMENT)
        assert isinstance(found, Torn)
    except LedgerError:  # cut behind a bracket and a line's end of its own
        assert cut.endswith(b"}\n")


def test_a_later_entry_replaces_the_earlier_one_of_its_address() -> None:
    state = fold(LedgerState(), [PutEntry(entry("a")), PutEntry(entry("a", protect=True)), PutEntry(entry("b"))])
    assert [(one.address, one.protect) for one in state.entries.values()] == [
        ("opsgenie/Team/a", True),
        ("opsgenie/Team/b", False),
    ]


def test_dropping_what_is_not_there_is_nothing() -> None:
    assert fold(LedgerState(), [DropEntry("opsgenie/Team/a")]).entries == {}


@pytest.mark.parametrize("outcome", ["done", "not done", "not sent", "settled"])
def test_an_intent_is_open_until_its_outcome_is_known(outcome: str) -> None:
    opened = fold(LedgerState(), [Opened(intent("1")), Opened(intent("2"))])
    assert [one.ident for one in opened.open] == ["1", "2"]
    closed = fold(opened, [Closed("1", outcome)])  # type: ignore[arg-type]  # one of the four, from the list above
    assert [one.ident for one in closed.open] == ["2"]


def test_a_state_is_new_until_something_is_recorded() -> None:
    assert LedgerState().new
    assert fold(LedgerState(), []).new
    assert not fold(LedgerState(), [TenantSeen("acme")]).new


def test_a_fold_leaves_the_state_before_it_alone() -> None:
    before = fold(LedgerState(), [PutEntry(entry("a"))])
    fold(before, [DropEntry("opsgenie/Team/a"), Opened(intent("1"))])
    assert set(before.entries) == {"opsgenie/Team/a"}
    assert before.open == ()
