"""The routing table."""

import pytest

from reconciler.sandbox.exchange import Answer
from reconciler.sandbox.routes import Call, NoPath, Route, Routes, WrongVerb
from reconciler.sandbox.world import Sandbox


def _nothing(account: object, call: Call) -> Answer:
    return Answer(200)


PATHS = ("/a", "/a/{x}", "/a/count", "/a/requests/{r}", "/a/{x}/notes")
TABLE: Routes[object] = Routes(Route("GET", path, _nothing) for path in PATHS)


@pytest.mark.parametrize(
    ("path", "template", "params"),
    [
        ("a", "/a", {}),
        ("a/1", "/a/{x}", {"x": "1"}),
        ("a/count", "/a/count", {}),
        ("a/requests/7", "/a/requests/{r}", {"r": "7"}),
        ("a/requests/notes", "/a/requests/{r}", {"r": "notes"}),
        ("a/count/notes", "/a/{x}/notes", {"x": "count"}),
    ],
)
def test_a_fixed_segment_goes_before_a_free_one(path: str, template: str, params: dict[str, str]) -> None:
    route, found = TABLE.find("GET", tuple(path.split("/")))
    assert (route.path, found) == (template, params)


@pytest.mark.parametrize("path", ["", "b", "a/1/2", "a/1/notes/2", "a/"])
def test_an_unknown_path_is_told_from_a_wrong_verb(path: str) -> None:
    with pytest.raises(NoPath):
        TABLE.find("GET", tuple(path.split("/")))
    with pytest.raises(WrongVerb):
        TABLE.find("POST", ("a",))


def test_every_family_of_paths_hangs_under_its_vendor(world: Sandbox) -> None:
    from reconciler.sandbox.opsgenie.vendor import ROUTES as OPSGENIE
    from reconciler.sandbox.wallarm.vendor import ROUTES as WALLARM

    for table in (OPSGENIE, WALLARM):
        pairs = [(route.method, route.path) for route in table.table]
        assert len(pairs) == len(set(pairs))
