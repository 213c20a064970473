"""The framed ids of settings objects and their update tokens (sheet 9.16, 9.17), and the classic number of a key."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from uuid import UUID

OBJECT = bytes.fromhex("beef54de15dadead")
TOKEN = bytes.fromhex("beef54dd15d8dead")
VERSION = bytes.fromhex("00000001")
TENANT = "tenant"


@dataclass(frozen=True)
class ObjectId:
    """What an object id tells: schema, scope and key UUID."""

    schema: str
    scope: str
    key: str

    def __str__(self) -> str:
        kind = TENANT if self.scope == "environment" else self.scope.rpartition("-")[0]
        ident = TENANT if self.scope == "environment" else self.scope
        return _framed(OBJECT, self.schema, kind, ident, self.key)


def _framed(magic: bytes, *texts: str) -> str:
    parts = [len(text.encode()).to_bytes(2, "big") + text.encode() for text in texts]
    return base64.urlsafe_b64encode(magic + VERSION + b"".join(parts) + magic).decode().rstrip("=")


def update_token(key: str, revision: str) -> str:
    return _framed(TOKEN, key, revision)


def read_object_id(text: str) -> ObjectId | None:
    """What the id tells; `None` for a text that is no object id."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    if not (raw.startswith(OBJECT + VERSION) and raw.endswith(OBJECT)) or len(raw) < 20:
        return None
    rest, texts = raw[12:-8], []
    while len(rest) >= 2:
        length = int.from_bytes(rest[:2], "big")
        texts.append(rest[2 : 2 + length].decode(errors="replace"))
        rest = rest[2 + length :]
    if len(texts) != 4:
        return None
    schema, _, scope, key = texts
    return ObjectId(schema, "environment" if scope == TENANT else scope, key)


def classic_number(key: str) -> int:
    """The signed number that classic paths call a management zone by: the first half of its key (sheet 9.18)."""
    return int.from_bytes(UUID(key).bytes[:8], "big", signed=True)
