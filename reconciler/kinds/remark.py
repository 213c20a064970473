"""Remark: what a kind says of a manifest, by itself or beside others."""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.kinds.tree import Path, Tree

# What a text calls an object: the sort of word, `@team-`, and the name in it.
Handle = tuple[str, str]


@dataclass(frozen=True)
class Remark:
    """Something `validate` and `plan` say about a manifest that is not an error. What is `quiet` is good to know, and
    no warning."""

    path: Path
    text: str
    quiet: bool = False


@dataclass(frozen=True)
class Taken:
    """Something that one manifest alone may say of an object: `what`, of `of` (None: the manifest's own object)."""

    what: str
    of: Tree
    path: Path


@dataclass(frozen=True)
class Misfit:
    """Something in a manifest that a catalogue of its account does not allow. `makes`: only where it makes an object,
    not where `metadata.id` names one that is there."""

    path: Path
    text: str
    way_out: str | None = None
    makes: bool = False
