"""What the segments spend now and spent then, and whether the difference is material: domain.md 10.4 and 2.7."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import narwhals as nw

from reportgen.analysis import Analysis
from reportgen.history.trend import MonthFigures
from reportgen.history.two_months import TwoMonths
from reportgen.inputs.customers import Everyone
from reportgen.inputs.spark_rows import beside
from reportgen.inputs.sql import words_in

MATERIAL = 0.05
ENOUGH_MONTHS = 6  # earlier changes that tell what is usual
UNUSUAL = 2.0  # times the usual change, or standard errors
CENTRE_FROM = 30  # members without which no mean is told
_BEST = ("Top", "High")
_QUIET_FROM, _QUIET_WORTH = 10, 0.05


@dataclass(frozen=True)
class SpendChange:
    """Spend per customer of one segment in two months; None where there are too few members to tell."""

    id: str
    customers: int
    then: float
    now: float
    error: float  # standard error of the difference of two independent means: cautious, the customers overlap
    usual: float | None  # median of the earlier changes, at least six

    @property
    def change(self) -> float:
        """The change as a share of what it was."""
        return self.now / self.then - 1 if self.then > 0 else 0.0

    @property
    def material(self) -> bool:
        """Whether it is more than noise, and large enough to be said."""
        step = abs(self.now - self.then)
        noise = UNUSUAL * (self.error if self.usual is None else self.usual)
        return self.then > 0 and step > noise and abs(self.change) >= MATERIAL


@dataclass(frozen=True)
class Worth:
    """What the customers of one segment spent, in cents: how many, the sum, that of squares, the two largest."""

    customers: int
    total: int
    squares: int
    largest: tuple[int, ...]

    @property
    def mean(self) -> float:
        """Mean in currency."""
        return self.total / self.customers / 100

    @property
    def variance(self) -> float:
        """Sample variance, in currency, from whole numbers: of n values x it is (n sum x^2 - (sum x)^2) / n (n - 1)."""
        n = self.customers
        return (n * self.squares - self.total**2) / (n * (n - 1)) / 100**2

    @property
    def told(self) -> bool:
        """Whether a mean gives no customer away."""
        one, two = max(self.largest, default=0) > 0.5 * self.total, sum(self.largest) > 0.85 * self.total
        return self.customers >= CENTRE_FROM and not (self.total > 0 and (one or two))


def worth_of(months: TwoMonths) -> tuple[Mapping[str, Worth], Mapping[str, Worth]]:
    """Return what the customers of each segment spent then, and what they spend now."""
    then, now = (
        {
            segment: Worth(n, total, squares, tuple(top))
            for segment, n, total, squares, top in months.engine.ask(
                f"""SELECT {label}, count(*), sum({cents})::HUGEINT, sum({cents}::HUGEINT * {cents}), max({cents}, 2)
                FROM {{met}} WHERE {there} GROUP BY 1"""
            )
        }
        for label, cents, there in (("a", "money_then", "was"), ("c", "money_now", "here"))
    )
    return then, now


def spend_changes(
    then: Mapping[str, Worth], now: Mapping[str, Worth], months: Sequence[MonthFigures]
) -> tuple[SpendChange, ...]:
    """Compare what a customer of each segment spent, in currency; segments that one customer dominates are left out."""
    found = []
    for segment in sorted({*then, *now} - {""}):
        old, new = then.get(segment), now.get(segment)
        if old is None or new is None or not (old.told and new.told):
            continue
        error = math.sqrt(old.variance / old.customers + new.variance / new.customers)
        found.append(SpendChange(segment, new.customers, old.mean, new.mean, error, _usual(segment, months)))
    return tuple(found)


def _usual(segment: str, months: Sequence[MonthFigures]) -> float | None:
    """Return the usual change from month to month, where the same ruler measured enough of them."""
    if not months:
        return None
    known = [group.mean_spend for month in months if month.fitted == months[-1].fitted and (group := month.of(segment))]
    steps = [abs(later - earlier) for earlier, later in pairwise(known) if earlier is not None and later is not None]
    return median(steps) if len(steps) >= ENOUGH_MONTHS else None


@dataclass(frozen=True)
class GoneQuiet:
    """Customers of the segments of high spend who were active last month and are past the usual gap now.

    ``spend`` is what they spent in the year up to their last order, ``yearly`` what all customers spent in the last
    year; the shares are those of the segments of high spend last month.
    """

    customers: int
    spend: float
    yearly: float
    share: float
    revenue_share: float

    @property
    def material(self) -> bool:
        """Whether this is the first thing to say."""
        return self.customers >= _QUIET_FROM and self.spend >= _QUIET_WORTH * self.yearly > 0


def gone_quiet(analysis: Analysis, months: TwoMonths, last: MonthFigures | None) -> GoneQuiet | None:
    """Count them among the customers of both months, who bought nothing since; None without dates, rhythm or money."""
    facts = analysis.customers.order_facts
    if facts is None or facts.usual_gap is None or last is None:
        return None
    best = [group for group in last.segments if group.value in _BEST]
    if not best or any(group.customers_share is None or group.revenue_share is None for group in best):
        return None
    ids = words_in([group.segment_id for group in best])
    quiet = f"quiet AND was AND a IN {ids}"
    customers, spend, yearly = months.engine.ask(
        f"SELECT count_if({quiet}), fsum(own_year) FILTER ({quiet}), fsum(last_year) FROM {{met}} WHERE here"
    )[0]
    if analysis.customers.everyone is not None:
        spend = _spent_in_own_year(months, analysis.customers.everyone, ids)
    return GoneQuiet(
        customers=int(customers),
        spend=float(f"{spend or 0:.12g}"),
        yearly=float(f"{yearly or 0:.12g}"),
        share=sum(group.customers_share or 0.0 for group in best),
        revenue_share=sum(group.revenue_share or 0.0 for group in best),
    )


def _spent_in_own_year(months: TwoMonths, everyone: Everyone, ids: str) -> float:
    """Add up what those gone quiet spent in the year up to their last order, from the orders themselves."""
    assert everyone.orders is not None
    months.engine.keep(
        "quiet",
        f"""SELECT n.customer, n.last_day, n.last_day - 365 AS before FROM {{now}} n JOIN {{then}} p ON n.key = p.key
        WHERE n.quiet AND p.a IN {ids}""",
    )
    quiet = beside(months.engine.here("FROM {quiet}"), everyone.orders)
    own = everyone.orders.join(quiet, on="customer").filter(
        nw.col("day") > nw.col("before"), nw.col("day") <= nw.col("last_day")
    )
    return float(own.select(nw.col("net").sum()).collect().to_pandas()["net"].fillna(0).iloc[0])
