"""Exchange: what goes to a vendor, what comes back, and which of the four outcomes that is. No I/O here."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from reconciler.errors import ManifestError

Json: TypeAlias = dict[str, "Json"] | list["Json"] | str | int | float | bool | None

# By what a request does, never by its verb. `writes` is a write that may be sent twice (PUT, PATCH, DELETE, and any
# POST a kind declares so), `creates` one that may not.
Effect = Literal["reads", "writes", "creates"]

CLIP = 300
_ESCAPES = re.compile(r"\x1b(?:\[[0-9;:?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|.)?", re.DOTALL)
_UNPRINTABLE = re.compile("[\\s\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")
_PATH = re.compile(r"/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*")
_DOTS = re.compile(r"/(?:\.|%2e){1,2}(?=/|$)", re.IGNORECASE)
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_HEADER_VALUE = re.compile(r"(?:[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?)?")


def is_header(name: str, value: str) -> bool:
    """Whether HTTP can carry this header: printable ASCII, no line break, no space around the value."""
    return bool(_TOKEN.fullmatch(name) and _HEADER_VALUE.fullmatch(value))


@dataclass(frozen=True)
class Request:
    """One request. `path` is filled, percent-encoded, begins with "/" and stands below the host's base URL.

    `body` None means no body; `headers` are added to the host's; `template` is the path before it was filled, by
    which requests are counted. One that `joins` is a create whose body is a list of one: the vendor takes several in
    one list and answers item by item. Only method and path show in its repr. Raises ManifestError for a path that
    leaves its place.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: Json = field(default=None, repr=False)
    effect: Effect = "reads"
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    template: str = ""
    joins: bool = False

    def __post_init__(self) -> None:
        # A name or id of ".." would otherwise turn the deletion of one object into that of its collection.
        if not _PATH.fullmatch(self.path) or _DOTS.search(self.path):
            raise ManifestError(
                f"the path {clean(self.path)!r} cannot be asked for",
                way_out="an id or name in it is empty, '.', '..' or not percent-encoded: give the object another one",
            )
        if not all(is_header(name, value) for name, value in self.headers):
            names = ", ".join(sorted(name for name, _ in self.headers))
            raise ManifestError(
                f"a header of {self.method} {self.path} cannot be sent ({clean(names)})",
                way_out="headers hold printable ASCII on one line",
            )


@dataclass(frozen=True)
class Reply:
    """An answer. `body` is parsed JSON, None where there is none, the bare text of an error that is not JSON."""

    status: int
    body: Json = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Fault:
    """What went wrong: the vendor's own status, code and words (clipped, redacted), or the network's."""

    status: int | None
    code: str | None
    message: str

    def __str__(self) -> str:
        mark = " ".join(str(part) for part in (self.status, self.code and f"({self.code})") if part)
        return f"{mark}: {self.message}" if mark else self.message


@dataclass(frozen=True)
class Done:
    """The vendor did it."""

    request: Request
    reply: Reply


@dataclass(frozen=True)
class NotSent:
    """Nothing was done: there was no connection, or the account was given up on before."""

    request: Request
    fault: Fault


@dataclass(frozen=True)
class NotDone:
    """The vendor refused; or a read failed for good, which changes nothing either. `reply` is None without answer."""

    request: Request
    fault: Fault
    reply: Reply | None = None


@dataclass(frozen=True)
class Doubtful:
    """A write that may or may not have been done."""

    request: Request
    fault: Fault


Outcome: TypeAlias = Done | NotSent | NotDone | Doubtful


@dataclass(frozen=True)
class Allowance:
    """What a vendor's rate headers say: requests left, and the seconds until there are more."""

    remaining: int
    resets_in: float


def no_allowance(headers: Mapping[str, str]) -> Allowance | None:
    """For vendors whose answers do not tell their rate."""
    return None


@dataclass(frozen=True, eq=False)
class Host:
    """One account's side of the wire. `name` is "vendor" or "vendor@account"; `headers` are secret.

    The functions are pure and total. `explain` finds the error in an answer (None: a success); it sees 2xx too, as
    some hide an error in one: its fault then bears the inner status. `redact` cuts the secrets known to the run.
    """

    name: str
    base_url: str
    headers: Mapping[str, str] = field(repr=False)
    explain: Callable[[Reply], Fault | None] = field(repr=False)
    redact: Callable[[str], str] = field(repr=False)
    allowance: Callable[[Mapping[str, str]], Allowance | None] = field(default=no_allowance, repr=False)


