"""Moments as manifests and vendors write them: instants with an offset, IANA zones, times of day."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from reconciler.kinds.moment import Instant, TimeOfDay, Zone, instant, same_when, spelled, to_the_second


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-05T09:00:00Z", datetime(2026, 1, 5, 9, tzinfo=UTC)),
        ("2026-01-05T09:00:00.250+09:00", datetime(2026, 1, 5, 0, 0, 0, 250_000, tzinfo=UTC)),
        ("2026-01-05T09:00:00", None),
        ("2026-01-05", None),
        ("tomorrow", None),
        ("0001-01-01T00:00:00+09:00", None),
        ("9999-12-31T23:59:59-09:00", None),
        (1_767_603_600, None),
        (None, None),
        ([], None),
    ],
)
def test_an_instant_is_read_in_utc_and_what_is_none_is_none(text: Any, moment: datetime | None) -> None:
    assert instant(text) == moment


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2026-01-05T09:00:00Z", "2026-01-05T18:00:00.9+09:00", True),
        ("2026-01-05T09:00:00Z", "2026-01-05T09:00:01Z", False),
        ("soon", "soon", False),
        (None, None, False),
    ],
)
def test_instants_are_one_where_both_are_some_and_equal(one: Any, other: Any, same: bool) -> None:
    assert same_when(to_the_second).test(one, other) is same


def test_an_instant_is_spelled_in_utc_to_the_second() -> None:
    assert spelled(datetime.fromisoformat("2026-01-05T09:00:07.9+09:00")) == "2026-01-05T00:00:07Z"


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        (Instant, "2026-01-05T09:00", "'2026-01-05T09:00' is no instant with an offset, like 2026-01-05T09:00:00Z"),
        (Instant, "0001-01-01T00:00:00+09:00", "is no instant with an offset"),
        (Zone, "Asia/Tokio", "'Asia/Tokio' is no IANA time zone; did you mean Asia/Tokyo?"),
        (Zone, "../zone", "'../zone' is no IANA time zone"),
        (Zone, "Asia", "'Asia' is no IANA time zone"),
        (TimeOfDay, "24:00", "pattern"),
    ],
)
def test_what_is_no_moment_is_refused_with_the_way_to_write_it(field: Any, value: str, told: str) -> None:
    with pytest.raises(ValidationError, match=r".") as refused:
        TypeAdapter(field).validate_python(value)
    assert told in str(refused.value)


@pytest.mark.parametrize(("written", "meant"), [("09:00", "09:00:00"), ("09:00:30", "09:00:30")])
def test_a_time_of_day_has_seconds(written: str, meant: str) -> None:
    assert TypeAdapter(TimeOfDay).validate_python(written) == meant
