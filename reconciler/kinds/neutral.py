"""Neutral: what a kind does where it declares nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal

from reconciler.kinds.remark import Handle, Misfit, Remark, Taken
from reconciler.kinds.signal import Refusal
from reconciler.kinds.stake import Holder, Probe
from reconciler.kinds.step import Context, Work
from reconciler.kinds.tree import Link, Object, Path

Removal = Literal["delete", "reset", "release"]

# The tree of the object a link leads to, in the manifest's words; None where it was not read.
Look = Callable[[Link], Object | None]
# The trees of all objects of a kind in the same account, as far as they were read.
Seen = Callable[[str], Iterable[Object]]


def always_delete(tree: Object, leaving: frozenset[str]) -> Removal:
    return "delete"


def no_remarks(tree: Object) -> Sequence[Remark]:
    return ()


def no_words(work: Work) -> tuple[str, ...]:
    return ()


def no_notices(declared: Object, live: Object) -> tuple[str, ...]:
    return ()


def no_cautions(tree: Object, look: Look) -> Sequence[Remark]:
    return ()


def no_holders(raw: Object) -> Sequence[Holder]:
    return ()


def always_open(ident: str, live: Object, seen: Seen) -> str | None:
    return None


def nothing_else_fixed(tree: Object) -> frozenset[str]:
    return frozenset()


def no_probes(work: Work) -> tuple[Probe, ...]:
    return ()


def nothing_ends(tree: Object, context: Context) -> bool:
    return False


def whole_raw(raw: Object) -> Object:
    return raw


def as_written(wanted: Object, live: Object, context: Context) -> Object:
    return wanted


def nothing_more(tree: Object) -> tuple[str, ...]:
    return ()


def nothing_taken(tree: Object) -> tuple[Taken, ...]:
    return ()


def never_called(tree: Object) -> tuple[Handle, ...]:
    return ()


def nothing_mentioned(tree: Object) -> Mapping[Handle, Path]:
    return {}


def nothing_answered(tree: Object, answers: Sequence[Any]) -> Sequence[Remark]:
    return ()


def fits(tree: Object, seen: Seen) -> Sequence[Misfit]:
    return ()


def nothing_heard(body: Any) -> tuple[str, ...]:
    return ()


def over_all(raw: Object, body: Object, context: Context) -> Object:
    return {**raw, **body}


def as_declared(declared: Object, context: Context) -> Object:
    return declared


def nothing_before(declared: Object) -> tuple[str, ...]:
    return ()


def refuses_nothing(work: Work, context: Context) -> Refusal | None:
    return None


def nothing_against(body: Any) -> Iterable[Remark]:
    return ()
