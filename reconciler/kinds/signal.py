"""Signal: how a kind that has a life but no configuration is looked for, sent and followed. Only Git moves it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from reconciler.kinds.place import Paging, Whole
from reconciler.kinds.step import Context, Known, Work
from reconciler.kinds.tree import Object, Path, Tree

_WHOLE = Whole()


@dataclass(frozen=True)
class Query:
    """One question to a vendor, which changes nothing.

    `path` is a template as in `Place`, which may go on with a query; names in it are facts of the account or stand in
    `params`. With `body` it is a POST. The answer's rows stand under `envelope`, page by page; where it is `sole` it is
    one object, and a refusal with a status in `nothing` means that there is none. One whose parameters name an object
    that is not there yet is not asked.
    """

    path: str
    params: Mapping[str, Tree] = field(default_factory=dict)
    envelope: tuple[str, ...] = ()
    paging: Paging = _WHOLE
    body: Object | None = None
    sole: bool = False
    nothing: frozenset[int] = frozenset({404, 410})


def _no_id(leaf: Tree) -> str | None:
    return None


@dataclass(frozen=True)
class Seeing:
    """What a signal may know when it is looked for: the time and the account, and the objects it refers to.

    `ident(leaf)` is the id of the object whose tree `known(leaf)` gives. `marks` are those it may bear where the vendor
    keeps one. `since`: an interrupted run may have sent it, and not before that. `new`: the ledger is new, so that it
    may have been sent at any time.
    """

    context: Context
    known: Known
    ident: Callable[[Tree], str | None] = _no_id
    marks: frozenset[str] = frozenset()
    since: datetime | None = None
    new: bool = False


@dataclass(frozen=True)
class Refusal:
    """Why Git's wish is not carried out: the field, the reason, and the way out.

    `conceals`: a secret stands there in clear, so that nothing of what is wished is shown.
    """

    path: Path
    why: str
    way_out: str
    conceals: bool = False


Rows = Sequence[Mapping[str, Any]]


def _cannot_be_seen(tree: Object, ident: str | None, seeing: Seeing) -> tuple[Query, ...]:
    return ()


def _all_rows(tree: Object, ident: str | None, rows: Rows, seeing: Seeing) -> Rows:
    return rows


def _never_over(tree: Object) -> bool:
    return False


def _no_refusal(work: Work, context: Context) -> Refusal | None:
    return None


def _nobody(work: Work) -> tuple[str, ...]:
    return ()


def _closed_there(live: Object) -> str | None:
    return None


def _never_due(last: Object, there: Object | None, sent: datetime | None, context: Context) -> str | None:
    return None


def _nothing_to_say(last: Object, there: Object | None, sent: datetime | None, context: Context) -> tuple[str, ...]:
    return ()


def _nobody_is_to_blame(tree: Object, message: str) -> Refusal | None:
    return None


def _its_id(raw: Mapping[str, Any]) -> str | None:
    return None if raw.get("id") is None else str(raw["id"])


@dataclass(frozen=True, eq=False)
class Signal:
    """What a kind declares to be a signal. Functions are pure; trees are in the manifest's words.

    queries(tree, id, seeing): where it is looked for, the likeliest first; none: it cannot be looked for, so that what
    was sent is known by the ledger alone. found(tree, id, rows, seeing): those of the rows that it may be; the queries
    end with the first that gives one. state: the fields that move, there and in Git. over(tree): nothing more comes of
    it; recorded thus it is never looked for again. takes_finished: the vendor takes one that begins finished.
    refuses(work, context): why an edit cannot be carried out. In `work`, `live` is what Git said last and `there` what
    the vendor shows. pages(work): whom a write phones or pages, in words. open_there(live): words where it is still
    going on there and Git lets go of it. due(last, there, sent, context): why it is sent again though Git did not
    change, as when it would end by itself; `sent` is None where the ledger does not know it. ident(raw): the
    vendor's id in a row or in the answer to the first step; None means that the answer is no success, "" that the
    vendor gives none. answered(tree, raw): the same of the answer alone, where what was sent tells how to read it.
    stands(last, there, sent, context): words on how long it lasts, where it is not due. blamed(tree, message): the
    field that a refusal in the vendor's words is about. keyed: the vendor takes a second sending of the same for
    the first. lasting: mappings whose items, once sent, cannot be taken back, and are not sent twice. unanswered:
    the way out where an answer holds no id.
    """

    keyed: bool = False
    lasting: tuple[str, ...] = ()
    unanswered: str = "look at the vendor whether it is there"
    queries: Callable[[Object, str | None, Seeing], tuple[Query, ...]] = _cannot_be_seen
    found: Callable[[Object, str | None, Rows, Seeing], Rows] = _all_rows
    state: tuple[str, ...] = ()
    over: Callable[[Object], bool] = _never_over
    takes_finished: bool = False
    refuses: Callable[[Work, Context], Refusal | None] = _no_refusal
    pages: Callable[[Work], tuple[str, ...]] = _nobody
    open_there: Callable[[Object], str | None] = _closed_there
    due: Callable[[Object, Object | None, datetime | None, Context], str | None] = _never_due
    ident: Callable[[Mapping[str, Any]], str | None] = _its_id
    answered: Callable[[Object, Mapping[str, Any]], str | None] | None = None
    stands: Callable[[Object, Object | None, datetime | None, Context], tuple[str, ...]] = _nothing_to_say
    blamed: Callable[[Object, str], Refusal | None] = _nobody_is_to_blame
