"""Worlds: manifests, what others have at the vendors, and what people change there, as hypothesis draws them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from reconciler.sandbox.exchange import Request, encode
from tests.laws.life import Life


def examples(number: int) -> settings:
    """So many drawn worlds, ten times as many with all faults."""
    profile = settings.default
    assert profile is not None
    return settings(max_examples=number * profile.max_examples // 100)


Spec = dict[str, Any]
Manifests = dict[tuple[str, str], Spec]
Edit = tuple[str, str, Spec | None]
Names = tuple[str, ...]

PROJECT = """
apiVersion: reconciler/v1
kind: Project
metadata: {name: laws}
accounts:
  opsgenie: {api_key: {env: OPSGENIE_API_KEY}, region: eu}
  wallarm: {token: {env: WALLARM_API_TOKEN}, cloud: eu}
guards: {max_deletes: 100, max_delete_percent: 100, delete_adopted: true}
"""
SECRETS = {"KEY_ONE": "canary-one-äß/\"'+", "KEY_TWO": "canary-two-0123456789"}

USERS = ("ann@example.com", "bob@example.com")
NAMES = ("core", "支払い", "Ночь")
FOREIGN = "team-of-others"
TEXTS = ("one", "two words", "третий", "四番", "a ${b} $$ {c}")

_names = st.sampled_from(NAMES)
_texts = st.sampled_from(TEXTS)
_flags = st.booleans()


def _some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Spec]:
    """Any of these fields."""
    return st.fixed_dictionaries({}, optional=fields)


# ── single kinds; `teams` are the names of the project's teams, and so on ───────────────────────────────────────────

# Each strategy is made once for the names it draws from: to make one costs more than to draw from it.

_MEMBERS = st.lists(st.sampled_from(USERS), unique=True, max_size=2).flatmap(
    lambda users: st.fixed_dictionaries({user: st.sampled_from([None, "user", "admin"]) for user in users}).map(
        lambda roles: [{"user": user, **({"role": role} if role else {})} for user, role in roles.items()]
    )
)
TEAM = _some(description=_texts, members=_MEMBERS)


@cache
def _owner(teams: Names) -> st.SearchStrategy[Any]:
    return st.sampled_from([*teams, {"existing": FOREIGN}])


@cache
def _rotation(name: str, teams: Names) -> st.SearchStrategy[Spec]:
    people = st.sampled_from([*USERS, "none", *({"team": team} for team in teams)])
    return st.fixed_dictionaries(
        {
            "name": st.just(name),
            "type": st.sampled_from(["daily", "weekly", "hourly"]),
            "startDate": st.sampled_from(["2026-01-05T09:00:00Z", "2026-01-05T10:30:00+01:00"]),
            "participants": st.lists(people, min_size=1, max_size=3),
        },
        optional={
            "length": st.integers(1, 3),
            "endDate": st.sampled_from([None, "2027-01-05T09:00:00Z"]),
            "timeRestriction": st.sampled_from(
                [None, "09:00-18:00", ["monday 09:00-friday 18:00", "saturday 10:00-saturday 12:30"]]
            ),
        },
    )


@cache
def schedule(teams: Names) -> st.SearchStrategy[Spec]:
    names = st.lists(st.sampled_from(["day", "night", "夜"]), unique=True, min_size=1, max_size=2)
    rotations = names.flatmap(lambda some: st.tuples(*(_rotation(name, teams) for name in some)).map(list))
    return _some(
        description=_texts,
        timezone=st.sampled_from(["Europe/Berlin", "Asia/Tokyo", "Etc/UTC"]),
        enabled=_flags,
        ownerTeam=_owner(teams),
        rotations=rotations,
    )


@cache
def escalation(teams: Names, schedules: Names) -> st.SearchStrategy[Spec]:
    recipients: list[Any] = [*USERS, *({"team": one} for one in teams), *({"schedule": one} for one in schedules)]
    rule = st.fixed_dictionaries(
        {"recipient": st.sampled_from(recipients)},
        optional={
            "delay": st.sampled_from([0, 5, "10m", "1h"]),
            "condition": st.sampled_from(["if-not-acked", "if-not-closed"]),
            "notifyType": st.sampled_from(["default", "all", "next"]),
        },
    )
    rules = st.lists(rule, min_size=1, max_size=3, unique_by=lambda one: json.dumps(one, sort_keys=True))
    repeat = st.fixed_dictionaries(
        {"waitInterval": st.sampled_from([5, "1h"])},
        optional={"count": st.integers(1, 3), "resetRecipientStates": _flags, "closeAlertAfterAll": _flags},
    )
    return st.fixed_dictionaries(
        {"rules": rules},
        optional={"description": _texts, "ownerTeam": _owner(teams), "repeat": st.none() | repeat},
    )


@cache
def integration(teams: Names) -> st.SearchStrategy[Spec]:
    return st.fixed_dictionaries(
        {"type": st.just("API")},
        optional={
            "ownerTeam": _owner(teams),
            "enabled": _flags,
            "allowDeleteAccess": _flags,
            "suppressNotifications": _flags,
            "priority": st.sampled_from(["P1", "P3"]),
            "tags": st.none() | st.lists(_texts, unique=True, max_size=3),
            "extraProperties": st.none() | st.dictionaries(st.sampled_from(["a", "b"]), _texts, max_size=2),
            "responders": st.lists(st.sampled_from(USERS), unique=True, max_size=2),
        },
    )


@cache
def default_rule(escalations: Names, schedules: Names) -> st.SearchStrategy[Spec]:
    # Not left out: what it then goes on to notify could not be deleted.
    return st.fixed_dictionaries({"default": st.just(True), "notify": _notify(escalations, schedules)})


@cache
def rule(name: str, escalations: Names, schedules: Names) -> st.SearchStrategy[Spec]:
    condition = {"field": "message", "operation": "contains", "expectedValue": "db"}
    criteria = [{"type": "match-all"}, {"type": "match-any-condition", "conditions": [condition]}]
    return st.fixed_dictionaries(
        {"name": st.just(name), "notify": _notify(escalations, schedules)},
        optional={"criteria": st.sampled_from(criteria), "timezone": st.just("Asia/Tokyo")},
    )


@cache
def _notify(escalations: Names, schedules: Names) -> st.SearchStrategy[Any]:
    return st.sampled_from(
        ["none", *({"escalation": one} for one in escalations), *({"schedule": one} for one in schedules)]
    )


@cache
def alerts(integrations: Names) -> st.SearchStrategy[Spec]:
    made = [{"from": f"opsgenie/Integration/{one}", "output": "apiKey"} for one in integrations]
    token = st.sampled_from([*({"env": name} for name in SECRETS), *made])
    events = ["system", "rules_and_triggers", "security_issue_critical", "security_issue_low"]
    return st.fixed_dictionaries(
        {
            "type": st.just("opsgenie"),
            "target": st.fixed_dictionaries({"token": token, "api": st.sampled_from(["us", "eu"])}),
        },
        optional={"active": _flags, "events": st.lists(st.sampled_from(events), unique=True)},
    )


@cache
def trigger(integrations: Names) -> st.SearchStrategy[Spec]:
    told = st.lists(st.sampled_from(integrations), unique=True, min_size=1)
    pools: list[Any] = [["default"], {"ne": ["default"]}]
    filters = {"target": [["server"], {"ne": ["client"]}], "pool": pools, "attack_type": [["sqli", "xss"]]}
    return st.fixed_dictionaries(
        {
            "template": st.sampled_from(["incidents_exceeded", "attacks_exceeded"]),
            "threshold": st.fixed_dictionaries(
                {"more_than": st.integers(0, 3), "within": st.sampled_from([1, "1m", "1h"])}
            ),
            "actions": told.map(lambda some: [{"send_notification": some}]),
        },
        optional={
            "enabled": _flags,
            "comment": st.none() | _texts,
            "filters": _some(**{name: st.sampled_from(values) for name, values in filters.items()}),
        },
    )


# ── a project ───────────────────────────────────────────────────────────────────────────────────────────────────────

_CHOSEN = {least: st.lists(_names, unique=True, min_size=least, max_size=2) for least in (0, 1)}
_SPOKEN = st.permutations(NAMES)
_RENAMED = st.sampled_from([False, False, True])
_RULES = st.lists(st.sampled_from(["a", "b", "c"]), unique=True, max_size=3)
_ONE_IN_SIX = st.integers(0, 5)


@st.composite
def projects(draw: st.DrawFn) -> Manifests:
    """Manifests of every kind, whose references lead somewhere. A team and a Wallarm integration are always there."""
    made: Manifests = {}

    def some(kind: str, prefix: str, least: int, spec: st.SearchStrategy[Spec]) -> Names:
        chosen = draw(_CHOSEN[least])
        spoken = draw(_SPOKEN)  # names at the vendor need not be those in Git, and may change places
        for name, said in zip(chosen, spoken, strict=False):
            renamed = draw(_RENAMED)
            label = {"name": f"{prefix}-{said}-anew" if renamed else f"{prefix}-{name}"}
            made[kind, f"{prefix}-{name}"] = {**label, **draw(spec)}
        return tuple(f"{prefix}-{name}" for name in chosen)

    teams = some("opsgenie/Team", "t", 1, TEAM)
    schedules = some("opsgenie/Schedule", "s", 0, schedule(teams))
    escalations = some("opsgenie/Escalation", "e", 0, escalation(teams, schedules))
    ways_in = some("opsgenie/Integration", "i", 0, integration(teams))
    told = some("wallarm/Integration", "w", 1, alerts(ways_in))
    some("wallarm/Trigger", "x", 0, trigger(told))
    for team in teams:
        if draw(_flags):
            spec = draw(default_rule(escalations, schedules))
            made["opsgenie/RoutingRule", f"{team}-default"] = {"team": team, **spec}
        names = draw(_RULES)
        ordered = draw(_flags)
        for place, name in enumerate(names):
            spec = {"team": team, **draw(rule(name, escalations, schedules)), **({"order": place} if ordered else {})}
            made["opsgenie/RoutingRule", f"{team}-{name}"] = spec
    for key, spec in made.items():
        if key[0] in ("opsgenie/Schedule", "opsgenie/Escalation") and draw(_ONE_IN_SIX) == 0:
            spec["description"] = f"of ${{ref:opsgenie/Team/{teams[0]}}} and $${{me}}"
    return made


# Kinds of which another object may be made in the place of one that cannot be changed.
REPLACED = ("opsgenie/Integration", "wallarm/Trigger")


def texts(manifests: Manifests, replaced: Sequence[str] = REPLACED) -> dict[str, str]:
    """The files of a project: YAML is a superset of JSON."""
    documents = []
    for (kind, name), spec in manifests.items():
        vendor, short = kind.split("/")
        metadata: Spec = {"name": name}
        if kind in replaced:
            metadata["lifecycle"] = {"replace": "allow"}
        document = {"apiVersion": f"{vendor}/v1", "kind": short, "metadata": metadata, "spec": spec}
        documents.append(json.dumps(document, ensure_ascii=False))
    return {"reconciler.yaml": PROJECT, "all.yaml": "\n---\n".join(documents)}


# ── what people do at the vendors ───────────────────────────────────────────────────────────────────────────────────


def _edits() -> st.SearchStrategy[Edit]:
    said = _texts.map(lambda text: {"description": text})
    choices: list[st.SearchStrategy[Edit]] = [
        st.tuples(st.just("opsgenie"), _names.map(lambda name: f"teams/t-{name}"), said),
        st.tuples(
            st.just("opsgenie"),
            _names.map(lambda name: f"schedules/s-{name}"),
            said | _flags.map(lambda on: {"enabled": on, "timezone": "America/New_York"}),
        ),
        st.tuples(st.just("opsgenie"), _names.map(lambda name: f"escalations/e-{name}"), said),
        st.tuples(
            st.just("opsgenie"),
            _names.map(lambda name: f"integrations/i-{name}"),
            _flags.map(lambda on: {"enabled": on, "tags": ["by hand"], "priority": "P5"}),
        ),
        st.tuples(
            st.just("wallarm"),
            _names.map(lambda name: f"integrations/w-{name}"),
            st.just({"active": False, "target": {"token": "by-hand", "api": "https://api.opsgenie.com/v2/alerts"}}),
        ),
        st.tuples(
            st.just("wallarm"),
            _names.map(lambda name: f"triggers/x-{name}"),
            st.none() | _texts.map(lambda text: {"comment": text, "enabled": False}),
        ),
    ]
    return st.one_of(choices)


EDITS = st.lists(_edits(), max_size=4)


@dataclass(frozen=True)
class Story:
    """A project, the next state of it, what others had at the vendors before, and what people change in between.

    `lag` is how late Wallarm lists what is new.
    """

    first: Manifests
    then: Manifests
    before: list[Edit]
    between: list[Edit]
    lag: float = 0.0


STORIES = st.builds(Story, projects(), projects(), EDITS, EDITS, st.sampled_from([0.0, 0.0, 5.0]))


def people(life: Life, edits: list[Edit]) -> None:
    """Carry out the edits, a minute ago; those of objects that are not there, or are in use, come to nothing."""
    for vendor, path, value in edits:
        body = {"vendor": vendor, "path": path, "json": value}
        life.sandbox.handle(Request("POST", "/__edit", (), {}, encode(body)))
    asyncio.run(life.clock.sleep(60))


def prepared(life: Life, story: Story, settings: Mapping[str, Any] | None = None) -> Life:
    """A life in which others have their things, and no manifest is applied yet."""
    life.environ |= SECRETS
    opsgenie = {"names": "any", "team_delete": "orphan", **(settings or {})}
    life.settings(wallarm={"lag": story.lag}, opsgenie=opsgenie)
    life.edit("opsgenie", f"teams/{FOREIGN}", {"description": "not ours"})
    people(life, story.before)
    life.edited(texts(story.first))
    return life
