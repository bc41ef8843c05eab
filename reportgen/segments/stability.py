"""Would the segments be found again: resampling evidence, null calibration and the verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Grade = Literal["A", "B", "C", ""]
VerdictKind = Literal["natural", "reproducible", "constructed", "unjudged"]


@dataclass(frozen=True)
class SegmentStability:
    """How one segment fares in resamples, method.md section 5; None where it was not computed."""

    jaccard: float | None  # mean clusterboot Jaccard
    dissolved: float | None  # share of resamples with Jaccard <= .50
    recovered: float | None  # share with Jaccard > .75
    sls_w: float | None  # segment-level stability within k
    sls_a: float | None  # segment-level stability across k-1 -> k; None for k = 2
    grade: Grade  # A solid, B stable, C doubtful or unreliable, "" not judged


@dataclass(frozen=True)
class Valley:
    """How empty the space between two neighbouring segments is: 0 a clear gap, 1 no gap at all."""

    first: int
    second: int
    ratio: float
    between: int = 0  # members of both where there are fewest between the two centres
    around: int = 0  # members of both around the thinner of the two centres


@dataclass(frozen=True)
class Verdict:
    """Natural, reproducible or constructed (method.md section 4); unjudged below 100 customers."""

    kind: VerdictKind
    sample: int  # customers in the resampling sample
    silhouette: float | None  # of a fit on that sample
    null_silhouette: float | None  # mean over structureless data of the same shape
    null_silhouette_max: float | None
    valleys: tuple[Valley, ...]
    gap_p: float | None  # binomial p of condition N3


def grade(jaccard: float, dissolved: float) -> Grade:
    """Return A (solid), B (stable) or C (doubtful): method.md section 5."""
    if jaccard >= 0.85 and dissolved <= 0.05:
        return "A"
    return "B" if jaccard >= 0.75 else "C"
