"""What sets each segment apart: sizes, centres, spread, effect sizes."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from reportgen.config import Config
from reportgen.inputs.customers import Customers, Field, FieldKind
from reportgen.profiling.density import even_grid, smooth, two_humps, wants_logarithm
from reportgen.profiling.effects import Floats, Mask, mean, numeric_effect, skewness
from reportgen.profiling.gates import CENTRE_FROM, QUARTILES_FROM, effect_large_enough, holm, is_small
from reportgen.profiling.levels import LevelTrait, level_traits
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
    customers: Customers, segmentation: Segmentation, config: Config | None = None
) -> tuple[Profile, ...]:
    """Describe every segment against all segmented customers, in display order.

    Figures that a gate of gates.py or ``privacy.min_cell`` forbids are None. Protected fields are described unless
    ``privacy.protected`` is "hide", and never claimed to form anything.
    """
    config = config or Config()
    view = _View(customers, segmentation, config)
    levels = level_traits(customers, segmentation, config)
    return tuple(_profile(view, place, levels[place]) for place in range(segmentation.k))


class _View:
    """The values of the described fields and the members of each segment."""

    def __init__(self, customers: Customers, segmentation: Segmentation, config: Config) -> None:
        inside = segmentation.assignment.label >= 0
        self.least = config.privacy.min_cell
        self.labels = segmentation.assignment.label[inside]
        self.active = segmentation.model.recipe.names
        self.fields = described_fields(customers, config)
        self.values = {
            field.name: customers.frame[field.name].to_numpy(dtype=np.float64, na_value=np.nan)[inside]
            for field in self.fields
        }
        self.fields = tuple(field for field in self.fields if not np.isnan(self.values[field.name]).all())


def described_fields(customers: Customers, config: Config) -> tuple[Field, ...]:
    """Return the numeric fields that may be shown, in file order."""
    return tuple(
        field
        for field in customers.fields
        if field.kind not in ("category", "flag")
        and field.name in customers.frame
        and not (field.protected and config.privacy.protected == "hide")
    )


def _profile(view: _View, place: int, levels: tuple[LevelTrait, ...]) -> Profile:
    members = view.labels == place
    numeric = [_numeric_trait(view, field, members) for field in view.fields]
    passing = holm([trait.z for trait in numeric] + [math.nan if level.z is None else level.z for level in levels])
    numeric = [_judge(trait, ok) for trait, ok in zip(numeric, passing, strict=False)]
    levels = tuple(_judge_level(level, ok) for level, ok in zip(levels, passing[len(numeric) :], strict=True))
    shown = int(members.sum()) >= max(CENTRE_FROM, view.least)
    return Profile(
        size=int(members.sum()),
        share=float(members.mean()),
        numeric=tuple(sorted(numeric, key=lambda trait: (-round(abs(trait.effect), 9), trait.field))),
        levels=levels,
        densities=_densities(view, members) if shown else (),
        two_humps=tuple(field.label for field in view.fields if shown and _looks_like_two(view, field, members)),
    )


def _judge(trait: NumericTrait, passes_holm: bool) -> NumericTrait:
    stands_out = passes_holm and effect_large_enough(trait.n, trait.effect)
    return replace(trait, stands_out=stands_out)


def _judge_level(level: LevelTrait, passes_holm: bool) -> LevelTrait:
    if level.n is None or level.effect is None or level.share is None or not passes_holm:
        return level
    far = level.base_share > 0 and abs(100 * level.share / level.base_share - 100) >= 20
    return replace(level, stands_out=far and effect_large_enough(level.members, level.effect, least=0.0))


def _numeric_trait(view: _View, field: Field, members: Mask) -> NumericTrait:
    values = view.values[field.name]
    known = ~np.isnan(values)
    base, group = values[known], values[known & members]
    effect, z = numeric_effect(values, members)
    n = len(group)
    shown = n >= max(CENTRE_FROM, view.least)
    quartiles = n >= max(QUARTILES_FROM, view.least)
    base_mean = mean(base)
    base_q25, base_median, base_q75 = (float(q) for q in np.quantile(base, (0.25, 0.5, 0.75)))
    q25, median, q75 = (float(q) for q in np.quantile(group, (0.25, 0.5, 0.75))) if shown else (None, None, None)
    group_mean = mean(group) if shown else None
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
        base_mean=base_mean,
        base_median=base_median,
        base_q25=base_q25,
        base_q75=base_q75,
        index=_index(group_mean, base_mean, base, field.kind),
        effect=effect if shown else 0.0,
        z=z if shown else math.nan,
        active=field.name in view.active,
        protected=field.protected,
        stands_out=False,
        small_group=is_small(n),
    )


def _index(group_mean: float | None, base_mean: float, base: Floats, kind: FieldKind) -> float | None:
    """100 x mean / mean of all, where a ratio means something: nothing negative, a base worth dividing by."""
    if group_mean is None or base_mean <= 0 or (base < 0).any() or (kind == "share" and base_mean < 0.01):
        return None
    return 100 * group_mean / base_mean


def _looks_like_two(view: _View, field: Field, members: Mask) -> bool:
    values = view.values[field.name]
    return not field.protected and field.kind in ("money", "number") and two_humps(values[members & ~np.isnan(values)])


def _densities(view: _View, members: Mask) -> tuple[Density, ...]:
    """Distributions of the active fields in model order, then of the fields that differ most."""
    rest = sorted(
        (field for field in view.fields if field.name not in view.active and not field.protected),
        key=lambda field: (-round(abs(numeric_effect(view.values[field.name], members)[0]), 9), field.name),
    )
    by_name = {field.name: field for field in view.fields}
    chosen = [by_name[name] for name in view.active if name in by_name] + rest
    drawn = (_density(view, field, members) for field in chosen)
    return tuple(density for density in drawn if density is not None)[:_MOST_DENSITIES]


def _density(view: _View, field: Field, members: Mask) -> Density | None:
    values = view.values[field.name]
    known = ~np.isnan(values)
    base, group = values[known], values[known & members]
    if len(group) < max(CENTRE_FROM, view.least) or len(np.unique(base)) < 5:
        return None
    log_scale = wants_logarithm(base)
    drawn_base, drawn_group = (np.log(part[part > 0]) if log_scale else part for part in (base, group))
    if len(drawn_group) < view.least:
        return None
    grid = even_grid(drawn_base)
    curves = smooth(drawn_group, grid), smooth(drawn_base, grid)
    peak = max(curve.max() for curve in curves)
    median = abs(skewness(base)) > 1
    centre = np.median if median else mean
    return Density(
        field=field.name,
        label=field.label,
        unit=field.unit,
        grid=tuple(float(x) for x in (np.exp(grid) if log_scale else grid)),
        segment=tuple(float(y) for y in curves[0] / peak),
        base=tuple(float(y) for y in curves[1] / peak),
        segment_centre=float(centre(group)),
        base_centre=float(centre(base)),
        centre_is_median=median,
        log_scale=log_scale,
    )
