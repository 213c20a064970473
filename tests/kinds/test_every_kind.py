"""Laws that every kind obeys."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.engine.overlay import is_empty
from reconciler.kinds.kind import Kind
from reconciler.kinds.shape import Field, Leaf, List, Map, Record, Variants
from reconciler.kinds.spec import OneOf, json_schema
from reconciler.kinds.tree import Hidden, Ref, walk
from tests.kind_kit import CONTEXT, KINDS, fields_of

every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)

WORDS = sorted({name.split(".")[-1].rstrip("[]") for kind in KINDS.values() for name, _ in fields_of(kind.shape)})
WIRE_WORDS = ["id", "name", "username", "type", "event", "params", "integration_ids", "operator", "values", "template"]
WIRE_WORDS += ["timeAmount", "restriction", "restrictions", "startHour", "startDay", "isDefault", "_readOnly", "user"]
KEYS = st.sampled_from(WORDS + WIRE_WORDS) | st.text(max_size=4)
SCALARS = st.none() | st.booleans() | st.integers(-2, 99) | st.text(max_size=6) | st.sampled_from(WORDS + WIRE_WORDS)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5), max_leaves=25
)
OBJECTS = st.dictionaries(KEYS, JSON, max_size=8)


@settings(max_examples=150)
@given(raw=OBJECTS)
def test_whatever_a_vendor_answers_is_read_and_can_be_sent_back(raw: dict[str, Any]) -> None:
    for kind in KINDS.values():
        tree = kind.from_api(raw, CONTEXT)
        kind.key(tree)
        assert isinstance(kind.to_api(tree, CONTEXT), dict), kind
        assert isinstance(kind.writable(raw), dict), kind


@every_kind
def test_a_field_nobody_knows_passes_through(kind: Kind) -> None:
    if not kind.looked_up:
        assert kind.from_api({"brandNew": {"a": [1]}}, CONTEXT)["brandNew"] == {"a": [1]}


@every_kind
def test_every_field_says_what_it_is(kind: Kind) -> None:
    assert [path for path, one in fields_of(kind.shape) if not one.doc] == []


@every_kind
def test_only_discriminators_and_keys_are_required(kind: Kind) -> None:
    allowed = {
        "wallarm/Integration": ["type"],
        "opsgenie/Integration": ["type"],
        "opsgenie/RoutingRule": ["team"],
        "opsgenie/NotificationPolicy": ["team"],
        "pagerduty/AlertGroupingSetting": ["type"],
        "pagerduty/ServiceIntegration": ["service"],
        "pagerduty/ServiceOrchestration": ["service"],
        "datadog/WebhookVariable": ["is_secret"],
        "dynatrace/ProblemNotification": ["type"],
        "dynatrace/SettingsObject": ["schemaId"],
        "dynatrace/Event": ["eventType", "source", "attachRules"],
        "datadog/SlackChannel": ["account"],
    }
    schema = json_schema(kind.spec)
    refs = [form["then"]["$ref"] for form in schema.get("allOf", [])]
    forms = [schema["$defs"][ref.rpartition("/")[2]] for ref in refs] or [schema]
    assert all(form.get("required", []) == allowed.get(kind.id, []) for form in forms)


@every_kind
def test_a_null_is_sent_as_what_clears_or_said_to_be_impossible(kind: Kind) -> None:
    """What is sent for null must read back as nothing, or the next plan would not be empty."""
    if kind.looked_up:
        return
    records = kind.shape.records.values() if isinstance(kind.shape, Variants) else [kind.shape]
    for record in records:
        for name, one in record.fields.items():
            if one.no_clear is None and name not in ("type", "team", "default"):
                body = kind.to_api({name: None}, CONTEXT)
                read_back = kind.from_api(body, CONTEXT).get(name)
                assert is_empty(read_back), (name, body)


@every_kind
def test_schemas_are_json_and_closed(kind: Kind) -> None:
    schema = json_schema(kind.spec)
    assert json.loads(json.dumps(schema)) == schema
    objects = {"": schema, **schema.get("$defs", {})}
    other = kind.spec.other.__name__ if isinstance(kind.spec, OneOf) and kind.spec.other else None
    open_ones = [name for name, one in objects.items() if "properties" in one and one.get("additionalProperties")]
    assert open_ones == ([other] if other else [])
    # What only tells the forms of an object apart is closed by the form.
    assert all("additionalProperties" in one or "allOf" in one for one in objects.values() if "properties" in one)


@every_kind
def test_references_name_kinds_that_exist(kind: Kind) -> None:
    named = {one.shape.ref.kind for _, one in fields_of(kind.shape) if isinstance(one.shape, Leaf) and one.shape.ref}
    assert named <= set(KINDS)


@every_kind
def test_a_parent_is_a_field_that_refers_to_a_kind(kind: Kind) -> None:
    if kind.place.parent is not None:
        assert isinstance(kind.shape, Record)
        leaf = kind.shape.fields[kind.place.parent].shape
        assert isinstance(leaf, Leaf)
        assert leaf.ref is not None
        assert kind.place.path_fields == (kind.place.parent,)


@every_kind
def test_what_a_kind_declares_of_its_fields_names_fields(kind: Kind) -> None:
    records = kind.shape.records.values() if isinstance(kind.shape, Variants) else [kind.shape]
    names = {name for record in records for name in record.fields}
    detail = set(kind.place.detail) - {"*"}
    assert {*kind.immutable, *kind.needed_to_create, *kind.sent_on_create, *detail} <= names


@every_kind
def test_every_kind_has_its_vendors_page(kind: Kind) -> None:
    assert kind.page.startswith(("https://docs.", "https://developer.", "https://reactio.jp/development/"))


@settings(max_examples=60)
@given(target=JSON)
def test_no_target_of_a_wallarm_integration_shows_a_secret(target: Any) -> None:
    kind = KINDS["wallarm/Integration"]
    for type_ in ("opsgenie", "slack", "brand_new"):
        tree = kind.from_api({"type": type_, "target": target}, CONTEXT)
        shown = [leaf for path, leaf in walk(tree.get("target")) if path not in ((), ("api",))]
        assert all(isinstance(leaf, Hidden) for leaf in shown)
        if type_ != "opsgenie" and target is not None:
            assert tree["target"] == Hidden()


def test_every_reference_is_read_by_id() -> None:
    raw = {"ownerTeam": {"id": "t1", "name": "payments"}}
    assert KINDS["opsgenie/Schedule"].from_api(raw, CONTEXT) == {"ownerTeam": Ref("opsgenie/Team", "id", ("t1",))}


def test_lists_that_are_sets_are_marked_so() -> None:
    marks = {"ordered": ORDERED, "shared": SHARED}
    for mark, fields in marks.items():
        found = {
            kind.id: {name for name, one in _last(kind) if getattr(one.shape, mark, False)} for kind in KINDS.values()
        }
        assert {kind: names for kind, names in found.items() if names} == {
            kind: names for kind, names in fields.items() if kind in KINDS
        }


def _last(kind: Kind) -> list[tuple[str, Field]]:
    """Every field that is a list, a map or an object, by the last word of its path."""
    found = [(path.rstrip("[]").rpartition(".")[2], one) for path, one in fields_of(kind.shape)]
    return [(name, one) for name, one in found if isinstance(one.shape, List | Map | Record)]


_ACTIONS = {"rules", "variables", "extractions", "automation_actions"}
ORDERED = {
    "opsgenie/Schedule": {"participants"},
    "pagerduty/Schedule": {"schedule_layers", "users"},
    "pagerduty/EscalationPolicy": {"escalation_rules"},
    "pagerduty/Service": {"scheduled_actions", "days_of_week"},
    "pagerduty/ServiceIntegration": {"email_filters", "email_parsers", "value_extractors"},
    "pagerduty/EventOrchestration": _ACTIONS,
    "pagerduty/ServiceOrchestration": {*_ACTIONS, "pagerduty_automation_actions"},
    "pagerduty/IncidentWorkflow": {"steps"},
    "pagerduty/Alert": {"links", "images"},
    "pagerduty/ChangeEvent": {"links"},
}
SHARED = {
    "dynatrace/CustomTag": {"tags"},
    "reactio/Incident": {"parameters", "topics"},
    "pagerduty/EventOrchestration": {"integrations"},
    "pagerduty/IncidentWorkflow": {"inputs"},
}


@every_kind
def test_every_kind_has_rows_of_data(kind: Kind) -> None:
    """What a manifest says, what is sent and what comes back; signals, catalogues and look-ups have other forms."""
    if kind.looked_up or kind.catalogue or kind.signal is not None:
        return
    texts = [file.read_text(encoding="utf-8") for file in Path(__file__).parent.glob(f"test_{kind.vendor}_*.py")]
    assert [text for text in texts if f'"{kind.id}"' in text and "cases(" in text]
