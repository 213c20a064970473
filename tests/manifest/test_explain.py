"""Explaining: what a kind and its fields are, and the nearest word for a wrong one."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.errors import UsageError
from reconciler.manifest.explain import Explanation, Line, explain
from tests.manifest.toy import VENDORS, manifest, told


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
