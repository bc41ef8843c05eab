"""Classical criteria of a partition: silhouette, Calinski–Harabasz, Davies–Bouldin, shadow values."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from reportgen.segments.algorithms import assign_rows, sample_rows

SILHOUETTE_ROWS = 5_000
_ROWS_AT_ONCE = 500


def silhouettes(z: NDArray[np.float64], partitions: Sequence[NDArray[np.int64]]) -> tuple[NDArray[np.float64], ...]:
    """Return the silhouette of every row under each partition (Rousseeuw 1987); 0 for singletons.

    The distances are computed once for all partitions and never held at once.
    """
    counts = [int(labels.max()) + 1 for labels in partitions]
    member = np.concatenate(
        [labels[:, None] == np.arange(k) for labels, k in zip(partitions, counts, strict=True)], axis=1
    )
    sums = _distance_sums(z, member.astype(np.float64), cdist)
    edges = np.cumsum([0, *counts])
    return tuple(_silhouette(sums[:, edges[i] : edges[i + 1]], labels) for i, labels in enumerate(partitions))


def rough_silhouette(x: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    """Return the mean silhouette to four digits, several times faster: distances from matrix products in float32."""
    member = labels[:, None] == np.arange(int(labels.max()) + 1)
    scaled = ((x - x.mean(axis=0)) / (float(x.std()) or 1.0)).astype(np.float32)
    return float(_silhouette(_distance_sums(scaled, member.astype(np.float32), _rough_distances), labels).mean())


def _rough_distances(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    squared = a @ (-2 * b.T)
    squared += (a * a).sum(axis=1)[:, None]
    squared += (b * b).sum(axis=1)
    return np.asarray(np.sqrt(np.maximum(squared, 0, out=squared), out=squared))


def _distance_sums(
    z: NDArray[np.floating],
    member: NDArray[np.floating],
    distances: Callable[[NDArray[np.floating], NDArray[np.floating]], NDArray[np.floating]],
) -> NDArray[np.float64]:
    """Sums of the distances of every row to the members of every segment, (n, segments)."""
    steps = range(0, len(z), _ROWS_AT_ONCE)
    return np.concatenate([distances(z[at : at + _ROWS_AT_ONCE], z) @ member for at in steps]).astype(np.float64)


def _silhouette(sums: NDArray[np.float64], labels: NDArray[np.int64]) -> NDArray[np.float64]:
    rows = np.arange(len(labels))
    sizes = np.bincount(labels, minlength=sums.shape[1]).astype(np.float64)
    own = sizes[labels]
    inside = sums[rows, labels] / np.maximum(own - 1, 1)
    outside = np.where(sizes > 0, sums / np.maximum(sizes, 1), np.inf)
    outside[rows, labels] = np.inf
    nearest = outside.min(axis=1)
    larger = np.maximum(inside, nearest)
    defined = (own > 1) & np.isfinite(larger) & (larger > 0)
    return np.where(defined, (nearest - inside) / np.where(defined, larger, 1), 0.0)


def mean_silhouettes(z: NDArray[np.float64], partitions: Sequence[NDArray[np.int64]], seed: int) -> tuple[float, ...]:
    """Return the mean silhouette of each partition, on one sample of 5,000 rows shared by all where there are more."""
    rows = sample_rows(len(z), SILHOUETTE_ROWS, seed)
    return tuple(float(values.mean()) for values in silhouettes(z[rows], [labels[rows] for labels in partitions]))


def calinski_harabasz(total: float, within: float, n: int, k: int) -> float | None:
    """Return ((T - W) / (k - 1)) / (W / (n - k)) (Caliński & Harabasz 1974); None where it is not defined."""
    return (total - within) / (k - 1) / (within / (n - k)) if 1 < k < n and within > 0 else None


def davies_bouldin(z: NDArray[np.float64], labels: NDArray[np.int64], centres: NDArray[np.float64]) -> float | None:
    """Return the mean over segments of the worst (S_i + S_j) / d(c_i, c_j) (Davies & Bouldin 1979); None for k = 1."""
    if len(centres) < 2:
        return None
    spread = np.bincount(labels, np.sqrt(((z - centres[labels]) ** 2).sum(axis=1))) / np.bincount(labels)
    apart = cdist(centres, centres)
    np.fill_diagonal(apart, np.inf)
    return float(((spread[:, None] + spread) / apart).max(axis=1).mean())


def shadow_values(z: NDArray[np.float64], centres: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 2 d1 / (d1 + d2) per row (Leisch 2010): 0 at the own centre, 1 on the border. Needs two centres."""
    nearest = np.sqrt(np.partition(assign_rows(z, centres)[1], 1, axis=1)[:, :2])
    total = nearest.sum(axis=1)
    return np.asarray(2 * nearest[:, 0] / np.where(total > 0, total, 1))


def neighbour_similarity(z: NDArray[np.float64], centres: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return N (k, k): shadow values of members of i whose second-nearest centre is j, summed over n_i (Leisch 2010).

    The diagonal is 1. Symmetrise by the mean; the largest value off the diagonal says whom a segment borders on.
    """
    order = np.argsort(assign_rows(z, centres)[1], axis=1, kind="stable")[:, :2]
    return similarity_table(order[:, 0], order[:, 1], shadow_values(z, centres), len(centres))


def similarity_table(
    label: NDArray[np.int64], second: NDArray[np.int64], shadow: NDArray[np.float64], k: int
) -> NDArray[np.float64]:
    """Return the neighbour similarity (k, k) of customers whose segment, next segment and shadow value are known."""
    sums = np.bincount(label * k + second, shadow, k * k).reshape(k, k)
    table = sums / np.maximum(np.bincount(label, minlength=k), 1)[:, None]
    np.fill_diagonal(table, 1.0)
    return np.asarray(table)
