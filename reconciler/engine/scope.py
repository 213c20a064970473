"""Scope: what a run was narrowed to. It chooses what is planned, never what is wanted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reconciler.kinds.address import Address


@dataclass(frozen=True)
class Scope:
    """Empty parts choose everything. `paths` are files or folders relative to the root; `selector` is label=value.

    `since` names a commit, and `touched` what changed after it: with it, nothing else is chosen.
    """

    paths: tuple[str, ...] = ()
    selector: tuple[tuple[str, str], ...] = ()
    targets: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    since: str = ""
    touched: frozenset[str] = frozenset()

    @property
    def narrow(self) -> bool:
        return bool(self.paths or self.selector or self.targets or self.accounts or self.since)

    def holds(self, address: Address, file: str, labels: Mapping[str, str]) -> bool:
        """Whether a manifest, or a ledger entry by what it recorded, lies inside."""
        return (
            (not self.targets or str(address) in self.targets)
            and (not self.since or str(address) in self.touched)
            and (not self.accounts or address.host in self.accounts or address.account in self.accounts)
            and (not self.paths or any(_inside(file, path) for path in self.paths))
            and all(labels.get(name) == value for name, value in self.selector)
        )

    def describe(self) -> str:
        """The narrowing as the person gave it."""
        parts = [
            *self.paths,
            *(f"--target {one}" for one in self.targets),
            *(f"--account {one}" for one in self.accounts),
        ]
        parts += [f"what changed since {self.since}"] if self.since else []
        parts += [f"--selector {name}={value}" for name, value in self.selector]
        return " ".join(parts)


def _inside(file: str, path: str) -> bool:
    return path in ("", ".") or file == path or file.startswith(path.rstrip("/") + "/")
