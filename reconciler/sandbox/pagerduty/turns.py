"""Who is on call when: the turns of layers, cut by restrictions, laid over one another (sheet 3.3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.pagerduty.body import moment
from reconciler.sandbox.pagerduty.tenant import Tenant

MOST = 2_000


@dataclass(frozen=True)
class Turn:
    """One person on call, from an instant up to another."""

    user: str
    start: datetime
    end: datetime

    def cut(self, start: datetime, end: datetime) -> Turn | None:
        first, last = max(self.start, start), min(self.end, end)
        return Turn(self.user, first, last) if first < last else None


def of_layer(layer: Obj, zone_name: str, since: datetime, until: datetime) -> list[Turn]:
    """The layer's turns between two instants; the first user's turn begins at the layer's anchor."""
    first = max(since, moment(layer["start"]))
    last = min(until, moment(layer["end"])) if layer["end"] else until
    length = timedelta(seconds=layer["rotation_turn_length_seconds"])
    anchor, users = moment(layer["anchor"]), layer["users"]
    number = (first - anchor) // length
    turns: list[Turn] = []
    while anchor + number * length < last and len(turns) < MOST:
        begun = anchor + number * length
        turn = Turn(users[number % len(users)], begun, begun + length).cut(first, last)
        if turn:
            turns += _restricted(turn, layer["restrictions"], ZoneInfo(zone_name))
        number += 1
    return turns


def _restricted(turn: Turn, restrictions: list[Obj], zone: ZoneInfo) -> list[Turn]:
    if not restrictions:
        return [turn]
    cuts = []
    day = turn.start.astimezone(zone).date() - timedelta(days=8)  # a weekly restriction may have begun a week before
    while datetime.combine(day, time(), zone) < turn.end:
        for part in restrictions:
            if part["type"] == "weekly_restriction" and part["start_day_of_week"] != day.isoweekday():
                continue
            begun = datetime.combine(day, time.fromisoformat(part["start_time_of_day"]), zone)
            cuts.append(turn.cut(begun, begun + timedelta(seconds=part["duration_seconds"])))
        day += timedelta(days=1)
    return sorted((cut for cut in cuts if cut), key=lambda cut: cut.start)


def overlaid(upper: list[Turn], lower: list[Turn]) -> list[Turn]:
    """The upper turns, and the lower ones where nobody of the upper is on call."""
    free = lower
    for busy in upper:
        around = ((turn.cut(turn.start, busy.start), turn.cut(busy.end, turn.end)) for turn in free)
        free = [part for pair in around for part in pair if part]
    return sorted([*upper, *free], key=lambda turn: turn.start)


def of_overrides(tenant: Tenant, schedule: Obj, since: datetime, until: datetime) -> list[Turn]:
    """Overrides, the newest on top."""
    turns: list[Turn] = []
    for override in tenant.of("overrides").named(schedule["id"]):
        turn = Turn(override["user"], moment(override["start"]), moment(override["end"])).cut(since, until)
        turns = overlaid([turn], turns) if turn else turns
    return turns


def on_call(tenant: Tenant, schedule: Obj, at: datetime) -> str | None:
    """The id of who is on call at an instant."""
    until = at + timedelta(seconds=1)
    for turns in (of_overrides(tenant, schedule, at, until), *_layers(schedule, at, until)):
        if turns:
            return turns[0].user
    return None


def _layers(schedule: Obj, since: datetime, until: datetime) -> list[list[Turn]]:
    return [of_layer(layer, schedule["time_zone"], since, until) for layer in schedule["layers"]]


def final(tenant: Tenant, schedule: Obj, since: datetime, until: datetime) -> list[Turn]:
    """The schedule as people live by it: overrides over layers, upper layers over lower."""
    turns = of_overrides(tenant, schedule, since, until)
    for layer in _layers(schedule, since, until):
        turns = overlaid(turns, layer)
    return turns


def coverage(turns: list[Turn], since: datetime, until: datetime) -> float:
    """How much of the time somebody is on call, in percent."""
    covered = sum(((turn.end - turn.start) for turn in turns), timedelta())
    return round(100 * covered / (until - since), 2)
