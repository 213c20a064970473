"""Every kind of Opsgenie on a stage: made, left alone, changed behind the back, restored, removed; what it costs."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.kinds.opsgenie_project import (
    BASE,
    PROJECT,
    asked,
    begun,
    changes,
    document,
    done,
    maintenance,
    rules,
    said,
    stage_in,
    team,
)
from tests.laws.life import Drawer, Life
from tests.stage import Stage, StillClock

CONDITIONS = (
    "[{field: teams, operation: equals, expectedValue: a}, {field: message, operation: contains, expectedValue: b}]"
)


@dataclass(frozen=True)
class Story:
    """One object: its manifest, what somebody does to it in the UI, and the fields that show it."""

    kind: str
    spec: str
    edit: str
    json: dict[str, Any]
    drift: tuple[str, ...]
    name: str = "it"
    removal: str = "delete"
    notes: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.kind} {self.spec.split(',')[0].lstrip('{')}"


STORIES = (
    Story("Team", "{members: [{user: ann@example.com}]}", "teams/it", {"members": []}, ("members.ann@example.com",)),
    Story(
        "Schedule",
        "{timezone: Europe/Berlin, rotations: [{name: a, type: weekly, startDate: 2026-01-05T09:00:00Z,"
        " participants: [ann@example.com], timeRestriction: [monday 09:00-friday 18:00]}]}",
        "schedules/it",
        {"timezone": "Asia/Tokyo"},
        ("timezone",),
    ),
    Story(
        "Escalation",
        "{ownerTeam: payments, rules: [{delay: 5m, recipient: {schedule: oncall}}], repeat: {waitInterval: 10m}}",
        "escalations/it",
        {"repeat": {"waitInterval": 20}},
        ("repeat.waitInterval",),
    ),
    Story(
        "RoutingRule",
        "{team: payments, name: it, notify: {schedule: oncall}, criteria: {type: match-any-condition,"
        " conditions: [{field: tags, operation: is-empty}]}}",
        "teams/payments/routing-rules/it",
        {"notify": {"type": "none"}},
        ("notify",),
    ),
    Story("Integration", "{type: API, suppressNotifications: true}", "integrations/it", {"tags": ["x"]}, ()),
    Story(
        "Integration",
        "{type: API, ownerTeam: payments, responders: [], enabled: true}",
        "integrations/it",
        {"enabled": False},
        ("enabled",),
    ),
    Story(
        "Integration",
        "{type: Webhook, url: 'https://a.example/in', addAlertDetails: true}",
        "integrations/it",
        {"url": "https://b.example/in"},
        ("url",),
    ),
    Story(
        "Integration",
        "{type: Email, emailUsername: alerts, priority: P2}",
        "integrations/it",
        {"emailUsername": "other"},
        ("emailUsername",),
    ),
    *(
        Story(
            "Integration",
            f"{{type: {type_}, tags: [a], ownField: {{deep: [1, x]}}}}",
            "integrations/it",
            {"ownField": {"deep": [2]}, "another": 1},
            ("ownField.deep",),
        )
        for type_ in ("Datadog", "DynatraceV2", "Prometheus", "CloudWatch", "AmazonSns", "Zabbix")
    ),
    Story(
        "Integration",
        "{type: API, actions: [{type: create, name: make, priority: P1, filter: {conditionMatchType:"
        " match-all-conditions, conditions: [{field: extra-properties, key: zone, operation: equals,"
        " expectedValue: eu}, {field: eventType, operation: contains, expectedValue: x}]}}, {type: close, name: done},"
        " {type: ignore, name: noise}]}",
        "integrations/it",
        {"actions": {"close": [], "acknowledge": [{"type": "acknowledge", "name": "seen", "alias": "a"}]}},
        ("actions.acknowledge seen", "actions.close done"),
    ),
    Story(
        "Heartbeat",
        "{interval: 10, intervalUnit: minutes, ownerTeam: payments, alertTags: [b, a], alertPriority: P1}",
        "heartbeats/it",
        {"interval": 20, "alertTags": ["a"]},
        ("interval", "alertTags[]"),
    ),
    Story(
        "AlertPolicy",
        f"{{filter: {{type: match-any-condition, conditions: {CONDITIONS}}}, tags: [a, b],"
        " timeRestrictions: '18:00-09:00'}",
        "policies/it",
        {"timeRestrictions": None, "tags": []},
        ("tags[]", "tags[]", "timeRestrictions"),
    ),
    Story(
        "AlertPolicy",
        "{team: payments, responders: [{team: web}, ann@example.com], details: {zone: eu}, continue: true, order: 0,"
        " enabled: true}",
        "teams/payments/policies/it",
        {"continue": False, "enabled": False},
        ("enabled", "continue"),
    ),
    Story(
        "NotificationPolicy",
        "{team: payments, delayAction: {delayOption: for-duration, duration: 2h}, autoCloseAction: {duration: 1d},"
        " deduplicationAction: {deduplicationActionType: value-based, count: 2}}",
        "teams/payments/policies/it",
        {"delayAction": {"delayOption": "next-time", "untilHour": 9, "untilMinute": 0}, "autoCloseAction": None},
        ("autoCloseAction", "delayAction.delayOption"),
    ),
    Story(
        "Maintenance",
        "{time: {type: schedule, startDate: 2026-04-01T22:10:00Z, endDate: 2026-04-02T02:00:00+02:00}, rules: ["
        "{state: disabled, entity: {integration: shop}}, {state: enabled, entity: {notificationPolicy: quiet}}]}",
        "maintenance/it",
        {"time": {"type": "schedule", "startDate": "2026-04-01T22:10:00Z", "endDate": "2026-04-05T00:00:00Z"}},
        ("time.endDate",),
    ),
)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Life:
    """A project of what the others refer to, applied."""
    life = begun(Life(tmp_path_factory.mktemp("base")))
    done(life)
    return life


@dataclass(frozen=True)
class Made:
    """A project after the apply that made the one object of the story."""

    story: Story
    life: Life


@pytest.fixture(scope="module", params=STORIES, ids=str)
def made(request: pytest.FixtureRequest, base: Life, tmp_path_factory: pytest.TempPathFactory) -> Made:
    story: Story = request.param
    life = base.fork()
    life.root = tmp_path_factory.mktemp("made")
    text = document(story.kind, story.name, story.spec)
    life.edited({"reconciler.yaml": PROJECT, "base.yaml": BASE, "it.yaml": text})
    done(life)
    return Made(story, life)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return stage_in(tmp_path)


def test_left_alone_changed_behind_the_back_restored_and_removed(made: Made, base: Life) -> None:
    life, story = made.life.fork(), made.story
    life.edit("opsgenie", story.edit, story.json)
    plan = life.plan()
    if not story.drift:
        assert said(plan) == []
    else:
        [change] = changes(plan)
        assert (change.word, sorted(one.path for one in change.fields)) == ("update", sorted(story.drift))
        assert {one.cause for one in change.fields} == {"drifted"}
        done(life)
    life.loaded = base.loaded  # the project without it
    assert said(life.plan()) == [(story.removal, f"{story.kind}/{story.name}")]
    done(life)


def test_what_somebody_deleted_is_made_again(made: Made) -> None:
    life, story = made.life.fork(), made.story
    life.edit("opsgenie", story.edit, None)
    assert said(life.plan()) == [("create", f"{story.kind}/{story.name}")]
    done(life)


def test_an_object_that_is_there_is_adopted_without_a_write(made: Made) -> None:
    life, story = made.life.fork(), made.story
    life.store = life.drawer = Drawer()  # another ledger, empty
    plan = life.plan()
    assert said(plan) == []
    assert f"opsgenie/{story.kind}/{story.name}" in [str(change.address) for change in plan.changes]
    done(life)


def test_the_example_is_made_and_left_alone(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    (stage.root / "base.yaml").unlink()
    example = Path(__file__).parents[2] / "examples" / "opsgenie-team"
    stage.write({file.name: file.read_text(encoding="utf-8") for file in example.glob("*.yaml")})
    stage.environ["CHAT_BOT_KEY"] = "key-of-the-chat-bot"
    done(stage)


def test_one_line_a_run_says_when_it_ends(stage: Stage) -> None:
    [notice] = stage.plan().notices
    assert "2027-04-05" in notice


class WatchedClock(StillClock):
    """Counts how many requests are under way at once: each of them sleeps here while it is."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.under_way = self.most = 0

    async def sleep(self, seconds: float) -> None:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        for _ in range(20):
            await asyncio.sleep(0)
        await super().sleep(seconds)
        self.under_way -= 1


