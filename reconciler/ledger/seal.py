"""Seal: keeps once-only outputs closed and secrets comparable in the ledger, with keys that can be rotated."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from reconciler.errors import LedgerError, Place, SecretError

VARIABLE = "RECONCILER_SEAL_KEY"
_NEW_KEY = "make one with: openssl rand -base64 32 | tr '+/' '-_'"


@dataclass(frozen=True)
class _Key:
    """One key: `ident` names it without giving it away, `digests` is what digests are keyed with."""

    fernet: Fernet = field(repr=False)
    ident: str
    digests: bytes = field(repr=False)


class Seals:
    """One or more keys: the first seals and digests, all open and compare. No key is ever shown."""

    def __init__(self, *keys: str, source: str = VARIABLE) -> None:
        """Keys are 32 bytes in url-safe base64 (44 characters). SecretError for one that is not, or for none."""
        if not keys:
            raise SecretError(f"{source} holds no key", way_out=_NEW_KEY)
        self._keys = tuple(_key(text, number, source) for number, text in enumerate(keys, 1))
        self._all = MultiFernet([key.fernet for key in self._keys])

    def __repr__(self) -> str:
        return f"Seals({', '.join(key.ident for key in self._keys)})"

    @classmethod
    def find(cls, environ: Mapping[str, str], folder: Path | None) -> Seals | None:
        """The keys of the environment, then that of the key file beside a folder ledger; None where there are none."""
        keys = [key for key in re.split(r"[\s,]+", environ.get(VARIABLE, "")) if key]
        file = key_file(folder) if folder else None
        kept = _read(file) if file else None
        if keys:
            return cls(*keys, *([kept] if kept else []), source=f"{VARIABLE} and {file}" if kept else VARIABLE)
        return cls(kept, source=str(file)) if kept else None

    @classmethod
    def make(cls, folder: Path) -> Seals:
        """A new key file beside a folder ledger, readable by its owner alone; the one that is there stays."""
        file = key_file(folder)
        try:
            _write_once(file, Fernet.generate_key())
        except OSError as error:
            raise LedgerError(
                f"the key file cannot be made: {error.strerror}",
                place=Place(str(file)),
                way_out=f"set {VARIABLE} instead; {_NEW_KEY}",
            ) from error
        return cls(_read(file) or "", source=str(file))

    def seal(self, text: str) -> str:
        """A token that only `open` reads; another one each time."""
        return self._all.encrypt(text.encode()).decode("ascii")

    def open(self, token: str) -> str:
        """What was sealed. SecretError where none of the keys opens it."""
        try:
            return self._all.decrypt(token).decode()
        except InvalidToken:
            raise SecretError(
                f"a sealed value in the ledger is opened by none of the {len(self._keys)} seal keys at hand",
                way_out=f"add the key it was sealed with to {VARIABLE}, behind the first and separated by a comma",
            ) from None

    def digest(self, text: str) -> str:
        """The same for the same text, by the first key: `hmac:<key's ident>:<hex>`. Tells nothing without the key."""
        return _digest(self._keys[0], text)

    def digests(self, text: str) -> tuple[str, ...]:
        """The digest by each key, the first key's first: to compare with what an older key digested."""
        return tuple(_digest(key, text) for key in self._keys)

    def matches(self, digest: str, text: str) -> bool | None:
        """Whether the digest is that of the text; None where it was made with a key that is not at hand."""
        for key in self._keys:
            if digest.startswith(f"hmac:{key.ident}:"):
                return hmac.compare_digest(digest, _digest(key, text))
        return None


def key_file(folder: Path) -> Path:
    """Where the key of a folder ledger is kept: beside the folder, so that copying the ledger does not copy it."""
    return folder.with_name(f"{folder.name}.key")


def _key(text: str, number: int, source: str) -> _Key:
    try:
        raw = base64.b64decode(text, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != 32:
        raise SecretError(
            f"{source}: key {number} is no seal key (32 bytes in url-safe base64, 44 characters)", way_out=_NEW_KEY
        )
    return _Key(Fernet(text), _derive(raw, "name").hex()[:8], _derive(raw, "digest"))


def _derive(raw: bytes, use: str) -> bytes:
    """A key for another use, which tells nothing of the one it came from."""
    return hmac.digest(raw, f"reconciler seal {use} 1".encode(), hashlib.sha256)


def _digest(key: _Key, text: str) -> str:
    return f"hmac:{key.ident}:{hmac.digest(key.digests, text.encode(), hashlib.sha256).hex()}"


def _read(file: Path) -> str | None:
    try:
        return file.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise SecretError(
            f"the key file cannot be read: {error.strerror if isinstance(error, OSError) else 'it is no text'}",
            place=Place(str(file)),
            way_out=f"make it readable, or set {VARIABLE}",
        ) from None


def _write_once(file: Path, key: bytes) -> None:
    """A whole file or none, and the first of two writers stays."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.{uuid4().hex}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as opened:
            opened.write(key + b"\n")
            opened.flush()
            os.fsync(opened.fileno())
        os.link(draft, file)
    except FileExistsError:
        return
    finally:
        draft.unlink()
