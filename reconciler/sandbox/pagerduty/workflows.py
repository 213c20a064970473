"""PagerDuty incident workflows and the actions they are made of (sheet 3.15)."""

from __future__ import annotations

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.exchange import Answer
from reconciler.sandbox.fields import Check, flag, items, nullable, text
from reconciler.sandbox.pagerduty import catalogue, paging, teams
from reconciler.sandbox.pagerduty.body import known, link_id
from reconciler.sandbox.pagerduty.family import Family, Include, check_name
from reconciler.sandbox.pagerduty.reference import found, identity, needed
from reconciler.sandbox.pagerduty.tenant import Caller, Tenant
from reconciler.sandbox.routes import Call, Route

# Actions by id: name, and inputs with the default the server adds where none is sent.
ACTIONS: dict[str, tuple[str, dict[str, str | None]]] = {
    "pagerduty.com:incident-workflows:send-status-update:1": (
        "Send Status Update",
        {"Message": None, "Format": "text"},
    ),
    "pagerduty.com:incident-workflows:add-conference-bridge:4": (
        "Add Conference Bridge",
        {"Conference URL": None, "Conference Number": None, "Overwrite existing conference bridge": "No"},
    ),
    "pagerduty.com:incident-workflows:add-responders:2": ("Add Responders", {"Responders": None, "Message": ""}),
}
_INPUT = known({"name": text(least=1), "value": text()}, ("name", "value"))
_CONFIGURATION: dict[str, Check] = {
    "action_id": text(least=1, pattern=r"[^\s:]+(:[^\s:]+){3}"),
    "inputs": items(_INPUT),
}
_STEP = known(
    {
        "id": nullable(text()),
        "name": text(least=1),
        "action_configuration": known(_CONFIGURATION, ("action_id", "inputs")),
    },
    ("name", "action_configuration"),
)
FIELDS: dict[str, Check] = {
    "name": text(least=1),
    "description": nullable(text()),
    "team": nullable(link_id("team")),
    "is_enabled": flag,
    "steps": items(_STEP),
}


def _settled(tenant: Tenant, before: Obj | None, body: Obj, caller: Caller) -> Obj:
    catalogue.need(tenant, "incident_workflows")
    if "name" in body:
        check_name(tenant, "incident_workflow", body["name"], before)
    if body.get("team"):
        needed(tenant, "team", [body["team"]], "Team")
    blank: Obj = {"description": None, "team": None, "is_enabled": True, "steps": [], "created_at": tenant.stamp()}
    after = {**(before or blank), **body}
    if "steps" in body:
        there = {step["id"] for step in (before or blank)["steps"]}
        after["steps"] = [_step(tenant, step, there) for step in body["steps"]]
    return after


def _step(tenant: Tenant, step: Obj, there: set[str]) -> Obj:
    """A step with all the inputs of its action: what was not sent is there with its default."""
    configuration = step["action_configuration"]
    sent = {part["name"]: part["value"] for part in configuration["inputs"]}
    defaults = {name: value for name, value in _inputs(configuration["action_id"]).items() if value is not None}
    inputs = [{"name": name, "value": value} for name, value in sorted({**defaults, **sent}.items())]
    ident = step["id"] if step.get("id") in there else tenant.mint()
    kept = {"action_id": configuration["action_id"], "inputs": inputs}
    return {"id": ident, "name": step["name"], "action_configuration": kept}


def _inputs(action: str) -> dict[str, str | None]:
    # The vendor has hundreds of actions; those the sandbox does not know bring no defaults.
    return ACTIONS[action][1] if action in ACTIONS else {}


def _step_shown(tenant: Tenant, step: Obj) -> Obj:
    configuration = step["action_configuration"]
    inputs = [{**part, "parameter_type": "text"} for part in configuration["inputs"]]
    links = {"id": step["id"], "type": "step", "summary": step["name"], "self": None, "html_url": None}
    told: Obj = {"description": None, "outputs": []}
    return {**links, "name": step["name"], "action_configuration": {**configuration, **told, "inputs": inputs}}


def _row(tenant: Tenant, workflow: Obj, include: Include) -> Obj:
    """As listed: steps and team only where asked for."""
    team = tenant.of("teams").get(workflow["team"])  # None, too, where that was deleted since
    plain = ("name", "description", "is_enabled", "created_at")
    result = {
        **identity(tenant, "incident_workflow", workflow),
        **{key: workflow[key] for key in plain},
        "team": {"id": team["id"], "type": "team_reference"} if team else None,
    }
    if "team" in include and team:
        result["team"] = teams.shown(tenant, team, frozenset())
    if "steps" in include:
        result["steps"] = [_step_shown(tenant, step) for step in workflow["steps"]]
    return result


def _shown(tenant: Tenant, workflow: Obj, include: Include) -> Obj:
    return _row(tenant, workflow, include | {"steps"})


def _removed(tenant: Tenant, workflow: Obj) -> None:
    for trigger in tenant.of("triggers").named(workflow["id"]):
        tenant.of("triggers").drop(trigger["id"])
    tenant.of("incident_workflows").drop(workflow["id"])


FAMILY = Family(
    kind="incident_workflow",
    new=known(FIELDS, ("name",)),
    changed=known(FIELDS),
    settled=_settled,
    shown=_shown,
    row=_row,
    removed=_removed,
)


def _delete(tenant: Tenant, call: Call) -> Answer:
    """200, where others answer 204."""
    FAMILY.remove(tenant, found(tenant, "incident_workflow", call.params["id"]))
    return tenant.reply(200)


def _action_shown(tenant: Tenant, action: Obj) -> Obj:
    ident, (name, inputs) = action["id"], ACTIONS[action["id"]]
    domain, package, function, version = ident.split(":")
    links = {"id": ident, "type": "action", "summary": name, "self": None, "html_url": None}
    parts = {"domain_name": domain, "package_name": package, "function_name": function, "version": int(version)}
    told = [
        {"name": key, "type": "text", "default_value": value, "is_required": value is None, "is_hidden": False}
        for key, value in inputs.items()
    ]
    return {**links, **parts, "name": name, "description": name, "action_type": "action", "inputs": told, "outputs": []}


def _actions(tenant: Tenant, call: Call) -> Answer:
    wanted = call.query.get("keyword", "").casefold()
    fitting = [{"id": ident} for ident, (name, _) in ACTIONS.items() if wanted in name.casefold()]
    return tenant.reply(200, paging.by_cursor(call, "actions", fitting, lambda obj: _action_shown(tenant, obj)))


ROUTES: tuple[Route[Tenant], ...] = (
    Route("GET", "/incident_workflows/actions", _actions),
    Route("DELETE", "/incident_workflows/{id}", _delete),
    *(route for route in FAMILY.routes() if route.method != "DELETE"),
)
