"""How clearly customers belong to their own segment rather than to the next."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

SAMPLE = 5_000  # customers above which silhouettes are computed on a sample
_BLOCK = 500


def silhouette_rows(n: int, seed: int) -> NDArray[np.int64]:
    """Return the rows that stand for n customers: all, or a seeded sample of 5,000 in ascending order."""
    if n <= SAMPLE:
        return np.arange(n)
    return np.sort(np.random.default_rng(seed).choice(n, SAMPLE, replace=False))


def silhouette_values(x: NDArray[np.float64], labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return (n,) silhouettes of (n, p) points: (b - a) / max(a, b), 0 for singletons (Rousseeuw 1987)."""
    places, own = np.unique(labels, return_inverse=True)
    sizes = np.bincount(own)
    if places.size < 2:
        return np.zeros(len(x))
    member = np.zeros((len(x), places.size))
    member[np.arange(len(x)), own] = 1
    values = np.empty(len(x))
    for start in range(0, len(x), _BLOCK):
        rows = np.arange(start, min(start + _BLOCK, len(x)))
        sums = cdist(x[rows], x) @ member
        here = own[rows]
        within = sums[np.arange(rows.size), here] / np.maximum(sizes[here] - 1, 1)
        means = sums / sizes
        means[np.arange(rows.size), here] = np.inf
        beyond = means.min(axis=1)
        larger = np.maximum(within, beyond)
        score = np.divide(beyond - within, larger, out=np.zeros(rows.size), where=larger > 0)
        values[rows] = np.where(sizes[here] > 1, score, 0.0)
    return values
