"""The segment model: plain numbers that assign any customer to a segment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reportgen.segments.features import FeatureRecipe


@dataclass(frozen=True)
class SegmentRef:
    """What a segment is called for ever: its id, its letter and its place in the palette."""

    id: str  # "s01", never reused
    letter: str  # "A", the badge
    colour: int  # 0-based place in the palette
    name: str  # given by personas or by the user; the id until then


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


@dataclass(frozen=True)
class SegmentModel:
    """Recipe and centres (scaled, one row per segment in display order)."""

    recipe: FeatureRecipe
    centres: tuple[tuple[float, ...], ...]
    segments: tuple[SegmentRef, ...]
    seed: int
    fitted_rows: int
    inertia: float
