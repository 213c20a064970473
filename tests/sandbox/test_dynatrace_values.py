"""What the schemas of the made-up Dynatrace take and refuse, and how a value comes back (sheet 5.2, 7)."""

from typing import Any

import pytest

from reconciler.sandbox.dynatrace.attribute import KEYS, OPERATORS, TAGS, TEXTS
from reconciler.sandbox.world import Sandbox
from tests.sandbox.dynatrace_caller import (
    ATTRIBUTE_RULE,
    BY_SELECTOR,
    GENERAL,
    HOURS,
    METRIC,
    ONCE,
    PROFILE,
    RULE,
    SEVERITY,
    TAG,
    WINDOW,
    YEAR,
    ZONE,
    Environment,
    metric,
    tag,
    violations,
    window,
)

PLAIN = {"type": "SELECTOR", "enabled": True, "entitySelector": "type(HOST)"}


@pytest.fixture
def env() -> Environment:
    return Environment.of(Sandbox())


def condition(**changed: Any) -> Any:
    base = {"key": "HOST_NAME", "operator": "EQUALS", "stringValue": "a", "caseSensitive": True}
    return {key: part for key, part in {**base, **changed}.items() if part is not None}


def attribute(**changed: Any) -> Any:
    return {**RULE, "attributeRule": {**ATTRIBUTE_RULE, **changed}}


def rule(*conditions: Any) -> Any:
    return tag("t", attribute(conditions=list(conditions)))


def without(value: Any, key: str) -> Any:
    return {name: part for name, part in value.items() if name != key}


def severity(**changed: Any) -> Any:
    return {"name": "p", "severityRules": [{**SEVERITY, **changed}], "eventFilters": []}


def events(**event_filter: Any) -> Any:
    return {"name": "p", "severityRules": [], "eventFilters": [event_filter]}


def weekly(**changed: Any) -> Any:
    repeat = {"dayOfWeek": "SUNDAY", "timeWindow": HOURS, "recurrenceRange": YEAR, **changed}
    return window(schedule={"scheduleType": "WEEKLY", "weeklyRecurrence": repeat})


def text_filter(**changed: Any) -> Any:
    base = {"enabled": True, "value": "x", "negate": False, "caseSensitive": False, "operator": "CONTAINS"}
    return {**base, **changed}


def metadata(*keys: str) -> Any:
    items = [{"metadataKey": key, "metadataValue": f"v{at}", "negate": False} for at, key in enumerate(keys)]
    return events(type="CUSTOM", customFilter={"metadataFilter": {"metadataFilterItems": items}})


TAKEN: list[tuple[str, Any]] = [
    (TAG, tag("t", RULE, BY_SELECTOR)),
    (TAG, {**tag("t"), "description": None}),
    (TAG, rule(condition(operator="EXISTS", stringValue=None, caseSensitive=None))),
    (TAG, rule(condition(key="HOST_OS_TYPE", stringValue=None, caseSensitive=None, enumValue="LINUX"))),
    (TAG, rule(condition(key="HOST_CPU_CORES", stringValue=None, caseSensitive=None, integerValue=4))),
    (TAG, rule(condition(key="HOST_TAGS", stringValue=None, caseSensitive=None, tag="[AWS]a:b"))),
    (TAG, rule(condition(key="HOST_IP_ADDRESS", operator="IS_IP_IN_RANGE", caseSensitive=None))),
    (TAG, rule(condition(key="HOST_CUSTOM_METADATA", dynamicKey="k", dynamicKeySource="s"))),
    (ZONE, {"name": "z", "rules": [PLAIN]}),
    (PROFILE, {"name": "p", "eventFilters": []}),
    (PROFILE, severity(tagFilterIncludeMode="INCLUDE_ALL", tagFilter=["owner:cart"])),
    (PROFILE, events(type="PREDEFINED", predefinedFilter={"eventType": "OSI_HIGH_CPU", "negate": False})),
    (PROFILE, events(type="CUSTOM", customFilter={"titleFilter": text_filter()})),
    (PROFILE, metadata("a", "b")),
    (WINDOW, window()),
    (WINDOW, weekly()),
    (WINDOW, window(filters=[{"entityType": "HOST", "entityTags": ["owner:cart"], "managementZones": []}])),
    (METRIC, metric()),
]


@pytest.mark.parametrize(("schema", "value"), TAKEN)
def test_a_value_that_fits_its_schema_is_taken(env: Environment, schema: str, value: Any) -> None:
    assert env.post(schema, value)[0] == 200


