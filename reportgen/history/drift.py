"""Did the columns that form segments drift: the calibrated PSI of months.md section 16, and when to fit anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from reportgen.history.periods import months_after
from reportgen.history.significance import FEWEST_MOVERS, stuart_maxwell
from reportgen.segments.baseline import Bins
from reportgen.segments.fit import Segmentation
from reportgen.values import Quantity, Statement, share, statement

DriftWord = Literal["strong", "changed", "small", "few", "none"]

STRONG, NOTABLE = 0.25, 0.10
FEWEST = 50  # customers of either month
CHANCE, CHANCE_PAIRED = 0.01, 0.005
_WORSE, _SMALL, _LARGE, _DOWN, _FAR, _OLD = 1.5, 0.02, 0.60, 0.10, 0.05, 12


@dataclass(frozen=True)
class Shift:
    """One comparison of a column between two months; ``psi`` None: fewer than 50 customers."""

    psi: float | None
    bound: float | None
    word: DriftWord
    median: float | None  # of the earlier month


@dataclass(frozen=True)
class ColumnDrift:
    """One active column: since the fit, last month and the same month last year; None: nothing to compare with."""

    name: str
    median: float | None  # now
    since_fit: Shift | None
    since_last: Shift | None
    since_year: Shift | None = None


def psi(reference: Sequence[int], current: Sequence[int]) -> float:
    """Return the population stability index of two lists of counts, with half a customer added per bin."""
    p, q = _shares(reference, current)
    return float(np.sum((p - q) * np.log(p / q))) if p.size > 1 else 0.0


def psi_bound(reference: Sequence[int], current: Sequence[int], chance: float) -> float:
    """Return what the index exceeds with probability ``chance`` when nothing drifted."""
    bins = int(_used(reference, current).sum())
    n, m = sum(reference), sum(current)
    return float((1 / n + 1 / m) * chi2.ppf(1 - chance, bins - 1)) if bins > 1 else 0.0


def judge(value: float, bound: float, real: bool, changes: int | None = None) -> DriftWord:
    """Return the verdict; ``changes`` are bin changes of the same customers, None where months don't share any."""
    if real:
        return "strong" if value >= STRONG else "changed" if value >= NOTABLE else "small"
    few = bound >= NOTABLE and (changes is None or changes < FEWEST_MOVERS)
    return "few" if few else "none"


def shift_since_fit(bins: Bins, current: Sequence[int], columns: int) -> Shift:
    """Compare the customers per bin with the month of the fit; ``columns`` are compared together."""
    median = bins.quartiles[1] if bins.quartiles else None
    if min(bins.customers, sum(current)) < FEWEST:
        return Shift(None, None, "few", median)
    value, bound = psi(bins.counts, current), psi_bound(bins.counts, current, CHANCE / columns)
    return Shift(value, bound, judge(value, bound, value > bound), median)


def shift_since_last(moves: NDArray[np.int64], median: float | None, columns: int) -> Shift:
    """Compare a column with last month, whose median is given, by its customers per bin then (rows) and now.

    The last row and column are those who were not there.
    """
    reference, current = (_listed(moves[:-1].sum(axis=1)), _listed(moves[:, :-1].sum(axis=0)))
    if min(sum(reference), sum(current)) < FEWEST:
        return Shift(None, None, "few", median)
    value, bound = psi(reference, current), psi_bound(reference, current, CHANCE_PAIRED / columns)
    test = stuart_maxwell(moves[:-1, :-1])
    real = value > bound or (test.judged and test.p < CHANCE_PAIRED / columns)
    return Shift(value, bound, judge(value, bound, real, test.movers), median)


def refit_advice(found: Segmentation, period: str, far: int, drifted: Sequence[str] = ()) -> tuple[Statement, ...]:
    """Return why a new fit should be considered, most telling first; empty: the model fits as at its start.

    ``far`` counts customers beyond the limit of the fit, ``drifted`` are columns that were strongly changed against the
    fit for three months in a row.
    """
    model, advice = found.whole_model, []
    fit, segmented = model.fit, sum(one.size for one in found.fits)
    if fit is None or not found.kept:
        return ()
    error = found.mean_squared_distance / fit.mean_squared_distance if fit.mean_squared_distance > 0 else 1.0
    if error > _WORSE:
        advice.append(statement("advice.error", ratio=Quantity(error, "number", decimals=1)))
    sizes = {ref.id: one.size / segmented for ref, one in zip(found.model.segments, found.fits, strict=True)}
    for ref, before in zip(model.segments, fit.shares, strict=True):
        now = sizes.get(ref.id, 0.0)
        if (now < _SMALL <= before) or (now > _LARGE >= before):
            advice.append(statement("advice.share", name=_name(ref.name), share=share(now), before=share(before)))
    if fit.silhouette is not None and found.silhouette is not None and fit.silhouette - found.silhouette > _DOWN:
        then, today = (Quantity(value, "score") for value in (fit.silhouette, found.silhouette))
        advice.append(statement("advice.silhouette", before=then, now=today))
    if far / segmented > _FAR:
        advice.append(statement("advice.far", share=share(far / segmented)))
    if drifted:
        advice.append(statement("advice.drifted", labels=_name(", ".join(drifted))))
    months = months_after(model.as_of[:7], period) if model.as_of else 0
    if months > _OLD:
        advice.append(statement("advice.old", months=Quantity(months, "number", decimals=0)))
    return tuple(advice)


def _name(name: str) -> Quantity:
    return Quantity(name, "text")


def _used(reference: Sequence[int], current: Sequence[int]) -> NDArray[np.bool_]:
    return np.asarray((np.asarray(reference) + np.asarray(current)) > 0)


def _shares(reference: Sequence[int], current: Sequence[int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    used = _used(reference, current)
    p, q = (np.asarray(counts, dtype=np.float64)[used] + 0.5 for counts in (reference, current))
    return p / p.sum(), q / q.sum()


def _listed(counts: NDArray[np.int64]) -> list[int]:
    return [int(n) for n in counts]
