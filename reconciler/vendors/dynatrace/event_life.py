"""Event life: how an event is looked for by its mark, sent once, kept open, and whom its attach rules mean.

https://docs.dynatrace.com/docs/dynatrace-api/environment-api/events The feed shows 150 rows a page, one for each entity
that an event is attached to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from reconciler.kinds.kind import Kind
from reconciler.kinds.place import Alone
from reconciler.kinds.remark import Remark
from reconciler.kinds.signal import Query, Refusal, Rows, Seeing, Signal
from reconciler.kinds.step import Context, Step, Work
from reconciler.kinds.tree import SCALARS, Object, Path, Tree, spell, walk
from reconciler.vendors.dynatrace import attach_rule
from reconciler.vendors.dynatrace.entity import ENTITIES
from reconciler.vendors.dynatrace.event_type import INFORMATION, PAST, PROBLEM, TIMEOUT

EVENTS = "/api/v1/events"
FEED = Alone(("nextCursor",), "cursor")
MARK = "reconciler"  # in customProperties
OPEN = "OPEN"
NO_CONTEXT = Context(datetime.fromtimestamp(0, UTC))

_DAY = timedelta(days=1)
_FURTHEST = 728 * _DAY  # a time frame is two years long at most, and clocks differ
_AROUND = timedelta(minutes=1)  # whether the bounds of a time frame are part of it is not documented
_STORED = re.compile(r"-?\d+_\d+")

# ── looking for it ──────────────────────────────────────────────────────────────────────────────────────────────────


def queries(tree: Object, ident: str | None, seeing: Seeing) -> tuple[Query, ...]:
    """The feed of its type: around its start, or the server's last 30 days; where nothing tells whether it was sent
    long ago, all that the feed gives."""
    single: tuple[Query, ...] = ()
    if ident is not None and _STORED.fullmatch(ident):
        single = (Query(f"{EVENTS}/{{id}}", {"id": ident}, sole=True, nothing=frozenset({400, 404})),)
    path = f"{EVENTS}?eventType={{type}}&from={{from}}&to={{to}}"
    params = {"type": tree.get("eventType"), **_frame(tree, ident, seeing)}
    return (*single, Query(path, params, ("events",), FEED)) if params["type"] else single


def _frame(tree: Object, ident: str | None, seeing: Seeing) -> Mapping[str, Tree]:
    start = tree.get("start")
    if isinstance(start, int):
        around = _milliseconds(_AROUND)
        return {"from": max(start - around, 0), "to": start + around}
    if seeing.since is not None:
        return {"from": _instant(seeing.since - _AROUND), "to": ""}
    if seeing.new and ident is None:
        return {"from": _whole_days(seeing.context.now - _FURTHEST), "to": ""}
    return {"from": "", "to": ""}


def _whole_days(moment: datetime) -> int:
    """The beginning of its day, so that all events of a type are one question."""
    since = _instant(moment)
    return since - since % _milliseconds(_DAY)


def _instant(moment: datetime) -> int:
    return _milliseconds(moment - datetime.fromtimestamp(0, UTC))


def _milliseconds(time: timedelta) -> int:
    return time // timedelta(milliseconds=1)


def found(tree: Object, ident: str | None, rows: Rows, seeing: Seeing) -> Rows:
    """The rows of one event as one: by the ids it was given, or those that bear our mark."""
    if ident is not None:
        known = set(ident.split(","))
        mine: Rows = [
            row for row in rows if known & {str(row.get(name)) for name in ("id", "eventId", "correlationId")}
        ]
    else:
        mine = _last_sent([row for row in rows if mark_of(row) in seeing.marks])
    status = OPEN if any(row.get("eventStatus") == OPEN for row in mine) else "CLOSED"
    return [{"rows": mine, "eventStatus": status}] if mine else []


def _last_sent(rows: Rows) -> Rows:
    """Of a problem that was sent anew after it had timed out, the newest; what is for information is sent once."""
    if not rows or rows[0].get("eventType") in INFORMATION:
        return rows
    newest = max(_began(row) for row in rows)
    return [row for row in rows if row.get("eventStatus") == OPEN] or [row for row in rows if _began(row) == newest]


def _began(row: Mapping[str, Any]) -> int:
    start = row.get("startTime")
    return start if isinstance(start, int) else 0


def mark_of(row: Tree) -> str | None:
    properties = row.get("customProperties") if isinstance(row, Mapping) else None
    mark = properties.get(MARK) if isinstance(properties, Mapping) else None
    return mark if isinstance(mark, str) else None


# ── its ids ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def ident(raw: Mapping[str, Any]) -> str | None:
    """The ids of an event's rows: of a problem the correlation ids, of what is for information the stored ids."""
    rows = raw.get("rows")
    return _joined(_row_id(row) for row in rows if isinstance(row, Mapping)) if isinstance(rows, list) else None


