"""The customer map: two principal components, or the two columns themselves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Projection:
    """A map of the customers.

    ``kind`` is "columns" when exactly two columns are active (the axes are the columns in their own units),
    otherwise "pca". ``points`` is (m, 2) for at most 2,000 customers in a fixed order, ``labels`` (m,) their segments,
    ``centres`` (k, 2). ``shares`` is the share of variance of every component, ``loadings`` (p, 2) the correlation of
    each active column with the two axes.
    """

    kind: str
    axis_labels: tuple[str, str]
    axis_units: tuple[str, str]
    points: NDArray[np.float64]
    labels: NDArray[np.int64]
    centres: NDArray[np.float64]
    averages: tuple[float, float]
    shares: tuple[float, ...]
    loadings: NDArray[np.float64]
    columns: tuple[str, ...]  # labels of the active columns, in the order of the loadings
