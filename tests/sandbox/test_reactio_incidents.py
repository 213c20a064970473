"""Reactio's incidents in the sandbox: making, listing, reading, changing their status; what the sheet leaves open."""

import json
from typing import Any

import pytest

from reconciler.sandbox.exchange import Request
from reconciler.sandbox.world import Sandbox
from tests.sandbox.caller import Caller

NOW = 1767603600  # the sandbox's first day
PATH = "/api/v1/incidents"
SUMMARY = {"id", "name", "manager", "status", "parameters", "closed_by", "closed_at", "pended_by", "pended_at"}
SUMMARY |= {"created_by", "created_at", "updated_by", "updated_at"}


@pytest.fixture
def reactio(world: Sandbox) -> Caller:
    return Caller(world, "/reactio", {"x-api-key": "key", "content-type": "application/json"})


def given(reactio: Caller, **settings: Any) -> None:
    reactio.world.vendors["reactio"].set(settings)


def opened(reactio: Caller, name: str = "障害", **more: Any) -> Any:
    return reactio.made("POST", PATH, {"name": name, **more})


def listed(reactio: Caller, **query: str) -> list[str]:
    return [one["name"] for one in reactio.made("GET", PATH, **query)]


SHEETS = {
    "name": "決済APIの応答遅延",
    "status": "open",
    "parameters": {"service": "checkout", "detection": "system"},
    "topics": ["一次切り分け", "顧客告知"],
    "notification_text": "担当者は参集してください。",
    "notification_call": False,
    "message": "<b>自動起票</b><br>p95 = 4.2s",
}


def test_the_answer_to_a_create_is_the_sheets() -> None:
    world = Sandbox()
    world.vendors["reactio"].account().serial = 511
    status, made = Caller(world, "/reactio", {"x-api-key": "key"})("POST", PATH, SHEETS)
    nobody: dict[str, Any] = {"closed_by": None, "closed_at": None}
    written = {"created_by": 0, "created_at": NOW, "updated_by": 0, "updated_at": NOW}
    topic = {"status": "open", **nobody, **written}
    assert status == 201
    assert made == {
        "id": 512,
        "name": "決済APIの応答遅延",
        "manager": None,
        "status": "open",
        "parameters": {"detection": "system", "service": "checkout"},
        **nobody,
        "pended_by": None,
        "pended_at": None,
        **written,
        "topics": [
            {"id": 513, "name": "一次切り分け", "color": "#5661aa", **topic},
            {"id": 514, "name": "顧客告知", "color": "#077f40", **topic},
        ],
        "notifications": {
            "id": 515,
            "notification_text": "担当者は参集してください。",
            "notification_call": False,
            "notificated_for": {"phone": [], "email1": ["4", "9"], "email2": [], "imkayac": []},
            "created_at": NOW,
        },
    }
    assert list(made["parameters"]) == ["detection", "service"]
    (message,) = world.dump()["vendors"]["reactio"]["accounts"][""]["messages"]
    assert message["message"] == "<b>自動起票</b><br>p95 = 4.2s"


def test_a_call_reaches_phones_and_needs_a_text(reactio: Caller) -> None:
    called = opened(reactio, notification_text="参集", notification_call=True)["notifications"]
    assert called["notificated_for"]["phone"] == ["4"]
    assert "notifications" not in opened(reactio, notification_call=True)


def test_deprecated_fields_are_answered_inside_the_parameters(reactio: Caller) -> None:
    older = {"scale": "point", "point": "os", "cause_supplement": "猫", "pend_text": "再起動"}
    made = opened(reactio, **older, parameters={"service": "search"})
    assert made["parameters"] == {**older, "service": "search"}
    assert list(made["parameters"]) == ["cause_supplement", "point", "scale", "pend_text", "service"]


