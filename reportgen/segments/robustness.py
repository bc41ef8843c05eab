"""How many customers keep their segment when something about the analysis is changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import AgglomerativeClustering

from reportgen.config import Config
from reportgen.inputs.customers import Customers
from reportgen.segments import lloyd
from reportgen.segments.algorithms import adjusted_rand, crosstab, sample_rows, single_thread
from reportgen.segments.families import FEW_STARTS, Order, form_segments
from reportgen.segments.fit import CanonicalRows, Segmentation, canonical_rows
from reportgen.segments.mixtures import gaussian_mixture
from reportgen.segments.recipe import Feature, FeatureRecipe, LearningRules, apply_feature, learn_feature, raw_values
from reportgen.segments.remarks import FILLED_NOTABLE
from reportgen.segments.scoring import Algorithm, costs
from reportgen.values import Statement, statement, text

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]

ROWS = 3_000  # the customers that every variation is tried on
STARTS = 10
SEEDS = 3
FAR = 0.01  # share of customers, farthest from their segment, that are left out
EXTREME = 0.01  # share of values that are capped at either end instead of 3 interquartile ranges
MOST_COLUMNS = 8  # so many columns are left out one by one: the most important ones
LATTICE = 10  # a column of at most so many different values breaks a Gaussian mixture

# From this agreement (ARI) on, in these words: method.md section 11.
WORDS = ((0.90, "hardly"), (0.75, "same_picture"), (0.50, "partly"), (-1.0, "different"))


@dataclass(frozen=True)
class Variation:
    """One change and what became of the segments among the customers that are in both.

    ``ari`` is the adjusted Rand index between the reported segments and those of the changed analysis with as many,
    ``kept`` the share of customers that stay in their segment when segments are matched for the best, ``word`` a key:
    hardly, same_picture, partly or different.
    """

    code: str
    label: Statement
    customers: int
    ari: float
    kept: float
    word: str


@dataclass(frozen=True)
class _Base:
    """What is varied: at most 3,000 of the segmented customers as the model sees them."""

    z: Floats
    raw: Floats  # own units, NaN where missing
    labels: Labels
    far: NDArray[np.bool_]
    customers: Customers
    segmentation: Segmentation
    config: Config

    @property
    def recipe(self) -> FeatureRecipe:
        return self.segmentation.model.recipe

    @property
    def k(self) -> int:
        return self.segmentation.k

    @property
    def algorithm(self) -> Algorithm:
        return self.segmentation.model.algorithm

    @property
    def seed(self) -> int:
        return self.config.segments.seed


@dataclass(frozen=True)
class _Try:
    """A changed analysis that is repeated: other values (m, p), or fewer customers (m,)."""

    code: str
    z: Floats
    used: NDArray[np.bool_]
    column: str = ""


def robustness_panel(customers: Customers, segmentation: Segmentation, config: Config) -> tuple[Variation, ...]:
    """Repeat the analysis with as many segments but one thing changed (method.md section 11); the weakest line first.

    Every variation is fitted anew, by the algorithm of the model, on one fixed sample of at most 3,000 customers. A
    column left out is one line each, for the eight most important ones (Hennig & Murphy: 1 - ARI when a column is held
    at its mean).
    """
    with single_thread():
        base = _base(canonical_rows(segmentation.model.recipe, customers), customers, segmentation, config)
        tries = [one for one in (*_same_columns(base), *_columns_left_out(base)) if one.used.sum() >= 2 * base.k]
        found = [
            _variation(attempt.code, base.labels[attempt.used], labels[attempt.used], segmentation.k, attempt.column)
            for attempt, labels in zip(tries, _repeated(base, tries), strict=True)
        ]
        found += [_variation(code, base.labels, labels, segmentation.k) for code, labels in _other_algorithms(base)]
    weakest: dict[Statement, Variation] = {}
    for variation in sorted(found, key=lambda one: (one.ari, one.kept, one.code)):
        weakest.setdefault(variation.label, variation)
    return tuple(weakest.values())


def _base(rows: CanonicalRows, customers: Customers, segmentation: Segmentation, config: Config) -> _Base:
    chosen = sample_rows(len(rows.places), ROWS, config.segments.seed)
    places = rows.places[chosen]
    distance = segmentation.assignment.distance[places]
    few = max(1, round(FAR * len(places)))
    far = np.zeros(len(places), np.bool_)
    far[np.argsort(-distance, kind="stable")[:few]] = True
    frame = customers.frame.iloc[places]
    raw = np.column_stack([raw_values(feature, frame) for feature in segmentation.model.recipe.features])
    return _Base(rows.z[chosen], raw, segmentation.assignment.label[places], far, customers, segmentation, config)


def _same_columns(base: _Base) -> Iterator[_Try]:
    everyone = np.ones(len(base.z), np.bool_)
    for _ in range(SEEDS):
        yield _Try("seeds", base.z, everyone)
    yield _Try("far", base.z, ~base.far)
    half = np.zeros(len(base.z), np.bool_)
    half[sample_rows(len(base.z), len(base.z) // 2, base.seed)] = True
    yield _Try("half", base.z, half)
    measured = np.array([feature.mismatch is None for feature in base.recipe.features])
    if measured.all() and not _survey(base.z):
        for code, z in _rescaled(base):
            yield _Try(code, z, everyone)


def _survey(z: Floats) -> bool:
    """Whether all columns hold yes and no only: nothing about their scale can be varied."""
    return bool(((z == z.min(axis=0)) | (z == z.max(axis=0))).all())


def _rescaled(base: _Base) -> Iterator[tuple[str, Floats]]:
    z, scaling = base.z, base.config.segments.scale
    if base.algorithm == "gaussian":  # an ellipse is the same on any scale
        yield from _reshaped(base)
        return
    quartiles = np.subtract(*np.quantile(z, (0.75, 0.25), axis=0))
    if (quartiles > 0).all():
        yield "robust", z / quartiles
    yield "minmax", z / np.ptp(z, axis=0)
    if scaling == "none":
        yield "standard", z / z.std(axis=0)
    yield from _reshaped(base)


def _reshaped(base: _Base) -> Iterator[tuple[str, Floats]]:
    scaling = base.config.segments.scale
    if any(feature.transform != "none" for feature in base.recipe.features):
        plain = [_plain(base, place) for place in range(base.z.shape[1])]
        yield "transform", np.column_stack(plain)
    capped = [_capped(feature, base.raw[:, place], scaling) for place, feature in enumerate(base.recipe.features)]
    yield "caps", np.column_stack(capped)


def _plain(base: _Base, place: int) -> Floats:
    """One column without its logarithm."""
    feature, values = base.recipe.features[place], base.raw[:, place]
    rules = LearningRules(transform=False, scale=base.config.segments.scale)
    learned = learn_feature(base.customers.field(feature.name), values, rules)
    return base.z[:, place] if learned is None else apply_feature(learned, values)


def _capped(feature: Feature, values: Floats, scaling: str) -> Floats:
    """One column limited to its middle 98%."""
    z = apply_feature(replace(feature, low=None, high=None), values)
    z = np.clip(z, *np.quantile(z, (EXTREME, 1 - EXTREME)))
    spread = float(z.std())
    return z / spread if scaling == "standard" and spread > 0 else z


def _columns_left_out(base: _Base) -> Iterator[_Try]:
    """Columns that are left out are set to zero, which leaves all distances to the others."""
    everyone = np.ones(len(base.z), np.bool_)
    groups = {name: np.array([f.name == name for f in base.recipe.features]) for name in base.recipe.names}
    labels = {feature.name: base.customers.field(feature.name).label for feature in base.recipe.features}
    notable = FILLED_NOTABLE * base.segmentation.model.fitted_rows
    filled = [f.name for f in base.recipe.features if f.mismatch is None and f.missing > notable]
    if 0 < len(set(filled)) < len(groups):
        yield _Try("filled", np.where(np.any([groups[name] for name in filled], axis=0), 0.0, base.z), everyone)
    names = base.recipe.names
    if len(names) > MOST_COLUMNS:
        names = tuple(sorted(names, key=lambda name: (-_importance(base, groups[name]), name))[:MOST_COLUMNS])
    for name in names:
        yield _Try("without", np.where(groups[name], 0.0, base.z), everyone, labels[name])


def _importance(base: _Base, columns: NDArray[np.bool_]) -> float:
    """Return 1 - ARI when the columns are held at their means and customers assigned anew (Hennig & Murphy)."""
    held = np.where(columns, base.z.mean(axis=0), base.z)
    k = base.k
    return 1 - adjusted_rand(crosstab(base.labels, costs(held, base.segmentation.model.rule).argmin(axis=1), k, k))


def _repeated(base: _Base, tries: list[_Try]) -> Sequence[NDArray[np.integer]]:
    """Return the labels (m,) of the model's own algorithm on every try."""
    if base.algorithm == "kmeans":
        return list(_kmeans(base, tries)) if tries else []
    found = []
    for number, attempt in enumerate(tries):
        order = Order(base.k, base.seed + 1 + number, base.recipe.groups, FEW_STARTS[base.algorithm])
        rule = form_segments(base.algorithm, attempt.z[attempt.used], order).rule
        found.append(costs(attempt.z, rule).argmin(axis=1))
    return found


