"""Tests and effect sizes of a column over segments: v-tests, Kruskal-Wallis, chi-square, eta squared, Cramér's V."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, gammaln, logsumexp, ndtri_exp
from scipy.stats import random_table, rankdata

from reportgen.profiling.effects import Floats, ascending

Labels = NDArray[np.int64]
Table = NDArray[np.int64]

SHUFFLES = 2000
_FEW = 5  # expected customers per cell below which chi-square is no good approximation …
_FEW_PART = 0.2  # … if more than this share of the cells has fewer
_MOST_TERMS = 100_000  # of the tail of a hypergeometric distribution; those beyond are too small to count


@dataclass(frozen=True)
class Outcome:
    """A test of no difference; ``shuffled``: p from random tables, not from the distribution."""

    statistic: float
    df: int
    p: float
    shuffled: bool = False


def numeric_v(values: Floats, labels: Labels, k: int) -> Floats:
    """Return the v-test of known (n,) values for each of k segments (Lebart; method.md 7).

    v = (mean_q - mean) / sqrt(s^2 / n_q * (n - n_q) / (n - 1)), s the population standard deviation of all; NaN where
    nothing varies, or a segment holds nobody or everybody.
    """
    n, (sizes, means) = len(values), _groups(values, labels, k)
    mean, spread = _moments(values)
    v = np.full(k, np.nan)
    usable = (sizes > 0) & (sizes < n) & (spread > 0)
    v[usable] = (means[usable] - mean) / np.sqrt(spread / sizes[usable] * (n - sizes[usable]) / (n - 1))
    return v


def category_v(n: int, level: int, drawn: int, both: int) -> tuple[float, float]:
    """Return (log p, v) of a level held by ``level`` of n customers, ``both`` of them among ``drawn`` members.

    Hypergeometric, the observed count halved between the tails (FactoMineR catdes); v is positive where the level is
    more common than among all, and finite however small p is.
    """
    expected = level * drawn / n
    tails = []
    if both < expected + 1:
        tails.append(_log_tail(n, level, drawn, both, -1))
    if both > expected - 1:
        tails.append(_log_tail(n, level, drawn, both, 1))
    log_p = min(0.0, *tails) if len(tails) > 1 else min(0.0, tails[0])
    v = -float(ndtri_exp(log_p - math.log(2))) if log_p < 0 else 0.0
    return log_p, v if both * n > level * drawn else -v


def _log_tail(n: int, level: int, drawn: int, both: int, step: int) -> float:
    """Return log(2 P(beyond ``both``) + P(both)), beyond being below (step -1) or above it."""
    last = max(0, level + drawn - n) if step < 0 else min(level, drawn)
    counts = both + step * np.arange(min(abs(last - both) + 1, _MOST_TERMS), dtype=np.float64)
    logs = _log_choose(level, counts) + _log_choose(n - level, drawn - counts)
    weights = np.full(len(logs), 2.0)
    weights[0] = 1.0
    return float(logsumexp(logs, b=weights) - _log_choose(n, np.array([float(drawn)]))[0])


def _log_choose(n: int, counts: Floats) -> Floats:
    chosen: Floats = gammaln(n + 1) - gammaln(counts + 1) - gammaln(n - counts + 1)
    return chosen


def eta_squared(values: Floats, labels: Labels, k: int) -> float:
    """Return the share of the variance of known (n,) values that lies between segments, SSB / SST; 0 if none varies."""
    sizes, means = _groups(values, labels, k)
    mean, spread = _moments(values)
    if spread <= 0:
        return 0.0
    between = float((sizes * (np.nan_to_num(means) - mean) ** 2)[sizes > 0].sum())
    return min(1.0, between / (spread * len(values)))


def kruskal_wallis(values: Floats, labels: Labels, k: int) -> Outcome:
    """Test whether known (n,) values rank alike in all segments; H, corrected for ties, is (n - 1) eta^2 of ranks."""
    groups = int((np.bincount(labels, minlength=k) > 0).sum())
    h = (len(values) - 1) * eta_squared(rankdata(values), labels, k)
    return Outcome(h, groups - 1, float(chdtrc(groups - 1, h)))


def chi_square(table: Table, seed: int) -> Outcome:
    """Test whether (levels, segments) counts are independent, without continuity correction.

    If over 20% of the cells expect fewer than 5, p comes from 2,000 random tables of the same totals.
    """
    table = _filled(table)
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    df = (len(rows) - 1) * (len(columns) - 1)
    if df == 0:
        return Outcome(0.0, 0, 1.0)
    expected = np.outer(rows, columns) / table.sum()
    statistic = _chi2(table, expected)
    if (expected < _FEW).mean() <= _FEW_PART:
        return Outcome(statistic, df, float(chdtrc(df, statistic)))
    drawn = random_table(rows, columns).rvs(SHUFFLES, random_state=np.random.default_rng(seed))
    as_far = int((np.array([_chi2(other, expected) for other in drawn]) >= statistic * (1 - 1e-9)).sum())
    return Outcome(statistic, df, (as_far + 1) / (SHUFFLES + 1), shuffled=True)


def _chi2(table: NDArray[np.float64] | Table, expected: Floats) -> float:
    return float(((table - expected) ** 2 / expected).sum())


def cramers_v(table: Table) -> tuple[float, float]:
    """Return (V, bias-corrected V of Bergsma 2013) of a table of counts; (0, 0) where one line holds everything."""
    table = _filled(table)
    n, (r, c) = int(table.sum()), table.shape
    if min(r, c) < 2:
        return 0.0, 0.0
    phi = _chi2(table, np.outer(table.sum(axis=1), table.sum(axis=0)) / n) / n
    corrected = max(0.0, phi - (r - 1) * (c - 1) / (n - 1))
    least = min(r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)) - 1
    return math.sqrt(phi / (min(r, c) - 1)), min(1.0, math.sqrt(corrected / least)) if least > 0 else 0.0


def holm_adjusted(p_values: Sequence[float]) -> list[float]:
    """Return Holm's adjusted p of m tests: the maximum over smaller p of min(1, (m - rank) p), in the given order."""
    adjusted, running, m = [1.0] * len(p_values), 0.0, len(p_values)
    for rank, place in enumerate(sorted(range(m), key=lambda i: p_values[i])):
        running = max(running, min(1.0, (m - rank) * p_values[place]))
        adjusted[place] = running
    return adjusted


def _filled(table: Table) -> Table:
    filled: Table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    return filled


def _groups(values: Floats, labels: Labels, k: int) -> tuple[Floats, Floats]:
    """Return sizes and means of k groups, the same to the bit in any order of the rows; the mean of nobody is NaN."""
    order = np.argsort(values, kind="stable")
    sizes = np.bincount(labels, minlength=k).astype(np.float64)
    sums = np.bincount(labels[order], weights=values[order], minlength=k)
    return sizes, np.divide(sums, sizes, out=np.full(k, np.nan), where=sizes > 0)


def _moments(values: Floats) -> tuple[float, float]:
    """Return mean and population variance; a variance that is only rounding is 0."""
    ordered = ascending(values)
    mean = float(ordered.sum()) / len(ordered)
    variance = float(((ordered - mean) ** 2).sum()) / len(ordered)
    return mean, variance if variance > 1e-24 * max(1.0, mean * mean) else 0.0
