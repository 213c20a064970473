"""Narrowing: PATH, --selector, --target and --account as a scope; a word that means nothing is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from reconciler.cli.options import Common
from reconciler.cli.project import is_below, within
from reconciler.cli.touched import touched
from reconciler.engine.scope import Scope
from reconciler.errors import Problem, UsageError
from reconciler.ledger.entries import LedgerState
from reconciler.manifest.mistakes import did_you_mean
from reconciler.manifest.project import Project


def scope_of(common: Common, project: Project, states: Mapping[str, LedgerState]) -> Scope:
    """The scope. Raises UsageError for a path, address or account that neither Git nor the ledger knows."""
    paths = within(project.root, common.paths)
    scope = Scope(paths, common.selector, common.target, common.account)
    problems = [
        *_unknown_paths(paths, project, states),
        *_unknown_targets(scope, project, states),
        *_unknown_accounts(scope, project),
    ]
    if problems:
        raise UsageError(problems=problems)
    since = common.changed_since
    if since is None:
        return scope
    near = touched(project, since, common.environment, made_up=common.sandbox)
    return replace(scope, since=since, touched=near)


def _unknown_paths(paths: tuple[str, ...], project: Project, states: Mapping[str, LedgerState]) -> Iterator[Problem]:
    files = {manifest.file for manifest in project.written()}
    files |= {entry.file for state in states.values() for entry in state.entries.values()}
    for path in paths:
        if not any(is_below(file, (path,)) for file in files):
            said = "holds no manifest" if (project.root / path).exists() else "is not there, and never held a manifest"
            yield Problem(f"{path} {said}", way_out=did_you_mean(path, sorted(files), "manifests stand in"))


def _unknown_targets(scope: Scope, project: Project, states: Mapping[str, LedgerState]) -> Iterator[Problem]:
    known = {str(address) for address in project.manifests}
    known |= {address for state in states.values() for address in state.entries}
    for target in scope.targets:
        if target not in known:
            what = f'--target: neither a manifest nor the ledger has "{target}"'
            yield Problem(what, way_out=did_you_mean(target, sorted(known), "there are"))


def _unknown_accounts(scope: Scope, project: Project) -> Iterator[Problem]:
    known = {*project.accounts, *(account.name for account in project.accounts.values())}
    for account in scope.accounts:
        if account not in known:
            what = f'--account: the project has no account "{account}"'
            yield Problem(what, way_out=did_you_mean(account, sorted(known), "there are"))