def test_a_close_text_stands_beside_the_parameters_too_in_some_answers(reactio: Caller) -> None:
    first, second = (opened(reactio, name, close_text="増設") for name in ("一", "二"))
    assert (second["close_text"], second["parameters"]["close_text"]) == ("増設", "増設")
    rows = reactio.made("GET", PATH)
    assert [(row["name"], "close_text" in row) for row in rows] == [("二", True), ("一", False)]
    assert "close_text" not in reactio.made("GET", f"{PATH}/{first['id']}")


def test_a_list_is_an_array_of_summaries_newest_first(reactio: Caller, control: Caller) -> None:
    for name in ("一", "二", "三"):
        opened(reactio, name)
        control.made("POST", "/__clock", {"advance": 10})
    rows = reactio.made("GET", PATH)
    assert [row["name"] for row in rows] == ["三", "二", "一"]
    assert all(set(row) == SUMMARY for row in rows)
    assert listed(reactio, per_page="2") == ["三", "二"]
    assert listed(reactio, per_page="2", page="2") == ["一"]
    assert listed(reactio, page="100") == []
    assert listed(reactio, **{"from": str(NOW), "to": str(NOW + 20)}) == ["二"]
    given(reactio, bounds="inclusive")
    assert listed(reactio, **{"from": str(NOW), "to": str(NOW + 20)}) == ["三", "二", "一"]


def test_twenty_stand_on_a_page_and_no_more_than_a_hundred(reactio: Caller, control: Caller) -> None:
    control.made("POST", "/__fill", {"count": 130, "vendor": "reactio"})
    given(reactio, without_status="all")
    assert [len(listed(reactio, **query)) for query in ({}, {"per_page": "100"})] == [20, 100]
    assert len(listed(reactio, per_page="100", page="2")) == 30


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"page": "101"}, "page"),
        ({"page": "0"}, "page"),
        ({"per_page": "101"}, "per_page"),
        ({"per_page": "-1"}, "per_page"),
        ({"per_page": "²"}, "per_page"),
        ({"from": "soon"}, "from"),
        ({"from": "2", "to": "1"}, "from"),
        ({"status": "opened"}, "status"),
    ],
)
def test_a_wrong_query_is_refused_by_field(reactio: Caller, query: dict[str, str], field: str) -> None:
    status, body = reactio("GET", PATH, **query)
    assert (status, body["type"], body["errors"]) == (
        400,
        "validation_error",
        [{"field": field, "code": "invalid_field"}],
    )


def test_the_detail_has_topics_files_and_people(reactio: Caller, control: Caller) -> None:
    ident = opened(reactio, topics=["告知"])["id"]
    edited = {"files": [{"name": "data.docx"}], "users": [4], "manager": 4}
    control.made("POST", "/__edit", {"vendor": "reactio", "path": f"incidents/{ident}", "json": edited})
    detail = reactio.made("GET", f"{PATH}/{ident}")
    assert set(detail) == SUMMARY | {"topics", "files", "users"}
    assert (detail["manager"], detail["users"]) == (4, [{"id": 4}])
    assert detail["files"][0]["path"] == f"https://.reactio.jpdata/reactio-mvp/files/incident/{ident}/data.docx"


def test_a_change_of_status_is_stamped_and_answered_without_the_incident(reactio: Caller, control: Caller) -> None:
    ident = opened(reactio)["id"]
    control.made("POST", "/__clock", {"advance": 60})
    for status in ("pend", "close"):
        assert reactio.made("POST", f"{PATH}/{ident}/status", {"status": status}) == {"success": True}
        control.made("POST", "/__clock", {"advance": 60})
    read = reactio.made("GET", f"{PATH}/{ident}")
    assert (read["status"], read["pended_by"], read["pended_at"]) == ("close", 0, NOW + 60)
    assert (read["closed_by"], read["closed_at"], read["updated_at"]) == (0, NOW + 120, NOW + 120)


def test_a_status_nobody_names_opens_the_incident_again(reactio: Caller) -> None:
    ident = opened(reactio, status="close")["id"]
    reactio.made("POST", f"{PATH}/{ident}/status", {})
    read = reactio.made("GET", f"{PATH}/{ident}")
    assert (read["status"], read["closed_at"]) == ("open", NOW)


