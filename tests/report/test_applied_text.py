"""Applied text: what became of every change, in the vendor's own words where it refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from reconciler.engine.change import Adopt
from reconciler.engine.result import Result
from reconciler.report.applied_text import applied_text, result_line
from reconciler.sandbox.exchange import Request, encode
from tests.report.story import carried_out, edit, outcome, quickstart, settled
from tests.stage import Stage


def fault(stage: Stage, **what: object) -> None:
    answer = stage.sandbox.handle(Request("POST", "/__faults", (), {}, encode(what)))
    assert answer.status in (200, 201), answer.body


DONE = """\
created opsgenie/Team/payments  id fa83cb7d-2b19-483d-89a1-915022499e5f
created opsgenie/Integration/wallarm-alerts  id 13260386-b5ab-4f5f-8aa1-f97a5b3e28ae
created opsgenie/Schedule/payments-oncall  id 47eb187b-3330-46d8-818c-38db28a0c2a5
created opsgenie/RoutingRule/payments-default  id 76e6d382-7521-4054-87ff-c54d3b8e1bd7
created wallarm/Integration/opsgenie-alerts  id 90005
    not tested: Console → Integrations → Test integration
created opsgenie/Escalation/payments-escalation  id 124181b9-b35f-4a7e-85cf-98087c41eecb
created wallarm/Trigger/incidents-on-backend  id 90006

7 created in opsgenie and wallarm (9 requests, 1 min 15 s)
"""


def test_everything_done_ends_in_one_sum(tmp_path: Path) -> None:
    assert outcome(quickstart(tmp_path)) == DONE


MANY = """\
adopted 20 of opsgenie/Team
created opsgenie/Schedule/payments-oncall  id S1

1 created, 20 adopted in opsgenie (0 requests, 0.0 s)
"""


def test_many_adoptions_are_told_by_kind(tmp_path: Path) -> None:
    plan, applied = carried_out(quickstart(tmp_path))
    change = {one.change.address.kind: one.change for one in applied.results}
    team, schedule = change["Team"], change["Schedule"]
    teams = [replace(team.address, name=f"{at:02}") for at in range(20)]
    adopted = [Result(Adopt(address, team.kind, None), "done") for address in teams]

    def told(*results: Result) -> str:
        after = replace(applied, results=results, seconds=0.0, requests=0)
        return applied_text(after, plan, width=100, color=False)

    assert told(*adopted, Result(schedule, "done", id="S1")) == MANY
    assert "adopted opsgenie/Team/11\n" in told(*adopted[:12])


FAILED = """\
created opsgenie/Team/payments  id fa83cb7d-2b19-483d-89a1-915022499e5f
created opsgenie/Integration/wallarm-alerts  id 13260386-b5ab-4f5f-8aa1-f97a5b3e28ae
created wallarm/Integration/opsgenie-alerts  id 90005
    not tested: Console → Integrations → Test integration
created wallarm/Trigger/incidents-on-backend  id 90006

failed: create opsgenie/Schedule/payments-oncall  opsgenie.yaml:12
    opsgenie: POST /v2/schedules: 422: Name is reserved

skipped: create opsgenie/RoutingRule/payments-default  opsgenie.yaml:35
    waits for opsgenie/Escalation/payments-escalation, which was not done

skipped: create opsgenie/Escalation/payments-escalation  opsgenie.yaml:25
    waits for opsgenie/Schedule/payments-oncall, which was not done

4 created in opsgenie and wallarm; 1 failed, 2 skipped (9 requests, 1 min 15 s)
"""


def test_a_failure_is_told_in_the_vendors_words_and_what_waits_is_skipped(tmp_path: Path) -> None:
    stage = quickstart(tmp_path)
    body = {"message": "Name is\nreserved", "requestId": "r-1"}
    fault(stage, fault="status", status=422, method="POST", path="*/v2/schedules", body=body)
    assert outcome(stage) == FAILED


ALARMED = """\
created opsgenie/Team/payments  id fa83cb7d-2b19-483d-89a1-915022499e5f
created wallarm/Integration/opsgenie-alerts  id 90005
    ! Opsgenie (eu) does not know the key: is target.api the account's region, and the key that of
      an enabled API integration? (401: API key is invalid)
    not tested: Console → Integrations → Test integration
