"""DORA: what incidents and deployments have in common: their fields, where they are looked for, how they are sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from reconciler.kinds.fields import NoClear, Unordered
from reconciler.kinds.place import Place
from reconciler.kinds.remark import Remark
from reconciler.kinds.signal import Query, Refusal, Rows, Seeing
from reconciler.kinds.spec import Spec
from reconciler.kinds.step import Context, Step, Work
from reconciler.kinds.tree import Object, Tree
from reconciler.kinds.wire import Wire, from_wire, record, to_wire
from reconciler.vendors.datadog.api import APPLICATION_KEY
from reconciler.vendors.datadog.resource import attributes, wrapped
from reconciler.vendors.datadog.unix_time import SECOND, UNIX_TIME, UnixTime, nanoseconds, same, spelled

TAGS_MOST = 100
LISTED_MOST = 1000  # in one answer; there are no pages

STAYS = NoClear("leave it out: what was sent stays")
NO_DORA = (
    "DORA Metrics is not on every site (Datadog's pages say that ddog-gov.com has none): "
    "check the account's site and url, or remove the manifest"
)

Some = Annotated[str, Field(min_length=1)]
Id = Annotated[
    str | None,
    STAYS,
    Field(
        pattern=r"^[A-Za-z0-9._:-]{16,128}$",
        description="what tells it from all others, 16 to 128 of A-Z a-z 0-9 . _ : -; left out, Datadog makes one",
        examples=["2026-09-05.checkout.0007"],
    ),
]
Env = Annotated[Some | None, STAYS, Field(description="the environment it was in, such as prod")]
Version = Annotated[Some | None, STAYS, Field(description="the version of the software")]
Started = Annotated[
    UnixTime | None,
    STAYS,
    Field(
        description="when it began: 2026-09-05T01:00:00Z, or a Unix time in seconds, milliseconds or nanoseconds",
        examples=["2026-09-05T01:00:00Z"],
    ),
]
Tags = Annotated[
    list[Annotated[str, Field(pattern=r"^[^:]+:")]] | None,
    Unordered(),
    STAYS,
    Field(max_length=TAGS_MOST, description="tags, key:value, at most 100", examples=[["region:eu", "tier:1"]]),
]


class Git(Spec):
    """A commit; both or none."""

    repository_url: Annotated[Some, Field(description="where the repository is")]
    commit_sha: Annotated[Some, Field(description="the commit")]


Commit = Annotated[
    Git | None,
    STAYS,
    Field(
        description="the commit that it is about, with its repository",
        examples=[{"repository_url": "https://git.acme.example/checkout", "commit_sha": "66adc9350f2cc9b2"}],
    ),
]


@dataclass(frozen=True)
class Sort:
    """Incidents or deployments. `subject` are the fields of which the first that is there says whose it is."""

    plural: str
    type: str
    subject: tuple[str, ...]

    @property
    def list(self) -> str:
        return f"/api/v2/dora/{self.plural}"

    @property
    def item(self) -> str:
        return f"{self.list}/{{id}}"

    def asking(self, **window: Tree) -> Object:
        """The body that asks for a list, of all or of what lies in a window of time."""
        return {"data": wrapped(f"{self.type}s_list_request", {**window, "limit": LISTED_MOST})}


def place(sort: Sort) -> Place:
    return Place(
        list=sort.list,
        list_body=lambda context: sort.asking(),
        envelope=("data",),
        item=sort.item,
        item_envelope=("data",),
    )


# ── ours and the vendor's ───────────────────────────────────────────────────────────────────────────────────────────

_WIRES: dict[str, Wire] = {"started_at": UNIX_TIME, "finished_at": UNIX_TIME, "git": record({})}


def to_api(tree: Object, context: Context) -> Object:
    """Instants go out in nanoseconds."""
    return to_wire(tree, _WIRES)


def from_api(raw: Object, context: Context) -> Object:
    """Instants come back as texts or numbers."""
    ident = raw.get("id")
    return from_wire({**({} if ident is None else {"id": ident}), **attributes(raw)}, _WIRES)


def key(sort: Sort, tree: Object) -> tuple[Tree, ...] | None:
    """Its id, or what Datadog joins it by: environment, whose it is, and when it began."""
    if tree.get("id"):
        return (tree["id"],)
    whose = _whose(sort, tree)
    if not whose or not tree.get("started_at"):
        return None
    several = isinstance(whose, list) and all(isinstance(one, str) for one in whose)
    return (tree.get("env") or "", ", ".join(sorted(whose)) if several else whose, tree["started_at"])


def _whose(sort: Sort, tree: Mapping[str, Tree]) -> Tree:
    return next((tree[name] for name in sort.subject if tree.get(name)), None)


def joined_by(sort: Sort, tree: Object) -> tuple[str, ...]:
    """The fields that tell it: with another value it would be another one."""
    whose = next((name for name in sort.subject if tree.get(name)), sort.subject[0])
    return ("id", "env", whose, "started_at")


# ── where it is seen ────────────────────────────────────────────────────────────────────────────────────────────────


def can_be_seen(context: Context) -> bool:
    """Whether the account may read, and change: with an application key."""
    return APPLICATION_KEY in context.facts


def queries(sort: Sort, tree: Object, ident: str | None, seeing: Seeing) -> tuple[Query, ...]:
    """By its id; else among those around its start, or its end: of which of the two a window is, is not documented."""
    if not can_be_seen(seeing.context):
        return ()
    known = ident or tree.get("id")
    if known:
        return (Query(sort.item, {"id": known}, ("data",), sole=True),)
    instants = (nanoseconds(tree.get(name)) for name in ("started_at", "finished_at"))
    return tuple(_around(sort, instant) for instant in dict.fromkeys(instants) if instant is not None)


def _around(sort: Sort, instant: int) -> Query:
    """Where nothing is at this path, there is nothing: some sites only take events."""
    window = {"from": spelled(instant - SECOND), "to": spelled(instant + SECOND)}
    return Query(sort.list, {}, ("data",), body=sort.asking(**window), sole=True)


def found(sort: Sort, tree: Object, ident: str | None, rows: Rows, seeing: Seeing) -> Rows:
    known = ident or tree.get("id")
    if known:
        return [row for row in rows if row.get("id") == known]
    return [row for row in rows if _joins(sort, tree, attributes(row))]


def _joins(sort: Sort, tree: Object, there: Object) -> bool:
    whose = next((name for name in sort.subject if tree.get(name)), None)
    if whose is None or not same(tree.get("started_at"), there.get("started_at")):
        return False
    return _names(tree.get("env")) == _names(there.get("env")) and _names(tree[whose]) == _names(there.get(whose))


def _names(value: Tree) -> frozenset[str]:
    """Names in any order and case: how Datadog keeps them is not documented."""
    several = value if isinstance(value, list) else [value]
    return frozenset(str(one).strip().casefold() for one in several if one)


def ident(raw: Mapping[str, Any]) -> str | None:
    return str(raw["id"]) if raw.get("id") else None


def steady(raw: Object) -> Object:
    """What is done follows from these alone."""
    return {"id": raw.get("id"), "finished_at": attributes(raw).get("finished_at")}


# ── what is sent ────────────────────────────────────────────────────────────────────────────────────────────────────


def first(work: Work, context: Context, path: str, instead: str = "", tells: Object | None = None) -> Step:
    """The first sending. Where it can be looked for it is sent once; else a second one is joined with the first."""
    return Step(
        "send",
        "POST",
        path,
        to_api(tells or work.wanted, context),
        "creates" if can_be_seen(context) else "writes",
        wrap=("data", "attributes"),
        answer=("data",),
        made={"started_at": work.wanted.get("started_at")},
        tells=tells,
        instead=instead,
        absent=NO_DORA,
    )


def withdrawn(work: Work) -> Refusal | None:
    """Why an edit to nothing is refused."""
    gone = next((name for name in sorted(work.changed) if work.wanted.get(name) is None), None)
    return None if gone is None else Refusal((gone,), "what was sent cannot be taken back", "write it as it was")


# ── words around it ─────────────────────────────────────────────────────────────────────────────────────────────────

_TOLD = ("name", "severity", "team", "version", "change_failure")


def differing(last: Object, there: Object) -> Iterator[str]:
    """What is otherwise at Datadog than Git says."""
    for name in _TOLD:
        if last.get(name) is not None and there.get(name) not in (None, last[name]):
            yield f"{name} is {there[name]} there and {last[name]} in Git; nothing is sent"


def remarks(tree: Object) -> list[Remark]:
    began, ended = nanoseconds(tree.get("started_at")), nanoseconds(tree.get("finished_at"))
    backwards = began is not None and ended is not None and ended < began
    return [Remark(("finished_at",), "it ends before it begins")] if backwards else []