@dataclass(frozen=True)
class Answer:
    """What came over the wire. `content` None: the answer broke off or could not be unpacked after its status."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes | None = field(repr=False)


@dataclass(frozen=True)
class Unsent:
    """No connection, and why."""

    why: str


@dataclass(frozen=True)
class Cut:
    """The connection broke, or the time ran out, with no answer to a request that may have arrived; and why."""

    why: str


def clean(text: str, redact: Callable[[str], str] | None = None) -> str:
    """Text fit for one line of a terminal: secrets cut first, then escapes and control characters, then the length."""
    text = _ESCAPES.sub("", redact(text) if redact else text)
    text = _UNPRINTABLE.sub(" ", text).strip()
    # Once more, as a secret may have been broken up by what has just been taken out.
    text = redact(text) if redact else text
    return text if len(text) <= CLIP else f"{text[: CLIP - 1]}…"


def judge(request: Request, host: Host, result: Answer | Unsent | Cut) -> Outcome:
    """The outcome of one try."""
    match result:
        case Unsent(why):
            return NotSent(request, _fault(host, Fault(None, None, why)))
        case Cut(why):
            return _undecided(request, _fault(host, Fault(None, None, why)))
        case Answer(status=status):
            body, readable = _parse(result)
            reply = Reply(status, body, result.headers)
            if 200 <= status < 300:
                return _success(request, host, reply, readable)
            fault = _fault(host, _redirect(reply) or host.explain(reply) or _wordless(reply))
            fault = replace(fault, status=status)
            return NotDone(request, fault, reply) if 300 <= status < 500 else _undecided(request, fault, reply)


def _success(request: Request, host: Host, reply: Reply, readable: bool) -> Outcome:
    """A 2xx answer is a success only when it can be read and holds no error."""
    if not readable:
        return _undecided(request, Fault(reply.status, None, _unreadable(host, reply)))
    inner = host.explain(reply)
    if inner is None:
        return Done(request, reply)
    fault = _fault(host, replace(inner, status=inner.status or reply.status))
    refused = fault.status is not None and 400 <= fault.status < 500
    return NotDone(request, fault, reply) if refused else _undecided(request, fault, reply)


def _undecided(request: Request, fault: Fault, reply: Reply | None = None) -> Outcome:
    return NotDone(request, fault, reply) if request.effect == "reads" else Doubtful(request, fault)


def _fault(host: Host, fault: Fault) -> Fault:
    code = clean(fault.code, host.redact) if fault.code else None
    return Fault(fault.status, code, clean(fault.message, host.redact) or "no reason given")


def _parse(answer: Answer) -> tuple[Json, bool]:
    """The body and whether it could be read. Judged by itself: vendors' content types are not to be relied on."""
    if answer.content is None:
        return None, False
    if not answer.content.strip():
        return None, True
    try:
        body: Json = json.loads(answer.content, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return answer.content[:4_000].decode(errors="replace"), False
    return body, True


def _no_constant(name: str) -> Json:
    raise ValueError(f"{name} is not JSON")


def _redirect(reply: Reply) -> Fault | None:
    if not 300 <= reply.status < 400:
        return None
    where = re.split(r"[?#]", reply.headers.get("location", ""), maxsplit=1)[0]
    aim = f"redirects to {where}" if where else "redirects, without saying where"
    return Fault(
        reply.status, None, f"{aim}; not followed, so that the token is not sent there: check the account's url"
    )


def _wordless(reply: Reply) -> Fault:
    """For an error the vendor's own words were not found in: a gateway's page, an empty body."""
    match reply.body:
        case str() as text if "<" in text:
            title = re.search(r"<title[^>]*>(.*?)</title", text, re.IGNORECASE | re.DOTALL)
            return Fault(reply.status, None, f"an HTML page: {title[1]}" if title else "an HTML page")
        case str() as text:
            return Fault(reply.status, None, text)
        case None:
            return Fault(reply.status, None, "no reason given")
        case body:
            return Fault(reply.status, None, json.dumps(body, ensure_ascii=False))


def _unreadable(host: Host, reply: Reply) -> str:
    if reply.body is None:
        return "the answer broke off"
    page = isinstance(reply.body, str) and reply.body.lstrip().startswith("<")
    what = "an HTML page" if page else "something that is not JSON"
    return clean(f"answered with {what}; is {host.base_url} the API's address?", host.redact)
