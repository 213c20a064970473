"""Plan text: whole texts of the quickstart's plans, as a reviewer reads them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from reconciler.engine.change import Doubtful
from reconciler.engine.guards import Limits
from reconciler.engine.scope import Scope
from reconciler.engine.story import Asked
from reconciler.ledger.store import Store
from reconciler.report.document import plan_document
from reconciler.report.plan_text import document_text
from tests.report.story import edit, quickstart, settled, told

FIRST = """\
7 to create in opsgenie and wallarm (8 requests, 0.4 s); new ledger: deletions cannot be seen

+ create opsgenie/Team/payments  opsgenie.yaml:3
    name: payments
    description: Payments and checkout
    members: [{user: ann@example.com, role: admin}, {user: bob@example.com}]
    ! Opsgenie makes a schedule, an escalation and a default routing rule with it

+ create opsgenie/Integration/wallarm-alerts  opsgenie.yaml:44
    name: wallarm-alerts
    ownerTeam: payments
    type: API
    enabled: true

+ create opsgenie/Schedule/payments-oncall  opsgenie.yaml:12
    name: payments-oncall
    description: Who is on call for payments
    timezone: Europe/Berlin
    ownerTeam: payments
    rotations:
      + name: weekly
        startDate: 2026-01-05T09:00:00Z
        type: weekly
        participants: [ann@example.com, bob@example.com]

+ create opsgenie/RoutingRule/payments-default  opsgenie.yaml:35
    team: payments
    default: true
    notify: {escalation: payments-escalation}

+ create wallarm/Integration/opsgenie-alerts  wallarm.yaml:2
    name: opsgenie-alerts
    type: opsgenie
    target: {token: (secret, made by this apply), api: eu}
    events: [system, security_issue_critical, security_issue_high]
    active: true

+ create opsgenie/Escalation/payments-escalation  opsgenie.yaml:25
    name: payments-escalation
    ownerTeam: payments
    rules:
      + condition: if-not-acked
        notifyType: default
        delay: 0s
        recipient: {schedule: payments-oncall}
      + {condition: if-not-acked, notifyType: all, delay: 10m, recipient: {team: payments}}

+ create wallarm/Trigger/incidents-on-backend  wallarm.yaml:10
    name: Notification about incidents
    template: incidents_exceeded
    threshold: {more_than: 1, within: 1s}
    filters: {target: {eq: [server, database]}}
    actions: [{send_notification: [opsgenie-alerts]}]
    enabled: true
"""


def test_a_first_plan_tells_everything_that_will_be_made(tmp_path: Path) -> None:
    assert told(quickstart(tmp_path).plan()) == FIRST


NARROW_SCREEN = """\
1 to update in wallarm (8 requests, 0.4 s)
narrowed to --target wallarm/Integration/opsgenie-alerts: 6
    other manifests not planned

~ update wallarm/Integration/opsgenie-alerts  wallarm.yaml:2
    events:  (edited in Git)
      - security_issue_high
      + security_issue_medium

warnings:
  wallarm.yaml:2:1: wallarm/Integration/opsgenie-alerts: it
    is off and stays off: perhaps switched off by Wallarm
    after failed deliveries (60 % within 12 hours); `active:
    true` switches it on

note: Opsgenie ends on 2027-04-05: Atlassian states that its
  API works until then, and less for migrated accounts
"""


def test_sixty_columns_are_bearable(tmp_path: Path) -> None:
    edited = Asked(Scope(targets=("wallarm/Integration/opsgenie-alerts",)))
    stage = settled(tmp_path)
    edit(stage, "wallarm.yaml", "security_issue_high]", "security_issue_medium]")
    stage.edit("wallarm", "integrations/opsgenie-alerts", {"active": False})
    assert told(stage.plan(edited), width=60) == NARROW_SCREEN


EMPTY = """\
Nothing to change: 7 objects in opsgenie and wallarm are as Git says (8 requests, 0.4 s)
"""


def test_an_empty_plan_says_so_in_one_line(tmp_path: Path) -> None:
    assert told(settled(tmp_path).plan()) == EMPTY


CAUSES = """\
3 to update in opsgenie; 4 others are as Git says (8 requests, 0.4 s)

~ update opsgenie/Team/payments  opsgenie.yaml:3
    members.ann@example.com.role: user → admin  (drifted at the vendor)
    members.bob@example.com: (not set) → {user: bob@example.com}  (drifted at the vendor)

~ update opsgenie/Schedule/payments-oncall  opsgenie.yaml:12
    description: Ann only! → Who is on call
      ! both edited in Git and drifted at the vendor; applied last: Who is on call for payments
    timezone: Etc/UTC → Europe/Berlin  (drifted at the vendor)
    rotations.weekly.participants:  (edited in Git)
      - ann@example.com
        bob@example.com

~ update opsgenie/Escalation/payments-escalation  opsgenie.yaml:25
    rules:  (edited in Git)
      - {condition: if-not-acked, notifyType: all, delay: 10m, recipient: {team: payments}}
      + {condition: if-not-acked, notifyType: all, delay: 90m, recipient: {team: payments}}
