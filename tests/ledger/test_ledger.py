"""What is recorded is read back, from a folder as from memory, and what is damaged is named."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from reconciler.errors import LeaseHeld, LedgerError
from reconciler.ledger.entries import Closed, DropEntry, Opened, PutEntry, TenantSeen
from reconciler.ledger.ledger import Held, read, take
from reconciler.ledger.store import Store
from tests.ledger.stage import ANNA, BERT, DEAD, PREFIX, StageClock, StageStore, entry, failing, intent, run


@pytest.fixture(params=["memory", "folder"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return Store.memory() if request.param == "memory" else Store.open("file:.reconciler/ledger", tmp_path)


def only_file(folder: Path, part: str) -> Path:
    (found,) = (folder / PREFIX / part).iterdir()
    return found


def test_reading_an_untouched_ledger_finds_nothing_and_makes_nothing(tmp_path: Path) -> None:
    state = run(read(Store.open("file:ledger", tmp_path), PREFIX))
    assert state.new
    assert state.generation == 0
    assert list(tmp_path.iterdir()) == []


def test_a_run_without_records_leaves_the_ledger_new(store: Store) -> None:
    async def story() -> None:
        await (await take(store, PREFIX, ANNA)).close()
        assert (await read(store, PREFIX)).new
        await (await take(store, PREFIX, ANNA)).close()
        assert (await read(store, PREFIX)).new

    run(story())


def test_what_is_recorded_is_read_by_others_at_once_and_after_the_run(store: Store) -> None:
    async def story() -> None:
        held = await take(store, PREFIX, ANNA)
        await held.record(TenantSeen("acme"), Opened(intent("1")), Opened(intent("2")))
        await held.record(
            Closed("1", "done"), PutEntry(entry("a", outputs={"apiKey": "sealed"}, labels={"team": "дежурные"}))
        )
        during = await read(store, PREFIX)
        assert during.holder == ANNA
        await held.close()
        after = await read(store, PREFIX)
        for state in (held.state, during, after):
            assert state.entries == {
                "opsgenie/Team/a": entry("a", outputs={"apiKey": "sealed"}, labels={"team": "дежурные"})
            }
            assert [one.ident for one in state.open] == ["2"]
            assert state.tenant == "acme"
            assert not state.new

    run(story())


def test_a_ledger_grows_over_many_runs_and_stays_two_objects(store: Store) -> None:
    async def story() -> None:
        for number in range(4):
            held = await take(store, PREFIX, ANNA)
            assert held.state.generation == number + 1
            await held.record(PutEntry(entry(str(number))), DropEntry(f"opsgenie/Team/{number - 2}"))
            await held.close()
        assert set((await read(store, PREFIX)).entries) == {"opsgenie/Team/2", "opsgenie/Team/3"}
        assert sorted(await store.list(PREFIX)) == [f"{PREFIX}/lease/000004-000001", f"{PREFIX}/snapshot/000004-000000"]

    run(story())


def test_the_records_of_callers_at_the_same_time_share_a_write() -> None:
    async def story() -> None:
        store = StageStore(Store.memory())
        held = await take(store, PREFIX, ANNA)
        await asyncio.gather(*(held.record(PutEntry(entry(str(number)))) for number in range(100)))
        assert len([path for path in store.writes if "/journal/" in path]) <= 2
        assert len((await read(store, PREFIX)).entries) == 100

    run(story())


def test_a_record_is_not_acknowledged_before_it_is_durable() -> None:
    async def story() -> None:
        store = StageStore(Store.memory())
        held = await take(store, PREFIX, ANNA)
        seen: list[int] = []
        for number in range(5):
            await held.record(PutEntry(entry(str(number))))
            seen.append(len((await read(store, PREFIX)).entries))
        assert seen == [1, 2, 3, 4, 5]

    run(story())


def test_the_records_of_a_cancelled_caller_are_written_all_the_same(store: Store) -> None:
    async def story() -> None:
        held = await take(store, PREFIX, ANNA)
        caller = asyncio.create_task(held.record(PutEntry(entry("a"))))
        other = asyncio.create_task(held.record(PutEntry(entry("b"))))
        await asyncio.sleep(0)
        caller.cancel()
        await other
        await held.close()
        assert len((await read(store, PREFIX)).entries) == 2

    run(story())


def test_after_one_failed_write_nothing_more_is_recorded() -> None:
    async def story() -> None:
        below = Store.memory()
        held = await take(StageStore(below, failing("journal/", when="before")), PREFIX, ANNA)
        assert held.may_write()
        outcomes = await asyncio.gather(
            *(held.record(PutEntry(entry(name))) for name in ("a", "b")), return_exceptions=True
        )
        assert [str(outcome) for outcome in outcomes] == ["cannot write the ledger: 503 Slow Down"] * 2
        assert not held.may_write()
        with pytest.raises(LedgerError, match=f"an earlier write to the ledger of {PREFIX} failed"):
            await held.record(PutEntry(entry("c")))
        await held.close()
        assert (await read(below, PREFIX)).new
        assert (await read(below, PREFIX)).holder is None

    run(story())


def test_a_record_whose_write_arrived_without_anybody_knowing_is_found_by_the_next_run() -> None:
    async def story() -> None:
        below = Store.memory()
        store = StageStore(below)
        held = await take(store, PREFIX, ANNA)
        await held.record(PutEntry(entry("a")))
        store._on_write, store.unreadable = failing("journal/", when="after"), "journal/"
        with pytest.raises(LedgerError, match="503 Slow Down"):
            await held.record(PutEntry(entry("b")))
        await held.close()
        assert set((await take(below, PREFIX, BERT)).state.entries) == {"opsgenie/Team/a", "opsgenie/Team/b"}

    run(story())


@pytest.mark.parametrize("part", ["lease/", "journal/", "snapshot/"])
def test_a_store_that_answers_503_after_the_write_has_written(part: str) -> None:
    async def story() -> None:
        below = Store.memory()
        held = await take(StageStore(below, failing(part, when="after")), PREFIX, ANNA)
        await held.record(PutEntry(entry("a")))
        await held.record(PutEntry(entry("b")))
        assert held.may_write()
        await held.close()
        assert len((await read(below, PREFIX)).entries) == 2
        assert (await take(below, PREFIX, BERT)).state.generation == 2

    run(story())


def test_a_run_whose_snapshot_cannot_be_written_loses_nothing() -> None:
    async def story() -> None:
        below = Store.memory()
        held = await take(StageStore(below, failing("snapshot/", when="before")), PREFIX, ANNA)
        await held.record(PutEntry(entry("a")))
        await held.close()
        assert set((await read(below, PREFIX)).entries) == {"opsgenie/Team/a"}
        second = await take(below, PREFIX, BERT)
        await second.record(PutEntry(entry("b")))
        await second.close()
        assert set((await read(below, PREFIX)).entries) == {"opsgenie/Team/a", "opsgenie/Team/b"}
        assert len(await below.list(PREFIX)) == 2

    run(story())


def test_a_project_may_be_named_in_any_script(store: Store) -> None:
    async def story() -> None:
        for prefix in ("платежи/opsgenie@default", "支払い/wallarm@eu"):
            held = await take(store, prefix, ANNA)
            await held.record(PutEntry(entry("a")))
            await held.close()
            assert len((await read(store, prefix)).entries) == 1

    run(story())


def test_files_that_are_none_of_ours_are_left_alone(tmp_path: Path) -> None:
    async def story() -> None:
        store = Store.open("file:ledger", tmp_path)
        foreign = tmp_path / "ledger" / PREFIX / "journal" / "notes.txt"
        foreign.parent.mkdir(parents=True)
        foreign.write_text("hello")
        held = await take(store, PREFIX, ANNA)
        await held.record(PutEntry(entry("a")))
        await held.close()
        assert len((await read(store, PREFIX)).entries) == 1
        assert foreign.read_text() == "hello"

    run(story())


async def written(store: Store, *names: str, close: bool = False) -> Held:
    held = await take(store, PREFIX, DEAD)
    for name in names:
        await held.record(PutEntry(entry(name)))
    if close:
        await held.close()
    return held


@pytest.mark.parametrize("part", ["journal", "snapshot"])
def test_a_damaged_object_is_named_with_the_way_out(part: str, tmp_path: Path) -> None:
    async def story() -> None:
        store = Store.open("file:ledger", tmp_path)
        await written(store, "a", close=part == "snapshot")
        file = only_file(tmp_path / "ledger", part)
        file.write_text(file.read_text().replace('"id":"id-a"', '"id":[1]'))
        with pytest.raises(
            LedgerError, match=f"file:ledger/{PREFIX}/{part}/000001-000000 cannot be understood"
        ) as error:
            await read(store, PREFIX)
        assert "reconciler ledger rebuild" in str(error.value)
        with pytest.raises(LedgerError, match="cannot be understood"):
            await take(store, PREFIX, ANNA)

    run(story())


@pytest.mark.parametrize("part", ["lease", "journal", "snapshot"])
def test_a_newer_format_is_refused(part: str, tmp_path: Path) -> None:
    async def story() -> None:
        store = Store.open("file:ledger", tmp_path)
        await written(store, "a", close=part == "snapshot")
        for file in (tmp_path / "ledger" / PREFIX / part).iterdir():
            file.write_text(json.dumps({**json.loads(file.read_text()), "format": 2, "novel": {}}) + "\n")
        for act in (read(store, PREFIX), take(store, PREFIX, ANNA)):
            with pytest.raises(LedgerError, match="has format 2; this reconciler reads 1") as error:
                await act
            assert "newer" in str(error.value)

    run(story())


def test_a_refused_ledger_is_not_left_locked(tmp_path: Path) -> None:
    async def story() -> None:
        store = Store.open("file:ledger", tmp_path)
        await written(store, "a", close=True)
        only_file(tmp_path / "ledger", "snapshot").write_text('{"format":2}\n')
        for _ in range(2):
            with pytest.raises(LedgerError) as error:
                await take(store, PREFIX, ANNA)
            assert not isinstance(error.value, LeaseHeld)

    run(story())


@pytest.mark.parametrize("cut", [0, 20])
def test_a_last_segment_cut_short_by_the_loss_of_power_is_survived(cut: int, tmp_path: Path) -> None:
    async def story() -> None:
        store = Store.open("file:ledger", tmp_path)
        await written(store, "a", "b")
        torn = tmp_path / "ledger" / PREFIX / "journal" / "000001-000001"
        torn.write_bytes(torn.read_bytes()[:cut])
        assert set((await read(store, PREFIX)).entries) == {"opsgenie/Team/a"}
        held = await written(store, "c")
        assert set((await read(store, PREFIX)).entries) == {"opsgenie/Team/a", "opsgenie/Team/c"}
        await held.close()
        assert set((await read(store, PREFIX)).entries) == {"opsgenie/Team/a", "opsgenie/Team/c"}

    run(story())


def test_a_snapshot_cut_short_falls_back_on_what_it_was_made_of(tmp_path: Path) -> None:
    async def story() -> None:
        store = Store.open("file:ledger", tmp_path)
        await written(store, "a")
        await store.put(f"{PREFIX}/snapshot/000001-000000", b'{"format":1,"entr')
        assert set((await read(store, PREFIX)).entries) == {"opsgenie/Team/a"}
        await written(store, "b", close=True)
        assert set((await read(store, PREFIX)).entries) == {"opsgenie/Team/a", "opsgenie/Team/b"}

    run(story())


def test_a_segment_cut_short_before_others_is_damage(tmp_path: Path) -> None:
    async def story() -> None:
        store = Store.open("file:ledger", tmp_path)
        await written(store, "a", "b")
        torn = tmp_path / "ledger" / PREFIX / "journal" / "000001-000000"
        torn.write_bytes(torn.read_bytes()[:20])
        with pytest.raises(LedgerError, match=f"{PREFIX}/journal/000001-000000 is cut short"):
            await read(store, PREFIX)

    run(story())


@pytest.mark.parametrize(
    ("lost", "named"),
    [
        ("journal/000001-000000", "journal/000001-000000"),
        ("journal/000001-000002", "journal/000001-000002"),
        ("journal/000002-000001", "journal/000002-000001"),
    ],
)
def test_a_segment_that_was_lost_is_named(lost: str, named: str, tmp_path: Path) -> None:
    async def story() -> None:
        store = Store.open("file:ledger", tmp_path)
        await written(store, "a", "b")
        await written(store, "c", "d", "e")
        (tmp_path / "ledger" / PREFIX / lost).unlink()
        with pytest.raises(LedgerError, match=f"{PREFIX}/{named} is missing"):
            await read(store, PREFIX)

    run(story())


def test_a_snapshot_that_was_lost_is_noticed(tmp_path: Path) -> None:
    async def story() -> None:
        store = Store.open("file:ledger", tmp_path)
        await written(store, "a", close=True)
        await written(store, "b")
        only_file(tmp_path / "ledger", "snapshot").unlink()
        with pytest.raises(LedgerError, match="is missing"):
            await read(store, PREFIX)

    run(story())


def test_a_reader_beside_a_run_that_ends_sees_the_state_before_or_after(tmp_path: Path) -> None:
    async def story() -> None:
        store = StageStore(Store.open("file:ledger", tmp_path))
        clock = StageClock(store)
        for generation in range(5):
            held = await take(store, PREFIX, ANNA, clock)
            await asyncio.gather(*(held.record(PutEntry(entry(f"{generation}-{number}"))) for number in range(3)))
            reads = [asyncio.create_task(read(store, PREFIX)) for _ in range(4)]
            await asyncio.gather(held.close(), *reads)
            assert {len(task.result().entries) for task in reads} == {3 * (generation + 1)}

    run(story())


class HalfListed(StageStore):
    """A folder whose first listing saw the snapshots before the end of a run, and the rest after it."""

    async def list(self, prefix: str) -> list[str]:
        paths = await super().list(prefix)
        self.listed += 1
        return [path for path in paths if "/000002" not in path] if self.listed == 1 else paths

    listed = 0


def test_a_listing_that_mixes_before_and_after_is_not_believed() -> None:
    async def story() -> None:
        below = Store.memory()
        await written(below, "a", close=True)
        before = await below.get(f"{PREFIX}/snapshot/000001-000000")
        assert before is not None
        await written(below, "b", close=True)
        await below.put(f"{PREFIX}/snapshot/000001-000000", before)
        assert set((await read(HalfListed(below), PREFIX)).entries) == {"opsgenie/Team/a", "opsgenie/Team/b"}

    run(story())


def test_a_thousand_entries_make_a_snapshot_of_ordinary_size(store: Store) -> None:
    async def story() -> None:
        held = await take(store, PREFIX, ANNA)
        await held.record(*(PutEntry(entry(str(number))) for number in range(1000)))
        await held.close()
        body = await store.get(f"{PREFIX}/snapshot/000001-000000")
        assert body is not None
        assert len(body) < 200_000
        assert len((await read(store, PREFIX)).entries) == 1000

    run(story())