def test_reading_costs_a_list_for_each_kind_and_a_get_for_what_lists_leave_out(stage: Stage) -> None:
    (stage.root / "base.yaml").unlink()
    some = range(12)
    stage.write(
        {
            "team.yaml": document("Team", "payments", "{}"),
            "heartbeats.yaml": "".join(
                document("Heartbeat", f"h{n}", "{interval: 1, intervalUnit: days}") for n in some
            ),
            "plain.yaml": "".join(document("Integration", f"plain{n}", "{type: API}") for n in some),
            "tagged.yaml": "".join(document("Integration", f"tagged{n}", "{type: API, tags: [a]}") for n in some),
            "acting.yaml": document("Integration", "acting", "{type: API, actions: [{type: ignore, name: x}]}"),
            "global.yaml": "".join(document("AlertPolicy", f"g{n}", "{tags: [a]}") for n in some),
            "team-policies.yaml": "".join(document("AlertPolicy", f"p{n}", "{team: payments}") for n in some),
            "rules.yaml": rules(*(f"r{n}" for n in some)),
            "maintenance.yaml": maintenance(state="integration: acting"),
        }
    )
    done(stage)
    asked(stage)
    stage.clock = WatchedClock(stage.sandbox)
    assert said(stage.plan()) == []
    found = asked(stage)
    lists = ["/v2/teams", "/v2/heartbeats", "/v2/integrations", "/v2/policies/alert", "/v2/policies/alert"]
    lists += [f"/v2/teams/{team(stage)}/routing-rules", "/v1/maintenance"]
    ones = [one for one in found if one.removeprefix("GET /opsgenie") not in lists]
    assert sorted(one.removeprefix("GET /opsgenie") for one in found if one not in ones) == sorted(lists)
    # Twelve tagged ones, twelve global policies, one maintenance, and for the acting one its actions too.
    assert len(ones) == 12 + 12 + 1 + 2
    assert stage.clock.most >= 12


def test_a_project_of_global_policies_asks_for_no_list_of_a_team(stage: Stage) -> None:
    (stage.root / "base.yaml").unlink()
    stage.write({"reconciler.yaml": PROJECT, "it.yaml": document("AlertPolicy", "it", "{}")})
    done(stage)
    asked(stage)
    stage.plan()
    assert asked(stage) == ["GET /opsgenie/v2/teams", "GET /opsgenie/v2/policies/alert"]