def _row_id(row: Mapping[str, Any]) -> Tree:
    if row.get("eventType") not in INFORMATION and row.get("correlationId"):
        return row["correlationId"]
    return row.get("id")


def answered(tree: Object, body: Mapping[str, Any]) -> str | None:
    """The ids in the answer, of the class of its type; a 200 without one stored nothing."""
    correlated = _joined(_list(body, "storedCorrelationIds"))
    # The numbers are there for older clients only; the texts begin with them.
    stored = _joined(_list(body, "storedIds")) or _joined(_list(body, "storedEventIds"))
    kind = tree.get("eventType")
    if kind in PROBLEM:
        return correlated
    return stored if kind in INFORMATION else correlated or stored


def _list(body: Mapping[str, Any], name: str) -> list[Any]:
    several = body.get(name)
    return several if isinstance(several, list) else []


def _joined(ids: Iterator[Tree] | list[Tree]) -> str | None:
    return ",".join(sorted({str(one) for one in ids if one not in (None, "")})) or None


def steady(raw: Object) -> Object:
    """Where a row's entity stands and when it ends moves by itself."""
    return {name: raw[name] for name in ("id", "eventStatus") if name in raw}


# ── what is sent ────────────────────────────────────────────────────────────────────────────────────────────────────


def steps(kind: Kind, work: Work, context: Context) -> tuple[Step, ...]:
    """It is told once. Told again word for word, mark and all, a problem that is open only lasts longer."""
    body = kind.to_api(work.wanted, context)
    if work.verb == "create":
        made = {"eventType": work.wanted["eventType"]}
        return (Step("send", "POST", EVENTS, body, "creates", made=made),)
    if work.verb != "refresh":
        return ()
    borne = mark_of(work.there)
    if borne is not None:
        body = {**body, "customProperties": {**(body.get("customProperties") or {}), MARK: borne}}
    return (Step("send again", "POST", EVENTS, body, "writes"),)


def refuses(work: Work, context: Context) -> Refusal | None:
    if work.verb == "create":
        return _outside(work.wanted, context)
    edited = sorted(work.changed - {"keepOpen"})
    if work.verb != "update" or not edited:
        return None
    way = "write it as it was; what happened since is another event, in a manifest of its own"
    return Refusal((edited[0],), "an event stays as it was sent", way)


def _outside(tree: Object, context: Context) -> Refusal | None:
    """Whether it began too long ago, or would end before it begins; only what is still to be sent is asked."""
    now, kind, start, end = _instant(context.now), str(tree.get("eventType")), tree.get("start"), tree.get("end")
    past = PAST.get(kind)
    if past is not None and start is not None and start < now - _milliseconds(past):
        back = "30 days" if kind in INFORMATION else "60 minutes"
        why = f"{start} is {_spelled(start)}, and {kind} begins {back} before it is sent at most"
        return Refusal(("start",), why, "write a later start, or leave it out: then it begins when it is sent")
    if start is None and end is not None and end < now:
        why = f"{end} is {_spelled(end)}, and without start it begins when it is sent"
        return Refusal(("end",), why, "write start, too, or leave both out")
    return None


def _spelled(milliseconds: int) -> str:
    try:
        moment = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return "beyond all calendars"
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def blamed(tree: Object, message: str) -> Refusal | None:
    """The vendor's refusal where nothing matches, at the rules that it is about."""
    if "No entity IDs match" not in message:
        return None
    rules = tree.get("attachRules") or {}
    several = rules.get("tagRule") or []
    path: Path = ("attachRules",) if several else ("attachRules", "entityIds")
    if not rules.get("entityIds"):
        path = ("attachRules", "tagRule", 0) if len(several) == 1 else ("attachRules", "tagRule")
    way = f"correct {spell(path)}; a tag rule sees entities of the last 24 hours alone"
    return Refusal(path, "no entity matches", way)


# ── how long it lasts ───────────────────────────────────────────────────────────────────────────────────────────────


def _lasts(tree: Object) -> timedelta:
    return timedelta(minutes=tree.get("timeoutMinutes") or TIMEOUT)


def _ends(last: Object, there: Object | None, sent: datetime | None, context: Context) -> datetime | None:
    """When a problem that is to be kept open times out; None for all others."""
    if not last.get("keepOpen") or last.get("eventType") not in PROBLEM:
        return None
    start = (there or {}).get("start")
    if sent is None and isinstance(start, int):  # an adopted one, of which we know only when it began
        sent = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=start)
    return (sent or context.now) + _lasts(last)


def due(last: Object, there: Object | None, sent: datetime | None, context: Context) -> str | None:
    end = _ends(last, there, sent, context)
    if end is None or (end - context.now) * 2 >= _lasts(last):
        return None
    if end <= context.now:
        return f"keepOpen: it timed out at {end:%Y-%m-%dT%H:%M:%SZ}, and is opened anew"
    return f"keepOpen: it times out at {end:%Y-%m-%dT%H:%M:%SZ} unless it is sent again"


