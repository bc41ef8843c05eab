"""What the segments spend: revenue shares, concentration, order value, frequency, recency, category mix."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reportgen.config import Config
from reportgen.findings import Finding
from reportgen.inputs.customers import Customers
from reportgen.profiling.concentration import Concentration, concentrate, dominated, top_share
from reportgen.profiling.effects import Floats, Mask, total
from reportgen.profiling.gates import CENTRE_FROM, QUARTILES_FROM
from reportgen.profiling.states import STATES, customer_states
from reportgen.profiling.suppression import hide_small_cells
from reportgen.segments.fit import Segmentation

_BUYERS_FOR_INDEX = 30


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
    dominated: bool = False  # one customer holds over half of the revenue, or two over 85%


@dataclass(frozen=True)
class Spending:
    """The money side of the report; only built when the file has a spend column."""

    currency: str
    base: SegmentSpending
    segments: tuple[SegmentSpending, ...]
    concentration: Concentration | None  # None where its shares are those of fewer than ten customers

    @property
    def dominated(self) -> bool:
        """Whether a segment is dominated: then no total, share or mean of money is printed of any."""
        return any(part.dominated for part in (self.base, *self.segments))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the reader must know about these figures."""
        if not self.dominated:
            return ()
        message = (
            "One or two customers hold most of the revenue of a segment: totals, shares and means of money would show"
            " what they spend and are not printed. Names and sentences rest on typical (median) spend."
        )
        return (Finding("dominated", message, "warning"),)


def spending_profiles(
    customers: Customers, segmentation: Segmentation, config: Config | None = None
) -> Spending | None:
    """Measure what every segment, and all segmented customers together, spend; None without a spend column.

    Ratios of orders are ratios of sums. States are printed only where every hidden one stays hidden.
    """
    if customers.spend is None:
        return None
    ledger = _Ledger(customers, segmentation, config or Config())
    if not len(ledger.spend) or total(ledger.spend) <= 0:
        return None
    everyone = np.ones(len(ledger.spend), dtype=bool)
    return Spending(
        currency=customers.currency,
        base=_measure(ledger, everyone, None),
        segments=tuple(_measure(ledger, ledger.labels == place, place) for place in range(segmentation.k)),
        concentration=_concentration(ledger),
    )


def _concentration(ledger: _Ledger) -> Concentration | None:
    found = concentrate(ledger.spend)
    fewest = round(min(0.2, found.customers_for_80) * len(ledger.spend))
    return found if fewest >= ledger.least else None


