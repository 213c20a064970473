"""The crowd that the benchmark measures is a project like any other."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from reconciler.manifest.project import load_project
from reconciler.vendors.registry import VENDORS
from tests.benchmarks import crowd
from tests.benchmarks.__main__ import Figure, document, table
from tests.benchmarks.measure import Run
from tests.benchmarks.served import IDENT
from tests.stage import Stage


@pytest.mark.parametrize(("asked", "made"), [(150, 150), (160, 150), (50, 50)])
def test_a_crowd_has_as_many_objects_as_asked_for_in_whole_teams(tmp_path: Path, asked: int, made: int) -> None:
    assert crowd.MIXED.gather(tmp_path, asked, "http://127.0.0.1:9") == made
    project = load_project(tmp_path, tmp_path / "reconciler.yaml", VENDORS, environ={})
    assert len(project.manifests) == made
    assert project.warnings == ()


def test_every_vendor_takes_part(tmp_path: Path) -> None:
    """But those that have nothing by the hundred: catalogues and incidents."""
    crowded = [kind for vendor in VENDORS.values() for kind in vendor.kinds if not (kind.catalogue or kind.signal)]
    assert set(crowd.VENDORS) == {kind.vendor for kind in crowded}


def test_a_crowd_is_applied_and_then_settled(tmp_path: Path) -> None:
    count = crowd.MIXED.gather(tmp_path, crowd.PER_TEAM, "http://sandbox.test")
    stage = Stage(tmp_path)
    assert Counter(type(result.change).__name__ for result in stage.apply().results) == {"Create": count}
    assert stage.plan().empty


def test_the_platform_is_that_of_the_budget(tmp_path: Path) -> None:
    """A thousand services with an integration each, a hundred policies and schedules, fifty teams."""
    assert crowd.PLATFORM.gather(tmp_path, 1_000, "http://127.0.0.1:9") == 2_250
    kinds = Counter(re.findall("(?m)^kind: (.+)$", "".join(file.read_text() for file in tmp_path.rglob("team-*.yaml"))))
    assert kinds == {
        "Service": 1_000,
        "ServiceIntegration": 1_000,
        "EscalationPolicy": 100,
        "Schedule": 100,
        "Team": 50,
    }


@pytest.mark.parametrize("whose", [crowd.PLATFORM, crowd.STAFFED], ids=lambda one: one.name)
def test_a_platform_is_applied_and_then_settled_with_one_more_read_for_each_team_with_members(
    tmp_path: Path, whose: crowd.Crowd
) -> None:
    count = whose.gather(tmp_path, 40, "http://sandbox.test")
    stage = Stage(tmp_path)
    assert Counter(type(result.change).__name__ for result in stage.apply().results) == {"Create": count}
    before = len(stage.sandbox.log)
    assert stage.plan().empty
    asked = Counter(IDENT.sub("{id}", one["path"]) for one in list(stage.sandbox.log)[before:])
    lists = ("services", "escalation_policies", "schedules", "teams", "users")
    members = {"/pagerduty/teams/{id}/members": 2} if whose is crowd.STAFFED else {}
    assert asked == {f"/pagerduty/{name}": 1 for name in lists} | members


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("/opsgenie/v2/teams/6f0c3a52-7a1b-4c1d-8e2f-001122334455", "/opsgenie/v2/teams/{id}"),
        ("/opsgenie/v2/teams/team-7/routing-rules", "/opsgenie/v2/teams/{id}/routing-rules"),
        ("/wallarm/v2/integration/12", "/wallarm/v2/integration/{id}"),
        ("/opsgenie/v2/users/ann@example.com", "/opsgenie/v2/users/{id}"),
        ("/opsgenie/v2/schedules", "/opsgenie/v2/schedules"),
        ("/pagerduty/services/PZZ7L7O/integrations", "/pagerduty/services/{id}/integrations"),
        ("/pagerduty/teams/PZ6M1A6/users/Q3U26I4ABCDEFG", "/pagerduty/teams/{id}/users/{id}"),
    ],
)
def test_requests_are_counted_by_their_template(path: str, template: str) -> None:
    assert IDENT.sub("{id}", path) == template


def test_the_figures_come_as_a_table_and_as_json() -> None:
    figures = [
        Figure(
            "plan", "mixed", 100, Run(1.5, 0.75, 90.0), {"GET /opsgenie/v2/teams": 2, "GET /wallarm/v2/integration": 1}
        )
    ]
    assert "plan       mixed         100     1.50     0.75       90         3" in table(figures)
    assert json.loads(document(figures))["figures"] == [
        {
            "what": "plan",
            "crowd": "mixed",
            "objects": 100,
            "run": {"wall": 1.5, "cpu": 0.75, "peak": 90.0},
            "requests": {"GET /opsgenie/v2/teams": 2, "GET /wallarm/v2/integration": 1},
        }
    ]
