"""Join: creates that a vendor takes as one list, and answers item by item, go as one request; each has its own outcome.

A vendor that tells of an item how it ended does so by `code`, an HTTP status.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from reconciler.http.exchange import (
    Answer,
    Cut,
    Done,
    Doubtful,
    Fault,
    Host,
    Json,
    NotDone,
    Outcome,
    Reply,
    Request,
    Unsent,
    judge,
)

# So few that their one answer comes within the read time-out.
MOST = 50

# Statuses of a whole that was not taken, maybe because of one item in it or of its length.
_NOT_TAKEN = (400, 413, 422)
_BUSY = (423, 429)

Judge: TypeAlias = Callable[[Request, Host, Answer | Unsent | Cut], Outcome]
Through: TypeAlias = Callable[[Request, bytes, Judge], Awaitable[Outcome]]


def is_joinable(request: Request) -> bool:
    """Only what is never sent twice in doubt: the doubt of one try would otherwise be lost for its items."""
    return request.joins and request.effect == "creates" and isinstance(request.body, list) and len(request.body) == 1


@dataclass(repr=False, eq=False)
class _Batch:
    requests: list[Request] = field(default_factory=list)
    contents: list[bytes] = field(default_factory=list)
    waiting: int = 0
    sent: asyncio.Task[tuple[Outcome, list[Outcome]]] | None = None


class Joint:
    """Gathers what becomes ready in the same turns of the loop. `through` sends one request, with all its tries."""

    def __init__(self, host: Host, through: Through) -> None:
        self._host = host
        self._through = through
        self._open: dict[tuple[object, ...], _Batch] = {}

    async def send(self, request: Request, content: bytes) -> Outcome:
        """The outcome of a joinable request, whose body is `content`."""
        batch = self._batch(request)
        number = len(batch.requests)
        batch.requests.append(request)
        batch.contents.append(content)
        whole, outcomes = await _sent(batch)
        own = outcomes[number]
        if isinstance(own, NotDone) and len(outcomes) > 1:
            again = _BUSY if isinstance(whole, Done) else _NOT_TAKEN
            if own.fault.status in again:
                return await self._through(request, content, judge)
        return own

    def _batch(self, request: Request) -> _Batch:
        key = (request.method, request.path, request.query, request.headers, request.template)
        batch = self._open.get(key)
        if batch is None or len(batch.requests) >= MOST:
            batch = self._open[key] = _Batch()
            batch.sent = asyncio.create_task(self._go(key, batch))
        return batch

    async def _go(self, key: tuple[object, ...], batch: _Batch) -> tuple[Outcome, list[Outcome]]:
        seen = 0
        while seen < len(batch.requests):
            seen = len(batch.requests)
            await asyncio.sleep(0)
        if self._open.get(key) is batch:
            del self._open[key]
        if len(batch.requests) == 1:
            alone = await self._through(batch.requests[0], batch.contents[0], judge)
            return alone, [alone]
        content = b"[" + b",".join(one[1:-1] for one in batch.contents) + b"]"
        whole = await self._through(_joined(batch.requests), content, judge_whole)
        return whole, split(whole, batch.requests, self._host)


async def _sent(batch: _Batch) -> tuple[Outcome, list[Outcome]]:
    """One who is cancelled leaves the others their answer; the last takes the request along."""
    assert batch.sent is not None
    batch.waiting += 1
    try:
        return await asyncio.shield(batch.sent)
    finally:
        batch.waiting -= 1
        if not batch.waiting:
            batch.sent.cancel()


def _joined(requests: list[Request]) -> Request:
    return replace(requests[0], body=[item for one in requests for item in _items(one.body)])


def _items(body: Json) -> list[Json]:
    return body if isinstance(body, list) else []


def judge_whole(joint: Request, host: Host, result: Answer | Unsent | Cut) -> Outcome:
    """The outcome of one try of them all: Done where there is a result for each, whatever these say."""
    asked = len(_items(joint.body))

    def explain(reply: Reply) -> Fault | None:
        # The words of one item are not for the others.
        if not isinstance(reply.body, list):
            return host.explain(reply)
        whole = reply.status < 300 and len(reply.body) == asked
        return None if whole else _uncounted(reply, asked)

    match judge(joint, replace(host, explain=explain), result):
        case Done(reply=reply) if not isinstance(reply.body, list):
            return Doubtful(joint, _uncounted(reply, asked))
        case NotDone(fault=fault, reply=Reply(status=status, body=list() as results) as reply) if _decides(status):
            return Done(joint, reply) if len(results) == asked else Doubtful(joint, fault)
        case outcome:
            return outcome


def _decides(status: int) -> bool:
    return status >= 400 and status not in _BUSY


def _uncounted(reply: Reply, asked: int) -> Fault:
    told = f"{len(reply.body)} results" if isinstance(reply.body, list) else "no list of results"
    return Fault(reply.status, None, f"{told} for {asked} objects sent in one request")


def split(whole: Outcome, requests: list[Request], host: Host) -> list[Outcome]:
    """The outcome of each: of its own result, or of what became of them all."""
    if not isinstance(whole, Done):
        return [replace(whole, request=one) for one in requests]
    results = _items(whole.reply.body)
    return [judge(one, host, _answer(whole.reply, result)) for one, result in zip(requests, results, strict=True)]


def _answer(reply: Reply, result: Json) -> Answer:
    """What the vendor would have answered to this item alone."""
    code = result.get("code") if isinstance(result, dict) else None
    status = code if isinstance(code, int) and 100 <= code < 600 else reply.status
    return Answer(status, reply.headers, json.dumps([result]).encode())
