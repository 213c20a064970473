"""What every test stands in: the same examples each time, unless all faults are asked for."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.program import Program, program

settings.register_profile(
    "steady", derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("all", settings.get_profile("steady"), derandomize=False, max_examples=1_000)
settings.load_profile("all" if os.environ.get("RECONCILER_FAULTS") == "all" else "steady")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slow ones first: a long one at the end keeps all workers but one waiting."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def pytest_collection_finish() -> None:
    """What is there now stays to the end: it need not be searched for garbage again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@pytest.fixture(scope="session")
def forked() -> Iterator[Program]:
    """The command line as true processes."""
    with program() as ready:
        yield ready
