"""Who holds a lease: a dead process is known where it can be, and nowhere else."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pytest

from reconciler.ledger.clock import SystemClock
from reconciler.ledger.holder import Holder
from reconciler.ledger.ledger import take
from tests.ledger.stage import (
    DEAD,
    PREFIX,
    hung,
    run,
    stage,
)


def test_a_dead_process_of_this_host_is_replaced_at_once() -> None:
    async def story() -> None:
        process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
        mine = Holder.here()
        started = f"/proc/{process.pid}/stat"
        with open(started, encoding="utf-8") as stat:
            other = replace(mine, who="other", pid=process.pid, started=stat.read().rpartition(")")[2].split()[19])
        assert not other.is_dead()
        store, clock = stage()
        await hung(clock, await take(store, PREFIX, other, clock))
        process.kill()
        process.communicate()
        assert other.is_dead()
        await take(store, PREFIX, mine, clock)
        assert clock.slept == 0

    run(story())


def test_a_process_number_that_was_used_again_is_not_the_holder() -> None:
    mine = Holder.here()
    assert not mine.is_dead()
    assert replace(mine, started="1").is_dead()


@pytest.mark.parametrize("field", ["host", "boot", "space"])
def test_a_process_seen_from_another_host_boot_or_container_is_never_called_dead(field: str) -> None:
    elsewhere = {field: "another"}
    assert not replace(DEAD, **elsewhere).is_dead()  # type: ignore[arg-type]  # each of the three is a text


def test_a_holder_without_a_process_table_is_never_called_dead() -> None:
    assert not replace(DEAD, boot=None, space=None, started=None).is_dead()


def test_the_clock_of_the_machine_goes_forward_and_says_utc() -> None:
    clock = SystemClock()
    first = clock.elapsed()
    assert clock.elapsed() >= first
    assert clock.now().utcoffset() == timedelta()
    run(clock.sleep(0))
