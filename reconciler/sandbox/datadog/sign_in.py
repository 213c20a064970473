"""Who may call what: the two keys, and the scopes of an application key (sheet 1)."""

from __future__ import annotations

import re

from reconciler.sandbox.datadog.tenant import Caller, Refusal, Tenant
from reconciler.sandbox.exchange import Answer, Request
from reconciler.sandbox.routes import Call, Route

# Calls that need no application key.
KEYLESS = {
    ("GET", "api/v1/validate"),
    ("POST", "api/v2/dora/deployment"),
    ("POST", "api/v2/dora/failure"),
    ("POST", "api/v2/dora/incident"),
}
# The scope that reads and the one that writes, by the third segment of the path.
SCOPES = {
    "monitor": ("monitors_read", "monitors_write"),
    "downtime": ("monitors_downtime", "monitors_downtime"),
    "slo": ("slos_read", "slos_write"),
    "dora": ("dora_metrics_read", "dora_metrics_write"),
    "integration": ("integrations_read", "manage_integrations"),
}
# Posts that only look.
LOOKS = {"api/v2/dora/failures", "api/v2/dora/deployments"}


def _words(key: str) -> set[str]:
    return set(re.split(r"[^a-z0-9_]+", key.lower()))


def caller(request: Request, segments: tuple[str, ...]) -> Caller:
    """Whose call it is. Raises 403.

    Any key opens, but for those with the word `wrong`. An application key with the word `scoped` has only the scopes
    that stand beside it: `scoped-monitors_read-monitors_write`.
    """
    keys = [request.headers.get(name, "").strip() for name in ("dd-api-key", "dd-application-key")]
    words = [_words(key) for key in keys]
    path = "/".join(segments)
    keyless = (request.method, path) in KEYLESS
    if not keys[0] or "wrong" in words[0]:
        raise Refusal(403, "Forbidden")
    if keyless:
        return Caller(signed=False)
    if not keys[1] or "wrong" in words[1]:
        raise Refusal(403, "Forbidden")
    scoped = "scoped" in words[1]
    if scoped and _scope(request.method, segments) not in words[1]:
        raise Refusal(403, "Forbidden")
    return Caller(scoped=scoped)


def _scope(method: str, segments: tuple[str, ...]) -> str:
    reads, writes = SCOPES.get(segments[2] if len(segments) > 2 else "", ("", ""))
    path = "/".join(segments)
    looks = (method == "GET" or path.endswith("/validate")) or (method == "POST" and path in LOOKS)
    if method == "POST" and path == "api/v1/integration/webhooks/configuration/webhooks":
        return "create_webhooks"
    if path.endswith("downtime_matches"):
        return "monitors_downtime"
    return reads if looks else writes


def _validate(tenant: Tenant, call: Call) -> Answer:
    return tenant.reply(200, {"valid": True})


ROUTES: tuple[Route[Tenant], ...] = (Route("GET", "/api/v1/validate", _validate),)
