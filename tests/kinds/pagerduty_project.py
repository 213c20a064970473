"""A PagerDuty project on a stage, and a person who changes things there behind Git's back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from reconciler.sandbox.exchange import Request, encode
from reconciler.vendors.pagerduty import VENDOR
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
  pagerduty: {token: {env: PAGERDUTY_TOKEN}, from: ann@example.com}
guards: {max_deletes: 50, max_delete_percent: 100}
"""


def stage_in(root: Path, text: str = PROJECT) -> Stage:
    environ = {**ENVIRON, "PAGERDUTY_TOKEN": "account-key-for-tests"}
    made = Stage(root, environ=environ, vendors={**VENDORS, "pagerduty": VENDOR})
    made.write({"reconciler.yaml": text})
    return made


def document(kind: str, name: str, spec: Mapping[str, Any], **metadata: Any) -> str:
    return project.document("pagerduty", kind, name, spec, **metadata)


def ask(stage: Stage, method: str, path: str, body: Any = None) -> Any:
    """What a person does by the API, with a key of their own."""
    headers = {"authorization": "Token token=user-bob", "content-type": "application/json"}
    where, _, query = path.partition("?")
    content = b"" if body is None else encode(body)
    answer = stage.sandbox.handle(Request(method, f"/pagerduty{where}", tuple(parse_qsl(query)), headers, content))
    assert answer.status < 300, (method, path, answer.status, answer.body)
    return json.loads(answer.body) if answer.body else None


def named(stage: Stage, plural: str, name: str) -> Any:
    """The one live object of this name, as the vendor's list has it."""
    key = {"users": "email", "maintenance_windows": "description"}.get(plural, "name")
    rows = [one for one in ask(stage, "GET", f"/{plural}?limit=100")[plural] if one[key] == name]
    assert len(rows) == 1, rows
    return rows[0]


def log_of(stage: Stage, since: int = 0) -> list[str]:
    """What was asked of the sandbox, as `METHOD /path`."""
    return [f"{one['method']} {one['path'].removeprefix('/pagerduty')}" for one in list(stage.sandbox.log)[since:]]
