"""Who may call what: the token's form, its scopes, and the refusals (sheet 1.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.dynatrace.environment import Environment, Refusal, in_body
from reconciler.sandbox.exchange import Answer, Request, json_answer
from reconciler.sandbox.routes import Call, Route

SCOPES = {
    "DataExport": "Access problem and event feed, metrics, and topology",
    "events.ingest": "Ingest events",
    "events.read": "Read events",
    "entities.read": "Read entities",
    "entities.write": "Write entities",
    "settings.read": "Read settings",
    "settings.write": "Write settings",
}
WRITES = frozenset({"events.ingest", "entities.write", "settings.write"})
SIGNED = re.compile(r"Api-Token (\S+)")
OWN_FORM = re.compile(r"(dt0c01\.[A-Z0-9]{24})\.[A-Z0-9]{64}")


@dataclass(frozen=True)
class Token:
    """A signed-in token. `ident` is its public part, which objects bear as their author."""

    ident: str
    scopes: frozenset[str]


def scopes_of(method: str, path: str) -> tuple[str, ...]:
    """The scopes a route needs, all of them."""
    if path.startswith("/api/v1/events"):
        return ("DataExport",)
    if path == "/api/v2/events/ingest":
        return ("events.ingest",)
    if path.startswith(("/api/v2/events", "/api/v2/eventTypes", "/api/v2/eventProperties")):
        return ("events.read",)
    if path.startswith(("/api/v2/tags", "/api/v2/entities")):
        return ("entities.read" if method == "GET" else "entities.write",)
    if path.startswith("/api/v2/settings"):
        return {"GET": ("settings.read",), "PUT": ("settings.write", "settings.read")}.get(method, ("settings.write",))
    return ()


def token_of(env: Environment, secret: str) -> Token:
    """Any text opens the sandbox; the words in it say more: `wrong` is no token, `readonly` has no write scope."""
    words = set(re.split(r"[^a-z0-9]+", secret.lower()))
    if not secret or "wrong" in words:
        raise Refusal(401, "Token Authentication failed")
    own = OWN_FORM.fullmatch(secret)
    ident = own[1] if own else "dt0c01." + env.digits(secret, 24).upper()
    lacking = {env.settings.lacking} | (WRITES if "readonly" in words else set())
    return Token(ident, frozenset(SCOPES) - lacking)


def signed_in(env: Environment, request: Request) -> Token:
    """Raises a 401 refusal where there is no token, or a wrong one."""
    signed = SIGNED.fullmatch(request.headers.get("authorization", "").strip())
    return token_of(env, signed[1] if signed else dict(request.query).get("api-token", ""))


def permitted(env: Environment, token: Token, method: str, path: str) -> None:
    """Raises the refusal that names the scope the token lacks."""
    lacking = [scope for scope in scopes_of(method, path) if scope not in token.scopes]
    if not lacking:
        return
    split = 403 if path.startswith("/api/v2/settings") else 401
    status = split if env.settings.insufficient == "split" else int(env.settings.insufficient)
    raise Refusal(status, f"Token is missing required scope. Use one of: {lacking[0]} ({SCOPES[lacking[0]]})")


def _look_up(env: Environment, call: Call) -> Answer:
    """What a token may do, asked with the token itself; any scope will do."""
    if not isinstance(call.body, dict) or not isinstance(call.body.get("token"), str):
        raise in_body("token", "must not be null")
    try:
        token = token_of(env, call.body["token"])
    except Refusal:
        raise Refusal(404, "Token not found") from None
    shown: Obj = {"id": token.ident, "name": "made up", "enabled": True, "personalAccessToken": False}
    return json_answer(200, {**shown, "owner": "ann", "scopes": sorted(token.scopes)})


ROUTES: tuple[Route[Environment], ...] = (Route("POST", "/api/v2/apiTokens/lookup", _look_up),)
