"""What both event APIs share: stored events, their end as the clock moves, and sending again."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.dynatrace.environment import Environment
from reconciler.sandbox.dynatrace.instant import MINUTE
from reconciler.sandbox.dynatrace.vocabulary import PROBLEMS


@dataclass(frozen=True)
class Report:
    """One event to be stored for each of its entities. `end` is when it ends by itself; `said` is all it was told."""

    kind: str
    start: int
    end: int
    problem: bool
    said: Obj


def opens_problem(env: Environment, kind: str) -> bool:
    if kind == "CUSTOM_ALERT":
        return env.settings.custom_alert == "problem"
    return kind in PROBLEMS


def is_open(env: Environment, event: Obj) -> bool:
    return env.now() < int(event["end"])


def shown_end(env: Environment, event: Obj) -> int | None:
    if not is_open(env, event):
        return int(event["end"])
    return -1 if env.settings.open_end == "minus_one" else None


def report(env: Environment, entity: Obj, told: Report) -> Obj:
    """The event as stored: a problem that is still open and told again word for word only lasts longer."""
    series = _series(entity, told.kind, told.said)
    if told.problem:
        for event in env.events.named(series):
            if is_open(env, event):
                return env.events.put({**event, "end": max(told.end, int(event["end"]))})
    env.serial += 1
    number = int(env.digits(f"event/{env.serial}"), 16) - 2**63  # signed 64-bit, and often negative
    correlation = env.digits(f"correlation/{env.serial}")
    shape = {"series": series, "number": number, "correlation": correlation, "entity": entity["id"]}
    kept = {"kind": told.kind, "start": told.start, "end": told.end, "problem": told.problem, "said": told.said}
    ident = f"{number}_{told.start}"
    env.lag.hide(ident, env.settings.feed_lag, env.settings.feed_lag_reads)
    return env.events.put({"id": ident, **shape, **kept, "created": env.now()})


def _series(entity: Obj, kind: str, said: Obj) -> str:
    text = json.dumps([entity["id"], kind, said], sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def between(env: Environment, start: int, end: int) -> list[Obj]:
    """Events of a time frame, newest first, as a feed shows them by now; the read counts for those that lag."""
    found = [event for event in env.events if event["start"] <= end and _lasts_until(env, event) >= start]
    return sorted(env.lag.listed(found), key=lambda event: (-event["start"], event["id"]))


def _lasts_until(env: Environment, event: Obj) -> int:
    return env.now() if is_open(env, event) else int(event["end"])


def minutes(value: Any) -> int:
    return int(value) * MINUTE
