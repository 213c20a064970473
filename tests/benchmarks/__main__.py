"""The benchmark: `python -m tests.benchmarks [CROWD…] [COUNT…]` times whole commands, prints a table, writes JSON.

Nothing here passes or fails by its time: figures of different machines, or of a busy one, do not compare.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from tests.benchmarks.crowd import MIXED, PLATFORM, STAFFED, Crowd
from tests.benchmarks.measure import BenchmarkError, Run, command, run
from tests.benchmarks.served import served

COUNTS = (100, 1000)
CROWDS = (MIXED, PLATFORM, STAFFED)
LATENCY = 0.05
VALIDATED = 10_000
STARTS = 10
WITHIN = 300.0  # seconds that one command may take
OUTPUT = Path("build/benchmark.json")


@dataclass(frozen=True)
class Figure:
    """One line of the table; `requests` by path template, empty where no vendor is asked."""

    what: str
    crowd: str
    objects: int
    run: Run
    requests: dict[str, int]


def started() -> Figure:
    """`--version`, the median of several."""
    with tempfile.TemporaryDirectory() as folder:
        runs = [run(command("--version"), Path(folder), within=WITHIN) for _ in range(STARTS)]
    middle = Run(median(one.wall for one in runs), median(one.cpu for one in runs), median(one.peak for one in runs))
    return Figure("--version", "", 0, middle, {})


def validated() -> Figure:
    with tempfile.TemporaryDirectory() as folder:
        objects = MIXED.gather(Path(folder), VALIDATED, "http://127.0.0.1:9")
        return Figure("validate", MIXED.name, objects, run(command("validate"), Path(folder), within=WITHIN), {})


def reconciled(crowd: Crowd, count: int) -> Iterator[Figure]:
    """`apply` from nothing, then `plan` with nothing to change."""
    with served(LATENCY) as sandbox, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        objects = crowd.gather(folder, count, sandbox.url)
        for arguments in (("apply", "--yes"), ("plan", "--detailed-exitcode")):
            measured = run(command(*arguments), folder, within=WITHIN)
            yield Figure(arguments[0], crowd.name, objects, measured, sandbox.take_requests())


def table(figures: list[Figure]) -> Iterator[str]:
    yield f"{'command':<11}{'crowd':<9}{'objects':>8}{'wall s':>9}{'CPU s':>9}{'peak MB':>9}{'requests':>10}"
    for one in figures:
        numbers = f"{one.run.wall:9.2f}{one.run.cpu:9.2f}{one.run.peak:9.0f}{sum(one.requests.values()):10}"
        yield f"{one.what:<11}{one.crowd:<9}{one.objects:8}{numbers}"
    for one in figures:
        if one.requests:
            yield f"\nrequests of {one.what}, {one.crowd}, {one.objects} objects"
            yield from (f"{count:8}  {template}" for template, count in sorted(one.requests.items()))


def document(figures: list[Figure]) -> str:
    machine = {"python": platform.python_version(), "machine": platform.machine(), "processors": os.cpu_count()}
    whole = {"version": 1, **machine, "latency": LATENCY, "figures": [asdict(one) for one in figures]}
    return json.dumps(whole, indent=2) + "\n"


def _measured(crowds: Sequence[Crowd], counts: Sequence[int]) -> Iterator[Figure]:
    yield started()
    for crowd in crowds:
        for count in counts:
            yield from reconciled(crowd, count)
    yield validated()


def main(arguments: list[str]) -> None:
    named = [crowd for crowd in CROWDS if crowd.name in arguments] or CROWDS
    counts = [int(one) for one in arguments if one.isdecimal()] or COUNTS
    figures: list[Figure] = []
    try:
        for figure in _measured(named, counts):
            print(f"{figure.what} {figure.crowd} {figure.objects}: {figure.run.wall:.2f} s", file=sys.stderr)
            figures.append(figure)
    except BenchmarkError as error:
        sys.exit(str(error))
    print("\n".join(table(figures)))
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(document(figures), encoding="utf-8")
    print(f"\nthe same as JSON: {OUTPUT}")


if __name__ == "__main__":
    main(sys.argv[1:])
