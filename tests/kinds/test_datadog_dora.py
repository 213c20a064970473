"""DORA's incidents and deployments: what manifests say, what is sent of it and read back, what is a mistake."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.errors import UsageError
from reconciler.kinds.spec import json_schema
from reconciler.manifest.explain import explain
from reconciler.sandbox.datadog import vocabulary as sandbox
from reconciler.vendors.datadog import VENDOR, unix_time
from reconciler.vendors.datadog.api import APPLICATION_KEY
from reconciler.vendors.registry import VENDORS
from tests.kind_kit import Mistake, assert_mistaken, bound, mistakes, on_the_wire, tree_of
from tests.kinds.datadog_dora import BEGAN, DEPLOYMENT, END, ENDED, FAILED, GIT, ID, INCIDENT, KINDS, SIGNED, START

# ── what is said and sent ───────────────────────────────────────────────────────────────────────────────────────────

SAID: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "an incident by services": (
        INCIDENT,
        {"services": ["checkout"], "started_at": BEGAN},
        {"services": ["checkout"], "started_at": START},
    ),
    "an incident by team, over": (
        INCIDENT,
        {"team": "payments", "started_at": BEGAN, "finished_at": ENDED},
        {"team": "payments", "started_at": START, "finished_at": END},
    ),
    "all of an incident": (
        INCIDENT,
        {
            "id": ID,
            "services": ["checkout", "cart"],
            "team": "payments",
            "env": "prod",
            "started_at": 1_788_220_800,
            "finished_at": 1_788_224_400_000,
            "name": "5xx burst",
            "severity": "SEV-2",
            "git": GIT,
            "version": "4.2",
            "custom_tags": ["tier:1", "region:eu"],
        },
        {
            "id": ID,
            "services": ["checkout", "cart"],
            "team": "payments",
            "env": "prod",
            "started_at": START,
            "finished_at": END,
            "name": "5xx burst",
            "severity": "SEV-2",
            "git": GIT,
            "version": "4.2",
            "custom_tags": ["tier:1", "region:eu"],
        },
    ),
    "all of a deployment": (
        DEPLOYMENT,
        {
            "id": ID,
            "service": "checkout",
            "team": "payments",
            "env": "prod",
            "started_at": START,
            "finished_at": "2026-09-01T10:00:00+09:00",
            "git": GIT,
            "version": "4.2",
            "custom_tags": ["a:b"],
            "change_failure": True,
            "remediation": {"type": "rollback", "id": {"id": "another-deployment"}},
        },
        {
            "id": ID,
            "service": "checkout",
            "team": "payments",
            "env": "prod",
            "started_at": START,
            "finished_at": END,
            "git": GIT,
            "version": "4.2",
            "custom_tags": ["a:b"],
            "change_failure": True,
            "remediation": {"type": "rollback", "id": "another-deployment"},
        },
    ),
}


@pytest.mark.parametrize(("kind", "spec", "body"), SAID.values(), ids=SAID)
def test_what_is_declared_is_sent_with_instants_in_nanoseconds(kind: str, spec: Any, body: Any) -> None:
    assert on_the_wire(KINDS[kind].to_api(bound(tree_of(kind, spec)), SIGNED), {}) == body


@pytest.mark.parametrize(("kind", "spec", "body"), SAID.values(), ids=SAID)
@pytest.mark.parametrize("times", ["iso", "number"])
def test_what_was_sent_is_read_back_as_it_was_said(kind: str, spec: Any, body: Any, times: str) -> None:
    shown = {name: value for name, value in body.items() if name != "id"} | {"finished_at": body.get("finished_at")}
    if times == "iso":
        shown |= {
            "started_at": "2026-09-01T00:00:00+00:00",
            "finished_at": shown["finished_at"] and f"{ENDED[:-1]}.000Z",
        }
    raw = {"id": body.get("id", "made-by-datadog"), "type": "dora_failure", "attributes": shown}
    assert bound(KINDS[kind].from_api(raw, SIGNED)) == {"id": "made-by-datadog", **bound(tree_of(kind, spec))}


INSTANTS: dict[str, tuple[Any, int | None]] = {
    "seconds": (1_788_220_800, START),
    "milliseconds": (1_788_220_800_000, START),
    "nanoseconds": (START, START),
    "nanoseconds to the last": (START + 123_456_789, START + 123_456_789),
    "a whole float, as some JSON has it": (1.7882208e9, START),
    "UTC": (BEGAN, START),
    "an offset": ("2026-09-01T09:00:00+09:00", START),
    "a fraction": ("2026-09-01T00:00:00.5Z", START + 500_000_000),
    "nine digits": ("2026-09-01T00:00:00.123456789Z", START + 123_456_789),
    "small letters": ("2026-09-01t00:00:00z", START),
    "the first millisecond that is none of seconds": (100_000_000_000, 100_000_000_000 * 10**6),
    "microseconds": (1_788_220_800_000_000, None),
    "beyond 2100": (4_102_444_800, None),
    "before 1970": ("1969-12-31T23:59:59Z", None),
    "zero": (0, None),
    "negative": (-5, None),
    "no offset": ("2026-09-01T00:00:00", None),
    "a day": ("2026-09-01", None),
    "no such day": ("2026-02-30T00:00:00Z", None),
    "digits in a text": ("1788220800", None),
    "a word": ("now", None),
    "true": (True, None),
}


@pytest.mark.parametrize(("written", "instant"), INSTANTS.values(), ids=INSTANTS)
def test_an_instant_is_told_by_its_form_and_size(written: Any, instant: int | None) -> None:
    assert unix_time.nanoseconds(written) == instant
    if instant is None:
        return
    assert unix_time.nanoseconds(unix_time.spelled(instant)) == instant
    if not isinstance(written, float):
        assert tree_of(INCIDENT, {"started_at": written}) == {"started_at": unix_time.spelled(instant)}


@pytest.mark.parametrize(
    ("wanted", "live", "same"),
    [
        (BEGAN, "2026-09-01T02:00:00+02:00", True),
        ("2026-09-01T00:00:00.123456789Z", "2026-09-01T00:00:00.123456Z", True),
        ("2026-09-01T00:00:00.123456789Z", BEGAN, True),
        ("2026-09-01T00:00:00.124Z", "2026-09-01T00:00:00.123456Z", False),
        (BEGAN, "2026-09-01T00:00:01Z", False),
        (BEGAN, None, False),
        ("x", "x", False),
    ],
)
def test_two_instants_are_one_as_far_as_the_less_exact_tells(wanted: Any, live: Any, same: bool) -> None:
    assert unix_time.same(wanted, live) is same


@mistakes(
    *(
        Mistake(kind, {name: wrong}, (name,), words)
        for kind in KINDS
        for name, wrong, words in (
            ("started_at", "yesterday", "no instant with an offset"),
            ("finished_at", 1_788_220_800_000_000, "seconds, milliseconds or nanoseconds"),
            ("id", "x" * 15, "match pattern"),
            ("id", "x" * 129, "match pattern"),
            ("id", "an id with spaces", "match pattern"),
            ("id", "inc-2026-09-01-000é", "match pattern"),
            ("custom_tags", ["a:b", "a:b"], "stood there before"),
            ("custom_tags", [f"a:{number}" for number in range(101)], "at most 100"),
            ("env", "", "at least 1"),
            ("nothing", "x", "Extra inputs"),
        )
    ),
    *(
        Mistake(kind, {"git": {given: "x"}}, ("git", lacking), "required")
        for kind in KINDS
        for given, lacking in (("commit_sha", "repository_url"), ("repository_url", "commit_sha"))
    ),
    Mistake(INCIDENT, {"custom_tags": ["key"]}, ("custom_tags", 0), "match pattern"),
    Mistake(INCIDENT, {"services": ["a", "a"]}, ("services",), "stood there before"),
    Mistake(INCIDENT, {"services": "a"}, ("services",), "valid list"),
    Mistake(INCIDENT, FAILED, ("change_failure",), "Extra inputs"),
    Mistake(DEPLOYMENT, {"services": ["a"]}, ("services",), "Extra inputs"),
    Mistake(DEPLOYMENT, {"severity": "SEV-2"}, ("severity",), "Extra inputs"),
    Mistake(DEPLOYMENT, {"change_failure": "yes"}, ("change_failure",), "valid boolean"),
    Mistake(
        DEPLOYMENT, {"remediation": {"type": "rollback", "version": "1"}}, ("remediation",), "change_failure: true"
    ),
    Mistake(
        DEPLOYMENT, {**FAILED, "remediation": {"type": "undo", "version": "1"}}, ("remediation", "type"), "'rollback'"
    ),
    Mistake(DEPLOYMENT, {**FAILED, "remediation": {"type": "rollback"}}, ("remediation",), "one of both"),
    Mistake(
        DEPLOYMENT,
        {**FAILED, "remediation": {"type": "rollback", "id": "a", "version": "1"}},
        ("remediation",),
        "one of both",
    ),
)
def test_a_mistake_is_told_where_it_is(mistake: Mistake) -> None:
    assert_mistaken(mistake)


@pytest.mark.parametrize("kind", KINDS)
def test_words_and_limits_are_those_of_the_sandbox(kind: str) -> None:
    schema = json_schema(KINDS[kind].spec)
    assert schema["properties"]["id"]["anyOf"][0]["pattern"] == f"^{sandbox.DORA_ID}$"
    assert schema["properties"]["custom_tags"]["anyOf"][0]["maxItems"] == sandbox.DORA_TAGS_MOST
    if kind == DEPLOYMENT:
        assert tuple(schema["$defs"]["Remediation"]["properties"]["type"]["enum"]) == sandbox.REMEDIATIONS


@pytest.mark.parametrize(
    ("kind", "spec", "lacking"),
    [
        (INCIDENT, {}, ("started_at", "services or team")),
        (INCIDENT, {"services": [], "started_at": BEGAN}, ("services or team",)),
        (INCIDENT, {"team": "payments", "started_at": BEGAN}, ()),
        (DEPLOYMENT, {"service": "checkout"}, ("started_at", "finished_at")),
        (DEPLOYMENT, {"started_at": BEGAN, "finished_at": ENDED}, ("service",)),
    ],
)
def test_what_datadog_needs_is_known(kind: str, spec: Any, lacking: tuple[str, ...]) -> None:
    assert KINDS[kind].missing(tree_of(kind, spec)) == lacking


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("began", "ended", "told"), [(BEGAN, ENDED, 0), (ENDED, BEGAN, 1), (BEGAN, BEGAN, 0)])
def test_an_end_before_the_start_is_told(kind: str, began: str, ended: str, told: int) -> None:
    assert len(KINDS[kind].remarks({"started_at": began, "finished_at": ended})) == told


@pytest.mark.parametrize(
    ("kind", "spec", "key"),
    [
        (INCIDENT, {"id": ID, "team": "x", "started_at": BEGAN}, (ID,)),
        (INCIDENT, {"services": ["b", "a"], "team": "x", "started_at": BEGAN}, ("", "a, b", BEGAN)),
        (INCIDENT, {"team": "x", "env": "prod", "started_at": START}, ("prod", "x", BEGAN)),
        (INCIDENT, {"started_at": BEGAN}, None),
        (DEPLOYMENT, {"service": "a", "env": "prod", "started_at": BEGAN}, ("prod", "a", BEGAN)),
        (DEPLOYMENT, {"service": "a"}, None),
    ],
)
def test_it_is_told_apart_by_id_or_by_what_datadog_joins(kind: str, spec: Any, key: Any) -> None:
    assert KINDS[kind].key(tree_of(kind, spec)) == key


@pytest.mark.parametrize("kind", ["DoraIncident", "DoraDeployment"])
def test_explain_says_from_which_of_the_two_the_rates_are_computed(kind: str) -> None:
    words = " ".join(explain(VENDORS, f"datadog/{kind}").doc.split())
    assert "computes change failure rate and time to restore" in words
    assert "change_failure" in words
    with pytest.raises(UsageError):
        explain(VENDORS, f"datadog/{kind}.impact")


# ── the account ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("given", [True, False])
def test_whether_there_is_an_application_key_is_a_fact_and_the_key_is_not(given: bool) -> None:
    keys = {"api_key": {"env": "A"}, **({"app_key": {"env": "B"}} if given else {})}
    facts = VENDOR.known_facts(VENDOR.settings.model_validate(keys))
    assert facts == {"site": "datadoghq.com", **({APPLICATION_KEY: "given"} if given else {})}


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("POST", "/api/v2/dora/failures", "dora_metrics_read"),
        ("GET", "/api/v2/dora/deployments/x", "dora_metrics_read"),
        ("PATCH", "/api/v2/dora/deployments/x", "dora_metrics_write"),
        ("GET", "/api/v1/monitor", None),
    ],
)
def test_the_scope_that_a_call_needs_is_known(method: str, path: str, scope: str | None) -> None:
    assert VENDOR.scope(method, path) == scope
