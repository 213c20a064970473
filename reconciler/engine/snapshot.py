"""Snapshot: the vendors' answers and the ledgers at one moment, without secrets, so that a plan needs no sign-in."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from reconciler.engine.access import Access
from reconciler.engine.live import LiveObject
from reconciler.engine.plan import Plan
from reconciler.engine.reading import Reader, Where
from reconciler.engine.record import instant
from reconciler.errors import UsageError
from reconciler.http.client import Client
from reconciler.http.exchange import Done, Fault, Json, NotDone, Outcome, Reply, Request
from reconciler.kinds.kind import Kind
from reconciler.kinds.output import REDACTED
from reconciler.kinds.shape import Leaf, List, Map, Record, Shape, Variants
from reconciler.ledger.entries import Entry, LedgerState

FORMAT = "reconciler/snapshot/v1"
_ENTRY = TypeAdapter(Entry)
Asking = tuple[str, str, tuple[tuple[str, str], ...], str]


def asking(request: Request) -> Asking:
    """By what an answer is found again."""
    return request.method, request.path, request.query, json.dumps(request.body, sort_keys=True)


# ── taking one ──────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Recorder:
    """A client that keeps the answer to every read, its secrets cut: it stands in the place of the real one."""

    inner: Client
    hide: Callable[[Request, Json], Json]
    answers: dict[Asking, tuple[int, Json]] = field(default_factory=dict)

    async def send(self, request: Request) -> Outcome:
        outcome = await self.inner.send(request)
        if request.effect == "reads" and isinstance(outcome, Done):
            self.answers[asking(request)] = outcome.reply.status, self.hide(request, outcome.reply.body)
        elif request.effect == "reads" and isinstance(outcome, NotDone) and outcome.fault.status in (404, 410):
            self.answers[asking(request)] = outcome.fault.status, None
        return outcome

    @property
    def spent(self) -> int:
        return self.inner.spent

    async def aclose(self) -> None:
        await self.inner.aclose()


def recording(access: Access) -> dict[str, Recorder]:
    """Have every account's answers kept from now on."""
    recorders = {
        host: Recorder(client, _hider(access, host)) for host, client in access.clients.items() if client is not None
    }
    access.clients = {host: _as_client(one) for host, one in recorders.items()}
    return recorders


def _as_client(one: Any) -> Client:
    """Something that is asked as a client is."""
    client: Client = one
    return client


async def complete(access: Access, plan: Plan) -> None:
    """Read of every object what only a single GET tells, so that a plan that wants more of it finds it."""
    reader = Reader(access, plan.draft.world)
    for one in list(plan.draft.world.live.everything()):
        if one.kind.signal is None and not one.kind.looked_up and one.host not in plan.draft.world.live.failed:
            await _whole(reader, one)


async def _whole(reader: Reader, one: LiveObject) -> None:
    place = one.kind.place
    if place.detail or place.parts:
        await reader.detail(replace(one, whole=False), {part.name for part in place.parts})


def all_kinds(access: Access) -> frozenset[Where]:
    """Every kind that can be listed, in every account."""
    return frozenset(
        (host, kind.id)
        for host, account in access.project.accounts.items()
        for kind in account.vendor.kinds
        if kind.signal is None and not kind.catalogue and kind.place.listed_at is None and kind.place.gathers is None
    )


def document(
    access: Access, plan: Plan, recorders: Mapping[str, Recorder], states: Mapping[str, LedgerState]
) -> dict[str, Any]:
    """The picture as JSON: no secret, no digest and no sealed value is in it."""
    hosts = sorted(set(recorders) - set(plan.facts.not_read))
    return {
        "format": FORMAT,
        "project": access.project.name,
        "made": instant(access.clock.now()),
        "siblings": [[*key, who] for key, who in sorted(access.siblings.items())],
        "accounts": {
            host: {
                "tenant": access.tenants.get(host),
                "ledger": [_ENTRY.dump_python(_bare(one), mode="json") for one in _entries(states, host)],
                "answers": [_told(key, *answer) for key, answer in sorted(recorders[host].answers.items())],
            }
            for host in hosts
        },
    }


def _entries(states: Mapping[str, LedgerState], host: str) -> list[Entry]:
    state = states.get(host, LedgerState())
    return [state.entries[address] for address in sorted(state.entries)]


def _bare(entry: Entry) -> Entry:
    """The entry without what only a key opens, and without digests, which could be tried out."""
    return replace(entry, outputs={}, declared=_no_digests(entry.declared))


def _no_digests(declared: Any) -> Any:
    match declared:
        case {"$secret": _, **rest}:
            return {"$secret": None, **rest}
        case Mapping():
            return {name: _no_digests(value) for name, value in declared.items()}
        case list():
            return [_no_digests(item) for item in declared]
        case _:
            return declared


def _told(key: Asking, status: int, body: Json) -> dict[str, Any]:
    method, path, query, asked = key
    return {"method": method, "path": path, "query": [list(pair) for pair in query], "body": asked} | {
        "status": status,
        "answer": body,
    }


# ── cutting secrets ─────────────────────────────────────────────────────────────────────────────────────────────────


def _hider(access: Access, host: str) -> Callable[[Request, Json], Json]:
    """Cuts what stands under the name of a secret field of the kind that is read, or of any kind's secret output, as
    objects of one kind may stand in those of another; and every known secret."""
    kinds = access.project.accounts[host].vendor.kinds
    by_path: dict[str, set[str]] = {}
    for kind in kinds:
        for template in _templates(kind):
            by_path.setdefault(template, set()).update(_secret_names(kind))
    every = {name for kind in kinds for name in _secret_names(kind)}
    made = {name for kind in kinds for name in _output_names(kind)}

    def hide(request: Request, body: Json) -> Json:
        return _cut(body, by_path.get(request.template, every) | made, access.secrets.redact)

    return hide


