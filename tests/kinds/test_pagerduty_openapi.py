"""Every request that the kinds of PagerDuty send is one of the vendor's own OpenAPI document, its mistakes apart."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.kinds.pagerduty_project import stage_in
from tests.kinds.test_pagerduty_service_integration import FORMS, SERVICES, manifest
from tests.kinds.test_pagerduty_settled import DESTROY, STORIES, Story
from tests.stage import Stage, serve

SPEC = Path(__file__).parents[3] / "shared/specs/pagerduty-rest.json"

# What the document leaves out, and the API takes (the sheet, sections 3.3 to 3.5, 3.11 and 7): null where it switches
# off, a strategy as an object. It asks predicates of mail for the fields of both sorts at once.
NULLS = {"auto_resolve_timeout", "acknowledgement_timeout", "support_hours", "alert_grouping_parameters", "end", "team"}
STRATEGY = "escalation_rule_assignment_strategy"


@cache
def document() -> Any:
    return json.loads(SPEC.read_text(encoding="utf-8"))


def resolved(schema: Any, merges: bool, above: tuple[str, ...] = ()) -> Any:
    """The schema as JSON Schema. `merges`: a PUT says only what changes, so that nothing is required of it."""
    if isinstance(schema, list):
        return [resolved(one, merges, above) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        if schema["$ref"] in above:  # a predicate of predicates: one level is enough
            return {}
        found = document()
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[int(part)] if isinstance(found, list) else found[part.replace("~1", "/")]
        return resolved(found, merges, (*above, schema["$ref"]))
    optional = merges or "matcher" in schema.get("properties", {})
    dropped = {"discriminator", "example", "nullable", *(("required",) if optional else ())}
    kept = {name: resolved(value, merges, above) for name, value in schema.items() if name not in dropped}
    for name in set(kept.get("properties", {})) & NULLS:
        kept["properties"][name] = {"anyOf": [kept["properties"][name], {"type": "null"}]}
    if isinstance(kept.get("properties"), dict) and STRATEGY in kept["properties"]:
        kept["properties"][STRATEGY] = {"type": "object", "properties": {"type": kept["properties"][STRATEGY]}}
    return {"anyOf": [kept, {"type": "null"}]} if schema.get("nullable") else kept


def operation(method: str, path: str) -> Any:
    """The document's operation for a request; its paths are templates."""
    for template, found in document()["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path) and method.lower() in found:
            return found[method.lower()]
    return None


def check(method: str, path: str, body: bytes) -> None:
    found = operation(method, path)
    if method == "DELETE" and re.fullmatch(r"/services/\w+/integrations/\w+", path):
        return  # all clients send it, and the document leaves it out
    assert found is not None, f"{method} {path}"
    if body:
        [content] = found["requestBody"]["content"].values()
        jsonschema.validate(json.loads(body), resolved(content["schema"], method == "PUT"))


def checking(stage: Stage) -> set[str]:
    """From here on every request is held against the document; the methods seen come in."""
    inner, seen = serve(stage.sandbox), set[str]()

    def checked(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Any:
        check(method, path.partition("?")[0].removeprefix("/pagerduty"), body)
        seen.add(method)
        return inner(method, path, headers, body)

    stage.serve = checked
    return seen


needs_the_document = pytest.mark.skipif(
    not SPEC.exists(),
    reason="the vendor's OpenAPI document does not lie in ../shared/specs",
)


@needs_the_document
@pytest.mark.parametrize("story", STORIES, ids=str)
def test_every_request_is_one_of_the_vendors_document(story: Story, tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    seen = checking(stage)
    stage.write({"m.yaml": story.manifest()})
    assert stage.apply().ok
    stage.write({"m.yaml": story.manifest(**dict.fromkeys(story.cleared)) if story.cleared else story.beside})
    assert stage.apply().ok
    stage.write({"m.yaml": "\n"})
    assert stage.apply(DESTROY).ok
    assert {"GET", "POST", "DELETE"} <= seen


@needs_the_document
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_every_request_of_an_integration_is_one_of_the_document(form: dict[str, Any], tmp_path: Path) -> None:
    stage = stage_in(tmp_path)
    seen = checking(stage)
    stage.write({"m.yaml": SERVICES + manifest(**form)})
    assert stage.apply().ok
    stage.write({"m.yaml": SERVICES + manifest(**{**form, "name": "cat"})})
    assert stage.apply().ok
    stage.write({"m.yaml": SERVICES})
    assert stage.apply().ok
    assert {"GET", "POST", "PUT", "DELETE"} == seen
