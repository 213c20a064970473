"""A check after the write: what is refused is told as wrong, what could not be asked as not known."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.sandbox.exchange import Request, encode
from tests.laws.life import life
from tests.laws.quickstart import FILES


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"fault": "status", "status": 401}, "does not know the key"),
        ({"fault": "status", "status": 503}, "could not be checked"),
        ({"fault": "refuse"}, "could not be checked"),
    ],
)
def test_only_a_refusal_says_that_a_key_is_wrong(tmp_path: Path, fault: dict[str, object], said: str) -> None:
    one = life(tmp_path, FILES)
    told = encode({"count": None, "path": "*/authenticate", **fault})
    assert one.sandbox.handle(Request("POST", "/__faults", (), {}, told)).status == 200
    alarms = [alarm for result in one.go()[1].results for alarm in result.alarms]
    assert len(alarms) == 1
    assert said in alarms[0]
