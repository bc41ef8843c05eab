"""Which centre is nearest to each customer: the same bits for any chunk, row order and engine."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SPLIT = 2.0**13 + 1  # Veltkamp's constant that leaves 40 of 53 bits, 12 significant digits


@dataclass(frozen=True)
class Assignment:
    """Where each of n customers belongs.

    ``label`` is the place of the segment in the model (-1: not segmented), ``second`` that of the next nearest,
    ``distance`` and ``second_distance`` Euclidean distances in the scaled space,
    ``margin`` = (d2 - d1) / (d2 + d1), 0 on the border, 1 at a centre (NaN where not segmented).
    """

    label: NDArray[np.int64]
    second: NDArray[np.int64]
    distance: NDArray[np.float64]
    second_distance: NDArray[np.float64]
    margin: NDArray[np.float64]


def nearest(z: NDArray[np.float64], centres: NDArray[np.float64], scorable: NDArray[np.bool_]) -> Assignment:
    """Assign (n, p) scaled rows to the (k, p) centres, k >= 2; a tie goes to the first; (n,) False: not segmented."""
    squared = squared_distances(z, centres)
    rows = np.arange(len(z))
    label = squared.argmin(axis=1)
    others = squared.copy()
    others[rows, label] = np.inf
    second = others.argmin(axis=1)
    one, two = np.sqrt(squared[rows, label]), np.sqrt(squared[rows, second])
    total = one + two
    margin = np.divide(two - one, total, out=np.zeros(len(z)), where=total > 0)
    return Assignment(
        label=np.where(scorable, label, -1),
        second=np.where(scorable, second, -1),
        distance=np.where(scorable, one, np.nan),
        second_distance=np.where(scorable, two, np.nan),
        margin=np.where(scorable, margin, np.nan),
    )


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
    wide = squared * SPLIT
    return np.asarray(wide - (wide - squared))
