"""Effect sizes and z values of a segment against all customers, the segment included (domain.md 7.3)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


def mean(values: Floats) -> float:
    """Return the mean of finite values, the same to the bit in any order; NaN for none."""
    return float(np.sort(values).sum() / len(values)) if len(values) else math.nan


def total(values: Floats) -> float:
    """Return the sum of finite values, the same to the bit in any order."""
    return float(np.sort(values).sum())


def winsorise(values: Floats) -> Floats:
    """Clip to the 1st and 99th percentile of the values themselves; NaN stays."""
    known = values[~np.isnan(values)]
    if not len(known):
        return values
    low, high = np.quantile(known, (0.01, 0.99))
    return np.clip(values, low, high)


def numeric_effect(values: Floats, members: Mask) -> tuple[float, float]:
    """Return (d, z) of the members against all, on winsorised values; missing ones are left out of both.

    d = (mean_k - mean) / s with the standard deviation of all; (0, NaN) where nothing varies or all are members.
    """
    clipped = winsorise(values)
    known = ~np.isnan(clipped)
    base, group = clipped[known], clipped[known & members]
    n, n_k = len(base), len(group)
    centre = mean(base)
    spread = math.sqrt(mean((base - centre) ** 2)) if n else 0.0
    if n_k == 0 or n < 2 or not spread > 1e-12 * max(1.0, abs(centre)):
        return 0.0, math.nan
    d = (mean(group) - centre) / spread
    if n_k == n:
        return 0.0, math.nan
    return d, d * math.sqrt(n_k) / math.sqrt((n - n_k) / (n - 1))


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
    away = values - mean(values)
    second, third = mean(away**2), mean(away**3)
    if second <= 1e-24:
        return 0.0
    return float(third / second**1.5 * math.sqrt(n * (n - 1)) / (n - 2))


def bimodality(values: Floats) -> float:
    """Return the bimodality coefficient (domain.md 3.5); above 0.555 hints at two groups, NaN below 4 values."""
    n = len(values)
    if n < 4:
        return math.nan
    away = values - mean(values)
    second, fourth = mean(away**2), mean(away**4)
    if second <= 1e-24:
        return math.nan
    excess = (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * (fourth / second**2 - 3) + 6)
    return (skewness(values) ** 2 + 1) / (excess + 3 * (n - 1) ** 2 / ((n - 2) * (n - 3)))