def _templates(kind: Kind) -> Iterator[str]:
    yield from (kind.place.list, kind.place.item_path)
    yield from (part.path for part in kind.place.parts)


def _secret_names(kind: Kind) -> set[str]:
    """Names under which secrets stand. Where another form of the kind has an object of that name, it ends in `{}`: such
    an object names its own secrets."""
    found = list(_names(kind.shape))
    objects = {name for name, secret in found if not secret}
    secrets = _output_names(kind) | {name for name, secret in found if secret}
    return secrets | {f"{name}{{}}" for name in secrets & objects}


def _output_names(kind: Kind) -> set[str]:
    return {one.at[-1] for one in kind.outputs if one.secret}


def _names(shape: Shape) -> Iterator[tuple[str, bool]]:
    """The names of all secrets and, told by False, of all objects."""
    match shape:
        case Record(fields=fields):
            for name, one in fields.items():
                if isinstance(one.shape, Record | Variants) or (isinstance(one.shape, Leaf) and one.shape.secret):
                    yield name, isinstance(one.shape, Leaf)
                yield from _names(one.shape)
        case Variants(records=records, other=other):
            for record in (*records.values(), *([other] if other else [])):
                yield from _names(record)
        case List(item=item) | Map(item=item):
            yield from _names(item)
        case Leaf():
            return


def _is_cut(name: str, value: Json, names: set[str]) -> bool:
    return name in names and not (isinstance(value, dict) and f"{name}{{}}" in names)


def _cut(body: Json, names: set[str], redact: Callable[[str], str], *, all_of_it: bool = False) -> Json:
    match body:
        case dict():
            return {
                name: _cut(value, names, redact, all_of_it=all_of_it or _is_cut(name, value, names))
                for name, value in body.items()
            }
        case list():
            return [_cut(item, names, redact, all_of_it=all_of_it) for item in body]
        case str() if all_of_it and body:
            return REDACTED
        case str():
            return redact(body)
        case _:
            return body


# ── planning with one ───────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Snapshot:
    """A picture taken before. `made` is when; `siblings` are the objects of other environments, as an access knows."""

    project: str
    made: datetime
    answers: Mapping[str, Mapping[Asking, tuple[int, Json]]]
    states: Mapping[str, LedgerState]
    siblings: Mapping[tuple[str, str, str], str] = field(default_factory=dict)

    def age(self, now: datetime) -> str:
        """`3 hours`, `2 days`."""
        minutes = max(0, int((now - self.made).total_seconds() // 60))
        number, word = (minutes, "minute") if minutes < 120 else (minutes // 60, "hour")
        number, word = (number, word) if minutes < 2_880 else (minutes // 1_440, "day")
        return f"{number} {word}{'' if number == 1 else 's'}"

    def notice(self, now: datetime) -> str:
        """What must be read with a plan made of it."""
        when = self.made.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
        return f"no vendor was asked: this is a snapshot of {when}, {self.age(now)} old; what changed since is not seen"

    def into(self, access: Access) -> None:
        """Have an access answer from the picture; of an account that is new since then, it knows nothing."""
        hosts = access.project.accounts
        access.clients = {host: _as_client(Replay(host, self.answers.get(host, {}))) for host in hosts}
        access.siblings = dict(self.siblings)
        access.unusable.clear()
        access.offline = True


@dataclass
class Replay:
    """A client that answers from a picture, and knows nothing else."""

    host: str
    answers: Mapping[Asking, tuple[int, Json]]
    spent: int = 0
    by_template: Counter[str] = field(default_factory=Counter)

    async def send(self, request: Request) -> Outcome:
        found = self.answers.get(asking(request)) or self._wider(request)
        if found is None:
            return NotDone(request, Fault(None, None, f"the snapshot does not hold what {self.host} would answer"))
        status, body = found
        if status >= 400:
            return NotDone(request, Fault(status, None, "not there"), Reply(status, body))
        return Done(request, Reply(status, body))

    def _wider(self, request: Request) -> tuple[int, Json] | None:
        """The answer to the same question that asked for more beside."""
        method, path, query, body = asking(request)
        for key, answer in self.answers.items():
            if (key[0], key[1], key[3]) == (method, path, body) and set(query) <= set(key[2]):
                return answer
        return None

    async def aclose(self) -> None:
        """Nothing is open."""


def read_snapshot(text: str, name: str) -> Snapshot:
    """Raises UsageError for a text that is no snapshot of this version."""
    try:
        data = json.loads(text)
        if data["format"] != FORMAT:
            raise ValueError
        accounts, made = data["accounts"], datetime.fromisoformat(data["made"])
        if made.tzinfo is None:
            raise ValueError
        return Snapshot(
            str(data["project"]),
            made,
            {host: dict(map(_answer, one["answers"])) for host, one in accounts.items()},
            {host: _state(one) for host, one in accounts.items()},
            {(str(vendor), str(kind), str(ident)): str(who) for vendor, kind, ident, who in data["siblings"]},
        )
    except (KeyError, TypeError, ValueError, AttributeError, ValidationError, RecursionError):
        raise UsageError(f"{name} is no snapshot", way_out="take one: reconciler snapshot -o FILE") from None


def _answer(data: Mapping[str, Any]) -> tuple[Asking, tuple[int, Json]]:
    query = tuple((str(name), str(value)) for name, value in data["query"])
    return (data["method"], data["path"], query, data["body"]), (int(data["status"]), data["answer"])


def _state(data: Mapping[str, Any]) -> LedgerState:
    entries = [_ENTRY.validate_python(one) for one in data["ledger"]]
    return LedgerState({one.address: one for one in entries}, tenant=data["tenant"], new=not entries)
