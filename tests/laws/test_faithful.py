"""Law 2, its reading half: a live world of any form is read without failing, and what is not known passes through."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.laws.life import Life
from tests.laws.worlds import STORIES, Story, examples, prepared

WORDS = st.sampled_from(["id", "name", "type", "user", "team", "schedule", "rules", "brand-new", "value", "none"])
SCALARS = st.none() | st.booleans() | st.integers(-1, 9) | st.text(max_size=5) | WORDS
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3), max_leaves=8
)
PLACES = "description rules rotations members events target filters actions threshold ownerTeam repeat responders"
FIELDS = st.sampled_from([*PLACES.split(), "tags", "notify", "criteria", "timeRestriction", "template", "brandNew"])
STRANGE = st.dictionaries(FIELDS, JSON, max_size=4)


def strange(answer: bytes, fields: dict[str, Any]) -> bytes:
    """An answer in which every object of a list has these fields instead of its own."""
    try:
        body = json.loads(answer)
    except ValueError:
        return answer

    def altered(value: Any) -> Any:
        return [{**one, **fields} if isinstance(one, dict) and "id" in one else one for one in value]

    match body:
        case {"data": list(rows)}:
            body["data"] = altered(rows)
        case {"body": {"object": list(rows)}}:
            body["body"]["object"] = altered(rows)
        case {"triggers": list(rows)}:
            body["triggers"] = altered(rows)
    return json.dumps(body).encode()


@examples(30)
@given(STORIES, STRANGE)
def test_whatever_is_live_can_be_read_and_planned(story: Story, fields: dict[str, Any]) -> None:
    with TemporaryDirectory() as folder:
        life = prepared(Life(Path(folder)), story)
        life.go()
        inner = life.answers()

        def serve(method: str, target: str, headers: Any, body: bytes) -> Any:
            status, said, content, delay = inner(method, target, headers, body)
            return status, said, strange(content, fields) if method == "GET" else content, delay

        life.serve = serve
        plan = life.plan()
        assert len(plan.entries["opsgenie"]) == len(life.ledger("opsgenie").entries)
        life.serve = None
