"""k-means on many small data sets at once: all starts of all resamples in one array."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]  # float32 inside resamples, float64 for the reported solution

BLOCK = 400_000  # distances held at once: 1.6 MB in float32, about the size of a second-level cache
SCREENING = 3  # Lloyd steps that every start makes before only the best go on
FINALISTS = 3


@dataclass(frozen=True)
class Points:
    """G data sets of m points: ``x`` (G, m, p), ``weight`` (G, m) or None for ones."""

    x: Floats
    weight: Floats | None = None

    def part(self, which: slice | NDArray[np.intp]) -> Points:
        """Return some of the data sets."""
        return Points(self.x[which], None if self.weight is None else self.weight[which])


@dataclass(frozen=True)
class Solutions:
    """S solutions for each of G data sets: ``centres`` (G, S, k, p), ``inertia`` (G, S)."""

    centres: Floats
    inertia: Floats

    def best(self, count: int) -> Solutions:
        """Keep the ``count`` solutions of smallest inertia of each data set, best first."""
        order = np.argsort(self.inertia, axis=1, kind="stable")[:, :count]
        groups = np.arange(len(order))[:, None]
        return Solutions(self.centres[groups, order], self.inertia[groups, order])


def best_centres(points: Points, k: int, starts: int, rng: np.random.Generator) -> Floats:
    """Return the best of ``starts`` k-means solutions of every data set, (G, k, p).

    Every start makes three Lloyd steps, the three best of a data set run to convergence.
    """
    step = max(1, BLOCK // (starts * k * points.x.shape[1]))
    parts = [points.part(slice(at, at + step)) for at in range(0, len(points.x), step)]
    found = []
    for part in parts:
        screened = run(part, seed_centres(part, k, starts, rng), SCREENING)
        found.append(run(part, screened.best(FINALISTS).centres).best(1).centres[:, 0])
    return np.concatenate(found)


def seed_centres(points: Points, k: int, starts: int, rng: np.random.Generator) -> Floats:
    """Choose starting centres (G, S, k, p) by k-means++ with 2 + ln k candidates per centre (Arthur & Vassilvitskii)."""
    x = points.x
    groups, m, _ = x.shape
    trials = 2 + int(np.log(k))
    weight = np.ones((groups, m), x.dtype) if points.weight is None else points.weight
    rows = np.arange(groups)[:, None]
    first = _draw(weight[:, None, :], rng.random((groups, starts, 1)))[:, :, 0]
    chosen = [x[rows, first]]
    nearest = _squared(x, chosen[0])  # (G, S, m)
    for _ in range(1, k):
        candidates = x[rows[:, :, None], _draw(nearest * weight[:, None, :], rng.random((groups, starts, trials)))]
        distance = _squared(x, candidates.reshape(groups, starts * trials, -1)).reshape(groups, starts, trials, m)
        np.minimum(distance, nearest[:, :, None, :], out=distance)
        potential = np.matmul(distance.reshape(groups, starts * trials, m), weight[:, :, None])
        pick = potential.reshape(groups, starts, trials).argmin(axis=2)[:, :, None]
        chosen.append(np.take_along_axis(candidates, pick[..., None], axis=2)[:, :, 0])
        nearest = np.take_along_axis(distance, pick[..., None], axis=2)[:, :, 0]
    return np.stack(chosen, axis=2)


def run(points: Points, centres: Floats, steps: int = 300) -> Solutions:
    """Run Lloyd's algorithm from ``centres`` (G, S, k, p) until no point changes its centre, or for ``steps`` steps."""
    x = points.x
    groups, m, p = x.shape
    starts, k = centres.shape[1:3]
    centres = centres.copy()
    inertia = np.empty((groups, starts), x.dtype)
    active = np.arange(groups)
    columns, rows, weight = _prepare(points)
    before = np.full((groups, starts, m), -1, np.int8)
    for step in range(steps + 1):
        labels, score = nearest_centre(columns, centres[active])
        settled = (labels == before).all(axis=(1, 2)) if step < steps else np.ones(len(active), bool)
        if settled.any():
            done = active[settled]
            inertia[done] = _inertia(score[settled], rows[settled], weight[settled])
            keep = ~settled
            active, labels = active[keep], labels[keep]
            columns, rows, weight = columns[keep], rows[keep], weight[keep]
            if not len(active):
                break
        centres[active] = _means(labels, rows, centres[active])
        before = labels
    return Solutions(centres, inertia)


