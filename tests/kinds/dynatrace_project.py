"""A Dynatrace project on a stage, and a person who changes things there behind Git's back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from reconciler.sandbox.exchange import Request, encode
from reconciler.vendors.dynatrace import VENDOR
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
  dynatrace: {url: "https://abc12345.live.dynatrace.com", token: {env: DYNATRACE_API_TOKEN}}
guards: {max_deletes: 50, max_delete_percent: 100}
"""


def stage_in(root: Path, text: str = PROJECT, **environ: str) -> Stage:
    made = Stage(root, environ={**ENVIRON, **environ}, vendors={"dynatrace": VENDOR})
    made.write({"reconciler.yaml": text})
    return made


def document(kind: str, name: str, spec: Mapping[str, Any], **metadata: Any) -> str:
    return project.document("dynatrace", kind, name, spec, **metadata)


def ask(stage: Stage, method: str, path: str, body: Any = None) -> Any:
    """What a person does by the API."""
    headers = {"authorization": "Api-Token dynatrace-token-for-tests", "content-type": "application/json"}
    where, _, query = path.partition("?")
    content = b"" if body is None else encode(body)
    answer = stage.sandbox.handle(Request(method, f"/dynatrace{where}", tuple(parse_qsl(query)), headers, content))
    assert answer.status < 300, (method, path, answer.status, answer.body)
    return json.loads(answer.body) if answer.body else None


def objects(stage: Stage, schema: str) -> list[Any]:
    """The live objects of a schema."""
    fields = "objectId,value,scope,schemaVersion,externalId,updateToken"
    path = f"/api/v2/settings/objects?schemaIds={schema}&scopes=environment&fields={fields}&pageSize=500"
    found: list[Any] = ask(stage, "GET", path)["items"]
    return found
