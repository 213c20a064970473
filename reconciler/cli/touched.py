"""Touched: what changed in Git since a commit. Whole manifests are compared, so that a default counts, too."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from reconciler.engine.story import needs_of
from reconciler.errors import ManifestError, UsageError
from reconciler.kinds.address import Address
from reconciler.manifest.manifest import Manifest
from reconciler.manifest.project import Project, load_project
from reconciler.vendors.registry import VENDORS


def touched(project: Project, since: str, environment: str | None, *, made_up: bool) -> frozenset[str]:
    """The addresses of the manifests that differ from those at the last common commit with `since`, that went since
    then, and of those that they refer to or are referred to by. Raises UsageError where Git cannot tell."""
    base = _git(project.root, "merge-base", "--", since, "HEAD").decode().strip()
    folder = _git(project.root, "rev-parse", "--show-prefix").decode().strip()
    before = _at(project, base, folder, since, environment, made_up=made_up)
    now = project.manifests
    changed = {address for address, one in now.items() if _differs(one, before.get(address))}
    gone = {address for address in before if address not in now}
    needs = {address: needs_of(one) for address, one in now.items()}
    near = {other for address in changed for other in needs[address] if other in now}
    near |= {address for address, named in needs.items() if named & (changed | gone)}
    return frozenset(str(address) for address in changed | gone | near)


def _differs(one: Manifest, other: Manifest | None) -> bool:
    return other is None or (one.declared, one.metadata) != (other.declared, other.metadata)


def _at(
    project: Project, commit: str, folder: str, since: str, environment: str | None, *, made_up: bool
) -> Mapping[Address, Manifest]:
    """The manifests as they were at a commit; none where the project was not there yet."""
    listed = _git(project.root, "ls-tree", "-r", "--name-only", "-z", "--full-tree", commit, "--", folder or ".")
    if not listed:
        return {}
    top = Path(os.fsdecode(_git(project.root, "rev-parse", "--show-toplevel")).strip())
    content = _git(top, "archive", "--format=tar", f"{commit}:{folder}" if folder else commit)
    with TemporaryDirectory() as place:
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            archive.extractall(place, members=_yaml(archive), filter="data")
        root = Path(place)
        file = root / project.file.relative_to(project.root) if project.file else None
        if file is not None and not file.exists():
            return {}
        try:
            then = load_project(root, file, VENDORS, environ=os.environ, made_up=made_up, environment=environment)
        except ManifestError as error:
            first = error.problems[0]
            raise UsageError(
                f"the project at {since} cannot be read, so nothing tells what changed: {first.place}: {first.text}",
                way_out="plan without --changed-since",
            ) from None
        except UsageError:
            return {}  # the environment is new
    return then.manifests


def _yaml(archive: tarfile.TarFile) -> Iterable[tarfile.TarInfo]:
    """The files that a project may hold, links too: they are checked when they are read."""
    return [one for one in archive if one.name.endswith((".yaml", ".yml")) and (one.isfile() or one.issym())]


def _git(folder: Path, *arguments: str) -> bytes:
    try:
        # The arguments are ours but for the commit's name, which cannot be an option where it stands.
        command = ["git", "-C", str(folder), *arguments]
        ran = subprocess.run(command, capture_output=True, timeout=60, check=False)  # noqa: S603  # see above
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UsageError(f"git cannot be run: {error}", way_out="plan without --changed-since") from None
    if ran.returncode != 0:
        said = ran.stderr.decode(errors="replace").strip().splitlines() or ["it knows no such commit"]
        raise UsageError(
            f"--changed-since: git {arguments[0]}: {said[-1][:200]}",
            way_out="name a commit or branch that is here; a clone of a pipeline needs its history (fetch-depth: 0)",
        )
    return ran.stdout
