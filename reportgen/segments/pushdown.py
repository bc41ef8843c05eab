"""The segment of every customer, computed inside a data engine."""

from __future__ import annotations

import functools
import operator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import pandas as pd

from reportgen.segments.model import SegmentModel
from reportgen.segments.recipe import LARGEST, Feature
from reportgen.segments.scoring import SPLIT

PLACE, SECOND, MARGIN = "segment_place", "second_place", "margin"
_NEAREST = "__nearest"


def add_segments(frame: nw.LazyFrame[Any], model: SegmentModel) -> nw.LazyFrame[Any]:
    """Add the column "segment_place": the place of each row's segment (Int64), -1 where it is not segmented.

    Operation by operation as ``assign`` does it, so that every engine gives the same segments. The frame must have
    the columns of the recipe as numbers, columns of words as text. Few steps keep the query short: scaled values,
    lengths along the axes of a mixture, costs, the least.
    """
    names = _Names.of(model)
    return _placed(frame, model, names).drop(*names.all)


def add_assignments(frame: nw.LazyFrame[Any], model: SegmentModel) -> nw.LazyFrame[Any]:
    """Add "segment_place", "second_place" (of the next nearest segment) and "margin", as ``Assignment`` has them."""
    names = _Names.of(model)
    others = [f"__other_{place}" for place in range(len(names.cost))]
    frame = _placed(frame, model, names)
    frame = frame.with_columns(
        *(
            nw.when(nw.col(_NEAREST) == place).then(nw.lit(float("inf"))).otherwise(nw.col(cost)).alias(other)
            for place, (cost, other) in enumerate(zip(names.cost, others, strict=True))
        )
    ).with_columns(
        __second=_first_least(others), __low=nw.min_horizontal(*names.cost), __high=nw.min_horizontal(*others)
    )
    inside = nw.col(PLACE) >= 0
    frame = frame.with_columns(
        nw.when(inside).then(nw.col("__second")).otherwise(nw.lit(-1)).cast(nw.Int64).alias(SECOND),
        nw.when(inside).then(_margin(model)).alias(MARGIN),
    )
    return frame.drop(*names.all, *others, "__second", "__low", "__high")


def segment_sums(frame: nw.LazyFrame[Any], model: SegmentModel) -> pd.DataFrame:
    """Return a row per place with the number of "members", the sum of their "cost", and sums of their scaled values.

    The sums of the scaled columns are called 0, 1, …; those who are not segmented have the place -1.
    """
    names = _Names.of(model)
    frame = _placed(frame, model, names).with_columns(__low=nw.min_horizontal(*names.cost))
    sums = [nw.col(name).sum().alias(str(i)) for i, name in enumerate(names.scaled)]
    found = frame.group_by(PLACE).agg(nw.len().alias("members"), nw.col("__low").sum().alias("cost"), *sums).collect()
    return found.to_pandas().set_index(PLACE).sort_index()


@dataclass(frozen=True)
class _Names:
    """The columns that are added on the way."""

    scaled: tuple[str, ...]
    lengths: tuple[str, ...]
    cost: tuple[str, ...]

    @classmethod
    def of(cls, model: SegmentModel) -> _Names:
        scaled = tuple(f"__scaled_{i}" for i in range(len(model.recipe.features)))
        lengths = tuple(_lengths(model, scaled))
        return cls(scaled, lengths, tuple(f"__cost_{place}" for place in range(len(model.centres))))

    @property
    def all(self) -> tuple[str, ...]:
        return (*self.scaled, *self.lengths, *self.cost, "__absent", _NEAREST)