def nearest_centre(columns: Floats, centres: Floats) -> tuple[NDArray[np.int8], Floats]:
    """Return label and score of the nearest centre, both (G, S, m); a tie goes to the first.

    ``columns`` is (G, p+1, m) with a last row of ones; score = |c|^2 - 2 x.c, the squared distance without |x|^2.
    """
    groups, starts, k, p = centres.shape
    scorer = np.concatenate([-2 * centres, (centres**2).sum(axis=3, keepdims=True)], axis=3)
    scores = np.matmul(scorer.reshape(groups, starts * k, p + 1), columns).reshape(groups, starts, k, -1)
    best = scores[:, :, 0].copy()
    labels = np.zeros(best.shape, np.int8)
    for j in range(1, k):
        closer = (scores[:, :, j] < best).view(np.int8)
        closer *= np.int8(j)
        np.maximum(labels, closer, out=labels)
        np.minimum(best, scores[:, :, j], out=best)
    return labels, best


def with_ones(x: Floats) -> Floats:
    """Turn points (G, m, p) into columns (G, p+1, m) whose last row is ones."""
    return np.ascontiguousarray(np.concatenate([x, np.ones((*x.shape[:2], 1), x.dtype)], axis=2).swapaxes(1, 2))


def _prepare(points: Points) -> tuple[Floats, Floats, Floats]:
    x = points.x
    weight = np.ones(x.shape[:2], x.dtype) if points.weight is None else points.weight
    rows = np.concatenate([x, np.ones((*x.shape[:2], 1), x.dtype)], axis=2) * weight[:, :, None]
    return with_ones(x), rows, weight


def _means(labels: NDArray[np.int8], rows: Floats, old: Floats) -> Floats:
    """Mean of the members of every centre; a centre without members stays where it was."""
    groups, starts, k, p = old.shape
    member = np.empty((groups, starts, k, labels.shape[2]), rows.dtype)
    np.equal(labels[:, :, None, :], np.arange(k, dtype=np.int8)[:, None], out=member, casting="unsafe")
    total = np.matmul(member.reshape(groups, starts * k, -1), rows).reshape(groups, starts, k, p + 1)
    size = total[..., p:]
    return np.where(size > 0, total[..., :p] / np.maximum(size, 1), old)


def _inertia(score: Floats, rows: Floats, weight: Floats) -> Floats:
    p = rows.shape[2] - 1
    x = np.divide(rows[..., :p], weight[..., None], out=np.zeros_like(rows[..., :p]), where=weight[..., None] > 0)
    norms = ((x * rows[..., :p]).sum(axis=2)).sum(axis=1)
    return np.matmul(score, weight[:, :, None])[..., 0] + norms[:, None]


def _squared(x: Floats, centres: Floats) -> Floats:
    """Squared distances (G, S, m) of points (G, m, p) to centres (G, S, p), exact for equal points."""
    total = np.zeros((*centres.shape[:2], x.shape[1]), x.dtype)
    for column in range(x.shape[2]):
        difference = x[:, None, :, column] - centres[:, :, column, None]
        difference *= difference
        total += difference
    return total


def _draw(mass: Floats, uniform: NDArray[np.float64]) -> NDArray[np.intp]:
    """Draw points (G, S, trials) with probability proportional to ``mass`` (G, S, m)."""
    running = np.cumsum(mass, axis=2, dtype=np.float64)
    threshold = uniform * running[:, :, -1:]
    drawn = np.empty((mass.shape[0], uniform.shape[1], uniform.shape[2]), np.intp)
    for trial in range(uniform.shape[2]):
        drawn[:, :, trial] = (running <= threshold[:, :, trial, None]).sum(axis=2)
    return np.minimum(drawn, mass.shape[2] - 1)