REFUSED: list[tuple[str, Any, str, str]] = [
    (TAG, tag(""), "name", "at least"),
    (TAG, tag("  "), "name", "blank"),
    (TAG, tag(" t"), "name", "trimmed"),
    (TAG, {"name": "t"}, "rules", "Must not be null"),
    (TAG, {**tag("t"), "description": "d" * 1001}, "description", "at most 1000"),
    (TAG, {**tag("t"), "rules": {}}, "rules", "Must be of type set"),
    (TAG, tag("t", {**RULE, "type": "OTHER"}), "rules/0/type", "not one of"),
    (TAG, tag("t", without(RULE, "enabled")), "rules/0/enabled", "Must not be null"),
    (TAG, tag("t", {**BY_SELECTOR, "valueNormalization": "TO_LOWER_CASE"}), "rules/0/valueNormalization", "not one"),
    (TAG, tag("t", attribute(entityType="ROUTER")), "rules/0/attributeRule/entityType", "not one"),
    (TAG, tag("t", attribute(entityType="SERVICE")), "rules/0/attributeRule/serviceToPGPropagation", "not be null"),
    (TAG, rule(), "rules/0/attributeRule/conditions", "1 to 30"),
    (TAG, rule(condition(key="COLOUR")), "rules/0/attributeRule/conditions/0/key", "not one"),
    (TAG, rule(condition(operator="LIKE")), "rules/0/attributeRule/conditions/0/operator", "not one"),
    (TAG, rule(condition(stringValue=None)), "rules/0/attributeRule/conditions/0/stringValue", "not be null"),
    (TAG, rule(condition(stringValue="s" * 151)), "rules/0/attributeRule/conditions/0/stringValue", "at most 150"),
    (TAG, rule(condition(caseSensitive="yes")), "rules/0/attributeRule/conditions/0/caseSensitive", "type boolean"),
    (ZONE, {"name": "z" * 101, "rules": []}, "name", "at most 100"),
    (ZONE, {"name": "z", "rules": [without(PLAIN, "entitySelector")]}, "rules/0/entitySelector", "not be null"),
    (PROFILE, {"name": "p", "severityRules": []}, "eventFilters", "not be null"),
    (PROFILE, severity(severityLevel="ERROR"), "severityRules/0/severityLevel", "not one"),
    (PROFILE, severity(delayInMinutes=10001), "severityRules/0/delayInMinutes", "between 0 and 10000"),
    (PROFILE, severity(delayInMinutes="5"), "severityRules/0/delayInMinutes", "Must be of type integer"),
    (PROFILE, severity(delayInMinutes=True), "severityRules/0/delayInMinutes", "Must be of type integer"),
    (PROFILE, severity(tagFilterIncludeMode="INCLUDE_ANY"), "severityRules/0/tagFilter", "not be null"),
    (PROFILE, events(type="CUSTOM", customFilter={}), "eventFilters/0/customFilter", "At least 1"),
    (PROFILE, metadata("a", "a"), "eventFilters/0/customFilter/metadataFilter", "distinct"),
    (
        PROFILE,
        metadata("{a}"),
        "eventFilters/0/customFilter/metadataFilter/metadataFilterItems/0/metadataKey",
        "pattern",
    ),
    (PROFILE, {"name": "p", "eventFilters": [], "managementZone": "x"}, "managementZone", "Unknown management zone."),
    (
        WINDOW,
        window(generalProperties=without(GENERAL, "disableSyntheticMonitorExecution")),
        "generalProperties/disableSyntheticMonitorExecution",
        "Must not be null",
    ),
    (
        WINDOW,
        window(schedule={"scheduleType": "ONCE", "onceRecurrence": {**ONCE, "endTime": "2026-01-05T22:00:00"}}),
        "schedule/onceRecurrence/startTime",
        "before",
    ),
    (
        WINDOW,
        window(schedule={"scheduleType": "ONCE", "onceRecurrence": {**ONCE, "startTime": "2026-01-05 22:00"}}),
        "schedule/onceRecurrence/startTime",
        "Must be of type local_date_time",
    ),
    (
        WINDOW,
        window(schedule={"scheduleType": "ONCE", "onceRecurrence": {**ONCE, "timeZone": "Mars/Base"}}),
        "schedule/onceRecurrence/timeZone",
        "Must be of type time_zone",
    ),
    (WINDOW, window(schedule={"scheduleType": "DAILY"}), "schedule/dailyRecurrence", "Must not be null"),
    (WINDOW, weekly(dayOfWeek="SUN"), "schedule/weeklyRecurrence/dayOfWeek", "not one"),
    (
        WINDOW,
        weekly(recurrenceRange={"scheduleStartDate": "2026-02-01", "scheduleEndDate": "2026-01-31"}),
        "schedule/weeklyRecurrence/recurrenceRange/scheduleStartDate",
        "before",
    ),
    (
        WINDOW,
        weekly(timeWindow={**HOURS, "endTime": "25:00:00"}),
        "schedule/weeklyRecurrence/timeWindow/endTime",
        "local_time",
    ),
    (WINDOW, window(filters=[{"entityTags": [], "managementZones": []}]), "filters/0", "At least 1"),
    (
        WINDOW,
        window(filters=[{"entityId": "host-1", "entityTags": [], "managementZones": []}]),
        "filters/0/entityId",
        "pattern",
    ),
    (METRIC, metric(summary="C"), "summary", "at least 2"),
    (METRIC, metric(colour=1), "colour", "Unknown property"),
]


