"""Convergence: where a run that was cut off ends, held against one in which nothing goes wrong."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from tests.laws.life import Life


class Twin(Life, ABC):
    """A life of which one account is looked at."""

    host: ClassVar[str]

    @abstractmethod
    def made(self) -> Any:
        """What stands there, less what is new in every world."""


@dataclass(frozen=True)
class Right:
    """How it ends where nothing goes wrong."""

    made: Any
    entries: set[str]


def right_of(begun: Twin) -> Right:
    one = begun.fork()
    one.go()
    return Right(one.made(), set(one.ledger(one.host).entries))


def unlike(one: Twin, right: Right) -> Iterator[str]:
    plan = one.plan()
    if not plan.empty:
        yield f"planned again: {[(change.word, str(change.address), change.why) for change in plan.changes]}"
    if one.made() != right.made:
        yield f"{one.made()} and not {right.made}"
    ledger = one.ledger(one.host)
    yield from (f"open: {intent}" for intent in ledger.open)
    if set(ledger.entries) != right.entries:
        yield f"the ledger has {sorted(ledger.entries)}"


def converging(one: Twin, right: Right) -> Iterator[str]:
    """What is wrong once it has run again."""
    _, applied = one.go()
    if applied.ok:
        yield from unlike(one, right)
    else:
        yield str([(str(r.change.address), r.ending, r.text) for r in applied.results if r.ending != "done"])


def converge_when_killed(instants: Iterable[tuple[str, Twin]], right: Right, *, more_than: int) -> None:
    instants = list(instants)
    wrong = [f"killed {when}: {text}" for when, one in instants for text in converging(one, right)]
    assert not wrong, "\n".join(wrong)
    assert len(instants) > more_than


def converge_when_answers_are_lost(begun: Twin, right: Right, *, more_than: int) -> None:
    wrong: list[str] = []
    losses = 0
    for what, one, applied in begun.losses():
        losses += 1
        found = unlike(one, right) if applied.ok else converging(one, right)
        wrong += [f"{what}: {text}" for text in found]
    assert not wrong, "\n".join(wrong)
    assert losses > more_than
