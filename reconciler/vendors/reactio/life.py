"""Life: how an incident is looked for, opened and moved on, and what is told of it once: messages and notifications."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping

from reconciler.kinds.kind import Kind
from reconciler.kinds.place import Numbered
from reconciler.kinds.signal import Query, Refusal, Rows, Seeing, Signal
from reconciler.kinds.step import Context, Step, Work
from reconciler.kinds.tree import Object, Own, Tree
from reconciler.vendors.reactio.api import ROOT, UNSURE
from reconciler.vendors.reactio.moment import seconds

STATUSES = ("open", "pend", "close")  # in the order in which Git moves an incident

INCIDENTS = f"{ROOT}/incidents"
ONE = f"{INCIDENTS}/{{id}}"
PAGES = Numbered(100, most=10_000)

_SAID = ("messages", "notifications")
_NOT_SENT = frozenset({"since", *_SAID})

# ── looking for it ──────────────────────────────────────────────────────────────────────────────────────────────────


def queries(tree: Object, ident: str | None, seeing: Seeing) -> tuple[Query, ...]:
    """By its id; else among those opened since, by each status: what a list without one shows is not documented."""
    if ident is not None:
        return (Query(ONE, {"id": ident}, sole=True),)
    since = seconds(tree.get("since"))
    if since is None:
        return ()
    # One second earlier: whether `from` takes in its own second is not documented.
    return tuple(Query(f"{INCIDENTS}?from={since - 1}&status={status}", paging=PAGES) for status in STATUSES)


def found(tree: Object, ident: str | None, rows: Rows, seeing: Seeing) -> Rows:
    if ident is not None:
        return [row for row in rows if str(row.get("id")) == ident]
    since = seconds(tree.get("since")) or 0
    return [row for row in rows if _is_named(row, tree.get("name")) and _opened(row) >= since]


def _is_named(row: Mapping[str, Tree], name: Tree) -> bool:
    return isinstance(name, str) and _plain(str(row.get("name"))) == _plain(name)


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip()


def _opened(row: Mapping[str, Tree]) -> int:
    created = row.get("created_at")
    return created if isinstance(created, int) else 0


def key(tree: Object) -> tuple[Tree, ...] | None:
    since = seconds(tree.get("since"))
    return (tree["name"], str(since)) if tree.get("name") and since is not None else None


# ── moving it on ────────────────────────────────────────────────────────────────────────────────────────────────────


def steps(kind: Kind, work: Work, context: Context) -> tuple[Step, ...]:
    """It is opened in the status that Git says; a message and a notification are requests of their own."""
    return tuple(_steps(kind, work, context))


def _steps(kind: Kind, work: Work, context: Context) -> Iterator[Step]:
    wanted, last = work.wanted, work.live or {}
    if work.verb == "create":
        opened = {name: value for name, value in wanted.items() if name not in _SAID}
        shown = {name: opened[name] for name in ("name", "status", "parameters") if opened.get(name) is not None}
        body = kind.to_api(opened, context)
        yield Step("open", "POST", INCIDENTS, body, "creates", made=shown, tells=opened, unsure=UNSURE)
    elif "status" in work.changed:
        said = {"status": wanted["status"]}
        yield Step("status", "POST", f"{ONE}/status", said, tells=said)
    for name, text in _new("messages", wanted, last).items():
        body = {"incident_id": Own(number=True), "message": text}
        told = {"messages": {name: text}}
        yield Step(f"message {name}", "POST", f"{ROOT}/messages", body, "creates", tells=told, blind=True)
    for name, given in _new("notifications", wanted, last).items():
        body = {"incident_id": Own(number=True), **given}
        told = {"notifications": {name: given}}
        yield Step(f"notification {name}", "POST", f"{ROOT}/notifications", body, "creates", tells=told, blind=True)


def _new(what: str, wanted: Object, last: Object) -> Object:
    """What was not sent before, by name."""
    before = last.get(what) or {}
    return {name: value for name, value in (wanted.get(what) or {}).items() if name not in before}


def goes_back(wanted: Tree, there: Tree) -> bool:
    """Whether a change of status would go backwards. Whether Reactio allows that is not documented."""
    return wanted in STATUSES and there in STATUSES and STATUSES.index(wanted) < STATUSES.index(there)


def refuses(work: Work, context: Context) -> Refusal | None:
    """What Reactio has no request for, and what is not taken back."""
    return next(_refusals(work), None) if work.verb == "update" else None


def _refusals(work: Work) -> Iterator[Refusal]:
    wanted, last, there = work.wanted, work.live or {}, work.there or {}
    for name in sorted(work.changed - _NOT_SENT - {"status"}):
        why = "Reactio changes nothing of an incident but its status"
        yield Refusal((name,), why, f"put {name} back, and change it in Reactio or say it in messages")
    for status in (last.get("status"), there.get("status")):
        if "status" in work.changed and goes_back(wanted.get("status"), status):
            why = f"an incident does not go back from {status} to {wanted['status']}"
            yield Refusal(("status",), why, f"write status: {status}, and open another incident if it goes on")
    for what in _SAID:
        before = last.get(what) or {}
        for name, value in (wanted.get(what) or {}).items():
            if name in before and before[name] != value:
                yield Refusal((what, name), "it was sent, and cannot be taken back", "send another under a new name")


def pages(work: Work) -> tuple[str, ...]:
    """Who is told, and how loudly."""
    return tuple(_words(given, name) for name, given in _notifications(work) if given.get("notification_text"))


def _notifications(work: Work) -> Iterator[tuple[str, Mapping[str, Tree]]]:
    """Each with its name; that which it is opened with has none."""
    if work.verb == "create":
        yield "", work.wanted
    yield from _new("notifications", work.wanted, work.live or {}).items()


def _words(given: Mapping[str, Tree], name: str) -> str:
    how = "telephones and notifies" if given.get("notification_call") else "notifies"
    which = f": notifications.{name}" if name else ""
    return f"{how} everybody in the Reactio project{which}"


# ── what is told of it ──────────────────────────────────────────────────────────────────────────────────────────────


def over(tree: Object) -> bool:
    return tree.get("status") == "close"


def open_there(live: Object) -> str | None:
    return None if over(live) else f"it stays {live.get('status', 'open')} there"


def notices(declared: Object, live: Object) -> tuple[str, ...]:
    """Parameters that somebody changed in Reactio, where no request could change them back."""
    wanted, there = declared.get("parameters"), live.get("parameters")
    if not isinstance(wanted, Mapping) or not isinstance(there, Mapping):
        return ()
    return tuple(
        f'parameters.{name} is {_quoted(there.get(name))} there and "{value}" in Git; nothing can be sent'
        for name, value in wanted.items()
        if there.get(name) != value
    )


def _quoted(value: Tree) -> str:
    return "not selected" if value is None else f'"{value}"'


SIGNAL = Signal(
    lasting=_SAID,
    queries=queries,
    found=found,
    state=("status",),
    over=over,
    takes_finished=True,
    refuses=refuses,
    pages=pages,
    open_there=open_there,
)
