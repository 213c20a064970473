"""The example of Datadog is applied as it stands, keys and all, and then there is nothing left to do."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.kinds.datadog_project import API, ask, live_monitor, settled, stage_in

EXAMPLE = Path(__file__).parents[2] / "examples/datadog-to-pagerduty"


def test_the_example_is_applied_and_settled(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE, tmp_path, dirs_exist_ok=True)
    stage = stage_in(tmp_path, (EXAMPLE / "reconciler.yaml").read_text(encoding="utf-8"))
    stage.environ["AUDIT_TOKEN"] = "a-token-for-the-audit"
    hook = {"account": "main", "url": "https://hooks.slack.com/services/T/B/x"}
    ask(stage, "POST", "/api/v1/integration/slack", {"service_hooks": [hook]})
    plan = stage.plan()
    assert (plan.blocked, plan.warnings) == ((), ())
    assert len(plan.writes) == len(stage.project().manifests)
    assert stage.apply().ok
    settled(stage)
    parts = [live_monitor(stage, name)["id"] for name in ("Checkout answers with errors", "Hardly anybody pays")]
    assert live_monitor(stage, "Checkout is down")["query"] == f"{parts[0]} && {parts[1]}"
    stored = stage.sandbox.vendors["datadog"].state()["accounts"][""]["collections"]
    [service] = stored["pagerduty_services"]
    assert len(service["service_key"]) == 32
    assert service["service_key"] != stored["opsgenie_services"][0]["opsgenie_api_key"]
    assert "service_key" not in ask(stage, "GET", f"{API['pagerduty']}/checkout")