def _placed(frame: nw.LazyFrame[Any], model: SegmentModel, names: _Names) -> nw.LazyFrame[Any]:
    """Add the place and everything that leads to it."""
    features, places = model.recipe.features, range(len(model.centres))
    lengths = _lengths(model, names.scaled)
    first = {feature.name: feature for feature in reversed(features)}  # one cell counts once, however many levels
    absent = functools.reduce(operator.add, [_absent(feature) for feature in first.values()])
    frame = frame.with_columns(
        *(_scaled(feature).alias(name) for name, feature in zip(names.scaled, features, strict=True)),
        __absent=absent,
    )
    if lengths:
        frame = frame.with_columns(*(length.alias(name) for name, length in lengths.items()))
    return (
        frame.with_columns(*(_cost(model, names.scaled, place).alias(names.cost[place]) for place in places))
        .with_columns(*(_rounded(name).alias(name) for name in names.cost))
        .with_columns(_first_least(names.cost).alias(_NEAREST))
        .with_columns(
            nw.when(nw.col("__absent") * 2 > len(first))
            .then(nw.lit(-1))
            .otherwise(nw.col(_NEAREST))
            .cast(nw.Int64)
            .alias(PLACE)
        )
    )


def _first_least(columns: Sequence[str]) -> nw.Expr:
    """Return the place of the least of the columns; a tie goes to the first."""
    label = nw.lit(0)
    for place in range(1, len(columns)):
        nearer = nw.col(columns[place]) < nw.min_horizontal(*columns[:place])
        label = nw.when(nearer).then(nw.lit(place)).otherwise(label)
    return label


def _margin(model: SegmentModel) -> nw.Expr:
    low, high = nw.col("__low"), nw.col("__high")
    if model.factors:
        odds = ((low - high) / 2).exp()
        return (1 - odds) / (1 + odds)
    one, two = low.sqrt(), high.sqrt()
    return nw.when(one + two > 0).then((two - one) / (one + two)).otherwise(nw.lit(0.0))


def _value(feature: Feature) -> nw.Expr:
    return nw.col(feature.name).cast(nw.Float64)


def _present(feature: Feature) -> nw.Expr:
    if feature.level is not None:
        return ~nw.col(feature.name).is_null()
    return ~_value(feature).is_null() & (_value(feature).abs() < LARGEST)


def _scaled(feature: Feature) -> nw.Expr:
    if feature.level is not None:
        has = nw.col(feature.name) == feature.level
        return (nw.when(has).then(nw.lit(1.0)).otherwise(nw.lit(0.0)) - feature.mean) / feature.scale
    value = nw.when(_present(feature)).then(_value(feature)).otherwise(nw.lit(feature.fill))
    if feature.transform == "log1p":
        value = (1 + _at_least_zero(value / feature.transform_unit)).log()
    elif feature.transform == "asinh":
        ratio = value / feature.transform_unit
        size = ratio.abs()
        bent = (size + (size * size + 1).sqrt()).log()
        value = nw.when(ratio < 0).then(-bent).otherwise(bent)
    if feature.low is not None and feature.high is not None:
        value = value.clip(feature.low, feature.high)
    return (value - feature.mean) / feature.scale


def _at_least_zero(value: nw.Expr) -> nw.Expr:
    return nw.when(value > 0).then(value).otherwise(nw.lit(0.0))


def _absent(feature: Feature) -> nw.Expr:
    return nw.when(_present(feature)).then(nw.lit(0)).otherwise(nw.lit(1))


def _lengths(model: SegmentModel, scaled: Sequence[str]) -> dict[str, nw.Expr]:
    """Lengths along the axes of a mixture's segments, by name; nothing for models of centres only."""
    lengths = {}
    for place, factor in enumerate(model.factors):
        for number, axis in enumerate(zip(*factor, strict=True)):
            length = nw.lit(0.0)
            for name, middle, weight in zip(scaled, model.centres[place], axis, strict=True):
                if weight != 0:
                    length = length + (nw.col(name) - middle) * weight
            lengths[f"__length_{place}_{number}"] = length
    return lengths


def _cost(model: SegmentModel, scaled: Sequence[str], place: int) -> nw.Expr:
    if model.factors:
        total = nw.lit(model.offsets[place])
        for number in range(len(scaled)):
            length = nw.col(f"__length_{place}_{number}")
            total = total + length * length
        return total
    total = nw.lit(0.0)
    for name, middle in zip(scaled, model.centres[place], strict=True):
        total = total + (nw.col(name) - middle) * (nw.col(name) - middle)
    return total


def _rounded(name: str) -> nw.Expr:
    return nw.col(name) * SPLIT - (nw.col(name) * SPLIT - nw.col(name))
