"""Calls PagerDuty's sandbox, and holds every answer against the vendor's OpenAPI document where that lies beside."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from openapi_schema_validator import OAS30Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

from reconciler.sandbox.exchange import Answer, Request
from reconciler.sandbox.world import Sandbox
from tests.sandbox.caller import Caller

SPECS = Path(__file__).parents[3] / "shared" / "specs"
REST = SPECS / "pagerduty-rest.json"
ROOT = "pagerduty:rest"
# The sheet's list of what the document has wrong, or leaves out.
UNKNOWN = re.compile(r"DELETE /services/[^/]+/integrations/[^/]+")
STATUSES = {
    ("GET", "/schedules/{id}/overrides"): {200: 201},
    ("GET", "/incident_workflows/{id}"): {200: 201},
    ("POST", "/schedules"): {200: 201},
    ("POST", "/webhook_subscriptions"): {201: 200},
}
JSON_KEYS = ("application/json", "application/json; charset=utf-8")


def corrected(node: Any) -> Any:
    """The document with its mistakes mended: enums in one string, exclusive choices that are none, one-way types."""
    if isinstance(node, list):
        return [corrected(part) for part in node]
    if not isinstance(node, dict):
        return node
    mended = {("anyOf" if key == "oneOf" else key): corrected(part) for key, part in node.items()}
    mended.pop("discriminator", None)
    if isinstance(mended.get("details"), dict) and mended["details"].get("type") == "object":
        mended["details"] = {}  # typed as an object, shown as a text
    if isinstance(mended.get("vendor"), dict) and mended["vendor"].get("type") == "array":
        mended["vendor"] = mended["vendor"]["items"]  # one vendor, shown as a list of one
    if isinstance(mended.get("start_day_of_week"), dict):
        mended["start_day_of_week"]["minimum"] = 0  # what the server may answer for a daily restriction
    if mended.get("required") == ["type", "part", "children"]:
        mended["required"] = ["type"]  # a group has no part, a leaf no children
    if mended.get("enum") == ["all, any"]:
        mended["enum"] = ["all", "any"]
    if mended.get("enum") and all(str(word).endswith("_reference") for word in mended["enum"]):
        mended["enum"] += [word.removesuffix("_reference") for word in mended["enum"]]  # what `include[]` makes of it
    if mended.get("enum") == ["round_robin", "assign_to_everyone"]:
        return {"type": "object", "properties": {"type": mended}}
    return mended


@cache
def document() -> Any:
    return corrected(json.loads(REST.read_text(encoding="utf-8"))) if REST.exists() else None


@cache
def registry() -> Registry[Any]:
    return Registry().with_resource(ROOT, Resource(document(), DRAFT4))


def bare(value: Any) -> Any:
    """Without nulls: the document says of few fields that they may be null, the vendor answers it of many."""
    if isinstance(value, list):
        return [bare(part) for part in value]
    if isinstance(value, dict):
        return {key: bare(part) for key, part in value.items() if part is not None}
    return value


@cache
def template(method: str, path: str) -> str | None:
    """The document's path for a called one, the most literal of those that fit."""
    fitting = []
    for known, operations in document()["paths"].items():
        pattern = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(known))
        if method.lower() in operations and re.fullmatch(pattern, path):
            fitting.append(known)
    return min(fitting, key=lambda known: known.count("{")) if fitting else None


@cache
def validator(method: str, known: str, status: int) -> OAS30Validator | None:
    responses = document()["paths"][known][method.lower()]["responses"]
    wanted = STATUSES.get((method, known), {}).get(status, status)
    assert str(wanted) in responses, f"{method} {known} answers {status}; the document knows {', '.join(responses)}"
    place = f"/paths/{known.replace('~', '~0').replace('/', '~1')}/{method.lower()}/responses/{wanted}"
    response = responses[str(wanted)]
    while "$ref" in response:
        place = response["$ref"][1:]
        response = registry().resolver(ROOT).lookup(ROOT + response["$ref"]).contents
    media = next((key for key in JSON_KEYS if key in response.get("content", {})), None)
    if media is None:
        return None
    pointer = f"{ROOT}#{place}/content/{media.replace('/', '~1')}/schema"
    return OAS30Validator({"$ref": pointer}, registry=registry())


def complaints(method: str, path: str, answer: Answer) -> list[str]:
    """What the document has against an answer; nothing where it is not there."""
    if document() is None or answer.status >= 400:
        return []
    known = template(method, path)
    if known is None:
        return [] if UNKNOWN.fullmatch(f"{method} {path}") else [f"the document has no {method} {path}"]
    check = validator(method, known, answer.status)
    if check is None:
        return []
    errors = check.iter_errors(bare(answer.json()))
    return [
        f"{method} {path}: {'.'.join(map(str, error.path))}: {error.validator} {error.validator_value}, "
        f"not {json.dumps(error.instance)[:200]}"
        for error in errors
    ]


class Pagerduty(Caller):
    """Calls the REST API with the account's key; `From` is Ann unless said otherwise."""

    @classmethod
    def of(cls, world: Sandbox, key: str = "account-key", **headers: str) -> Pagerduty:
        signed = {"authorization": f"Token token={key}", "from": "ann@example.com", **headers}
        return cls(world, "/pagerduty", {name: value for name, value in signed.items() if value})

    def answer(self, method: str, path: str, body: Any = None, **query: str) -> Answer:
        """The query may stand in the path, as parameters that repeat must."""
        bare_path, _, rest = path.partition("?")
        pairs = tuple(tuple(pair.split("=", 1)) for pair in rest.split("&") if pair)
        given = super().answer(method, bare_path, body, **query) if not pairs else self._asked(method, bare_path, pairs)
        if not bare_path.startswith("/v2/"):
            wrong = complaints(method, bare_path, given)
            assert not wrong, "\n".join(wrong)
        return given

    def _asked(self, method: str, path: str, pairs: tuple[Any, ...]) -> Answer:
        return self.world.handle(Request(method, self.prefix + path, pairs, self.headers))

    def with_key(self, key: str, sender: str = "") -> Pagerduty:
        return replace(self, headers={"authorization": f"Token token={key}", **({"from": sender} if sender else {})})

    def user(self, email: str) -> str:
        found = self.made("GET", "/users", query=email)["users"]
        return str(next(user["id"] for user in found if user["email"] == email))

    def __call__(self, method: str, path: str, body: Any = None, **query: str) -> tuple[int, Any]:
        answer = self.answer(method, path, body, **query)
        return answer.status, answer.json()

    def policy(self, name: str = "payments", **fields: Any) -> str:
        rule = {"escalation_delay_in_minutes": 15, "targets": [{"id": self.user("ann@example.com"), "type": "user"}]}
        body = {"type": "escalation_policy", "name": name, "escalation_rules": [rule], **fields}
        made = self.made("POST", "/escalation_policies", {"escalation_policy": body})
        return str(made["escalation_policy"]["id"])

    def service(self, name: str = "checkout", policy: str = "", **fields: Any) -> str:
        link = {"id": policy or self.policy(f"policy of {name}"), "type": "escalation_policy_reference"}
        body = {"type": "service", "name": name, "escalation_policy": link, **fields}
        return str(self.made("POST", "/services", {"service": body})["service"]["id"])
