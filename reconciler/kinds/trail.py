"""Trail: what a vendor tells of who changed an object, and what is looked at of a past that Git does not follow."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reconciler.kinds.signal import Query
from reconciler.kinds.step import Context
from reconciler.kinds.tree import Object


@dataclass(frozen=True)
class Authored:
    """One write to an object, as the vendor tells it; what it does not tell is empty.

    `at` is an instant, `by` a person or a key, `how` the way it came in, `fields` the vendor's names of what changed.
    """

    at: str
    by: str = ""
    how: str = ""
    fields: tuple[str, ...] = ()


def _nothing_to_ask(ident: str, context: Context) -> tuple[Query, ...]:
    return ()


@dataclass(frozen=True)
class Trail:
    """Who wrote an object, and when: asked only of one that drifted.

    `queries(id, context)` are the questions, `authors(raw, answers)` the writes, the newest first, from the object as
    it was read and the bodies of the answers in the order asked.
    """

    authors: Callable[[Mapping[str, Any], Sequence[Any]], Iterable[Authored]]
    queries: Callable[[str, Context], tuple[Query, ...]] = _nothing_to_ask


@dataclass(frozen=True)
class Oddity:
    """Something in a live object that what people know of the account does not allow; `way_out` is done by hand."""

    text: str
    way_out: str
    grave: bool = True


@dataclass(frozen=True)
class Review:
    """A look back at live objects that no API can mend: against what the account's catalogues say.

    `queries(since, context)` ask for them, `oddities(row, catalogues)` tells what is wrong with one, in the same words
    for all of which the same is wrong; `name(row)` is what people call it, `what` several of them.
    """

    what: str
    queries: Callable[[datetime, Context], tuple[Query, ...]]
    oddities: Callable[[Object, Sequence[Object]], Iterable[Oddity]]
    name: Callable[[Object], str]
