"""Synthetic customers whose segments are stored with a model, so that a reader can prove that it scores alike."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reportgen.segments.recipe import Feature, FeatureRecipe, apply_feature
from reportgen.segments.scoring import ScoringRule, nearest

Floats = NDArray[np.float64]

CLEAR = 1e-6  # margin that a row needs, so that no rounding can move it
HUGE = 1e9


@dataclass(frozen=True)
class SelfTestRow:
    """One synthetic customer: raw values (None: missing), scaled values, place of its segment, two distances."""

    values: tuple[float | None, ...]
    scaled: tuple[float, ...]
    place: int
    distances: tuple[float, float]


def make_rows(recipe: FeatureRecipe, rule: ScoringRule) -> tuple[SelfTestRow, ...]:
    """Return rows at each centre, between centres, with each feature missing once, huge, and zero."""
    centres = rule.centres
    k, p = centres.shape
    points = [*centres]
    for part, (a, b) in itertools.product((0.45, 0.3, 0.15, 0.4, 0.25, 0.1), itertools.permutations(range(k), 2)):
        if len(points) >= max(20, 3 * k + 4):
            break
        points.append(centres[a] + part * (centres[b] - centres[a]))
    raw = _raw(recipe, np.array(points))
    gaps = np.tile(raw[:1], (p, 1))
    if p > 1:
        np.fill_diagonal(gaps, np.nan)
    extremes = np.vstack([np.full(p, HUGE), np.zeros(p)])
    values = np.vstack([raw, gaps, extremes])
    return tuple(row for row in score_rows(recipe, rule, values) if _clear(row))


def score_rows(recipe: FeatureRecipe, rule: ScoringRule, values: Floats) -> tuple[SelfTestRow, ...]:
    """Score (m, p) raw values, NaN for missing."""
    z = np.column_stack([apply_feature(f, values[:, i]) for i, f in enumerate(recipe.features)])
    found = nearest(z, rule, np.ones(len(z), dtype=np.bool_))
    return tuple(
        SelfTestRow(
            values=tuple(None if np.isnan(value) else float(value) for value in values[i]),
            scaled=tuple(float(value) for value in z[i]),
            place=int(found.label[i]),
            distances=(float(found.distance[i]), float(found.second_distance[i])),
        )
        for i in range(len(z))
    )


def first_difference(recipe: FeatureRecipe, rule: ScoringRule, rows: tuple[SelfTestRow, ...]) -> str | None:
    """Return what the first row that scores otherwise than stored shows, or None: scaled values within 1e-9."""
    values = np.array([[np.nan if value is None else value for value in row.values] for row in rows], dtype=np.float64)
    for number, (want, got) in enumerate(zip(rows, score_rows(recipe, rule, values), strict=True), start=1):
        if want.place != got.place:
            return f"row {number}, expected segment {want.place + 1}, got segment {got.place + 1}"
        expected, found = (np.array([*row.scaled, *row.distances]) for row in (want, got))
        if not np.allclose(expected, found, rtol=1e-9, atol=1e-9):
            return f"row {number}, expected scaled values {list(want.scaled)}, got {list(got.scaled)}"
    return None


def _clear(row: SelfTestRow) -> bool:
    one, two = row.distances
    return two - one > CLEAR * (one + two)


def _raw(recipe: FeatureRecipe, z: Floats) -> Floats:
    """Return (m, p) values in the columns' own units for (m, p) scaled ones."""
    return np.column_stack([_unscaled(feature, z[:, i]) for i, feature in enumerate(recipe.features)])


def _unscaled(feature: Feature, z: Floats) -> Floats:
    shaped = z * feature.scale + feature.mean
    if feature.transform == "log1p":
        return np.asarray(np.expm1(shaped) * feature.transform_unit)
    if feature.transform == "asinh":
        return np.asarray(np.sinh(shaped) * feature.transform_unit)
    return shaped
