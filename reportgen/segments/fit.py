"""Fit: from a customer table to a segmentation."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from reportgen.config import Config
from reportgen.errors import ConfigError, InputError
from reportgen.findings import Finding
from reportgen.inputs.customers import Customers, Everyone
from reportgen.progress import Listener, part, silent
from reportgen.segments.algorithms import distinct_rows, sample_rows, single_thread
from reportgen.segments.choose import Candidates, Choice, Chosen, choose_among
from reportgen.segments.choose_family import choose_k_for, plan_algorithm, reconsidered
from reportgen.segments.criteria import SILHOUETTE_ROWS, silhouettes, similarity_table
from reportgen.segments.features import ColumnDecision, FeatureRecipe, apply_recipe, choose_features
from reportgen.segments.model import Assignment, FitSummary, SegmentModel, SegmentRef, assign
from reportgen.segments.polish import Polish, settle_centres
from reportgen.segments.projection import Projection, project, segment_means
from reportgen.segments.recipe import own_units, to_numbers, unscorable_rows
from reportgen.segments.remarks import feature_findings, of_everyone
from reportgen.segments.scoring import ScoringRule
from reportgen.segments.stability import SegmentStability, Verdict

NOISE = 10  # decimals of scaled values; what lies beyond is rounding
LEAST_DISTINCT = 3  # two kinds of customers need no report
BORDERLINE = 0.10  # margin; the same as a shadow value of .90


@dataclass(frozen=True)
class SegmentFit:
    """How good one segment is: method.md section 5."""

    size: int
    silhouette: float | None
    shadow: float  # mean of 2 d1 / (d1 + d2)
    borderline: int  # members with shadow value >= .90
    neighbour: int | None  # place of the segment it borders on most
    stability: SegmentStability


@dataclass(frozen=True)
class Segmentation:
    """Everything found about the segments, in display order (largest spend first, else largest size)."""

    model: SegmentModel
    assignment: Assignment  # rows as in Customers.frame
    choice: Choice
    verdict: Verdict
    decisions: tuple[ColumnDecision, ...]
    fits: tuple[SegmentFit, ...]
    projection: Projection
    silhouette: float | None  # mean, in the scaled space
    silhouette_raw: float | None  # mean, active columns in their own units
    inertia_raw: float  # within-cluster sum of squares, active columns in their own units
    centres_raw: tuple[tuple[float, ...], ...]  # mean of each active column per segment, own units
    unsegmented: int
    findings: tuple[Finding, ...] = ()
    agreement: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    # share of bootstrap fits that agree on a customer's segment, rows as in Customers.frame; NaN: not computed
    unshown: SegmentModel | None = None  # the whole model, where ``model`` lacks segments that have no customers now
    polish: Polish | None = None  # what was counted over all customers where the fit saw a sample of them
    kept: bool = False  # scored with the model of an earlier run; choice and verdict are those of its fit

    @property
    def k(self) -> int:
        """Number of segments."""
        return len(self.model.segments)

    @property
    def mean_squared_distance(self) -> float:
        """Mean over the segmented customers of their squared distance to the nearest centre."""
        if self.polish is not None:
            return self.polish.inertia / sum(self.polish.sizes)
        return float(np.mean(self.assignment.distance[self.assignment.label >= 0] ** 2))

    @property
    def whole_model(self) -> SegmentModel:
        """The model with all its segments, those without customers included."""
        return self.unshown or self.model


@dataclass(frozen=True)
class CanonicalRows:
    """The segmented customers in canonical order: by their values, so that neither file order nor ids matter."""

    places: NDArray[np.int64]  # rows of Customers.frame
    z: NDArray[np.float64]
    own: NDArray[np.float64]  # active columns in their own units, missing values filled
    by_name: NDArray[np.intp]  # places of the columns in the order of their names


def fit_segments(
    customers: Customers, config: Config, progress: Listener = silent, earlier: SegmentModel | None = None
) -> Segmentation:
    """Find segments: choose columns and k, fit, put the segments in display order, assign every customer.

    ``earlier`` is a model whose division is gone on with where its columns form the segments and it is as good.

    Raises ConfigError or InputError where no honest segments exist, each with a way out.
    """
    with single_thread():  # the number of cores must not change a bit
        progress("choosing columns", 0.0)
        recipe, decisions = choose_features(customers, config)
        if customers.everyone is not None:
            refuse_untold(recipe, customers.everyone, len(customers.frame))
        rows = canonical_rows(recipe, customers)
        goes_on = _division(earlier, recipe, rows, customers)
        chosen = _choose(recipe, rows, goes_on, config, part(progress, 0.02, 0.95))
        progress("assigning customers", 0.95)
        order = _display_order(chosen.fit.labels, rows, customers)
        draft = _model(recipe, rows, chosen, order, config.segments.seed)
        if customers.everyone is None:
            return assemble(draft, rows, _reordered(chosen, order), customers, decisions)
        draft, counted = settle_centres(draft, rows.z, customers.everyone)
        return _of_everyone(assemble(draft, rows, _reordered(chosen, order), customers, decisions), counted)


def refuse_untold(recipe: FeatureRecipe, everyone: Everyone, sample: int) -> None:
    """Raise ConfigError where a column is known of the sample only, so that nobody else could have a segment."""
    known = set(everyone.frame.collect_schema().names())
    untold = [name for name in recipe.names if name not in known]
    if untold:
        raise ConfigError(
            f"{', '.join(untold)} can't form segments of {everyone.rows:,} customers: only known of {sample:,} of them",
            "Leave it out of features, or set input.sample to the number of customers.",
        )


def _of_everyone(found: Segmentation, counted: Polish) -> Segmentation:
    """Say of a new fit what was counted where."""
    assert found.model.fit is not None
    shares = tuple(size / sum(counted.sizes) for size in counted.sizes)
    model = dataclasses.replace(found.model, fit=dataclasses.replace(found.model.fit, shares=shares))
    decisions = tuple(_of_sample(one) for one in found.decisions)
    return with_everyone(dataclasses.replace(found, model=model, decisions=decisions), counted)


def with_everyone(found: Segmentation, counted: Polish) -> Segmentation:
    """Put the sizes among all customers in the place of those in the sample."""
    fits = tuple(
        dataclasses.replace(fit, size=size, borderline=round(fit.borderline * size / max(fit.size, 1)))
        for fit, size in zip(found.fits, counted.sizes, strict=True)
    )
    return dataclasses.replace(
        found,
        fits=fits,
        unsegmented=counted.unsegmented,
        findings=of_everyone(found.findings, counted.unsegmented, sum(fit.size for fit in found.fits)),
        polish=counted,
    )


def _of_sample(decision: ColumnDecision) -> ColumnDecision:
    counts = decision.kept and any(letter.isdigit() for letter in decision.reason)
    return dataclasses.replace(decision, reason=f"{decision.reason} Counted in the sample.") if counts else decision


def canonical_rows(recipe: FeatureRecipe, customers: Customers) -> CanonicalRows:
    """Return the customers that can be segmented, sorted by their values."""
    own = own_units(recipe, customers.frame)
    scorable = np.flatnonzero(~unscorable_rows(recipe.names, customers.frame, recipe.words))
    by_name = np.argsort(np.array([f"{feature.name}\n{feature.level or ''}" for feature in recipe.features]))
    places = scorable[np.lexsort(own[scorable][:, by_name[::-1]].T)]
    return CanonicalRows(places, apply_recipe(recipe, customers.frame)[places], own[places], by_name)


def _division(
    earlier: SegmentModel | None, recipe: FeatureRecipe, rows: CanonicalRows, customers: Customers
) -> NDArray[np.int64] | None:
    """Return the segments (n,) of an earlier model that was formed by the same columns, for k-means to start from."""
    if earlier is None or earlier.algorithm != "kmeans" or set(earlier.recipe.names) != set(recipe.names):
        return None
    labels = assign(earlier, customers.frame).label[rows.places]
    return labels if labels.min(initial=0) >= 0 else None


def _choose(
    recipe: FeatureRecipe,
    rows: CanonicalRows,
    earlier: NDArray[np.int64] | None,
    config: Config,
    progress: Listener,
) -> Chosen:
    """Choose k on columns in the order of their names, rounded, so that neither column order nor a unit matters."""
    settings = config.segments
    z = np.round(rows.z[:, rows.by_name], NOISE)
    wanted = max(settings.k or 0, settings.k_max)
    different = distinct_rows(z, wanted)
    if different < LEAST_DISTINCT:
        raise InputError(
            f"the columns that form segments tell only {different} kinds of customers apart",
            "Choose columns that differ more with --features, or check that the file holds one row per customer.",
        )
    if settings.k is not None and settings.k > different:
        raise ConfigError(
            f"k = {settings.k}, but only {different} customers differ in the columns that form segments",
            f"Ask for at most {different} segments, or leave k out.",
        )
    k_max = min(settings.k_max, different)
    plan = plan_algorithm(recipe, rows.z, settings)
    if plan.algorithm != "kmeans":
        place = np.argsort(rows.by_name)
        groups = tuple(tuple(int(place[column]) for column in group) for group in plan.groups)
        named = dataclasses.replace(plan, groups=groups)
        chosen = choose_k_for(named, z, settings, k_max=k_max, progress=progress)
        plan = reconsidered(plan, chosen, settings)
        if plan.algorithm != "kmeans":
            return chosen
    chosen = choose_among(z, settings, Candidates(settings.k, k_max, earlier), progress)
    choice = dataclasses.replace(chosen.choice, reasons=(*chosen.choice.reasons, *plan.reasons))
    return dataclasses.replace(chosen, choice=choice)


def _display_order(labels: NDArray[np.int64], rows: CanonicalRows, customers: Customers) -> list[int]:
    """Return labels by display: largest net spend, else largest size; ties by size, then by the first column's mean."""
    sizes = np.bincount(labels)
    spend = np.zeros(sizes.size)
    if customers.spend is not None:
        values = to_numbers(customers.frame[customers.spend])[rows.places]
        spend = np.array([math.fsum(np.nan_to_num(values[labels == label])) for label in range(sizes.size)])
    centres = segment_means(rows.z[:, rows.by_name], labels)
    return sorted(range(sizes.size), key=lambda q: (-spend[q], -sizes[q], *(-centres[q]).round(NOISE)))


