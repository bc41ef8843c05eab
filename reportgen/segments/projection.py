"""The customer map: two principal components, or the two columns themselves."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from reportgen.segments.recipe import FeatureRecipe

MAP_POINTS = 2_000
CHANCE_ROWS = 3_000
SHUFFLES = 200


@dataclass(frozen=True)
class MapFrame:
    """What keeps a map the way it was drawn first: the point in the middle, and the axes with their signs.

    ``mean`` is (p,), ``axes`` (p, p) with an axis per column, largest variance first, ``loadings`` (p, 2) the
    correlations that name the two axes.
    """

    mean: tuple[float, ...]
    axes: tuple[tuple[float, ...], ...]
    loadings: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Projection:
    """A map of the customers.

    ``kind`` is "columns" when exactly two columns are active (the axes are the columns in their own units),
    otherwise "pca". ``points`` is (m, 2) for at most 2,000 customers in a fixed order, ``labels`` (m,) their segments,
    ``centres`` (k, 2). ``shares`` is the share of variance of every component, ``loadings`` (p, 2) the correlation of
    each active column with the two axes. ``chance`` is the share that a component of shuffled columns stays below in
    95% of the cases, ``separation`` the part of the distance between the segments that the two axes show.
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
    axes: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 2)))  # (p, 2), scaled column -> axis
    chance: tuple[float, ...] = ()
    separation: float = 1.0
    frame: MapFrame | None = None  # None: the axes are the columns themselves

    @property
    def axes_above_chance(self) -> int:
        """Number of leading components with more variance than chance gives (parallel analysis)."""
        above = [share > limit for share, limit in zip(self.shares, self.chance, strict=True)]
        return above.index(False) if False in above else len(above)


def project(
    recipe: FeatureRecipe,
    rows: tuple[NDArray[np.float64], NDArray[np.float64]],
    labels: NDArray[np.int64],
    seed: int,
    frame: MapFrame | None = None,
) -> Projection:
    """Map the segmented customers, whose rows come in an order that does not depend on the file.

    ``rows`` are (n, p) scaled and (n, p) in the columns' own units, ``labels`` (n,) the places of their segments.
    ``frame`` is that of an earlier map, which the new one then does not turn or flip against.
    """
    z, own = rows
    if len(recipe.features) == 2:
        return _columns_map(recipe, z, own, labels, seed)
    frame = frame or learn_frame(z)
    vectors, centred = np.array(frame.axes, dtype=np.float64), z - np.array(frame.mean, dtype=np.float64)
    scores, shown = centred @ vectors, _stratified(labels, MAP_POINTS, seed)
    variance = scores.var(axis=0)
    shares = variance / variance.sum() if variance.sum() > 0 else variance
    coordinates, axes = scores[:, :2], vectors[:, :2]
    return Projection(
        kind="pca",
        axis_labels=("Component 1", "Component 2"),
        axis_units=("", ""),
        points=coordinates[shown],
        labels=labels[shown],
        centres=segment_means(coordinates, labels),
        averages=(float(coordinates[:, 0].mean()), float(coordinates[:, 1].mean())),
        shares=tuple(float(share) for share in shares),
        loadings=np.array(frame.loadings, dtype=np.float64),
        columns=tuple(feature.label for feature in recipe.features),
        axes=axes,
        chance=_chance(z, seed),
        separation=_separation(z - z.mean(axis=0), axes, labels),
        frame=frame,
    )


def learn_frame(z: NDArray[np.float64]) -> MapFrame:
    """Return the principal axes of (n, p) scaled rows as the frame of a map."""
    _, vectors, sizes = principal_axes(z)
    spread = np.sqrt(np.mean((z - z.mean(axis=0)) ** 2, axis=0))
    loadings = vectors[:, :2] * np.sqrt(sizes[:2]) / spread[:, None]
    return MapFrame(
        tuple(float(value) for value in z.mean(axis=0)),
        tuple(tuple(float(value) for value in row) for row in vectors),
        tuple((float(first), float(second)) for first, second in loadings),
    )


def _columns_map(
    recipe: FeatureRecipe,
    z: NDArray[np.float64],
    own: NDArray[np.float64],
    labels: NDArray[np.int64],
    seed: int,
) -> Projection:
    """Map the customers by the two columns themselves, in their own units."""
    (first, second), shown = recipe.features, _stratified(labels, MAP_POINTS, seed)
    return Projection(
        kind="columns",
        axis_labels=(first.label, second.label),
        axis_units=(first.unit, second.unit),
        points=own[shown],
        labels=labels[shown],
        centres=segment_means(own, labels),
        averages=(float(own[:, 0].mean()), float(own[:, 1].mean())),
        shares=tuple(float(share) for share in principal_axes(z)[0]),
        loadings=np.asarray(np.corrcoef(z.T)),
        columns=(first.label, second.label),
        axes=np.eye(2),
        chance=_chance(z, seed),
    )


def principal_axes(
    z: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return shares of variance (p,), axes as columns (p, p) and their variances (p,), largest first.

    The entry of an axis with the largest absolute value is positive, the first of those within 1e-6 of it.
    """
    centred = z - z.mean(axis=0)
    sizes, vectors = np.linalg.eigh(centred.T @ centred / len(z))
    sizes, vectors = np.maximum(sizes[::-1], 0.0), vectors[:, ::-1]
    size = np.abs(vectors)
    leading = np.argmax(size >= size.max(axis=0) - 1e-6, axis=0)
    vectors = vectors * np.sign(vectors[leading, np.arange(len(leading))])
    return sizes / sizes.sum(), vectors, sizes


def segment_means(values: NDArray[np.float64], labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the (k, p) means of (n, p) values per label 0..k-1, each of which occurs."""
    sizes = np.bincount(labels)
    sums = np.column_stack([np.bincount(labels, column) for column in values.T])
    return np.asarray(sums / sizes[:, None])


def _separation(centred: NDArray[np.float64], axes: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    """Return the between-segment sum of squares in the plotted axes over the total one."""
    means, sizes = segment_means(centred, labels), np.bincount(labels)
    total = float(sizes @ (means**2).sum(axis=1))
    return float(sizes @ ((means @ axes) ** 2).sum(axis=1)) / total if total > 0 else 1.0


def _chance(z: NDArray[np.float64], seed: int) -> tuple[float, ...]:
    """Return the 95% quantile of each component's share over 200 column-wise shuffles (Horn's parallel analysis)."""
    rng = np.random.default_rng([seed, 6])
    rows = z if len(z) <= CHANCE_ROWS else z[np.sort(rng.choice(len(z), CHANCE_ROWS, replace=False))]
    shares = []
    for _ in range(SHUFFLES):
        shuffled = rng.permuted(rows, axis=0)
        sizes = np.linalg.eigvalsh(np.cov(shuffled.T, ddof=0))[::-1]
        shares.append(sizes / sizes.sum())
    return tuple(float(limit) for limit in np.quantile(shares, 0.95, axis=0))


def _stratified(labels: NDArray[np.int64], most: int, seed: int) -> NDArray[np.int64]:
    """Return at most ``most`` rows, ascending: each segment with its share, and at least one point."""
    n = len(labels)
    if n <= most:
        return np.arange(n)
    rng = np.random.default_rng([seed, 7])
    chosen = []
    for place in range(int(labels.max()) + 1):
        rows = np.flatnonzero(labels == place)
        chosen.append(rng.choice(rows, max(1, rows.size * most // n), replace=False))
    return np.sort(np.concatenate(chosen))[:most]
