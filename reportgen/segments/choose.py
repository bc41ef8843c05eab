"""Evidence for each number of segments, and the choice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reportgen.config import SegmentsConfig
from reportgen.errors import InputError
from reportgen.findings import Finding
from reportgen.progress import Listener, silent
from reportgen.segments.algorithms import KMeansFit, distinct_rows, kmeans, single_thread
from reportgen.segments.criteria import calinski_harabasz, davies_bouldin, mean_silhouettes
from reportgen.segments.stability import SegmentStability, Verdict
from reportgen.values import Quantity, Statement, count, statement

JUDGED = 100  # below this many customers nothing is said about stability
SMALL = 300  # below this many the report carries a banner


@dataclass(frozen=True)
class Evidence:
    """What speaks for and against one k. None: not computed (too few customers, or k = 1)."""

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
    agreement: float | None = None  # A_k: mean adjusted Rand index of bootstrap pairs
    instability: float | None = None  # I_k: Fang & Wang 2012
    gap: float | None = None  # Tibshirani, Walther & Hastie 2001, a second opinion
    gap_error: float | None = None
    worst_start: float = 0.0  # largest inertia of a start over the best, minus 1
    near_tie: float = 1.0  # smallest ARI to another solution within 0.1% of the best inertia


@dataclass(frozen=True)
class Choice:
    """The number of segments and why; ``reasons`` are statements for the report, most important first."""

    k: int
    forced: bool
    reasons: tuple[Statement, ...]
    evidence: tuple[Evidence, ...]
    dependable: bool = True  # False: no k is dependable; k segments are working tiers only
    alternatives: tuple[int, ...] = ()  # at most one coarser and one finer k that would do too


@dataclass(frozen=True)
class Chosen:
    """The choice with everything that was computed for it.

    ``fits`` ascend in k and hold at least the k of the evidence; ``stability`` is in the order of ``fit.labels``.
    ``agreement`` (n,) is the share of bootstrap fits that put a customer into its segment, NaN for customers outside
    the resampling sample and where it was not computed.
    """

    choice: Choice
    fits: tuple[KMeansFit, ...]
    stability: tuple[SegmentStability, ...]
    verdict: Verdict
    agreement: NDArray[np.float64]
    findings: tuple[Finding, ...] = ()

    @property
    def fit(self) -> KMeansFit:
        """The fit of the chosen k."""
        return next(fit for fit in self.fits if fit.k == self.choice.k)


def choose_k(
    z: NDArray[np.float64],
    config: SegmentsConfig,
    *,
    forced: int | None = None,
    k_max: int = 8,
    progress: Listener = silent,
) -> Chosen:
    """Fit every k from 2 to ``k_max``, gather the evidence and choose.

    ``z`` is (n, p), scaled, its rows in an order that does not depend on the input's (sorted by key).
    Raises InputError when fewer than two rows differ, or fewer than ``forced``.
    """
    different = distinct_rows(z, max(k_max, forced or 2))
    if different < 2:
        raise InputError(
            "all customers are identical in the columns that form segments", "Choose other columns for `features`."
        )
    floor = max(config.min_size, -(-2 * len(z) // 100))
    with single_thread():
        ks = sorted({*range(2, min(k_max, different) + 1), *([forced] if forced else [])})
        fits = []
        for k in ks:
            progress(f"{k} segments", 0.0)
            fits.append(kmeans(z, k, seed=config.seed))
        total = float(((z - z.mean(axis=0)) ** 2).sum())
        silhouette = mean_silhouettes(z, [fit.labels for fit in fits], config.seed)
    evidence = tuple(
        Evidence(
            fit.k,
            fit.inertia,
            value,
            calinski_harabasz(total, fit.inertia, len(z), fit.k),
            davies_bouldin(z, fit.labels, fit.centres),
            None,
            None,
            int(fit.sizes.min()),
            False,
            fit.start_share,
        )
        for fit, value in zip(fits, silhouette, strict=True)
    )
    fair = [e for e in evidence if e.smallest >= floor] or [evidence[0]]
    best = max(fair, key=lambda e: (e.silhouette or 0.0, -e.k))
    k = forced or best.k
    reasons = (statement("choice.silhouette_only", k=count(k), silhouette=Quantity(best.silhouette, "score")),)
    nothing = SegmentStability(None, None, None, None, None, "")
    return Chosen(
        Choice(k, forced is not None, reasons, evidence),
        tuple(fits),
        (nothing,) * k,
        Verdict("unjudged", len(z), None, None, None, (), None),
        np.full(len(z), np.nan),
    )
