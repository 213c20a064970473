"""Mention: words in texts that are to name an object, and nearly do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches

from reconciler.kinds.kind import Kind
from reconciler.kinds.remark import Handle, Remark
from reconciler.kinds.tree import Object

# How alike a word must be to be taken for a slip: `checkout-eu` is not `checkout-us-west`.
_ALIKE = 0.75


@dataclass(repr=False)
class Mentions:
    """What texts call the objects of one account, by sort; `leaving` are the names of those that left Git, `near`
    remembers what was looked for."""

    names: dict[str, set[str]] = field(default_factory=dict)
    leaving: set[Handle] = field(default_factory=set)
    near: dict[Handle, str | None] = field(default_factory=dict)

    @classmethod
    def of(cls, trees: Iterable[tuple[Kind, Object]], leaving: Iterable[tuple[Kind, Object]] = ()) -> Mentions:
        """`trees` are of live objects and of manifests, `leaving` of live objects of ours that left Git."""
        found = cls(leaving={handle for kind, tree in leaving for handle in kind.called(tree)})
        for kind, tree in trees:
            for sort, name in kind.called(tree):
                found.names.setdefault(sort, set()).add(name)
        return found

    def misses(self, kind: Kind, tree: Object) -> Iterator[Remark]:
        """Remarks on words that lead to what left Git, or to nothing known and nearly to something."""
        for (sort, name), path in kind.mentions(tree).items():
            if name not in self.names.get(sort, ()):
                near, left = self._near((sort, name)), (sort, name) in self.leaving
                means = f"; did you mean {sort}{near}?" if near is not None else ""
                if left or means:
                    why = "names what has left Git" if left else "leads to nothing known here"
                    yield Remark(path, f"{sort}{name} {why}{means}")

    def _near(self, handle: Handle) -> str | None:
        if handle not in self.near:
            sort, name = handle
            folded = {one.casefold(): one for one in sorted(self.names.get(sort, ()))}
            found = get_close_matches(name.casefold(), folded, 1, _ALIKE)
            self.near[handle] = folded[found[0]] if found else None
        return self.near[handle]
