"""Smoothed distributions of a field, for a segment and for all customers on one grid."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reportgen.profiling.effects import Floats, ascending, bimodality, skewness

POINTS = 121
_BINS = 480


def smooth(values: Floats, grid: Floats, least_width: float = 0.0) -> Floats:
    """Return the Gaussian kernel density of values at an even grid (Silverman's bandwidth), area 1.

    Values are binned first, so that the cost does not grow with customers and the result not with their order.
    """
    width = max(bandwidth(values), least_width)
    low, high = grid[0] - 3 * width, grid[-1] + 3 * width
    counts, edges = np.histogram(np.clip(values, low, high), bins=_BINS, range=(low, high))
    centres = (edges[:-1] + edges[1:]) / 2
    kernel = np.exp(-0.5 * ((grid[:, None] - centres[None, :]) / width) ** 2)
    density: Floats = kernel @ counts / (len(values) * width * np.sqrt(2 * np.pi))
    return density


def bandwidth(values: Floats) -> float:
    """Return Silverman's rule of thumb, robust to outliers; never 0."""
    q25, q75 = np.quantile(values, (0.25, 0.75))
    spread = ascending(values).std()
    robust = min(spread, (q75 - q25) / 1.349) or spread
    return float(0.9 * robust * len(values) ** -0.2) or 1.0


def lump(values: Floats) -> float:
    """Return half the widest gap between neighbouring values in the bulk: counts must not look like many humps."""
    low, high = np.quantile(values, (0.1, 0.9))
    steps = np.diff(np.unique(values[(values >= low) & (values <= high)]))
    return float(steps.max() / 2) if len(steps) else 0.0


def wants_logarithm(values: Floats) -> bool:
    """Say whether a field is read better on a log scale: positive, skewed, and less so after the logarithm."""
    positive = values[values > 0]
    if len(positive) < max(10, 0.95 * len(values)) or (values < 0).any():
        return False
    skew = skewness(values)
    return skew > 1 and abs(skewness(np.log(positive))) < skew


def even_grid(values: Floats) -> Floats:
    """Return a grid over the bulk of the values: no minimum or maximum can be read off it."""
    low, high = np.quantile(values, (0.01, 0.99))
    margin = 2 * bandwidth(values)
    start = low - margin
    if low >= 0 and (values >= 0).all():
        start = max(0.0, start)
    return np.linspace(start, high + margin, POINTS)


def two_humps(values: Floats) -> bool:
    """Say whether log values look like two groups: bimodality above 0.555 and a real valley between two peaks.

    Values that repeat often (units, days of a campaign) are lumps, not groups: never.
    """
    positive = values[values > 0]
    if len(positive) < 50 or np.unique(positive, return_counts=True)[1].max() > 0.1 * len(positive):
        return False
    logs = np.log(positive)
    return bool(bimodality(logs) > 0.555) and _has_valley(logs)


def _has_valley(values: Floats) -> bool:
    margin = 3 * bandwidth(values)
    curve = smooth(values, np.linspace(values.min() - margin, values.max() + margin, POINTS))
    peaks = _peaks(curve)
    if len(peaks) < 2:
        return False
    first, second = sorted(sorted(peaks, key=lambda place: -curve[place])[:2])
    return bool(curve[first:second].min() < 0.8 * min(curve[first], curve[second]) and _share(curve, first, second))


def _peaks(curve: Floats) -> NDArray[np.int64]:
    inner = (curve[1:-1] > curve[:-2]) & (curve[1:-1] >= curve[2:])
    return np.flatnonzero(inner) + 1


def _share(curve: Floats, first: int, second: int) -> bool:
    """Each side of the valley must hold at least a tenth of the members."""
    valley = first + int(curve[first:second].argmin())
    left = curve[:valley].sum() / curve.sum()
    return bool(0.1 <= left <= 0.9)
