"""Summary: a plan in its first line: what it does and where, how much is as it should be, what it cost to know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from reconciler.report.document import PlanDocument, Word

_WRITES: tuple[Word, ...] = ("create", "update", "replace", "delete", "reset")
_LEDGER: tuple[Word, ...] = ("adopt", "move", "release")
_NAMED = 12


def counted(number: int, noun: str) -> str:
    """`1 request`, `8 requests`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def listed(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)


def by_kind(adopted: Sequence[str]) -> list[str]:
    """Addresses as `8 of opsgenie/Team`, where they are more than anybody reads, as after an import; else nothing."""
    kinds = Counter(address.rpartition("/")[0] for address in adopted) if len(adopted) > _NAMED else {}
    return [f"{number} of {kind}" for kind, number in sorted(kinds.items())]


def spent(requests: int, seconds: float) -> str:
    """`(8 requests, 0.4 s)`."""
    time = f"{seconds:.1f} s" if seconds < 60 else f"{int(seconds) // 60} min {int(seconds) % 60} s"
    return f"({counted(requests, 'request')}, {time})"


def summary(plan: PlanDocument) -> str:
    """The first line."""
    return f"{'; '.join(_clauses(plan))} {spent(plan.requests, plan.seconds)}{_caveats(plan)}"


def _clauses(plan: PlanDocument) -> Iterator[str]:
    planned = [one for one in plan.changes if not (one.change == "blocked" and one.host in plan.not_read)]
    count = {word: sum(one.change == word for one in planned) for word in (*_WRITES, "blocked", "doubtful", *_LEDGER)}
    doing = [f"{count[word]} to {word}" for word in _WRITES if count[word]]
    doing += [f"{count['blocked']} blocked"] if count["blocked"] else []
    doing += [f"{count['doubtful']} doubtful"] if count["doubtful"] else []
    touched = {one.address for one in planned if one.change in (*_WRITES, "blocked", "doubtful")}
    if plan.not_read:
        yield f"incomplete: {listed(sorted(plan.not_read))} could not be read"
    if doing:
        hosts = sorted({address.partition("/")[0] for address in touched})
        yield f"{'destroy: ' if plan.destroy else ''}{', '.join(doing)} in {listed(hosts)}"
        if plan.unchanged:
            yield _as_it_is(plan, "other")
    else:
        yield _nothing(plan)
    ledger = [f"{count[word]} to {word}" for word in _LEDGER if count[word]]
    if ledger:
        yield f"in the ledger: {', '.join(ledger)}"


def _nothing(plan: PlanDocument) -> str:
    where = listed(sorted(set(plan.accounts) - set(plan.not_read)))
    no = "no" if plan.not_read else "No"
    if plan.destroy:
        return f"{no}thing to destroy"
    if not plan.unchanged:
        nowhere = "no manifest lies inside what was asked for" if plan.narrowed else "there is no manifest"
        return "nothing planned" if plan.not_read else f"Nothing to change: {nowhere}"
    return f"{no}thing to change: {_as_it_is(plan, 'object', f' in {where}')}"


def _as_it_is(plan: PlanDocument, noun: str, where: str = "") -> str:
    """How many need nothing done because they are as Git says, and how many although they are not."""
    same = plan.unchanged - plan.apart
    some, all_apart = f"{counted(same, noun)}{where} {_be(same)} as Git says", counted(plan.apart, noun)
    if not plan.apart:
        return f"{some}{_but_for(plan)}"
    if not same:
        return f"{all_apart}{where} {_be(plan.apart)} not as Git says (see warnings)"
    return f"{some}{_but_for(plan)}, {plan.apart} {_be(plan.apart)} not (see warnings)"


def _be(number: int) -> str:
    return "is" if number == 1 else "are"


def _but_for(plan: PlanDocument) -> str:
    """Law: what is not known is never told as unchanged."""
    return f", but for {counted(len(plan.unknown), 'secret')} not known here" if plan.unknown else ""


def _caveats(plan: PlanDocument) -> str:
    """What else must be known before saying yes."""
    said = []
    if plan.new_ledgers:
        whole = set(plan.new_ledgers) >= set(plan.accounts)
        which = "new ledger" if whole else f"new ledger for {listed(plan.new_ledgers)}"
        said.append(f"{which}: deletions cannot be seen")
    if plan.refused:
        said.append("apply will refuse this plan")
    return "".join(f"; {one}" for one in said)
