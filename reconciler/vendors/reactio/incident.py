"""reactio/Incident: something that goes wrong, from open over pend (an interim fix) to close (a permanent one).

https://reactio.jp/development/api Nothing but the status can be changed once it is open, and nothing deleted; what is
sent with it or posted to it, a message or a notification, is never read again and cannot be taken back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from reconciler.kinds.fields import NoClear, Shared, Unordered
from reconciler.kinds.kind import Kind
from reconciler.kinds.neutral import Seen
from reconciler.kinds.place import Place
from reconciler.kinds.remark import Misfit, Remark
from reconciler.kinds.spec import Spec
from reconciler.kinds.step import Context
from reconciler.kinds.tree import Object, Tree
from reconciler.kinds.wire import Wire, from_wire, to_wire
from reconciler.vendors.reactio import incident_options, life, look_back, parameter
from reconciler.vendors.reactio.api import NAME, PAGE, VERSION
from reconciler.vendors.reactio.message import Message
from reconciler.vendors.reactio.moment import Moment
from reconciler.vendors.reactio.option import CAUSE, DETECTION, POINT, SCALE, Cause, Detection, Point, Scale, options_of

Status = Literal["open", "pend", "close"]
Name = Annotated[str, Field(min_length=1)]
_STAYS = NoClear("an incident keeps what it was opened with")
_SAID = NoClear("what was said cannot be taken back: leave the field out")


class Notification(Spec):
    """A blast notification: it goes to everybody in the project at once."""

    notification_text: Annotated[str, Field(min_length=1, description="what people are told")]
    notification_call: Annotated[bool, Field(description="true: telephones ring too, and a machine reads it out")] = (
        False
    )


class Incident(Spec):
    """An incident."""

    name: Annotated[
        Name | None, _STAYS, Field(description="what people read; it tells one from another since `since`")
    ] = None
    since: Annotated[
        Moment | None,
        NoClear("write an instant"),
        Field(
            description="ours, not sent: no incident of this name that was opened before is this one",
            examples=["2026-09-05T01:00:00Z"],
        ),
    ] = None
    status: Annotated[
        Status | None,
        NoClear("an incident is open, pend or close"),
        Field(description="open: 発生中; pend: 暫定対応, an interim fix is in place; close: 恒久対応, a permanent one"),
    ] = None
    detection: Annotated[
        Detection | None,
        DETECTION.no_label,
        Field(description="how it was noticed; about to be removed: write it in parameters"),
    ] = None
    cause: Annotated[
        Cause | None,
        CAUSE.no_label,
        Field(description="why it happened; about to be removed: write it in parameters"),
    ] = None
    cause_supplement: Annotated[
        str | None, Field(description="more of the cause; about to be removed: write it in parameters")
    ] = None
    point: Annotated[
        Point | None,
        POINT.no_label,
        Field(description="where it happened; about to be removed: write it in parameters"),
    ] = None
    scale: Annotated[
        Scale | None,
        SCALE.no_label,
        Field(description="how far it reaches; about to be removed: write it in parameters"),
    ] = None
    pend_text: Annotated[
        str | None, Field(description="the interim fix; about to be removed: write it in parameters")
    ] = None
    close_text: Annotated[
        str | None, Field(description="the permanent fix; about to be removed: write it in parameters")
    ] = None
    parameters: Annotated[
        dict[Name, str | None] | None,
        Shared(),
        _STAYS,
        Field(
            description="option parameters: API parameter name and API string, as the project has set them up; null is "
            "未選択, not selected",
            examples=[{"detection": "system", "service": "checkout"}],
        ),
    ] = None
    topics: Annotated[
        list[Name] | None,
        Unordered(),
        Shared(),
        _STAYS,
        Field(description="names of the topics it is opened with", examples=[["一次切り分け", "顧客告知"]]),
    ] = None
    notification_text: Annotated[
        Name | None,
        _SAID,
        Field(description="everybody in the project is told this when it is opened; at most once, never read again"),
    ] = None
    notification_call: Annotated[
        bool | None,
        _SAID,
        Field(description="true: telephones ring too, and a machine reads notification_text out"),
    ] = None
    message: Annotated[
        Message | None,
        _SAID,
        Field(
            description="the first message of its timeline: 10,000 characters, the HTML tags a, b, br and img; at most "
            "once, never read again"
        ),
    ] = None
    messages: Annotated[
        dict[Name, Message] | None,
        _SAID,
        Field(
            description="ours: further messages, each under a name of its own and posted once, when it comes to Git",
            examples=[{"fixed": "<b>復旧</b>"}],
        ),
    ] = None
    notifications: Annotated[
        dict[Name, Notification] | None,
        _SAID,
        Field(
            description="ours: further notifications, each under a name of its own and sent once, when it comes to Git",
            examples=[{"fixed": {"notification_text": "復旧しました。"}}],
        ),
    ] = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> Incident:
        older = {name: getattr(self, name) for name in parameter.DEPRECATED if name in self.model_fields_set}
        parameter.contradictions(older, self.parameters or {})
        return self


# ── the wire ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _names(topics: Tree) -> Tree:
    if not isinstance(topics, list):
        return topics
    return [topic["name"] if isinstance(topic, Mapping) and "name" in topic else topic for topic in topics]


_WIRES = {"parameters": Wire(parameter.selected, parameter.selected), "topics": Wire(back=_names)}
_OURS = frozenset({"since", "messages", "notifications"})
_SERVER_SETS = frozenset({"id", "manager", "files", "users", "notifications"}) | {
    f"{what}_{told}" for what in ("closed", "pended", "created", "updated") for told in ("by", "at")
}


def to_api(tree: Object, context: Context) -> Object:
    """The body by which it is opened."""
    sent = {name: value for name, value in parameter.folded(tree).items() if name not in _OURS and value is not None}
    return to_wire(sent, _WIRES)


def from_api(raw: Object, context: Context) -> Object:
    """`close_text` stands at the top of some answers, too."""
    return parameter.folded(from_wire(raw, _WIRES, _SERVER_SETS))


# ── what is said of it ──────────────────────────────────────────────────────────────────────────────────────────────


def remarks(tree: Object) -> Sequence[Remark]:
    unheard = tree.get("notification_call") and not tree.get("notification_text")
    found = (Remark(("notification_call",), "without notification_text no telephone rings"),) if unheard else ()
    return (*parameter.remarks(tree), *found)


def misfits(tree: Object, seen: Seen) -> Sequence[Misfit]:
    """What the project's option parameters do not take; Reactio's own are known without a catalogue."""
    options = options_of(seen(incident_options.ID))
    wrong = [options.misfit(path, name, value) for path, name, value in parameter.pairs(tree)]
    given = {name: value for _, name, value in parameter.pairs(tree)}
    return [*_unplaced(tree), *(one for one in wrong if one is not None), *options.missing(given)]


def _unplaced(tree: Object) -> tuple[Misfit, ...]:
    """Names are not unique: without a beginning an incident of last year would be taken for this one."""
    if tree.get("since") is not None:
        return ()
    way_out = "write the instant from which on an incident of this name is this one: since: 2026-09-05T01:00:00Z"
    return (Misfit((), "since is missing", way_out, makes=True),)


def heard(body: Any) -> tuple[str, ...]:
    """Whom a notification reached: by channel, in the numbers of Reactio's users."""
    inner = body.get("notifications") or body if isinstance(body, Mapping) else {}
    reached = inner.get("notificated_for") if isinstance(inner, Mapping) else None
    if not isinstance(reached, Mapping):
        return ()
    told = [f"{channel}: users {', '.join(map(str, users))}" for channel, users in reached.items() if _some(users)]
    return (f"told by {'; '.join(told)}" if told else "nobody was told",)


def _some(users: Tree) -> bool:
    return isinstance(users, list) and bool(users)


KIND = Kind(
    vendor=NAME,
    version=VERSION,
    name="Incident",
    spec=Incident,
    place=Place(list=life.INCIDENTS, paging=life.PAGES, item=life.ONE, create=life.INCIDENTS, id_number=True),
    page=PAGE,
    to_api=to_api,
    from_api=from_api,
    key=life.key,
    needed_to_create=("name", "since"),
    remarks=remarks,
    misfits=misfits,
    folded=parameter.folded,
    notices=life.notices,
    heard=heard,
    own_steps=life.steps,
    review=look_back.REVIEW,
    signal=life.SIGNAL,
)
