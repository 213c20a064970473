"""Blast notifications (sheet 4.5, 5.3): to everybody in the project, on each device; gone once they are sent."""

from __future__ import annotations

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.exchange import Answer
from reconciler.sandbox.fields import Check, Invalid, flag, text, whole
from reconciler.sandbox.reactio.body import read
from reconciler.sandbox.reactio.project import Project, Refusal
from reconciler.sandbox.reactio.vocabulary import CHANNELS
from reconciler.sandbox.routes import Call, Route

FIELDS: dict[str, Check] = {"notification_text": text(), "notification_call": flag}


def _reached(project: Project, call: bool) -> dict[str, list[str]]:
    """Whom each channel reaches: ids as texts here, unlike everywhere else (sheet 8.14)."""
    channels = [channel for channel in CHANNELS if channel != "phone" or call]
    reached = {
        channel: [str(user["id"]) for user in project.users if channel in user["devices"]] for channel in channels
    }
    return {"phone": [], **reached}


def send(project: Project, incident: int, body: Obj) -> Obj:
    """Tells everybody. Raises the refusal of a project in which nobody can be told."""
    phones = body.get("notification_call", False)
    reached = _reached(project, phones)
    if not any(reached.values()):
        raise Refusal(400, "notification_error", "Notification destination can not be found.")
    words = {"notification_text": body["notification_text"], "notification_call": phones}
    made = {"id": project.number(), **words, "notificated_for": reached, "created_at": project.clock.unix()}
    project.notifications.put({**made, "incident_id": incident})
    return made


def _create(project: Project, call: Call) -> Answer:
    body = read(project, call, {"incident_id": whole(), **FIELDS}, required=("incident_id",))
    incident = project.to_write(body["incident_id"])
    if not body.get("notification_text"):
        if project.settings.no_text == "refuse":
            raise Invalid({"notification_text": "is required"})
        return project.posted({})
    return project.posted(send(project, incident["id"], body))


ROUTES: tuple[Route[Project], ...] = (Route("POST", "/api/v1/notifications", _create),)
