"""Evidence for each number of segments, and the choice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reportgen.errors import InputError
from reportgen.findings import Finding
from reportgen.progress import Listener, silent
from reportgen.segments.algorithms import KMeansFit, Start, crosstab, distinct_rows, kmeans, single_thread
from reportgen.segments.calibration import judge
from reportgen.segments.evidence import Sample, Trial, fit_all, resample_all, resampling_sample, with_jaccards
from reportgen.segments.reasons import Decision, explain, explain_unjudged
from reportgen.segments.resample import sls_a
from reportgen.segments.scoring import Algorithm, ScoringRule
from reportgen.segments.stability import SegmentStability, Verdict, grade
from reportgen.settings import SegmentsConfig
from reportgen.values import Statement

JUDGED = 100  # below this many customers nothing is said about stability
SMALL = 300  # below this many the report carries a banner
HARD_TO_FIND = 0.05  # share of starts that reach the best solution


@dataclass(frozen=True)
class Evidence:
    """What speaks for and against one k. None: not computed (too few customers, or hopeless)."""

    k: int
    inertia: float
    silhouette: float | None
    calinski_harabasz: float | None
    davies_bouldin: float | None
    prediction_strength: float | None
    jaccard: float | None  # smallest mean clusterboot Jaccard over the segments
    smallest: int  # members of the smallest segment
    dependable: bool  # in the set D of method.md section 3
    best_start_share: float  # share of k-means starts within 0.1% of the best inertia
    prediction_strength_error: float | None = None  # standard error
    on_the_line: bool = False  # prediction strength can't be told from .80
    agreement: float | None = None  # A_k: mean adjusted Rand index of bootstrap pairs
    instability: float | None = None  # I_k: Fang & Wang 2012
    gap: float | None = None  # Tibshirani, Walther & Hastie 2001, a second opinion
    gap_error: float | None = None
    starts: int = 0
    worst_start: float = 0.0  # largest inertia of a start over the best, minus 1
    near_tie: float = 1.0  # smallest ARI to another solution within 0.1% of the best inertia
    bic: float | None = None  # of a mixture


@dataclass(frozen=True)
class Choice:
    """The number of segments and why; ``reasons`` are statements for the report, most important first."""

    k: int
    forced: bool
    reasons: tuple[Statement, ...]
    evidence: tuple[Evidence, ...]
    dependable: bool = True  # this k is dependable; False and not forced: no k is, the segments are working tiers
    alternatives: tuple[int, ...] = ()  # at most one coarser and one finer k that could be shown too


@dataclass(frozen=True)
class Chosen:
    """The choice with everything that was computed for it.

    ``fits`` ascend in k and hold at least the k of the evidence; ``stability`` and the places in ``verdict.valleys``
    are in the order of ``fit.labels``. ``agreement`` (n,) is the share of bootstrap fits that put a customer into its
    segment, NaN outside the resampling sample and where nothing was judged.
    """

    choice: Choice
    fits: tuple[KMeansFit, ...]
    stability: tuple[SegmentStability, ...]
    verdict: Verdict
    agreement: NDArray[np.float64]
    findings: tuple[Finding, ...] = ()
    algorithm: Algorithm = "kmeans"
    rule: ScoringRule | None = None  # of a mixture, in the order of ``fit.labels``; None: the nearest centre

    @property
    def fit(self) -> KMeansFit:
        """The fit of the chosen k."""
        return next(fit for fit in self.fits if fit.k == self.choice.k)


@dataclass(frozen=True)
class Candidates:
    """Which numbers of segments are tried: 2 to ``k_max``, and the one that is asked for.

    ``earlier`` (n,) is the division of an earlier fit, which is gone on with where it is as good.
    """

    forced: int | None = None
    k_max: int = 8
    earlier: NDArray[np.int64] | None = None


def choose_k(
    z: NDArray[np.float64],
    config: SegmentsConfig,
    *,
    forced: int | None = None,
    k_max: int = 8,
    progress: Listener = silent,
) -> Chosen:
    """Gather the evidence for every k from 2 to ``k_max`` and choose: the largest k that comes back reliably.

    ``z`` is (n, p), scaled, its rows in an order that does not depend on the input's (sorted by key). ``progress``
    hears the share of this step. Below 100 customers the silhouette chooses and nothing is judged. Where no k is
    dependable the k of the largest prediction strength is returned, not dependable, verdict "constructed".
    Raises InputError when fewer than two rows differ, or fewer than ``forced``.
    """
    return choose_among(z, config, Candidates(forced, k_max), progress)


def choose_among(
    z: NDArray[np.float64], config: SegmentsConfig, wanted: Candidates, progress: Listener = silent
) -> Chosen:
    """Do what ``choose_k`` does, going on with an earlier division where there is one."""
    forced, k_max = wanted.forced, wanted.k_max
    with single_thread():
        floor = max(config.min_size, -(-len(z) // 50))
        ks = _candidates(z, floor, forced, k_max)
        trials = fit_all(z, ks, floor, Start(config.seed, wanted.earlier), progress)
        if len(z) < JUDGED:
            return _unjudged(z, trials, forced)
        sample = resampling_sample(z, config.seed)
        trials = resample_all(trials, sample, forced, progress)
        decision = _decide(trials, forced, k_max, sample)
        progress(f"testing {decision.chosen.k} segments", 0.9)
        return _judged(z, decision, sample)


def _candidates(z: NDArray[np.float64], floor: int, forced: int | None, k_max: int) -> list[int]:
    different = distinct_rows(z, max(k_max, 2))
    if different < 2:
        raise InputError(
            "all customers are identical in the columns that form segments",
            "Choose other columns with --features.",
        )
    most = max(2, min(k_max, different, len(z) // floor))
    return sorted({*range(2, most + 1), *([forced] if forced else [])})


def _decide(trials: tuple[Trial, ...], forced: int | None, k_max: int, sample: Sample) -> Decision:
    reliable = [trial for trial in trials if trial.dependable and trial.k <= k_max]
    best = reliable[-1] if reliable else None
    if forced is not None:
        chosen = next(trial for trial in trials if trial.k == forced)
    else:
        chosen = best or max(_fair(trials), key=lambda t: (t.strength.mean if t.strength else 0.0, -t.k))
    return Decision(with_jaccards(chosen, sample), forced is not None, best, trials)


def _fair(trials: Sequence[Trial]) -> Sequence[Trial]:
    """The trials whose segments are large enough; where there are none, the coarsest."""
    return [trial for trial in trials if trial.large_enough] or trials[:1]


def _judged(z: NDArray[np.float64], decision: Decision, sample: Sample) -> Chosen:
    chosen, seed = decision.chosen, sample.seed
    trials = tuple(chosen if trial.k == chosen.k else trial for trial in decision.trials)
    fits = tuple(trial.fit for trial in trials)
    if chosen.k > 2 and all(fit.k != chosen.k - 1 for fit in fits):
        fits = tuple(sorted((*fits, kmeans(z, chosen.k - 1, seed=seed)), key=lambda fit: fit.k))
    agreement = np.full(len(z), np.nan)
    if chosen.boot is not None:
        agreement[sample.rows] = chosen.boot.loyalty
    return Chosen(
        choice=Choice(
            k=chosen.k,
            forced=decision.forced,
            reasons=explain(decision),
            evidence=tuple(_evidence(trial) for trial in trials),
            dependable=chosen.dependable,
            alternatives=_alternatives(chosen.k, trials),
        ),
        fits=fits,
        stability=_stability(chosen, next((fit for fit in fits if fit.k == chosen.k - 1), None)),
        verdict=_verdict(z, chosen, sample),
        agreement=agreement,
        findings=(*small_sample(len(z)), *hard_to_find(chosen.fit)),
    )


def _verdict(z: NDArray[np.float64], chosen: Trial, sample: Sample) -> Verdict:
    x = z[sample.rows]
    if len(x) == len(z):
        return judge(x, chosen.fit, chosen.dependable, sample.seed)
    if distinct_rows(x, chosen.k) < chosen.k:  # a table of few exceptions, which the sample misses
        return Verdict("constructed", len(x), None, None, None, (), None)
    return judge(x, kmeans(x, chosen.k, seed=sample.seed), chosen.dependable, sample.seed)


def _unjudged(z: NDArray[np.float64], trials: tuple[Trial, ...], forced: int | None) -> Chosen:
    best = max(_fair(trials), key=lambda trial: (trial.silhouette, -trial.k))
    chosen = next((trial for trial in trials if trial.k == forced), best)
    finding = Finding(
        "few_customers",
        f"{len(z)} customers are too few to say how dependable the segments are; {JUDGED} are needed.",
        "warning",
    )
    return Chosen(
        choice=Choice(
            k=chosen.k,
            forced=forced is not None,
            reasons=explain_unjudged(chosen, len(z), forced is not None),
            evidence=tuple(_evidence(trial) for trial in trials),
            dependable=False,
        ),
        fits=tuple(trial.fit for trial in trials),
        stability=(SegmentStability(None, None, None, None, None, ""),) * chosen.k,
        verdict=Verdict("unjudged", len(z), None, None, None, (), None),
        agreement=np.full(len(z), np.nan),
        findings=(finding, *hard_to_find(chosen.fit)),
    )


def _alternatives(k: int, trials: Sequence[Trial]) -> tuple[int, ...]:
    others = [trial.k for trial in trials if trial.presentable and trial.k != k]
    coarser, finer = [other for other in others if other < k], [other for other in others if other > k]
    return (*coarser[-1:], *finer[:1])


def _stability(chosen: Trial, parent: KMeansFit | None) -> tuple[SegmentStability, ...]:
    carried: list[float | None] = [None] * chosen.k
    if parent is not None:
        carried = [*map(float, sls_a(crosstab(parent.labels, chosen.fit.labels, parent.k, chosen.k)))]
    if chosen.jaccards is None or chosen.mean_jaccards is None or chosen.boot is None:
        return tuple(SegmentStability(None, None, None, None, value, "") for value in carried)
    seen = np.maximum((~np.isnan(chosen.jaccards)).sum(axis=0), 1)
    dissolved = (chosen.jaccards <= 0.5).sum(axis=0) / seen
    recovered = (chosen.jaccards > 0.75).sum(axis=0) / seen
    return tuple(
        SegmentStability(float(j), float(lost), float(found), float(within), across, grade(float(j), float(lost)))
        for j, lost, found, within, across in zip(
            chosen.mean_jaccards, dissolved, recovered, chosen.boot.sls_w, carried, strict=True
        )
    )


def small_sample(n: int) -> tuple[Finding, ...]:
    """Return the banner of a file of fewer than 300 customers."""
    if n >= SMALL:
        return ()
    return (
        Finding(
            "small_sample",
            f"Small sample: with {n} customers, sizes and averages of the segments are rough; {SMALL} would be better.",
        ),
    )


def hard_to_find(fit: KMeansFit) -> tuple[Finding, ...]:
    """Return a remark where few starts reached the best solution."""
    if fit.start_share >= HARD_TO_FIND:
        return ()
    return (
        Finding(
            "hard_to_find",
            f"The best division into {fit.k} segments was hard to find (reached by {fit.start_share:.1%} of"
            f" {fit.starts} attempts); details may differ in a rerun on other customers.",
        ),
    )


def _evidence(trial: Trial) -> Evidence:
    strength, boot, fit = trial.strength, trial.boot, trial.fit
    return Evidence(
        k=trial.k,
        inertia=fit.inertia,
        silhouette=trial.silhouette,
        calinski_harabasz=trial.calinski_harabasz,
        davies_bouldin=trial.davies_bouldin,
        prediction_strength=strength.mean if strength else None,
        jaccard=trial.jaccard,
        smallest=int(fit.sizes.min()),
        dependable=trial.dependable,
        best_start_share=fit.start_share,
        prediction_strength_error=strength.error if strength else None,
        on_the_line=trial.on_the_line,
        agreement=boot.agreement if boot else None,
        instability=boot.instability if boot else None,
        gap=trial.gap.value,
        gap_error=trial.gap.error,
        starts=fit.starts,
        worst_start=fit.worst_ratio,
        near_tie=fit.near_tie_ari,
    )
