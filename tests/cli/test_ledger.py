"""`ledger …`: looking at the record of what is ours, and mending it."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Sequence

import pytest

from reconciler.ledger import ledger
from reconciler.ledger.entries import Intent, Opened, Record
from reconciler.ledger.holder import Holder
from reconciler.ledger.store import Store
from tests.cli.shell import Shell

KEY = "opsgenie/Integration/wallarm-alerts"
TRIGGER = "wallarm/Trigger/incidents-on-backend"
LEDGER = ".reconciler/sandbox/ledger"


@pytest.fixture
def settled(quickstart: Shell) -> Shell:
    """The quickstart, applied in the sandbox."""
    quickstart.settle()
    return quickstart


def lose_ledger(shell: Shell) -> None:
    for file in (shell.folder / LEDGER).rglob("*"):
        if file.is_file():
            file.unlink()


def record(shell: Shell, host: str, records: Sequence[Record]) -> None:
    """Write into the sandbox's ledger what an interrupted run left."""

    async def write() -> None:
        store = Store.open(f"file:{LEDGER}", shell.folder)
        held = await ledger.take(store, f"quickstart/{host}@default", Holder.here())
        await held.record(*records)
        await held.close()

    asyncio.run(write())


def entry_of(shell: Shell, address: str) -> dict[str, object]:
    entry: dict[str, object] = json.loads(shell.sandboxed("ledger", "show", address, "--format", "json").out)
    return entry


# ── looking ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_ours_is_listed(settled: Shell) -> None:
    out = settled.sandboxed("ledger", "list").out
    assert "opsgenie  5 objects\n" in out
    assert f"  {KEY}  id " in out
    assert ", apiKey sealed\n" in out


def test_a_new_ledger_says_so(quickstart: Shell) -> None:
    assert "opsgenie  0 objects, new: nothing was ever applied" in quickstart.sandboxed("ledger", "list").out


def test_the_list_can_be_narrowed_and_be_json(settled: Shell) -> None:
    document = json.loads(settled.sandboxed("ledger", "list", "--account", "wallarm", "--format", "json").out)
    assert set(document["accounts"]) == {"wallarm"}
    assert set(document["accounts"]["wallarm"]["entries"]) == {TRIGGER, "wallarm/Integration/opsgenie-alerts"}


def test_an_entry_is_shown_without_what_is_sealed(settled: Shell) -> None:
    out = settled.sandboxed("ledger", "show", KEY).out
    assert "outputs: {apiKey: sealed}" in out
    assert "gAAAA" not in out


# ── mending ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_lost_ledger_is_rebuilt_without_a_write_to_a_vendor(settled: Shell) -> None:
    world = (settled.folder / ".reconciler/sandbox/world.json").read_text()
    lose_ledger(settled)
    ran = settled.sandboxed("ledger", "rebuild")
    assert ran.code == 0
    assert "7 adopted in opsgenie and wallarm" in ran.out
    assert "opsgenie: 5 objects recorded\nwallarm: 2 objects recorded\n" in ran.out
    assert (
        json.loads((settled.folder / ".reconciler/sandbox/world.json").read_text())["vendors"]
        == (json.loads(world)["vendors"])
    )
    assert "in the ledger" not in settled.sandboxed("plan").out


def test_rebuild_leaves_drift_and_deletions_to_apply(settled: Shell) -> None:
    settled.sandboxed("sandbox", "edit", "opsgenie", "teams/payments", '{"description": "drift"}')
    settled.replace("wallarm.yaml", TRIGGER.rpartition("/")[2], "renamed")
    ran = settled.sandboxed("ledger", "rebuild")
    assert (ran.code, "deleted" in ran.out, "updated" in ran.out) == (0, False, False)
    assert "drift → Payments and checkout" in settled.sandboxed("plan").out


def test_what_differed_when_the_ledger_was_lost_has_no_cause_that_anybody_knows(settled: Shell) -> None:
    settled.sandboxed("sandbox", "edit", "opsgenie", "teams/payments", '{"description": "drift"}')
    lose_ledger(settled)
    said = "drift → Payments and checkout  (differs, no record)"
    assert said in settled.sandboxed("plan").out
    settled.sandboxed("ledger", "rebuild")
    assert said in settled.sandboxed("plan").out


