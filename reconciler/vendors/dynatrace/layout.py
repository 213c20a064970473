"""Layout: where secrets stand in a settings value, and beside which fields the server wants them sent anew.

https://docs.dynatrace.com/docs/dynatrace-api/environment-api/settings A secret is read back as a mask. Sent back by PUT
the mask keeps the secret, unless a field that forces resubmission changes: then every secret goes in clear.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from reconciler.kinds.tree import Hidden, Keep, Secret, Tree


@dataclass(frozen=True)
class Layout:
    """An object's fields: those that are `secrets`, those that `resubmit` when they change, and nested objects.

    A nested layout also holds for each item where its field is a list.
    """

    secrets: frozenset[str] = frozenset()
    resubmit: frozenset[str] = frozenset()
    inner: Mapping[str, Layout] = field(default_factory=dict)


NO_SECRETS = Layout()


def is_kept(leaf: Tree) -> bool:
    """Whether a leaf is a secret of which nobody here gives the value."""
    return isinstance(leaf, Hidden | Keep) or (isinstance(leaf, Secret) and isinstance(leaf.source, Keep))


def hidden(value: Tree, layout: Layout) -> Tree:
    """A value as read, its masks dropped."""
    if isinstance(value, list):
        return [hidden(item, layout) for item in value]
    if not isinstance(value, Mapping):
        return value
    return {
        name: Hidden() if name in layout.secrets and part is not None else _below(hidden, name, part, layout)
        for name, part in value.items()
    }


def _below(do: object, name: str, part: Tree, layout: Layout) -> Tree:
    assert callable(do)
    return do(part, layout.inner[name]) if name in layout.inner else part


def held_back(value: Tree, layout: Layout) -> Tree:
    """A value without the secrets that nobody gives: the server's masks take their places."""
    if isinstance(value, list):
        return [held_back(item, layout) for item in value]
    if not isinstance(value, Mapping):
        return value
    return {
        name: _below(held_back, name, part, layout)
        for name, part in value.items()
        if not (name in layout.secrets and is_kept(part))
    }


def masked(value: Tree, raw: Tree, layout: Layout) -> Tree:
    """A value with the server's masks where a secret is held back. Items are told apart by all but their secrets."""
    if isinstance(value, list) and isinstance(raw, list):
        return [masked(item, _like(item, raw, layout), layout) for item in value]
    if not isinstance(value, Mapping) or not isinstance(raw, Mapping):
        return value
    masks = {name: raw[name] for name in layout.secrets if name not in value and raw.get(name) is not None}
    return {
        **{
            name: masked(part, raw.get(name), layout.inner[name]) if name in layout.inner else part
            for name, part in value.items()
        },
        **masks,
    }


def _like(item: Tree, rows: list[Tree], layout: Layout) -> Tree:
    def bare(one: Tree) -> Tree:
        return {n: p for n, p in one.items() if n not in layout.secrets} if isinstance(one, Mapping) else one

    return next((row for row in rows if bare(row) == bare(item)), None)


def resubmitting(wanted: Tree, live: Tree, layout: Layout) -> bool:
    """Whether a field differs that makes the server ask for all secrets."""
    if not isinstance(wanted, Mapping) or not isinstance(live, Mapping):
        return False
    here = any(wanted.get(name) != live.get(name) for name in layout.resubmit)
    return here or any(resubmitting(wanted.get(name), live.get(name), below) for name, below in layout.inner.items())


def secrets(value: Tree, layout: Layout) -> Iterator[Tree]:
    """Every secret in a value."""
    if isinstance(value, list):
        for item in value:
            yield from secrets(item, layout)
    elif isinstance(value, Mapping):
        for name, part in value.items():
            if name in layout.secrets:
                yield part
            elif name in layout.inner:
                yield from secrets(part, layout.inner[name])
