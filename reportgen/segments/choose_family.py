"""Which algorithm the columns call for, how many segments it forms, and whether they come back in resamples."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reportgen.errors import ConfigError
from reportgen.findings import Finding
from reportgen.progress import Listener, part
from reportgen.segments.algorithms import adjusted_rand, crosstab, sample_rows
from reportgen.segments.choose import JUDGED, Choice, Chosen, Evidence, choose_k, hard_to_find, small_sample
from reportgen.segments.criteria import calinski_harabasz, davies_bouldin, mean_silhouettes
from reportgen.segments.evidence import JACCARD
from reportgen.segments.families import FEW_STARTS, Groups, Order, Partition, form_segments
from reportgen.segments.mixtures import gaussian_mixture
from reportgen.segments.recipe import FeatureRecipe
from reportgen.segments.resample import ROWS, Bootstrap, best_jaccard
from reportgen.segments.scoring import Algorithm, costs
from reportgen.segments.stability import SegmentStability, Verdict, grade
from reportgen.settings import SegmentsConfig
from reportgen.values import Quantity, Statement, count, statement

Floats = NDArray[np.float64]

SCREEN_ROWS, SCREEN_STARTS = 2_000, 2  # what it takes to see whether ellipses fit better
TRIAL_ROWS, TRIAL_STARTS = 3_000, 5  # per k, before the chosen one is fitted in full
SAMPLES = 25  # resamples that grade the segments
CLEARLY = 10.0  # a difference in BIC that leaves no doubt (Kass & Raftery 1995)
SPIKE = 0.05  # share of customers with one and the same value that breaks a mixture of ellipses
NOTABLE_SPIKE = 0.20  # share from which the report warns of it
LATTICE = 10  # different values up to which a column is no measurement


@dataclass(frozen=True)
class Plan:
    """The algorithm, why it was taken (nothing where the settings say so), and the columns that are levels of one."""

    algorithm: Algorithm
    reasons: tuple[Statement, ...] = ()
    groups: Groups = ()


def plan_algorithm(recipe: FeatureRecipe, z: Floats, settings: SegmentsConfig) -> Plan:
    """Take the algorithm of the settings, or choose one; ``z`` (n, p) in the order of the recipe's features.

    Yes/no answers only: classes of answers. Words beside numbers: k-prototypes. Measurements: a Gaussian mixture where
    its ICL is below that of round groups and of a single group by more than 10, otherwise k-means; whether such a
    mixture comes back is seen when it has been formed (``reconsidered``).
    Raises ConfigError where the columns don't fit the algorithm of the settings.
    """
    groups = recipe.groups
    binary = bool(((z == z.min(axis=0)) | (z == z.max(axis=0))).all())
    wanted = settings.algorithm
    if wanted == "auto":
        if groups:
            return Plan("prototypes", (statement("choice.auto_prototypes"), _mismatch(recipe)), groups)
        if binary:
            return Plan("bernoulli", (statement("choice.auto_bernoulli"),))
        return _round_or_elliptical(z, settings)
    if wanted == "prototypes" and not groups:
        raise ConfigError(
            "algorithm 'prototypes' needs at least one column of categories, and none can be used",
            "Name one with --features, or leave --algorithm out.",
        )
    if wanted == "gaussian" and binary:
        raise ConfigError(
            "algorithm 'gaussian' needs measurements, but the columns hold yes and no only",
            "Use --algorithm bernoulli, or name other columns with --features.",
        )
    return Plan(wanted, (_mismatch(recipe),) if groups else (), groups)


def _mismatch(recipe: FeatureRecipe) -> Statement:
    cost = next(feature.mismatch for feature in recipe.features if feature.mismatch is not None)
    return statement("choice.mismatch", mismatch=Quantity(cost, "number", decimals=2))


def _round_or_elliptical(z: Floats, settings: SegmentsConfig) -> Plan:
    if len(z) < JUDGED:
        return Plan("kmeans", (statement("choice.auto_kmeans_few", customers=count(len(z))),))
    x = z[sample_rows(len(z), SCREEN_ROWS, settings.seed)]
    counts = [np.unique(column, return_counts=True)[1] for column in x.T]
    if min(len(times) for times in counts) <= LATTICE or max(times.max() for times in counts) > SPIKE * len(x):
        return Plan("kmeans", (statement("choice.auto_kmeans_values"),))
    ks = range(1, min(settings.k_max, len(x) // (5 * x.shape[1])) + 1)
    full = [gaussian_mixture(x, k, settings.seed, SCREEN_STARTS) for k in ks]
    balls = [gaussian_mixture(x, k, settings.seed, SCREEN_STARTS, "spherical") for k in ks]
    if not full:
        return Plan("kmeans", (statement("choice.auto_kmeans"),))
    ellipses, other = min(one.icl for one in full), min(full[0].icl, *(one.icl for one in balls))
    if ellipses + CLEARLY >= other:
        return Plan("kmeans", (statement("choice.auto_kmeans"),))
    return Plan("gaussian", (statement("choice.auto_gaussian", icl=_plain(ellipses), other=_plain(other)),))


def reconsidered(plan: Plan, chosen: Chosen, settings: SegmentsConfig) -> Plan:
    """Return k-means instead of ellipses that nobody asked for and that do not come back in resamples."""
    if settings.algorithm != "auto" or plan.algorithm != "gaussian" or chosen.choice.dependable:
        return plan
    weakest = min((one.jaccard for one in chosen.stability if one.jaccard is not None), default=None)
    return Plan("kmeans", (statement("choice.auto_kmeans_steadier", jaccard=Quantity(weakest, "score")),))


def choose_k_for(plan: Plan, z: Floats, settings: SegmentsConfig, *, k_max: int, progress: Listener) -> Chosen:
    """Choose k and form the segments: mixtures by the lowest BIC, the others by what repeats of k-means say.

    The segments are graded on 25 resamples (Hennig 2007); the verdict is "constructed" where one of them does not
    come back, "unjudged" otherwise: half-samples and structureless data are known for k-means only.
    Raises ConfigError when the algorithm finds fewer segments than were asked for.
    """
    forced = settings.k
    if plan.algorithm in ("gaussian", "bernoulli"):
        choice, partition = _by_bic(plan, z, settings, k_max, part(progress, 0.0, 0.8))
    else:
        base = choose_k(z, settings, forced=forced, k_max=k_max, progress=part(progress, 0.0, 0.8))
        partition = form_segments(plan.algorithm, z, Order(base.choice.k, settings.seed, plan.groups))
        both = adjusted_rand(crosstab(base.fit.labels, partition.labels, base.choice.k, base.choice.k))
        told = statement("choice.k_by_kmeans", k=count(base.choice.k), agreement=Quantity(both, "score"))
        choice = dataclasses.replace(base.choice, reasons=(told, *base.choice.reasons))
    if partition.smallest == 0:
        raise ConfigError(
            f"algorithm '{plan.algorithm}' finds fewer than {choice.k} segments in these columns",
            "Ask for fewer segments, or leave --algorithm out.",
        )
    progress("repeating the segments on resamples", 0.8)
    return _graded(plan, z, settings, choice, partition)


def _by_bic(
    plan: Plan, z: Floats, settings: SegmentsConfig, k_max: int, progress: Listener
) -> tuple[Choice, Partition]:
    floor = max(settings.min_size, -(-len(z) // 50))
    x = z[sample_rows(len(z), TRIAL_ROWS, settings.seed)]
    ks = sorted({*range(2, max(2, min(k_max, len(z) // floor)) + 1), *([settings.k] if settings.k else [])})
    trials = {}
    for done, k in enumerate(ks):
        progress(f"{k} segments", done / len(ks))
        trials[k] = form_segments(plan.algorithm, x, Order(k, settings.seed, plan.groups, TRIAL_STARTS))
    single = form_segments(plan.algorithm, x, Order(1, settings.seed, plan.groups, 1)).bic
    fair = [k for k in ks if trials[k].smallest * len(z) >= floor * len(x) and k <= k_max] or ks[:1]
    best = min(fair, key=lambda k: (_bic(trials[k]), k))
    k = settings.k or best
    partition = form_segments(plan.algorithm, z, Order(k, settings.seed, plan.groups))
    reasons = _bic_reasons(k, best, {k: _bic(trial) for k, trial in trials.items()}, single, settings.k is not None)
    evidence = _evidence(z, x, trials, (k, partition), floor)
    return Choice(k, settings.k is not None, reasons, evidence, dependable=False), partition


def _bic(partition: Partition) -> float:
    assert partition.bic is not None  # of a mixture
    return partition.bic


def _bic_reasons(k: int, best: int, bic: dict[int, float], single: float | None, forced: bool) -> tuple[Statement, ...]:
    reasons = []
    if forced and k != best:
        reasons.append(
            statement("choice.forced_bic", k=count(k), bic=_plain(bic[k]), best=count(best), lowest=_plain(bic[best]))
        )
    else:
        others = [other for other in bic if other != k]
        nearest = min(others, key=lambda other: (bic[other], other), default=None)
        if nearest is None:
            reasons.append(statement("choice.k_by_bic_only", k=count(k), bic=_plain(bic[k])))
        else:
            values = {"k": count(k), "bic": _plain(bic[k]), "other": count(nearest), "next": _plain(bic[nearest])}
            low = bic[k] <= bic[nearest]
            reasons.append(statement("choice.k_by_bic" if low else "choice.k_by_bic_large_enough", **values))
    if single is not None and single <= bic[k]:
        reasons.append(statement("choice.one_group", single=_plain(single), k=count(k), bic=_plain(bic[k])))
    return tuple(reasons)


def _evidence(
    z: Floats, x: Floats, trials: dict[int, Partition], chosen: tuple[int, Partition], floor: int
) -> tuple[Evidence, ...]:
    """Return the evidence per k: trials as measured on their rows, the chosen one on all."""
    rows = []
    for k, trial in sorted(trials.items()):
        data, partition = (z, chosen[1]) if k == chosen[0] else (x, trial)
        present, labels = np.unique(partition.labels, return_inverse=True)
        fit = dataclasses.replace(partition, labels=labels.astype(np.int64)).as_fit(data)
        several = len(present) > 1
        means = np.stack([data[labels == label].mean(axis=0) for label in range(len(present))])
        rows.append(
            Evidence(
                k=k,
                inertia=fit.inertia * len(z) / len(data),
                silhouette=mean_silhouettes(data, [fit.labels], 1)[0] if several else None,
                calinski_harabasz=calinski_harabasz(_total(data), fit.inertia, len(data), k) if several else None,
                davies_bouldin=davies_bouldin(data, fit.labels, means) if several else None,
                prediction_strength=None,
                jaccard=None,
                smallest=round(partition.smallest * len(z) / len(data)),
                dependable=False,
                best_start_share=partition.start_share,
                starts=partition.starts,
                bic=_bic(trial),
            )
        )
    return tuple(rows)


def _total(z: Floats) -> float:
    return float(((z - z.mean(axis=0)) ** 2).sum())


def _graded(plan: Plan, z: Floats, settings: SegmentsConfig, choice: Choice, partition: Partition) -> Chosen:
    fit = partition.as_fit(z)
    k, n = choice.k, len(z)
    agreement = np.full(n, np.nan)
    rows = sample_rows(n, ROWS, settings.seed)
    silhouette = mean_silhouettes(z, [partition.labels], settings.seed)[0]
    stability: tuple[SegmentStability, ...] = (SegmentStability(None, None, None, None, None, ""),) * k
    steady, told = False, statement("choice.not_resampled", customers=count(n))
    if n >= JUDGED:
        jaccards, boot = _resampled(plan, z[rows], partition.labels[rows], k, settings.seed)
        agreement[rows] = boot.loyalty
        stability = _stability(jaccards, boot)
        weakest = min(one.jaccard or 0.0 for one in stability)
        steady = weakest >= JACCARD
        told = statement("choice.resampled", samples=count(SAMPLES), jaccard=Quantity(weakest, "score"))
    evidence = tuple(
        dataclasses.replace(one, jaccard=min(s.jaccard or 0.0 for s in stability))
        if one.k == k and n >= JUDGED and one.bic is not None
        else one
        for one in choice.evidence
    )
    verdict = Verdict(
        "unjudged" if steady or n < JUDGED else "constructed", len(rows), silhouette, None, None, (), None
    )
    return Chosen(
        choice=dataclasses.replace(
            choice, reasons=(*plan.reasons, *choice.reasons, told), evidence=evidence, dependable=steady
        ),
        fits=(fit,),
        stability=stability,
        verdict=verdict,
        agreement=agreement,
        findings=(*small_sample(n), *hard_to_find(fit), *_spikes(plan, z)),
        algorithm=plan.algorithm,
        rule=partition.rule,
    )


def _resampled(plan: Plan, x: Floats, labels: NDArray[np.int64], k: int, seed: int) -> tuple[Floats, Bootstrap]:
    """Fit the distinct rows of 25 bootstrap samples; return the best Jaccards (25, k) and the labels of all rows."""
    rng = np.random.default_rng([seed, 106])
    tables, everyone = [], []
    for sample in range(SAMPLES):
        drawn = np.unique(rng.integers(len(x), size=len(x)))
        order = Order(k, seed + sample, plan.groups, FEW_STARTS[plan.algorithm])
        again = form_segments(plan.algorithm, x[drawn], order)
        now = costs(x, again.rule).argmin(axis=1)
        tables.append(crosstab(labels[drawn], now[drawn], k, k))
        everyone.append(now)
    return best_jaccard(np.stack(tables)), Bootstrap(labels, np.stack(everyone).astype(np.int8), k)


def _stability(jaccards: Floats, boot: Bootstrap) -> tuple[SegmentStability, ...]:
    found = []
    for place, column in enumerate(jaccards.T):
        seen = column[~np.isnan(column)]
        mean = float(seen.mean()) if seen.size else 0.0
        lost, back = float(np.mean(seen <= 0.5)), float(np.mean(seen > 0.75))
        found.append(SegmentStability(mean, lost, back, float(boot.sls_w[place]), None, grade(mean, lost)))
    return tuple(found)


def _spikes(plan: Plan, z: Floats) -> tuple[Finding, ...]:
    """Return a warning where a mixture of ellipses may take one common value for a group."""
    most = max(float(np.unique(column, return_counts=True)[1].max()) / len(z) for column in z.T)
    if plan.algorithm != "gaussian" or most <= NOTABLE_SPIKE:
        return ()
    message = f"{most:.0%} of the customers share one value; a mixture of ellipses may take them for a group."
    return (Finding("spikes", message + " Compare with k-means.", "warning"),)


def _plain(value: float) -> Quantity:
    return Quantity(value, "number", decimals=0)