@pytest.mark.parametrize(("schema", "value", "path", "said"), REFUSED)
def test_a_value_that_does_not_fit_is_told_where(
    env: Environment, schema: str, value: Any, path: str, said: str
) -> None:
    status, items = env.post(schema, value)
    assert status == 400
    told = dict(violations(items[0]))
    assert said in told[f"{schema}/0/{path}"]


def test_the_attribute_keys_are_as_many_as_the_vendor_counts() -> None:
    assert (len(set(KEYS)), len(TEXTS), len(TAGS), len(OPERATORS)) == (198, 138, 22, 24)


def test_absent_severity_rules_become_the_six_defaults(env: Environment) -> None:
    read = env.read(env.create(PROFILE, {"name": "p", "eventFilters": []}))["value"]["severityRules"]
    delays = {part["severityLevel"]: part["delayInMinutes"] for part in read}
    assert len(delays) == 6
    assert {level for level, delay in delays.items() if delay} == {"PERFORMANCE", "RESOURCE_CONTENTION"}
    assert {part["tagFilterIncludeMode"] for part in read} == {"NONE"}


def test_what_its_precondition_rules_out_and_nulls_are_not_read_back(env: Environment) -> None:
    value = {**tag("t", {**BY_SELECTOR, "attributeRule": RULE["attributeRule"], "valueFormat": None})}
    assert env.read(env.create(TAG, {**value, "description": None}))["value"] == tag("t", BY_SELECTOR)
    env.set(false_preconditions="refused")
    assert env.post(TAG, {**value, "name": "u"})[0] == 400


def test_missing_defaults_may_be_filled(env: Environment) -> None:
    env.set(defaults="filled")
    bare = tag("t", {"entitySelector": "type(HOST)", "type": "SELECTOR"})
    read = env.read(env.create(TAG, bare))["value"]["rules"][0]
    assert (read["enabled"], read["valueNormalization"]) == (True, "Leave text as-is")


def test_floats_come_back_as_floats_and_twins_of_a_set_once(env: Environment) -> None:
    read = env.read(env.create(METRIC, metric()))["value"]["modelProperties"]["threshold"]
    assert (read, type(read)) == (100.0, float)
    assert len(env.read(env.create(TAG, tag("t", BY_SELECTOR, BY_SELECTOR)))["value"]["rules"]) == 1


def test_the_order_of_a_set_means_nothing_and_changes(env: Environment) -> None:
    rules = [{"enabled": True, "type": "SELECTOR", "entitySelector": f"type(HOST),entityName({at})"} for at in range(6)]
    ident = env.create(ZONE, {"name": "z", "rules": rules})
    seen = []
    for _ in range(3):
        read = env.read(ident)["value"]["rules"]
        assert read == env.read(ident)["value"]["rules"]
        assert sorted(map(str, read)) == sorted(map(str, rules))
        seen.append(str(read))
        env.put(ident, {"name": "z", "rules": rules})
    assert len({*seen, str(rules)}) > 2


def test_a_field_that_never_changes_is_refused_when_it_does(env: Environment) -> None:
    ident = env.create(METRIC, metric())
    assert env.put(ident, metric(legacyId="x"))[0] == 400
    assert env.put(ident, metric(summary="CPU!"))[0] == 200
