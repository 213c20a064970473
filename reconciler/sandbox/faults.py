"""Faults to order: which request meets which accident, how often, after how many that go well."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any, Literal, get_args

from reconciler.sandbox.exchange import Answer, Request, encode, json_answer
from reconciler.sandbox.fields import Invalid, anything, mapping, nullable, record, text, whole, word, wrong_type

Accident = Literal["refuse", "cut", "lose", "status", "status_after", "slow", "malformed"]

MEANINGS: Mapping[Accident, str] = {
    "refuse": "no connection: the request never reaches the vendor",
    "cut": "the connection is cut before the vendor does anything",
    "lose": "the vendor does its work, the answer is lost",
    "status": "the answer is `status` with `body`, nothing is done",
    "status_after": "the vendor does its work, the answer is `status` with `body` all the same",
    "slow": "the answer comes after `seconds`",
    "malformed": "the vendor does its work, half of the answer's body arrives",
}


@dataclass(frozen=True)
class Fault:
    """One accident for requests of `method` (all when `None`) whose path fits the pattern `path` (`*` is any text).

    The first `skip` fitting requests go well, the next `count` (all when `None`) meet the accident.
    """

    fault: Accident
    method: str | None = None
    path: str = "*"
    count: int | None = 1
    skip: int = 0
    status: int = 503
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    def fits(self, request: Request) -> bool:
        return self.method in (None, request.method) and fnmatchcase(request.path, self.path)

    def answer(self) -> Answer:
        if isinstance(self.body, str):
            return Answer(self.status, {"content-type": "text/plain", **self.headers}, self.body.encode())
        return json_answer(self.status, {} if self.body is None else self.body, self.headers)


def _seconds(value: Any, path: str) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool) or value < 0:
        raise wrong_type(value, path, "a number of seconds")
    return float(value)


_FAULT = record(
    {
        "fault": word(*get_args(Accident)),
        "method": nullable(word("GET", "POST", "PUT", "PATCH", "DELETE")),
        "path": text(least=1),
        "count": nullable(whole(least=1)),
        "skip": whole(least=0),
        "status": whole(least=100, most=599),
        "body": anything,
        "headers": mapping(text()),
        "seconds": _seconds,
    },
    required=("fault",),
    nulls="checked",
)


class Faults:
    """The faults that still wait for their requests, oldest first; of several that fit the oldest strikes."""

    def __init__(self, waiting: tuple[Fault, ...] = ()) -> None:
        self.waiting = waiting

    def order(self, wanted: Any) -> None:
        """Adds faults from JSON: one object or a list. Raises Invalid."""
        if not isinstance(wanted, (dict, list)):
            raise Invalid({"body": "must be a fault or a list of faults"})
        listed = wanted if isinstance(wanted, list) else [wanted]
        self.waiting += tuple(Fault(**_FAULT(item, f"[{at}]")) for at, item in enumerate(listed))

    def clear(self) -> None:
        self.waiting = ()

    def strike(self, request: Request) -> Fault | None:
        """The fault this request meets, counted; `None` when all goes well."""
        for at, fault in enumerate(self.waiting):
            if not fault.fits(request):
                continue
            if fault.skip:
                self._put(at, replace(fault, skip=fault.skip - 1))
                continue
            left = None if fault.count is None else fault.count - 1
            self._put(at, None if left == 0 else replace(fault, count=left))
            return fault
        return None

    def _put(self, at: int, fault: Fault | None) -> None:
        # A fault that is used up leaves a hole only for the rest of this request: `strike` returns right after.
        self.waiting = (*self.waiting[:at], *([fault] if fault else []), *self.waiting[at + 1 :])

    def listed(self) -> list[dict[str, Any]]:
        return [asdict(fault) for fault in self.waiting]


def halved(answer: Answer) -> Answer:
    """The answer with half of its body: JSON that breaks off."""
    body = answer.body or encode({"data": None})
    return replace(answer, body=body[: len(body) // 2])
