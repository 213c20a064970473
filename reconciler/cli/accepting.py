"""Accepting: what drifted, written into the manifests in the place of what Git said, or nothing of a file at all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from reconciler.cli.options import Common
from reconciler.cli.project import open_project
from reconciler.engine.acceptance import Accepted, acceptances, unaccepted
from reconciler.engine.audit import Audit
from reconciler.errors import Problem, ReconcilerError, UsageError
from reconciler.kinds.tree import spell
from reconciler.manifest.compose import locate
from reconciler.manifest.mistakes import did_you_mean
from reconciler.manifest.patch import patched

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Written:
    """What came of accepting: the files that changed, how many manifests, and what was not written back, and why."""

    files: tuple[str, ...]
    manifests: int
    left: tuple[Problem, ...]


def accept(audit: Audit, addresses: Sequence[str], common: Common) -> Written:
    """Write what is live into the manifests of these addresses, or of all that drifted where none is named.

    What is live and makes no manifest is left. Raises UsageError for an address that did not drift.
    """
    _all_drifted(audit, addresses)
    accepted = [*acceptances(audit, frozenset(addresses) or None)]
    attempt = _Attempt(audit, common, accepted)
    problems: list[Problem] = []
    if attempt.run():
        good: list[Accepted] = []
        for one in accepted:  # one after the other, each beside those that went well
            attempt.undo()
            attempt = _Attempt(audit, common, [*good, one])
            wrong = attempt.run()
            good += [] if wrong else [one]
            problems += [Problem(_words(one, "", text), one.manifest.place()) for text in wrong]
        attempt.undo()
        attempt = _Attempt(audit, common, good)
        attempt.run()
    names = attempt.files
    changed = sum(one.manifest.file in names for one in attempt.accepted)
    return Written(names, changed, tuple(sorted(dict.fromkeys([*problems, *attempt.left]), key=lambda p: p.sort_key)))


class _Attempt:
    """Several manifests written at once, so that all of it can be taken back."""

    def __init__(self, audit: Audit, common: Common, accepted: Sequence[Accepted]) -> None:
        self.audit, self.common, self.accepted = audit, common, accepted
        self.before: dict[Path, bytes] = {}
        self.left: list[Problem] = []
        self.partly: set[str] = set()

    @property
    def files(self) -> tuple[str, ...]:
        root = self.audit.plan.draft.access.project.root
        return tuple(sorted(path.relative_to(root).as_posix() for path in self.before))

    def run(self) -> list[str]:
        """Write, and read it all again; where that is no project any more all is undone, and the reasons are given."""
        self.left = [problem for one in self.accepted for problem in one.left]
        for file in sorted({one.manifest.file for one in self.accepted}):
            self._write(file, [one for one in self.accepted if one.manifest.file == file])
        if not self.before:
            return []
        try:
            project = open_project(self.common)
        except ReconcilerError as error:
            self.undo()
            return [f"what is live makes no manifest: {one.text}" for one in error.problems]
        manifests = {str(address): one for address, one in project.manifests.items()}
        whole = [one for one in self.accepted if str(one.manifest.address) not in self.partly]
        self.left += [problem for one in whole for problem in unaccepted(self.audit, manifests, one)]
        return []

    def undo(self) -> None:
        """Every file as it was."""
        for path, content in self.before.items():
            path.write_bytes(content)
        self.before.clear()

    def _write(self, file: str, accepted: Sequence[Accepted]) -> None:
        by_line: dict[int, list[Accepted]] = {}
        for one in accepted:
            by_line.setdefault(locate(one.manifest.spot, ())[0], []).append(one)
        path = self.audit.plan.draft.access.project.root / file
        try:
            content = path.read_bytes()
            text = content.decode("utf-8-sig")
            # Of several that one document makes, any will do: none of them is written.
            new, left = patched(text, {line: some[0].patch for line, some in by_line.items()})
            if new != text:
                self.before[path] = content
                path.write_bytes((_BOM if content.startswith(_BOM) else b"") + new.encode())
        except OSError as error:
            self.undo()
            raise UsageError(f"{file} cannot be written: {error.strerror}", way_out="make it writable") from None
        self.partly |= {str(one.manifest.address) for line, _ in left for one in by_line[line]}
        self.left += [
            Problem(_words(one, spell(part.path[1:]), part.why), one.manifest.place(part.path[1:]))
            for line, part in left
            for one in by_line[line]
        ]


def _all_drifted(audit: Audit, addresses: Iterable[str]) -> None:
    drifted = sorted({str(one.change.address) for one in audit.drift})
    problems = [
        Problem(f'--accept: "{one}" did not drift', way_out=did_you_mean(one, drifted, "what drifted is"))
        for one in addresses
        if one not in drifted
    ]
    if problems:
        raise UsageError(problems=problems)


def _words(one: Accepted, path: str, why: str) -> str:
    return f"{one.manifest.address}: {path or 'its drift'} is not written back: {why}"
