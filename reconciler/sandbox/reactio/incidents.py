"""Incidents (sheet 4.1 to 4.4): made, listed newest first, read, and of all fields only their status changed."""

from __future__ import annotations

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.exchange import Answer, json_answer
from reconciler.sandbox.fields import Check, Invalid, items, text, word
from reconciler.sandbox.reactio import messages, notifications, options
from reconciler.sandbox.reactio.body import read
from reconciler.sandbox.reactio.project import BY_API, Project, Refusal, forbidden, not_found
from reconciler.sandbox.reactio.vocabulary import COLORS, PAGE_MOST, PER_PAGE, PER_PAGE_MOST, STATUSES
from reconciler.sandbox.routes import Call, Route

STAMPS = {"pend": "pended", "close": "closed"}
_BEGUN: Obj = {"closed_by": None, "closed_at": None, "pended_by": None, "pended_at": None}
_SUMMARY = ("id", "name", "manager", "status", "parameters", *_BEGUN)
_WRITTEN = ("created_by", "created_at", "updated_by", "updated_at")


# ── as it is stored ─────────────────────────────────────────────────────────────────────────────────────────────────


def made(project: Project, given: Obj, by: int = BY_API) -> Obj:
    """A new incident; `parameters` are whole already."""
    now = project.clock.unix()
    ident = project.number()
    written = {"created_by": by, "created_at": now, "updated_by": by, "updated_at": now}
    incident = {
        "id": ident,
        "name": given["name"],
        "manager": None,
        "status": "open",
        "parameters": given.get("parameters", {}),
        **_BEGUN,
        **written,
        "topics": [topic(project, name, at, written) for at, name in enumerate(given.get("topics", ()))],
        "files": [],
        "users": [],
        "project": "",  # of another one where a person has moved it
    }
    return project.incidents.put(incident | standing(project, incident, given.get("status", "open"), by))


def topic(project: Project, name: str, at: int, written: Obj) -> Obj:
    color = COLORS[at % len(COLORS)]
    closed = {"closed_by": None, "closed_at": None}
    return {"id": project.number(), "name": name, "status": "open", "color": color, **closed, **written}


def standing(project: Project, incident: Obj, status: str, by: int | None) -> Obj:
    """What a change of status changes."""
    if status == incident["status"]:
        return {}
    now = project.clock.unix()
    changed: Obj = {"status": status, "updated_by": by, "updated_at": now}
    if status in STAMPS:
        changed |= {f"{STAMPS[status]}_by": by, f"{STAMPS[status]}_at": now}
    elif project.settings.reopening == "clears":
        changed |= _BEGUN
    return changed


# ── as it is answered ───────────────────────────────────────────────────────────────────────────────────────────────


def _summary(project: Project, incident: Obj) -> Obj:
    shown = {key: incident[key] for key in (*_SUMMARY, *_WRITTEN)}
    return {**shown, "parameters": options.shown(project, incident["parameters"])}


def _close_text(incident: Obj) -> Obj:
    """Beside `parameters` too, in some answers (sheet 8.2, 8.3)."""
    return {"close_text": incident["parameters"]["close_text"]} if "close_text" in incident["parameters"] else {}


def _file(file: Obj, incident: Obj) -> Obj:
    """The path as the vendor gives it: neither the organisation nor a slash behind the host (sheet 8.13)."""
    path = f"https://.reactio.jpdata/reactio-mvp/files/incident/{incident['id']}/{file['name']}"
    return {"name": file["name"], "path": path}


def _detail(project: Project, incident: Obj) -> Obj:
    files = [_file(file, incident) for file in incident["files"]]
    people = [{"id": ident} for ident in incident["users"]]
    return {**_summary(project, incident), "topics": incident["topics"], "files": files, "users": people}


def _notified(project: Project, notification: Obj | None) -> Obj:
    """One object under a name in the plural (sheet 8.12)."""
    if notification is not None:
        return {"notifications": notification}
    forms: dict[str, Obj] = {"absent": {}, "null": {"notifications": None}, "empty": {"notifications": {}}}
    return forms[project.settings.no_notification]


