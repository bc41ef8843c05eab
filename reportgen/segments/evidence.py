"""Everything that is measured about one number of segments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from reportgen.progress import Listener
from reportgen.segments import gap as gap_statistic
from reportgen.segments.algorithms import KMeansFit, Start, kmeans, sample_rows
from reportgen.segments.criteria import calinski_harabasz, davies_bouldin, mean_silhouettes
from reportgen.segments.gap import NO_GAP, Gap, gaps
from reportgen.segments.resample import (
    ON_THE_LINE,
    PAIRS,
    ROUGH_PAIRS,
    ROWS,
    Bootstrap,
    Strength,
    bootstrap,
    clusterboot,
    strength_of,
)

JACCARD = 0.75  # a segment whose mean Jaccard is below is not dependable
PLAUSIBLE = 0.70  # Jaccards are only computed where prediction strength or bootstrap agreement reaches this
SURE_JACCARD, SURE_AGREEMENT = 0.85, 0.80  # what a k whose prediction strength is about .80 must show besides


@dataclass(frozen=True)
class Trial:
    """One k: the fit on all customers, classical criteria, and what resampling showed (None: not done)."""

    fit: KMeansFit
    silhouette: float
    calinski_harabasz: float | None
    davies_bouldin: float | None
    large_enough: bool  # every segment reaches the size floor
    gap: Gap = NO_GAP
    strength: Strength | None = None
    boot: Bootstrap | None = None
    jaccards: NDArray[np.float64] | None = None  # (samples, k)

    @property
    def k(self) -> int:
        """Number of segments."""
        return self.fit.k

    @property
    def mean_jaccards(self) -> NDArray[np.float64] | None:
        """Mean Jaccard of each segment, (k,); 0 for a segment that the resampling sample misses."""
        if self.jaccards is None:
            return None
        seen = ~np.isnan(self.jaccards)
        return np.asarray(np.where(seen, self.jaccards, 0).sum(axis=0) / np.maximum(seen.sum(axis=0), 1))

    @property
    def jaccard(self) -> float | None:
        """Smallest mean Jaccard."""
        means = self.mean_jaccards
        return None if means is None else float(means.min())

    @property
    def on_the_line(self) -> bool:
        """Whether prediction strength can't be told from .80."""
        return self.strength is not None and self.strength.within(2)

    @property
    def dependable(self) -> bool:
        """Whether k is in the set D of method.md section 3: it would come back, segment by segment."""
        if not self.large_enough or self.strength is None or self.boot is None or self.jaccard is None:
            return False
        if self.on_the_line:
            return self.jaccard >= SURE_JACCARD and self.boot.agreement >= SURE_AGREEMENT
        return self.strength.mean >= ON_THE_LINE and self.jaccard >= JACCARD

    @property
    def presentable(self) -> bool:
        """Whether k may be shown as an alternative."""
        if not self.large_enough or self.boot is None or self.jaccard is None:
            return False
        return self.boot.agreement >= SURE_AGREEMENT and self.jaccard >= JACCARD


def fit_all(
    z: NDArray[np.float64], ks: Sequence[int], floor: int, start: Start, progress: Listener
) -> tuple[Trial, ...]:
    """Fit every k on all rows and compute the criteria that need no resampling."""
    fits = []
    for done, k in enumerate(ks):
        progress(f"{k} segments", 0.3 * done / len(ks))
        fits.append(kmeans(z, k, seed=start.seed, earlier=start.division(k)))
    total = float(((z - z.mean(axis=0)) ** 2).sum())
    silhouettes = mean_silhouettes(z, [fit.labels for fit in fits], start.seed)
    return tuple(
        Trial(
            fit=fit,
            silhouette=silhouette,
            calinski_harabasz=calinski_harabasz(total, fit.inertia, len(z), fit.k),
            davies_bouldin=davies_bouldin(z, fit.labels, fit.centres),
            large_enough=bool(fit.sizes.min() >= floor),
        )
        for fit, silhouette in zip(fits, silhouettes, strict=True)
    )


@dataclass(frozen=True)
class Sample:
    """The resampling sample: ``rows`` of the customers and ``x``, their values centred and brought to variance 1."""

    rows: NDArray[np.intp]
    x: NDArray[np.float32]
    seed: int


def resampling_sample(z: NDArray[np.float64], seed: int) -> Sample:
    """Draw the at most 3,000 customers on which stability is measured."""
    rows = sample_rows(len(z), ROWS, seed)
    chosen = z[rows]
    spread = float(np.sqrt(chosen.var(axis=0).sum())) or 1.0
    return Sample(rows, ((chosen - np.median(chosen, axis=0)) / spread).astype(np.float32), seed)


def resample_all(trials: Sequence[Trial], sample: Sample, forced: int | None, progress: Listener) -> tuple[Trial, ...]:
    """Add stability and the gap to every trial.

    A k whose prediction strength is below .70 is not going to be chosen: it gets 40% of the bootstrap samples, and
    Jaccards only where its bootstrap agreement reaches .70 (it may be shown as an alternative).
    """
    few = sample_rows(len(sample.x), gap_statistic.ROWS, sample.seed)
    tested = []
    for done, (trial, gap) in enumerate(
        zip(trials, gaps(sample.x[few], [trial.k for trial in trials], sample.seed), strict=True)
    ):
        progress(f"repeating {trial.k} segments", 0.3 + 0.6 * done / len(trials))
        strength = strength_of(sample.x, trial.k, sample.seed)
        pairs = PAIRS if strength.mean >= PLAUSIBLE or trial.k == forced else ROUGH_PAIRS
        boot = bootstrap(sample.x, trial.fit.labels[sample.rows], trial.k, sample.seed, pairs)
        now = replace(trial, gap=gap, strength=strength, boot=boot)
        plausible = pairs == PAIRS or boot.agreement >= PLAUSIBLE
        tested.append(with_jaccards(now, sample) if plausible else now)
    return tuple(tested)


def with_jaccards(trial: Trial, sample: Sample) -> Trial:
    """Add the Jaccards of every segment in as many samples as the bootstrap has, unless they are there."""
    if trial.jaccards is not None or trial.boot is None:
        return trial
    original = trial.fit.labels[sample.rows]
    samples = len(trial.boot.labels)
    return replace(trial, jaccards=clusterboot(sample.x, original, trial.k, sample.seed, samples))
