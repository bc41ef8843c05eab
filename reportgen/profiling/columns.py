"""Numeric fields of the segmented customers, each sorted once, with what every segment is compared to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reportgen.config import Config
from reportgen.inputs.customers import Customers, Field
from reportgen.profiling.density import even_grid, smooth, wants_logarithm
from reportgen.profiling.effects import Floats, Reference, mean, reference, skewness
from reportgen.segments.fit import Segmentation

_FEWEST_VALUES = 5  # distinct values that make a distribution worth drawing


@dataclass(frozen=True, eq=False)
class Curve:
    """The distribution of all customers: an even grid (of logarithms if ``log_scale``) and the density on it."""

    grid: Floats
    density: Floats
    log_scale: bool


@dataclass(frozen=True, eq=False)
class Column:
    """One field: known values in ascending order, the segment of each, and the figures of all customers."""

    field: Field
    active: bool
    values: Floats
    labels: NDArray[np.int64]
    reference: Reference
    mean: float
    quartiles: tuple[float, float, float]
    skewed: bool
    curve: Curve | None

    def of(self, place: int) -> Floats:
        """Return the known values of a segment's members, ascending."""
        members: Floats = self.values[self.labels == place]
        return members


def measure_columns(customers: Customers, segmentation: Segmentation, config: Config) -> tuple[Column, ...]:
    """Measure every numeric field that may be shown and has a value, in file order."""
    inside = segmentation.assignment.label >= 0
    labels = segmentation.assignment.label[inside]
    columns = []
    for field in customers.fields:
        hidden = field.protected and config.privacy.protected == "hide"
        if field.kind in ("category", "flag") or field.name not in customers.frame or hidden:
            continue
        values = customers.frame[field.name].to_numpy(dtype=np.float64, na_value=np.nan)[inside]
        if not np.isnan(values).all():
            columns.append(_measure(field, field.name in segmentation.model.recipe.names, values, labels))
    return tuple(columns)


def _measure(field: Field, active: bool, values: Floats, labels: NDArray[np.int64]) -> Column:
    order = np.argsort(values, kind="stable")[: int((~np.isnan(values)).sum())]  # NaN sorts last
    known = values[order]
    q25, median, q75 = (float(q) for q in np.quantile(known, (0.25, 0.5, 0.75)))
    return Column(
        field=field,
        active=active,
        values=known,
        labels=labels[order],
        reference=reference(known),
        mean=mean(known),
        quartiles=(q25, median, q75),
        skewed=abs(skewness(known)) > 1,
        curve=_curve(known),
    )


def _curve(values: Floats) -> Curve | None:
    if 1 + int((np.diff(values) > 0).sum()) < _FEWEST_VALUES:
        return None
    log_scale = wants_logarithm(values)
    drawn = np.log(values[values > 0]) if log_scale else values
    grid = even_grid(drawn)
    return Curve(grid, smooth(drawn, grid), log_scale)