BARE: dict[str, Any] = {"name": "x"}

# A setting, what is then asked, and whether it is taken; what is asked when the setting is left alone is refused.
OPEN_QUESTIONS = [
    ({"wrong_page": "clamp"}, "GET", PATH, None, {"page": "101"}),
    ({"wrong_range": "empty"}, "GET", PATH, None, {"from": "2", "to": "1"}),
    ({"unknown_fields": "ignore"}, "POST", PATH, {**BARE, "brand": "new"}, {}),
    ({"other_tags": "take"}, "POST", PATH, {**BARE, "message": "<p>"}, {}),
    ({"unknown_parameters": "drop"}, "POST", PATH, {**BARE, "parameters": {"colour": "red"}}, {}),
    ({"unknown_parameters": "store"}, "POST", PATH, {**BARE, "parameters": {"service": "mail"}}, {}),
    ({"no_text": "nothing"}, "POST", "/api/v1/notifications", {"incident_id": 1}, {}),
    ({"same_status": "take"}, "POST", f"{PATH}/1/status", {"status": "open"}, {}),
]


@pytest.mark.parametrize(("setting", "method", "path", "body", "query"), OPEN_QUESTIONS, ids=lambda one: str(one)[:40])
def test_what_nobody_knows_is_refused_unless_a_setting_takes_it(
    reactio: Caller, setting: dict[str, Any], method: str, path: str, body: Any, query: dict[str, str]
) -> None:
    opened(reactio)
    refused, why = reactio(method, path, body, **query)
    assert (refused, why["type"]) == (400, "validation_error")
    given(reactio, **setting)
    assert reactio(method, path, body, **query)[0] < 300


@pytest.mark.parametrize(
    ("settings", "body", "shown"),
    [
        ({"posted": 200}, {}, {}),
        ({"unknown_parameters": "drop"}, {"parameters": {"colour": "red"}}, {"parameters": {}}),
        ({"unknown_parameters": "store"}, {"parameters": {"colour": "red"}}, {"parameters": {"colour": "red"}}),
        (
            {"unselected": "null"},
            {"cause": "bug"},
            {"parameters": {"detection": None, "cause": "bug", "point": None, "scale": None}},
        ),
        ({}, {"cause": "bug", "parameters": {"cause": "unknown"}}, {"parameters": {"cause": "unknown"}}),
        ({"stronger": "field"}, {"cause": "bug", "parameters": {"cause": "unknown"}}, {"parameters": {"cause": "bug"}}),
        ({}, {"cause": None, "parameters": {"point": None}}, {"parameters": {}}),
        ({"no_notification": "null"}, {}, {"notifications": None}),
        ({"no_notification": "empty"}, {}, {"notifications": {}}),
    ],
)
def test_each_answer_that_is_open_can_be_had(
    reactio: Caller, settings: dict[str, Any], body: Any, shown: dict[str, Any]
) -> None:
    given(reactio, **settings)
    status, made = reactio("POST", PATH, {**BARE, **body})
    assert status == settings.get("posted", 201)
    assert {key: made[key] for key in shown} == shown


def test_opening_again_and_who_closed_it_can_be_answered_either_way(reactio: Caller) -> None:
    given(reactio, reopening="clears", changed_by="null")
    ident = opened(reactio)["id"]
    reactio.made("POST", f"{PATH}/{ident}/status", {"status": "close"})
    read = reactio.made("GET", f"{PATH}/{ident}")
    assert (read["closed_by"], read["closed_at"]) == (None, NOW)
    reactio.made("POST", f"{PATH}/{ident}/status", {"status": "open"})
    assert reactio.made("GET", f"{PATH}/{ident}")["closed_at"] is None


