"""What the tests of the engine play on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.toy.stage import ToyStage


@pytest.fixture
def toys(tmp_path: Path) -> ToyStage:
    return ToyStage(tmp_path)
