"""Does the structure exist? Comparison with structureless data of the same shape, and the space between segments."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr, ndtri

from reportgen.segments import lloyd
from reportgen.segments.algorithms import KMeansFit, assign_rows
from reportgen.segments.criteria import rough_silhouette, silhouettes
from reportgen.segments.resample import STARTS
from reportgen.segments.stability import Valley, Verdict

REFERENCES = 20  # structureless data sets; beating all of them has p = 1/21
EMPTY = 0.70  # a valley above this is no gap
_HALF_WINDOW = 0.15
_BETWEEN = np.arange(25, 76, 5) / 100


def judge(x: NDArray[np.float64], fit: KMeansFit, dependable: bool, seed: int) -> Verdict:
    """Return the verdict on ``fit``, a solution for the rows ``x`` of the resampling sample.

    natural: dependable, silhouette above that of all structureless sets, largest valley below .70, all valleys together
    emptier than chance (p < .01), and on lattice data emptier than in any structureless set. reproducible: dependable
    otherwise. constructed: not dependable.
    """
    lattice = is_lattice(x)
    silhouette = float(silhouettes(x, [fit.labels])[0].mean())
    valleys = valleys_between(x, fit.labels, fit.centres)
    references = structureless(x, lattice, seed)
    fits = _fit_references(references, fit.k, seed)
    null = [rough_silhouette(set_, labels) for set_, (labels, _) in zip(references, fits, strict=True)]
    largest = max(valley.ratio for valley in valleys)
    p = gap_p(valleys)
    natural = dependable and silhouette > max(null) and largest < EMPTY and p < 0.01
    if natural and lattice:
        natural = largest < min(
            max(valley.ratio for valley in valleys_between(set_, labels, centres))
            for set_, (labels, centres) in zip(references, fits, strict=True)
        )
    return Verdict(
        kind="natural" if natural else "reproducible" if dependable else "constructed",
        sample=len(x),
        silhouette=silhouette,
        null_silhouette=float(np.mean(null)),
        null_silhouette_max=max(null),
        valleys=valleys,
        gap_p=p,
    )


def is_lattice(x: NDArray[np.float64]) -> bool:
    """Tell whether at least half of the columns have at most 10 distinct values (yes/no answers, ratings)."""
    few = [len(np.unique(column)) <= 10 for column in x.T]
    return 2 * sum(few) >= len(few)


def structureless(x: NDArray[np.float64], lattice: bool, seed: int) -> NDArray[np.float64]:
    """Draw 20 reference sets without groups, (20, n, p).

    Normally one Gaussian cloud with the mean and covariance of ``x``; on lattice data sets with the margins of ``x``
    and the correlation of its normal scores (a Gaussian copula).
    """
    n, p = x.shape
    rng = np.random.default_rng([seed, 201])
    if not lattice:
        cloud = rng.standard_normal((REFERENCES, n, p)) @ _root(np.cov(x, rowvar=False, ddof=0))
        return np.asarray(cloud + x.mean(axis=0))
    scores = ndtri((np.stack([_average_ranks(column) for column in x.T], axis=1) - 0.5) / n)
    spread = scores.std(axis=0)
    correlation = np.cov(scores / np.where(spread > 0, spread, 1), rowvar=False, ddof=0)
    drawn = rng.standard_normal((REFERENCES, n, p)) @ _root(correlation)
    places = np.argsort(np.argsort(drawn, axis=1, kind="stable"), axis=1, kind="stable")
    return np.asarray(np.take_along_axis(np.sort(x, axis=0)[None], places, axis=1))


def _average_ranks(column: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ranks from 1, ties share their mean (scipy.stats.rankdata without half a second of imports)."""
    _, place, count = np.unique(column, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(count) - (count - 1) / 2)[place])


def _root(covariance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Symmetric root, also of a singular covariance (collinear columns)."""
    values, vectors = np.linalg.eigh(np.atleast_2d(covariance))
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0)) @ vectors.T)


def _fit_references(
    references: NDArray[np.float64], k: int, seed: int
) -> list[tuple[NDArray[np.int64], NDArray[np.float64]]]:
    middle = references.mean(axis=(0, 1))
    spread = float(np.sqrt(references.var(axis=(0, 1)).sum())) or 1.0
    points = lloyd.equal_weights(((references - middle) / spread).astype(np.float32))
    centres = lloyd.best_centres(points, k, STARTS, np.random.default_rng([seed, 202, k])) * spread + middle
    return [(assign_rows(set_, own)[0], own) for set_, own in zip(references, centres, strict=True)]


def valleys_between(
    x: NDArray[np.float64], labels: NDArray[np.int64], centres: NDArray[np.float64]
) -> tuple[Valley, ...]:
    """Return how empty the space between every pair of neighbouring segments is, emptiest first.

    Segments are neighbours when at least 10% of one's members, or the largest share of them, are second nearest to the
    other. Members of both are projected on the line between the centres and counted in windows of +/- .15 of its
    length: the smallest count between .25 and .75 over the smaller of those at the two centres.
    """
    k = len(centres)
    second = np.argsort(assign_rows(x, centres)[1], axis=1, kind="stable")[:, :2]
    other = np.where(second[:, 0] == labels, second[:, 1], second[:, 0])
    beside = np.bincount(labels * k + other, minlength=k * k).reshape(k, k)
    neighbours = (beside >= 0.1 * beside.sum(axis=1, keepdims=True)) | (beside == beside.max(axis=1, keepdims=True))
    neighbours &= beside > 0
    pairs = [(a, b) for a in range(k) for b in range(a + 1, k) if neighbours[a, b] or neighbours[b, a]]
    found = [_valley(x[(labels == a) | (labels == b)], centres, a, b) for a, b in pairs]
    return tuple(sorted(found, key=lambda valley: (valley.ratio, valley.first, valley.second)))


def _valley(members: NDArray[np.float64], centres: NDArray[np.float64], a: int, b: int) -> Valley:
    line = centres[b] - centres[a]
    place = np.sort((members - centres[a]) @ line / (line @ line))
    windows = np.concatenate([[0.0, 1.0], _BETWEEN])
    counts = np.searchsorted(place, windows + _HALF_WINDOW, "right") - np.searchsorted(place, windows - _HALF_WINDOW)
    end, mid = int(counts[:2].min()), int(counts[2:].min())
    return Valley(a, b, (mid + 0.5) / (end + 0.5), mid, end)


def gap_p(valleys: tuple[Valley, ...]) -> float:
    """Return the binomial probability of so few customers between the centres if there were as many as around them."""
    mid, end = sum(valley.between for valley in valleys), sum(valley.around for valley in valleys)
    return float(bdtr(mid, mid + end, 0.5)) if mid + end else 1.0
