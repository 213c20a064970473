"""Look back: the option parameters of live incidents against the catalogue in Git: no API tells or changes either.

https://reactio.jp/development/api A list without a status may show open ones alone, so each status is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from reconciler.kinds.signal import Query
from reconciler.kinds.step import Context
from reconciler.kinds.trail import Oddity, Review
from reconciler.kinds.tree import Object, Tree
from reconciler.vendors.reactio import incident_options, life
from reconciler.vendors.reactio.option import Options, options_of
from reconciler.vendors.reactio.parameter import DEPRECATED

_PAGE = "the project's option items, on Reactio's admin page"


def queries(since: datetime, context: Context) -> tuple[Query, ...]:
    begin = int(since.timestamp())
    return tuple(Query(f"{life.INCIDENTS}?from={begin}&status={one}", paging=life.PAGES) for one in life.STATUSES)


def oddities(row: Object, catalogues: Sequence[Object]) -> Iterator[Oddity]:
    options = options_of(catalogues)
    given = row.get("parameters")
    for name, value in (given if isinstance(given, Mapping) else {}).items():
        yield from _pair(options, name, value)
    for name in DEPRECATED:
        if row.get(name) is not None:
            text = f"{name} stands at the top of the incident, where Reactio is about to remove it"
            yield Oddity(text, "have what reads it there read it in parameters, and what sends it send it there", False)


def _pair(options: Options, name: str, value: Tree) -> Iterator[Oddity]:
    wrong = options.misfit(("parameters", name), name, value)
    if wrong is None:
        return
    if name not in options.by_name:
        way_out = f'name it in the {incident_options.ID} of Git, or take "{name[:60]}" out of {_PAGE}'
    else:
        way_out = f'give it "{str(value)[:60]}" in the {incident_options.ID} of Git, or change the string in {_PAGE}'
    yield Oddity(wrong.text, f"{way_out}; the incident's own value is changed on its page")


def _named(row: Object) -> str:
    return f"{row.get('name') or 'without a name'} (id {row.get('id')})"


REVIEW = Review("incidents", queries, oddities, _named)