def stands(last: Object, there: Object | None, sent: datetime | None, context: Context) -> tuple[str, ...]:
    """When it times out, and from when on a plan sends it again."""
    end = _ends(last, there, sent, context)
    if end is None:
        return ()
    again = f"a plan made after {end - _lasts(last) / 2:%H:%M:%SZ} shows that it is sent again"
    return (f"times out at {end:%Y-%m-%dT%H:%M:%SZ}; {again}",)


def consequences(work: Work) -> tuple[str, ...]:
    tree = work.wanted
    if work.verb != "create" or tree.get("eventType") not in PROBLEM:
        return ()
    minutes = _lasts(tree) // timedelta(minutes=1)
    if tree.get("keepOpen"):
        again = "a plan made when less than half of that is left sends it again, and nothing else does"
        return (f"it times out {minutes} minutes after it is sent; {again}",)
    return (f"it times out {minutes} minutes after it is sent",)


def pages(work: Work) -> tuple[str, ...]:
    """Whom a problem is told to is said by alerting profiles."""
    there = (work.there or {}).get("eventStatus")
    if work.wanted.get("eventType") in INFORMATION or work.verb == "update" or there == OPEN:
        return ()
    sure = "opens" if work.wanted.get("eventType") in PROBLEM and work.verb == "create" else "may open"
    return (f"{sure} a problem, which is told to whom the alerting profiles say",)


def open_there(live: Object) -> str | None:
    return "it stays open there until it times out" if live.get("eventStatus") == OPEN else None


_VISIBLE = ("source", "title", "description", "deploymentName", "deploymentVersion", "configuration", "annotationType")


def notices(last: Object, there: Object) -> tuple[str, ...]:
    """That a problem is over, and that another event bears its mark."""
    other = [
        f"{name} is {there[name]} there and {last[name]} in Git; nothing is sent: another event needs another name"
        for name in _VISIBLE
        if isinstance(last.get(name), str) and isinstance(there.get(name), str) and last[name] != there[name]
    ]
    closed = there.get("eventStatus") == "CLOSED" and last.get("eventType") in PROBLEM and not last.get("keepOpen")
    return (*other, *(["it is over there, timed out or closed; its manifest may be removed"] if closed else []))


# ── whom its rules mean ─────────────────────────────────────────────────────────────────────────────────────────────

# Without the scope to read entities an event is sent all the same.
_UNASKED = frozenset({400, 401, 403, 404, 410})


def questions(tree: Object, context: Context) -> tuple[Query, ...]:
    """One question a rule and sort. Rules see entities of the last 24 hours; an id means an entity whenever seen."""
    rules = tree.get("attachRules") or {}
    return tuple(_question(one) for one in attach_rule.questions(rules)) if _plain(rules) else ()


def _question(one: attach_rule.Question) -> Query:
    since = "now-24h" if one.path[0] == "tagRule" else "now-3y"
    path = f"{ENTITIES}?entitySelector={{selector}}&from={since}&to=now"
    return Query(path, {"selector": one.selector}, sole=True, nothing=_UNASKED)


def answers(tree: Object, told: Sequence[Any]) -> Sequence[Remark]:
    rules = tree.get("attachRules") or {}
    asked = attach_rule.questions(rules, ("attachRules",)) if _plain(rules) else ()
    return [_remark(one, body) for one, body in zip(asked, told, strict=True)]


def _plain(rules: Mapping[str, Tree]) -> bool:
    """Whether all in it is known now: a text may name what is still to be made."""
    return all(isinstance(leaf, SCALARS) for _, leaf in walk(rules))


def _remark(one: attach_rule.Question, body: Any) -> Remark:
    count = body.get("totalCount") if isinstance(body, Mapping) else None
    if not isinstance(count, int):
        text = f"how many {one.sort} match is unknown: the server did not take the question (scope entities.read)"
        return Remark(one.path, text)
    if one.path[-1] == "entityIds":
        named = one.selector.count('"') // 2
        return Remark(one.path, f"{count} of {named} {one.sort} named by id are known there", quiet=count == named)
    assumed = f"; assumed: {', and '.join(one.assumed)}" if one.assumed else ""
    number = "no" if count == 0 else count
    text = f"{number} {one.sort} of the last 24 hours {'matches' if count < 2 else 'match'}{assumed}"
    return Remark(one.path, text, quiet=count > 0)


SIGNAL = Signal(
    queries=queries,
    found=found,
    over=lambda tree: tree.get("eventType") in INFORMATION,
    takes_finished=True,
    refuses=refuses,
    pages=pages,
    open_there=open_there,
    due=due,
    stands=stands,
    ident=ident,
    answered=answered,
    blamed=blamed,
    unanswered="look in the event feed whether it is there; the next plan does the same",
)
