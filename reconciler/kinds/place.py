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

    With `more` the answer itself says there, by true or false, whether another page follows. `most`: the vendor lists
    no more objects than that.
    """

    limit: int
    more: tuple[str, ...] = ()
    most: int | None = None


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
class Sole:
    """No list: below each parent there is exactly one object, always, which bears its parent's id."""


Paging = Whole | Offset | Following | Token | Sole


ListedAt = Callable[[tuple[str, ...]], tuple[str, str] | None]


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
    as soon as one manifest's fields want it. `item_query` is that of the single GET.
    `listed_at(key)`: where there is a list for each of some objects, the path of that in which a natural key stands,
    and the id that stands in it as `{of}`.
    `after` are kinds whose objects stand in the natural key, and are told apart before.
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
    after: tuple[str, ...] = ()

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