created opsgenie/Integration/wallarm-alerts  id 13260386-b5ab-4f5f-8aa1-f97a5b3e28ae
created opsgenie/Schedule/payments-oncall  id 47eb187b-3330-46d8-818c-38db28a0c2a5
created opsgenie/RoutingRule/payments-default  id 76e6d382-7521-4054-87ff-c54d3b8e1bd7
created wallarm/Trigger/incidents-on-backend  id 90006
created opsgenie/Escalation/payments-escalation  id 124181b9-b35f-4a7e-85cf-98087c41eecb

7 created in opsgenie and wallarm; 1 warning (9 requests, 1 min 15 s)
"""


def test_a_check_afterwards_that_fails_is_a_warning(tmp_path: Path) -> None:
    stage = quickstart(tmp_path)
    edit(stage, "wallarm.yaml", "{from: opsgenie/Integration/wallarm-alerts, output: apiKey}", "{env: ALERTS_KEY}")
    stage.environ["ALERTS_KEY"] = "a-key-nobody-knows"
    assert outcome(stage) == ALARMED


NOT_POSSIBLE = """\
updated opsgenie/Schedule/payments-oncall  id 47eb187b-3330-46d8-818c-38db28a0c2a5

blocked, as planned: wallarm/Trigger/incidents-on-backend  wallarm.yaml:10
    template cannot be changed once the object is made

1 updated in opsgenie; 1 not possible as planned (9 requests, 1 min 15 s)
"""


def test_what_the_plan_could_not_do_is_said_again(tmp_path: Path) -> None:
    stage = settled(tmp_path)
    edit(stage, "wallarm.yaml", "incidents_exceeded", "attacks_exceeded")
    edit(stage, "opsgenie.yaml", "Who is on call for payments", "Who is on call")
    assert outcome(stage) == NOT_POSSIBLE


STOPPED = """\
created opsgenie/Team/payments  id fa83cb7d-2b19-483d-89a1-915022499e5f

doubtful: create opsgenie/Integration/wallarm-alerts  opsgenie.yaml:44
    its creation got no answer
    way out: look at them

not started: create opsgenie/Schedule/payments-oncall  opsgenie.yaml:12
    stopped before it began

stopped, nothing more was sent: the lease was lost

1 created in opsgenie; 1 doubtful, 1 not started; interrupted (9 requests, 0.0 s)
"""


def test_an_apply_that_was_stopped_says_by_what(tmp_path: Path) -> None:
    plan, applied = carried_out(quickstart(tmp_path))
    first, second, *_ = applied.results
    results = (
        first,
        replace(second, ending="doubtful", text="its creation got no answer", way_out="look at them", notes=()),
        Result(plan.changes[2], "not started", "stopped before it began"),
    )
    stopped = replace(applied, results=results, interrupted=True, stopped_by="the lease was lost")
    assert applied_text(stopped, plan, width=100, color=False) == STOPPED


def test_each_ending_is_one_plain_line_while_it_runs(tmp_path: Path) -> None:
    _, applied = carried_out(quickstart(tmp_path))
    done = applied.results[0]
    failed = Result(done.change, "failed", "503:\n\x1b[31mno\u202e entry")
    alarmed = replace(done, alarms=("nobody\nknows the key",))
    lines = [result_line(one) for one in (done, failed, alarmed)]
    assert lines == [
        "created opsgenie/Team/payments",
        "failed: create opsgenie/Team/payments: 503: \\x1b[31mno\\u202e entry",
        "created opsgenie/Team/payments; warning: nobody knows the key",
    ]
