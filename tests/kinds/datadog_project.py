"""A Datadog project on a stage, beside PagerDuty and Opsgenie, and a person who changes things there by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

from reconciler.sandbox.exchange import Request, encode
from reconciler.vendors.datadog import VENDOR
from reconciler.vendors.registry import VENDORS
from tests.kinds import project
from tests.kinds.project import applied as applied
from tests.kinds.project import settled as settled
from tests.kinds.project import told as told
from tests.stage import ENVIRON, Stage

PROJECT = """\
apiVersion: reconciler/v1
kind: Project
metadata: {name: test}
accounts:
  datadog: {api_key: {env: DD_API_KEY}, app_key: {env: DD_APP_KEY}}
  pagerduty: {token: {env: PAGERDUTY_TOKEN}}
  opsgenie: {api_key: {env: OPSGENIE_API_KEY}}
guards: {max_deletes: 50, max_delete_percent: 100}
"""
KEYS = {"DD_API_KEY": "datadog-api-key-for-tests", "DD_APP_KEY": "datadog-application-key-for-tests"}
SECRETS = {"PD_KEY": "a-key-of-pagerduty-for-tests-001", "OG_KEY": "a-key-of-opsgenie", "TOKEN": "a-token-of-a-webhook"}
SIGNED_IN = {
    "dd-api-key": KEYS["DD_API_KEY"],
    "dd-application-key": KEYS["DD_APP_KEY"],
    "content-type": "application/json",
}
API = {
    "monitors": "/api/v1/monitor",
    "webhooks": "/api/v1/integration/webhooks/configuration/webhooks",
    "variables": "/api/v1/integration/webhooks/configuration/custom-variables",
    "pagerduty": "/api/v1/integration/pagerduty/configuration/services",
    "opsgenie": "/api/v2/integration/opsgenie/services",
    "slack": "/api/v1/integration/slack/configuration/accounts",
    "downtimes": "/api/v2/downtime",
    "slos": "/api/v1/slo",
}


def stage_in(root: Path, text: str = PROJECT) -> Stage:
    environ = {**ENVIRON, **KEYS, **SECRETS, "PAGERDUTY_TOKEN": "account-key-for-tests"}
    made = Stage(root, environ=environ, vendors={**VENDORS, "datadog": VENDOR})
    made.write({"reconciler.yaml": text})
    return made


def document(kind: str, name: str, spec: Mapping[str, Any], vendor: str = "datadog", **metadata: Any) -> str:
    return project.document(vendor, kind, name, spec, **metadata)


def monitor(name: str, **spec: Any) -> str:
    """A monitor that is valid by itself."""
    number = spec.pop("above", 20)
    said = {"type": "query alert", "query": f"sum(last_5m):sum:{name}{{*}} > {number}", **spec}
    return document("Monitor", name, said)


def answer(stage: Stage, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    """What a person gets who asks the API."""
    where, _, query = path.partition("?")
    content = b"" if body is None else encode(body)
    asked = Request(method, f"/datadog{unquote(where)}", tuple(parse_qsl(query)), SIGNED_IN, content)
    got = stage.sandbox.handle(asked)
    return got.status, json.loads(got.body) if got.body else None


def ask(stage: Stage, method: str, path: str, body: Any = None) -> Any:
    status, told = answer(stage, method, path, body)
    assert status < 300, (method, path, status, told)
    return told


def live_monitor(stage: Stage, name: str) -> Any:
    """The one live monitor of this name."""
    [found] = [one for one in ask(stage, "GET", API["monitors"]) if one["name"] == name]
    return found


def log_of(stage: Stage, since: int = 0) -> list[str]:
    """What was asked of the sandbox's Datadog, as `METHOD /path`."""
    asked = [f"{one['method']} {one['path']}" for one in list(stage.sandbox.log)[since:]]
    return [one.replace(" /datadog", " ", 1) for one in asked if " /datadog/" in one]
