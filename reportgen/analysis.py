"""The whole story of one run as numbers: who the customers are, which segments, what they mean."""

from __future__ import annotations

from dataclasses import dataclass

from reportgen.inputs.customers import Customers
from reportgen.profiling.personas import Persona
from reportgen.profiling.profiles import Profile
from reportgen.profiling.recognise import Rule
from reportgen.profiling.spending import Spending
from reportgen.segments.fit import Segmentation
from reportgen.segments.model import SegmentRef


@dataclass(frozen=True)
class Analysis:
    """Everything found; segments in display order. No pictures, no layout."""

    source: str  # name of the input
    customers: Customers
    segmentation: Segmentation
    profiles: tuple[Profile, ...]
    spending: Spending | None
    personas: tuple[Persona, ...]
    rules: tuple[Rule, ...]

    @property
    def segments(self) -> tuple[SegmentRef, ...]:
        """The segments with their names, in display order."""
        return self.segmentation.model.segments
