"""Retry: whether a request is sent again, after how long, and when an account is given up on."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal

from reconciler.http.exchange import Done, Doubtful, Fault, NotDone, NotSent, Outcome, Request
from reconciler.http.pace import Clock

# Seconds.
FIRST_WAIT = 0.5
LONGEST_WAIT = 30.0
PATIENCE = 300.0
UNREACHED_READ = 6.0

# unreached: no connection. busy: 429, 423. broken: 5xx, cut, time-out. garbled: a 2xx that cannot be read.
Trouble = Literal["unreached", "busy", "broken", "garbled"]

# Tries of one request while the account answers others; with none answered, `PATIENCE` decides.
TRIES: Mapping[Trouble, int] = {"unreached": 12, "busy": 12, "broken": 6, "garbled": 4}


def trouble(outcome: Outcome) -> Trouble | None:
    """What may be otherwise at the next try; None where the vendor has decided."""
    match outcome:
        case Done():
            return None
        case NotSent():
            return "unreached"
        case NotDone(fault=Fault(status=429 | 423)):
            return "busy"
        case NotDone(fault=fault) | Doubtful(fault=fault):
            return _passing(fault.status)


def repeatable(outcome: Outcome) -> bool:
    """Whether the request may be sent again: a create only where it is certain that nothing was done."""
    return not (isinstance(outcome, Doubtful) and outcome.request.effect == "creates")


def _passing(status: int | None) -> Trouble | None:
    if status is None or (status >= 500 and status != 501):
        return "broken"
    return "garbled" if status < 300 else None


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds a vendor asks to wait, from `Retry-After` as seconds or as an HTTP date; None where it asks nothing.

    A date is measured against the answer's own `Date`, as our clock may be wrong. RFC 9110, 10.2.3.
    """
    asked = headers.get("retry-after", "").strip()
    try:
        seconds = float(asked)
    except ValueError:
        until, sent = _date(asked), _date(headers.get("date", "")) or now
        return max(0.0, (until - sent).total_seconds()) if until else None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


class Backoff:
    """Waits that double from half a second to thirty, each shortened by chance to between half and whole."""

    def __init__(self, dice: random.Random | None = None) -> None:
        # Spreads requests in time; nothing secret hangs on it.
        self._dice = dice or random.Random()  # noqa: S311 - see above

    def wait(self, tries: int) -> float:
        """Seconds to wait after the `tries`-th failed try."""
        longest = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(tries - 1, 10))
        return longest * (0.5 + self._dice.random() / 2)


class Trial:
    """One request's tries: what troubled them, and whether one of them may have been done."""

    def __init__(self, request: Request, started: float) -> None:
        self._request = request
        self._started = started
        self._troubles: Counter[Trouble] = Counter()
        self._doubted = False
        self.last: Outcome | None = None
        self.failing_since: float | None = None

    @property
    def reads(self) -> bool:
        return self._request.effect == "reads"

    @property
    def tries(self) -> int:
        return self._troubles.total()

    def tried(self, kind: Trouble) -> int:
        return self._troubles[kind]

    def failed(self, outcome: Outcome, kind: Trouble, started: float) -> None:
        self.last = outcome
        self._troubles[kind] += 1
        self._doubted = self._doubted or isinstance(outcome, Doubtful)
        self.failing_since = started if self.failing_since is None else self.failing_since

    def end(self, outcome: Outcome, now: float) -> Outcome:
        """The outcome of all tries. A refusal after a doubtful try leaves the doubt, unless nothing stands there."""
        match outcome:
            case Done():
                return outcome
            case NotSent(request, fault) if self._doubted:
                return Doubtful(request, self._counted(fault, now))
            case NotDone(request, fault) if self._doubted and fault.status not in (404, 410):
                return Doubtful(request, self._counted(fault, now))
            case NotSent() | NotDone() | Doubtful():
                return replace(outcome, fault=self._counted(outcome.fault, now))

    def given_up(self, host: str, now: float) -> Outcome:
        """The outcome when the account was given up on before this request's next try."""
        silent = Fault(None, None, f"not sent, {host} has answered nothing for {PATIENCE:g} s or asks to wait longer")
        return self.end(self.last or NotSent(self._request, silent), now)

    def _counted(self, fault: Fault, now: float) -> Fault:
        if self.tries < 2:
            return fault
        return replace(fault, message=f"{fault.message} (tried {self.tries} times in {now - self._started:.0f} s)")


class Patience:
    """How long one account has answered nothing, over all its requests. Time in which none is under way does not count.

    `enter` and `leave` stand around each request with all its tries.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._under_way = 0
        self._idle_since = 0.0
        self._last_reached = -math.inf
        self._last_success = -math.inf
        self._unreached_since: float | None = None
        self._silent_since: float | None = None

    def enter(self) -> None:
        if not self._under_way:
            idle = self._clock.monotonic() - self._idle_since
            self._silent_since = None if self._silent_since is None else self._silent_since + idle
            self._unreached_since = None if self._unreached_since is None else self._unreached_since + idle
        self._under_way += 1

    def leave(self) -> None:
        self._under_way -= 1
        self._idle_since = self._clock.monotonic()

    def deadline(self) -> float:
        """The moment, on the monotonic clock, past which nothing waits for this account."""
        return math.inf if self._silent_since is None else self._silent_since + PATIENCE

    def succeeded(self) -> None:
        self._last_success = self._last_reached = self._clock.monotonic()
        self._silent_since = self._unreached_since = None

    def failed(self, kind: Trouble, started: float) -> None:
        """One try failed; `started` is when it began, so that a time-out counts with its whole length."""
        if self._silent_since is None:
            self._silent_since = max(started, self._last_success)
        if kind != "unreached":
            self._last_reached = self._clock.monotonic()
            self._unreached_since = None
        elif self._unreached_since is None:
            self._unreached_since = max(started, self._last_reached)

    def allows(self, trial: Trial, kind: Trouble, wait: float) -> bool:
        """Whether one more try, after `wait` seconds, is worth it."""
        then = self._clock.monotonic() + wait
        if then > self.deadline():
            return False
        if kind == "unreached" and trial.reads and self._unreached_since is not None:
            return then <= self._unreached_since + UNREACHED_READ
        others_answered = trial.failing_since is not None and self._last_success > trial.failing_since
        return trial.tried(kind) < TRIES[kind] or not (others_answered or kind == "garbled")
