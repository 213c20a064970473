"""DORA's signals in Git: sent when they begin, again when they are over, marked when they failed; in effect once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from reconciler.engine.change import Blocked
from reconciler.engine.plan import Plan
from reconciler.errors import ReconcilerError
from reconciler.sandbox.datadog.dora import Sort
from reconciler.vendors.datadog import VENDOR
from reconciler.vendors.registry import VENDORS
from tests.kinds.datadog_dora import BEGAN, ENDED, FAILED, ID
from tests.kinds.datadog_project import KEYS, PROJECT, ask, document, told
from tests.laws.life import Life
from tests.stage import ENVIRON

DORA = "/api/v2/dora"
SENT, LEGACY, DEPLOYED = f"POST {DORA}/failure", f"POST {DORA}/incident", f"POST {DORA}/deployment"
SIGNED, UNSIGNED = PROJECT, PROJECT.replace(", app_key: {env: DD_APP_KEY}", "")
LATER = "2026-09-01T02:00:00Z"


def incident(called: str = "burst", /, **more: Any) -> str:
    spec = {"services": ["checkout"], "env": "prod", "started_at": BEGAN, **more}
    return document("DoraIncident", called, spec)


def deployment(called: str = "checkout-4.2", /, **more: Any) -> str:
    spec = {"service": "checkout", "env": "prod", "started_at": BEGAN, "finished_at": ENDED, **more}
    return document("DoraDeployment", called, spec)


class Team(Life):
    """A project that knows DORA alone, and what its Datadog has."""

    def says(self, text: str) -> None:
        self.edited({"m.yaml": text})

    def done(self, text: str) -> Plan:
        """Git says this: it is applied, and nothing is left to do."""
        self.says(text)
        _, applied = self.go()
        assert applied.ok, [(str(one.change.address), one.ending, one.text) for one in applied.results]
        plan = self.plan()
        assert plan.empty, told(plan)
        return plan

    def has(self, plural: str) -> list[dict[str, Any]]:
        held: Mapping[str, Any] = self.vendor("datadog")["collections"]
        return [dict(one) for one in held.get(plural, ())]

    def log(self) -> list[str]:
        """Every write that came to Datadog."""
        asked = (f"{one['method']} {one['path'].removeprefix('/datadog')}" for one in self.sandbox.log)
        looks = (f"POST {DORA}/failures", f"POST {DORA}/deployments")
        return [one for one in asked if one.startswith(("POST", "PATCH", "DELETE")) and one not in looks]


def team(root: Path, project: str = SIGNED, **settings: Any) -> Team:
    made = Team(root, environ={**ENVIRON, **KEYS}, vendors={**VENDORS, "datadog": VENDOR})
    made.settings(datadog=settings)
    made.edited({"reconciler.yaml": project})
    return made


# ── a life in Git ───────────────────────────────────────────────────────────────────────────────────────────────────

FIXED = deployment("fix", version="4.2.1", started_at=ENDED, finished_at=LATER)
BROKEN = {**FAILED, "remediation": {"type": "rollforward", "id": "fix"}}
STORIES: dict[str, tuple[list[str], list[str]]] = {
    "an incident begins and is over": ([incident(), incident(), incident(finished_at=ENDED)], [SENT, SENT]),
    "an incident with an id of its own": ([incident(id=ID), incident(id=ID, finished_at=ENDED)], [SENT, SENT]),
    "an incident that comes to Git finished": ([incident(finished_at=ENDED)], [SENT]),
    "another spelling of an instant is the same": (
        [incident(), incident(started_at=1_788_220_800), incident(started_at="2026-09-01T09:00:00+09:00")],
        [SENT],
    ),
    "an incident turns out graver": ([incident(severity="SEV-3"), incident(severity="SEV-1")], [SENT, SENT]),
    "another name in Git is the same incident": ([incident(), incident("again")], [SENT]),
    "what left Git is let go": ([incident(), ""], [SENT]),
    "what left Git and came back is found": ([incident(), "", incident()], [SENT]),
    "a deployment": ([deployment(), deployment()], [DEPLOYED]),
    "a deployment that failed later": ([deployment(), deployment(**FAILED)], [DEPLOYED, "PATCH"]),
    "a deployment that is known to have failed": ([deployment(**FAILED)], [DEPLOYED, "PATCH"]),
    "a deployment that another one put right": (
        [deployment(), deployment(**BROKEN) + FIXED],
        [DEPLOYED, DEPLOYED, "PATCH"],
    ),
    "one that failed and its remedy at once": ([deployment(**BROKEN) + FIXED], [DEPLOYED, DEPLOYED, "PATCH"]),
}


@pytest.mark.parametrize(("says", "sent"), STORIES.values(), ids=STORIES)
def test_git_moves_it(says: list[str], sent: list[str], tmp_path: Path) -> None:
    one = team(tmp_path)
    for text in says:
        one.done(text)
    assert [call.partition(f" {DORA}/deployments/")[0] for call in one.log()] == sent
    assert len(one.has("failures")) + len(one.has("deployments")) == len({*sent} - {"PATCH"}) + ("fix" in says[-1])


def test_the_second_sending_ends_the_incident_that_the_first_began(tmp_path: Path) -> None:
    one = team(tmp_path)
    one.done(incident(name="5xx"))
    [begun] = one.has("failures")
    one.done(incident(name="5xx", finished_at=ENDED, severity="SEV-1"))
    [over] = one.has("failures")
    assert (over["id"], over["finished_at"], over["severity"]) == (begun["id"], 1_788_224_400_000_000_000, "SEV-1")
    assert one.plan().facts.requests == 0


def test_a_mark_names_the_deployment_that_put_it_right(tmp_path: Path) -> None:
    one = team(tmp_path, change_failure="shown")
    one.done(deployment(**BROKEN) + FIXED)
    broken, fix = sorted(one.has("deployments"), key=lambda held: int(held["started_at"]))
    assert broken["change_failure"] is True
    assert broken["remediation"] == {"type": "rollforward", "id": fix["id"]}


@pytest.mark.parametrize(
    ("there", "warned"),
    [
        ({"finished_at": 1_788_224_400}, "finished_at is 2026-09-01T01:00:00Z there, and in Git it goes on"),
        ({"name": "else"}, "name is else there and burst in Git"),
        ({"custom_tags": ["a:b"]}, ""),
    ],
)
def test_what_another_sender_says_is_told_and_changes_nothing(there: Any, warned: str, tmp_path: Path) -> None:
    one = team(tmp_path)
    one.done(incident(name="burst"))
    event = {"services": ["checkout"], "env": "prod", "started_at": 1_788_220_800, **there}
    ask(one, "POST", f"{DORA}/failure", {"data": {"attributes": event}})
    plan = one.plan()
    assert plan.empty
    words = [problem.text for problem in plan.warnings]
    assert len(words) == bool(warned)
    assert all(warned in text for text in words)
    one.done(incident(name="burst", finished_at=ENDED))


def test_what_another_sender_began_is_adopted_and_ended(tmp_path: Path) -> None:
    one = team(tmp_path)
    event = {"services": ["checkout"], "env": "prod", "started_at": 1_788_220_800_000}
    ask(one, "POST", f"{DORA}/incident", {"data": {"attributes": event}})
    one.says(incident())
    assert [change.word for change in one.plan().changes] == ["adopt"]
    one.done(incident())
    one.done(incident(finished_at=ENDED))
    [held] = one.has("failures")
    assert held["finished_at"] == 1_788_224_400_000_000_000


def test_one_that_left_git_while_it_goes_on_is_said_to(tmp_path: Path) -> None:
    one = team(tmp_path)
    one.done(incident())
    one.says("")
    [change] = one.plan().changes
    assert (change.word, "it is not finished there" in change.why) == ("release", True)


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        (incident(), incident(env="stage"), "this would be another one"),
        (deployment(), deployment(version="5"), "a deployment stays as it was sent"),
    ],
)
def test_what_cannot_be_changed_is_blocked_with_the_way_out(before: str, after: str, why: str, tmp_path: Path) -> None:
    one = team(tmp_path)
    one.done(before)
    one.says(after)
    [blocked] = one.plan().changes
    assert isinstance(blocked, Blocked)
    assert (why in blocked.why, "write it as it was" in blocked.way_out) == (True, True)


def test_two_manifests_of_one_incident_are_an_error(tmp_path: Path) -> None:
    one = team(tmp_path)
    one.done(incident() + incident("of-another", services=["cart"]) + incident("elsewhere", env="stage"))
    assert len(one.has("failures")) == 3
    one.says(incident() + incident("again"))
    with pytest.raises(ReconcilerError, match="both mean the datadog/DoraIncident"):
        one.plan()
    one.says(incident() + document("DoraIncident", "again", {"started_at": BEGAN}, id=one.has("failures")[0]["id"]))
    with pytest.raises(ReconcilerError, match="both mean datadog/DoraIncident id"):
        one.plan()


# ── sites and accounts that have less ───────────────────────────────────────────────────────────────────────────────

LESS: dict[str, tuple[dict[str, Any], str]] = {
    "an older site": ({"dora": "legacy"}, SIGNED),
    "an older site that shows nothing": ({"dora": "legacy", "dora_reads": "none"}, SIGNED),
    "a site that shows nothing": ({"dora_reads": "none"}, SIGNED),
    "a site that takes its time": ({"dora_status": 202, "lag": 20.0}, SIGNED),
    "a site that answers numbers": ({"dora_times": "number"}, SIGNED),
    "no application key": ({}, UNSIGNED),
    "no application key on an older site": ({"dora": "legacy"}, UNSIGNED),
}


@pytest.mark.parametrize(("settings", "project"), LESS.values(), ids=LESS)
def test_an_incident_lives_on_sites_and_accounts_that_have_less(settings: Any, project: str, tmp_path: Path) -> None:
    one = team(tmp_path, project, **settings)
    one.done(incident())
    one.done(incident(finished_at=ENDED))
    [held] = one.has("failures")
    assert held["finished_at"] == 1_788_224_400_000_000_000
    assert one.log() == ([SENT, LEGACY] * 2 if settings.get("dora") == "legacy" else [SENT] * 2)


@pytest.mark.parametrize("text", [incident(), deployment()], ids=["incident", "deployment"])
def test_a_site_without_dora_says_so(text: str, tmp_path: Path) -> None:
    one = team(tmp_path, dora="none")
    one.says(text)
    [result] = one.go()[1].results
    assert (result.ending, "404: Not Found" in result.text) == ("failed", True)
    assert "DORA Metrics is not on every site" in result.way_out
    assert one.ledger("datadog").open == ()


def test_no_other_refusal_selects_the_older_path(tmp_path: Path) -> None:
    one = team(tmp_path, UNSIGNED)
    one.environ["DD_API_KEY"] = "a-wrong-key"
    one.says(incident())
    [result] = one.go()[1].results
    assert (result.ending, one.log()) == ("failed", [SENT])


def test_a_key_that_may_not_read_is_told_the_scope(tmp_path: Path) -> None:
    one = team(tmp_path)
    one.environ["DD_APP_KEY"] = "scoped-monitors_read"
    one.says(incident())
    [why] = one.plan().facts.not_read.values()
    assert "dora_metrics_read" in (why.way_out or "")


def test_without_an_application_key_a_mark_is_blocked(tmp_path: Path) -> None:
    one = team(tmp_path, UNSIGNED)
    one.done(deployment())
    one.says(deployment(**FAILED))
    [blocked] = one.plan().changes
    assert isinstance(blocked, Blocked)
    assert "app_key" in blocked.way_out


def test_a_mark_of_one_that_is_gone_says_what_to_do(tmp_path: Path) -> None:
    one = team(tmp_path)
    one.done(deployment())
    [held] = one.has("deployments")
    ask(one, "DELETE", f"{DORA}/deployment/{held['id']}")
    one.says(deployment(**FAILED))
    [result] = one.go()[1].results
    assert (result.ending, "it was deleted there" in result.way_out) == ("failed", True)


# ── in effect once ──────────────────────────────────────────────────────────────────────────────────────────────────

AT_ONCE = incident() + incident("named", id=ID, services=["cart"]) + deployment(**BROKEN) + FIXED
BLIND = incident() + incident("named", id=ID, services=["cart"]) + deployment() + FIXED
WORLDS: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "with an application key": (SIGNED, {}, "", AT_ONCE),
    "on an older site that shows nothing": (
        SIGNED,
        {"dora": "legacy", "dora_reads": "none"},
        "",
        incident() + deployment(),
    ),
    "without an application key": (UNSIGNED, {"dora": "legacy"}, "", BLIND),
    "a second sending": (
        SIGNED,
        {},
        incident() + deployment() + FIXED,
        incident(finished_at=ENDED) + deployment(**BROKEN) + FIXED,
    ),
}


@pytest.fixture(params=WORLDS)
def begun(request: Any, tmp_path: Path) -> Team:
    project, settings, before, after = WORLDS[request.param]
    one = team(tmp_path, project, **settings)
    if before:
        one.done(before)
    one.says(after)
    return one


def unlike(one: Team, right: Team) -> Iterator[str]:
    """What is otherwise than it should be, ids that Datadog makes apart."""
    if not one.plan().empty:
        yield f"planned again: {told(one.plan())}"
    for plural in ("failures", "deployments"):
        now, wanted = (sorted(map(_bare, each.has(plural))) for each in (one, right))
        if now != wanted:
            yield f"{now} and not {wanted}"
    state = one.ledger("datadog")
    yield from (f"open: {intent}" for intent in state.open)
    held = {entry.id for entry in state.entries.values()}
    if held != {event["id"] for plural in ("failures", "deployments") for event in one.has(plural)}:
        yield f"the ledger has {sorted(held)}"


def _bare(event: Mapping[str, Any]) -> str:
    return str(sorted((name, str(value)) for name, value in event.items() if name not in ("id", "remediation")))


def test_killed_at_any_instant_each_arrives_once(begun: Team) -> None:
    right = begun.fork()
    right.go()
    instants = begun.fork().instants()
    wrong = []
    for when, one in instants:
        _, applied = one.go()
        wrong += [f"killed {when}: {text}" for text in ([] if applied.ok else ["not done"])]
        wrong += [f"killed {when}: {text}" for text in unlike(one, right)]
    assert not wrong, "\n".join(wrong)
    assert len(instants) > 6


def test_whatever_answer_is_lost_each_arrives_once(begun: Team) -> None:
    right = begun.fork()
    right.go()
    wrong = []
    for at in count():
        one = begun.fork()
        lost, applied = one.losing(at)
        if not lost:
            break
        if not applied.ok:
            one.go()
        wrong += [f"lost the answer to request {at}: {text}" for text in unlike(one, right)]
    assert not wrong, "\n".join(wrong)
    assert at >= 3


def test_where_datadog_would_join_nothing_each_arrives_once_that_can_be_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What comes of a second sending without an id is not documented for deployments."""
    alone = count()
    monkeypatch.setattr(Sort, "joint", lambda self, body: f"alone {next(alone)}")
    begun = team(tmp_path, SIGNED)
    begun.says(AT_ONCE)
    right = begun.fork()
    right.go()
    for when, one in begun.fork().instants():
        assert one.go()[1].ok, when
        assert (len(one.has("failures")), len(one.has("deployments"))) == (2, 2), when
    for at in range(12):
        one = begun.fork()
        if one.losing(at)[0]:
            one.go()
            assert (len(one.has("failures")), len(one.has("deployments"))) == (2, 2), at


def test_a_lost_ledger_sends_nothing_that_can_be_found(tmp_path: Path) -> None:
    one = team(tmp_path)
    one.done(AT_ONCE)
    sent = one.log()
    one.drawer.objects.clear()
    one.done(AT_ONCE)
    assert one.log() == sent
