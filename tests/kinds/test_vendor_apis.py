"""How each vendor's account is signed in, where its API stands, and how its errors are read."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from reconciler.http.exchange import Fault, Reply
from reconciler.kinds.vendor import Vendor
from reconciler.vendors.registry import NAMES, VENDORS

WALLARM, OPSGENIE = VENDORS["wallarm"], VENDORS["opsgenie"]
ENV = {"env": "TOKEN"}

every_vendor = pytest.mark.parametrize("vendor", VENDORS.values(), ids=NAMES)


def test_the_table_holds_each_vendor_under_its_name() -> None:
    assert [vendor.name for vendor in VENDORS.values()] == list(NAMES) == list(VENDORS)
    assert "nobody" not in VENDORS
    assert len(VENDORS) == len(NAMES)


@every_vendor
def test_kinds_belong_to_their_vendor_and_have_names_of_their_own(vendor: Vendor) -> None:
    assert {(kind.vendor, kind.version) for kind in vendor.kinds} == {(vendor.name, vendor.version)}
    assert len({kind.name for kind in vendor.kinds}) == len(vendor.kinds)


@every_vendor
def test_what_the_environment_gives_are_settings(vendor: Vendor) -> None:
    assert set(vendor.environment) <= set(vendor.settings.model_fields)


@pytest.mark.parametrize(
    ("vendor", "settings", "url"),
    [
        (WALLARM, {"token": ENV}, "https://api.wallarm.com"),
        (WALLARM, {"token": ENV, "cloud": "us"}, "https://us1.api.wallarm.com"),
        (WALLARM, {"token": ENV, "cloud": "me"}, "https://me1.api.wallarm.com"),
        (WALLARM, {"token": ENV, "cloud": "me", "url": "http://127.0.0.1:1/w"}, "http://127.0.0.1:1/w"),
        (OPSGENIE, {"api_key": ENV}, "https://api.opsgenie.com"),
        (OPSGENIE, {"api_key": ENV, "region": "eu"}, "https://api.eu.opsgenie.com"),
        (OPSGENIE, {"api_key": ENV, "url": "http://127.0.0.1:1/o"}, "http://127.0.0.1:1/o"),
    ],
)
def test_an_account_stands_in_its_region(vendor: Vendor, settings: dict[str, Any], url: str) -> None:
    assert vendor.base_url(vendor.settings.model_validate(settings)) == url


@pytest.mark.parametrize(
    ("vendor", "settings"),
    [
        (WALLARM, {}),
        (WALLARM, {"token": "literal"}),
        (WALLARM, {"token": ENV, "cloud": "asia"}),
        (WALLARM, {"token": ENV, "client_id": 0}),
        (OPSGENIE, {}),
        (OPSGENIE, {"api_key": ENV, "region": "me"}),
        (OPSGENIE, {"api_key": ENV, "regoin": "eu"}),
    ],
)
def test_wrong_settings_are_refused(vendor: Vendor, settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        vendor.settings.model_validate(settings)


def test_each_vendor_signs_in_its_own_way() -> None:
    assert WALLARM.sign({"token": "t"}) == {"X-WallarmAPI-Token": "t"}
    assert OPSGENIE.sign({"api_key": "k"}) == {"Authorization": "GenieKey k"}


def test_a_tenant_in_the_settings_is_a_fact() -> None:
    settings = WALLARM.settings.model_validate({"token": ENV, "client_id": "4711"})
    assert WALLARM.known_facts(settings) == {"client_id": "4711"}
    assert WALLARM.known_facts(WALLARM.settings.model_validate({"token": ENV})) == {}
    assert WALLARM.whoami is not None
    assert WALLARM.whoami.tenant in WALLARM.whoami.facts


def test_the_end_of_opsgenie_is_said() -> None:
    assert "2027-04-05" in (OPSGENIE.notice or "")
    assert WALLARM.notice is None


@pytest.mark.parametrize(
    ("vendor", "reply", "fault"),
    [
        (WALLARM, Reply(200, {"body": {"result": "success", "object": {"status": 500}}}), None),
        (WALLARM, Reply(200, {"status": 200, "body": []}), None),
        (WALLARM, Reply(200, {"status": True}), None),
        (WALLARM, Reply(204), None),
        (WALLARM, Reply(400, {"status": 400, "body": "Already exists"}), Fault(400, None, "Already exists")),
        (WALLARM, Reply(429, {"status": 429, "body": "Rate limiting"}), Fault(429, None, "Rate limiting")),
        (WALLARM, Reply(200, {"status": 422, "body": "No such field"}), Fault(422, None, "No such field")),
        (WALLARM, Reply(200, {"status": 503}), Fault(503, None, "Service Unavailable")),
        (WALLARM, Reply(400, {"name": {"error": "can't be blank"}}), Fault(400, None, "name: can't be blank")),
        (
            WALLARM,
            Reply(400, {"trigger": {"threshold": {"error": "should be in 0..1000"}}, "name": {"error": "x"}}),
            Fault(400, None, "trigger: threshold: should be in 0..1000; name: x"),
        ),
        (WALLARM, Reply(502, "<html>"), Fault(502, None, "<html>")),
        (WALLARM, Reply(599), Fault(599, None, "no reason given")),
        (OPSGENIE, Reply(202, {"result": "Request will be processed"}), None),
        (
            OPSGENIE,
            Reply(403, {"message": "No permission", "code": 40301, "took": 0.1}),
            Fault(403, "40301", "No permission"),
        ),
        (
            OPSGENIE,
            Reply(422, {"message": "Request body is not processable.", "errors": {"name": "is required"}}),
            Fault(422, None, "Request body is not processable. (name: is required)"),
        ),
        (OPSGENIE, Reply(401, None), Fault(401, None, "Unauthorized")),
        (OPSGENIE, Reply(503, "<html>"), Fault(503, None, "Service Unavailable")),
        (OPSGENIE, Reply(409, {"message": 7, "errors": []}), Fault(409, None, "Conflict")),
    ],
)
def test_an_error_is_read_in_the_vendors_own_words(vendor: Vendor, reply: Reply, fault: Fault | None) -> None:
    assert vendor.explain(reply) == fault


BODIES = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["status", "body", "error", "message", "code", "errors", "x"]), inner)
    ),
    max_leaves=10,
)


@settings(max_examples=80)
@given(status=st.integers(200, 599), body=BODIES)
def test_whatever_is_answered_can_be_explained(status: int, body: Any) -> None:
    for vendor in VENDORS.values():
        fault = vendor.explain(Reply(status, body))
        assert (fault is not None) or status < 400
