"""The contract's own parts: a spec that depends on one field, the two faces of a value, what a create still needs."""

from typing import Annotated, Any, Literal

import pytest
from jsonschema import Draft202012Validator
from pydantic import ConfigDict, Field, ValidationError

from reconciler.engine.overlay import contains
from reconciler.kinds.fields import Keyed, Unordered
from reconciler.kinds.shape import Record, Variants, whole_shape
from reconciler.kinds.spec import OneOf, Spec, declared, json_schema, read
from reconciler.kinds.tree import Keep
from reconciler.kinds.wire import Wire, each, from_wire, record, to_wire


class Circle(Spec):
    type: Literal["circle"]
    radius: int | None = None


class Box(Spec):
    type: Literal["box", "square"]
    width: int | None = None


SHAPES = OneOf("type", (Circle, Box))


@pytest.mark.parametrize(
    ("data", "member"), [({"type": "circle"}, Circle), ({"type": "box"}, Box), ({"type": "square", "width": 1}, Box)]
)
def test_the_discriminator_picks_the_member(data: dict[str, Any], member: type[Spec]) -> None:
    found = read(SHAPES, data)
    assert type(found) is member
    assert declared(found) == data


@pytest.mark.parametrize(
    ("data", "path", "kind", "words"),
    [
        ({"type": "star"}, ("type",), "literal_error", "'circle' or 'box' or 'square'"),
        ({"type": ["circle"]}, ("type",), "literal_error", "'circle'"),
        ({"radius": 1}, ("type",), "missing", "required"),
        ("circle", (), "model_type", "dictionary"),
        (None, (), "model_type", "dictionary"),
        ({"type": "circle", "width": 1}, ("width",), "extra_forbidden", "not permitted"),
        ({"type": "box", "width": "1"}, ("width",), "int_type", "integer"),
    ],
)
def test_a_mistake_has_a_path_without_the_members_name(data: Any, path: Any, kind: str, words: str) -> None:
    with pytest.raises(ValidationError) as found:
        read(SHAPES, data)
    [error] = found.value.errors()
    assert (error["loc"], error["type"]) == (path, kind)
    assert words in error["msg"]


def test_the_schema_names_every_member() -> None:
    assert len(json_schema(SHAPES)["allOf"]) == len(SHAPES.choices)
    assert json_schema(Circle)["required"] == ["type"]


class AnyShape(Spec):
    model_config = ConfigDict(extra="allow")

    type: str
    colour: str | None = None


OPEN = OneOf("type", (Circle, Box), AnyShape)


def test_a_value_no_member_has_is_taken_by_the_open_one() -> None:
    found = read(OPEN, {"type": "star", "points": [5, {"a": None}]})
    assert type(found) is AnyShape
    assert declared(found) == {"type": "star", "points": [5, {"a": None}]}
    assert type(read(OPEN, {"type": "circle"})) is Circle


@pytest.mark.parametrize(
    ("data", "path", "kind"),
    [
        ({"type": "circle", "points": 5}, ("points",), "extra_forbidden"),
        ({"type": "star", "colour": 1}, ("colour",), "string_type"),
        ({"type": ["star"]}, ("type",), "literal_error"),
        ({"points": 5}, ("type",), "missing"),
    ],
)
def test_an_open_member_lets_no_mistake_of_the_others_pass(data: dict[str, Any], path: Any, kind: str) -> None:
    with pytest.raises(ValidationError) as found:
        read(OPEN, data)
    assert [(error["loc"], error["type"]) for error in found.value.errors()] == [(path, kind)]


def test_the_schema_of_an_open_one_keeps_misspelt_fields_of_the_others_out() -> None:
    schema = Draft202012Validator(json_schema(OPEN))
    assert schema.is_valid({"type": "star", "points": 5})
    assert not schema.is_valid({"type": "circle", "points": 5})


def test_the_shape_of_an_open_one_has_its_fields_for_any_other_value() -> None:
    shape = whole_shape(OPEN)
    assert isinstance(shape, Variants)
    assert set(shape.record({"type": "star"}).fields) == {"type", "colour"}
    assert set(shape.record({"type": "circle"}).fields) == {"type", "radius"}
    wanted = {"type": "star", "colour": "red", "points": [5]}
    assert contains(shape, wanted, {**wanted, "nobody": "names this"})
    assert not contains(shape, wanted, {**wanted, "points": [6]})


def test_the_shape_of_a_variant_nobody_knows_has_no_fields() -> None:
    shape = whole_shape(SHAPES)
    assert isinstance(shape, Variants)
    assert set(shape.record({"type": "square"}).fields) == {"type", "width"}
    assert shape.record({"type": "star"}) == shape.record({}) == shape.record({"type": []}) == Record({})


WIRES = {
    "inner": record({"size": Wire(str, int)}, noise={"id"}),
    "items": each(Wire(str, int)),
    "off": Wire(cleared={"wait": 0}),
}


def test_what_is_sent_reads_back_as_itself() -> None:
    tree = {"inner": {"size": 1, "other": Keep()}, "items": [1, 2], "free": {"a": None}}
    body = to_wire(tree, WIRES)
    assert body == {"inner": {"size": "1", "other": Keep()}, "items": ["1", "2"], "free": {"a": None}}
    assert from_wire(body, WIRES) == tree


def test_null_becomes_what_clears() -> None:
    assert to_wire({"off": None, "items": None, "inner": None, "free": None}, WIRES) == {
        "off": {"wait": 0},
        "items": [],
        "inner": None,
        "free": None,
    }
    assert to_wire({"inner": {"size": None}}, WIRES) == {"inner": {}}


def test_null_and_noise_are_not_read() -> None:
    assert from_wire({"inner": {"id": 7, "size": None}, "items": None, "id": 1}, WIRES, {"id"}) == {"inner": {}}


class Bag(Spec):
    things: Annotated[list[str] | None, Unordered(), Field(min_length=1)] = None
    boxes: Annotated[list[Box] | None, Keyed(("width",)), Field(max_length=1)] = None


def test_null_is_no_mistake_of_a_list_with_limits() -> None:
    assert declared(read(Bag, {"things": None, "boxes": None})) == {"things": None, "boxes": None}
    with pytest.raises(ValidationError):
        read(Bag, {"things": []})
