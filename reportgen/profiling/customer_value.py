"""What the customers of each segment may still spend in the next twelve months, or why it is not estimated.

BG/NBD and Gamma-Gamma behind the gates of method.md section 10; a range per segment, never a figure per person.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from reportgen.inputs.customers import Customers, PurchaseHistory
from reportgen.profiling.lifetime import PurchaseModel, ValueModel, discounted_value, fit_purchases, fit_values
from reportgen.values import Quantity, Statement, count, share, statement

Array = NDArray[np.float64]

HORIZON = 12  # months
ANNUAL_RATE = 0.10  # discount per year
_WEEK = 7.0
_DRAWS = 100  # of the parameters and of the customers, for the range
_MOST = 20_000  # customers that the models are fitted on and evaluated for
_RATIO = (0.85, 1.15)


@dataclass(frozen=True)
class HoldOut:
    """Purchase days in the held-out time against those predicted from the time before."""

    days: int
    predicted: float
    actual: int
    correlation: float  # of predicted and actual purchase days over customers
    rank_correlation: float  # of the means of ten groups by predicted days

    @property
    def ratio(self) -> float:
        """Predicted divided by actual."""
        return self.predicted / self.actual if self.actual else float("inf")


@dataclass(frozen=True)
class SegmentValue:
    """Expected revenue per customer in the horizon, discounted: estimate and the 5% and 95% points of its range."""

    per_customer: float
    low: float
    high: float
    total: float


@dataclass(frozen=True)
class CustomerValue:
    """The estimate, or ``missing`` statements that say which gate failed; ``segments`` is empty then."""

    months: int
    annual_rate: float
    missing: tuple[Statement, ...]
    hold_out: HoldOut | None
    segments: tuple[SegmentValue, ...]

    @property
    def estimated(self) -> bool:
        """Whether every gate was passed."""
        return not self.missing


def estimate_value(customers: Customers, labels: NDArray[np.int64], k: int, seed: int) -> CustomerValue | None:
    """Estimate what each of ``k`` segments may spend in the next 12 months; None for a table without a purchase log.

    ``labels`` (n,) are the segments of the customers, -1 for none. Gates: method.md section 10.
    """
    facts = customers.order_facts
    history = facts.purchases if facts else None
    if history is None:
        return None
    missing = _too_little(history)
    if missing:
        return _refusal(missing, None)
    rows = _sample(len(labels), seed)
    known = _arrays(history, rows, "known_")
    hold_out = _check(history, rows, known)
    whole = _arrays(history, rows, "")
    purchases, values = fit_purchases(*whole[:3]), fit_values(whole[0], whole[3])
    missing = _doubts(purchases, values, whole, hold_out)
    if missing:
        return _refusal(missing, hold_out)
    each = discounted_value(purchases, values, whole, HORIZON, ANNUAL_RATE)
    sizes = np.bincount(labels[labels >= 0], minlength=k)
    segments = _by_segment(each, labels[rows], sizes, hold_out, seed)
    return CustomerValue(HORIZON, ANNUAL_RATE, (), hold_out, segments)


def _refusal(missing: tuple[Statement, ...], hold_out: HoldOut | None) -> CustomerValue:
    return CustomerValue(HORIZON, ANNUAL_RATE, missing, hold_out, ())


def _too_little(history: PurchaseHistory) -> tuple[Statement, ...]:
    frame = history.frame
    repeats = frame["repeats"].to_numpy()
    found = []
    if len(frame) < 500:
        found.append(statement("lifetime.few_customers", customers=count(len(frame))))
    again = int((repeats > 0).sum())
    if again < 100:
        shown = Quantity(again, "count", suppressed=0 < again < 10)
        found.append(statement("lifetime.few_repeaters", customers=shown))
    gap = float(frame["span"].sum() / repeats.sum()) if again else 0.0
    if history.days < 365 or history.days < 3 * gap:
        found.append(statement("lifetime.short_history", days=Quantity(history.days, "days")))
    return tuple(found)


def _doubts(
    purchases: PurchaseModel, values: ValueModel, whole: tuple[Array, ...], test: HoldOut
) -> tuple[Statement, ...]:
    found = []
    if not purchases.agreed or not values.agreed:
        found.append(statement("lifetime.no_fit"))
    x, z = whole[0], whole[3]
    together = np.corrcoef(x[x > 0], z[x > 0])[0, 1]
    if not abs(together) < 0.30:
        found.append(statement("lifetime.related", correlation=Quantity(float(together), "score")))
    if not _RATIO[0] <= test.ratio <= _RATIO[1]:
        found.append(statement("lifetime.wrong_level", ratio=share(test.ratio), days=Quantity(test.days, "days")))
    if not test.rank_correlation >= 0.60:
        found.append(statement("lifetime.wrong_order", correlation=Quantity(test.rank_correlation, "score")))
    return tuple(found)


def _check(history: PurchaseHistory, rows: NDArray[np.intp], known: tuple[Array, ...]) -> HoldOut:
    there = np.isfinite(known[0])
    x, t_x, age = (values[there] for values in known[:3])
    later = history.frame["later"].to_numpy()[rows][there]
    predicted = fit_purchases(x, t_x, age).expected(history.days_later / _WEEK, x, t_x, age)
    order = np.lexsort((later, predicted))
    means = [(predicted[part].mean(), later[part].mean()) for part in np.array_split(order, 10)]
    varied = later.std() > 0
    ranks = spearmanr(*zip(*means, strict=True)).statistic if varied else 0.0
    together = np.corrcoef(predicted, later)[0, 1] if varied else 0.0
    return HoldOut(history.days_later, float(predicted.sum()), int(later.sum()), float(together), float(ranks))


def _by_segment(
    each: Array, labels: NDArray[np.int64], sizes: NDArray[np.int64], test: HoldOut, seed: int
) -> tuple[SegmentValue, ...]:
    """Mean per segment with a range: customers are drawn again, and the level is as uncertain as the hold-out's."""
    rng = np.random.default_rng(seed)
    error = abs(1 - test.ratio) / 1.645  # the hold-out's miss is taken as the 90% point of the level's error
    levels = np.exp(rng.normal(0.0, error, _DRAWS))
    found = []
    for place, size in enumerate(sizes):
        members = np.sort(each[labels == place])
        if not len(members):
            found.append(SegmentValue(0.0, 0.0, 0.0, 0.0))
            continue
        weights = rng.poisson(1.0, (_DRAWS, len(members))) if len(members) <= 5_000 else None
        means = _drawn_means(members, weights, rng)
        low, high = np.quantile(means * levels, [0.05, 0.95])
        mean = float(members.mean())
        found.append(SegmentValue(mean, float(low), float(high), mean * int(size)))
    return tuple(found)


def _drawn_means(members: Array, weights: NDArray[np.int64] | None, rng: np.random.Generator) -> Array:
    """Bootstrap means; by the normal law where members are so many that drawing them again costs memory for nothing."""
    if weights is None:
        return rng.normal(members.mean(), members.std() / np.sqrt(len(members)), _DRAWS)
    totals = np.maximum(weights.sum(axis=1), 1)
    return np.asarray(weights @ members / totals)


def _arrays(history: PurchaseHistory, rows: NDArray[np.intp], prefix: str) -> tuple[Array, Array, Array, Array]:
    frame = history.frame.iloc[rows]
    x, span, age, value = (
        frame[prefix + name].to_numpy(dtype=np.float64) for name in ("repeats", "span", "age", "value")
    )
    return x, span / _WEEK, age / _WEEK, np.nan_to_num(value)


def _sample(n: int, seed: int) -> NDArray[np.intp]:
    if n <= _MOST:
        return np.arange(n)
    return np.sort(np.random.default_rng(seed).choice(n, _MOST, replace=False))
