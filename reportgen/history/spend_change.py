"""What the segments spend now and spent then, and whether the difference is material: domain.md 10.4 and 2.7."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import numpy as np
from numpy.typing import NDArray

from reportgen.analysis import Analysis
from reportgen.history.migration import Roll
from reportgen.history.periods import last_day
from reportgen.history.trend import MonthFigures
from reportgen.profiling.concentration import dominated

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


def spend_changes(then: Roll, now: Roll, months: Sequence[MonthFigures]) -> tuple[SpendChange, ...]:
    """Compare what a customer of each segment spent, in currency; segments that one customer dominates are left out."""
    then_of, now_of = np.array(then.segments, dtype=object), np.array(now.segments, dtype=object)
    found = []
    for segment in sorted({*now.segments} - {""}):
        old, new = then.cents[then_of == segment] / 100, now.cents[now_of == segment] / 100
        if min(len(old), len(new)) < CENTRE_FROM or dominated(old) or dominated(new):
            continue
        error = math.sqrt(old.var(ddof=1) / len(old) + new.var(ddof=1) / len(new))
        means = float(old.mean()), float(new.mean())
        found.append(SpendChange(segment, len(new), *means, error, _usual(segment, months)))
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


def gone_quiet(
    analysis: Analysis, past: Roll, pairs: tuple[NDArray[np.int64], NDArray[np.int64]], last: MonthFigures | None
) -> GoneQuiet | None:
    """Count them among the customers of both months, who bought nothing since; None without dates, rhythm or money."""
    facts = analysis.customers.order_facts
    if facts is None or facts.usual_gap is None or last is None:
        return None
    best = [group for group in last.segments if group.value in _BEST]
    if not best or any(group.customers_share is None or group.revenue_share is None for group in best):
        return None
    frame = analysis.customers.frame.iloc[pairs[1]]
    days = (facts.as_of - last_day(last.period)).days
    ids = {group.segment_id for group in best}
    high = np.array([past.segments[i] in ids for i in pairs[0]], dtype=bool)
    recency = frame["recency"].to_numpy(dtype=np.float64)
    was_active = (recency >= days) & (recency - days <= facts.usual_gap) & (frame["order_days"].to_numpy() > 1)
    quiet = high & was_active & (recency > facts.usual_gap)
    return GoneQuiet(
        customers=int(quiet.sum()),
        spend=float(frame["spend_own_year"].to_numpy(dtype=np.float64)[quiet].sum()),
        yearly=float(analysis.customers.frame["spend_last_year"].sum()),
        share=sum(group.customers_share or 0.0 for group in best),
        revenue_share=sum(group.revenue_share or 0.0 for group in best),
    )
