"""The crowd that the benchmark measures is a project like any other."""

from __future__ import annotations

import json
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


@pytest.mark.parametrize(("asked", "made"), [(120, 120), (130, 120), (40, 40)])
def test_a_crowd_has_as_many_objects_as_asked_for_in_whole_teams(tmp_path: Path, asked: int, made: int) -> None:
    assert crowd.gather(tmp_path, asked, "http://127.0.0.1:9") == made
    project = load_project(tmp_path, tmp_path / "reconciler.yaml", VENDORS, environ={})
    assert len(project.manifests) == made
    assert project.warnings == ()


def test_every_vendor_takes_part(tmp_path: Path) -> None:
    assert set(crowd.VENDORS) == set(VENDORS)


def test_a_crowd_is_applied_and_then_settled(tmp_path: Path) -> None:
    count = crowd.gather(tmp_path, crowd.PER_TEAM, "http://sandbox.test")
    stage = Stage(tmp_path)
    assert Counter(type(result.change).__name__ for result in stage.apply().results) == {"Create": count}
    assert stage.plan().empty


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("/opsgenie/v2/teams/6f0c3a52-7a1b-4c1d-8e2f-001122334455", "/opsgenie/v2/teams/{id}"),
        ("/opsgenie/v2/teams/team-7/routing-rules", "/opsgenie/v2/teams/{id}/routing-rules"),
        ("/wallarm/v2/integration/12", "/wallarm/v2/integration/{id}"),
        ("/opsgenie/v2/users/ann@example.com", "/opsgenie/v2/users/{id}"),
        ("/opsgenie/v2/schedules", "/opsgenie/v2/schedules"),
    ],
)
def test_requests_are_counted_by_their_template(path: str, template: str) -> None:
    assert IDENT.sub("{id}", path) == template


def test_the_figures_come_as_a_table_and_as_json() -> None:
    figures = [
        Figure("plan", 100, Run(1.5, 0.75, 90.0), {"GET /opsgenie/v2/teams": 2, "GET /wallarm/v2/integration": 1})
    ]
    assert "plan            100     1.50     0.75       90         3" in table(figures)
    assert json.loads(document(figures))["figures"] == [
        {
            "what": "plan",
            "objects": 100,
            "run": {"wall": 1.5, "cpu": 0.75, "peak": 90.0},
            "requests": {"GET /opsgenie/v2/teams": 2, "GET /wallarm/v2/integration": 1},
        }
    ]
