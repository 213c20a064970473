"""Store: where ledgers lie, a folder or a bucket, as four operations over obstore; the only writing one is create-only.

`file:` and `s3://` are tested; `gs://` and `az://` are accepted and untested.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import obstore
from obstore import exceptions
from obstore.store import LocalStore, MemoryStore, from_url

from reconciler.errors import LedgerError, Place

if TYPE_CHECKING:
    from obstore.store import ObjectStore, RetryConfig

_BUCKETS = ("s3", "gs", "az")
# A write must end, well or not, while the lease that allows it is still fresh. The limit is not given to obstore as a
# client's option: those replace all that the environment says of the client (AWS_ALLOW_HTTP, a proxy).
_PATIENCE = 10.0
_RETRIES: RetryConfig = {"max_retries": 4, "retry_timeout": timedelta(seconds=8)}
# obstore raises the built-in FileNotFoundError for what is not there, ValueError for a path no store can have.
_FAILURES = (exceptions.BaseError, OSError, ValueError)


class Store:
    """One place for ledgers. Paths are `/`-separated and relative to it.

    Every failure is a LedgerError that names the place. A test makes a subclass whose `put` or `delete` fails before or
    after calling this one's: everything the ledger ever writes goes through these two.
    """

    def __init__(self, objects: ObjectStore | None, name: str, folder: Path | None = None) -> None:
        self.name = name
        self.folder = folder
        self._objects = objects
        self._settled: set[Path] = set()

    def __repr__(self) -> str:
        return f"Store({self.name!r})"

    @classmethod
    def open(cls, url: str, root: Path) -> Store:
        """The store at `file:PATH` (relative to `root`), `s3://BUCKET/PREFIX`, `gs://…` or `az://…`; touches nothing.

        Raises LedgerError for another form of address, and for credentials inside one.
        """
        scheme, _, rest = url.partition(":")
        if scheme == "file" and rest:
            return cls(None, url, root / (rest[2:] if rest.startswith("//") else rest))
        if scheme not in _BUCKETS or not urlsplit(url).hostname:
            raise LedgerError(
                f"ledger: {_without_sign_in(url)!r} is no place for a ledger",
                way_out="use file:PATH, s3://BUCKET/PREFIX, gs://BUCKET/PREFIX or az://CONTAINER/PREFIX",
            )
        if "@" in urlsplit(url).netloc or urlsplit(url).query:
            raise LedgerError(
                f"ledger: {_without_sign_in(url)!r} carries more than a bucket and a prefix",
                way_out="keep credentials and settings in the environment (AWS_ACCESS_KEY_ID, AWS_REGION, …)",
            )
        try:
            return cls(from_url(url, retry_config=_RETRIES), url)
        except _FAILURES as error:
            raise _failure(error, "open", url) from error

    @classmethod
    def memory(cls) -> Store:
        """A store that lives as long as the object."""
        return cls(MemoryStore(), "memory:")

    def place(self, path: str) -> Place:
        """Where an object stands, for messages."""
        return Place(f"{self.name.rstrip('/')}/{path}")

    async def list(self, prefix: str) -> list[str]:
        """The paths under a prefix, in no order."""
        objects = self._there()
        if objects is None:
            return []
        try:
            async with asyncio.timeout(_PATIENCE):
                return [meta["path"] async for chunk in obstore.list(objects, prefix) for meta in chunk]
        except _FAILURES as error:
            raise _failure(error, "list", self.place(prefix).file) from error

    async def get(self, path: str) -> bytes | None:
        """What stands at the path; None where nothing does."""
        objects = self._there()
        if objects is None:
            return None
        try:
            async with asyncio.timeout(_PATIENCE):
                answer = await obstore.get_async(objects, path)
                return bytes(await answer.bytes_async())
        except FileNotFoundError:
            return None
        except _FAILURES as error:
            raise _failure(error, "read", self.place(path).file) from error

    async def put(self, path: str, body: bytes) -> bool:
        """Create the object; False where one stands there already. After a LedgerError it may stand there or not."""
        try:
            async with asyncio.timeout(_PATIENCE):
                await obstore.put_async(self._made(), path, body, mode="create")
            if self.folder is not None:
                await asyncio.to_thread(self._settle, self.folder / path)
        except exceptions.AlreadyExistsError:
            return False
        except _FAILURES as error:
            raise _failure(error, "write", self.place(path).file) from error
        return True

    async def delete(self, paths: Sequence[str]) -> None:
        """Delete the objects; those that are gone already do not matter."""
        objects = self._there()
        if objects is None or not paths:
            return
        try:
            try:
                async with asyncio.timeout(_PATIENCE):
                    await obstore.delete_async(objects, paths)
            except FileNotFoundError:  # a folder stops at the first that is gone
                for path in paths:
                    await _delete_one(objects, path)
        except _FAILURES as error:
            raise _failure(error, "delete in", self.name) from error

    async def create(self, path: str, body: bytes) -> bytes | None:
        """None once `body` stands at the path, even where the store answered otherwise; else what another put there.

        `body` must be one nobody else would write.
        """
        try:
            if await self.put(path, body):
                return None
            there = await self.get(path)
        except LedgerError:
            there = await self.get(path)
            if there is None:
                raise
        return None if there == body else there or b""

    def _there(self) -> ObjectStore | None:
        """The objects, where the folder exists: reading makes none. LedgerError where something else stands there."""
        if self._objects is None and self.folder is not None:
            if self.folder.is_dir():
                self._objects = LocalStore(self.folder)
            elif self.folder.exists():
                raise _failure(NotADirectoryError(20, "it is a file, no folder"), "read", self.name)
        return self._objects

    def _made(self) -> ObjectStore:
        if self._objects is None and self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
        objects = self._there()
        assert objects is not None
        return objects

    def _settle(self, file: Path) -> None:
        """Bring a file and the folders that name it to the disk: a journal must survive the loss of power."""
        _sync(file)
        _sync(file.parent)
        for folder in file.parents[1:]:
            if folder in self._settled or not folder.is_relative_to(self.folder or folder):
                break
            _sync(folder)
            self._settled.add(folder)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


async def _delete_one(objects: ObjectStore, path: str) -> None:
    try:
        await obstore.delete_async(objects, path)
    except FileNotFoundError:
        return


def _without_sign_in(url: str) -> str:
    return re.sub(r"//[^/]*@", "//", url.split("?")[0])


def _failure(error: Exception, verb: str, where: str) -> LedgerError:
    """The store's own words, short: no debug output, no query (it may hold a signature), of XML code and message."""
    text = str(error).partition("\n\nDebug source")[0] or f"no answer within {_PATIENCE:.0f} seconds"
    if isinstance(error, OSError) and error.strerror:
        text = error.strerror  # the rest is a path of this machine
    said = re.search(r"<Code>(.*?)</Code>(?:\s*<Message>(.*?)</Message>)?", text, re.DOTALL)
    words = ": ".join(part for part in said.groups() if part) if said else re.sub(r"\?\S*", "", text.split("<?xml")[0])
    words = re.sub(r"^Generic \w+ error: | \(os error \d+\)$", "", words.strip())
    return LedgerError(
        f"cannot {verb} the ledger: {_clip(words)}", place=Place(where), way_out=_way_out(error, text, where)
    )


def _clip(words: str) -> str:
    flat = " ".join(words.split())
    return flat if len(flat) <= 300 else f"{flat[:299]}…"


def _way_out(error: Exception, text: str, where: str) -> str:
    if "No space left" in text or "quota" in text.lower():
        return "make room there, then run it again: what was recorded stays valid"
    if where.startswith("file:"):
        return "make it a folder that can be read and written, or name another one: `ledger:` in reconciler.yaml"
    if isinstance(error, exceptions.UnauthenticatedError | exceptions.PermissionDeniedError):
        return "check the credentials in the environment and their right to list, read, create and delete there"
    if "NoSuchBucket" in text:
        return "create the bucket, or correct `ledger:` in reconciler.yaml"
    return "check that the place can be reached and written, and `ledger:` in reconciler.yaml"
