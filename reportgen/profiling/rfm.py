"""The classic view beside the segments: recency, frequency and monetary value scored 1 to 5, in named groups.

Rules of domain.md section 8: cuts are quantiles with their duplicates kept, so equal values always share a score and no
score depends on the order of rows; one order never scores above 1 in frequency. Cuts of an earlier run can be given
again, so that a customer only changes group by passing a printed cut.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reportgen.inputs.customers import Customers
from reportgen.profiling.concentration import dominated
from reportgen.profiling.gates import CENTRE_FROM

GROUPS = (
    "Champions",
    "Loyal",
    "Potential loyalist",
    "New",
    "Promising",
    "Need attention",
    "About to sleep",
    "At risk",
    "Can't lose",
    "Hibernating",
)
"""Every group, best first; the words of the field, used in this view only."""

_GRID = {  # recency score -> group by frequency score 1..5; each of the 25 cells exactly once
    5: ("New", "Potential loyalist", "Potential loyalist", "Champions", "Champions"),
    4: ("Promising", "Potential loyalist", "Potential loyalist", "Loyal", "Loyal"),
    3: ("About to sleep", "About to sleep", "Need attention", "Loyal", "Loyal"),
    2: ("Hibernating", "Hibernating", "At risk", "At risk", "Can't lose"),
    1: ("Hibernating", "Hibernating", "At risk", "At risk", "Can't lose"),
}


@dataclass(frozen=True)
class RfmCuts:
    """Four cuts each: days and orders in whole numbers, money to two significant digits."""

    recency: tuple[float, ...]
    frequency: tuple[float, ...]
    monetary: tuple[float, ...]


@dataclass(frozen=True)
class RfmCell:
    """One cell of the grid of recency and frequency; ``median_spend`` is None below 30 customers."""

    recency: int
    frequency: int
    group: str
    customers: int
    median_spend: float | None


@dataclass(frozen=True)
class RfmGroup:
    """One named group with its shares of customers and of revenue."""

    name: str
    customers: int
    share: float
    revenue_share: float | None  # None in every group where that of one would give a customer away


@dataclass(frozen=True)
class RfmView:
    """The whole view; ``scores`` is (n, 3) with recency, frequency and monetary scores, rows as in Customers.frame."""

    cuts: RfmCuts
    cells: tuple[RfmCell, ...]  # 25, best recency first, then frequency 1..5
    groups: tuple[RfmGroup, ...]  # in the order of GROUPS, empty ones left out
    scores: NDArray[np.int64]


def rfm_view(customers: Customers, cuts: RfmCuts | None = None) -> RfmView | None:
    """Score and group all customers; None where the table lacks recency, orders or spend, or is too small (< 100)."""
    names = (customers.recency, customers.orders, customers.spend)
    frame = customers.frame
    if None in names or len(frame) < 100:
        return None
    recency, orders, spend = (frame[name].to_numpy(dtype=np.float64) for name in names)
    if not np.isfinite(np.column_stack([recency, orders, spend])).all() or spend.sum() <= 0:
        return None
    cuts = cuts or learn_cuts(recency, orders, spend)
    scores = score(recency, orders, spend, cuts)
    cells = tuple(_cell(r, f, scores, spend) for r in (5, 4, 3, 2, 1) for f in (1, 2, 3, 4, 5))
    names_of = np.array([_GRID[int(r)][int(f) - 1] for r, f in scores[:, :2]])
    members = {name: names_of == name for name in GROUPS if (names_of == name).any()}
    shown = [spend, *(spend[rows] for rows in members.values() if rows.sum() >= CENTRE_FROM)]
    with_revenue = not any(dominated(part) for part in shown)
    groups = tuple(_group(name, rows, spend, with_revenue) for name, rows in members.items())
    return RfmView(cuts, cells, groups, scores)


def learn_cuts(recency: NDArray[np.float64], orders: NDArray[np.float64], spend: NDArray[np.float64]) -> RfmCuts:
    """Return the 20/40/60/80% quantiles, rounded as they are printed."""
    steps = (0.2, 0.4, 0.6, 0.8)
    return RfmCuts(
        tuple(_half_up(value) for value in np.quantile(recency, steps)),
        tuple(_half_up(value) for value in np.quantile(orders, steps)),
        tuple(_two_digits(float(value)) for value in np.quantile(spend, steps)),
    )


def score(
    recency: NDArray[np.float64], orders: NDArray[np.float64], spend: NDArray[np.float64], cuts: RfmCuts
) -> NDArray[np.int64]:
    """Return (n, 3) scores: R = 5 - #{cuts < r}, F = min(1 + #{cuts < f}, f), M = 1 + #{cuts < m}."""
    r = 5 - _passed(recency, cuts.recency)
    f = np.minimum(1 + _passed(orders, cuts.frequency), np.maximum(orders, 1).astype(np.int64))
    m = 1 + _passed(spend, cuts.monetary)
    return np.column_stack([r, f, m]).astype(np.int64)


def _passed(values: NDArray[np.float64], cuts: tuple[float, ...]) -> NDArray[np.int64]:
    return np.asarray((values[:, None] > np.asarray(cuts)[None, :]).sum(axis=1))


def _cell(recency: int, frequency: int, scores: NDArray[np.int64], spend: NDArray[np.float64]) -> RfmCell:
    inside = (scores[:, 0] == recency) & (scores[:, 1] == frequency)
    count = int(inside.sum())
    median = float(np.median(spend[inside])) if count >= 30 else None
    return RfmCell(recency, frequency, _GRID[recency][frequency - 1], count, median)


def _group(name: str, inside: NDArray[np.bool_], spend: NDArray[np.float64], with_revenue: bool) -> RfmGroup:
    count, part = int(inside.sum()), math.fsum(spend[inside]) / math.fsum(spend)
    return RfmGroup(name, count, count / len(spend), part if with_revenue else None)


def _half_up(value: float) -> float:
    return float(math.floor(value + 0.5))


def _two_digits(value: float) -> float:
    if value <= 0:
        return 0.0
    step = 10.0 ** (math.floor(math.log10(value)) - 1)
    return math.floor(value / step + 0.5) * step if step >= 1 else round(value / step) / round(1 / step)
