"""Mail to an integration: which of it counts, and what is read out of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from reconciler.kinds.fields import NoClear
from reconciler.kinds.spec import Spec
from reconciler.kinds.tree import Tree
from reconciler.kinds.wire import Wire, each, from_wire, record

_MODE = NoClear("write always")
_PATTERN = NoClear("write another pattern, or the mode always")
Mode = Literal["match", "no-match", "always"]


class EmailFilter(Spec):
    """What a mail must be like."""

    subject_mode: Annotated[Mode | None, _MODE, Field(description="how the subject counts; always: it may be any")] = (
        None
    )
    subject_regex: Annotated[str | None, _PATTERN, Field(description="pattern for the subject")] = None
    body_mode: Annotated[Mode | None, _MODE, Field(description="how the text counts; always: it may be any")] = None
    body_regex: Annotated[str | None, _PATTERN, Field(description="pattern for the text")] = None
    from_email_mode: Annotated[Mode | None, _MODE, Field(description="how the sender counts; always: anybody")] = None
    from_email_regex: Annotated[str | None, _PATTERN, Field(description="pattern for the sender's address")] = None


# ── predicates, which may hold predicates ───────────────────────────────────────────────────────────────────────────

_GROUPS = ("all", "any", "not")
_TESTS = ("contains", "exactly", "regex")
_PARTS = ("body", "subject", "from_addresses")


class PredicateMark:
    """Marks a predicate: `{type: all, children: […]}` or `{type: contains, part: subject, matcher: text}`."""

    def read(self, value: Any) -> Tree:
        match value:
            case {"type": "all" | "any" | "not", "children": [_, *_] as children} if set(value) == {"type", "children"}:
                return {"type": value["type"], "children": [self.read(child) for child in children]}
            case {"type": "contains" | "exactly" | "regex", "part": part, "matcher": str(text)}:
                if text and part in _PARTS and set(value) == {"type", "part", "matcher"}:
                    return dict(value)
        how = (
            "a predicate is {type: all, any or not, children: […]} or "
            "{type: contains, exactly or regex, part: body, subject or from_addresses, matcher: TEXT}"
        )
        raise PydanticCustomError("predicate", how, {})

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        properties = {
            "type": {"enum": [*_GROUPS, *_TESTS]},
            "children": {"type": "array", "minItems": 1},
            "part": {"enum": list(_PARTS)},
            "matcher": {"type": "string", "minLength": 1},
        }
        return {"type": "object", "properties": properties, "required": ["type"], "additionalProperties": False}


def _predicate_back(raw: Tree) -> Tree:
    """What a predicate of the other sort has is answered too, empty."""
    if isinstance(raw, list):
        return [_predicate_back(one) for one in raw]
    if not isinstance(raw, Mapping):
        return raw
    return {name: _predicate_back(value) for name, value in raw.items() if value not in (None, [], "")}


# ── what is read out of a mail ──────────────────────────────────────────────────────────────────────────────────────


class Extractor(Spec):
    """One value read out of a mail."""

    type: Annotated[Literal["entire", "regex", "between"], Field(description="the whole part, or some of it")]
    part: Annotated[Literal["body", "subject", "from_addresses"], Field(description="the part of the mail")]
    value_name: Annotated[
        str, Field(min_length=1, description="the incident's field it goes to; one of all is incident_key")
    ]
    regex: Annotated[str | None, Field(description="its pattern, with the type regex")] = None
    starts_after: Annotated[str | None, Field(description="the text before it, with the type between")] = None
    ends_with: Annotated[str | None, Field(description="the text after it, with the type between")] = None


class EmailParser(Spec):
    """What becomes of a mail that meets a predicate."""

    action: Annotated[Literal["trigger", "resolve"], Field(description="whether an incident begins or ends by it")]
    match_predicate: Annotated[
        Any,
        PredicateMark(),
        Field(
            description="which mail",
            examples=[{"type": "all", "children": [{"type": "contains", "part": "subject", "matcher": "DOWN"}]}],
        ),
    ]
    value_extractors: Annotated[
        list[Extractor] | None, Field(min_length=1, description="what is read out of it; one is the incident_key")
    ] = None

    @model_validator(mode="after")
    def _has_one_key(self) -> EmailParser:
        keys = [one for one in self.value_extractors or () if one.value_name == "incident_key"]
        if self.value_extractors and len(keys) != 1:
            raise PydanticCustomError("extractors", "exactly one value_extractors has value_name: incident_key", {})
        return self


# ── ours and the vendor's ───────────────────────────────────────────────────────────────────────────────────────────

_PARSER = record({"match_predicate": Wire(back=_predicate_back), "value_extractors": each(record({}))}, noise={"id"})

# PagerDuty's description says `ends_with`, its clients read and write `ends_before`.
_SAME_AS = {"ends_before": "ends_with"}


def _parser_back(raw: Tree) -> Tree:
    tree = _PARSER.back(raw)
    extractors = tree.get("value_extractors") if isinstance(tree, Mapping) else None
    if not isinstance(extractors, list):
        return tree
    return {**tree, "value_extractors": [_renamed(one) for one in extractors]}


def _renamed(extractor: Tree) -> Tree:
    if not isinstance(extractor, Mapping):
        return extractor
    return {_SAME_AS.get(name, name): value for name, value in extractor.items()}


_EVERY_MAIL = {"subject_mode": "always", "body_mode": "always", "from_email_mode": "always"}


def _filter_back(raw: Tree) -> Tree:
    return from_wire(raw, {}, {"id"}) if isinstance(raw, Mapping) else raw


def _filters_back(raw: Tree) -> Tree:
    """A list that lets every mail through is what PagerDuty answers where there is none."""
    if not isinstance(raw, list):
        return raw
    filters = [_filter_back(one) for one in raw]
    return None if filters == [_EVERY_MAIL] else filters


def _filter_to(one: Tree) -> Tree:
    return {**_EVERY_MAIL, **one} if isinstance(one, Mapping) else one


EMAIL_FILTERS = Wire(each(Wire(_filter_to)).to, _filters_back, cleared=[_EVERY_MAIL])
EMAIL_PARSERS = Wire(each(_PARSER).to, lambda raw: each(Wire(back=_parser_back)).back(raw), cleared=[])
