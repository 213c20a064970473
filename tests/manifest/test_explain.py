"""Explaining: what a kind and its fields are, and the nearest word for a wrong one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.errors import UsageError
from reconciler.kinds.kind import Kind
from reconciler.kinds.shape import Field, Record, Variants
from reconciler.manifest.explain import Explanation, Line, explain
from reconciler.manifest.load import read_documents
from reconciler.manifest.sample import sample_of_field
from reconciler.vendors import registry
from tests.manifest.toy import VENDORS, manifest, told

PAGERDUTY = {"pagerduty": registry.VENDORS["pagerduty"]}
OPSGENIE = {"opsgenie": registry.VENDORS["opsgenie"]}


def of(asked: str) -> Explanation:
    return explain(VENDORS, asked)


def line(asked: str) -> Line:
    found = of(asked).line
    assert found is not None
    return found


def test_a_vendor_has_its_kinds() -> None:
    found = of("toy")
    assert found.title == "toy/v1"
    assert [(each.name, each.type) for each in found.fields] == [
        ("Bell", "kind"),
        ("Tower", "kind"),
        ("Line", "kind"),
        ("Person", "looked up"),
    ]


def test_a_kind_has_its_page_fields_and_outputs() -> None:
    found = of("toy/Tower")
    assert found.page == "https://toy.example/docs/tower"
    assert [each.name for each in found.fields] == ["name", "height", "spire"]
    assert [(each.name, each.doc) for each in found.outputs] == [
        ("apiKey", "(shown once, when the object is made)"),
        ("url", ""),
    ]


KINDS = [pytest.param(kind, id=kind.id) for vendor in registry.VENDORS.values() for kind in vendor.kinds]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_said_of_a_kind_begins_with_its_name(kind: Kind) -> None:
    assert explain(registry.VENDORS, kind.id).doc.startswith(f"{kind.id}: ")


def test_a_field_of_two_sorts_of_number_has_a_number_for_its_example() -> None:
    example = explain({"datadog": registry.VENDORS["datadog"]}, "datadog/Monitor.options.thresholds").example
    assert example is not None
    assert "critical: 1\n" in example


def test_a_field_says_all_that_is_known_of_it() -> None:
    assert line("toy/Bell.tone") == Line(
        "tone", "one of the choices", "how it sounds", required=True, immutable=True, choices=("low", "high", "shrill")
    )
    assert line("toy/Bell.loud").default == "false"
    assert line("toy/Bell.note").no_clear == "ring the vendor"


@pytest.mark.parametrize(
    ("asked", "kind", "owned"),
    [
        ("name", "string", None),
        ("share", "number", None),
        ("key", "secret", None),
        ("tower", "toy/Tower, by the name of its manifest", None),
        ("ringer", "toy/Person, by its key", None),
        ("threshold", "mapping", None),
        ("threshold.within", "duration, or seconds", None),
        ("shifts", "list of mapping", "whole; items are told apart by name"),
        ("shifts.length", "duration, or minutes", None),
        ("shifts[0].people", "list of toy/Person, by its key", "whole: what it does not name goes"),
        ("words", "list of string", "whole; the order means nothing"),
        ("tags", "free mapping of string", "only what a manifest names, or put there before"),
        ("headers", "free mapping of string", "whole: what it does not name goes"),
        ("box", "mapping", "whole: what it does not name goes"),
        ("steps", "list of mapping, its fields by by", "whole: what it does not name goes"),
    ],
)
def test_a_field_s_type_and_ownership_are_in_words(asked: str, kind: str, owned: str | None) -> None:
    found = line(f"toy/Bell.{asked}")
    assert (found.type, found.owned) == (kind, owned)


def test_fields_of_variants_say_with_which_they_go() -> None:
    assert {each.name: each.only_with for each in of("toy/Line").fields} == {
        "type": (),
        "name": (),
        "gauge": ("wire",),
        "band": ("air", "sky"),
        "token": ("air", "sky"),
    }
    assert line("toy/Line.type").choices == ("wire", "air", "sky")
    assert line("toy/Line.type").required
    assert [each.name for each in of("toy/Bell.steps").fields] == ["by", "to", "url", "key"]


@pytest.mark.parametrize("kind", ["Bell", "Tower", "Line"])
def test_an_example_is_a_good_manifest(tmp_path: Path, kind: str) -> None:
    example = of(f"toy/{kind}").example
    assert example is not None
    assert told(tmp_path, {"a.yaml": example, "b.yaml": manifest("Tower", "other")}) == []


@pytest.mark.parametrize(
    ("asked", "what", "way_out"),
    [
        ("toyy", 'there is no vendor "toyy"', 'did you mean "toy"?'),
        ("toy/Bel", 'toy has no kind "Bel"', 'did you mean "Bell"?'),
        ("toy/Bell.tonne", 'there is no field "tonne" in toy/Bell', 'did you mean "tone"?'),
        ("toy/Bell.threshold.zzz", 'there is no field "zzz" in toy/Bell.threshold', "it has: more_than, within"),
        ("toy/Bell.name.x", 'there is no field "x" in toy/Bell.name', "there is none"),
        ("toy/Bell.[", 'there is no field "[" in toy/Bell', "it has: name, tone"),
        ("toy/Bell.[0]", 'there is no field "[0]" in toy/Bell', "it has: name, tone"),
    ],
)
def test_a_wrong_word_is_told_with_the_nearest(asked: str, what: str, way_out: str) -> None:
    with pytest.raises(UsageError) as caught:
        of(asked)
    assert caught.value.problems[0].text == what
    assert str(caught.value.problems[0].way_out).startswith(way_out)


def test_a_field_of_variants_has_an_example_of_each() -> None:
    assert of("toy/Bell.steps").example == (
        "# A step that writes a letter.\nsteps:\n  - by: mail\n    to: words\n\n"
        "# A step that calls a hook.\nsteps:\n  - by: hook\n    url: words\n    key: {env: NAME}\n"
    )
    assert of("toy/Bell.threshold").example == "threshold:\n  more_than: 1\n  within: 1h\n"
    assert of("toy/Bell.loud").example is None


def test_what_is_inside_of_each_variant_is_explained_with_the_variants_that_have_it() -> None:
    found = explain(PAGERDUTY, "pagerduty/Service.alert_grouping_parameters.config")
    assert {each.name: each.only_with for each in found.fields} == {
        "timeout": ("time",),
        "time_window": ("content_based",),
        "aggregate": ("content_based",),
        "fields": ("content_based",),
    }
    assert [each.only_with for each in found.fields if each.name == "time_window"] == [
        ("intelligent",),
        ("content_based",),
    ]
    assert explain(PAGERDUTY, f"{found.title}.aggregate").line


def test_fields_of_a_type_that_is_not_known_are_explained_too() -> None:
    found = explain(OPSGENIE, "opsgenie/Integration")
    assert [each.choices for each in found.fields if each.name == "type"] == [
        ("API", "Webhook", "Email", "any other"),
    ]


def _with_variants() -> Iterator[tuple[Kind, str, Field]]:
    for vendor in ("opsgenie", "pagerduty", "wallarm"):
        for kind in registry.VENDORS[vendor].kinds:
            records = kind.shape.records.values() if isinstance(kind.shape, Variants) else [kind.shape]
            for record in records:
                for name, field in record.fields.items():
                    if isinstance(field.shape, Variants) and isinstance(kind.shape, Record):
                        yield kind, name, field


@pytest.mark.parametrize(
    ("kind", "name", "field"), [pytest.param(*row, id=f"{row[0].id}.{row[1]}") for row in _with_variants()]
)
def test_every_example_of_a_variant_is_read_by_its_kind(kind: Kind, name: str, field: Field) -> None:
    example = sample_of_field(name, [((), field)])
    assert example is not None
    blocks = example.split("\n\n")
    assert isinstance(field.shape, Variants)
    assert len(blocks) >= len(field.shape.records)
    for block in blocks:
        documents, problems = read_documents(block.encode(), "a.yaml")
        assert not problems
        assert isinstance(kind.spec, type)
        assert kind.spec.model_validate(documents[0].data).model_fields_set == {name}