def test_a_key_somebody_knows_can_be_sealed(settled: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    lose_ledger(settled)
    settled.sandboxed("ledger", "rebuild")
    assert entry_of(settled, KEY)["outputs"] == {}
    monkeypatch.setenv("THE_KEY", "the-key-somebody-kept")
    assert settled.sandboxed("ledger", "seal", KEY, "apiKey", "--env", "THE_KEY").code == 0
    assert entry_of(settled, KEY)["outputs"] == {"apiKey": "sealed"}
    files = [file for file in (settled.folder / LEDGER).rglob("*") if file.is_file()]
    assert files
    assert not any(b"the-key-somebody-kept" in file.read_bytes() for file in files)


def test_a_key_is_read_from_stdin_without_its_last_line_break(settled: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    world = json.loads((settled.folder / ".reconciler/sandbox/world.json").read_text())
    [key] = world["vendors"]["opsgenie"]["accounts"][""]["keys"]
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{key}\n"))
    assert settled.sandboxed("ledger", "seal", KEY, "apiKey").code == 0
    assert settled.sandboxed("plan", "--detailed-exitcode").code == 0


def test_what_is_forgotten_stays_and_is_adopted_again(settled: Shell) -> None:
    ran = settled.sandboxed("ledger", "forget", TRIGGER, "opsgenie/Team/payments")
    assert (ran.code, ran.out) == (0, "2 objects forgotten; nothing was changed at a vendor\n")
    assert f"adopt {TRIGGER}" in settled.sandboxed("plan").said


def test_nothing_is_forgotten_where_one_address_is_wrong(settled: Shell) -> None:
    ran = settled.sandboxed("ledger", "forget", "opsgenie/Team/payments", "wallarm/Trigger/incident")
    assert ran.code == 1
    assert entry_of(settled, "opsgenie/Team/payments")["address"] == "opsgenie/Team/payments"


def test_unlock_ends_the_lease_of_a_run_known_to_be_dead(settled: Shell) -> None:
    async def leave() -> None:
        store = Store.open(f"file:{LEDGER}", settled.folder)
        holder = Holder("ann", "her-laptop", 1, "2026-03-01T09:00:00Z")
        held = await ledger.take(store, "quickstart/wallarm@default", holder)
        held._keeper.cancel()  # she shut the laptop

    asyncio.run(leave())
    assert "being applied by ann on her-laptop" in settled.sandboxed("ledger", "list").said
    ran = settled.sandboxed("ledger", "unlock")
    assert ran.out == (
        "opsgenie: nobody held it\n"
        "wallarm: the lease of ann on her-laptop (process 1) since 2026-03-01T09:00:00Z is ended\n"
    )
    assert "being applied" not in settled.sandboxed("ledger", "list").said


# ── doubt ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def doubtful(settled: Shell) -> Shell:
    """A run asked for the trigger and heard no answer; the one that bears its name now is not quite as asked for."""
    settled.sandboxed("ledger", "forget", TRIGGER)
    key = ["Notification about incidents"]
    entry = {"address": TRIGGER, "id": "", "key": key, "declared": {}}
    what = {"key": key, "before": [], "payload": {"template": "hits_exceeded"}, "entry": entry}
    record(settled, "wallarm", [Opened(Intent("run-1", TRIGGER, 0, "creates", what, "2026-03-01T09:00:00Z"))])
    return settled


def test_a_doubt_is_shown_and_settled_by_naming_the_object(doubtful: Shell) -> None:
    run = doubtful.sandboxed
    assert f"? {TRIGGER} a request of 2026-03-01T09:00:00Z without an answer" in run("ledger", "list").said
    plan = json.loads(run("plan", "--format", "json").out)
    [doubt] = [change for change in plan["changes"] if change["change"] == "doubtful"]
    [ident] = doubt["ids"]
    ran = run("ledger", "settle", TRIGGER, "--id", ident)
    assert (ran.code, ran.out) == (0, f"{TRIGGER} is id {ident}\n")
    assert entry_of(doubtful, TRIGGER)["id"] == ident
    assert "doubt" not in run("plan").out


def test_a_doubt_is_settled_by_saying_that_nothing_was_made(doubtful: Shell) -> None:
    ran = doubtful.sandboxed("ledger", "settle", TRIGGER, "--none")
    assert (ran.code, ran.out) == (0, f"{TRIGGER} was not made; the next apply makes it\n")
    assert "?" not in doubtful.sandboxed("ledger", "list").out


def test_an_object_that_is_not_there_settles_nothing(doubtful: Shell) -> None:
    ran = doubtful.sandboxed("ledger", "settle", TRIGGER, "--id", "4711")
    assert ran.code == 1
    assert "wallarm has no live wallarm/Trigger with id 4711 there are: " in ran.said
    assert "?" in doubtful.sandboxed("ledger", "list").out


WRONG = [
    (f"show {KEY}s", f'did you mean "{KEY}"?'),
    ("show payments", '"payments" is no address write it as ledger list does: VENDOR/KIND/NAME'),
    ("show pagerduty/Service/x", "the project has no account pagerduty there are: opsgenie, wallarm"),
    (f"settle {TRIGGER}", "settle needs one of --id ID, --none, --sent and --unsent"),
    (f"settle {TRIGGER} --none --id 1", "settle needs one of --id ID, --none, --sent and --unsent"),
    (f"settle {TRIGGER} --none", f"no create of {TRIGGER} is in doubt nothing is in doubt there"),
    (f"seal {KEY} apikey --env HOME", 'opsgenie/Integration has no output "apikey" that is shown once'),
    (f"seal {KEY} apiKey --env NO_SUCH", "NO_SUCH is not set here set it, or give the value on stdin"),
    ("forget", "Missing argument"),
]


@pytest.mark.parametrize(("arguments", "said"), WRONG, ids=[row[0] for row in WRONG])
def test_what_cannot_be_mended_so_is_told(settled: Shell, arguments: str, said: str) -> None:
    ran = settled.sandboxed("ledger", *arguments.split())
    assert (ran.code, ran.out) == (1, "")
    assert said in ran.said


def test_an_empty_value_is_not_sealed(settled: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    assert "the value is empty" in settled.sandboxed("ledger", "seal", KEY, "apiKey").said
