"""The toy vendor's signals: one that can be looked for, one that cannot, and one of which the vendor takes the second
sending for the first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import Field

from reconciler.kinds.fields import Shared
from reconciler.kinds.kind import Kind, by_name
from reconciler.kinds.mark import Mark
from reconciler.kinds.place import Place
from reconciler.kinds.remark import Remark
from reconciler.kinds.signal import Query, Refusal, Rows, Seeing, Signal
from reconciler.kinds.spec import Spec
from reconciler.kinds.step import Context, Step, Work
from reconciler.kinds.tree import Object

PAGE = "https://toy.example"


def _to(tree: Object, context: Context) -> Object:
    return dict(tree)


def _from(raw: Object, context: Context) -> Object:
    return {name: value for name, value in raw.items() if name not in ("id", "made") and value is not None}


# ── tickets: they can be looked for; their notes cannot ─────────────────────────────────────────────────────────────


class Ticket(Spec):
    """A ticket."""

    name: Annotated[str | None, Field(description="its name")] = None
    status: Annotated[Literal["open", "waiting", "closed"] | None, Field(description="how far it is")] = None
    text: Annotated[str | None, Field(description="what it is about")] = None
    notes: Annotated[dict[str, str] | None, Field(description="sent once each")] = None
    marks: Annotated[dict[str, str | None] | None, Shared(), Field(description="ours beside others'")] = None
    aside: Annotated[str | None, Field(description="ours, not sent")] = None


LIFE = ("open", "waiting", "closed")


def _tickets(tree: Object, ident: str | None, seeing: Seeing) -> tuple[Query, ...]:
    single = (Query("/tickets/{id}", {"id": ident}, sole=True),) if ident else ()
    return (*single, Query("/tickets"))


def _found_ticket(tree: Object, ident: str | None, rows: Rows, seeing: Seeing) -> Rows:
    return [row for row in rows if row["id"] == ident or (ident is None and row.get("name") == tree.get("name"))]


def _ticket_steps(kind: Kind, work: Work, context: Context) -> tuple[Step, ...]:
    return tuple(_ticket_line(work))


def _ticket_line(work: Work) -> Iterator[Step]:
    wanted, last = work.wanted, work.live or {}
    first = {name: wanted[name] for name in ("name", "text") if name in wanted}
    if work.verb == "create":
        said = {**first, "status": "open"}
        yield Step("open", "POST", "/tickets", first, "creates", made=first, tells=said)
        last = said
    if "status" in wanted and wanted["status"] != last.get("status"):
        said = {"status": wanted["status"]}
        yield Step("move", "PATCH", "/tickets/{id}", said, tells=said)
    for name, text in (wanted.get("notes") or {}).items():
        if name not in (last.get("notes") or {}):
            body = {"name": f"{wanted['name']} {name}", "text": text}
            yield Step(name, "POST", "/notes", body, "creates", tells={"notes": {name: text}}, blind=True)


def _ticket_refuses(work: Work, context: Context) -> Refusal | None:
    last = work.live or {}
    if "text" in work.changed:
        return Refusal(("text",), "it was sent with the ticket", "send a note")
    if "status" in work.changed and "status" in last and LIFE.index(work.wanted["status"]) < LIFE.index(last["status"]):
        return Refusal(("status",), f"{last['status']} does not go back to {work.wanted['status']}", "open another one")
    for name, text in (last.get("notes") or {}).items():
        if (work.wanted.get("notes") or {}).get(name) != text:
            return Refusal(("notes", name), "it was sent", "send another one")
    return None


def _ticket_pages(work: Work) -> tuple[str, ...]:
    return ("rings the bell",) if work.verb == "create" else ()


TICKET = Signal(
    queries=_tickets,
    found=_found_ticket,
    state=("status",),
    over=lambda tree: tree.get("status") == "closed",
    refuses=_ticket_refuses,
    pages=_ticket_pages,
    open_there=lambda live: "it is still open there" if live.get("status") != "closed" else None,
    lasting=("notes",),
)


# ── beeps: nobody can look for them; pings: a second one is taken for the first ─────────────────────────────────────


class Beep(Spec):
    """A beep."""

    name: Annotated[str | None, Field(description="its name")] = None
    loud: Annotated[bool | None, Field(description="whether it is loud")] = None


def _beep_steps(kind: Kind, work: Work, context: Context) -> tuple[Step, ...]:
    return (Step("beep", "POST", "/beeps", dict(work.wanted), "creates", blind=True),)


def _beep_refuses(work: Work, context: Context) -> Refusal | None:
    return Refusal((), "it was sent", "write another one") if work.verb == "update" else None


class Ping(Spec):
    """A ping."""

    name: Annotated[str | None, Field(description="its key")] = None
    state: Annotated[Literal["on", "off"] | None, Field(description="on or off")] = None
    keep: Annotated[bool | None, Field(description="whether it is sent again before it ends, after a minute")] = None


def _ping_steps(kind: Kind, work: Work, context: Context) -> tuple[Step, ...]:
    body = {"name": work.wanted["name"], "state": work.wanted.get("state", "on")}
    way_out = "ask for a newer server"
    return (Step("ping", "POST", "/pings", body, "writes", host="side", instead="/beeps", absent=way_out),)


def _ping_due(last: Object, there: Object | None, sent: datetime | None, context: Context) -> str | None:
    late = sent is not None and last.get("keep") and context.now - sent > timedelta(seconds=30)
    return "it would end within half a minute" if late else None


PING = Signal(
    queries=lambda tree, ident, seeing: (Query("/pings"),),
    found=lambda tree, ident, rows, seeing: [row for row in rows if row.get("name") == tree.get("name")],
    state=("state",),
    over=lambda tree: tree.get("state") == "off",
    due=_ping_due,
    keyed=True,
)


# ── flares: they bear our mark, and are told to a group ─────────────────────────────────────────────────────────────


class Flare(Spec):
    """A flare."""

    name: Annotated[str | None, Field(description="its name")] = None
    to: Annotated[str | None, Field(description="the name of the group that is to see it")] = None
    burns: Annotated[bool | None, Field(description="whether it goes on")] = None


def _flares(tree: Object, ident: str | None, seeing: Seeing) -> tuple[Query, ...]:
    """Where nobody knows whether it was sent long ago, the archive, too."""
    return (Query("/flares"), Query("/windows")) if seeing.new else (Query("/flares"),)


def _found_flare(tree: Object, ident: str | None, rows: Rows, seeing: Seeing) -> Rows:
    return [row for row in rows if row["id"] == ident or (ident is None and row.get("mark") in seeing.marks)]


def _flare_steps(kind: Kind, work: Work, context: Context) -> tuple[Step, ...]:
    if work.verb == "update":
        return ()
    return (Step("fire", "POST", "/flares", {"name": work.wanted["name"]}, "creates", made={}),)


def _flare_answered(tree: Object, raw: Mapping[str, Any]) -> str | None:
    return str(raw["id"]) if raw.get("name") == tree["name"] else None


def _flare_stands(last: Object, there: Object | None, sent: datetime | None, context: Context) -> tuple[str, ...]:
    return (f"it burns since {sent:%H:%M}",) if sent is not None and last.get("burns") else ()


def _flare_due(last: Object, there: Object | None, sent: datetime | None, context: Context) -> str | None:
    return "nobody knows when it was fired" if sent is None and last.get("burns") else None


def _flare_blamed(tree: Object, message: str) -> Refusal | None:
    return Refusal(("to",), "nobody sees it", "name another group") if "by order" in message else None


def _flare_answers(tree: Object, told: Sequence[Any]) -> Sequence[Remark]:
    some = any(one.get("name") == tree.get("to") for one in told[0])
    return (Remark(("to",), "it will be seen" if some else "nobody will see it", quiet=some),)


FLARE = Signal(
    queries=_flares,
    found=_found_flare,
    over=lambda tree: not tree.get("burns"),
    takes_finished=True,
    answered=_flare_answered,
    stands=_flare_stands,
    due=_flare_due,
    blamed=_flare_blamed,
    unanswered="look for it in the sky",
)


def _signal(name: str, spec: type[Spec], signal: Signal, steps: Any, **more: Any) -> Kind:
    return Kind(
        vendor="toy",
        version="v1",
        name=name,
        spec=spec,
        place=Place(list=f"/{name.lower()}s"),
        page=PAGE,
        key=by_name,
        to_api=_to,
        from_api=_from,
        settles=4.0,
        needed_to_create=("name",),
        own_steps=steps,
        signal=signal,
        **more,
    )


SIGNALS = (
    _signal("Ticket", Ticket, TICKET, _ticket_steps),
    _signal("Beep", Beep, Signal(refuses=_beep_refuses), _beep_steps),
    _signal("Ping", Ping, PING, _ping_steps),
    _signal(
        "Flare",
        Flare,
        FLARE,
        _flare_steps,
        mark=Mark(lambda raw: raw.get("mark"), lambda body, mark: {"mark": mark, **body}),
        questions=lambda tree, context: (Query("/groups"),),
        answers=_flare_answers,
    ),
)
