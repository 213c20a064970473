"""A place for ledgers: what may be written in `ledger:`, and what a person reads when the place does not work."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from reconciler.errors import LedgerError
from reconciler.ledger.ledger import read, take
from reconciler.ledger.store import Store
from tests.ledger.stage import ANNA, PREFIX, StageStore, failing, run


@pytest.mark.parametrize(("url", "folder"), [("file:.reconciler/ledger", ".reconciler/ledger"), ("file:../x", "../x")])
def test_a_folder_is_relative_to_the_project(url: str, folder: str, tmp_path: Path) -> None:
    assert Store.open(url, tmp_path).folder == tmp_path / folder


@pytest.mark.parametrize("form", ["file:{}", "file://{}"])
def test_a_folder_may_be_absolute(form: str, tmp_path: Path) -> None:
    assert Store.open(form.format(tmp_path / "ledger"), Path("/nowhere")).folder == tmp_path / "ledger"


@pytest.mark.parametrize("url", ["s3://bucket/prefix", "s3://bucket", "gs://bucket/prefix"])
def test_a_bucket_is_opened_without_being_asked(url: str, tmp_path: Path) -> None:
    assert repr(Store.open(url, tmp_path)) == f"Store({url!r})"


@pytest.mark.parametrize("url", ["", "ledger", "file:", "ftp://host/x", "s3://", "s3:bucket", "https://bucket/x"])
def test_another_form_of_address_is_refused_with_the_forms_there_are(url: str, tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="is no place for a ledger") as error:
        Store.open(url, tmp_path)
    assert "s3://BUCKET/PREFIX" in str(error.value)


@pytest.mark.parametrize(
    "url", ["s3://AKIA:hunter2@bucket/x", "s3://bucket/x?secret=hunter2", "ftp://me:hunter2@host/x"]
)
def test_credentials_in_an_address_are_refused_and_not_repeated(url: str, tmp_path: Path) -> None:
    with pytest.raises(LedgerError) as error:
        Store.open(url, tmp_path)
    assert "hunter2" not in str(error.value)
    assert "AKIA" not in str(error.value)


def test_a_container_without_its_account_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AZURE")]:
        monkeypatch.delenv(name)
    with pytest.raises(LedgerError, match="Account must be specified"):
        Store.open("az://container/prefix", tmp_path)


def test_a_folder_that_cannot_be_made_is_an_error_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("a file")
    store = Store.open("file:plain/ledger", tmp_path)
    assert run(read(store, PREFIX)).new
    with pytest.raises(LedgerError, match="file:plain/ledger/payments") as error:
        run(take(store, PREFIX, ANNA))
    assert "make it a folder that can be read and written" in str(error.value)


def test_a_read_only_folder_can_be_read_and_refuses_a_run() -> None:
    """`/proc` is a folder in which nobody, not even the superuser, may make anything."""
    store = Store.open("file:/proc/ledger", Path("/"))
    assert run(read(store, PREFIX)).new
    with pytest.raises(LedgerError, match="cannot write the ledger"):
        run(take(store, PREFIX, ANNA))


FULL_DISK = """
import asyncio, resource, sys
from pathlib import Path
from reconciler.errors import LedgerError
from reconciler.ledger.entries import PutEntry, Entry
from reconciler.ledger.holder import Holder
from reconciler.ledger.ledger import read, take
from reconciler.ledger.store import Store

async def story():
    store = Store.open("file:ledger", Path(sys.argv[1]))
    held = await take(store, "p/v@default", Holder.here())
    await held.record(PutEntry(Entry("v/K/a", "1", ("a",), {})))
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))
    try:
        await held.record(PutEntry(Entry("v/K/b", "2", ("b",), {"text": "x" * 500})))
    except LedgerError as error:
        print(error)
    print(held.may_write())
    await held.close()
    print(sorted((await read(store, "p/v@default")).entries))

asyncio.run(story())
"""


def test_a_full_disk_stops_the_run_and_loses_nothing_of_before(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path)], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stderr == ""
    assert "cannot write the ledger: " in done.stdout
    assert "Debug source" not in done.stdout
    assert done.stdout.splitlines()[-2:] == ["False", "['v/K/a']"]
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 100


def test_a_store_that_is_down_says_so_to_a_taker() -> None:
    with pytest.raises(LedgerError, match="503 Slow Down"):
        run(take(StageStore(Store.memory(), failing("lease/", when="before")), PREFIX, ANNA))


@pytest.mark.parametrize("where", ["memory", "folder"])
def test_an_object_is_created_once_and_deleted_as_often_as_one_likes(where: str, tmp_path: Path) -> None:
    async def story() -> None:
        store = Store.memory() if where == "memory" else Store.open("file:ledger", tmp_path)
        assert await store.get("a/b") is None
        await store.delete(["a/b"])
        assert await store.create("a/b", b"ours") is None
        assert await store.create("a/b", b"ours") is None
        assert await store.create("a/b", b"theirs") == b"ours"
        assert not await store.put("a/b", b"theirs")
        assert await store.create("a/c", b"") is None
        await store.delete(["a/x", "a/b", "a/y", "a/c"])
        assert await store.list("a") == []

    run(story())


def test_a_file_and_the_folders_that_name_it_are_on_the_disk_before_it_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []
    monkeypatch.setattr("reconciler.ledger.store._sync", synced.append)
    run(Store.open("file:ledger", tmp_path).put("a/b/c", b"x"))
    assert [path.relative_to(tmp_path).as_posix() for path in synced] == [
        "ledger/a/b/c",
        "ledger/a/b",
        "ledger/a",
        "ledger",
    ]
