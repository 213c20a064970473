"""Messages in an incident's timeline (sheet 4.6): posted, and never read again."""

from __future__ import annotations

import re

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.exchange import Answer
from reconciler.sandbox.fields import Check, Invalid, text, whole
from reconciler.sandbox.reactio.body import read
from reconciler.sandbox.reactio.project import Project
from reconciler.sandbox.reactio.vocabulary import MESSAGE_MOST, MESSAGE_TAGS
from reconciler.sandbox.routes import Call, Route

_TAG = re.compile(r"<(?:/?\s*([A-Za-z][^\s/>]*)|[!?])")
_LENGTH = text(most=MESSAGE_MOST)


def message_of(project: Project) -> Check:
    """A message as this project takes it."""

    def check(value: object, path: str) -> str:
        message: str = _LENGTH(value, path)
        others = [tag[0] for tag in _TAG.finditer(message) if (tag[1] or "").lower() not in MESSAGE_TAGS]
        if others and project.settings.other_tags == "refuse":
            raise Invalid({path: f"holds {others[0]!r}"})
        return message

    return check


def post(project: Project, incident: int, message: str) -> Obj:
    made = {"id": project.number(), "incident_id": incident, "message": message, "created_at": project.clock.unix()}
    return project.messages.put(made)


def _create(project: Project, call: Call) -> Answer:
    fields = {"incident_id": whole(), "message": message_of(project)}
    body = read(project, call, fields, required=("incident_id", "message"))
    incident = project.to_write(body["incident_id"])
    post(project, incident["id"], body["message"])
    return project.posted(None if project.settings.message_answer == "nothing" else {"success": True})


ROUTES: tuple[Route[Project], ...] = (Route("POST", "/api/v1/messages", _create),)
