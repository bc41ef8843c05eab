"""Columns of categories as features: one per level, so that squared distances count mismatches as k-prototypes does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reportgen.inputs.customers import Field
from reportgen.segments.recipe import Feature, to_numbers

MOST_LEVELS = 20  # more than a reader can tell apart
SAME_MAX = 0.95  # a level that nearly every customer has tells nothing


def level_counts(column: pd.Series) -> dict[str, int]:
    """Count the customers of every level, missing cells aside; the levels of a column of 0 and 1 are those."""
    if pd.api.types.is_numeric_dtype(column):
        values = to_numbers(column)
        levels, counts = np.unique(values[np.isfinite(values)], return_counts=True)
        return {f"{level:g}": int(count) for level, count in zip(levels, counts, strict=True)}
    present = column.dropna().astype(str)
    return {str(level): int(count) for level, count in sorted(present.value_counts().items())}


def level_objection(column: pd.Series) -> str | None:
    """Return what the values of a column of categories say against its forming segments, or None."""
    counts = level_counts(column)
    known = sum(counts.values())
    if known * 2 < len(column):
        return f"is missing for {1 - known / max(len(column), 1):.0%} of the customers"
    if len(counts) > MOST_LEVELS:
        return f"holds {len(counts):,} different values, at most {MOST_LEVELS} can form segments"
    if len(counts) < 2 or max(counts.values()) >= SAME_MAX * known:
        return "has the same value for nearly all customers"
    return None


def mismatch_cost(measured: list[NDArray[np.float64]], categories: list[pd.Series]) -> float:
    """Return lambda of k-prototypes: mean variance of the scaled measured columns over the mean chance of a mismatch.

    Huang 1998 as weighted in method.md section 2: mean variance / mean over columns of (1 - sum p_l^2); 1 where
    nothing is measured.
    """
    if not measured:
        return 1.0
    apart = []
    for column in categories:
        counts = np.array(list(level_counts(column).values()), np.float64)
        apart.append(1 - float(((counts / counts.sum()) ** 2).sum()))
    return float(np.mean([values.var() for values in measured]) / np.mean(apart))


def level_features(field: Field, column: pd.Series, mismatch: float) -> tuple[Feature, ...]:
    """Return the features of one column: two different levels lie ``mismatch`` apart in squared distance.

    Words give one feature per level, of which two differ (half of the cost each); 0 and 1 are one feature.
    """
    base = Feature(
        name=field.name,
        label=field.label,
        unit="",
        fill=0.0,
        transform="none",
        transform_unit=1.0,
        low=None,
        high=None,
        mean=0.0,
        scale=float(np.sqrt(1 / mismatch)),
        missing=int(column.isna().sum()),
        capped=0,
        mismatch=mismatch,
    )
    if pd.api.types.is_numeric_dtype(column):
        return (replace(base, fill=float(np.nanmedian(to_numbers(column)) > 0.5)),)
    half = float(np.sqrt(2 / mismatch))
    return tuple(
        replace(base, label=f"{field.label}: {level}", level=level, scale=half) for level in level_counts(column)
    )
