"""Dynatrace's kinds against the sandbox: made, found again, changed, let go; what is unconfirmed both ways."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from reconciler.engine.rehearsal import Rehearsed, rehearse
from reconciler.engine.story import Asked, make_plan
from reconciler.ledger import ledger
from tests.kinds.dynatrace_project import PROJECT, applied, document, objects, settled, stage_in, told
from tests.stage import serve

NOTIFICATIONS, PROFILES = "builtin:problem.notifications", "builtin:alerting.profile"
TAGS, ZONES = "builtin:tags.auto-tagging", "builtin:management-zones"
ORDERED, SINGLE = "builtin:sandbox.enrichment", "builtin:sandbox.retention"

BY_NAME = {"key": "HOST_NAME", "operator": "BEGINS_WITH", "stringValue": "cart-"}
RULE = {"type": "ME", "valueFormat": "cart", "attributeRule": {"entityType": "HOST", "conditions": [BY_NAME]}}
TAG = document("AutoTag", "team", {"rules": [RULE, {"type": "SELECTOR", "entitySelector": "type(HOST)"}]})
ZONE = document(
    "ManagementZone",
    "cart",
    {
        "description": "all of cart",
        "rules": [
            {"type": "SELECTOR", "entitySelector": 'type(HOST),tag("team-cart")'},
            {"type": "ME", "attributeRule": {"entityType": "HOST", "conditions": [BY_NAME]}},
            {
                "type": "DIMENSION",
                "dimensionRule": {
                    "conditions": [{"conditionType": "METRIC_KEY", "ruleMatcher": "BEGINS_WITH", "value": "cart."}]
                },
            },
        ],
    },
)
PROFILE = document(
    "AlertingProfile",
    "cart",
    {
        "managementZone": "cart",
        "severityRules": [
            {
                "severityLevel": "ERRORS",
                "delayInMinutes": "5m",
                "tagFilterIncludeMode": "INCLUDE_ALL",
                "tagFilter": ["team-cart"],
            },
            {"severityLevel": "AVAILABILITY"},
        ],
        "eventFilters": [
            {"type": "CUSTOM", "customFilter": {"titleFilter": {"value": "cart"}}},
            {"type": "PREDEFINED", "predefinedFilter": {"eventType": "OSI_HIGH_CPU"}},
        ],
    },
)
WEEKLY = {
    "dayOfWeek": "SUNDAY",
    "timeWindow": {"startTime": "01:00", "endTime": "03:00"},
    "recurrenceRange": {"scheduleStartDate": "2026-01-01", "scheduleEndDate": "2026-12-31"},
}
WINDOW = document(
    "MaintenanceWindow",
    "db-patch",
    {
        "suppression": "DETECT_PROBLEMS_DONT_ALERT",
        "schedule": {"scheduleType": "WEEKLY", "weeklyRecurrence": WEEKLY},
        "filters": [
            {"entityType": "HOST", "entityTags": ["team-cart"], "managementZones": ["cart"]},
            {"entityId": {"existing": ["HOST", "cart-01"]}},
        ],
    },
)


def opsgenie(**inner: Any) -> str:
    inner = {"apiKey": {"env": "KEY"}, "domain": "api.eu.opsgenie.com", **inner}
    spec = {"type": "OPS_GENIE", "alertingProfile": "cart", "opsGenieNotification": inner}
    return document("ProblemNotification", "on-call", {k: v for k, v in spec.items() if v is not None})


ALL = ZONE + TAG + PROFILE + WINDOW + opsgenie()


def settings(stage: Any, **values: Any) -> None:
    stage.sandbox.vendors["dynatrace"].set(values)


# ── the sheet's open questions, both ways ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "world",
    [
        {},
        {"level": "1.254", "unknown": "refused"},
        {"level": "1.254", "unknown": "ignored", "mask": "stars"},
        {"zone_lag": 5.0, "lag": 3.0, "empty_pages": 2, "external_ids": "per_schema"},
        {"external_id_on_put": "dropped", "conflict": 400, "resubmission": 409, "defaults": "filled"},
        {"false_preconditions": "refused", "null_booleans": "accepted", "mask_in_post": "refused"},
    ],
    ids=str,
)
def test_a_project_lives_whatever_the_vendor_answers(world: Mapping[str, Any], tmp_path: Path) -> None:
    stage = stage_in(tmp_path, KEY="key-1")
    settings(stage, **world)
    stage.write({"m.yaml": ALL})
    applied(stage)
    assert all(one.get("externalId", "").startswith("reconciler:test/dynatrace/") for one in objects(stage, TAGS))
    stage.write({"m.yaml": ALL.replace("all of cart", "cart whole").replace('"5m"', '"7m"').replace("01:00", "02:00")})
    assert len(stage.plan().writes) == 3
    applied(stage)
    stage.store = type(stage.store).memory()  # the ledger is lost, and with it what is known of the secret
    stage.clock.passed += 60
    stage.sandbox.clock.advance(60)
    assert [str(one.address) for one in stage.plan().writes] == ["dynatrace/ProblemNotification/on-call"]
    applied(stage)
    if world.get("external_id_on_put") == "dropped":  # the mark of what was changed is lost, too
        stage.write({"reconciler.yaml": PROJECT.replace("guards: {", "guards: {delete_adopted: true, ")})
    stage.write({"m.yaml": ZONE})
    applied(stage)
    assert all(one["value"]["name"].startswith("Default") for one in objects(stage, PROFILES))
    assert objects(stage, NOTIFICATIONS) == objects(stage, TAGS) == []


# ── secrets ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def sent(stage: Any, since: int) -> list[str]:
    """The writes of a run, as they left."""
    return [f"{one['method']} {one['path']}" for one in list(stage.sandbox.log)[since:] if one["method"] != "GET"]


def test_a_secret_stays_where_nobody_gives_it(tmp_path: Path) -> None:
    stage = stage_in(tmp_path, KEY="key-1")
    stage.write({"m.yaml": ZONE + PROFILE + opsgenie()})
    applied(stage)
    # The key is not known here any more: another message does not need it, another address does.
    keep = {"keep": True}
    stage.write({"m.yaml": ZONE + PROFILE + opsgenie(apiKey=keep, message="{ProblemTitle}")})
    applied(stage)
    assert objects(stage, NOTIFICATIONS)[0]["value"]["opsGenieNotification"]["message"] == "{ProblemTitle}"
    stage.write({"m.yaml": ZONE + PROFILE + opsgenie(apiKey=keep, domain="api.opsgenie.com")})
    [change] = stage.plan().blocked
    assert "secret that no manifest gives" in change.why
    assert "{env: NAME}" in change.way_out
    stage.write({"m.yaml": ZONE + PROFILE + opsgenie(domain="api.opsgenie.com")})
    applied(stage)


def test_another_key_is_sent_and_the_same_one_is_no_change(tmp_path: Path) -> None:
    stage = stage_in(tmp_path, KEY="key-1")
    stage.write({"m.yaml": ZONE + PROFILE + opsgenie()})
    applied(stage)
    stage.environ["KEY"] = "key-2"
    [change] = stage.plan().writes
    assert [one.path for one in change.fields] == ["opsGenieNotification.apiKey"]
    applied(stage)


def test_headers_with_secrets_are_told_apart_by_name_in_any_order(tmp_path: Path) -> None:
    stage = stage_in(tmp_path, A="a-1", B="b-1")
    headers = [{"name": name, "secret": True, "secretValue": {"env": name}} for name in ("B", "A")]
    hook = {"url": "https://hook.example/1", "headers": [*headers, {"name": "Plain", "value": "x"}]}
    spec = {"type": "WEBHOOK", "alertingProfile": {"existing": "Default"}, "webHookNotification": hook}
    stage.write({"m.yaml": document("ProblemNotification", "hook", spec)})
    applied(stage)
    for _ in range(4):
        settled(stage)
    stage.environ["A"] = "a-2"
    assert len(stage.plan().writes) == 1
    applied(stage)


def test_a_notification_of_another_type_brings_its_own_secret(tmp_path: Path) -> None:
    stage = stage_in(tmp_path, KEY="key-1", HOOK="https://hooks.slack.example/1")
    stage.write({"m.yaml": ZONE + PROFILE + opsgenie()})
    applied(stage)
    slack = {"type": "SLACK", "alertingProfile": "cart", "slackNotification": {"channel": "#cart"}}
    stage.write({"m.yaml": ZONE + PROFILE + document("ProblemNotification", "on-call", slack)})
    [change] = stage.plan().blocked
    assert "secret" in change.why
    slack["slackNotification"] = {"channel": "#cart", "url": {"env": "HOOK"}}
    stage.write({"m.yaml": ZONE + PROFILE + document("ProblemNotification", "on-call", slack)})
    applied(stage)
    assert "opsGenieNotification" not in objects(stage, NOTIFICATIONS)[0]["value"]


# ── whose it is ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_somebody_who_was_quicker_is_not_overwritten(tmp_path: Path) -> None:
    """The token of what was read goes along: a write between the plan and ours is refused by the server."""
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": TAG})
    applied(stage)
    stage.write({"m.yaml": document("AutoTag", "team", {"rules": [RULE], "description": "ours"})})
    seen: list[str] = []
    answer = serve(stage.sandbox)

    def first(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Any:
        if method == "PUT" and not seen:
            seen.append(target)
            stage.edit("dynatrace", "auto-tags/team", {"description": "theirs"})
        return answer(method, target, headers, body)

    stage.serve = first
    [result] = stage.apply().results
    assert seen, "nothing was put"
    assert result.ending != "done"
    assert objects(stage, TAGS)[0]["value"]["description"] == "theirs"


def test_a_renamed_manifest_keeps_its_object_and_a_new_one_under_the_old_name_gets_another(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": document("AutoTag", "old", {"name": "a"})})
    applied(stage)
    [before] = objects(stage, TAGS)
    stage.write({"m.yaml": document("AutoTag", "new", {"name": "a"}, was="old")})
    applied(stage)
    stage.write({"m.yaml": document("AutoTag", "new", {"name": "a"}) + document("AutoTag", "old", {"name": "b"})})
    applied(stage)
    now = {one["value"]["name"]: one["objectId"] for one in objects(stage, TAGS)}
    assert now["a"] == before["objectId"] != now["b"]


def test_what_was_there_is_taken_over_with_one_field_and_keeps_the_rest(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    rules = [{"type": "SELECTOR", "entitySelector": "type(HOST)"}]
    stage.edit("dynatrace", "auto-tags/legacy", {"description": "by hand", "rules": rules})
    stage.write({"m.yaml": document("AutoTag", "legacy", {"description": "by Git"})})
    applied(stage)
    [found] = objects(stage, TAGS)
    assert found["value"]["description"] == "by Git"
    assert len(found["value"]["rules"]) == 1


def test_the_environments_own_profile_keeps_its_name_and_is_never_deleted(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": TAG + document("AlertingProfile", "default", {"name": "Default", "eventFilters": []})})
    applied(stage)
    stage.write({"m.yaml": TAG})
    assert [line for line in told(stage.plan()) if "stays as it is" in line]
    applied(stage)
    assert "Default" in [one["value"]["name"] for one in objects(stage, PROFILES)]


# ── any schema ──────────────────────────────────────────────────────────────────────────────────────────────────────


def rule(name: str, **spec: Any) -> str:
    value = {"ruleName": name, "endpoint": "https://sink.example", "sinks": [{"name": "s", "token": {"env": "KEY"}}]}
    return document("SettingsObject", name, {"schemaId": ORDERED, "value": {**value, **spec.pop("value", {})}, **spec})


def names(stage: Any) -> list[str]:
    return [one["value"]["ruleName"] for one in objects(stage, ORDERED)]


def test_objects_of_an_ordered_schema_stand_one_after_the_other(tmp_path: Path) -> None:
    stage = stage_in(tmp_path, KEY="key-1")
    stage.write({"m.yaml": rule("c", after="b") + rule("a", after="first") + rule("b", after="a")})
    applied(stage)
    assert names(stage) == ["a", "b", "c"]
    stage.write({"m.yaml": rule("c", after="first") + rule("a", after="c") + rule("b", after="a")})
    applied(stage)
    assert names(stage) == ["c", "a", "b"]


def test_the_schema_says_what_is_secret(tmp_path: Path) -> None:
    stage = stage_in(tmp_path, KEY="key-1")
    stage.write({"m.yaml": rule("a")})
    applied(stage)
    stage.environ["KEY"] = "key-2"
    assert len(stage.plan().writes) == 1
    applied(stage)
    stage.write({"m.yaml": rule("a", value={"sinks": [{"name": "s", "token": {"keep": True}}], "ratio": 0.5})})
    applied(stage)
    stage.write({"m.yaml": rule("a", value={"sinks": [{"name": "s", "token": "in clear"}]})})
    [change] = stage.plan().blocked
    assert "never stands in a manifest" in change.why
    assert "in clear" not in str(told(stage.plan()))
    kept = {"endpoint": "https://other.example", "sinks": [{"name": "s", "token": {"keep": True}}]}
    stage.write({"m.yaml": rule("a", value=kept)})
    assert "secret that no manifest gives" in stage.plan().blocked[0].why


@pytest.mark.parametrize("world", [{}, {"single_listed": "written"}], ids=str)
def test_the_one_object_of_a_schema_is_neither_made_nor_deleted(world: Mapping[str, Any], tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    settings(stage, **world)
    one = document("SettingsObject", "retention", {"schemaId": SINGLE, "value": {"days": 20}})
    stage.write({"m.yaml": TAG + one})
    if world:
        assert "which nobody makes" in stage.plan().blocked[0].why
        return
    applied(stage)
    stage.write({"m.yaml": TAG})
    applied(stage)
    assert objects(stage, SINGLE)[0]["value"]["days"] == 20


def test_a_schema_nobody_knows_blocks_its_manifest_alone(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": TAG + document("SettingsObject", "x", {"schemaId": "builtin:x", "value": {"a": 1}})})
    plan = stage.plan()
    assert "knows no schema builtin:x" in plan.blocked[0].why
    assert [str(one.address) for one in plan.writes] == ["dynatrace/AutoTag/team"]


def test_one_object_has_one_manifest_whatever_its_kind(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": TAG})
    applied(stage)
    [live] = objects(stage, TAGS)
    same = document("SettingsObject", "twin", {"schemaId": TAGS, "value": {"description": "x"}}, id=live["objectId"])
    stage.write({"m.yaml": TAG + same})
    with pytest.raises(Exception, match="both mean id") as raised:
        stage.plan()
    assert "remove one" in str(raised.value)
    stage.write({"m.yaml": TAG + document("SettingsObject", "twin", {"schemaId": TAGS, "value": {"name": "team"}})})
    with pytest.raises(Exception, match="is also said by"):
        stage.plan()
    # Another kind may take it over.
    stage.write({"m.yaml": document("SettingsObject", "twin", {"schemaId": TAGS, "value": {"name": "team"}})})
    applied(stage)
    assert objects(stage, TAGS)[0]["objectId"] == live["objectId"]


# ── what a token may do ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("lacking", ["settings.read", "settings.write"])
def test_a_refused_call_names_the_scope(lacking: str, tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    settings(stage, lacking=lacking)
    stage.write({"m.yaml": TAG})
    if lacking == "settings.read":
        found = str(stage.plan().facts.not_read["dynatrace"].way_out)
    else:
        found = " ".join(str(one.way_out) for one in stage.apply().results)
    assert lacking in found


def test_reading_costs_one_list_a_kind(tmp_path: Path) -> None:
    stage = stage_in(tmp_path, KEY="key-1")
    stage.write({"m.yaml": ALL})
    applied(stage)
    since = len(stage.sandbox.log)
    settled(stage)
    assert len(stage.sandbox.log) - since == 6  # five lists, and one entity that is referred to by name


# ── asked before it is done ─────────────────────────────────────────────────────────────────────────────────────────


def rehearsed(stage: Any) -> Rehearsed:
    async def go() -> Rehearsed:
        access = stage.access()
        states = {host: await ledger.read(stage.store, access.prefix(host)) for host in access.project.accounts}
        return await rehearse(access, await make_plan(access, states, Asked()))

    return asyncio.run(go())


def test_the_server_says_what_it_would_refuse_at_the_manifests_line_and_nothing_is_written(tmp_path: Path) -> None:
    stage = stage_in(tmp_path, KEY="key-1")
    stage.write({"m.yaml": TAG})
    applied(stage)
    wrong = {"type": "SELECTOR", "entitySelector": "nonsense("}
    again = document("AutoTag", "team", {"rules": [{"type": "SELECTOR", "entitySelector": "type(HOST)"}, wrong, RULE]})
    single = document("SettingsObject", "x", {"schemaId": ORDERED, "value": {"ruleName": "x" * 51, "endpoint": "e"}})
    stage.write({"m.yaml": again + single + PROFILE + ZONE, "n.yaml": opsgenie()})
    since = len(stage.sandbox.log)
    found = rehearsed(stage)
    told = {str(one.place).partition(":")[0] + " " + one.text.partition(": ")[0] for one in found.unasked}
    assert "m.yaml dynatrace/AlertingProfile/cart" in told  # its zone is not there yet
    assert "n.yaml dynatrace/ProblemNotification/on-call" in told
    assert any("dynatrace/SettingsObject/x" in one.text and one.place for one in found.refused), found
    posts = [one for one in list(stage.sandbox.log)[since:] if one["method"] != "GET"]
    assert len(posts) == found.asked > 0
    assert len(objects(stage, TAGS)) == 1
    assert objects(stage, ZONES) == []


def test_a_name_that_stays_is_no_refusal_though_the_server_counts_the_object_itself(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.write({"m.yaml": TAG})
    applied(stage)
    stage.write({"m.yaml": document("AutoTag", "team", {"description": "other"})})
    assert rehearsed(stage).refused == ()
    settings(stage, own_name="excluded")
    found = rehearsed(stage)
    assert (found.refused, found.unasked, found.asked) == ((), (), 1)
