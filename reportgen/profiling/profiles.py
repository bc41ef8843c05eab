"""What sets each segment apart: sizes, centres, spread, effect sizes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from reportgen.config import Config
from reportgen.inputs.customers import Customers, FieldKind
from reportgen.profiling.columns import Column, measure_columns
from reportgen.profiling.density import smooth, two_humps
from reportgen.profiling.effects import effect_against
from reportgen.profiling.gates import CENTRE_FROM, QUARTILES_FROM, effect_large_enough, holm, is_small
from reportgen.profiling.levels import NOTHING_COUNTED, Counts, LevelTrait, level_traits
from reportgen.segments.fit import Segmentation

_MOST_DENSITIES = 3


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
    base_mean: float  # NaN where it would give one customer away; then mean and index are None
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


def profile_segments(
    customers: Customers,
    segmentation: Segmentation,
    config: Config | None = None,
    counted: Mapping[str, Counts] = NOTHING_COUNTED,
) -> tuple[Profile, ...]:
    """Describe every segment against all segmented customers, in display order.

    Figures that a gate of gates.py or ``privacy.min_cell`` forbids are None. Protected fields are described unless
    ``privacy.protected`` is "hide", and never claimed to form anything. ``counted``: see ``level_traits``.
    """
    config = config or Config()
    label = segmentation.assignment.label
    columns = measure_columns(customers, segmentation, config)
    levels = level_traits(customers, segmentation, config, counted)
    sizes = np.bincount(label[label >= 0], minlength=segmentation.k)
    return tuple(
        _profile(columns, levels[place], place, (int(sizes[place]), int(sizes.sum())), config.privacy.min_cell)
        for place in range(segmentation.k)
    )


def _profile(
    columns: Sequence[Column], levels: tuple[LevelTrait, ...], place: int, sizes: tuple[int, int], least: int
) -> Profile:
    numeric = [_numeric_trait(column, place, least) for column in columns]
    passing = holm([trait.z for trait in numeric] + [math.nan if level.z is None else level.z for level in levels])
    numeric = [_judge(trait, ok) for trait, ok in zip(numeric, passing, strict=False)]
    levels = tuple(_judge_level(level, ok) for level, ok in zip(levels, passing[len(numeric) :], strict=True))
    shown = sizes[0] >= max(CENTRE_FROM, least)
    return Profile(
        size=sizes[0],
        share=sizes[0] / sizes[1],
        numeric=tuple(sorted(numeric, key=lambda trait: (-round(abs(trait.effect), 9), trait.field))),
        levels=levels,
        densities=_densities(columns, numeric, place, least) if shown else (),
        two_humps=tuple(column.field.label for column in columns if shown and _looks_like_two(column, place)),
    )


def _judge(trait: NumericTrait, passes_holm: bool) -> NumericTrait:
    """A figure per order must differ in total as it does per customer, or it is not spoken of."""
    agrees = trait.index is None or trait.mean is None or (trait.effect > 0) == (trait.mean > trait.base_mean)
    return replace(trait, stands_out=passes_holm and agrees and effect_large_enough(trait.n, trait.effect))


def _judge_level(level: LevelTrait, passes_holm: bool) -> LevelTrait:
    if level.n is None or level.effect is None or level.share is None or not passes_holm:
        return level
    far = level.base_share > 0 and abs(100 * level.share / level.base_share - 100) >= 20
    return replace(level, stands_out=far and effect_large_enough(level.members, level.effect, least=0.0))


def _numeric_trait(column: Column, place: int, least: int) -> NumericTrait:
    field, group = column.field, column.of(place)
    n = len(group)
    shown, quartiles = n >= max(CENTRE_FROM, least), n >= max(QUARTILES_FROM, least)
    effect, z = effect_against(column.reference, group) if shown else (0.0, math.nan)
    q25, median, q75 = (float(q) for q in np.quantile(group, (0.25, 0.5, 0.75))) if shown else (None, None, None)
    group_mean = column.mean_of(place) if shown and not column.dominated else None
    base_q25, base_median, base_q75 = column.quartiles
    return NumericTrait(
        field=field.name,
        label=field.label,
        short=field.short,
        kind=field.kind,
        unit=field.unit,
        n=n,
        mean=group_mean,
        median=median,
        q25=q25 if quartiles else None,
        q75=q75 if quartiles else None,
        base_mean=math.nan if column.dominated else column.mean,
        base_median=base_median,
        base_q25=base_q25,
        base_q75=base_q75,
        index=_index(column, group_mean),
        effect=effect,
        z=z,
        active=column.active,
        protected=field.protected,
        stands_out=False,
        small_group=is_small(n),
    )


def _index(column: Column, group_mean: float | None) -> float | None:
    """100 x mean / mean of all, where a ratio means something: nothing negative, a base worth dividing by."""
    tiny = column.mean <= 0 or (column.field.kind == "share" and column.mean < 0.01)
    return None if group_mean is None or tiny or column.values[0] < 0 else 100 * group_mean / column.mean


def _looks_like_two(column: Column, place: int) -> bool:
    may_be_said = column.field.kind in ("money", "number") and not column.field.protected
    return may_be_said and two_humps(column.of(place))


def _densities(
    columns: Sequence[Column], numeric: Sequence[NumericTrait], place: int, least: int
) -> tuple[Density, ...]:
    """Distributions of the three fields that differ most, those that formed the segments first, in file order."""
    drawable = [i for i, column in enumerate(columns) if column.curve is not None]
    ranked = sorted(
        drawable,
        key=lambda i: (not columns[i].active, columns[i].field.protected, -round(abs(numeric[i].effect), 9), i),
    )
    drawn = [
        density
        for i in sorted(ranked[:_MOST_DENSITIES], key=lambda i: (not columns[i].active, i))
        if (density := _density(columns[i], place, least)) is not None
    ]
    return tuple(drawn)


def _density(column: Column, place: int, least: int) -> Density | None:
    group, curve = column.of(place), column.curve
    if curve is None:
        return None
    drawn = np.log(group[group > 0]) if curve.log_scale else group
    if len(drawn) < max(CENTRE_FROM, least):
        return None
    segment = smooth(drawn, curve.grid, curve.least_width)
    peak = max(segment.max(), curve.density.max())
    by_median = column.skewed or column.dominated
    return Density(
        field=column.field.name,
        label=column.field.label,
        unit=column.field.unit,
        grid=tuple(float(x) for x in (np.exp(curve.grid) if curve.log_scale else curve.grid)),
        segment=tuple(float(y) for y in segment / peak),
        base=tuple(float(y) for y in curve.density / peak),
        segment_centre=float(np.median(group)) if by_median else column.mean_of(place),
        base_centre=column.quartiles[1] if by_median else column.mean,
        centre_is_median=by_median,
        log_scale=curve.log_scale,
    )
