"""The published table of moves of a marketing course, by our reading of the log and our table of moves."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from shared import shared_data
from side_by_side import side_by_side, totals

from reportgen.config import load_config
from reportgen.history.migration import check_identities, migrate
from reportgen.inputs.read import read_customers

NAMES = ("inactive", "cold", "warm high", "warm low", "warm new", "active high", "active low", "active new")

PUBLISHED = (  # De Bruyn, course solutions: rows 2015-01-01, columns 2016-01-01
    [7227, 0, 0, 0, 0, 35, 250, 0],
    [1931, 0, 0, 0, 0, 22, 200, 0],
    [0, 75, 0, 0, 0, 35, 1, 0],
    [0, 689, 0, 0, 0, 1, 266, 0],
    [0, 1139, 0, 0, 0, 15, 96, 0],
    [0, 0, 119, 0, 0, 354, 2, 0],
    [0, 0, 0, 901, 0, 22, 2088, 0],
    [0, 0, 0, 0, 938, 89, 410, 0],
)


def course_segments(frame: pd.DataFrame) -> list[str]:
    """The course's rules; days count to the first of January, one day after the day that we look back from."""
    d, f = frame["recency"] + 1, frame["tenure_days"] + 1
    m = frame["order_value"] / frame["lines_per_order"]  # the course takes every row for an order
    value = np.where(m < 100, "low", "high")
    warm, active = np.where(f <= 730, "new", value), np.where(f <= 365, "new", value)
    lapsed = np.where(d > 1095, "inactive", "cold")
    return [
        str(past) if days > 730 else f"warm {w}" if days > 365 else f"active {a}"
        for days, past, w, a in zip(d, lapsed, warm, active, strict=True)
    ]


def month_at(day: str) -> dict[str, tuple[str, int]]:
    config = load_config(None, input__as_of=day)
    frame = read_customers(str(shared_data("purchases/purchases.txt")), config).frame.sort_values("customer")
    cents = np.round(frame["spend"].to_numpy() * 100).astype(np.int64)
    return dict(zip(frame["customer"], zip(course_segments(frame), cents.tolist(), strict=True), strict=True))


@pytest.mark.slow
def test_moves_of_a_year_are_the_published_ones() -> None:
    then, now = month_at("2014-12-31"), month_at("2015-12-31")
    found = migrate(side_by_side(then, now).moves(), NAMES)
    check_identities(found, totals(then), totals(now))
    places = [found.sides.index(name) for name in NAMES]
    assert found.table[np.ix_(places, places)].tolist() == list(PUBLISHED)
    assert found.lost.sum() == 0
    assert len(then) == 16905
