"""References as settings have them: the id of the object, or of an entity, as a bare text."""

from __future__ import annotations

import re
from typing import Any

from reconciler.kinds.fields import RefTo
from reconciler.kinds.tree import Ref, Tree
from reconciler.kinds.wire import Wire

_ENTITY_ID = re.compile(r"[A-Z][A-Z0-9_]*-[0-9A-F]{16}")


def is_entity_id(text: Tree) -> bool:
    return isinstance(text, str) and _ENTITY_ID.fullmatch(text) is not None


def pointing(kind: str) -> Wire:
    """A field that names an object of this kind; the vendor has its id."""
    return Wire(back=lambda raw: Ref(kind, "id", (raw,)) if isinstance(raw, str) and raw else raw)


class EntityRef(RefTo):
    """A reference to an entity: its id as the vendor has it, `HOST-0123456789ABCDEF`, or `{existing: [HOST, name]}`."""

    def read(self, value: Any) -> Ref:
        return Ref(self.kind, "id", (value,)) if is_entity_id(value) else super().read(value)
