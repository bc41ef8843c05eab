"""The segment of a customer as an expression that a data engine evaluates."""

from __future__ import annotations

import functools
import operator

import narwhals as nw

from reportgen.segments.model import SegmentModel
from reportgen.segments.recipe import LARGEST, Feature
from reportgen.segments.scoring import SPLIT


def assignment_expression(model: SegmentModel) -> nw.Expr:
    """Return the place of each row's segment (Int64, -1: not segmented), operation by operation as ``assign`` does.

    The frame must have the columns of the recipe as numbers.
    """
    scaled = [_scaled(feature) for feature in model.recipe.features]
    squared = [_squared_distance(scaled, centre) for centre in model.centres]
    label = nw.lit(0)
    for place in range(1, len(squared)):
        nearer = squared[place] < nw.min_horizontal(*squared[:place])
        label = nw.when(nearer).then(nw.lit(place)).otherwise(label)
    missing = [nw.when(_present(feature)).then(nw.lit(0)).otherwise(nw.lit(1)) for feature in model.recipe.features]
    absent = functools.reduce(operator.add, missing)
    unscorable = absent * 2 > len(scaled)
    return nw.when(unscorable).then(nw.lit(-1)).otherwise(label).cast(nw.Int64)


def _value(feature: Feature) -> nw.Expr:
    return nw.col(feature.name).cast(nw.Float64)


def _present(feature: Feature) -> nw.Expr:
    return ~_value(feature).is_null() & (_value(feature).abs() < LARGEST)


def _scaled(feature: Feature) -> nw.Expr:
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


def _squared_distance(scaled: list[nw.Expr], centre: tuple[float, ...]) -> nw.Expr:
    total = nw.lit(0.0)
    for value, middle in zip(scaled, centre, strict=True):
        total = total + (value - middle) * (value - middle)
    return total * SPLIT - (total * SPLIT - total)
