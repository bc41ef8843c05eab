"""What sets each segment apart: sizes, centres, spread, effect sizes."""

from __future__ import annotations

from dataclasses import dataclass

from reportgen.inputs.customers import FieldKind


@dataclass(frozen=True)
class NumericTrait:
    """One numeric field of one segment against all customers; None where a gate of domain.md 5.6 forbids a figure."""

    field: str
    label: str
    short: str
    kind: FieldKind
    unit: str
    n: int  # members with a value
    mean: float | None
    median: float | None
    q25: float | None
    q75: float | None
    base_mean: float
    base_median: float
    base_q25: float
    base_q75: float
    index: float | None  # 100 * mean / base_mean; None where the base is <= 0 or the field has negatives
    effect: float  # standardised difference, domain.md 7.3
    z: float
    active: bool  # formed the segments: never claim significance
    protected: bool
    stands_out: bool  # passes the gate of domain.md 5.6
    small_group: bool


@dataclass(frozen=True)
class LevelTrait:
    """One level of a categorical or yes/no field; ``suppressed`` cells keep no figures."""

    field: str
    label: str
    level: str
    n: int | None
    share: float | None
    base_share: float
    index: float | None
    effect: float | None  # Cohen's h
    z: float | None
    protected: bool
    stands_out: bool
    small_group: bool
    suppressed: bool


@dataclass(frozen=True)
class Density:
    """A smoothed distribution of one numeric field: segment and all customers on the same grid, peak of 1 overall."""

    field: str
    label: str
    unit: str
    grid: tuple[float, ...]
    segment: tuple[float, ...]
    base: tuple[float, ...]
    segment_centre: float  # mean, or median where the field is skewed
    base_centre: float
    centre_is_median: bool
    log_scale: bool


@dataclass(frozen=True)
class Profile:
    """One segment against all customers."""

    size: int
    share: float
    numeric: tuple[NumericTrait, ...]  # in order of absolute effect
    levels: tuple[LevelTrait, ...]  # by field, then by share in all customers
    densities: tuple[Density, ...]  # active columns first, at most 3
    two_humps: tuple[str, ...] = ()  # labels of fields whose distribution looks like two groups