def _model(recipe: FeatureRecipe, rows: CanonicalRows, chosen: Chosen, order: list[int], seed: int) -> SegmentModel:
    rule = (chosen.rule or ScoringRule(chosen.fit.centres)).reordered(order, np.argsort(rows.by_name))
    return SegmentModel(
        recipe=recipe,
        centres=_tuples(rule.centres),
        segments=tuple(
            SegmentRef(id=f"s{place + 1:02d}", letter=letters(place), colour=place, name=f"s{place + 1:02d}")
            for place in range(len(order))
        ),
        seed=seed,
        fitted_rows=len(rows.places),
        inertia=chosen.fit.inertia,
        algorithm=chosen.algorithm,
        factors=() if rule.factors is None else tuple(_tuples(factor) for factor in rule.factors),
        offsets=() if rule.offsets is None else tuple(float(offset) for offset in rule.offsets),
    )


def _tuples(matrix: NDArray[np.float64]) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(float(value) for value in row) for row in matrix)


def letters(place: int) -> str:
    """Return the badge of a place: A to Z, then AA, AB, …"""
    return (letters(place // 26 - 1) if place >= 26 else "") + chr(ord("A") + place % 26)


def _reordered(chosen: Chosen, order: list[int]) -> Chosen:
    """Return the evidence with segments counted in display order."""
    place = {label: new for new, label in enumerate(order)}
    valleys = tuple(
        dataclasses.replace(valley, first=min(pair), second=max(pair))
        for valley in chosen.verdict.valleys
        for pair in [(place[valley.first], place[valley.second])]
    )
    return dataclasses.replace(
        chosen,
        stability=tuple(chosen.stability[label] for label in order),
        verdict=dataclasses.replace(chosen.verdict, valleys=valleys),
    )


def assemble(
    draft: SegmentModel,
    rows: CanonicalRows,
    chosen: Chosen,
    customers: Customers,
    decisions: tuple[ColumnDecision, ...],
) -> Segmentation:
    """Assign every customer and put the evidence together, whose segments come in the order of the model."""
    assignment = assign(draft, customers.frame)
    labels = assignment.label[rows.places]
    sample = sample_rows(len(labels), SILHOUETTE_ROWS, draft.seed)
    scaled, raw = (silhouettes(x[sample], [labels[sample]])[0] for x in (rows.z, rows.own))
    centres = segment_means(rows.own, labels)
    silhouette = float(scaled.mean())
    facts = customers.order_facts
    return Segmentation(
        model=dataclasses.replace(
            draft,
            fit=_summary(assignment.distance[rows.places], labels, silhouette),
            as_of=facts.as_of.isoformat() if facts else "",
        ),
        assignment=assignment,
        choice=chosen.choice,
        verdict=chosen.verdict,
        decisions=decisions,
        fits=_segment_fits(draft, rows, assignment, (sample, scaled), chosen.stability),
        projection=project(draft.recipe, (rows.z, rows.own), labels, draft.seed, draft.map),
        silhouette=silhouette,
        silhouette_raw=float(raw.mean()),
        inertia_raw=float(((rows.own - centres[labels]) ** 2).sum()),
        centres_raw=_tuples(centres),
        unsegmented=len(customers.frame) - len(labels),
        findings=(*feature_findings(customers, draft.recipe), *chosen.findings),
        agreement=_agreement(chosen, rows, len(customers.frame)),
    )


def _summary(distance: NDArray[np.float64], labels: NDArray[np.int64], silhouette: float) -> FitSummary:
    half, most, nearly_all = (float(value) for value in np.quantile(distance, (0.5, 0.95, 0.99)))
    return FitSummary(
        mean_squared_distance=float(np.mean(distance**2)),
        silhouette=silhouette,
        shares=tuple(float(size) / len(labels) for size in np.bincount(labels)),
        distance_quantiles=(half, most, nearly_all),
    )


def _segment_fits(
    model: SegmentModel,
    rows: CanonicalRows,
    assignment: Assignment,
    sampled: tuple[NDArray[np.intp], NDArray[np.float64]],
    stability: tuple[SegmentStability, ...],
) -> tuple[SegmentFit, ...]:
    sample, silhouette = sampled
    labels, margin = assignment.label[rows.places], assignment.margin[rows.places]
    similar = similarity_table(labels, assignment.second[rows.places], 1 - margin, len(stability))
    similar = similar + similar.T
    np.fill_diagonal(similar, -1.0)
    fits = []
    for place, steady in enumerate(stability):
        member, seen = labels == place, silhouette[labels[sample] == place]
        fits.append(
            SegmentFit(
                size=int(member.sum()),
                silhouette=float(seen.mean()) if seen.size else None,
                shadow=float(np.mean(1 - margin[member])),  # 2 d1 / (d1 + d2) = 1 - margin
                borderline=int((margin[member] <= BORDERLINE).sum()),
                neighbour=int(similar[place].argmax()) if similar[place].max() > 0 else None,
                stability=steady,
            )
        )
    return tuple(fits)


def _agreement(chosen: Chosen, rows: CanonicalRows, n: int) -> NDArray[np.float64]:
    agreement = np.full(n, np.nan)
    agreement[rows.places] = chosen.agreement
    return agreement
