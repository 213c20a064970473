"""Who changed what, as PagerDuty, Dynatrace and Datadog tell it; and Reactio's incidents against the catalogue."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from reconciler.engine.audit import Audit, make_audit
from reconciler.engine.scope import Scope
from reconciler.kinds.kind import Kind
from reconciler.kinds.trail import Authored
from reconciler.ledger import ledger
from reconciler.vendors.datadog import downtime, monitor, service_level_objective
from reconciler.vendors.dynatrace import auto_tag
from reconciler.vendors.pagerduty import service
from reconciler.vendors.reactio.look_back import oddities
from tests.kinds import dynatrace_project, pagerduty_project
from tests.stage import Stage

RECORD = {
    "id": "PD1",
    "execution_time": "2026-03-01T12:00:00.123Z",
    "actors": [{"id": "PANN", "type": "user_reference", "summary": "Ann Example"}],
    "method": {"type": "browser", "truncated_token": "3xyz"},
    "root_resource": {"id": "PS", "type": "service_reference"},
    "action": "update",
    "details": {
        "resource": {"id": "PS", "type": "service_reference"},
        "fields": [{"name": "description", "value": "a", "before_value": "b"}],
        "references": [{"name": "teams", "added": []}],
    },
}
AT, MILLISECONDS = "2026-03-01T12:00:00Z", 1_772_366_400_000
BY_KEY = {**RECORD, "actors": [{"id": "PK", "type": "api_key_reference"}], "method": {"type": "new"}, "details": None}
BY_NOBODY = {**RECORD, "actors": None, "method": None, "details": None}
SEEN: dict[str, tuple[Kind, dict[str, Any], list[Any], list[Authored]]] = {
    "an audit record": (
        service.KIND,
        {},
        [[RECORD]],
        [Authored("2026-03-01T12:00:00.123Z", "Ann Example", "in the web UI", ("description", "teams"))],
    ),
    "a key without a name, and no details": (
        service.KIND,
        {},
        [[BY_KEY]],
        [Authored("2026-03-01T12:00:00.123Z", "api_key PK", "new")],
    ),
    "no actors": (service.KIND, {}, [[BY_NOBODY]], [Authored("2026-03-01T12:00:00.123Z")]),
    "no records at all": (service.KIND, {}, [None], []),
    "milliseconds": (auto_tag.KIND, {}, [{"modified": MILLISECONDS, "author": "ann"}], [Authored(AT, "ann")]),
    "the newer name of the author": (
        auto_tag.KIND,
        {},
        [{"modified": AT, "modifiedBy": "bob", "author": "ann"}],
        [Authored(AT, "bob")],
    ),
    "no time told": (auto_tag.KIND, {}, [{"author": "ann"}], []),
    "gone meanwhile": (auto_tag.KIND, {}, [None], []),
    "a monitor": (monitor.KIND, {"modified": "2026-03-01T12:00:00+00:00"}, [], [Authored(AT)]),
    "an SLO": (service_level_objective.KIND, {"modified_at": 1_772_366_400}, [], [Authored(AT)]),
    "a downtime": (downtime.KIND, {"attributes": {"modified": AT}}, [], [Authored(AT)]),
    "a downtime that tells nothing": (downtime.KIND, {"attributes": {}}, [], []),
}


@pytest.mark.parametrize(("kind", "raw", "answers", "told"), SEEN.values(), ids=SEEN)
def test_what_is_told_of_a_write(kind: Kind, raw: dict[str, Any], answers: list[Any], told: list[Authored]) -> None:
    assert kind.trail is not None
    assert list(kind.trail.authors(raw, answers)) == told


CATALOGUE = {"parameters": {"service": {"strings": {"checkout": "決済"}}, "ticket": None}}
WAY = "the incident's own value is changed on its page"
KNOWN = {"service": "checkout", "ticket": "any", "cause": "bug", "point": None}
TOP = "close_text stands at the top of the incident, where Reactio is about to remove it"
INCIDENTS: dict[str, tuple[dict[str, Any], list[dict[str, Any]], list[str]]] = {
    "all known": ({"parameters": KNOWN}, [CATALOGUE], []),
    "a name nobody knows": (
        {"parameters": {"svc": "x"}},
        [CATALOGUE],
        ['parameters.svc: the catalogue has no option parameter "svc"'],
    ),
    "any name, without a catalogue": ({"parameters": {"svc": "x"}}, [], []),
    "another string": (
        {"parameters": {"service": "search"}},
        [CATALOGUE],
        ['parameters.service: "search" is no string of "service"'],
    ),
    "another string of Reactio's own": (
        {"parameters": {"scale": "all"}},
        [],
        ['parameters.scale: "all" is no string of "scale" (how far it reaches)'],
    ),
    "an older field at the top": ({"close_text": "a", "parameters": {"close_text": "a"}}, [CATALOGUE], [TOP]),
    "no parameters": ({"parameters": None, "close_text": None}, [CATALOGUE], []),
}


@pytest.mark.parametrize(("row", "catalogues", "told"), INCIDENTS.values(), ids=INCIDENTS)
def test_incidents_against_the_catalogue(
    row: dict[str, Any], catalogues: list[dict[str, Any]], told: list[str]
) -> None:
    found = list(oddities(row, catalogues))
    assert [one.text for one in found] == told
    assert [one.grave for one in found] == [text != TOP for text in told]
    assert all(WAY in one.way_out for one in found if one.grave)


# ── with the sandboxes ──────────────────────────────────────────────────────────────────────────────────────────────


def audit(stage: Stage, back: int = 90) -> Audit:
    async def made() -> Audit:
        access = stage.access()
        states = {host: await ledger.read(stage.store, access.prefix(host)) for host in access.project.accounts}
        return await make_audit(access, states, Scope(), timedelta(days=back))

    return asyncio.run(made())


def test_pagerduty_tells_the_person_who_did_it(tmp_path: Path) -> None:
    stage = pagerduty_project.stage_in(tmp_path)
    stage.sandbox.clock.set(stage.clock.now())
    stage.write({"a.yaml": pagerduty_project.document("Team", "night", {"description": "as Git says"})})
    assert stage.apply().ok
    stage.edit("pagerduty", "teams/night", {"description": "theirs"})
    found = audit(stage)
    [one] = found.drift
    assert one.authored is not None
    assert (one.field.path, one.authored.how, one.authored.fields) == ("description", "in the web UI", ("description",))
    assert one.authored.by
    assert (found.untold, dict(found.not_read)) == ((), {})


def test_dynatrace_tells_who_wrote_last(tmp_path: Path) -> None:
    stage = dynatrace_project.stage_in(tmp_path)
    stage.sandbox.clock.set(stage.clock.now())
    spec = {"description": "as Git says", "rules": []}
    stage.write({"a.yaml": dynatrace_project.document("AutoTag", "team", spec)})
    assert stage.apply().ok
    stage.edit("dynatrace", "auto-tags/team", {"description": "theirs"})
    found = audit(stage)
    assert [(one.field.path, one.authored and one.authored.at) for one in found.drift] == [
        ("description", "2026-03-01T12:00:00Z")
    ]
    assert found.drift[0].authored
    assert found.drift[0].authored.by


REACTIO = """\
apiVersion: reconciler/v1
kind: Project
metadata: {name: test}
accounts: {reactio: {organization: acme, api_key: {env: REACTIO_API_KEY}}}
---
apiVersion: reactio/v1
kind: IncidentOptions
metadata: {name: options}
spec: {parameters: {service: {strings: {checkout: 決済}}}}
"""


def test_reactio_incidents_of_the_last_days_are_looked_at_in_every_status(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write({"reconciler.yaml": REACTIO})
    for name, status, cause in (("a", "open", "bug"), ("b", "close", "bug")):
        stage.edit("reactio", f"incidents/{name}", {"name": name, "status": status, "parameters": {"cause": cause}})
    assert audit(stage).findings == ()
    stage.write({"reconciler.yaml": REACTIO.replace("service:", "cause: {strings: {other: }}, service:")})
    [finding] = audit(stage).findings
    assert finding.oddity.text == 'parameters.cause: "bug" is no string of "cause" (why it happened)'
    assert (len(finding.names), finding.looked_at, finding.what) == (2, 2, "incidents")
    assert not audit(stage).clean
    stage.clock.passed += 40 * 86_400
    stage.sandbox.clock.advance(40 * 86_400)
    assert audit(stage, back=30).findings == ()
