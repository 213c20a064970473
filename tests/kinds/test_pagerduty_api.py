"""PagerDuty's accounts: regions, keys, `From`, errors in its own words, the rate it allows, fields set to null."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from reconciler.http.exchange import Allowance, Fault, Reply
from reconciler.kinds.spec import OneOf, Spec
from reconciler.vendors.pagerduty import VENDOR, api
from tests.kind_kit import CONTEXT
from tests.kinds.pagerduty_project import document, stage_in

ENV = {"env": "PAGERDUTY_TOKEN"}
LOOKED_UP = {kind.name: kind for kind in VENDOR.kinds if kind.looked_up}


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ({"token": ENV}, "https://api.pagerduty.com"),
        ({"token": ENV, "region": "eu"}, "https://api.eu.pagerduty.com"),
        ({"token": ENV, "region": "eu", "url": "http://127.0.0.1:1/p"}, "http://127.0.0.1:1/p"),
    ],
)
def test_an_account_stands_in_its_region(written: dict[str, Any], url: str) -> None:
    assert VENDOR.base_url(VENDOR.settings.model_validate(written)) == url


@pytest.mark.parametrize(
    "written",
    [{}, {"token": "literal"}, {"token": ENV, "region": "asia"}, {"token": ENV, "from": "ann"}],
)
def test_wrong_settings_are_refused(written: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        VENDOR.settings.model_validate(written)


def test_a_key_is_sent_as_the_vendor_wants_it() -> None:
    signed = VENDOR.sign({"token": "abc"})
    assert signed["Authorization"] == "Token token=abc"
    assert signed["Accept"] == "application/vnd.pagerduty+json;version=2"


def test_in_whose_name_is_a_fact_of_the_account() -> None:
    named = VENDOR.settings.model_validate({"token": ENV, "from": "ops@example.com"})
    assert VENDOR.known_facts(named) == {"from": "ops@example.com"}
    assert VENDOR.known_facts(VENDOR.settings.model_validate({"token": ENV})) == {}


@pytest.mark.parametrize(
    ("reply", "fault"),
    [
        (Reply(200, {"error": {"message": "no"}}), None),
        (
            Reply(
                400,
                {"error": {"message": "Invalid Input Provided", "code": 2001, "errors": ["Name has been taken", "x"]}},
            ),
            Fault(400, "2001", "Invalid Input Provided (Name has been taken; x)"),
        ),
        (
            Reply(400, {"error": {"message": "Invalid", "code": 2001, "errors": {"name": ["is taken"]}}}),
            Fault(400, "2001", "Invalid (name: is taken)"),
        ),
        (Reply(404, {"error": {"message": "Not Found", "code": 2100}}), Fault(404, "2100", "Not Found")),
        (Reply(403, "<html>"), Fault(403, None, "Forbidden")),
        (Reply(404, None), Fault(404, None, "Not Found")),
        (Reply(429, None), Fault(429, None, "Too Many Requests")),
        (Reply(400, {"error": "a text"}), Fault(400, None, "Bad Request")),
        (Reply(500, {"error": {"message": 7, "code": [1]}}), Fault(500, None, "Internal Server Error")),
    ],
)
def test_an_error_is_read_in_the_vendors_own_words(reply: Reply, fault: Fault | None) -> None:
    assert VENDOR.explain(reply) == fault


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(401, {"error": {"message": "Authentication failed", "code": 2006}}), "a key of the other region"),
        (Reply(402, {"error": {"message": "Ability missing", "code": 2014}}), "plan does not hold this"),
        (Reply(400, {"error": {"message": "Requester User Not Found", "code": 1008}}), "set `from` in the account"),
    ],
)
def test_an_error_that_has_a_way_out_says_it(reply: Reply, words: str) -> None:
    assert words in str(VENDOR.explain(reply))


BODIES = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["error", "message", "code", "errors", "x"]), inner, max_size=4)
    ),
    max_leaves=10,
)


@settings(max_examples=80)
@given(status=st.integers(200, 599), body=BODIES)
def test_whatever_is_answered_can_be_explained(status: int, body: Any) -> None:
    assert (VENDOR.explain(Reply(status, body)) is not None) == (status >= 400)


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({"ratelimit-limit": "960", "ratelimit-remaining": "12", "ratelimit-reset": "3"}, Allowance(12, 3.0)),
        ({"ratelimit-remaining": "12"}, None),
        ({"ratelimit-remaining": "many", "ratelimit-reset": "3"}, None),
        ({}, None),
    ],
)
def test_the_rate_is_read_off_the_headers(headers: dict[str, str], allowed: Allowance | None) -> None:
    assert VENDOR.allowance(headers) == allowed


def test_a_key_of_the_other_region_says_so_in_the_plan(tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    stage.environ["PAGERDUTY_TOKEN"] = "key-eu"
    stage.write({"m.yaml": document("Team", "payments", {})})
    [blocked] = stage.plan().blocked
    assert "401 (2006)" in blocked.why
    assert "a key of the other region" in blocked.why
    assert "region us, not eu" in blocked.way_out


# ── look-ups ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_user_is_known_by_mail_and_shows_no_address() -> None:
    methods = [{"type": "phone_contact_method", "address": "5551234"}]
    raw = {"id": "P1", "email": "Ann@Example.com", "name": "Ann", "contact_methods": methods, "http_cal_url": "secret"}
    user = LOOKED_UP["User"]
    tree = user.from_api(raw, CONTEXT)
    assert tree == {"email": "Ann@Example.com", "name": "Ann", "contact_methods": ["phone_contact_method"]}
    [key] = user.key(tree) or ()
    assert user.fold(str(key)) == user.fold("ann@example.COM")


@pytest.mark.parametrize("name", ["Vendor", "Priority"])
def test_a_name_tells_vendors_and_priorities(name: str) -> None:
    kind = LOOKED_UP[name]
    assert kind.key(kind.from_api({"id": "P1", "name": "Datadog", "color": "red"}, CONTEXT)) == ("Datadog",)


# ── null ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def forms() -> list[type[Spec]]:
    found: list[type[Spec]] = []
    line: list[Any] = [kind.spec for kind in VENDOR.kinds]
    while line:
        one = line.pop()
        if isinstance(one, OneOf):
            line += [*one.members, *([one.other] if one.other else [])]
        elif isinstance(one, type) and issubclass(one, Spec) and one not in found:
            found.append(one)
            line += [part for info in one.model_fields.values() for part in parts(info.annotation)]
    return found


def parts(annotation: Any) -> list[Any]:
    inner = getattr(annotation, "__args__", ())
    return [annotation, *(part for one in inner for part in parts(one))]


@pytest.mark.parametrize("form", forms(), ids=lambda form: form.__name__)
def test_null_is_a_value_or_a_mistake_and_never_a_crash(form: type[Spec]) -> None:
    for info in form.model_fields.values():
        kind: Any = Annotated[(info.annotation, *info.metadata)] if info.metadata else info.annotation
        one = type("One", (Spec,), {"__annotations__": {"field": kind}, "__module__": __name__})
        with suppress(ValidationError):
            one.model_validate({"field": None})


def test_pages_say_themselves_whether_there_are_more() -> None:
    assert (api.PAGES.limit, api.PAGES.more, api.PAGES.most) == (100, ("more",), 10_000)
