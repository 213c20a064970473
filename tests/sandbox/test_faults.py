"""Faults: which request they strike, and whether the vendor did its work."""

import json
from typing import Any

import pytest

from tests.sandbox.caller import Caller

DONE, NOT_DONE = ["x"], []


def names(opsgenie: Caller) -> list[str]:
    return [team["name"] for team in opsgenie.made("GET", "/v2/teams")["data"]]


@pytest.mark.parametrize(
    ("fault", "error", "left"),
    [
        ("refuse", ConnectionRefusedError, NOT_DONE),
        ("cut", ConnectionResetError, NOT_DONE),
        ("lose", ConnectionResetError, DONE),
    ],
)
def test_a_broken_connection(control: Caller, opsgenie: Caller, fault: str, error: Any, left: list[str]) -> None:
    control.made("POST", "/__faults", {"fault": fault, "method": "POST"})
    with pytest.raises(error):
        opsgenie("POST", "/v2/teams", {"name": "x"})
    assert names(opsgenie) == left


@pytest.mark.parametrize(("fault", "left"), [("status", NOT_DONE), ("status_after", DONE)])
def test_a_status_out_of_the_blue(control: Caller, opsgenie: Caller, fault: str, left: list[str]) -> None:
    control.made("POST", "/__faults", {"fault": fault, "status": 503, "body": "busy", "headers": {"retry-after": "7"}})
    answer = opsgenie.answer("POST", "/v2/teams", {"name": "x"})
    assert (answer.status, answer.body, answer.headers["retry-after"]) == (503, b"busy", "7")
    assert names(opsgenie) == left


def test_a_slow_answer_says_how_long_its_carrier_must_wait(control: Caller, opsgenie: Caller) -> None:
    control.made("POST", "/__faults", {"fault": "slow", "seconds": 2.5})
    answer = opsgenie.answer("GET", "/v2/teams")
    assert (answer.status, answer.delay) == (200, 2.5)


def test_a_malformed_answer_breaks_off(control: Caller, opsgenie: Caller) -> None:
    control.made("POST", "/__faults", {"fault": "malformed"})
    answer = opsgenie.answer("POST", "/v2/teams", {"name": "x"})
    assert answer.status == 201
    with pytest.raises(json.JSONDecodeError):
        answer.json()
    assert names(opsgenie) == DONE


def struck(opsgenie: Caller, tries: int, path: str = "/v2/teams") -> list[int]:
    return [opsgenie("GET", path)[0] for _ in range(tries)]


@pytest.mark.parametrize(
    ("fault", "statuses"),
    [
        ({}, [503, 200, 200, 200]),
        ({"count": 2}, [503, 503, 200, 200]),
        ({"count": None}, [503, 503, 503, 503]),
        ({"skip": 2}, [200, 200, 503, 200]),
        ({"path": "/opsgenie/v2/te*"}, [503, 200, 200, 200]),
        ({"path": "/wallarm/*"}, [200, 200, 200, 200]),
        ({"method": "POST"}, [200, 200, 200, 200]),
    ],
)
def test_a_fault_strikes_the_requests_it_is_meant_for(
    control: Caller, opsgenie: Caller, fault: dict[str, Any], statuses: list[int]
) -> None:
    control.made("POST", "/__faults", [{"fault": "status", **fault}])
    assert struck(opsgenie, 4) == statuses


def test_several_faults_strike_one_after_the_other(control: Caller, opsgenie: Caller) -> None:
    control.made("POST", "/__faults", [{"fault": "status", "status": 500}, {"fault": "status", "status": 429}])
    assert struck(opsgenie, 3) == [500, 429, 200]


def test_faults_are_listed_and_cleared(control: Caller, opsgenie: Caller) -> None:
    control.made("POST", "/__faults", {"fault": "status", "count": 5})
    struck(opsgenie, 2)
    assert [fault["count"] for fault in control.made("GET", "/__faults")["faults"]] == [3]
    control.made("DELETE", "/__faults")
    assert struck(opsgenie, 1) == [200]


@pytest.mark.parametrize(
    "wrong",
    [
        "x",
        {},
        {"fault": "fire"},
        {"fault": "cut", "count": 0},
        {"fault": "slow", "seconds": -1},
        {"fault": "cut", "a": 1},
    ],
)
def test_a_wrong_fault_is_refused(control: Caller, wrong: Any) -> None:
    assert control("POST", "/__faults", wrong)[0] == 400
    assert control.made("GET", "/__faults") == {"faults": []}


def test_control_calls_meet_no_fault(control: Caller) -> None:
    control.made("POST", "/__faults", {"fault": "refuse", "count": None})
    assert control.made("DELETE", "/__faults") == {"faults": []}
