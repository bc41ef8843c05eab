"""Which columns form the segments, and how they become comparable numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Transform = Literal["none", "log1p", "asinh"]


@dataclass(frozen=True)
class ColumnDecision:
    """Why one field of the customer table forms segments or does not; one for every field."""

    name: str
    label: str
    kept: bool
    code: str  # "kept", "requested", "protected", "id", "constant", "near_duplicate", "missing", "descriptor", …
    reason: str  # one plain sentence for the appendix


@dataclass(frozen=True)
class Feature:
    """One active column with everything learned about it; scoring only applies these numbers.

    value -> fill if missing -> transform (log1p(x/unit) or asinh(x/unit)) -> clip to low, high -> (x - mean) / scale.
    ``low`` and ``high`` are on the transformed scale, None where nothing is capped.
    """

    name: str
    label: str
    unit: str
    fill: float
    transform: Transform
    transform_unit: float
    low: float | None
    high: float | None
    mean: float
    scale: float
    missing: int
    capped: int


@dataclass(frozen=True)
class FeatureRecipe:
    """The active columns in order, learned once and applied ever after."""

    features: tuple[Feature, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the active columns, in order."""
        return tuple(feature.name for feature in self.features)
