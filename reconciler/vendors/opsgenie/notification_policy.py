"""opsgenie/NotificationPolicy: which alerts of a team notify late, seldom or not at all, and which close by themselves.

https://docs.opsgenie.com/docs/policy-api Durations are minutes. Names: 512 characters. Occurrences count from 2 to 100.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from reconciler.kinds.fields import Minutes, NoClear, RefTo
from reconciler.kinds.kind import Kind
from reconciler.kinds.spec import Spec
from reconciler.kinds.step import Context, Step, Work
from reconciler.kinds.tree import Object, Ref
from reconciler.kinds.wire import record
from reconciler.vendors.opsgenie import policy
from reconciler.vendors.opsgenie.duration import DURATION
from reconciler.vendors.opsgenie.recipient import TEAM

_AfterIt = Annotated[
    Minutes | None, NoClear("write a duration"), Field(ge=1, description="how long after", examples=["30m"])
]


class AutoRestart(Spec):
    """Notifying again from the start."""

    duration: _AfterIt = None
    maxRepeatCount: Annotated[
        int | None, NoClear("write how often"), Field(ge=1, description="how often at the most", examples=[3])
    ] = None


class AutoClose(Spec):
    """Closing the alert."""

    duration: _AfterIt = None


class Deduplication(Spec):
    """Notifying only of some of the occurrences."""

    deduplicationActionType: Annotated[
        Literal["value-based", "frequency-based"],
        Field(description="value-based: by the number of occurrences; frequency-based: by their number in a duration"),
    ]
    count: Annotated[
        int | None, NoClear("write how many"), Field(ge=2, le=100, description="of how many occurrences", examples=[10])
    ] = None
    duration: Annotated[
        Minutes | None, Field(ge=1, description="within how long, for frequency-based", examples=["10m"])
    ] = None

    @model_validator(mode="after")
    def _counts_in_a_duration(self) -> Deduplication:
        if self.deduplicationActionType == "frequency-based" and self.duration is None:
            raise PydanticCustomError("policy", "frequency-based needs a duration", {})
        return self


class Delay(Spec):
    """Notifying later."""

    delayOption: Annotated[
        Literal[
            "for-duration",
            "next-time",
            "next-weekday",
            "next-monday",
            "next-tuesday",
            "next-wednesday",
            "next-thursday",
            "next-friday",
            "next-saturday",
            "next-sunday",
        ],
        Field(description="for a duration, or until a time of the next such day"),
    ]
    untilHour: Annotated[int | None, Field(ge=0, le=23, description="hour of the day, for next-…")] = None
    untilMinute: Annotated[int | None, Field(ge=0, le=59, description="minute of the hour, for next-…")] = None
    duration: Annotated[Minutes | None, Field(ge=1, description="how long, for for-duration", examples=["10m"])] = None

    @model_validator(mode="after")
    def _says_how_long(self) -> Delay:
        if self.delayOption == "for-duration" and self.duration is None:
            raise PydanticCustomError("policy", "for-duration needs a duration", {})
        if self.delayOption != "for-duration" and self.duration is not None:
            raise PydanticCustomError("policy", "{option} takes no duration", {"option": self.delayOption})
        return self


class NotificationPolicy(policy.Policy):
    """A notification policy."""

    team: Annotated[Ref, RefTo(TEAM), Field(description="the team whose alerts it is for; cannot be changed")]
    autoRestartAction: Annotated[AutoRestart | None, Field(description="notifying again; null: not")] = None
    autoCloseAction: Annotated[AutoClose | None, Field(description="closing the alert; null: not")] = None
    deduplicationAction: Annotated[
        Deduplication | None, Field(description="notifying of some occurrences only; null: of all")
    ] = None
    delayAction: Annotated[Delay | None, Field(description="notifying later; null: at once")] = None
    suppress: Annotated[
        bool | None,
        policy.YES_OR_NO,
        Field(description="whether nobody is notified; goes with neither delay nor deduplication"),
    ] = None

    @model_validator(mode="after")
    def _does_not_delay_what_it_suppresses(self) -> NotificationPolicy:
        for name in ("delayAction", "deduplicationAction"):
            if self.suppress and getattr(self, name) is not None:
                raise PydanticCustomError("policy", "suppress: true goes without {name}", {"name": name})
        return self


_TIMED = record({"duration": DURATION})
_WIRES = {
    **policy.WIRES,
    "autoRestartAction": _TIMED,
    "autoCloseAction": _TIMED,
    "deduplicationAction": _TIMED,
    "delayAction": _TIMED,
}


def to_api(tree: Object, context: Context) -> Object:
    return policy.body(tree, _WIRES)


def from_api(raw: Object, context: Context) -> Object:
    return policy.read(raw, _WIRES)


def steps(kind: Kind, work: Work, context: Context) -> tuple[Step, ...]:
    return policy.steps(kind, work, context, "notification")


def consequences(work: Work) -> tuple[str, ...]:
    silent = work.verb != "delete" and work.wanted.get("suppress") and work.wanted.get("enabled") is not False
    return ("alerts that it is for will notify nobody",) if silent else ()


KIND = Kind(
    vendor="opsgenie",
    version="v1",
    name="NotificationPolicy",
    spec=NotificationPolicy,
    place=policy.place("notification", NotificationPolicy, global_too=False),
    page=policy.PAGE,
    to_api=to_api,
    from_api=from_api,
    key=policy.key,
    writes="replace",
    immutable=frozenset({"team"}),
    needed_to_create=("name",),
    sent_on_create={"enabled": True},
    serial="parent",
    ranked="order",
    writable=policy.writable,
    own_steps=steps,
    remarks=policy.remarks,
    consequences=consequences,
)
