"""The ways to form k segments besides k-means, each fitted from many starts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import AgglomerativeClustering

from reportgen.segments import lloyd
from reportgen.segments.algorithms import KMeansFit, assign_rows, sample_rows
from reportgen.segments.mixtures import Mixture, bernoulli_mixture, gaussian_mixture
from reportgen.segments.projection import segment_means
from reportgen.segments.scoring import Algorithm, ScoringRule, costs

Floats = NDArray[np.float64]
Groups = tuple[tuple[int, ...], ...]  # columns of z that are the levels of one column of categories

FIT_ROWS = 10_000  # Ward's method needs the distances between all pairs; ellipses gain nothing from more
PROTOTYPE_STARTS, GAUSSIAN_STARTS, BERNOULLI_STARTS = 25, 20, 25
FEW_STARTS: Mapping[Algorithm, int] = MappingProxyType({"prototypes": 10, "gaussian": 2, "bernoulli": 5, "ward": 1})
NEAR = 1e-3  # within 0.1% of the best cost
STEPS = 300
NOBODY = np.zeros(0, np.int64)  # labels are given when the segments have their order


@dataclass(frozen=True)
class Partition:
    """k segments of n rows: ``labels`` (n,) by ``rule``, whose segments are sorted by their centres.

    ``start_share`` of ``starts`` reached the best solution; ``bic`` of a mixture, on the rows that it was
    fitted on. A segment may be empty; then k segments do not exist under this algorithm.
    """

    labels: NDArray[np.int64]
    rule: ScoringRule
    starts: int = 1
    start_share: float = 1.0
    bic: float | None = None

    @property
    def smallest(self) -> int:
        """Members of the smallest segment."""
        return int(np.bincount(self.labels, minlength=len(self.rule.centres)).min())

    def as_fit(self, z: Floats) -> KMeansFit:
        """Return the partition in the form in which the evidence keeps one; inertia is about the members' means."""
        inertia = float(((z - segment_means(z, self.labels)[self.labels]) ** 2).sum())
        return KMeansFit(self.labels, self.rule.centres, inertia, self.starts, self.start_share, 0.0, 1.0)


@dataclass(frozen=True)
class Order:
    """What is asked for: k segments; ``groups`` for prototypes; ``starts`` None: as many as it takes."""

    k: int
    seed: int
    groups: Groups = ()
    starts: int | None = None


def form_segments(algorithm: Algorithm, z: Floats, order: Order) -> Partition:
    """Form the segments of the rows of ``z`` (n, p), which come in an order that does not depend on the file."""
    found = FAMILIES[algorithm](z, order)
    places = np.lexsort(found.rule.centres.round(10).T[::-1])
    rule = found.rule.reordered(places.tolist(), np.arange(z.shape[1]))
    return replace(found, labels=costs(z, rule).argmin(axis=1), rule=rule)


def _ward(z: Floats, order: Order) -> Partition:
    """Ward's tree on at most 10,000 rows, cut at k; everyone belongs to the nearest of the k means."""
    rows = sample_rows(len(z), FIT_ROWS, order.seed)
    tree = AgglomerativeClustering(order.k).fit_predict(z[rows])
    return Partition(NOBODY, ScoringRule(segment_means(z[rows], np.asarray(tree, np.int64))))


def _gaussian(z: Floats, order: Order) -> Partition:
    sample = z[sample_rows(len(z), FIT_ROWS, order.seed)]
    return _of_mixture(gaussian_mixture(sample, order.k, order.seed, order.starts or GAUSSIAN_STARTS))


def _bernoulli(z: Floats, order: Order) -> Partition:
    return _of_mixture(bernoulli_mixture(z, order.k, order.seed, order.starts or BERNOULLI_STARTS))


def _of_mixture(mixture: Mixture) -> Partition:
    return Partition(NOBODY, mixture.rule, mixture.starts, mixture.start_share, mixture.bic)


def _prototypes(z: Floats, order: Order) -> Partition:
    """k-prototypes (Huang 1998): a centre holds means of measured columns and the most common level of the others."""
    sample = z[sample_rows(len(z), FIT_ROWS, order.seed)]
    rng = np.random.default_rng([order.seed, order.k, 41])
    points = lloyd.equal_weights(sample[None])
    first = lloyd.seed_centres(points, order.k, order.starts or PROTOTYPE_STARTS, rng)[0]
    levels = _Levels(order.groups, z.min(axis=0), z.max(axis=0))
    found = [_settle(sample, centres, levels) for centres in first]
    cost = np.array([value for value, _ in found])
    centres = found[int(cost.argmin())][1]
    if len(sample) < len(z):
        centres = _settle(z, centres, levels)[1]
    return Partition(NOBODY, ScoringRule(centres), len(cost), float(np.mean(cost <= cost.min() * (1 + NEAR))))


@dataclass(frozen=True)
class _Levels:
    """The columns of each column of categories, with the values that mean "has it not" and "has it"."""

    groups: Groups
    low: Floats
    high: Floats


def _settle(z: Floats, centres: Floats, levels: _Levels) -> tuple[float, Floats]:
    """Assign and recompute until nothing changes; return the cost and the centres."""
    labels = np.full(len(z), -1, np.int64)
    for _ in range(STEPS):
        now, squared = assign_rows(z, centres)
        if (now == labels).all():
            break
        labels, centres = now, _prototypes_of(z, now, centres, levels)
    return float(squared.min(axis=1).sum()), centres


def _prototypes_of(z: Floats, labels: NDArray[np.int64], old: Floats, levels: _Levels) -> Floats:
    k = len(old)
    sizes = np.bincount(labels, minlength=k)
    means = np.stack([np.bincount(labels, column, k) for column in z.T], axis=1) / np.maximum(sizes, 1)[:, None]
    centres = np.where(sizes[:, None] > 0, means, old)
    for group in levels.groups:
        columns = np.array(group)
        low, high = levels.low[columns], levels.high[columns]
        if len(columns) == 1:
            common = means[:, columns] > (low + high) / 2
        else:
            common = np.arange(len(columns)) == means[:, columns].argmax(axis=1)[:, None]
        centres[:, columns] = np.where(sizes[:, None] > 0, np.where(common, high, low), old[:, columns])
    return centres


FAMILIES: Mapping[Algorithm, Callable[[Floats, Order], Partition]] = MappingProxyType(
    {"ward": _ward, "gaussian": _gaussian, "bernoulli": _bernoulli, "prototypes": _prototypes}
)
