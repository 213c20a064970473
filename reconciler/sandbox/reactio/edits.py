"""What a person does in Reactio's pages: incidents that move on, people and their devices, option items."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reconciler.sandbox.collection import Collection, Obj
from reconciler.sandbox.fields import Check, anything, items, nullable, record, text, whole, word
from reconciler.sandbox.reactio import incidents, options
from reconciler.sandbox.reactio.project import Project
from reconciler.sandbox.reactio.vocabulary import CHANNELS, STATUSES
from reconciler.sandbox.vendor import BadControl

A_PERSON = 4

Edited = Callable[[Project, Obj | None, Obj], Obj]

_INCIDENT: dict[str, Check] = {
    "name": text(least=1),
    "status": word(*STATUSES),
    "parameters": anything,  # read by its own check, in which null takes one away
    "manager": nullable(whole()),
    "topics": items(text(least=1)),
    "files": items(record({"name": text(least=1)}, ("name",))),
    "users": items(whole()),
    "project": text(),
}
_USER = record({"name": text(), "devices": items(word(*CHANNELS))})


def _incident(project: Project, incident: Obj | None, value: Obj) -> Obj:
    """An incident as a person leaves it; `project` names another project that it is of."""
    given: Obj = record(_INCIDENT, nulls="checked")(value, "")
    patch = options.PARAMETERS(given.get("parameters", {}), "parameters")
    before = incident or incidents.made(project, {"name": given["name"]}, by=A_PERSON)
    merged = {**before["parameters"], **patch}
    plain: Obj = {key: given[key] for key in ("name", "manager", "files", "users", "project") if key in given}
    status: str = given["status"] if "status" in given else before["status"]
    stamps = incidents.standing(project, before, status, A_PERSON)
    parameters = {name: string for name, string in merged.items() if string is not None}
    topics = _topics(project, before, given["topics"]) if "topics" in given else before["topics"]
    return project.incidents.put({**before, **plain, **stamps, "parameters": parameters, "topics": topics})


def _topics(project: Project, incident: Obj, names: list[str]) -> list[Obj]:
    """Those there keep their ids."""
    there = {topic["name"]: topic for topic in incident["topics"]}
    now = project.clock.unix()
    written = {"created_by": A_PERSON, "created_at": now, "updated_by": A_PERSON, "updated_at": now}
    return [there.get(name) or incidents.topic(project, name, at, written) for at, name in enumerate(names)]


def _user(project: Project, user: Obj | None, value: Obj) -> Obj:
    given = _USER({key: part for key, part in value.items() if user is not None or key != "name"}, "")
    fresh = {"id": int(value["name"]), "name": value["name"], "devices": []} if user is None else {}
    return project.users.put({**fresh, **(user or {}), **given})


def _sorts(project: Project) -> dict[str, tuple[Collection[Any], Edited]]:
    return {
        "incidents": (project.incidents, _incident),
        "users": (project.users, _user),
        "options": (project.options, options.edited),
    }


def edit(project: Project, path: tuple[str, ...], value: Obj | None) -> Obj | None:
    match path:
        case (str() as sort, str() as name) if sort in _sorts(project):
            objs, edited = _sorts(project)[sort]
        case _:
            known = "incidents/NAME, users/ID, options/NAME"
            raise BadControl(f"reactio can edit {known}, not {'/'.join(path)!r}")
    obj = _one(objs, name)
    if value is not None:
        if obj is None and sort == "users" and not _is_number(name):
            raise BadControl(f"a user of reactio is called by a number, not {name!r}")
        return edited(project, obj, value if obj else {**value, "name": name})
    if obj is None:
        raise BadControl(f"reactio has no {'/'.join(path)}")
    objs.drop(obj["id"])
    return None


def _is_number(name: str) -> bool:
    return name.isascii() and name.isdecimal()


def _one(objs: Collection[Any], name: str) -> Obj | None:
    """By id or by name, where one alone bears it."""
    found = objs.get(int(name) if _is_number(name) else name)
    named = objs.named(name)
    if found is None and len(named) > 1:
        raise BadControl(f"{len(named)} are called {name!r}; use the id: {', '.join(str(obj['id']) for obj in named)}")
    return found or next(iter(named), None)
