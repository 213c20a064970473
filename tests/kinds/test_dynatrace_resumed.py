"""Dynatrace's kinds: killed or left without an answer at any request, the next apply converges."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from reconciler.vendors.dynatrace import VENDOR
from tests.kinds.dynatrace_project import PROJECT, document
from tests.kinds.test_dynatrace_stories import ORDERED, PROFILE, ZONE, opsgenie
from tests.laws import convergence
from tests.stage import ENVIRON

SINK = {"name": "s", "token": {"env": "KEY"}}
RULE = document(
    "SettingsObject", "r", {"schemaId": ORDERED, "value": {"ruleName": "r", "endpoint": "e", "sinks": [SINK]}}
)
TIER = {"entitySelector": "type(HOST)", "tags": [{"key": "tier", "value": "1"}, {"key": "pci"}]}
CART = {"entitySelector": 'type(HOST),tag("team-cart")', "tags": [{"key": "tier", "value": "2"}]}

# Of each story what there is first, and what becomes of it; the zone stays.
STORIES: Mapping[str, tuple[str, str]] = {
    "settings": (
        PROFILE + opsgenie() + RULE,
        PROFILE.replace('"5m"', '"9m"') + opsgenie(message="m") + RULE.replace('"e"', '"f"'),
    ),
    "tags": (
        document("CustomTag", "tier", TIER),
        document("CustomTag", "tier", {**TIER, "tags": [{"key": "new"}]}) + document("CustomTag", "cart", CART),
    ),
}


class Twin(convergence.Twin):
    """A life with Dynatrace alone in the table."""

    host = "dynatrace"

    def made(self) -> list[str]:
        """What stands there, less what is new in every world."""
        held = self.vendor("dynatrace")
        objects = [json.dumps([one["schema"], _bare(one["value"])], sort_keys=True) for one in _rows(held["objects"])]
        tags = [
            [one["id"], sorted(json.dumps(tag, sort_keys=True) for tag in one["tags"])]
            for one in _rows(held["entities"])
        ]
        return sorted(objects) + sorted(map(str, tags))


def _bare(value: Any) -> Any:
    """A value without ids, which no two worlds share."""
    return {name: part for name, part in value.items() if name not in ("alertingProfile", "managementZone")}


def _rows(held: Any) -> list[Any]:
    return list(held.values()) if isinstance(held, dict) else list(held)


@pytest.fixture(params=["made", "changed", "removed"])
def begun(request: Any, story: str, tmp_path: Path) -> Twin:
    first, second = STORIES[story]
    one = Twin(tmp_path, environ={**ENVIRON, "KEY": "key-1"}, vendors={"dynatrace": VENDOR})
    one.write({"reconciler.yaml": PROJECT, "m.yaml": ZONE})
    one.go()
    if request.param != "made":
        one.edited({"m.yaml": ZONE + first})
        one.go()
    one.edited({"m.yaml": ZONE + {"made": first, "changed": second, "removed": ""}[request.param]})
    return one


every_story = pytest.mark.parametrize("story", STORIES)


@every_story
def test_killed_at_any_instant_or_with_any_answer_lost_the_next_apply_converges(story: str, begun: Twin) -> None:
    right = convergence.right_of(begun)
    convergence.converge_when_killed(begun.fork().instants(), right, more_than=4)
    convergence.converge_when_answers_are_lost(begun, right, more_than=2)
