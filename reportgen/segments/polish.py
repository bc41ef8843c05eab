"""Centres found on a sample brought to where those of all customers are: Lloyd steps inside the engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reportgen.inputs.customers import Everyone
from reportgen.segments.algorithms import assign_rows
from reportgen.segments.model import SegmentModel
from reportgen.segments.pushdown import segment_sums

Floats = NDArray[np.float64]

STEPS = 5  # passes over all customers, at most; two are usual
SETTLED = 1e-4  # standard deviations that a centre may be away from the mean of its customers; that mean has a standard
# error of 1e-3 where they are a million, and inertia is less by 1e-8 at the mean
_MOVES, _REST = 100, 1e-7  # moves of the centres on the sample, at most, and how small one is that is not made


@dataclass(frozen=True)
class Polish:
    """What was counted over all customers: members of each segment, those without one, inertia.

    ``steps`` counts passes over all customers, ``away`` is how far the centre that is farthest from the mean of its
    customers is from it, in standard deviations of the scaled columns. ``answers`` has what ``Everyone.questions`` ask,
    a row per place.
    """

    sizes: tuple[int, ...]
    unsegmented: int
    inertia: float
    steps: int
    away: float | None  # None: of a model that is kept
    answers: pd.DataFrame = field(default_factory=pd.DataFrame, compare=False, repr=False)

    def only(self, places: Sequence[int]) -> Polish:
        """Return what was counted of some of the segments."""
        sizes = tuple(self.sizes[place] for place in places)
        return replace(self, sizes=sizes, answers=self.answers.iloc[list(places)].reset_index(drop=True))


def count_members(model: SegmentModel, everyone: Everyone) -> Polish:
    """Count all customers by segment; the model stays as it is."""
    sums = segment_sums(everyone.frame, model, everyone.questions)
    found = sums.reindex(range(len(model.segments)), fill_value=0)
    sizes = tuple(int(n) for n in found["members"])
    return Polish(sizes, int(sums["members"].get(-1, 0)), float(f"{found['cost'].sum():.12g}"), 1, None, found)


def settle_centres(model: SegmentModel, z: Floats, everyone: Everyone) -> tuple[SegmentModel, Polish]:
    """Move the centres of a k-means model to the means of all their customers, until they stay there.

    ``z`` are the scaled values of the sample. A pass over all customers tells by how much the means of the sample are
    off; with that known, the sample tells where the centres of all come to rest, so that few passes are needed. Other
    models are kept and only counted. Sums depend on threads in their last digits, so centres keep 12.
    """
    moves = model.algorithm == "kmeans"
    for step in range(1, STEPS + 1):
        roughly = moves and step == 1  # what is reported is counted as customers are assigned
        sums = segment_sums(everyone.frame, model, {} if roughly else everyone.questions, roughly=roughly)
        found = sums.reindex(range(len(model.centres)), fill_value=0)
        members = found["members"].to_numpy()
        totals = found[[str(i) for i in range(len(model.recipe.features))]].to_numpy(np.float64)
        means = np.where(members[:, None] > 0, totals / np.maximum(members, 1)[:, None], model.matrix)
        away = float(np.abs(means - model.matrix).max()) if moves else 0.0
        if not roughly and (away < SETTLED or step == STEPS):
            break
        centres = _at_rest(z, model.matrix, means - _means(z, model.matrix))
        model = replace(model, centres=tuple(tuple(float(f"{value:.12g}") for value in row) for row in centres))
    unsegmented = int(sums["members"].get(-1, 0))
    inertia = float(f"{found['cost'].sum():.12g}")
    seen = Polish(tuple(int(n) for n in members), unsegmented, inertia, step, float(f"{away:.2g}"), found)
    return replace(model, fitted_rows=sum(seen.sizes), inertia=inertia), seen


def _at_rest(z: Floats, centres: Floats, off: Floats) -> Floats:
    """Return where centres (k, p) come to rest if the means of all are those of the sample ``z``, and so much more."""
    for _ in range(_MOVES):
        before, centres = centres, _means(z, centres) + off
        if np.abs(centres - before).max() < _REST:
            break
    return centres


def _means(z: Floats, centres: Floats) -> Floats:
    """Return the means of the rows that are nearest to each centre; a centre that has none stays."""
    labels, _ = assign_rows(z, centres)
    sizes = np.bincount(labels, minlength=len(centres))[:, None]
    sums = np.stack([np.bincount(labels, column, len(centres)) for column in z.T], axis=1)
    return np.where(sizes > 0, sums / np.maximum(sizes, 1), centres)
