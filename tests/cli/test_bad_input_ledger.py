"""Ledgers that are damaged, newer, held, locked away or out of room: told, and nothing is written or forgotten."""

from __future__ import annotations

import asyncio
import errno
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import obstore
import pytest
from cryptography.fernet import Fernet
from obstore import exceptions

from reconciler.ledger import ledger
from reconciler.ledger.holder import Holder
from reconciler.ledger.seal import VARIABLE
from reconciler.ledger.store import Store
from tests.cli.company import MAIL, TEAM, Company

LEDGER = ".reconciler/ledger"
KEY = ".reconciler/ledger.key"
ACCOUNT = "file:.reconciler/ledger/shop/{}@default"


@pytest.fixture
def settled(company: Company) -> Company:
    """A team and an integration, applied."""
    company.write({"team.yaml": TEAM, "mail.yaml": MAIL})
    company.settle()
    return company


def content(company: Company) -> dict[str, bytes]:
    """Every file of the ledger, leases apart."""
    folder = company.folder / LEDGER
    return {str(file): file.read_bytes() for file in folder.rglob("*") if file.is_file() and "lease" not in str(file)}


def snapshots(company: Company) -> list[Path]:
    return sorted((company.folder / LEDGER).rglob("snapshot/*"))


def newer(body: bytes) -> bytes:
    return body.replace(b'"format":1', b'"format":2')


def _mended(host: str, what: str, way_out: str) -> str:
    place = ACCOUNT.format(host)
    end = f"; the ledger of shop/{host}@default is damaged" if "format" not in what else ""
    return f"Error: {place}/snapshot/000002-000000 {what}{end}\n    {way_out.format(host)}\n"


RESTORE = "restore it from a copy, or move shop/{}@default away and run `reconciler ledger rebuild`"
NEWER = "use the version of reconciler that wrote it, or a newer one"
DAMAGE: list[tuple[str, Callable[[bytes], bytes], str, str]] = [
    ("other words", lambda body: b'{"format":1,"entries":"x"}\n', "cannot be understood (at entries)", RESTORE),
    ("cut short", lambda body: body[:40], "is cut short", RESTORE),
    ("garbage", lambda body: b"\x00\xff\xfe", "is cut short", RESTORE),
    ("empty", lambda body: b"", "is cut short", RESTORE),
    ("newer", newer, "has format 2; this reconciler reads 1", NEWER),
]


@pytest.mark.parametrize(("name", "damage", "what", "way_out"), DAMAGE, ids=[row[0] for row in DAMAGE])
def test_a_ledger_that_cannot_be_read_is_told_for_every_account_and_stays(
    settled: Company, name: str, damage: Callable[[bytes], bytes], what: str, way_out: str
) -> None:
    for file in snapshots(settled):
        file.write_bytes(damage(file.read_bytes()))
    before = content(settled)
    said = "".join(_mended(host, what, way_out) for host in ("opsgenie", "wallarm"))
    for command in (("plan",), ("apply", "--yes"), ("destroy", "--yes"), ("ledger", "list")):
        ran = settled(*command)
        assert (ran.code, ran.out, ran.err) == (1, "", said), name
    assert (settled.writes, content(settled)) == ([], before)


def test_a_ledger_moved_away_can_be_rebuilt(settled: Company) -> None:
    (settled.folder / LEDGER).rename(settled.folder / "aside")
    assert settled("ledger", "rebuild").code == 0
    assert settled("plan", "--detailed-exitcode").out.startswith("Nothing to change: 2 objects")
    assert settled.writes == []


def test_a_file_where_the_ledgers_folder_should_be_is_told(company: Company) -> None:
    company.write({"team.yaml": TEAM, LEDGER: "mine\n"})
    said = (
        "Error: file:.reconciler/ledger: cannot read the ledger: it is a file, no folder\n"
        "    make it a folder that can be read and written, or name another one: `ledger:` in reconciler.yaml\n"
    )
    for command in (("plan",), ("apply", "--yes")):
        ran = company(*command)
        assert (ran.code, ran.out, ran.err) == (1, "", said)
    assert (company.writes, (company.folder / LEDGER).read_text()) == ([], "mine\n")


@contextmanager
def held(company: Company) -> Iterator[None]:
    """Somebody else applies, alive on another machine, until the end of the block."""
    begun, done = threading.Event(), threading.Event()

    async def hold() -> None:
        store = Store.open(f"file:{LEDGER}", company.folder)
        other = Holder("ann \x1b[2J", "her-laptop", 1, "2026-03-01T09:00:00Z")
        theirs = await ledger.take(store, "shop/opsgenie@default", other, ttl=0.3)
        begun.set()
        await asyncio.to_thread(done.wait)
        await theirs.release()

    thread = threading.Thread(target=lambda: asyncio.run(hold()))
    thread.start()
    assert begun.wait(10)
    try:
        yield
    finally:
        done.set()
        thread.join()


