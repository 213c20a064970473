"""Project: the one a command is about, loaded whole, and the paths that people name in it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from reconciler.cli.options import Common
from reconciler.errors import UsageError
from reconciler.manifest.project import LedgerSettings, Project, find_root, load_project
from reconciler.vendors.registry import VENDORS


def root_of(common: Common) -> Path:
    """The project's folder. Raises UsageError where there is none to look in."""
    return find_root(common.root)[0]


def open_project(common: Common) -> Project:
    """The project of the current folder, or the named one. Raises ManifestError with all problems, UsageError."""
    root, file = find_root(common.root)
    # Which tenant is meant is the environment's to say, but not in a made-up world.
    environ = {} if common.sandbox else os.environ
    project = load_project(root, file, VENDORS, environ=environ, made_up=common.sandbox, environment=common.environment)
    return as_opened(project, made_up=common.sandbox)


def as_opened(project: Project, *, made_up: bool) -> Project:
    """The project as commands see it: in a made-up world signed in there, with a ledger of its own."""
    if not made_up:
        return project
    from reconciler.cli import sandboxed  # imported here: `validate` needs no vendor, made up or not

    return replace(sandboxed.signed_in(project), ledger=LedgerSettings(sandboxed.LEDGER, ephemeral=True))


def within(root: Path, paths: Iterable[str]) -> tuple[str, ...]:
    """Paths as given, relative to the root; none where they name all of it. Raises UsageError for one outside it."""
    inside = tuple(_inside(root, path) for path in paths)
    return () if "." in inside else inside


def standing(root: Path, paths: Iterable[str]) -> tuple[str, ...]:
    """The same, for a command that looks at files alone. Raises UsageError for one that is not there."""
    inside = within(root, paths)
    for path in inside:
        if not os.path.lexists(root / path):
            raise UsageError(f"{path} is not there", way_out="name a file or a folder of the project")
    return inside


def is_below(file: str, paths: Iterable[str]) -> bool:
    """Whether a file is one of these, or lies in one of these folders; all relative to the project's root."""
    return any(file == path or file.startswith(f"{path}/") for path in paths)


def _inside(root: Path, path: str) -> str:
    # Not resolved at once: a manifest may be reached by a link, and is known by the link's name.
    absolute = Path(os.path.abspath(path))
    for base, target in ((root, absolute), (root.resolve(), absolute), (root.resolve(), Path(os.path.realpath(path)))):
        if target.is_relative_to(base):
            return target.relative_to(base).as_posix()
    raise UsageError(f"{path} is outside the project {root}", way_out="name its folder with --project")
