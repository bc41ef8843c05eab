"""Effect sizes and z values of a segment against all customers, the segment included (domain.md 7.3)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Reference:
    """All customers, to measure a segment against: winsorised mean and standard deviation, and the clipping limits."""

    n: int
    mean: float
    spread: float
    low: float
    high: float


def ascending(values: Floats) -> Floats:
    """Return finite values in order; finding out that they are costs a tenth of sorting them."""
    return values if (values[1:] >= values[:-1]).all() else np.sort(values)


def total(values: Floats) -> float:
    """Return the sum of finite values, the same to the bit in any order."""
    return float(ascending(values).sum())


def mean(values: Floats) -> float:
    """Return the mean of finite values, the same to the bit in any order; NaN for none."""
    return total(values) / len(values) if len(values) else math.nan


def reference(values: Floats) -> Reference:
    """Measure all known values, clipped to their own 1st and 99th percentile."""
    if not len(values):
        return Reference(0, math.nan, 0.0, math.nan, math.nan)
    low, high = (float(limit) for limit in np.quantile(values, (0.01, 0.99)))
    clipped = np.clip(ascending(values), low, high)
    centre = float(clipped.sum()) / len(clipped)
    spread = math.sqrt(float(((clipped - centre) ** 2).sum()) / len(clipped))
    return Reference(len(values), centre, spread, low, high)


def effect_against(base: Reference, group: Floats) -> tuple[float, float]:
    """Return (d, z) of a segment's known values against all, on winsorised values.

    d = (mean_k - mean) / s with the standard deviation of all; (0, NaN) where nothing varies or all are members.
    """
    n, n_k = base.n, len(group)
    if n_k in (0, n) or not base.spread > 1e-12 * max(1.0, abs(base.mean)):
        return 0.0, math.nan
    d = (mean(np.clip(group, base.low, base.high)) - base.mean) / base.spread
    return d, d * math.sqrt(n_k) / math.sqrt((n - n_k) / (n - 1))


def numeric_effect(values: Floats, members: Mask) -> tuple[float, float]:
    """Return (d, z) of the members against all; missing values are left out of both."""
    known = ~np.isnan(values)
    return effect_against(reference(values[known]), values[known & members])


def share_effect(hits_k: int, n_k: int, hits: int, n: int) -> tuple[float, float]:
    """Return (Cohen's h, z) of a share in a segment against the share in all customers."""
    p_k, p = hits_k / n_k, hits / n
    h = 2 * math.asin(math.sqrt(p_k)) - 2 * math.asin(math.sqrt(p))
    if p in (0.0, 1.0) or n_k == n:
        return h, math.nan
    return h, (p_k - p) / math.sqrt(p * (1 - p) / n_k * (n - n_k) / (n - 1))


def skewness(values: Floats) -> float:
    """Return the bias-corrected skewness, 0 where it is not defined."""
    n = len(values)
    if n < 3:
        return 0.0
    second, third, _ = _moments(values)
    if second <= 1e-24:
        return 0.0
    return float(third / second**1.5 * math.sqrt(n * (n - 1)) / (n - 2))


def bimodality(values: Floats) -> float:
    """Return the bimodality coefficient (domain.md 3.5); above 0.555 hints at two groups, NaN below 4 values."""
    n = len(values)
    if n < 4:
        return math.nan
    second, _, fourth = _moments(values)
    if second <= 1e-24:
        return math.nan
    excess = (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * (fourth / second**2 - 3) + 6)
    return (skewness(values) ** 2 + 1) / (excess + 3 * (n - 1) ** 2 / ((n - 2) * (n - 3)))


def _moments(values: Floats) -> tuple[float, float, float]:
    """Return the second, third and fourth central moment, the same to the bit in any order."""
    ordered = ascending(values)
    away = ordered - ordered.sum() / len(ordered)
    square = away * away
    second, third, fourth = (float(power.sum()) / len(ordered) for power in (square, square * away, square * square))
    return second, third, fourth