def _kmeans(base: _Base, tries: list[_Try]) -> NDArray[np.int8]:
    """Return the labels of k-means on every try, (tries, m): the best of ten new starts and the reported segments."""
    centred = np.stack([attempt.z - np.median(attempt.z, axis=0) for attempt in tries])
    spread = np.sqrt(centred.var(axis=1).sum(axis=1))[:, None, None]
    x = (centred / np.where(spread > 0, spread, 1.0)).astype(np.float32)
    weight = np.stack([attempt.used for attempt in tries]).astype(np.float32)
    points = lloyd.Points(x, weight)
    found = lloyd.best_centres(points, base.k, STARTS, np.random.default_rng([base.seed, 12]))
    reported = _reported_centres(base, points)
    afresh = np.array([attempt.code == "seeds" for attempt in tries])[:, None, None]
    starts = np.stack([found, np.where(afresh, found, reported)], axis=1)
    return lloyd.labels_of(x, lloyd.run(points, starts).best(1).centres)[:, 0]


def _reported_centres(base: _Base, points: lloyd.Points) -> lloyd.Floats:
    """Return where the reported segments lie in every try, (tries, k, p): a start that fair repeats must beat."""
    member = (base.labels[:, None] == np.arange(base.k)).astype(np.float32)
    weight = points.weight[:, :, None] * member
    sizes = np.maximum(weight.sum(axis=1), 1.0)[:, :, None]
    return np.asarray(weight.swapaxes(1, 2) @ points.x / sizes)


def _other_algorithms(base: _Base) -> Iterator[tuple[str, NDArray[np.integer]]]:
    k, z = base.k, base.z
    if base.algorithm != "kmeans":
        yield "kmeans", _kmeans(base, [_Try("kmeans", z, np.ones(len(z), np.bool_))])[0]
    if base.algorithm != "ward":
        yield "ward", np.asarray(AgglomerativeClustering(k).fit_predict(z), np.int64)
    if base.algorithm != "gaussian" and min(len(np.unique(column)) for column in z.T) > LATTICE:
        mixture = gaussian_mixture(z, k, base.seed, starts=1)
        yield "gaussian", costs(z, mixture.rule).argmin(axis=1)


def _variation(code: str, before: Labels, after: NDArray[np.integer], k: int, column: str = "") -> Variation:
    table = crosstab(before, after, k, k)
    ari = adjusted_rand(table)
    stays = table[linear_sum_assignment(-table)].sum()
    label = statement(f"robustness.{code}", column=text(column)) if column else statement(f"robustness.{code}")
    word = next(word for limit, word in WORDS if ari >= limit)
    return Variation(code, label, len(before), ari, float(stays / len(before)), word)
