"""What k-means finds when it is repeated on halves and on bootstrap samples of the customers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from reportgen.segments import lloyd
from reportgen.segments.algorithms import adjusted_rands

ROWS = 3_000  # resampling sample: stability grows with n whatever the structure, a fixed size keeps months comparable
STARTS = 10
HALVES, PAIRS = 50, 50
ROUGH_PAIRS = 20  # for a k whose prediction strength already rules it out
ON_THE_LINE = 0.80  # prediction strength that divides dependable from not


@dataclass(frozen=True)
class Strength:
    """Prediction strength of one k: mean over M splits, standard error, M."""

    mean: float
    error: float
    splits: int

    def within(self, errors: float) -> bool:
        """Tell whether .80 lies within that many standard errors."""
        return abs(self.mean - ON_THE_LINE) <= errors * self.error


def strength_of(x: NDArray[np.float32], k: int, seed: int) -> Strength:
    """Return the prediction strength of k (Tibshirani & Walther 2005): 50 splits, more while the answer is open.

    100 and at last 200 while .80 is within 2 standard errors.
    """
    values = prediction_strength(x, k, HALVES, [seed, 0])
    for look in (1, 2):
        if not _strength(values).within(2):
            break
        values = np.append(values, prediction_strength(x, k, len(values), [seed, look]))
    return _strength(values)


def _strength(values: NDArray[np.float64]) -> Strength:
    return Strength(float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values))), len(values))


def prediction_strength(x: NDArray[np.float32], k: int, splits: int, seed: list[int]) -> NDArray[np.float64]:
    """Return the prediction strength of every random split in halves, (splits,).

    Each half is clustered; pairs of members of one own cluster must stay together under the other half's centres. The
    share for the worst cluster, averaged over both halves. With an odd n one random customer is left out of a split.
    """
    half = len(x) // 2
    order = np.random.default_rng([*seed, 101]).permuted(np.tile(np.arange(len(x)), (splits, 1)), axis=1)
    members = np.concatenate([order[:, :half], order[:, half : 2 * half]])
    points = lloyd.equal_weights(x[members])
    own = lloyd.best_centres(points, k, STARTS, np.random.default_rng([*seed, 102, k]))
    both = np.stack([own, np.roll(own, splits, axis=0)], axis=1)
    labels = lloyd.labels_of(points.x, both)
    table = lloyd.crosstabs(labels[:, 0], labels[:, 1], k).astype(np.float64)
    size = table.sum(axis=2)
    together = (table * (table - 1)).sum(axis=2)
    share = np.where(size > 1, together / np.maximum(size * (size - 1), 1), 1.0)
    return np.asarray(share.min(axis=1).reshape(2, splits).mean(axis=0))


@dataclass(frozen=True)
class Bootstrap:
    """2B bootstrap fits of one k, each assigning all rows: ``labels`` (2B, n). Fit b and fit B + b are a pair.

    ``original`` (n,) is the partition whose segments are judged.
    """

    original: NDArray[np.int64]
    labels: NDArray[np.int8]
    k: int

    @property
    def agreement(self) -> float:
        """Mean adjusted Rand index of the pairs: A_k (Leisch's global stability)."""
        return float(adjusted_rands(self._pairs).mean())

    @property
    def instability(self) -> float:
        """Mean share of pairs of customers together in the first fit and apart in the second (Fang & Wang 2012)."""
        return float(self._apart.mean())

    @property
    def instability_error(self) -> float:
        """Standard error of the instability."""
        return float(self._apart.std(ddof=1) / np.sqrt(len(self._apart)))

    @cached_property
    def _apart(self) -> NDArray[np.float64]:
        t = self._pairs.astype(np.float64)
        apart = (t.sum(axis=2) ** 2).sum(axis=1) - (t**2).sum(axis=(1, 2))
        return np.asarray(apart / self.labels.shape[1] ** 2)

    @property
    def sls_w(self) -> NDArray[np.float64]:
        """Segment-level stability within k (Dolnicar & Leisch 2017), (k,): best Jaccard over all customers, mean."""
        return np.asarray(best_jaccard(self._to_original).mean(axis=0))

    @property
    def loyalty(self) -> NDArray[np.float64]:
        """Share of the fits that put a customer into its own segment, (n,); segments matched by maximum overlap."""
        total = np.zeros(self.labels.shape[1])
        for table, labels in zip(self._to_original, self.labels, strict=True):
            ours, theirs = linear_sum_assignment(-table)
            match = np.empty(self.k, np.int64)
            match[theirs] = ours
            total += match[labels] == self.original
        return total / len(self.labels)

    @cached_property
    def _pairs(self) -> NDArray[np.int64]:
        half = len(self.labels) // 2
        return lloyd.crosstabs(self.labels[:half], self.labels[half:], self.k)

    @cached_property
    def _to_original(self) -> NDArray[np.int64]:
        return lloyd.crosstabs(np.broadcast_to(self.original, self.labels.shape), self.labels, self.k)


def bootstrap(x: NDArray[np.float32], original: NDArray[np.int64], k: int, seed: int, pairs: int = PAIRS) -> Bootstrap:
    """Draw 2 x ``pairs`` bootstrap samples of the rows (the same for every k), fit each, assign all rows by each."""
    points, _ = _samples(x, 2 * pairs, seed)
    centres = lloyd.best_centres(points, k, STARTS, np.random.default_rng([seed, 104, k]))
    return Bootstrap(original, lloyd.labels_of(x[None], centres[None])[0], k)


def clusterboot(
    x: NDArray[np.float32], original: NDArray[np.int64], k: int, seed: int, samples: int = 2 * PAIRS
) -> NDArray[np.float64]:
    """Return the best Jaccard of every segment in each bootstrap sample, (samples, k); NaN where none of it was drawn.

    Hennig 2007: only the distinct rows of a sample are clustered and compared.
    """
    points, rows = _samples(x, samples, seed)
    drawn = points.weight > 0
    once = lloyd.Points(points.x, drawn.astype(np.float32))
    centres = lloyd.best_centres(once, k, STARTS, np.random.default_rng([seed, 105, k]))
    labels = lloyd.labels_of(points.x, centres[:, None])[:, 0]
    return best_jaccard(lloyd.crosstabs(original[rows], labels, k, drawn))


def _samples(x: NDArray[np.float32], samples: int, seed: int) -> tuple[lloyd.Points, NDArray[np.intp]]:
    """Bootstrap samples as distinct rows with weights, filled up with rows of weight 0; and the rows' places."""
    n = len(x)
    drawn = np.random.default_rng([seed, 103]).integers(n, size=(samples, n))
    times = np.stack([np.bincount(rows, minlength=n) for rows in drawn])
    width = int((times > 0).sum(axis=1).max())
    rows = np.argsort(times == 0, axis=1, kind="stable")[:, :width]
    return lloyd.Points(x[rows], np.take_along_axis(times, rows, axis=1).astype(np.float32)), rows


def best_jaccard(tables: NDArray[np.int64]) -> NDArray[np.float64]:
    """Largest Jaccard of each row's group with any column's group, (B, k); NaN for an empty row."""
    row, column = tables.sum(axis=2, keepdims=True), tables.sum(axis=1, keepdims=True)
    best = (tables / np.maximum(row + column - tables, 1)).max(axis=2)
    return np.where(row[..., 0] > 0, best, np.nan)


def sls_a(table: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return how far each segment of k (columns) was one segment of k-1 (rows): 1 - entropy / ln(k-1), (k,).

    Dolnicar & Leisch 2017; 1 throughout for k = 2. 1 = carried over whole, 0 = mixed from all.
    """
    parents = len(table)
    if parents < 2:
        return np.ones(table.shape[1])
    share = table / np.maximum(table.sum(axis=0), 1)
    entropy = -(share * np.log(np.where(share > 0, share, 1))).sum(axis=0)
    return np.asarray(1 - entropy / np.log(parents))
