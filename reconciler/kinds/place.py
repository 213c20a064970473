"""Place: where a kind is read and written: paths, envelopes, pages, and what further requests give."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from reconciler.kinds.step import Context
from reconciler.kinds.tree import Object


def _every_row(raw: Mapping[str, Any]) -> bool:
    return True


@dataclass(frozen=True)
class Whole:
    """The list comes in one answer."""


@dataclass(frozen=True)
class Offset:
    """The list comes in pages of `limit`, by `offset`; a page that is not full is the last.

    With `more` the answer itself says there, by true or false, whether another page follows; with `total`, how many
    objects there are in all: then the further pages are asked for at once. `count` is the query by which the first page
    is asked to say so. `most`: the vendor lists no more objects than that. `ask` is what the query calls limit and
    offset.
    """

    limit: int
    more: tuple[str, ...] = ()
    most: int | None = None
    total: tuple[str, ...] = ()
    count: tuple[tuple[str, str], ...] = ()
    ask: tuple[str, str] = ("limit", "offset")


@dataclass(frozen=True)
class Numbered:
    """The list comes in pages of `limit`, numbered from 1; a page that is not full is the last. `ask` is what the query
    calls number and limit. `most`: the vendor lists no more objects than that."""

    limit: int
    most: int | None = None
    ask: tuple[str, str] = ("page", "per_page")


@dataclass(frozen=True)
class Following:
    """A page names the next one's address under `at`; only its query is taken, the host and path stay ours."""

    at: tuple[str, ...]
    limit: int | None = None


@dataclass(frozen=True)
class Token:
    """A page gives under `at` the token by which the next one is asked for, in the query's `ask`."""

    limit: int
    at: tuple[str, ...]
    ask: str


@dataclass(frozen=True)
class Alone:
    """A page gives under `at` the key of the next one, which is asked for with the query's `ask` and nothing else.

    A page may be empty and not the last.
    """

    at: tuple[str, ...]
    ask: str


@dataclass(frozen=True)
class Sole:
    """No list: below each parent there is exactly one object, always, which bears its parent's id."""


Paging = Whole | Offset | Numbered | Following | Token | Alone | Sole


Rows = list[Object]
ListedAt = Callable[[tuple[str, ...]], tuple[str, str] | None]


def _as_it_is(row: Object, of: str) -> Object:
    return row


def _in_any_order(rows: Rows) -> Rows:
    return rows


def _always(raw: Object) -> bool:
    return True


def _asks_nothing(declared: Object) -> tuple[tuple[str, str], ...]:
    return ()


@dataclass(frozen=True)
class Part:
    """A field of an object that a GET of its own gives, asked for where a manifest declares the field.

    `when(raw)` tells from the object whether to ask at all; a refusal with a status in `nothing` means that there is
    none, or that it is as `instead` says. With `paging` the field is a list.
    """

    name: str
    path: str
    envelope: tuple[str, ...] = ()
    when: Callable[[Object], bool] = _always
    nothing: frozenset[int] = frozenset({404, 410})
    instead: Mapping[str, Any] | None = None
    paging: Paging | None = None


@dataclass(frozen=True)
class Place:
    """Paths and envelopes of a kind. Templates may hold `{id}`, a parent's field or a fact of the account.

    A template may go on with a query; of that, pairs whose value is empty are left out. Where `parent_needed` is False
    objects may also stand below none. `parts` are fields that further GETs of the single object give.

    `detail` names the fields that only a GET of the single object gives (`("*",)` for all of them). Where `item_read`
    is False the vendor has no single GET and a second list stands in. `id_number` says that ids are numbers on the
    wire. With `list_body` the list is asked for by POST, and `Offset` goes in that body. `lists` says which rows are
    objects: not those of deleted ones, nor what the vendor keeps for itself. `within` leads to the list in the parent's
    own raw object, where the vendor has none by itself. `asks(declared)`: a query of the list beside `query`, asked for
    as soon as one manifest's fields want it. `item_query` is that of the single GET. `listed_at(key)`: where there is a
    list for each of some objects, the path of that in which a natural key stands, and the id that stands in it as
    `{of}`. Such a list may be a single object, where the vendor only tells what it is asked for by name: then nothing
    is seen but what is wanted or ours. `row(raw, of)` is what a row is taken for. `after` are kinds whose objects stand
    in the natural key, and are told apart before. `older`: what is asked in place of pairs of `query`, one after the
    other, where a vendor's older version refuses those with 400. `gathers(key)`: the object is what some lists hold
    together, one for each `{of}` in `list`; it always is there. Its raw form has the lists' rows in `rows`, what was
    asked for in `of`, and in `remembered` what the ledger keeps by the kind's `remember`. `lined_up(rows)`: the rows of
    one of several lists with what their order tells. `list_of`: where all lists together hold everything, their paths,
    each with the kind for whose every object there is such a list.
    """

    list: str
    envelope: tuple[str, ...] = ()
    query: tuple[tuple[str, str], ...] = ()
    paging: Paging = Whole()
    item: str = ""
    item_query: tuple[tuple[str, str], ...] = ()
    item_envelope: tuple[str, ...] = ()
    item_read: bool = True
    detail: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    parent: str | None = None
    parent_needed: bool = True
    create: str = ""
    update: Literal["PATCH", "PUT", "POST"] = "PATCH"
    wrap: tuple[str, ...] = ()
    created: tuple[str, ...] = ()
    id_at: str = "id"
    id_number: bool = False
    facts: frozenset[str] = frozenset()
    list_body: Callable[[Context], Object] | None = None
    lists: Callable[[Mapping[str, Any]], bool] = _every_row
    within: tuple[str, ...] = ()
    asks: Callable[[Object], tuple[tuple[str, str], ...]] = _asks_nothing
    listed_at: ListedAt | None = None
    row: Callable[[Object, str], Object] = _as_it_is
    after: tuple[str, ...] = ()
    older: tuple[tuple[tuple[str, str], ...], ...] = ()
    gathers: Callable[[tuple[str, ...]], tuple[str, ...]] | None = None
    lined_up: Callable[[Rows], Rows] = _in_any_order
    list_of: tuple[tuple[str, str], ...] = ()

    @cached_property
    def path_fields(self) -> tuple[str, ...]:
        """Fields of the object that stand in its paths: its parent's."""
        names = re.findall(r"\{(\w+)\}", self.list + self.item + self.create)
        return tuple(dict.fromkeys(name for name in names if name != "id" and name not in self.facts))

    @property
    def item_path(self) -> str:
        return self.item or self.list + "/{id}"

    @property
    def lists_whole(self) -> bool:
        """Whether the list tells all there is of an object."""
        return not self.detail and not self.parts
