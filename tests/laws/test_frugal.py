"""Law 8: reading costs one paged list per kind plus what an incomplete list forces."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from reconciler.engine.scope import Scope
from reconciler.engine.story import Asked
from tests.laws.life import Life, life
from tests.laws.quickstart import FILES

SIGN_IN = {"POST /wallarm/v1/user": 1}
OPSGENIE = {
    "GET /opsgenie/v2/teams": 1,
    "GET /opsgenie/v2/teams/{id}": 1,  # members, which the list leaves out
    "GET /opsgenie/v2/teams/{id}/routing-rules": 1,
    "GET /opsgenie/v2/schedules": 1,
    "GET /opsgenie/v2/escalations": 1,
    "GET /opsgenie/v2/integrations": 1,
    "GET /opsgenie/v2/integrations/{id}": 1,  # everything but name and type
    "GET /opsgenie/v2/users": 1,
}
WALLARM = {"GET /wallarm/v2/integration": 1, "GET /wallarm/v2/clients/{id}/triggers": 1}


def asked_for(one: Life, asked: Asked | None = None) -> Counter[str]:
    """What one plan reads, ids left out."""
    one.sandbox.log.clear()
    one.plan(asked)
    ids = {ident for _, ident in one.objects()}
    paths = [(request["method"], request["path"].partition("?")[0]) for request in one.sandbox.log]
    return Counter(f"{method} {_template(path, ids)}" for method, path in paths)


def _template(path: str, ids: set[str]) -> str:
    parts = path.split("/")
    return "/".join("{id}" if part in ids or part.isdigit() else part for part in parts)


@pytest.mark.parametrize("crowd", [0, 40])
def test_a_plan_with_nothing_to_change_reads_each_kind_once(tmp_path: Path, crowd: int) -> None:
    one = life(tmp_path, FILES, crowd=crowd)
    one.go()
    assert asked_for(one) == {**SIGN_IN, **OPSGENIE, **WALLARM}


def test_a_plan_of_nothing_live_needs_no_single_object(tmp_path: Path) -> None:
    one = life(tmp_path, FILES)
    forced = {"GET /opsgenie/v2/teams/{id}", "GET /opsgenie/v2/integrations/{id}"}
    below = {"GET /opsgenie/v2/teams/{id}/routing-rules"}
    lists = {name: count for name, count in {**SIGN_IN, **OPSGENIE, **WALLARM}.items() if name not in forced | below}
    assert asked_for(one) == lists


def test_a_narrow_plan_reads_what_it_needs(tmp_path: Path) -> None:
    one = life(tmp_path, FILES)
    one.go()
    team = Asked(Scope(targets=("opsgenie/Team/payments",)))
    assert asked_for(one, team) == {
        "GET /opsgenie/v2/teams": 1,
        "GET /opsgenie/v2/teams/{id}": 1,
        "GET /opsgenie/v2/users": 1,
    }
