"""A Wallarm project on a stage, and an integration of every type to put in it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reconciler.engine.change import Blocked, Write
from reconciler.engine.plan import Plan
from reconciler.sandbox.exchange import Request, encode
from tests.stage import ENVIRON, Stage

SECRETS = {
    "HOOK": "https://hooks.example.com/services/T0/B0/words",
    "PD_KEY": "0123456789abcdef0123456789abcdef",
    "UUID": "11112222-3333-4444-5555-666677778888",
    "DD_KEY": "d" * 32,
    "CHAT": "chat-data-of-the-link",
    "BEARER": "Bearer words",
}
TARGETS: Mapping[str, str] = {
    "email": "[ann@example.com, bob@example.com]",
    "slack": "{env: HOOK}",
    "ms_teams": "{env: HOOK}",
    "telegram": "{chat_data: {env: CHAT}, username: acme_bot}",
    "opsgenie": "{token: {env: UUID}, api: eu}",
    "pager_duty": "{env: PD_KEY}",
    "splunk": "{token: {env: UUID}, api: 'https://splunk.example.com:8088'}",
    "sumo_logic": "{env: HOOK}",
    "insight_connect": "{token: {env: UUID}, api: 'https://insight.example.com/flow'}",
    "data_dog": "{region: US1, token: {env: DD_KEY}}",
    "web_hooks": "{url: {env: HOOK}, headers: {Authorization: {env: BEARER}}, timeout: 30s}",
}
SIEM = ("data_dog", "insight_connect", "splunk", "sumo_logic", "web_hooks")

PROJECT = """\
apiVersion: reconciler/v1
kind: Project
metadata: {name: test}
accounts:
  wallarm: {token: {env: WALLARM_API_TOKEN}}
"""


def stage_in(root: Path) -> Stage:
    made = Stage(root, environ={**ENVIRON, **SECRETS})
    made.write({"reconciler.yaml": PROJECT})
    return made


def integration(type_: str, *more: str, target: str = "", events: str = "") -> str:
    active = events or ("[system, {siem: {with_headers: true}}]" if type_ in SIEM else "[system]")
    lines = (f"type: {type_}", f"target: {target or TARGETS[type_]}", f"events: {active}", *more)
    return document("Integration", "it", *lines)


def document(kind: str, name: str, *lines: str) -> str:
    spec = "".join(f"  {line}\n" for line in lines)
    return f"---\napiVersion: wallarm/v1\nkind: {kind}\nmetadata: {{name: {name}, lifecycle: {{}}}}\nspec:\n{spec}"


def writes(plan: Plan) -> list[Any]:
    return [change for change in plan.changes if isinstance(change, Write | Blocked)]


def done(stage: Stage) -> None:
    """Apply, and the law: afterwards there is nothing to do."""
    applied = stage.apply()
    assert [(one.ending, one.text) for one in applied.results if one.ending != "done"] == []
    assert writes(stage.plan()) == []


def held(stage: Stage, sort: str = "integrations") -> list[dict[str, Any]]:
    """What the account holds, secrets and all."""
    rows: list[dict[str, Any]] = stage.sandbox.dump()["vendors"]["wallarm"]["accounts"][""][sort]
    return rows


def asked(stage: Stage) -> list[tuple[str, str]]:
    found = stage.sandbox.handle(Request("GET", "/__requests", (), {}, b"")).json()
    return [(one["method"], one["path"]) for one in found["requests"]]


def change_settings(stage: Stage, **values: Any) -> None:
    stage.sandbox.handle(Request("POST", "/__settings", (), {}, encode({"wallarm": values})))


def order_fault(stage: Stage, method: str, path: str, fault: str, status: int = 503) -> None:
    """One accident for the next request that fits."""
    order = {"method": method, "path": path, "fault": fault, "status": status}
    assert stage.sandbox.handle(Request("POST", "/__faults", (), {}, encode(order))).status == 200
