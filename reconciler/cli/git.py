"""Git: what the repository around a folder tells, asked of the git that a person's PATH names."""

from __future__ import annotations

import subprocess
from pathlib import Path

from reconciler.manifest.folder import find_root


def run(folder: Path, *arguments: str, given: bytes = b"", seconds: float = 10) -> subprocess.CompletedProcess[bytes]:
    """Raises OSError where there is no git, and where it does not end in time."""
    command = ["git", "-C", str(folder), *arguments]
    try:
        return subprocess.run(  # noqa: S603  # the arguments are ours, but for a commit's name, where it is no option
            command, input=given, capture_output=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        raise TimeoutError(f"it did not end within {seconds:g} s") from None


def revision(root: Path) -> str | None:
    """The commit the project's folder stands at, with `-dirty` where files differ from it; None outside Git."""
    return _said(root, "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*") or None


def folder_in(start: Path) -> str:
    """Where the project's folder lies in its repository, `ops/`; empty at its top and outside Git."""
    return _said(find_root(start)[0], "rev-parse", "--show-prefix") or ""


def _said(folder: Path, *arguments: str) -> str | None:
    try:
        ran = run(folder, *arguments)
    except OSError:
        return None
    return ran.stdout.decode(errors="replace").strip() if ran.returncode == 0 else None
