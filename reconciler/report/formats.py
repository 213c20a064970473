"""Formats: every form a plan can be told in, by the word that asks for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:  # the options of every command name the forms, and few commands read a plan
    from reconciler.report.document import PlanDocument


Format = Literal["text", "json", "markdown", "html", "sarif", "junit", "github"]

# Imported when it is asked for: a plan in a terminal needs none of them.
_HOMES: Mapping[str, tuple[str, str]] = {
    "markdown": ("markdown", "markdown_text"),
    "html": ("html", "html_text"),
    "sarif": ("sarif", "sarif_text"),
    "junit": ("junit", "junit_text"),
    "github": ("annotations", "annotations_text"),
}
_POINTING = ("sarif", "junit", "github")
FORMATS: tuple[str, ...] = ("text", "json", *_HOMES)


def told(plan: PlanDocument, form: str, folder: str = "") -> str:
    """The plan in one of the forms that are neither for a terminal nor JSON. `folder` is where the project lies in its
    repository, `ops/` or nothing: what points at files says where they are for its readers."""
    module, name = _HOMES[form]
    tell: Callable[..., str] = getattr(import_module(f"reconciler.report.{module}"), name)
    return tell(plan, folder) if form in _POINTING else tell(plan)
