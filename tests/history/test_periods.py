"""Which months are complete, and which are due."""

from __future__ import annotations

import datetime as dt

import pytest

from reportgen.errors import ConfigError
from reportgen.history.periods import complete_month, due_months


@pytest.mark.parametrize(
    ("now", "zone", "delay", "month"),
    [
        ("2025-01-01T00:00+00:00", "", 0, "2024-12"),
        ("2024-12-31T23:59+00:00", "", 0, "2024-11"),
        ("2024-12-31T23:00+00:00", "Europe/Berlin", 0, "2024-12"),
        ("2024-12-31T22:59+00:00", "Europe/Berlin", 0, "2024-11"),
        ("2025-01-01T04:59+00:00", "America/New_York", 0, "2024-11"),
        ("2025-04-01T00:00+14:00", "Pacific/Kiritimati", 0, "2025-03"),
        ("2025-01-03T05:59+00:00", "", 54, "2024-11"),
        ("2025-01-03T06:00+00:00", "", 54, "2024-12"),
        ("2024-03-01T00:00+00:00", "", 0, "2024-02"),
    ],
)
def test_a_month_is_complete_when_it_has_ended_where_the_shop_is(now: str, zone: str, delay: int, month: str) -> None:
    assert complete_month(dt.datetime.fromisoformat(now), zone, delay) == month


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../etc/passwd"])
def test_a_time_zone_that_is_unknown_is_a_mistake_in_the_settings(zone: str) -> None:
    with pytest.raises(ConfigError, match="is no time zone"):
        complete_month(dt.datetime(2025, 1, 1, tzinfo=dt.UTC), zone, 0)


@pytest.mark.parametrize(
    ("newest", "due"),
    [
        (None, ("2024-12",)),
        ("2024-12", ()),
        ("2025-01", ()),
        ("2024-09", ("2024-10", "2024-11", "2024-12")),
        ("2023-12", tuple(f"2024-{month:02d}" for month in range(1, 13))),
    ],
)
def test_all_months_since_the_newest_are_due(newest: str | None, due: tuple[str, ...]) -> None:
    assert due_months(newest, "2024-12") == due


def test_more_than_a_year_is_not_made_up_unasked() -> None:
    with pytest.raises(ConfigError, match="13 months are due, from 2023-12 to 2024-12") as error:
        due_months("2023-11", "2024-12")
    assert "--from 2023-12 --to 2024-12" in error.value.hint