class _Ledger:
    """The money columns of the segmented customers, and which small cells must stay hidden."""

    def __init__(self, customers: Customers, segmentation: Segmentation, config: Config) -> None:
        self._frame = customers.frame[segmentation.assignment.label >= 0]
        inside = segmentation.assignment.label >= 0
        self.labels = segmentation.assignment.label[inside]
        self.k, self.least = segmentation.k, config.privacy.min_cell
        assert customers.spend is not None
        self.spend = np.nan_to_num(self._frame[customers.spend].to_numpy(dtype=np.float64))
        self.orders = self._column(customers.orders)
        self.recency = self._column(customers.recency)
        self.last_year = self._column("spend_last_year")
        self.own_year = self._column("spend_own_year")
        states = customer_states(customers)
        self.states = None if states is None else states[inside]
        wallet = customers.wallet
        self.categories = () if wallet is None else wallet.names
        self.wallet = (
            np.zeros((len(self.spend), 0))
            if wallet is None
            else wallet.spend[list(wallet.names)].to_numpy(dtype=np.float64)[inside]
        )
        self.buyers = self._count(self.wallet > 0)
        self.hidden_buyers = hide_small_cells(self.buyers, self.least)

    def _column(self, name: str | None) -> Floats | None:
        if name is None or name not in self._frame:
            return None
        return self._frame[name].to_numpy(dtype=np.float64, na_value=np.nan)

    def _count(self, flags: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Return counts, columns of flags x segments."""
        rows = [[int((column & (self.labels == place)).sum()) for place in range(self.k)] for column in flags.T]
        return np.array(rows, dtype=np.int64).reshape(len(rows), self.k)

    def state_shares(self, place: int | None) -> tuple[tuple[str, float], ...]:
        """Return the printable shares of members per state."""
        if self.states is None:
            return ()
        counts = self._count(self.states[:, None] == np.arange(len(STATES)))
        return printable_states(counts, hide_small_cells(counts, self.least), place, self.least)


def printable_states(
    counts: NDArray[np.int64], hidden: Mask, place: int | None, least: int
) -> tuple[tuple[str, float], ...]:
    """Return the shares of a segment's members, or of all, per state from counts, states x segments."""
    column = counts.sum(axis=1) if place is None else counts[:, place]
    off = (column > 0) & (column < least) if place is None else hidden[:, place]
    n = int(column.sum())
    return tuple((word, int(column[i]) / n) for i, word in enumerate(STATES) if not off[i])


def _measure(ledger: _Ledger, members: Mask, place: int | None) -> SegmentSpending:
    spend = ledger.spend[members]
    n, revenue, everything = len(spend), total(spend), total(ledger.spend)
    orders = None if ledger.orders is None else int(np.nansum(ledger.orders[members]))
    quartiles = n >= max(QUARTILES_FROM, ledger.least)
    centre = n >= max(CENTRE_FROM, ledger.least)
    q25, median, q75 = (float(q) for q in np.quantile(spend, (0.25, 0.5, 0.75)))
    return SegmentSpending(
        customers=n,
        revenue=revenue,
        revenue_share=revenue / everything,
        index=100 * (revenue / n) / (everything / len(ledger.spend)),
        spend_mean=revenue / n,
        spend_median=median if centre else None,
        spend_q25=q25 if quartiles else None,
        spend_q75=q75 if quartiles else None,
        orders=orders,
        orders_per_customer=None if orders is None else orders / n,
        order_value=revenue / orders if orders else None,
        recency_median=_median(ledger.recency, members) if centre else None,
        repeat_rate=_repeat_rate(ledger, members),
        top_tenth_share=_top_tenth(spend),
        spend_last_year=_sum(ledger.last_year, members),
        spend_own_year=_sum(ledger.own_year, members & _drifting(ledger)),
        drifting=None if ledger.states is None else int((members & _drifting(ledger)).sum()),
        states=ledger.state_shares(place),
        categories=_categories(ledger, members, place),
        dominated=dominated(spend),
    )


def _drifting(ledger: _Ledger) -> Mask:
    """Members Slowing or Lapsed."""
    if ledger.states is None:
        return np.zeros(len(ledger.spend), dtype=bool)
    return ledger.states >= STATES.index("Slowing")


def _sum(column: Floats | None, members: Mask) -> float | None:
    return None if column is None else total(np.nan_to_num(column[members]))


def _median(column: Floats | None, members: Mask) -> float | None:
    known = np.array([]) if column is None else column[members & ~np.isnan(column)]
    return float(np.median(known)) if len(known) else None


def _repeat_rate(ledger: _Ledger, members: Mask) -> float | None:
    if ledger.orders is None:
        return None
    orders = ledger.orders[members]
    bought, again = int((orders >= 1).sum()), int((orders >= 2).sum())
    few = any(0 < part < ledger.least for part in (again, bought - again))
    return None if few or not bought else again / bought


def _top_tenth(spend: Floats) -> float | None:
    """None where the tenth would be fewer than ten members, or one member holds more than half of it."""
    top = np.sort(spend)[::-1][: len(spend) // 10]
    if len(top) < 10 or total(spend) <= 0 or dominated(top):
        return None
    return top_share(spend, 0.1)


def _categories(ledger: _Ledger, members: Mask, place: int | None) -> tuple[CategoryShare, ...]:
    """Return share of wallet per category, largest category first; no index for a tiny base."""
    mix, base_mix = (_mix(ledger.wallet[rows]) for rows in (members, np.ones(len(members), dtype=bool)))
    if mix is None or base_mix is None:
        return ()
    shares = []
    for i, category in enumerate(ledger.categories):
        buyers = int((ledger.wallet[members, i] > 0).sum())
        off = 0 < buyers < ledger.least if place is None else bool(ledger.hidden_buyers[i, place])
        index = float(100 * mix[i] / base_mix[i]) if buyers >= _BUYERS_FOR_INDEX and base_mix[i] >= 0.01 else None
        shares.append(CategoryShare(category, float(mix[i]), float(base_mix[i]), None if off else index, buyers, off))
    return tuple(shares)


def _mix(wallet: Floats) -> Floats | None:
    """Return the share of each category in the money spent on categories; None where nothing was."""
    sums = np.array([max(0.0, total(column)) for column in wallet.T])
    everything = float(sums.sum())
    return sums / everything if everything > 0 else None