"""


def test_every_field_tells_who_moved_it(tmp_path: Path) -> None:
    stage = settled(tmp_path)
    edit(stage, "opsgenie.yaml", "participants: [ann@example.com, bob@example.com]", "participants: [bob@example.com]")
    edit(stage, "opsgenie.yaml", "Who is on call for payments", "Who is on call")
    edit(stage, "opsgenie.yaml", "delay: 10m", "delay: 1h30m")
    stage.edit("opsgenie", "schedules/payments-oncall", {"description": "Ann only!", "timezone": "Etc/UTC"})
    stage.edit("opsgenie", "teams/payments", {"members": [{"user": {"username": "ann@example.com"}, "role": "user"}]})
    assert told(stage.plan()) == CAUSES


RELEASED = """\
Nothing to change: 7 objects in opsgenie and wallarm are as Git says; in the ledger: 1 to release (8
    requests, 0.4 s)

in the ledger only, nothing is written to a vendor:
  release opsgenie/Schedule/payments-oncall  opsgenie.yaml:12
      timezone: no longer managed, stays Europe/Berlin
"""


def test_what_no_manifest_names_any_more_is_told_once_and_apart(tmp_path: Path) -> None:
    stage = settled(tmp_path)
    edit(stage, "opsgenie.yaml", "  timezone: Europe/Berlin\n", "")
    assert told(stage.plan()) == RELEASED
    stage.apply()
    assert "no longer managed" not in told(stage.plan())


BLOCKED = """\
1 blocked in wallarm; 6 others are as Git says (8 requests, 0.4 s)

! blocked wallarm/Trigger/incidents-on-backend  wallarm.yaml:10
    template cannot be changed once the object is made
    template: incidents_exceeded → attacks_exceeded  (edited in Git)
    way out: allow a new object in its place: metadata: {lifecycle: {replace: allow}}; its id and
      keys will change
"""


REPLACED = """\
1 to replace in wallarm; 6 others are as Git says (8 requests, 0.4 s)

-/+ replace wallarm/Trigger/incidents-on-backend  wallarm.yaml:10
    id 90006: template cannot be changed
    template: incidents_exceeded → attacks_exceeded  (edited in Git)
    ! a new object is made, then id 90006 is deleted: its id changes
    POST /v2/clients/{client_id}/triggers
    DELETE /v2/clients/{client_id}/triggers/{id}
"""


def test_what_cannot_be_changed_is_blocked_with_its_way_out(tmp_path: Path) -> None:
    stage = settled(tmp_path)
    edit(stage, "wallarm.yaml", "incidents_exceeded", "attacks_exceeded")
    assert told(stage.plan()) == BLOCKED
    edit(
        stage,
        "wallarm.yaml",
        "{name: incidents-on-backend}",
        "{name: incidents-on-backend, lifecycle: {replace: allow}}",
    )
    assert told(stage.plan(), verbose=True) == REPLACED


REMOVED = """\
6 to delete, 1 to reset in opsgenie and wallarm (8 requests, 0.4 s); apply will refuse this plan

~ reset opsgenie/RoutingRule/payments-default  opsgenie.yaml
    id 76e6d382-7521-4054-87ff-c54d3b8e1bd7: its manifest left Git; the vendor does not let it be
      deleted, so it is put back
    notify: {escalation: payments-escalation} → none  (edited in Git)
    ! alerts of the team that no other rule takes will notify nobody

- delete wallarm/Trigger/incidents-on-backend  wallarm.yaml
    id 90006: its manifest left Git

- delete opsgenie/Escalation/payments-escalation  opsgenie.yaml
    id 124181b9-b35f-4a7e-85cf-98087c41eecb: its manifest left Git

- delete wallarm/Integration/opsgenie-alerts  wallarm.yaml
    id 90005: its manifest left Git

- delete opsgenie/Schedule/payments-oncall  opsgenie.yaml
    id 47eb187b-3330-46d8-818c-38db28a0c2a5: its manifest left Git

- delete opsgenie/Integration/wallarm-alerts  opsgenie.yaml
    id 13260386-b5ab-4f5f-8aa1-f97a5b3e28ae: its manifest left Git
    ! its key is worth nothing from then on: what sends with it is refused

- delete opsgenie/Team/payments  opsgenie.yaml
    id fa83cb7d-2b19-483d-89a1-915022499e5f: its manifest left Git
    ! what Opsgenie does with the team's schedules, policies and integrations is not documented

apply will refuse this plan:
  the plan deletes 6 objects, the limit is 5 (guards.max_deletes)
    way out: if that is meant: --max-deletes 6, for this run
  no manifest is left for opsgenie, and the ledger holds 5 objects of it
    way out: if all of them shall go: reconciler destroy --account opsgenie
  no manifest is left for wallarm, and the ledger holds 2 objects of it
    way out: if all of them shall go: reconciler destroy --account wallarm
