"""Evidence for each number of segments, and the choice."""

from __future__ import annotations

from dataclasses import dataclass

from reportgen.values import Statement


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


@dataclass(frozen=True)
class Choice:
    """The number of segments and why; ``reasons`` are statements for the report, most important first."""

    k: int
    forced: bool
    reasons: tuple[Statement, ...]
    evidence: tuple[Evidence, ...]
