"""Plan text: what a plan cannot know is never told as unchanged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from reconciler.engine.scope import Scope
from reconciler.engine.story import Asked
from reconciler.sandbox.world import Sandbox
from tests.report.story import edit, quickstart, settled, told
from tests.stage import Serve, serve

MISSING = """\
1 to create in wallarm (8 requests, 0.4 s); new ledger: deletions cannot be seen; apply will refuse
    this plan
narrowed to --target wallarm/Integration/opsgenie-alerts: 6 other manifests not planned

+ create wallarm/Integration/opsgenie-alerts  wallarm.yaml:2
    name: opsgenie-alerts
    type: opsgenie
    target: {token: (secret), api: eu}
    events: [system, security_issue_critical, security_issue_high]
    active: true

apply will refuse this plan:
  wallarm.yaml:7:12: wallarm/Integration/opsgenie-alerts: target.token: ALERTS_KEY is not set here
"""


UNKNOWN = """\
Nothing to change: 1 object in wallarm is as Git says, but for 1 secret not known here (8 requests,
    0.4 s)
narrowed to --target wallarm/Integration/opsgenie-alerts: 6 other manifests not planned

not known here, so not compared:
  wallarm.yaml:7:12: wallarm/Integration/opsgenie-alerts: target.token is unknown (ALERTS_KEY is not
    set here)
"""


CHANGED = """\
1 to update in wallarm (8 requests, 0.4 s)
narrowed to --target wallarm/Integration/opsgenie-alerts: 6 other manifests not planned

~ update wallarm/Integration/opsgenie-alerts  wallarm.yaml:2
    target.token: (secret) → (secret, changed)  (edited in Git)
"""


def test_a_secret_that_is_not_set_is_unknown_and_never_unchanged(tmp_path: Path) -> None:
    stage = quickstart(tmp_path)
    edit(stage, "wallarm.yaml", "{from: opsgenie/Integration/wallarm-alerts, output: apiKey}", "{env: ALERTS_KEY}")
    only = Asked(Scope(targets=("wallarm/Integration/opsgenie-alerts",)))
    assert told(stage.plan(only)) == MISSING
    stage.environ["ALERTS_KEY"] = "first-key-0123"
    stage.apply()
    del stage.environ["ALERTS_KEY"]
    assert told(stage.plan(only)) == UNKNOWN
    stage.environ["ALERTS_KEY"] = "second-key-0123"
    assert told(stage.plan(only)) == CHANGED


def _down(sandbox: Sandbox, path: str) -> Serve:
    """A sandbox in which everything below a path is out of order, in a vendor's words that look like ours."""
    well = serve(sandbox)

    def answer(
        method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, Mapping[str, str], bytes, float]:
        if path in target:
            return 403, {}, b'{"message": "no entry\\n+ create opsgenie/Team/x"}', 0.0
        return well(method, target, headers, body)

    return answer


NOT_READ = """\
incomplete: opsgenie could not be read; nothing to change: 2 objects in wallarm are as Git says, but
    for 1 secret not known here (8 requests, 0.4 s)

not read, so not planned:
  opsgenie (5 manifests): GET /v2/teams: 403: no entry + create opsgenie/Team/x
    way out: check the api_key from OPSGENIE_API_KEY (reconciler.yaml:6:3): is it right, not
      expired, allowed to do this, and of an account in region eu, not us?

not known here, so not compared:
  wallarm.yaml:7:12: wallarm/Integration/opsgenie-alerts: target.token is unknown (the apiKey of
    opsgenie/Integration/wallarm-alerts is not known: opsgenie was not read)
"""


def test_an_account_that_cannot_be_read_makes_the_plan_incomplete(tmp_path: Path) -> None:
    stage = settled(tmp_path)
    stage.serve = _down(stage.sandbox, "/v2/teams")
    assert told(stage.plan()) == NOT_READ


HELD = """\
Nothing to change: 7 objects in opsgenie and wallarm are as Git says (8 requests, 0.4 s)
! ann on build-7 (process 31) is applying to wallarm now: what is shown may be about to change
"""


def test_who_applies_at_this_moment_is_named(tmp_path: Path) -> None:
    plan = settled(tmp_path).plan()
    facts = replace(plan.facts, holders={"wallarm": "ann on build-7 (process 31)"})
    assert told(replace(plan, facts=facts)) == HELD
