"""What the segments spend: revenue shares, concentration, order value, frequency, recency, category mix."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CategoryShare:
    """Share of wallet of one category; ``index`` None where fewer than 30 buyers or a base share under 1%."""

    category: str
    share: float
    base_share: float
    index: float | None
    buyers: int
    suppressed: bool


@dataclass(frozen=True)
class SegmentSpending:
    """One segment's money. None: the file does not tell, or a gate forbids it."""

    customers: int
    revenue: float
    revenue_share: float
    index: float  # 100 * spend per customer / that of all customers
    spend_mean: float
    spend_median: float | None
    spend_q25: float | None
    spend_q75: float | None
    orders: int | None
    orders_per_customer: float | None
    order_value: float | None  # total spend / total orders
    recency_median: float | None
    repeat_rate: float | None
    top_tenth_share: float | None  # share of the segment's revenue from its top 10% of members
    spend_last_year: float | None  # S12 summed
    spend_own_year: float | None  # SL summed over Slowing and Lapsed members
    drifting: int | None  # members Slowing or Lapsed
    states: tuple[tuple[str, float], ...]  # (state word, share of members), logs with a usual gap only
    categories: tuple[CategoryShare, ...]


@dataclass(frozen=True)
class Concentration:
    """How revenue is spread over customers."""

    lorenz: tuple[tuple[float, float], ...]  # (share of customers, share of revenue), ascending spenders, ~100 points
    gini: float
    top20_share: float
    customers_for_80: float


@dataclass(frozen=True)
class Spending:
    """The money side of the report; only built when the file has a spend column."""

    currency: str
    base: SegmentSpending
    segments: tuple[SegmentSpending, ...]
    concentration: Concentration
