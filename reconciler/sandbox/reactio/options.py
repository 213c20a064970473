"""The option items of a project, set up in its admin pages: what `parameters` may hold (sheet 3.2, 4.1)."""

from __future__ import annotations

from typing import Any

from reconciler.sandbox.collection import Obj
from reconciler.sandbox.fields import Check, Invalid, flag, items, mapping, nullable, record, text, word
from reconciler.sandbox.reactio.project import Project
from reconciler.sandbox.reactio.vocabulary import DEPRECATED, FREE_TEXTS, SELECTIONS

PARAMETERS: Check = mapping(nullable(text()))
FIELDS: dict[str, Check] = {
    **{name: word(*words) for name, words in SELECTIONS.items()},
    **{name: text() for name in FREE_TEXTS},
}
_EDIT = record({"label": text(), "strings": items(text(least=1)), "required": flag})


def first(project: Project) -> None:
    """What the made-up project has set up beside the built-in items; without strings an item is free text."""
    for name, label, strings in (
        ("service", "サービス", ["checkout", "search", "payments"]),
        ("severity", "重大度", ["critical", "major", "minor"]),
        ("ticket", "チケット", []),
    ):
        edited(project, None, {"name": name, "label": label, "strings": strings})


def edited(project: Project, option: Obj | None, value: Obj) -> Obj:
    """An option item as a person leaves it; one without strings takes any."""
    name = option["name"] if option else value["name"]
    fresh = {"id": name, "name": name, "label": name, "strings": [], "required": False}
    given = _EDIT({key: part for key, part in value.items() if key != "name"}, "")
    return project.options.put({**(option or fresh), **given})


def folded(project: Project, body: Obj) -> Obj:
    """`parameters` with the deprecated fields in it. Raises Invalid where the project has no such item or string."""
    fields = {name: body[name] for name in DEPRECATED if name in body}
    sent: Obj = body.get("parameters", {})
    parameters = {name: value for name, value in sent.items() if value is not None}
    both = {**fields, **parameters} if project.settings.stronger == "parameters" else {**parameters, **fields}
    errors = {f"parameters.{name}": wrong for name, value in both.items() if (wrong := _wrong(project, name, value))}
    if errors and project.settings.unknown_parameters == "refuse":
        raise Invalid(errors)
    if project.settings.required_options == "refuse":
        _check_required(project, both)
    dropping = project.settings.unknown_parameters == "drop"
    return {name: value for name, value in both.items() if not (dropping and f"parameters.{name}" in errors)}


def _check_required(project: Project, parameters: Obj) -> None:
    missing = [item["name"] for item in project.options if item["required"] and not parameters.get(item["name"])]
    if missing:
        raise Invalid({f"parameters.{name}": "is required" for name in missing})


def _wrong(project: Project, name: str, value: str) -> str | None:
    """Why the project does not know this pair."""
    item = project.options.get(name)
    if item is None and name not in DEPRECATED:
        return "no option item has this name"
    strings = item["strings"] if item else SELECTIONS.get(name, ())
    return f"{value!r} is no string of it" if strings and value not in strings else None


def shown(project: Project, parameters: Obj) -> Obj:
    """As answers show them: the deprecated ones first."""
    none: dict[str, Any] = dict.fromkeys(SELECTIONS) if project.settings.unselected == "null" else {}
    whole = {**none, **parameters}
    built_in = [name for name in DEPRECATED if name in whole]
    return {name: whole[name] for name in [*built_in, *(name for name in whole if name not in DEPRECATED)]}
