"""Calls Datadog's sandbox; what it takes and answers is held against the vendor's document where that lies beside."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from openapi_schema_validator import OAS30Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4
from ruamel.yaml import YAML

from reconciler.sandbox.exchange import Answer
from reconciler.sandbox.world import Sandbox
from tests.sandbox.caller import Caller

SPEC = Path(__file__).parents[3] / "shared" / "specs" / "datadog-v1.yaml"
KEYS = {"dd-api-key": "api-key", "dd-application-key": "application-key"}
# What recordings show and the sheet lists beside the document: a status, and a call it does not have.
STATUSES = {("POST", "/api/v1/integration/slack/configuration/accounts/{account_name}/channels"): {201: 200}}
UNLIKE = {("DELETE", "/api/v1/slo/{slo_id}", 409)}  # `errors` is one text, with `data` null
BEYOND = {("POST", "/api/v1/integration/slack"), ("GET", "/api/v1/integration/pagerduty")}
SCHEMA = "schema:"


@cache
def parts() -> dict[str, str]:
    """The document cut at its paths and schemas, each still text: reading all of it takes a second."""
    text = SPEC.read_text(encoding="utf-8")
    heads = list(re.finditer(r"^(?:  (/\S*)|    ([A-Z]\w*)|( {0,2}[\w-]+)):\n", text, re.MULTILINE))
    ends = [*(head.start() for head in heads[1:]), len(text)]
    return {head[1] or head[2]: text[head.end() : end] for head, end in zip(heads, ends, strict=True) if not head[3]}


def _linked(node: Any) -> Any:
    """The node with links that name the schema alone, and choices that need not exclude each other."""
    if isinstance(node, list):
        return [_linked(part) for part in node]
    if not isinstance(node, dict):
        return node
    linked = {("anyOf" if key == "oneOf" else key): _linked(part) for key, part in node.items()}
    if isinstance(linked.get("$ref"), str):
        linked["$ref"] = SCHEMA + linked["$ref"].rpartition("/")[2]
    return linked


@cache
def read(name: str) -> Any:
    return _linked(YAML(typ="safe").load(parts()[name]))


def _schema(uri: str) -> Resource[Any]:
    return Resource(read(uri.removeprefix(SCHEMA)), DRAFT4)


REGISTRY: Registry[Any] = Registry(retrieve=_schema)


@cache
def operation(method: str, path: str) -> tuple[str, Any] | None:
    """The document's template for a path, the most literal of those that fit, and what it says of the method."""
    fitting = [
        known
        for known in parts()
        if known.startswith("/") and re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(known)), path)
    ]
    for known in sorted(fitting, key=lambda known: known.count("{")):
        if method.lower() in read(known):
            return known, read(known)[method.lower()]
    return None


def _against(holder: Any, value: Any) -> Iterator[str]:
    media = holder.get("content", {}).get("application/json")
    for error in OAS30Validator(media["schema"], registry=REGISTRY).iter_errors(value) if media else ():
        place = ".".join(map(str, error.path))
        yield f"{place}: {error.validator} {error.validator_value}, not {json.dumps(error.instance)[:200]}"


def complaints(method: str, path: str, body: Any, answer: Answer) -> list[str]:
    """What the document has against a request that was taken, and against any answer."""
    if not SPEC.exists() or not path.startswith("/api/v1/") or (method, path) in BEYOND:
        return []
    found = operation(method, path)
    if found is None:
        return [] if answer.status in (404, 405) else [f"the document has no {method} {path}"]
    known, said = found
    status = STATUSES.get((method, known), {}).get(answer.status, answer.status)
    response = said["responses"].get(str(status))
    if response is None:
        return [f"{method} {known} answers {status}; the document knows {', '.join(said['responses'])}"]
    told = answer.body and (method, known, status) not in UNLIKE
    wrong = [*_against(response, answer.json())] if told else []
    if answer.status < 300 and body is not None:
        wrong += _against(said["requestBody"], body)
    return [f"{method} {path}: {one}" for one in wrong]


class Datadog(Caller):
    """Calls the API with both keys."""

    @classmethod
    def of(cls, world: Sandbox) -> Datadog:
        return cls(world, "/datadog", dict(KEYS))

    def answer(self, method: str, path: str, body: Any = None, **query: str) -> Answer:
        given = super().answer(method, path, body, **query)
        wrong = complaints(method, path, body, given)
        assert not wrong, "\n".join(wrong)
        return given

    def signed(self, key: str, name: str = "dd-application-key") -> Datadog:
        """With another application key, or none where it is empty."""
        headers = {**self.headers, name: key}
        return replace(self, headers={name: value for name, value in headers.items() if value})

    def errors(self, method: str, path: str, body: Any = None, **query: str) -> tuple[int, Any]:
        status, answer = self(method, path, body, **query)
        return status, answer["errors"]

    def set(self, **settings: Any) -> None:
        answer = Caller(self.world, "", {}).made("POST", "/__settings", {"datadog": settings})
        assert answer["datadog"].items() >= settings.items()

    def edit(self, path: str, value: Any) -> tuple[int, Any]:
        return Caller(self.world, "", {})("POST", "/__edit", {"vendor": "datadog", "path": path, "json": value})


def envelope(kind: str, ident: str | None = None, **attributes: Any) -> Any:
    """A JSON:API body."""
    data: dict[str, Any] = {"type": kind, "attributes": attributes}
    return {"data": {**data, "id": ident} if ident is not None else data}


METRIC = "sum(last_5m):sum:lb.5xx{service:checkout}.as_count() > 20"


def monitor(**fields: Any) -> Any:
    options = {"thresholds": {"critical": 20, "warning": 10}}
    return {"type": "query alert", "name": "checkout 5xx", "query": METRIC, "options": options, **fields}


def written(kind: str, query: str) -> Any:
    return {"type": kind, "name": "m", "query": query}


def objective(**fields: Any) -> Any:
    query = {
        "numerator": "sum:req.ok{service:checkout}.as_count()",
        "denominator": "sum:req.all{service:checkout}.as_count()",
    }
    thresholds = [{"timeframe": "30d", "target": 98}]
    return {"type": "metric", "name": "checkout success", "query": query, "thresholds": thresholds, **fields}
