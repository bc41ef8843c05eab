"""The gap statistic: how much better k-means explains the data than evenly spread points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reportgen.segments import lloyd
from reportgen.segments.resample import STARTS

SETS = 20  # evenly spread reference sets; few, because the gap is a second opinion that decides nothing
ROWS = 1_000


@dataclass(frozen=True)
class Gap:
    """Mean of ln W over reference sets minus ln W of the data, and its standard error; None where W is 0."""

    value: float | None
    error: float | None


NO_GAP = Gap(None, None)


def gaps(x: NDArray[np.float32], ks: Sequence[int], seed: int) -> tuple[Gap, ...]:
    """Return the gap of each k with squared distances (Tibshirani, Walther & Hastie 2001, reference b).

    Reference sets are uniform in the box along the principal axes of the at most 1,000 rows ``x``. Data and references
    are fitted alike, with ten starts.
    """
    sets = lloyd.equal_weights(np.concatenate([rotated(x)[None], uniform_sets(x, SETS, seed)]))
    return tuple(_gap(sets, k, seed) for k in ks)


def _gap(sets: lloyd.Points, k: int, seed: int) -> Gap:
    centres = lloyd.best_centres(sets, k, STARTS, np.random.default_rng([seed, 301, k]))
    within = lloyd.run(sets, centres[:, None]).inertia[:, 0].astype(np.float64)
    if within.min() <= 1e-6 * len(sets.x[0]):  # the variance of x is 1: no more than rounding is left
        return NO_GAP
    logs = np.log(within)
    return Gap(float(logs[1:].mean() - logs[0]), float(logs[1:].std() * np.sqrt(1 + 1 / (len(logs) - 1))))


def rotated(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return ``x`` centred, along its principal axes."""
    centred = x - x.mean(axis=0)
    return np.asarray(centred @ np.linalg.svd(centred, full_matrices=False)[2].T)


def uniform_sets(x: NDArray[np.float32], sets: int, seed: int) -> NDArray[np.float32]:
    """Draw sets of points evenly spread in the box around ``x`` along its principal axes, (sets, n, p)."""
    along = rotated(x)
    low, high = along.min(axis=0), along.max(axis=0)
    return np.asarray(np.random.default_rng([seed, 302]).random((sets, *along.shape), np.float32) * (high - low) + low)