"""


def test_a_removal_tells_what_dies_and_what_holds_it_back(tmp_path: Path) -> None:
    stage = settled(tmp_path)
    stage.write({"opsgenie.yaml": "", "wallarm.yaml": ""})
    assert told(stage.plan()) == REMOVED


DESTROYED = """\
destroy: 2 to delete in wallarm (8 requests, 0.4 s)
narrowed to --account wallarm

- delete wallarm/Trigger/incidents-on-backend  wallarm.yaml
    id 90006: all of the project goes

- delete wallarm/Integration/opsgenie-alerts  wallarm.yaml
    id 90005: all of the project goes
"""


def test_destroying_is_said_to_be_that(tmp_path: Path) -> None:
    stage = settled(tmp_path)
    asked = Asked(Scope(accounts=("wallarm",)), Limits(destroy=True))
    assert told(stage.plan(asked)) == DESTROYED
    assert told(quickstart(tmp_path / "other").plan(asked)).startswith("Nothing to destroy (")


FORGOTTEN = """\
Nothing to change: 5 objects in opsgenie are as Git says; in the ledger: 5 to adopt (8 requests,
    0.4 s); new ledger: deletions cannot be seen
narrowed to --account opsgenie: 2 other manifests not planned

in the ledger only, nothing is written to a vendor:
  adopt opsgenie/Team/payments  opsgenie.yaml:3
  adopt opsgenie/Integration/wallarm-alerts  opsgenie.yaml:44
  adopt opsgenie/Schedule/payments-oncall  opsgenie.yaml:12
  adopt opsgenie/Escalation/payments-escalation  opsgenie.yaml:25
  adopt opsgenie/RoutingRule/payments-default  opsgenie.yaml:35
"""


def test_a_lost_ledger_is_said_on_the_first_line_and_adoptions_apart(tmp_path: Path) -> None:
    stage = settled(tmp_path)
    stage.store = Store.memory()
    assert told(stage.plan(Asked(Scope(accounts=("opsgenie",))))) == FORGOTTEN


MANY = """\
in the ledger only, nothing is written to a vendor (-v names each):
  adopt 20 of opsgenie/Team
  adopt opsgenie/Schedule/night  opsgenie.yaml:12
      made again outside Git
  move wallarm/Trigger/old → wallarm/Trigger/new  wallarm.yaml:10
"""


def test_many_adoptions_are_told_by_kind_unless_there_is_more_to_say(tmp_path: Path) -> None:
    stage = settled(tmp_path)
    stage.store = Store.memory()
    document = {**plan_document(stage.plan()), "notices": [], "unknown": []}
    by_kind = {change["address"].split("/")[1]: change for change in document["changes"]}
    teams = [{**by_kind["Team"], "address": f"opsgenie/Team/{at:02}"} for at in range(20)]
    again = {**by_kind["Schedule"], "address": "opsgenie/Schedule/night", "why": "made again outside Git"}
    moved = {**by_kind["Trigger"], "change": "move", "address": "wallarm/Trigger/new", "old": "wallarm/Trigger/old"}

    def said(changes: list[Any], verbose: bool = False) -> str:
        text = document_text({**document, "changes": changes}, width=100, color=False, verbose=verbose)
        return text.partition("\n\n")[2]

    assert said([*teams, again, moved]) == MANY
    assert "adopt opsgenie/Team/19  opsgenie.yaml:3\n" in said([*teams, again, moved], verbose=True)
    assert "adopt opsgenie/Team/11  opsgenie.yaml:3\n" in said(teams[:12])


DOUBTFUL = """\
1 doubtful in opsgenie (8 requests, 0.4 s); new ledger: deletions cannot be seen
narrowed to --target opsgenie/Team/payments: 6 other manifests not planned

? doubtful opsgenie/Team/payments  opsgenie.yaml:3
    an interrupted run may have made it, and it cannot be told which of these it is
    way out: look at ids T1, T2, then: reconciler ledger settle opsgenie/Team/payments --id ID, or
      --none
"""


def test_a_doubtful_change_names_the_objects_and_the_command_that_settles_it(tmp_path: Path) -> None:
    plan = quickstart(tmp_path).plan(Asked(Scope(targets=("opsgenie/Team/payments",))))
    [team] = plan.changes
    why = "an interrupted run may have made it, and it cannot be told which of these it is"
    doubtful = Doubtful(team.address, team.kind, team.place, why=why, ids=("T1", "T2"))
    assert told(replace(plan, changes=(doubtful,))) == DOUBTFUL


MOVED = """\
Nothing to change: 7 objects in opsgenie and wallarm are as Git says; in the ledger: 1 to move (8
    requests, 0.4 s)

in the ledger only, nothing is written to a vendor:
  move wallarm/Trigger/incidents-on-backend → wallarm/Trigger/backend  wallarm.yaml:10
"""


def test_a_move_names_both_addresses(tmp_path: Path) -> None:
    stage = settled(tmp_path)
    edit(stage, "wallarm.yaml", "{name: incidents-on-backend}", "{name: backend, was: incidents-on-backend}")
    assert told(stage.plan()) == MOVED
