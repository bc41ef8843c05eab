"""The segment of every customer, computed inside a data engine."""

from __future__ import annotations

import functools
import operator
from typing import Any

import narwhals as nw

from reportgen.segments.model import SegmentModel
from reportgen.segments.recipe import LARGEST, Feature
from reportgen.segments.scoring import SPLIT

PLACE = "segment_place"


def add_segments(frame: nw.LazyFrame[Any], model: SegmentModel) -> nw.LazyFrame[Any]:
    """Add the column "segment_place": the place of each row's segment (Int64), -1 where it is not segmented.

    Operation by operation as ``assign`` does it, so that every engine gives the same segments. The frame must have
    the columns of the recipe as numbers, columns of words as text. Few steps keep the query short: scaled values,
    lengths along the axes of a mixture, costs, the least.
    """
    features, places = model.recipe.features, range(len(model.centres))
    scaled = [f"__scaled_{i}" for i in range(len(features))]
    cost = [f"__cost_{place}" for place in places]
    lengths = _lengths(model, scaled)
    label = nw.lit(0)
    for place in places[1:]:
        nearer = nw.col(cost[place]) < nw.min_horizontal(*cost[:place])
        label = nw.when(nearer).then(nw.lit(place)).otherwise(label)
    first = {feature.name: feature for feature in reversed(features)}  # one cell counts once, however many levels
    absent = functools.reduce(operator.add, [_absent(feature) for feature in first.values()])
    frame = frame.with_columns(
        *(_scaled(feature).alias(name) for name, feature in zip(scaled, features, strict=True)),
        __absent=absent,
    )
    if lengths:
        frame = frame.with_columns(*(length.alias(name) for name, length in lengths.items()))
    return (
        frame.with_columns(*(_cost(model, scaled, place).alias(cost[place]) for place in places))
        .with_columns(*(_rounded(name).alias(name) for name in cost))
        .with_columns(label.alias(PLACE))
        .with_columns(
            nw.when(nw.col("__absent") * 2 > len(first))
            .then(nw.lit(-1))
            .otherwise(nw.col(PLACE))
            .cast(nw.Int64)
            .alias(PLACE)
        )
        .drop(*scaled, *lengths, *cost, "__absent")
    )


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


def _lengths(model: SegmentModel, scaled: list[str]) -> dict[str, nw.Expr]:
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


def _cost(model: SegmentModel, scaled: list[str], place: int) -> nw.Expr:
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