def test_a_held_ledger_is_shown_by_plan_and_left_alone_by_apply(settled: Company) -> None:
    before = content(settled)
    settled.shell.replace("team.yaml", "at night", "by day")
    with held(settled):
        plan = settled("plan")
        ran = settled("apply", "--yes")
    assert "! ann \\x1b[2J on her-laptop (process 1) is applying to opsgenie now" in plan.out
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.splitlines()[-2:] == [
        "Error: shop/opsgenie@default is being applied by ann \\x1b[2J on her-laptop (process 1) since "
        "2026-03-01T09:00:00Z",
        "    wait until that run has ended; where it is known to be dead: `reconciler ledger unlock`",
    ]
    assert "\x1b" not in plan.out + ran.err
    assert (settled.writes, content(settled)) == ([], before)


# ── seal keys ───────────────────────────────────────────────────────────────────────────────────────────────────────

SEALED = "the apiKey of opsgenie/Integration/wallarm-alerts is sealed in the ledger, with a key that is not here"
BRING = (
    "way out: bring back the seal key it was sealed with, the ledger's key file or RECONCILER_SEAL_KEY (several, new "
    "first, separated by a comma); or give the value again: reconciler ledger seal ADDRESS OUTPUT"
)


@pytest.fixture
def sealed(company: Company) -> Company:
    """The quickstart, applied: its ledger holds a key that was shown once."""
    company.name = "quickstart"
    company.shell.quickstart()
    company.settle()
    return company


def lose(company: Company, monkeypatch: pytest.MonkeyPatch, new: bool) -> str:
    """Lose the key file, and perhaps have another key; gives the lost one."""
    lost = (company.folder / KEY).read_text().strip()
    (company.folder / KEY).unlink()
    if new:
        monkeypatch.setenv(VARIABLE, Fernet.generate_key().decode())
    return lost


@pytest.mark.parametrize("new", [False, True], ids=["missing", "rotated"])
def test_without_its_key_a_sealed_value_is_unknown_and_no_new_key_is_made(
    sealed: Company, monkeypatch: pytest.MonkeyPatch, new: bool
) -> None:
    lost, before = lose(sealed, monkeypatch, new), sealed.ledger()
    ran = sealed("plan", "--detailed-exitcode")
    assert (ran.code, ran.out.partition(";")[0][:18]) == (0, "Nothing to change:")
    assert f"target.token is unknown ({SEALED})" in ran.said
    assert sealed("apply", "--yes").code == 0
    assert (sealed.writes, (sealed.folder / KEY).exists(), sealed.ledger()) == ([], False, before)
    sealed.shell.replace("wallarm.yaml", "security_issue_high]", "rules_and_triggers]")
    for command in (("plan",), ("apply", "--yes")):
        ran = sealed(*command)
        assert f"! blocked wallarm/Integration/opsgenie-alerts wallarm.yaml:2 {SEALED} events:" in ran.said
        assert BRING in ran.said
    assert (ran.code, sealed.writes) == (1, [])
    (sealed.folder / KEY).write_text(f"{lost}\n")
    assert sealed("apply", "--yes").code == 0
    assert sealed("plan", "--detailed-exitcode").code == 0


