"""The body of a POST: a JSON object, read field by field (sheet 6)."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.exchange import Request
from reconciler.sandbox.fields import Check, record
from reconciler.sandbox.reactio.project import Project, Refusal
from reconciler.sandbox.routes import Call


def decoded(request: Request) -> Obj:
    """The object in a request's body; without one that can be read, the vendor sees no request at all."""
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise Refusal(400, "invalid_request_body", "invalid request body")
    return body


def read(project: Project, call: Call, fields: Mapping[str, Check], required: Collection[str] = ()) -> Obj:
    """The fields that were sent, nulls less. Raises Invalid."""
    unknown = project.settings.unknown_fields
    given: Obj = record(fields, required, unknown="refused" if unknown == "refuse" else "kept")(call.body, "")
    return {name: value for name, value in given.items() if name in fields}
