"""What months remember: figures written and read again, drift of three months in a row, who went quiet, spend."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from analyses import mall_like
from side_by_side import engine_of, side_by_side

from reportgen.history import drift_list
from reportgen.history.archive import PublishedRun
from reportgen.history.drift import ColumnDrift, Shift
from reportgen.history.memory import Memory
from reportgen.history.periods import month_before, year_before
from reportgen.history.spend_change import GoneQuiet, gone_quiet, spend_changes, worth_of
from reportgen.history.this_month import told_by_orders
from reportgen.history.trend import (
    FILE,
    CalendarMonth,
    GroupFigures,
    MonthFigures,
    figures_from,
    figures_of,
    figures_text,
    read_trend,
)
from reportgen.history.two_months import TwoMonths


def group(segment: str, customers: int | None, value: str = "", **more: Any) -> GroupFigures:
    return GroupFigures(segment, f"Name, {segment}", customers, value=value, letter=segment[-1], colour=0, **more)


def month(period: str, *groups: GroupFigures, fitted: str = "2024-01") -> MonthFigures:
    everyone = GroupFigures("all", "", sum(one.customers or 0 for one in groups), 1.0)
    return MonthFigures(period, fitted, "EUR", everyone, groups)


def test_figures_read_back_as_they_were_written() -> None:
    written = dataclasses.replace(
        month("2024-11", group("s01", 120, "Top", revenue=1 / 3, mean_spend=0.1), group("s02", None)),
        top20_share=0.62,
        month=CalendarMonth("2024-11", 80, 95, 1234.5, None),
    )
    text = figures_text(written)
    assert figures_from(text) == written
    assert text.splitlines()[1].startswith('2024-11,2024-11-30,2024-01,s01,"Name, s01",120,,0.3333333333333333')


def test_a_table_without_money_or_dates_has_empty_cells() -> None:
    figures = figures_of(mall_like(), "2024-11", 10)
    assert figures.everyone.customers == sum(one.customers or 0 for one in figures.segments) == 200
    assert (figures.month, figures.top20_share, figures.everyone.revenue) == (None, None, None)
    assert figures_from(figures_text(figures)) == figures


def test_a_segment_of_few_customers_is_not_told() -> None:
    figures = figures_of(mall_like(), "2024-11", 30)
    few = [one for one in figures.segments if one.customers is None]
    assert len(few) == 2
    assert all((one.customers_share, one.revenue, one.mean_spend) == (None, None, None) for one in few)


def test_the_trend_is_oldest_first_and_leaves_out_what_cannot_be_read(tmp_path: Path) -> None:
    runs = []
    for place, text in enumerate(
        (figures_text(month("2024-11")), "no,csv\nof,ours\n", None, figures_text(month("2024-08")))
    ):
        folder = tmp_path / str(place)
        folder.mkdir()
        if text is not None:
            (folder / FILE).write_text(text)
        runs.append(PublishedRun(folder, {}))
    assert [one.period for one in read_trend(runs)] == ["2024-08", "2024-11"]
    assert [one.period for one in read_trend(runs, 1)] == ["2024-11"]


def test_months_before() -> None:
    assert [month_before(one) for one in ("2024-01", "2024-12")] == ["2023-12", "2024-11"]
    assert year_before("2024-02") == "2023-02"


# ------------------------------------------------------------------------------------------------------------- drift

STRONG, CALM = Shift(0.3, 0.1, "strong", 5.0), Shift(0.01, 0.1, "none", 5.0)


def test_drift_is_written_with_its_verdicts_and_read_again() -> None:
    drift = (ColumnDrift("spend", 6.0, STRONG, CALM), ColumnDrift("orders", None, CALM, None, STRONG))
    text = drift_list.drift_text(drift)
    assert text.splitlines()[1] == "spend,6,5,0.3,0.1,strong,5,0.01,0.1,none,,,,"
    assert drift_list.strong_columns(text) == {"spend"}


@pytest.mark.parametrize(
    ("drifted", "fits", "found"),
    [
        (({"a", "b"}, {"a"}), ("2024-01", "2024-01"), ("a",)),
        (({"a"}, {"b"}), ("2024-01", "2024-01"), ()),
        (({"a"},), ("2024-01",), ()),
        (({"a"}, {"a"}), ("2023-01", "2024-01"), ()),
    ],
    ids=["three months", "another column", "two months", "another fit"],
)
def test_drift_calls_for_a_new_fit_after_three_months_against_the_same_one(
    drifted: Any, fits: tuple[str, ...], found: tuple[str, ...]
) -> None:
    months = tuple(month(f"2024-{place:02d}", fitted=fit) for place, fit in enumerate(fits, 5))
    memory = Memory(months=months, drifted=tuple(map(frozenset, drifted)))
    assert memory.drifting_on(frozenset({"a"}), "2024-01") == found


# ------------------------------------------------------------------------------------------------------------- money


def one_segment(cents: list[int]) -> dict[str, tuple[str, int]]:
    return {f"c{i}": ("s01", worth) for i, worth in enumerate(cents)}


def spread(mean: int, n: int = 40) -> list[int]:
    return [mean - 500, mean + 500] * (n // 2)


@pytest.mark.parametrize(
    ("now", "steps", "material"),
    [
        (10_000, 0, False),
        (10_400, 0, False),
        (10_600, 0, True),
        (10_600, 7, False),
        (12_100, 7, True),
        (12_100, 5, True),
    ],
    ids=["same", "four percent", "six percent", "as usual", "more than twice the usual", "few months: by its error"],
)
def test_spend_is_material_beyond_noise_and_five_percent(now: int, steps: int, material: bool) -> None:
    """``steps`` earlier changes of 10.00 each are usual."""
    months = [month(f"2024-{i + 1:02d}", group("s01", 40, mean_spend=30.0 + 10 * i)) for i in range(steps)]
    worth = worth_of(side_by_side(one_segment(spread(10_000)), one_segment(spread(now))))
    (found,) = spend_changes(*worth, months)
    assert (found.then, found.now) == (100.0, now / 100)
    assert found.material == material


def test_no_mean_is_told_of_few_customers_or_of_one_that_dominates() -> None:
    few, large = one_segment([*spread(10_000, 28), 1]), one_segment([*spread(100, 38), 9_000_000, 1])
    plain = one_segment(spread(10_000))
    for other in (few, large):
        for pair in ((plain, other), (other, plain)):
            assert spend_changes(*worth_of(side_by_side(*pair)), ()) == ()


def test_the_variance_of_money_is_exact() -> None:
    cents = [1, 2, 10**11, 5, 10**11 + 2]
    worth = worth_of(side_by_side({}, one_segment(cents)))[1]["s01"]
    assert worth.mean == pytest.approx(np.mean(cents) / 100, rel=1e-15)
    assert worth.variance == pytest.approx(np.var(np.array(cents) / 100, ddof=1), rel=1e-12)


def quiet(recency: list[int], order_days: list[int], segments: list[str], gap: float = 20.0) -> GoneQuiet | None:
    """Customers of both months, as of 30 November; last month's as-of date was 31 October."""
    told = {"spend_own_year": 100.0, "spend_last_year": 50.0}
    known = zip(recency, order_days, segments, strict=True)
    engine = engine_of([{"recency": r, "order_days": days, "a": a, **told} for r, days, a in known])
    facts = SimpleNamespace(as_of=dt.date(2024, 11, 30), usual_gap=gap)
    cells = told_by_orders(facts, dt.date(2024, 10, 31), everyone=False)  # type: ignore[arg-type]
    cells = {name: cells[name] for name in ("quiet", "own_year", "last_year")}
    told_sql = ", ".join(f"{sql} AS {name}" for name, sql in cells.items())
    engine.keep("met", f"SELECT a, TRUE AS was, TRUE AS here, {told_sql} FROM {{source}}")
    analysis = SimpleNamespace(customers=SimpleNamespace(order_facts=facts, everyone=None))
    high = group("s01", 20, "High", customers_share=0.4, revenue_share=0.7)
    last = month("2024-10", high, group("s02", 30, "Low", customers_share=0.6, revenue_share=0.3))
    return gone_quiet(analysis, TwoMonths(engine), last)  # type: ignore[arg-type]


def test_gone_quiet_are_those_of_high_spend_who_were_active_and_bought_nothing_since() -> None:
    found = quiet([35, 50, 51, 29, 35, 35], [3, 3, 3, 3, 1, 3], ["s01", "s01", "s01", "s01", "s01", "s02"])
    assert found is not None
    assert (found.customers, found.spend, found.yearly) == (2, 200.0, 300.0), "35 and 50 days: 5 and 20 a month ago"
    assert (found.share, found.revenue_share) == (0.4, 0.7)
    assert not found.material, "fewer than ten"


def test_ten_gone_quiet_are_material_from_a_twentieth_of_the_money() -> None:
    assert dataclasses.replace(GoneQuiet(10, 5.0, 100.0, 0.4, 0.7)).material
    assert not GoneQuiet(10, 4.9, 100.0, 0.4, 0.7).material
    assert not GoneQuiet(9, 50.0, 100.0, 0.4, 0.7).material
