"""Which segment is nearest to each customer: the same bits for any chunk, row order and engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Algorithm = Literal["kmeans", "gaussian", "ward", "prototypes", "bernoulli"]

SPLIT = 2.0**13 + 1  # Veltkamp's constant that leaves 40 of 53 bits, 12 significant digits


@dataclass(frozen=True)
class ScoringRule:
    """What a customer pays to join each of k segments: ``offsets`` + |(x - ``centres``) ``factors``|^2; least wins.

    ``centres`` (k, p); ``factors`` (k, p, p), None: the identity, squared Euclidean distance; ``offsets`` (k,) >= 0,
    used with factors. With both it is -2 ln(density of a mixture's component x its share), up to a constant.
    """

    centres: NDArray[np.float64]
    factors: NDArray[np.float64] | None = None
    offsets: NDArray[np.float64] | None = None

    def reordered(self, segments: Sequence[int], columns: NDArray[np.intp]) -> ScoringRule:
        """Return the rule for segments and columns of x in another order."""
        chosen = list(segments)
        factors = None if self.factors is None else self.factors[chosen][:, columns]
        offsets = None if self.offsets is None else self.offsets[chosen]
        return ScoringRule(self.centres[chosen][:, columns], factors, offsets)


@dataclass(frozen=True)
class Assignment:
    """Where each of n customers belongs.

    ``label`` is the place of the segment in the model (-1: not segmented), ``second`` that of the next nearest,
    ``distance`` and ``second_distance`` Euclidean distances in the scaled space, of mixtures the root of what the
    rule adds up, ``margin`` = (d2 - d1) / (d2 + d1), of mixtures (p1 - p2) / (p1 + p2) of the two probabilities of
    membership: 0 on the border, 1 where there is no doubt (NaN where not segmented).
    """

    label: NDArray[np.int64]
    second: NDArray[np.int64]
    distance: NDArray[np.float64]
    second_distance: NDArray[np.float64]
    margin: NDArray[np.float64]


def nearest(z: NDArray[np.float64], rule: ScoringRule, scorable: NDArray[np.bool_]) -> Assignment:
    """Assign (n, p) scaled rows to k >= 2 segments; a tie goes to the first; (n,) False: not segmented."""
    cost = costs(z, rule)
    rows = np.arange(len(z))
    label = cost.argmin(axis=1)
    others = cost.copy()
    others[rows, label] = np.inf
    second = others.argmin(axis=1)
    low, high = cost[rows, label], cost[rows, second]
    one, two = np.sqrt(low), np.sqrt(high)
    if rule.factors is None:
        total = one + two
        margin = np.divide(two - one, total, out=np.zeros(len(z)), where=total > 0)
    else:
        odds = np.exp((low - high) / 2)
        margin = (1 - odds) / (1 + odds)
    return Assignment(
        label=np.where(scorable, label, -1),
        second=np.where(scorable, second, -1),
        distance=np.where(scorable, one, np.nan),
        second_distance=np.where(scorable, two, np.nan),
        margin=np.where(scorable, margin, np.nan),
    )


def costs(z: NDArray[np.float64], rule: ScoringRule) -> NDArray[np.float64]:
    """Return what each row pays to join each segment, (n, k), to 12 significant digits; order of steps as below."""
    if rule.factors is None or rule.offsets is None:
        return squared_distances(z, rule.centres)
    cost = np.tile(rule.offsets, (len(z), 1))
    for place, factor in enumerate(rule.factors):
        gap = z - rule.centres[place]
        for axis in factor.T:
            length = np.zeros(len(z))
            for column in np.flatnonzero(axis):
                length += gap[:, column] * axis[column]
            cost[:, place] += length * length
    return _rounded(cost)


def squared_distances(z: NDArray[np.float64], centres: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (n, k) squared distances to 12 significant digits.

    They are added column by column in the order of the recipe, as every engine does it; a matrix product would give
    other bits for other chunks. Rounding by Veltkamp's splitting needs only IEEE products and differences, so that it
    is the same everywhere too, and makes distances that differ by noise equal.
    """
    squared = np.zeros((len(z), len(centres)))
    for column in range(z.shape[1]):
        gap = z[:, column, None] - centres[None, :, column]
        squared += gap * gap
    return _rounded(squared)


def _rounded(values: NDArray[np.float64]) -> NDArray[np.float64]:
    wide = values * SPLIT
    return np.asarray(wide - (wide - values))
