"""Fit: from a customer table to a segmentation."""

from __future__ import annotations

from dataclasses import dataclass

from reportgen.findings import Finding
from reportgen.segments.choose import Choice
from reportgen.segments.features import ColumnDecision
from reportgen.segments.model import Assignment, SegmentModel
from reportgen.segments.projection import Projection
from reportgen.segments.stability import SegmentStability, Verdict


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

    @property
    def k(self) -> int:
        """Number of segments."""
        return len(self.model.segments)
