"""Folder: where a project begins, and which of its files may hold manifests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from reconciler.errors import Place, Problem, UsageError
from reconciler.manifest.load import FILE_LIMIT

PROJECT_FILE = "reconciler.yaml"
_SUFFIXES = (".yaml", ".yml")
_FOREIGN = "node_modules"


def find_root(start: Path) -> tuple[Path, Path | None]:
    """The nearest folder upward with a `reconciler.yaml`, and that file; else the folder itself.

    Raises UsageError where `start` is not there.
    """
    if not start.exists():
        raise UsageError(f"there is no {start}", way_out="name a folder or a file of the project")
    folder = (start if start.is_dir() else start.parent).resolve()
    for candidate in (folder, *folder.parents):
        if (candidate / PROJECT_FILE).is_file():
            return candidate, candidate / PROJECT_FILE
    return folder, None


def yaml_files(root: Path) -> Iterator[str]:
    """Every YAML file below the root, relative to it, sorted. Folders that begin with a dot are left out.

    A folder below with a `reconciler.yaml` of its own is another project. A link counts where it leads to a file of
    the project that is not read anyway; links to folders are not followed: what they show is read in its own place.
    """
    files: set[str] = set()
    links: list[str] = []
    for folder, folders, names in os.walk(root):
        here = os.path.relpath(folder, root)
        if here != "." and PROJECT_FILE in names:
            folders.clear()
            continue
        folders[:] = [name for name in folders if not name.startswith(".") and name != _FOREIGN]
        for name in names:
            if name.endswith(_SUFFIXES):
                path = os.path.normpath(os.path.join(here, name)).replace(os.sep, "/")
                (links.append if os.path.islink(os.path.join(folder, name)) else files.add)(path)
    yield from sorted(files | set(_inside(root, links, files)))


def _inside(root: Path, links: list[str], files: set[str]) -> Iterator[str]:
    base = root.resolve()
    seen = {(base / file) for file in files}
    for link in sorted(links):
        target = Path(os.path.realpath(root / link))  # unlike resolve(), this bears a link that leads to itself
        if target.is_file() and target.is_relative_to(base) and target not in seen:
            seen.add(target)
            yield link


def read_file(root: Path, file: str) -> bytes | Problem:
    """A file's bytes, at most one more than is read of any file."""
    if any("\ud800" <= one <= "\udfff" for one in file):  # neither a ledger nor a saved plan could name it
        return Problem("the file's name is not UTF-8", Place(file), "give it another name")
    try:
        with open(root / file, "rb") as stream:
            return stream.read(FILE_LIMIT + 1)
    except OSError as error:
        return Problem(f"the file cannot be read: {error.strerror}", Place(file))
