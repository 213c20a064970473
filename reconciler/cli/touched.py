"""Touched: what changed in Git since a commit. Whole manifests are compared, so that a default counts, too."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from reconciler.cli import git
from reconciler.cli.project import as_opened
from reconciler.engine.story import needs_of
from reconciler.errors import ManifestError, UsageError
from reconciler.kinds.vendor import AccountSettings
from reconciler.manifest.manifest import Manifest
from reconciler.manifest.project import Project, load_project
from reconciler.vendors.registry import VENDORS


def touched(project: Project, since: str, environment: str | None, *, made_up: bool) -> frozenset[str]:
    """The addresses of the manifests that differ from those at the last common commit with `since`, that went since
    then, and of those that they refer to or are referred to by. Raises UsageError where Git cannot tell."""
    base = _git(project.root, "merge-base", "--", since, "HEAD").decode().strip()
    folder = _git(project.root, "rev-parse", "--show-prefix").decode().strip()
    then = _at(project, base, folder, since, environment, made_up=made_up)
    before, now = then.manifests if then else {}, project.manifests
    moved = {host for host, one in project.accounts.items() if then and _settings(then, host) != one.settings}
    changed = {address for address, one in now.items() if address.host in moved or _differs(one, before.get(address))}
    gone = {address for address in before if address not in now}
    needs = {address: needs_of(one) for address, one in now.items()}
    near = {other for address in changed for other in needs[address] if other in now}
    near |= {address for address, named in needs.items() if named & (changed | gone)}
    return frozenset(str(address) for address in changed | gone | near)


def _settings(project: Project, host: str) -> AccountSettings | None:
    account = project.accounts.get(host)
    return account.settings if account else None


def _differs(one: Manifest, other: Manifest | None) -> bool:
    return other is None or (one.declared, one.metadata) != (other.declared, other.metadata)


def _at(
    project: Project, commit: str, folder: str, since: str, environment: str | None, *, made_up: bool
) -> Project | None:
    """The project as it was at a commit; None where it was not there yet."""
    with TemporaryDirectory() as place:
        root = Path(place).resolve()
        _write_out(project.root, commit, folder, root)
        file = root / project.file.relative_to(project.root) if project.file else None
        if file is not None and not file.exists():
            return None
        try:
            then = load_project(root, file, VENDORS, environ=os.environ, made_up=made_up, environment=environment)
        except ManifestError as error:
            first = error.problems[0]
            raise UsageError(
                f"the project at {since} cannot be read, so nothing tells what changed: {first.place}: {first.text}",
                way_out="plan without --changed-since",
            ) from None
        except UsageError:
            return None  # the environment is new
    return as_opened(then, made_up=made_up)


def _write_out(project: Path, commit: str, folder: str, root: Path) -> None:
    """The files of a commit that a project may hold, without `git archive`, which leaves out and changes what
    `.gitattributes` says. Links too: they are checked when they are read."""
    listed = _git(project, "ls-tree", "-r", "-z", "--full-tree", commit, "--", folder or ".")
    rows = [row.partition(b"\t") for row in listed.split(b"\0") if row.endswith((b".yaml", b".yml"))]
    blobs = [(head.split(), os.fsdecode(name).removeprefix(folder)) for head, _, name in rows]
    files = [(mode, sha, name) for (mode, sort, sha), name in blobs if sort == b"blob"]
    contents = _contents(project, [sha for _, sha, _ in files])
    for (mode, _, name), content in zip(files, contents, strict=True):
        path = root / name
        if not Path(os.path.realpath(path.parent)).is_relative_to(root) or os.path.lexists(path):
            continue  # Git writes no such name, but one could be made; two that differ in case are one for some systems
        path.parent.mkdir(parents=True, exist_ok=True)
        if mode == b"120000":
            path.symlink_to(os.fsdecode(content))
        else:
            path.write_bytes(content)


def _contents(project: Path, shas: Sequence[bytes]) -> Iterator[bytes]:
    """What stands in these files, in their order."""
    stream = io.BytesIO(_git(project, "cat-file", "--batch", given=b"".join(sha + b"\n" for sha in shas)))
    for _ in shas:
        said = stream.readline().split()
        if len(said) != 3:
            raise UsageError(f"--changed-since: git lacks {said[0].decode()}", way_out="git fetch")
        yield stream.read(int(said[2]))
        stream.read(1)


def _git(folder: Path, *arguments: str, given: bytes = b"") -> bytes:
    try:
        ran = git.run(folder, *arguments, given=given, seconds=60)
    except OSError as error:
        raise UsageError(f"git cannot be run: {error}", way_out="plan without --changed-since") from None
    if ran.returncode != 0:
        said = ran.stderr.decode(errors="replace").strip().splitlines() or ["there is no common commit"]
        raise UsageError(
            f"--changed-since: git {arguments[0]}: {said[-1][:200]}",
            way_out="name a commit or branch that is here; a clone of a pipeline needs its history (fetch-depth: 0)",
        )
    return ran.stdout
