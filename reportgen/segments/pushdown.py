"""The segment of every customer, computed inside a data engine."""

from __future__ import annotations

import functools
import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reportgen.inputs.sql import engine_over, identifier
from reportgen.segments.model import SegmentModel
from reportgen.segments.recipe import LARGEST, Feature
from reportgen.segments.scoring import SPLIT

# No header is called like these.
PLACE, SECOND, MARGIN, DISTANCE = "__place", "__second", "__margin", "__distance"
_LOW, _HIGH = "__low", "__high"  # the least cost, and the least of the others


def add_segments(frame: nw.LazyFrame[Any], model: SegmentModel) -> nw.LazyFrame[Any]:
    """Add the column PLACE: the place of each row's segment (Int64), -1 where it is not segmented.

    Operation by operation as ``assign`` does it, so that every engine gives the same segments. The frame must have
    the columns of the recipe as numbers, columns of words as text. Few steps keep the query short: scaled values,
    lengths along the axes of a mixture, costs, the least.
    """
    names = _Names.of(model)
    return _placed(frame, model, names).drop(*names.all)


def add_assignments(frame: nw.LazyFrame[Any], model: SegmentModel) -> nw.LazyFrame[Any]:
    """Add PLACE, SECOND (of the next nearest segment), MARGIN and DISTANCE, as ``Assignment`` has them."""
    names = _Names.of(model)
    others = [f"__other_{place}" for place in range(len(names.cost))]
    frame = _placed(frame, model, names)
    frame = frame.with_columns(
        *(
            nw.when(nw.col(PLACE) == place).then(nw.lit(float("inf"))).otherwise(nw.col(cost)).alias(other)
            for place, (cost, other) in enumerate(zip(names.cost, others, strict=True))
        )
    ).with_columns(**{_HIGH: nw.min_horizontal(*others)})
    inside = nw.col(PLACE) >= 0
    frame = frame.with_columns(
        nw.when(inside).then(_first_of(others, _HIGH)).otherwise(nw.lit(-1)).cast(nw.Int64).alias(SECOND),
        nw.when(inside).then(_margin(model)).alias(MARGIN),
        nw.when(inside).then(nw.col(_LOW).sqrt()).alias(DISTANCE),
    )
    return frame.drop(*names.all, *others, _HIGH)


def segment_sums(
    frame: nw.LazyFrame[Any], model: SegmentModel, asked: Mapping[str, str], roughly: bool = False
) -> pd.DataFrame:
    """Return a row per place with the number of "members", the sum of their "cost", and sums of their scaled values.

    The sums of the scaled columns are called 0, 1, …; those who are not segmented have the place -1. ``asked`` are
    further aggregates over the columns of the frame, as SQL by name. ``roughly``, for models of centres only, takes two
    thirds of the time: a customer who is as far from two centres, but for the last bits, may be told with either, and
    costs lack the squares of the scaled values.
    """
    names = _Names.of(model)
    sums = {"members": "count(*)", "cost": f"sum({_LOW})"}
    sums |= {str(i): f"sum({name})" for i, name in enumerate(names.scaled)}
    cells = ", ".join(f"{sql} AS {identifier(name)}" for name, sql in (sums | dict(asked)).items())
    engine = engine_over((_placed_roughly if roughly else _placed)(frame, model, names))
    try:
        found = engine.frame(f"SELECT {PLACE} AS {identifier(PLACE)}, {cells} FROM {{source}} GROUP BY {PLACE}")
    finally:
        engine.close()
    return found.set_index(PLACE).sort_index()


def add_both(frame: nw.LazyFrame[Any], models: tuple[SegmentModel, SegmentModel], old: str) -> nw.LazyFrame[Any]:
    """Add PLACE, SECOND, MARGIN and DISTANCE by the second of two models, and ``old``, the PLACE by the first."""
    return add_assignments(add_segments(frame, models[0]).rename({PLACE: old}), models[1])


def crosswalk_of_all(frame: nw.LazyFrame[Any], models: tuple[SegmentModel, SegmentModel]) -> NDArray[np.int64]:
    """Count the customers with a segment by both models, by its place in the first (rows) and in the second."""
    names = dict.fromkeys(name for model in models for name in model.recipe.names)
    both = add_both(frame.select(*names), models, "__old").select("__old", PLACE)
    found = both.group_by("__old", PLACE).agg(nw.len().alias("n")).collect().to_pandas()
    table = np.zeros(tuple(len(model.segments) for model in models), dtype=np.int64)
    for one, other, n in zip(found["__old"], found[PLACE], found["n"], strict=True):
        if one >= 0 and other >= 0:
            table[int(one), int(other)] = n
    return table


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
        return (*self.scaled, *self.lengths, *self.cost, "__absent", _LOW)


