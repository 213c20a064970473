"""Calls to a Dynatrace environment of a sandbox, and the bodies its tests begin with."""

from typing import Any

from reconciler.sandbox.world import Sandbox
from tests.sandbox.caller import Caller

TOKEN = "dt0c01." + "A1" * 12 + "." + "S3" * 32
IDENT = "dt0c01." + "A1" * 12
OBJECTS = "/api/v2/settings/objects"

TAG = "builtin:tags.auto-tagging"
PROFILE = "builtin:alerting.profile"
NOTIFICATION = "builtin:problem.notifications"
WINDOW = "builtin:alerting.maintenance-window"
ZONE = "builtin:management-zones"
METRIC = "builtin:anomaly-detection.metric-events"
SINGLE = "builtin:sandbox.retention"
ORDERED = "builtin:sandbox.enrichment"

ATTRIBUTE_RULE = {
    "entityType": "HOST",
    "hostToPGPropagation": True,
    "conditions": [{"key": "HOST_NAME", "operator": "BEGINS_WITH", "stringValue": "cart-", "caseSensitive": False}],
}
RULE = {
    "type": "ME",
    "enabled": True,
    "valueNormalization": "Leave text as-is",
    "attributeRule": ATTRIBUTE_RULE,
}
BY_SELECTOR = {
    "type": "SELECTOR",
    "enabled": True,
    "valueNormalization": "To lower case",
    "entitySelector": 'type(SERVICE),entityName.startsWith("cart")',
}
SEVERITY = {"severityLevel": "ERRORS", "delayInMinutes": 5, "tagFilterIncludeMode": "NONE"}
HEADER = {"name": "X-Key", "secret": True, "secretValue": "header-secret"}
WEBHOOK = {
    "urlContainsSecret": False,
    "url": "https://hook.example/1",
    "acceptAnyCertificate": False,
    "headers": [HEADER],
    "payload": "{State}",
    "notifyClosedProblems": True,
    "notifyEventMergesEnabled": False,
    "useOAuth2": False,
}
HOURS = {"startTime": "01:00:00", "endTime": "03:00:00", "timeZone": "UTC"}
YEAR = {"scheduleStartDate": "2026-01-01", "scheduleEndDate": "2026-12-31"}
ONCE = {"startTime": "2026-01-05T22:00:00", "endTime": "2026-01-05T23:00:00", "timeZone": "Europe/Vienna"}
GENERAL = {
    "name": "db patch",
    "maintenanceType": "PLANNED",
    "suppression": "DETECT_PROBLEMS_DONT_ALERT",
    "disableSyntheticMonitorExecution": False,
}


def tag(name: str, *rules: Any) -> Any:
    return {"name": name, "rules": list(rules)}


def window(**changed: Any) -> Any:
    schedule = {"scheduleType": "ONCE", "onceRecurrence": ONCE}
    return {"enabled": True, "generalProperties": GENERAL, "schedule": schedule, "filters": [], **changed}


def metric(**changed: Any) -> Any:
    query = {"type": "METRIC_SELECTOR", "metricSelector": "builtin:host.cpu.usage"}
    samples = {"violatingSamples": 3, "samples": 5, "dealertingSamples": 5}
    model = {"type": "STATIC_THRESHOLD", "threshold": 100, "alertCondition": "ABOVE", "alertOnNoData": False, **samples}
    event = {"title": "CPU", "description": "", "eventType": "CUSTOM_ALERT", "davisMerge": True, "metadata": []}
    around = {"enabled": True, "summary": "CPU"}
    return {**around, "queryDefinition": query, "modelProperties": model, "eventTemplate": event, **changed}


class Environment(Caller):
    """A caller that knows how settings are written and read."""

    @classmethod
    def of(cls, world: Sandbox, token: str = TOKEN, base: str = "/dynatrace") -> "Environment":
        return cls(world, base, {"authorization": f"Api-Token {token}"})

    def control(self, path: str, body: Any) -> Any:
        return Caller(self.world, "", {}).made("POST", path, body)

    def set(self, **settings: Any) -> None:
        self.control("/__settings", {"dynatrace": settings})

    def advance(self, seconds: float) -> None:
        self.control("/__clock", {"advance": seconds})

    def edit(self, path: str, value: Any) -> Any:
        return self.control("/__edit", {"vendor": "dynatrace", "path": path, "json": value})["object"]

    def post(self, schema: str, *values: Any, scope: str = "environment", query: Any = None, **more: Any) -> Any:
        """Status and items of one POST."""
        items = [{"schemaId": schema, "scope": scope, "value": value, **more} for value in values]
        return self("POST", OBJECTS, items, **(query or {}))

    def create(self, schema: str, value: Any, **more: Any) -> str:
        """The id of a new object; a refusal fails the test."""
        status, items = self.post(schema, value, **more)
        assert status == 200, items
        return str(items[0]["objectId"])

    def put(self, ident: str, value: Any, query: Any = None, **more: Any) -> Any:
        return self("PUT", f"{OBJECTS}/{ident}", {"value": value, **more}, **(query or {}))

    def read(self, ident: str) -> Any:
        return self.made("GET", f"{OBJECTS}/{ident}")

    def listed(self, schema: str, **query: str) -> list[Any]:
        found: list[Any] = self.made("GET", OBJECTS, schemaIds=schema, **query)["items"]
        return found

    def default_profile(self) -> str:
        return next(str(item["objectId"]) for item in self.listed(PROFILE) if item["value"]["name"] == "Default")

    def notification(self, **changed: Any) -> Any:
        shape = {"enabled": True, "type": "WEBHOOK", "displayName": "hook", "webHookNotification": WEBHOOK}
        return {**shape, "alertingProfile": self.default_profile(), **changed}


def violations(item: Any) -> list[tuple[str, str]]:
    """Path and message of what an answer says is wrong."""
    return [(part["path"], part["message"]) for part in item["error"]["constraintViolations"]]
