"""Alternatives: fields that name an object of one of several kinds, `{service: checkout}`, or are one of some words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from reconciler.kinds.fields import RefTo
from reconciler.kinds.tree import Tree


@dataclass(frozen=True, eq=False)
class Alternative:
    """Marks such a field: the kinds by the word each is named with, and the words that name nothing."""

    kinds: Mapping[str, str]
    words: tuple[str, ...] = ()

    def read(self, value: Any) -> Tree:
        match value:
            case str() if value in self.words:
                return value
            case dict() if len(value) == 1 and next(iter(value)) in self.kinds:
                ((sort, inner),) = value.items()
                return {sort: RefTo(self.kinds[sort]).read(inner)}
            case _:
                forms = [*self.words, *(f"{{{sort}: NAME}}" for sort in self.kinds)]
                raise PydanticCustomError("reference", "write {forms}", {"forms": " or ".join(forms)})

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        forms: list[JsonSchemaValue] = [{"enum": list(self.words)}] if self.words else []
        for sort, kind in self.kinds.items():
            inner = RefTo(kind).__get_pydantic_json_schema__(schema, handler)
            forms.append(
                {"type": "object", "properties": {sort: inner}, "required": [sort], "additionalProperties": False}
            )
        return {"anyOf": forms}

    def split(self, value: Tree) -> tuple[str, Tree] | None:
        """Sort and node of a value that names an object; None for a word, or what this version does not know."""
        if isinstance(value, Mapping) and len(value) == 1 and next(iter(value)) in self.kinds:
            ((sort, node),) = value.items()
            return sort, node
        return None