# ── calls ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _fields(project: Project) -> dict[str, Check]:
    return {
        "name": text(least=1),
        "status": word(*STATUSES),
        "parameters": options.PARAMETERS,
        **options.FIELDS,
        "topics": items(text()),
        **notifications.FIELDS,
        "message": messages.message_of(project),
    }


def _create(project: Project, call: Call) -> Answer:
    body = read(project, call, _fields(project), required=("name",))
    incident = made(project, {**body, "parameters": options.folded(project, body)})
    notification = _first_notification(project, incident, body) if body.get("notification_text") else None
    if body.get("message"):
        messages.post(project, incident["id"], body["message"])
    shown = {**_summary(project, incident), **_close_text(incident), "topics": incident["topics"]}
    return project.posted({**shown, **_notified(project, notification)})


def _first_notification(project: Project, incident: Obj, body: Obj) -> Obj:
    """Nobody to tell: the answer is an error, and the incident may stand all the same, without its message."""
    try:
        return notifications.send(project, incident["id"], body)
    except Refusal:
        if project.settings.unnotified == "refused":
            project.incidents.drop(incident["id"])
        raise


def _number(call: Call, name: str) -> int | None:
    value = call.query.get(name)
    if value is None:
        return None
    if not (value.isascii() and value.removeprefix("-").isdecimal()):
        raise Invalid({name: f"{value!r} is not a number"})
    return int(value)


def _within(project: Project, call: Call, name: str, fallback: int, most: int) -> int:
    number = _number(call, name)
    if number is None:
        return fallback
    if project.settings.wrong_page == "refuse" and not 1 <= number <= most:
        raise Invalid({name: f"{number} is not within 1 and {most}"})
    return min(max(number, 1), most)


def _in_time(project: Project, call: Call) -> list[Obj]:
    since, until = _number(call, "from"), _number(call, "to")
    if since is not None and until is not None and since > until and project.settings.wrong_range == "refuse":
        raise Invalid({"from": f"{since} is after {until}"})
    slack = 1 if project.settings.bounds == "inclusive" else 0
    return [
        one
        for one in project.incidents
        if (since is None or one["created_at"] > since - slack) and (until is None or one["created_at"] < until + slack)
    ]


def _list(project: Project, call: Call) -> Answer:
    page = _within(project, call, "page", 1, PAGE_MOST)
    size = _within(project, call, "per_page", PER_PAGE, PER_PAGE_MOST)
    status = call.query.get("status")
    if status is not None:
        word(*STATUSES)(status, "status")
    asked = status or ("open" if project.settings.without_status == "open" else None)
    fitting = [one for one in _in_time(project, call) if not one["project"] and asked in (None, one["status"])]
    fitting.sort(key=lambda one: (one["created_at"], one["id"]), reverse=True)
    rows = fitting[(page - 1) * size : page * size]
    first = _close_text(rows[0]) if rows else {}
    shown = [_summary(project, one) for one in rows]
    return json_answer(200, [{**one, **(first if at == 0 else {})} for at, one in enumerate(shown)])


def _ident(call: Call) -> int | None:
    written = call.params["id"]
    return int(written) if written.isascii() and written.isdecimal() else None


def _read(project: Project, call: Call) -> Answer:
    incident = project.incidents.get(_ident(call))
    if incident is None:
        raise not_found()
    if incident["project"]:
        raise forbidden()
    return json_answer(200, _detail(project, incident))


def _status(project: Project, call: Call) -> Answer:
    """A body that names no status means "open": it opens a closed incident again (sheet 8.10)."""
    body = read(project, call, {"status": word(*STATUSES)})
    incident = project.to_write(_ident(call))
    status = body.get("status", "open")
    if status == incident["status"] and project.settings.same_status == "refuse":
        raise Invalid({"status": f"is {status!r} already"})
    by = BY_API if project.settings.changed_by == "zero" else None
    project.incidents.put({**incident, **standing(project, incident, status, by)})
    return project.posted({"success": True})


_PATH = "/api/v1/incidents"

ROUTES: tuple[Route[Project], ...] = (
    Route("POST", _PATH, _create),
    Route("GET", _PATH, _list),
    Route("GET", f"{_PATH}/{{id}}", _read),
    Route("POST", f"{_PATH}/{{id}}/status", _status),
)
