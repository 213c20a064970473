"""An Opsgenie project on a stage: a team and what others refer to, and words to ask what came of a plan."""

from pathlib import Path
from typing import Any, TypeVar

from reconciler.engine.change import NOT_DONE, Write
from reconciler.engine.plan import Plan
from reconciler.sandbox.exchange import Request, encode
from tests.stage import Stage

PROJECT = """\
apiVersion: reconciler/v1
kind: Project
metadata: {name: test}
accounts:
  opsgenie: {api_key: {env: OPSGENIE_API_KEY}}
"""
BASE = """\
apiVersion: opsgenie/v1
kind: Team
metadata: {name: payments}
---
apiVersion: opsgenie/v1
kind: Team
metadata: {name: web}
---
apiVersion: opsgenie/v1
kind: Schedule
metadata: {name: oncall}
spec: {ownerTeam: payments}
---
apiVersion: opsgenie/v1
kind: Integration
metadata: {name: shop}
spec: {type: API, ownerTeam: payments}
---
apiVersion: opsgenie/v1
kind: NotificationPolicy
metadata: {name: quiet}
spec: {team: payments, suppress: true}
"""


S = TypeVar("S", bound=Stage)


def stage_in(root: Path) -> Stage:
    return begun(Stage(root))


def begun(made: S) -> S:
    made.sandbox.clock.set(made.clock.now())
    made.write({"reconciler.yaml": PROJECT, "base.yaml": BASE})
    return made


def document(kind: str, name: str, spec: str) -> str:
    lines = "".join(f"  {line}\n" for line in spec.strip().splitlines())
    return f"---\napiVersion: opsgenie/v1\nkind: {kind}\nmetadata: {{name: {name}}}\nspec:\n{lines}"


def rules(*names: str) -> str:
    return "".join(
        document("RoutingRule", name, f"{{team: payments, name: {name}, order: {order}, notify: none}}")
        for order, name in enumerate(names)
    )


def policies(*names: str) -> str:
    return "".join(
        document("AlertPolicy", name, f"{{team: payments, order: {order * 10}}}") for order, name in enumerate(names)
    )


def maintenance(
    start: str = "2026-03-01T13:00:00Z", end: str = "2026-03-01T15:00:00Z", state: str = "integration: shop"
) -> str:
    return document(
        "Maintenance",
        "it",
        f"time: {{type: schedule, startDate: {start}, endDate: {end}}}\n"
        f"rules: [{{state: disabled, entity: {{{state}}}}}]",
    )


def changes(plan: Plan) -> list[Any]:
    """What is to be written, and what cannot be."""
    return [change for change in plan.changes if isinstance(change, (Write, *NOT_DONE))]


def said(plan: Plan) -> list[tuple[str, str]]:
    return [(change.word, str(change.address).removeprefix("opsgenie/")) for change in changes(plan)]


def done(stage: Stage) -> None:
    """Apply, and the law: afterwards there is nothing to do."""
    applied = stage.apply()
    undone = [f"{one.change.address}: {one.text}" for one in applied.results if one.ending != "done"]
    left = [f"{change.address}: {change.fields} {change.why}" for change in changes(stage.plan())]
    assert not undone + left, "\n".join(undone + left)


def settings(stage: Stage, **values: Any) -> None:
    stage.sandbox.handle(Request("POST", "/__settings", (), {}, encode({"opsgenie": values})))


def asked(stage: Stage) -> list[str]:
    """The requests since this was asked last, by method and path."""
    found = [f"{entry['method']} {entry['path']}" for entry in stage.sandbox.log if "/__" not in entry["path"]]
    stage.sandbox.log.clear()
    return found


def read(stage: Stage, path: str, **query: str) -> Any:
    headers = {"authorization": "GenieKey looks-on"}
    answer = stage.sandbox.handle(Request("GET", f"/opsgenie{path}", tuple(query.items()), headers))
    assert answer.status == 200, (path, answer.body)
    return answer.json()["data"]


def team(stage: Stage, name: str = "payments") -> str:
    return str(read(stage, f"/v2/teams/{name}", identifierType="name")["id"])
