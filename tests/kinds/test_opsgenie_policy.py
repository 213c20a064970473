"""What alert and notification policies share: who is who, the team in every query, the switch, the place."""

import pytest

from reconciler.kinds.step import Work
from reconciler.kinds.tree import Link
from tests.kind_kit import (
    CONTEXT,
    KINDS,
    updating,
)

ALERT, NOTIFICATION = "opsgenie/AlertPolicy", "opsgenie/NotificationPolicy"


TEAM = Link("opsgenie/Team/payments", "opsgenie/Team", "payments", "t1")


@pytest.mark.parametrize("name", [ALERT, NOTIFICATION])
def test_a_policy_goes_by_team_and_name(name: str) -> None:
    kind = KINDS[name]
    assert kind.key({"team": TEAM, "name": "a"}) == (TEAM, "a")
    assert kind.key({"team": TEAM}) is None
    assert kind.immutable == {"team"}
    assert (kind.serial, kind.ranked) == ("parent", "order")


@pytest.mark.parametrize("name", [ALERT, NOTIFICATION])
def test_the_list_tells_name_order_and_switch_and_a_get_the_rest(name: str) -> None:
    kind = KINDS[name]
    assert {"name", "enabled", "order", "team"}.isdisjoint(kind.place.detail)
    assert {"filter", "timeRestrictions", "policyDescription"} <= set(kind.place.detail)
    assert {"continue", "suppress"} & set(kind.place.detail)


@pytest.mark.parametrize("name", [ALERT, NOTIFICATION])
def test_the_team_stands_in_the_query_of_every_request(name: str) -> None:
    kind = KINDS[name]
    live = {"team": TEAM, "name": "a", "enabled": True, "order": 0}
    works = [
        Work("create", live),
        updating(name, live, enabled=False, order=1, name="b"),
        Work("delete", live, live=live),
    ]
    steps = [step for work in works for step in kind.steps(work, CONTEXT)]
    assert len(steps) == 6
    assert all(step.path.endswith("?teamId={team}") and step.params == {"team": TEAM} for step in steps)
    assert all(path.endswith("?teamId={team}") for path in (kind.place.list, kind.place.item, kind.place.create))


@pytest.mark.parametrize(("name", "type_"), [(ALERT, "alert"), (NOTIFICATION, "notification")])
def test_a_new_one_says_its_type_and_then_takes_its_place(name: str, type_: str) -> None:
    tree = {"team": TEAM, "name": "a", "enabled": False, "order": 2}
    create, order = KINDS[name].steps(Work("create", tree), CONTEXT)
    assert (create.effect, create.body) == ("creates", {"type": type_, "name": "a", "enabled": False})
    assert create.made == {"team": TEAM, "name": "a", "enabled": False}
    assert (order.method, order.moves) == ("POST", "targetIndex")
    [alone] = KINDS[name].steps(Work("create", {"team": TEAM, "name": "a", "enabled": False}), CONTEXT)
    assert alone.effect == "creates"


@pytest.mark.parametrize(("enabled", "verb"), [(True, "enable"), (False, "disable")])
def test_switching_alone_writes_nothing_else(enabled: bool, verb: str) -> None:
    [step] = KINDS[ALERT].steps(updating(ALERT, {"name": "a"}, enabled=enabled), CONTEXT)
    assert (step.method, step.path, step.body) == ("POST", f"/v2/policies/{{id}}/{verb}?teamId={{team}}", None)


def test_a_put_names_neither_id_nor_place() -> None:
    raw = {"id": "p", "order": 1, "teamId": "t", "type": "alert", "name": "a"}
    assert KINDS[ALERT].writable(raw) == {"type": "alert", "name": "a"}
