"""DORA deployments and failures (sheet 2): events that join with what was sent before."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.datadog.body import data, known
from reconciler.sandbox.datadog.tenant import Refusal, Tenant
from reconciler.sandbox.datadog.vocabulary import DORA_ID, DORA_MOST, DORA_TAGS_MOST, REMEDIATIONS
from reconciler.sandbox.exchange import Answer
from reconciler.sandbox.fields import Check, Invalid, flag, items, nullable, text, whole, word, wrong_type
from reconciler.sandbox.routes import Call, Route

SECOND = 1_000_000_000
# From which number on an instant counts in which unit, in nanoseconds.
UNITS = ((100_000_000_000_000_000, 1), (100_000_000_000, 1_000_000), (0, SECOND))
LATEST = 4_102_444_800 * SECOND  # the year 2100
DEFAULT_MOST = 10
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _nanoseconds(value: Any, path: str) -> int:
    """An instant in seconds, milliseconds or nanoseconds, told by its size."""
    given = whole(1)(value, path)
    unit = next(unit for least, unit in UNITS if given >= least)
    if given * unit > LATEST:
        raise Invalid({path: f"is no Unix time in seconds, milliseconds or nanoseconds: {given}"})
    return int(given * unit)


COMMON: dict[str, Check] = {
    "id": text(pattern=DORA_ID),
    "started_at": _nanoseconds,
    "finished_at": _nanoseconds,
    "env": text(),
    "team": text(),
    "version": text(),
    "git": known({"commit_sha": text(least=1), "repository_url": text(least=1)}, ("commit_sha", "repository_url")),
    "custom_tags": nullable(items(text(pattern=r"[^:]+:.*"), most=DORA_TAGS_MOST)),
}


@dataclass(frozen=True)
class Sort:
    """Deployments or failures. `subject` are the fields that, with env and start, tell one event from another."""

    plural: str
    noun: str
    kind: str
    check: Check
    subject: tuple[str, ...]

    def joint(self, body: Obj) -> str:
        """What an event without an id is known again by."""
        named = next((body[key] for key in self.subject if body.get(key)), "")
        who = ",".join(sorted(named)) if isinstance(named, list) else str(named)
        return f"{body.get('env', '')}|{who}|{body['started_at']}"

    def sent(self, tenant: Tenant, value: Any) -> Obj:
        """A new event, or one that was sent before, completed."""
        body = self.check(value, "")
        if not any(body.get(key) for key in self.subject):
            raise Invalid({self.subject[0]: "is required"})
        events, joint = tenant.of(self.plural), self.joint(body)
        before = events.get(body["id"]) if "id" in body else next(iter(events.named(joint)), None)
        if before is not None:
            after = {**before, **body, "id": before["id"]}
            return events.put({**after, "joint": self.joint(after)})
        return tenant.add(self.plural, {"id": tenant.mint(), **body, "joint": joint})


FAILURES = Sort(
    "failures",
    "failure",
    "dora_failure",
    known({**COMMON, "services": items(text(least=1)), "name": text(), "severity": text()}, ("started_at",)),
    ("services", "team"),
)
DEPLOYMENTS = Sort(
    "deployments",
    "deployment",
    "dora_deployment",
    known({**COMMON, "service": text(least=1)}, ("service", "started_at", "finished_at")),
    ("service",),
)
HIDDEN = ("id", "joint", "change_failure", "remediation")


def _check_site(tenant: Tenant, path: str = "", reads: bool = False) -> None:
    """404 where the site does not have the path (sheet 2)."""
    absent = tenant.settings.dora == "none" or (tenant.settings.dora == "legacy" and path == "failure")
    if absent or (reads and tenant.settings.dora_reads == "none"):
        raise Refusal(404, "Not Found")


def _moment(nanoseconds: int) -> str:
    moment = EPOCH + timedelta(microseconds=nanoseconds // 1000)
    return moment.isoformat(timespec="microseconds" if moment.microsecond else "seconds").replace("+00:00", "Z")


def _shown(tenant: Tenant, sort: Sort, event: Obj) -> Obj:
    patched = () if tenant.settings.change_failure == "hidden" else ("change_failure", "remediation")
    shown: Obj = {key: part for key, part in event.items() if key not in HIDDEN or key in patched}
    shown.setdefault("finished_at", None)
    if tenant.settings.dora_times == "iso":
        shown |= {key: _moment(shown[key]) for key in ("started_at", "finished_at") if shown[key] is not None}
    if sort is DEPLOYMENTS and "git" in shown:
        repository = re.sub(r"^\w+://|\.git$", "", shown["git"]["repository_url"])
        shown["git"] = {"commit_sha": shown["git"]["commit_sha"], "repository_id": repository}
    return {"id": event["id"], "type": sort.kind, "attributes": shown}


def _sender(sort: Sort, path: str) -> Route[Tenant]:
    def send(tenant: Tenant, call: Call) -> Answer:
        _check_site(tenant, path)
        event = sort.sent(tenant, data(call))
        return tenant.api(tenant.settings.dora_status, {"data": {"id": event["id"], "type": sort.kind}})

    return Route("POST", f"/api/v2/dora/{path}", send)


def _instant(value: Any, path: str) -> int:
    if not isinstance(value, str):
        raise wrong_type(value, path, "a string")
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError:
        raise Invalid({path: f"is no date and time: {value!r}"}) from None
    aware = parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    return (aware - EPOCH) // timedelta(microseconds=1) * 1000


ASKED: dict[str, Check] = {
    "from": _instant,
    "to": _instant,
    "limit": whole(1, DORA_MOST),
    "query": text(),
    "sort": word("started_at", "-started_at", "finished_at", "-finished_at"),
}


def _fits(event: Obj, query: str) -> bool:
    """Terms of `field:value`, all of which must hold."""
    for term in query.split():
        field, _, wanted = term.partition(":")
        held = event.get({"service": "services"}.get(field, field), event.get(field))
        values = held if isinstance(held, list) else [held]
        if (
            term not in ("*", "AND")
            and wanted.strip('"') not in values
            and term not in (event.get("custom_tags") or ())
        ):
            return False
    return True


def _lister(sort: Sort) -> Route[Tenant]:
    def listed(tenant: Tenant, call: Call) -> Answer:
        _check_site(tenant, reads=True)
        attributes = data(call, f"{sort.kind}s_list_request")
        asked = known(ASKED)(attributes, "")
        earliest, latest = asked.get("from", 0), asked.get("to", LATEST)
        kept = [
            event
            for event in tenant.listed(sort.plural)
            if earliest <= event["started_at"] <= latest and _fits(event, asked.get("query", ""))
        ]
        order = asked.get("sort", "-started_at")
        kept.sort(key=lambda event: int(event.get(order.lstrip("-")) or 0), reverse=order.startswith("-"))
        rows = kept[: asked.get("limit", DEFAULT_MOST)]
        return tenant.api(200, {"data": [_shown(tenant, sort, event) for event in rows]})

    return Route("POST", f"/api/v2/dora/{sort.plural}", listed)


def _found(tenant: Tenant, sort: Sort, ident: str) -> Obj:
    event = tenant.of(sort.plural).get(ident)
    if event is None or not tenant.seen(sort.plural, ident):
        raise Refusal(404, f"{sort.noun} {ident} not found")
    return event


def _reader(sort: Sort) -> Route[Tenant]:
    def read(tenant: Tenant, call: Call) -> Answer:
        _check_site(tenant, reads=True)
        return tenant.api(200, {"data": _shown(tenant, sort, _found(tenant, sort, call.params["id"]))})

    return Route("GET", f"/api/v2/dora/{sort.plural}/{{id}}", read)


def _deleter(sort: Sort) -> Route[Tenant]:
    def delete(tenant: Tenant, call: Call) -> Answer:
        _check_site(tenant, reads=True)
        tenant.of(sort.plural).drop(_found(tenant, sort, call.params["id"])["id"])
        return tenant.reply(202)

    return Route("DELETE", f"/api/v2/dora/{sort.noun}/{{id}}", delete)


# ── what is said of a deployment later ──────────────────────────────────────────────────────────────────────────────

REMEDIATION: dict[str, Check] = {"type": word(*REMEDIATIONS), "id": text(least=1), "version": text(least=1)}
PATCHED = "dora_deployment_patch_request"
PATCH: dict[str, Check] = {"change_failure": flag, "remediation": known(REMEDIATION, ("type",))}
BY_VERSION: dict[str, Check] = {**PATCH, **{key: text(least=1) for key in ("service", "env", "version")}}


def _patched(tenant: Tenant, event: Obj, body: Obj) -> Answer:
    remediation = body.get("remediation")
    if remediation and ("id" in remediation) == ("version" in remediation):
        raise Refusal(400, "remediation must have one of id, version")
    given = {key: part for key, part in body.items() if key in PATCH}
    tenant.of("deployments").put({**event, **given})
    return tenant.api(202, {"data": None})


def _patch(tenant: Tenant, call: Call) -> Answer:
    _check_site(tenant, reads=True)
    event = _found(tenant, DEPLOYMENTS, call.params["id"])
    return _patched(tenant, event, known(PATCH)(data(call, PATCHED, (event["id"],)), ""))


def _patch_by_version(tenant: Tenant, call: Call) -> Answer:
    """Of the deployments of this version, the one that finished last."""
    _check_site(tenant, reads=True)
    keys = ("service", "env", "version")
    body = known(BY_VERSION, (*keys, "change_failure"))(data(call, PATCHED), "")
    fitting = [one for one in tenant.of("deployments") if all(one.get(key) == body[key] for key in keys)]
    if not fitting:
        raise Refusal(404, "deployment not found")
    return _patched(tenant, max(fitting, key=lambda one: int(one["finished_at"])), body)


ROUTES: tuple[Route[Tenant], ...] = (
    _sender(DEPLOYMENTS, "deployment"),
    _sender(FAILURES, "failure"),
    _sender(FAILURES, "incident"),
    *(maker(sort) for sort in (DEPLOYMENTS, FAILURES) for maker in (_lister, _reader, _deleter)),
    Route("PATCH", "/api/v2/dora/deployments/{id}", _patch),
    Route("PATCH", "/api/v2/dora/deployments", _patch_by_version),
)