def test_a_rotated_key_with_the_old_one_behind_it_opens_everything(
    sealed: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = lose(sealed, monkeypatch, new=False)
    monkeypatch.setenv(VARIABLE, f"{Fernet.generate_key().decode()},{lost}")
    assert sealed("plan", "--detailed-exitcode").out.startswith("Nothing to change: 7 objects in opsgenie and wallarm")
    sealed.shell.replace("wallarm.yaml", "security_issue_high]", "rules_and_triggers]")
    assert sealed("apply", "--yes").code == 0


def test_where_a_secret_is_to_be_recorded_and_the_key_is_gone_nothing_is_written(
    sealed: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    lose(sealed, monkeypatch, new=False)
    hook = MAIL.replace("type: email, target: [ann@example.com]", "type: slack, target: {env: HOOK}")
    monkeypatch.setenv("HOOK", "https://hooks.example.com/words")
    sealed.write({"hook.yaml": hook})
    ran = sealed("apply", "--yes")
    assert ran.code == 1
    assert ran.err.splitlines() == [
        "Error: this plan carries secrets, and there is no seal key to record them with",
        f"    bring back {sealed.folder / KEY}, or set RECONCILER_SEAL_KEY (make one: openssl rand -base64 32 | "
        "tr '+/' '-_')",
    ]
    assert sealed.writes == []


def test_a_secret_that_is_not_set_here_is_not_forgotten(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    company.write(
        {"hook.yaml": MAIL.replace("type: email, target: [ann@example.com]", "type: slack, target: {env: HOOK}")}
    )
    monkeypatch.setenv("HOOK", "https://hooks.example.com/words")
    company.settle()
    before = company.ledger()
    monkeypatch.delenv("HOOK")
    ran = company("apply", "--yes")
    assert (ran.code, "target is unknown (HOOK is not set here)" in ran.said) == (0, True)
    assert (company.writes, company.ledger()) == ([], before)
    monkeypatch.setenv("HOOK", "https://hooks.example.com/others")
    assert "target: (secret) → (secret, changed)  (edited in Git)" in company("plan").out


BAD_KEYS = [
    (b"hello\n", "key 1 is no seal key (32 bytes in url-safe base64, 44 characters)", "make one with: openssl rand"),
    (b"\xff\xfe", "the key file cannot be read: it is no text", "make it readable, or set RECONCILER_SEAL_KEY"),
]


@pytest.mark.parametrize(("key", "said", "way_out"), BAD_KEYS)
def test_a_damaged_key_file_is_told_with_its_place(settled: Company, key: bytes, said: str, way_out: str) -> None:
    file = settled.folder / KEY
    file.write_bytes(key)
    for command in (("plan",), ("apply", "--yes")):
        ran = settled(*command)
        assert (ran.code, ran.out) == (1, "")
        assert ran.err.startswith(f"Error: {file}: {said}\n    {way_out}")
    assert (settled.writes, file.read_bytes()) == ([], key)


# ── the disk ────────────────────────────────────────────────────────────────────────────────────────────────────────

ALERTS = """\
apiVersion: opsgenie/v1
kind: Integration
metadata: {name: alerts}
spec: {type: API, ownerTeam: night}
"""
FULL = "cannot write the ledger: Unable to copy data to file: No space left on device"
ROOM = "make room there, then run it again: what was recorded stays valid"


def fill_up(monkeypatch: pytest.MonkeyPatch, journal_writes: int) -> None:
    """A disk with room for just so many segments of the journal."""
    left, put = [journal_writes], obstore.put_async

    async def until_full(store: Any, path: str, *args: Any, **kwargs: Any) -> Any:
        if "/journal/" in path:
            left[0] -= 1
            if left[0] < 0:
                words = "Unable to copy data to file: No space left on device (os error 28)"
                raise exceptions.GenericError(f"Generic LocalFileSystem error: {words}\n\nDebug source:\nGeneric {{}}")
        return await put(store, path, *args, **kwargs)

    monkeypatch.setattr(obstore, "put_async", until_full)


@pytest.mark.parametrize("room", range(4))
def test_on_a_full_disk_nothing_more_is_sent_and_the_next_apply_goes_on(
    company: Company, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    company.write({"night.yaml": TEAM + "---\n" + ALERTS})
    with monkeypatch.context() as full:
        fill_up(full, room)
        ran = company("apply", "--yes")
        sent = len(company.writes)
    assert (ran.code, FULL in ran.said, f"way out: {ROOM}" in ran.said) == (1, True, True)
    assert "Generic" not in ran.said
    entries, opened, *_ = company.ledger()["opsgenie"]
    assert sent <= len(entries) + len(opened)
    assert company("apply", "--yes").code == 0
    assert company("plan", "--detailed-exitcode").code == 0
    there = company.tenant("opsgenie")
    assert (len(list(there.teams)), len(list(there.integrations))) == (1, 1)


def test_a_folder_that_cannot_be_written_is_told_before_anything_is_sent(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    company.write({"team.yaml": TEAM})

    def refuse(path: Any, *_: Any, **__: Any) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))

    with monkeypatch.context() as read_only:
        read_only.setattr(os, "mkdir", refuse)
        for command in (("validate",), ("plan",), ("ledger", "list")):
            assert company(*command).code == 0
        ran = company("apply", "--yes")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (
        f"Error: {ACCOUNT.format('opsgenie')}/lease/000001-000000: cannot write the ledger: Read-only file system\n"
        "    make it a folder that can be read and written, or name another one: `ledger:` in reconciler.yaml\n"
    )
    assert (company.writes, company.shell.files()) == ([], {"reconciler.yaml", "team.yaml"})


@pytest.mark.parametrize("command", [("plan",), ("apply", "--yes"), ("validate",)])
def test_a_result_that_finds_no_room_is_told(company: Company, command: tuple[str, ...]) -> None:
    company.write({"team.yaml": TEAM})
    ran = company(*command, "-o", "/dev/full")
    assert ran.code == 1
    assert ran.err.endswith("Error: /dev/full cannot be written: No space left on device\n    name another file\n")
