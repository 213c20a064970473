"""Dynatrace's kinds: killed or left without an answer at any request, the next apply converges."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from reconciler.vendors.dynatrace import VENDOR
from tests.kinds.dynatrace_project import PROJECT, document
from tests.kinds.test_dynatrace_stories import ORDERED, PROFILE, ZONE, opsgenie
from tests.laws.life import Life
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


class Twin(Life):
    """A life with Dynatrace alone in the table."""

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


@dataclass(frozen=True)
class Right:
    """How it ends where nothing goes wrong."""

    made: list[str]
    entries: set[str]


def right_of(begun: Twin) -> Right:
    one = begun.fork()
    one.go()
    return Right(one.made(), set(one.ledger("dynatrace").entries))


def unlike(one: Twin, right: Right) -> Iterator[str]:
    plan = one.plan()
    if not plan.empty:
        yield f"planned again: {[(change.word, str(change.address), change.why) for change in plan.changes]}"
    if one.made() != right.made:
        yield f"{set(one.made()) ^ set(right.made)} differ"
    ledger = one.ledger("dynatrace")
    yield from (f"open: {intent}" for intent in ledger.open)
    if set(ledger.entries) != right.entries:
        yield f"the ledger has {sorted(ledger.entries)}"


def converging(one: Twin, right: Right) -> Iterator[str]:
    _, applied = one.go()
    if applied.ok:
        yield from unlike(one, right)
    else:
        yield str([(str(r.change.address), r.ending, r.text) for r in applied.results if r.ending != "done"])


@every_story
def test_killed_at_any_instant_or_with_any_answer_lost_the_next_apply_converges(story: str, begun: Twin) -> None:
    right = right_of(begun)
    instants = begun.fork().instants()
    wrong = [f"killed {when}: {text}" for when, one in instants for text in converging(one, right)]
    assert len(instants) > 4
    losses = 0
    for what, one, applied in begun.losses():
        losses += 1
        found = unlike(one, right) if applied.ok else converging(one, right)
        wrong += [f"{what}: {text}" for text in found]
    assert not wrong, "\n".join(wrong)
    assert losses > 2
