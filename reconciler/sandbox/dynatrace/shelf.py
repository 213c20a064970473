"""The settings objects of an environment: by schema, by external id, and by name."""

from __future__ import annotations

from reconciler.sandbox.collection import Collection, Obj

Index = dict[tuple[str, str], tuple[str, ...]]


class Shelf(Collection[str]):
    """Like any collection, with what is looked up at every write: external ids by scope, names by schema."""

    def __init__(self) -> None:
        super().__init__("schema")
        self._marks: Index = {}
        self._titles: Index = {}

    def marked(self, scope: str, external_id: str) -> list[Obj]:
        return [self.items[ident] for ident in self._marks.get((scope, external_id), ())]

    def titled(self, schema: str, name: str) -> list[Obj]:
        return [self.items[ident] for ident in self._titles.get((schema, name), ())]

    def put(self, obj: Obj) -> Obj:
        before = self.items.get(obj["id"])
        if before is not None:
            self._forget(before)
        super().put(obj)
        for index, key in self._keys(obj):
            index[key] = (*index.get(key, ()), obj["id"])
        return obj

    def drop(self, ident: str) -> None:
        self._forget(self.items[ident])
        super().drop(ident)

    def _keys(self, obj: Obj) -> list[tuple[Index, tuple[str, str]]]:
        keys = [(self._titles, (str(obj["schema"]), str(obj["value"].get("name"))))]
        return [*keys, (self._marks, (obj["scope"], obj["externalId"]))] if obj["externalId"] else keys

    def _forget(self, obj: Obj) -> None:
        for index, key in self._keys(obj):
            left = tuple(ident for ident in index[key] if ident != obj["id"])
            if left:
                index[key] = left
            else:
                del index[key]

    def fork(self) -> Shelf:
        twin = Shelf()
        twin.items, twin._named = dict(self.items), dict(self._named)
        twin._marks, twin._titles = dict(self._marks), dict(self._titles)
        return twin

    def load(self, state: list[Obj]) -> None:
        self._marks, self._titles = {}, {}
        super().load(state)
