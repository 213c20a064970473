"""Stake: what hangs on an object: who uses it, what goes with it, and whether a key given to it works."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from reconciler.kinds.signal import Query
from reconciler.kinds.tree import Ref, Tree


@dataclass(frozen=True)
class Holder:
    """What uses an object, so that the vendor does not delete it; `name` is what people know it by."""

    ref: Ref
    name: str


@dataclass(frozen=True)
class Stake:
    """What hangs on an object and is in no list that a plan reads: asked for when the object is to be deleted.

    `queries(id)` are the questions, `words(answers)` what a reviewer must know; an answer is None where the vendor says
    that there is no such thing.
    """

    queries: Callable[[str], tuple[Query, ...]]
    words: Callable[[Sequence[Any]], tuple[str, ...]]


@dataclass(frozen=True)
class Probe:
    """A read after the write that tells whether it will work: a request to another vendor with a key just given."""

    vendor: str
    region: str
    method: str
    path: str
    body: Tree
    key: Tree
    works: str
    fails: str
