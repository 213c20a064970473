"""Shelf: one account's ledger in a store, as slots that are each written once and hold one document."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeVar, cast

from pydantic import TypeAdapter, ValidationError

from reconciler.errors import LedgerError
from reconciler.ledger.store import Store

FORMAT = 1
Part = Literal["lease", "journal", "snapshot"]
T = TypeVar("T")
_SLOT = re.compile(r"(lease|journal|snapshot)/(\d+)-(\d+)")


@dataclass(frozen=True, order=True)
class Slot:
    """One name: `journal/000007-000012` is the twelfth after the first of generation 7."""

    part: Part
    generation: int
    number: int = 0

    @property
    def path(self) -> str:
        return f"{self.part}/{self.generation:06}-{self.number:06}"

    @property
    def next(self) -> Slot:
        return Slot(self.part, self.generation, self.number + 1)


class Torn:
    """A document cut short, as the loss of power leaves one that was never acknowledged."""


class Shelf:
    """The slots of one prefix, `<project>/<vendor>@<account>`."""

    def __init__(self, store: Store, prefix: str) -> None:
        self._store = store
        self.prefix = prefix

    def where(self, slot: Slot) -> str:
        return self._store.place(f"{self.prefix}/{slot.path}").file

    async def slots(self) -> list[Slot]:
        """What is there, sorted; names that are none of ours are left alone."""
        skip = len(self.prefix) + 1
        found = (_SLOT.fullmatch(path[skip:]) for path in await self._store.list(self.prefix))
        return sorted(Slot(cast(Part, name[1]), int(name[2]), int(name[3])) for name in found if name)

    async def read(self, slot: Slot, kind: TypeAdapter[T]) -> T | Torn | None:
        """The document in the slot, None where there is none. Raises LedgerError where it cannot be understood."""
        body = await self._store.get(self._path(slot))
        if body is None:
            return None
        return self.parse(slot, body, kind)

    async def create(self, slot: Slot, document: T, kind: TypeAdapter[T]) -> bytes | None:
        """None once the document stands in the slot; else the bytes another put there."""
        return await self._store.create(self._path(slot), encode(document, kind))

    async def delete(self, slots: Iterable[Slot]) -> None:
        await self._store.delete([self._path(slot) for slot in slots])

    def parse(self, slot: Slot, body: bytes, kind: TypeAdapter[T]) -> T | Torn:
        if not body.endswith(b"}\n"):
            return Torn()
        try:
            return kind.validate_json(body)
        except ValidationError as error:
            if _format(body) > FORMAT:
                raise self._too_new(slot, _format(body)) from None
            at = ".".join(str(part) for part in error.errors()[0]["loc"]) or "its start"
            # The values pydantic would quote are the company's own.
            raise self.broken(slot, f"cannot be understood (at {at})") from None

    def broken(self, slot: Slot, what: str) -> LedgerError:
        return LedgerError(
            f"{self.where(slot)} {what}; the ledger of {self.prefix} is damaged",
            way_out=f"restore it from a copy, or move {self.prefix} away and run `reconciler ledger rebuild`",
        )

    def _too_new(self, slot: Slot, found: int) -> LedgerError:
        return LedgerError(
            f"{self.where(slot)} has format {found}; this reconciler reads {FORMAT}",
            way_out="use the version of reconciler that wrote it, or a newer one",
        )

    def _path(self, slot: Slot) -> str:
        return f"{self.prefix}/{slot.path}"


def encode(document: T, kind: TypeAdapter[T]) -> bytes:
    """The bytes of a document: one line of JSON with its format first, and its end marked by the line's."""
    fields = kind.dump_json(document, exclude_defaults=True)
    return b'{"format":%d,%b\n' % (FORMAT, fields[1:])


def _format(body: bytes) -> int:
    try:
        found = json.loads(body)
    except ValueError:
        return 0
    version = found.get("format") if isinstance(found, dict) else None
    return version if isinstance(version, int) else 0
