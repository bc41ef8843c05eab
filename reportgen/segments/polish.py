"""Centres found on a sample brought to where those of all customers are: Lloyd steps inside the engine."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from reportgen.inputs.customers import Everyone
from reportgen.segments.model import SegmentModel
from reportgen.segments.pushdown import segment_sums

STEPS = 5  # at most; three bring centres of a sample of 20,000 to those of ten million (engine.md section 3)
_NEAR = 1e-3  # standard deviations that centres moved in a step after which the next one may be the last
SETTLED = 1e-5  # standard deviations that a centre may still be away from the mean of its customers


@dataclass(frozen=True)
class Polish:
    """What was counted over all customers: members of each segment, those without one, inertia.

    ``steps`` counts passes over all customers, ``away`` is how far the centre that is farthest from the mean of its
    customers is from it, in standard deviations of the scaled columns.
    """

    sizes: tuple[int, ...]
    unsegmented: int
    inertia: float
    steps: int
    away: float


def settle_centres(model: SegmentModel, everyone: Everyone) -> tuple[SegmentModel, Polish]:
    """Move the centres of a k-means model to the means of all their customers, again and again until they stay.

    Other models are kept and only counted. Sums depend on threads in their last digits, so centres keep 12.
    """
    places = range(len(model.centres))
    away = 1.0 if model.algorithm == "kmeans" else 0.0
    for step in range(1, STEPS + 1):
        exact = away < _NEAR or step == STEPS  # what is reported is counted as customers are assigned
        sums = segment_sums(everyone.frame, model, roughly=not exact)
        found = sums.reindex(places, fill_value=0)
        members = found["members"].to_numpy()
        means = found[[str(i) for i in range(len(model.recipe.features))]].to_numpy() / np.maximum(members, 1)[:, None]
        means = np.where(members[:, None] > 0, means, model.matrix)
        away = float(np.abs(means - model.matrix).max())
        if exact and (away < SETTLED or step == STEPS or model.algorithm != "kmeans"):
            break
        centres = tuple(tuple(float(f"{value:.12g}") for value in row) for row in means)
        model = replace(model, centres=centres)
    unsegmented = int(sums["members"].get(-1, 0))
    inertia = float(f"{found['cost'].sum():.12g}")
    seen = Polish(tuple(int(n) for n in members), unsegmented, inertia, step, float(f"{away:.2g}"))
    return replace(model, fitted_rows=sum(seen.sizes), inertia=inertia), seen
