"""JSON Schemas of what people write, made from the kinds: editors complete and check manifests with them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from reconciler.kinds.kind import Kind
from reconciler.kinds.spec import OneOf, branches, json_schema
from reconciler.kinds.vendor import Vendor
from reconciler.manifest.environment import EnvironmentSpec
from reconciler.manifest.manifest import Head
from reconciler.manifest.settings import ProjectSpec

Schema = dict[str, Any]
DRAFT = "https://json-schema.org/draft/2020-12/schema"
_DEFS = "#/$defs/"

# What many kinds share is made once. Whoever puts it into a schema copies it: see `_embed`.
_made = cache(json_schema)


def schemas(vendors: Mapping[str, Vendor]) -> dict[str, Schema]:
    """Every schema by its path below `schemas/`: `manifest.json`, `project.json`, and `VENDOR/KIND.json` each."""
    kinds = [kind for vendor in vendors.values() for kind in vendor.kinds if not kind.looked_up]
    found = {f"{kind.id}.json": _of_kind(kind) for kind in sorted(kinds, key=lambda kind: kind.id)}
    return {"manifest.json": _of_any(vendors, kinds), "project.json": _of_project(vendors), **found}


def schema_text(schema: Schema) -> str:
    """The schema as its file has it: the same for the same kinds."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _of_kind(kind: Kind) -> Schema:
    defs: Schema = {}
    spec = _embed(_made(kind.spec), "", defs)
    needs_spec = ["spec"] if isinstance(kind.spec, OneOf) or spec.get("required") else []
    return _document(
        kind.id,
        {
            "apiVersion": {"const": kind.api},
            "kind": {"const": kind.name},
            "metadata": _embed(_made(Head), "metadata.", defs),
            "spec": spec,
        },
        ["apiVersion", "kind", "metadata", *needs_spec],
        defs,
    )


def _document(title: str, properties: Schema, required: list[str], defs: Schema) -> Schema:
    whole = {"$schema": DRAFT, "title": title, "type": "object", "properties": properties, "required": required}
    return {**whole, "additionalProperties": False, "$defs": dict(sorted(defs.items()))}


def _of_any(vendors: Mapping[str, Vendor], kinds: list[Kind]) -> Schema:
    """Picks the kind's schema by `apiVersion` and `kind`; the Project document is one of them."""
    names: dict[str, list[str]] = {"reconciler/v1": ["Project"]}
    for vendor in vendors.values():
        names[vendor.api] = sorted(kind.name for kind in kinds if kind.vendor == vendor.name)
    paths = {
        ("reconciler/v1", "Project"): "project.json",
        **{(kind.api, kind.name): f"{kind.id}.json" for kind in kinds},
    }
    of_vendor = [
        {"if": _says(apiVersion=api), "then": {"properties": {"kind": {"enum": some}}}}
        for api, some in sorted(names.items())
    ]
    of_kind = [
        {"if": _says(apiVersion=api, kind=name), "then": {"$ref": path}} for (api, name), path in sorted(paths.items())
    ]
    return {
        "$schema": DRAFT,
        "title": "A manifest, or the project",
        "type": "object",
        "properties": {
            "apiVersion": {"enum": sorted(names)},
            "kind": {"enum": sorted({name for some in names.values() for name in some})},
        },
        "required": ["apiVersion", "kind"],
        "allOf": [*of_vendor, *of_kind],
    }


def _says(**words: str) -> Schema:
    return {"properties": {key: {"const": word} for key, word in words.items()}, "required": list(words)}


def _of_project(vendors: Mapping[str, Vendor]) -> Schema:
    defs: Schema = {}
    accounts = {}
    for vendor in sorted(vendors.values(), key=lambda vendor: vendor.name):
        settings = _embed(_made(vendor.settings), f"{vendor.name}.", defs)
        defs[f"{vendor.name}.settings"] = settings
        one = {"$ref": f"{_DEFS}{vendor.name}.settings"}
        accounts[vendor.name] = {"anyOf": [one, {"type": "object", "additionalProperties": one, "minProperties": 1}]}
    project = _embed(_made(ProjectSpec), "", defs)
    environment = _embed(_made(EnvironmentSpec), "environment.", defs)
    choices = {name: {"anyOf": [{"type": "string"}, one]} for name, one in accounts.items()}
    environment["properties"]["accounts"] |= {"properties": choices, "additionalProperties": False}
    kinds = sorted(kind.id for vendor in vendors.values() for kind in vendor.kinds if not kind.looked_up)
    properties = {
        "apiVersion": {"const": "reconciler/v1"},
        "kind": {"const": "Project"},
        "accounts": {"type": "object", "properties": accounts, "additionalProperties": False},
        **project["properties"],
        "variables": {"type": "object", "description": "values for ${var.NAME} in any text"},
        "environments": {
            "type": "object",
            "description": "by name, what differs there; -e NAME chooses one",
            "additionalProperties": environment,
        },
        "defaults": {
            "type": "object",
            "description": "by kind, fields that are laid under every manifest; !unset takes one away",
            "properties": {kind: {"type": "object"} for kind in kinds},
            "additionalProperties": False,
        },
    }
    return _document("reconciler/Project", properties, ["apiVersion", "kind"], defs)


def _embed(schema: Schema, prefix: str, defs: Schema) -> Schema:
    """The schema without its own definitions: they go to `defs`, their names under the prefix."""
    own = schema.get("$defs", {})
    defs.update({prefix + name: _renamed(inner, prefix) for name, inner in own.items()})
    return {key: _renamed(value, prefix) for key, value in schema.items() if key != "$defs"}


def _renamed(part: Any, prefix: str) -> Any:
    match part:
        case {"discriminator": {"propertyName": str(by), "mapping": dict(refs)}}:  # OpenAPI's word, not JSON Schema's
            rest = {key: value for key, value in part.items() if key not in ("discriminator", "oneOf")}
            return _renamed({**rest, **branches(by, refs)}, prefix)
        case dict():
            return {
                key: _pointer(value, prefix) if key == "$ref" else _renamed(value, prefix)
                for key, value in part.items()
            }
        case list():
            return [_renamed(item, prefix) for item in part]
        case _:
            return part


def _pointer(ref: str, prefix: str) -> str:
    return _DEFS + prefix + ref.removeprefix(_DEFS)