def test_a_list_without_a_status_shows_what_the_setting_says(reactio: Caller) -> None:
    for status in ("open", "pend", "close"):
        opened(reactio, status, status=status)
    assert (listed(reactio), listed(reactio, status="close")) == (["open"], ["close"])
    given(reactio, without_status="all")
    assert listed(reactio) == ["close", "pend", "open"]


def test_only_open_things_of_the_project_are_its_own(reactio: Caller, control: Caller) -> None:
    ident = opened(reactio)["id"]
    control.made("POST", "/__edit", {"vendor": "reactio", "path": "incidents/障害", "json": {"project": "infra"}})
    assert listed(reactio) == []
    assert reactio("GET", f"{PATH}/{ident}") == (403, {"type": "forbidden", "message": "Forbidden"})
    assert reactio("POST", f"{PATH}/{ident}/status", {"status": "close"})[0] == 403
    given(reactio, foreign="unknown")
    assert reactio("POST", f"{PATH}/{ident}/status", {"status": "close"})[1]["type"] == "incident_not_found"


# ── what a person does ──────────────────────────────────────────────────────────────────────────────────────────────


def edit(control: Caller, path: str, value: Any) -> tuple[int, Any]:
    return control("POST", "/__edit", {"vendor": "reactio", "path": path, "json": value})


def test_a_person_moves_an_incident_on_and_signs_for_it(reactio: Caller, control: Caller) -> None:
    ident = opened(reactio, topics=["告知"], parameters={"service": "search"})["id"]
    value = {"status": "pend", "parameters": {"service": None, "cause": "bug"}, "topics": ["告知", "復旧"]}
    assert edit(control, "incidents/障害", value)[0] == 200
    read = reactio.made("GET", f"{PATH}/{ident}")
    assert (read["pended_by"], read["updated_by"], read["parameters"]) == (4, 4, {"cause": "bug"})
    assert [topic["created_by"] for topic in read["topics"]] == [0, 4]
    assert edit(control, f"incidents/{ident}", None) == (200, {"object": None})
    assert reactio("GET", f"{PATH}/{ident}")[0] == 404


def test_a_person_opens_one_too_and_sets_up_option_items(reactio: Caller, control: Caller) -> None:
    assert edit(control, "incidents/手動", {"manager": 9})[1]["object"]["created_by"] == 4
    edit(control, "options/region", {"label": "地域", "strings": ["tokyo", "osaka"], "required": True})
    assert reactio("POST", PATH, BARE)[1]["errors"] == [{"field": "parameters.region", "code": "missing_field"}]
    assert opened(reactio, parameters={"region": "osaka"})["parameters"] == {"region": "osaka"}
    assert reactio("POST", PATH, {**BARE, "parameters": {"region": "kobe"}})[0] == 400
    given(reactio, required_options="ignore")
    assert reactio("POST", PATH, BARE)[0] == 201


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("projects/x", {}, "incidents/NAME, users/ID, options/NAME"),
        ("incidents/x", None, "reactio has no incidents/x"),
        ("incidents/障害", {}, "2 are called '障害'; use the id: 1, 2"),
        ("incidents/1", {"status": "done"}, "status"),
        ("users/ann", {}, "called by a number"),
        ("users/4", {"devices": ["fax"]}, "devices"),
        ("options/x", {"strings": "a"}, "strings"),
    ],
)
def test_a_wrong_edit_is_told_what_there_is(
    reactio: Caller, control: Caller, path: str, value: Any, words: str
) -> None:
    for _ in range(2):
        opened(reactio)
    status, answer = edit(control, path, value)
    assert status == 400
    assert words in answer["message"]


def test_the_example_with_a_comma_too_many_is_no_body(world: Sandbox) -> None:
    """The vendor's own example of a message (sheet 8.1)."""
    body = b'{"incident_id": 1, "message": "x",}'
    answer = world.handle(Request("POST", "/reactio/api/v1/messages", (), {"x-api-key": "key"}, body))
    assert (answer.status, json.loads(answer.body)["type"]) == (400, "invalid_request_body")
