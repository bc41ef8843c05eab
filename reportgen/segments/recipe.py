"""How each active column becomes comparable numbers: learned once, applied ever after."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reportgen.inputs.customers import Field

Transform = Literal["none", "log1p", "asinh"]

LARGEST = 1e100  # no measurement is larger; its square must not overflow
FENCE = 3.0  # caps lie this many interquartile ranges outside the quartiles
SKEWED = 1.0  # sample skewness above which a logarithm is tried
MINOR = 100.0  # amounts below 1/100 of the typical one are treated as alike by the logarithm


@dataclass(frozen=True)
class Feature:
    """One active column with everything learned about it; scoring only applies these numbers.

    value -> fill if missing -> transform (log1p(x/unit) or asinh(x/unit)) -> clip to low, high -> (x - mean) / scale.
    ``low`` and ``high`` are on the transformed scale, None where the column is not capped. A column of words gives one
    feature per ``level``, whose value is 1 where the cell has that level and 0 elsewhere; ``mismatch`` is what two
    customers of different levels add to their squared distance (lambda of k-prototypes), None for measurements.
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
    level: str | None = None
    mismatch: float | None = None


@dataclass(frozen=True)
class FeatureRecipe:
    """The active columns in order, learned once and applied ever after."""

    features: tuple[Feature, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the active columns, in order; a column of words has several features and one name."""
        return tuple(dict.fromkeys(feature.name for feature in self.features))

    @property
    def groups(self) -> tuple[tuple[int, ...], ...]:
        """Places of the features of each column that counts mismatches, not distances."""
        names = dict.fromkeys(feature.name for feature in self.features if feature.mismatch is not None)
        return tuple(tuple(i for i, feature in enumerate(self.features) if feature.name == name) for name in names)

    @property
    def words(self) -> frozenset[str]:
        """Names of the active columns that hold words."""
        return frozenset(feature.name for feature in self.features if feature.level is not None)


@dataclass(frozen=True)
class LearningRules:
    """Which steps of method.md section 1 are taken: logarithms, caps, z-scores or centring only."""

    transform: bool = True
    cap: bool = True
    scale: Literal["standard", "centre", "none"] = "standard"


def to_numbers(column: pd.Series) -> NDArray[np.float64]:
    """Return the column as (n,) floats; missing values, and those too large to be measurements, become NaN."""
    values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(np.abs(values) < LARGEST, values, np.nan)


def raw_values(feature: Feature, frame: pd.DataFrame) -> NDArray[np.float64]:
    """Return the (n,) values of one feature before anything is applied; NaN where missing, 0/1 for a level of words."""
    column = frame[feature.name]
    if feature.level is None:
        return to_numbers(column)
    return np.asarray((column == feature.level).to_numpy(np.bool_, na_value=False), np.float64)


def learn_feature(field: Field, values: NDArray[np.float64], rules: LearningRules) -> Feature | None:
    """Learn fill value, transform, caps, mean and scale of one column from (n,) values; None if it has no spread.

    Every quantity is computed from the sorted values, so that the order of the rows can't change a bit.
    """
    present = np.sort(values[np.isfinite(values)])
    if present.size == 0:
        return None
    fill = float(np.median(present))
    transform, unit = _choose_transform(field, present) if rules.transform else ("none", 1.0)
    shaped = _transformed(np.sort(np.where(np.isfinite(values), values, fill)), transform, unit)
    low, high = _fences(shaped) if rules.cap else (None, None)
    capped = int(np.sum(shaped < low) + np.sum(shaped > high)) if low is not None and high is not None else 0
    mean, scale = _location(_clipped(shaped, low, high), rules.scale)
    if not (np.isfinite(mean) and np.isfinite(scale) and scale > 0):
        return None
    return Feature(
        name=field.name,
        label=field.label,
        unit=field.unit,
        fill=fill,
        transform=transform,
        transform_unit=unit,
        low=low,
        high=high,
        mean=mean,
        scale=scale,
        missing=values.size - present.size,
        capped=capped,
    )


def apply_recipe(recipe: FeatureRecipe, frame: pd.DataFrame) -> NDArray[np.float64]:
    """Return the (n, p) working matrix of ``frame``'s rows; nothing is learned. KeyError if a column is absent."""
    return np.column_stack([apply_feature(feature, raw_values(feature, frame)) for feature in recipe.features])


def apply_feature(feature: Feature, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (n,) scaled values of one column; NaN stands for missing."""
    filled = np.where(np.isfinite(values), values, feature.fill)
    shaped = _transformed(filled, feature.transform, feature.transform_unit)
    return (_clipped(shaped, feature.low, feature.high) - feature.mean) / feature.scale


def own_units(recipe: FeatureRecipe, frame: pd.DataFrame) -> NDArray[np.float64]:
    """Return the (n, p) active columns in their own units, missing values filled."""
    columns = [(feature, raw_values(feature, frame)) for feature in recipe.features]
    return np.column_stack([np.where(np.isfinite(values), values, feature.fill) for feature, values in columns])


def capped_rows(recipe: FeatureRecipe, frame: pd.DataFrame) -> NDArray[np.bool_]:
    """Return (n,) True where a customer has at least one value outside the caps."""
    unusual = np.zeros(len(frame), dtype=np.bool_)
    for feature in recipe.features:
        shaped = _transformed(raw_values(feature, frame), feature.transform, feature.transform_unit)
        if feature.low is not None and feature.high is not None:
            unusual |= (shaped < feature.low) | (shaped > feature.high)
    return unusual


def unscorable_rows(names: tuple[str, ...], frame: pd.DataFrame, words: Collection[str] = ()) -> NDArray[np.bool_]:
    """Return (n,) True where more than half of the active cells are missing; the columns ``words`` hold text."""
    missing = np.column_stack(
        [frame[name].isna().to_numpy() if name in words else ~np.isfinite(to_numbers(frame[name])) for name in names]
    )
    return np.asarray(missing.sum(axis=1) * 2 > len(names), dtype=np.bool_)


def skewness(values: NDArray[np.float64]) -> float:
    """Return the sample skewness G1 (bias-corrected) of (n,) values; 0 without spread or for fewer than 3."""
    n = values.size
    largest = float(np.max(np.abs(values), initial=0.0))
    if n < 3 or largest == 0:
        return 0.0
    centred = values / largest
    centred = centred - centred.mean()
    second = float(np.mean(centred**2))
    if second <= 1e-24:
        return 0.0
    return float(np.mean(centred**3) / second**1.5 * np.sqrt(n * (n - 1)) / (n - 2))


def _choose_transform(field: Field, present: NDArray[np.float64]) -> tuple[Transform, float]:
    """Choose from the sorted values within the fences, so that one giant can't bend the scale of all others."""
    low, high = _fences(present)
    usual = present if low is None or high is None else present[(present >= low) & (present <= high)]
    before = abs(skewness(usual))
    if field.kind in ("share", "flag") or before <= SKEWED:
        return "none", 1.0
    transform: Transform = "log1p" if present[0] >= 0 else "asinh"
    unit = _smallest_notable(field, present) if present[0] >= 0 else float(np.median(np.abs(present)))
    if not unit > 0:
        return "none", 1.0
    helps = abs(skewness(_transformed(usual, transform, unit))) < before
    return (transform, unit) if helps else ("none", 1.0)


def _smallest_notable(field: Field, present: NDArray[np.float64]) -> float:
    """Return the unit of the logarithm: one order or day, otherwise 1/100 of the median positive value.

    A share of the median instead of "1 of whatever unit the file uses" keeps the segments when k$ become $.
    """
    if field.kind in ("count", "days"):
        return 1.0
    return float(np.median(present[present > 0])) / MINOR


def _transformed(values: NDArray[np.float64], transform: Transform, unit: float) -> NDArray[np.float64]:
    if transform == "none":
        return values
    ratio = values / unit
    if transform == "log1p":
        return np.asarray(np.log(1 + np.maximum(ratio, 0.0)))
    size = np.abs(ratio)
    return np.asarray(np.sign(ratio) * np.log(size + np.sqrt(size * size + 1)))


def _fences(shaped: NDArray[np.float64]) -> tuple[float | None, float | None]:
    lower, upper = (float(value) for value in np.quantile(shaped, (0.25, 0.75)))
    spread = upper - lower
    if not spread > 0:
        return None, None
    return lower - FENCE * spread, upper + FENCE * spread


def _clipped(values: NDArray[np.float64], low: float | None, high: float | None) -> NDArray[np.float64]:
    return values if low is None or high is None else np.clip(values, low, high)


def _location(values: NDArray[np.float64], how: Literal["standard", "centre", "none"]) -> tuple[float, float]:
    with np.errstate(over="ignore", invalid="ignore"):
        mean = float(np.mean(values))
        sd = float(np.sqrt(np.mean((values - mean) ** 2)))
    if not sd > 1e-12 * abs(mean):  # a constant, up to rounding
        return mean, 0.0
    if how == "none":
        return 0.0, 1.0
    return mean, sd if how == "standard" else 1.0
