"""Objects of one sort: by id, with an index by name. Objects are values, replaced whole and never changed in place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Generic, TypeVar

Id = TypeVar("Id", bound=str | int)
Obj = dict[str, Any]


class Collection(Generic[Id]):
    """In order of creation. A fork shares the objects and copies only the two dictionaries."""

    def __init__(self, key: str = "name") -> None:
        self.key = key
        self.items: dict[Id, Obj] = {}
        self._named: dict[str, tuple[Id, ...]] = {}

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Obj]:
        return iter(self.items.values())

    def __contains__(self, ident: object) -> bool:
        return ident in self.items

    def get(self, ident: Any) -> Obj | None:
        return self.items.get(ident)

    def named(self, name: Any) -> list[Obj]:
        """All that bear the name, oldest first."""
        return [self.items[ident] for ident in self._named.get(name, ())]

    def put(self, obj: Obj) -> Obj:
        """New, or in the place of the one with the same id."""
        ident = obj["id"]
        before = self.items.get(ident)
        if before is None or before.get(self.key) != obj.get(self.key):
            if before is not None:
                self._unname(before)
            name = str(obj.get(self.key))
            bearers: tuple[Id, ...] = self._named.get(name, ())
            self._named[name] = (*bearers, ident)
        self.items[ident] = obj
        return obj

    def drop(self, ident: Id) -> None:
        self._unname(self.items.pop(ident))

    def _unname(self, obj: Obj) -> None:
        name = str(obj.get(self.key))
        left = tuple(ident for ident in self._named[name] if ident != obj["id"])
        if left:
            self._named[name] = left
        else:
            del self._named[name]

    def fork(self) -> Collection[Id]:
        twin: Collection[Id] = Collection(self.key)
        twin.items, twin._named = dict(self.items), dict(self._named)
        return twin

    def state(self) -> list[Obj]:
        return list(self.items.values())

    def load(self, state: list[Obj]) -> None:
        self.items, self._named = {}, {}
        for obj in state:
            self.put(obj)