def _placed(frame: nw.LazyFrame[Any], model: SegmentModel, names: _Names) -> nw.LazyFrame[Any]:
    """Add the place and everything that leads to it."""
    lengths = _lengths(model, names.scaled)
    frame = _with_scaled(frame, model, names)
    if lengths:
        frame = frame.with_columns(*(length.alias(name) for name, length in lengths.items()))
    costs = (_cost(model, names.scaled, place).alias(name) for place, name in enumerate(names.cost))
    frame = frame.with_columns(*costs).with_columns(*(_rounded(name).alias(name) for name in names.cost))
    return _with_place(frame, model, names)


def _placed_roughly(frame: nw.LazyFrame[Any], model: SegmentModel, names: _Names) -> nw.LazyFrame[Any]:
    """Add the place by squared distances without the squares of the values, which are the same for all centres."""
    costs = []
    for name, centre in zip(names.cost, model.centres, strict=True):
        terms = (nw.col(scaled) * (-2 * middle) for scaled, middle in zip(names.scaled, centre, strict=True))
        costs.append(functools.reduce(operator.add, terms, nw.lit(sum(m * m for m in centre))).alias(name))
    return _with_place(_with_scaled(frame, model, names).with_columns(*costs), model, names)


def _with_scaled(frame: nw.LazyFrame[Any], model: SegmentModel, names: _Names) -> nw.LazyFrame[Any]:
    """Add the scaled values, and how many cells are absent.

    Step by step: what stands in a CASE is computed wherever it is written, so that each step names that of before.
    """
    features = model.recipe.features
    first = {feature.name: feature for feature in reversed(features)}  # one cell counts once, however many levels
    both = tuple(zip(names.scaled, features, strict=True))
    frame = frame.with_columns(
        *(_filled(feature).alias(name) for name, feature in both),
        __absent=functools.reduce(operator.add, [_absent(feature) for feature in first.values()]),
    )
    for step in (_in_units, _bent, _scaled):
        if step is _scaled or any(feature.transform != "none" for feature in features):
            frame = frame.with_columns(*(step(nw.col(name), feature).alias(name) for name, feature in both))
    return frame


def _with_place(frame: nw.LazyFrame[Any], model: SegmentModel, names: _Names) -> nw.LazyFrame[Any]:
    """Add the least cost, and the place that has it."""
    outside = nw.col("__absent") * 2 > len(set(model.recipe.names))
    place = nw.when(outside).then(nw.lit(-1)).otherwise(_first_of(names.cost, _LOW)).cast(nw.Int64).alias(PLACE)
    return frame.with_columns(nw.min_horizontal(*names.cost).alias(_LOW)).with_columns(place)


def _first_of(columns: Sequence[str], least: str) -> nw.Expr:
    """Return the place of the first of the columns that equals the least of them."""
    place = nw.lit(len(columns) - 1)
    for other in reversed(range(len(columns) - 1)):
        place = nw.when(nw.col(columns[other]) == nw.col(least)).then(nw.lit(other)).otherwise(place)
    return place


def _margin(model: SegmentModel) -> nw.Expr:
    low, high = nw.col(_LOW), nw.col(_HIGH)
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


def _filled(feature: Feature) -> nw.Expr:
    if feature.level is not None:
        return nw.when(nw.col(feature.name) == feature.level).then(nw.lit(1.0)).otherwise(nw.lit(0.0))
    return nw.when(_present(feature)).then(_value(feature)).otherwise(nw.lit(feature.fill))


def _in_units(value: nw.Expr, feature: Feature) -> nw.Expr:
    if feature.transform == "log1p":
        return 1 + _at_least_zero(value / feature.transform_unit)
    return value / feature.transform_unit if feature.transform == "asinh" else value


def _bent(value: nw.Expr, feature: Feature) -> nw.Expr:
    if feature.transform == "log1p":
        return value.log()
    if feature.transform == "asinh":
        size = value.abs()
        bent = (size + (size * size + 1).sqrt()).log()
        return nw.when(value < 0).then(-bent).otherwise(bent)
    return value


def _scaled(value: nw.Expr, feature: Feature) -> nw.Expr:
    if feature.low is not None and feature.high is not None:
        low, high = nw.lit(feature.low), nw.lit(feature.high)
        value = (
            nw.when(value > feature.high).then(high).otherwise(nw.when(value < feature.low).then(low).otherwise(value))
        )
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
