"""Numeric fields of the segmented customers, each sorted once, with what every segment is compared to."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from reportgen.config import Config
from reportgen.inputs.customers import Customers, Field
from reportgen.profiling.concentration import dominated
from reportgen.profiling.density import even_grid, lump, smooth, wants_logarithm
from reportgen.profiling.effects import Floats, Reference, mean, reference, skewness, total
from reportgen.profiling.gates import CENTRE_FROM
from reportgen.segments.fit import Segmentation

PER_ORDER = ("order_value", "units_per_order", "lines_per_order", "weekend_share")
_ADDED_UP = ("money", "number", "count")  # kinds whose total means something
_FEWEST_VALUES = 5  # distinct values that make a distribution worth drawing


@dataclass(frozen=True, eq=False)
class Curve:
    """The distribution of all customers: an even grid (of logarithms if ``log_scale``) and the density on it."""

    grid: Floats
    density: Floats
    log_scale: bool
    least_width: float


@dataclass(frozen=True, eq=False)
class Column:
    """One field: known values in ascending order, the segment of each, and the figures of all customers."""

    field: Field
    active: bool
    values: Floats
    labels: NDArray[np.int64]
    weights: Floats | None  # of a figure per order: its mean is a ratio of totals, never a mean of ratios
    reference: Reference
    mean: float
    quartiles: tuple[float, float, float]
    skewed: bool
    dominated: bool  # the mean of a segment or of all would give one customer away
    curve: Curve | None

    def of(self, place: int) -> Floats:
        """Return the known values of a segment's members, ascending."""
        members: Floats = self.values[self.labels == place]
        return members

    def mean_of(self, place: int) -> float:
        """Return the mean of a segment's members."""
        members = self.labels == place
        return _mean(self.values[members], None if self.weights is None else self.weights[members])


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
            weights = per_order_weights(customers, field.name)
            column = _measure(field, values, labels, None if weights is None else weights[inside])
            columns.append(replace(column, active=field.name in segmentation.model.recipe.names))
    return tuple(columns)


def per_order_weights(customers: Customers, name: str) -> Floats | None:
    """Return what the figure of each customer of an order log weighs: orders, or gross sales for what came back."""
    if customers.order_facts is None or customers.orders is None or customers.spend is None:
        return None
    if name == "returned_share":  # gross = net / (1 - returned)
        kept = 1 - customers.frame[name].to_numpy(dtype=np.float64, na_value=np.nan)
        gross: Floats = customers.frame[customers.spend].to_numpy(dtype=np.float64) / np.maximum(kept, 0.01)
        return gross
    if name in PER_ORDER:
        return customers.frame[customers.orders].to_numpy(dtype=np.float64)
    return None


def _mean(values: Floats, weights: Floats | None) -> float:
    if weights is None:
        return mean(values)
    everything = total(weights)
    return total(values * weights) / everything if everything > 0 else mean(values)


def _measure(field: Field, values: Floats, labels: NDArray[np.int64], weights: Floats | None) -> Column:
    order = np.argsort(values, kind="stable")[: int((~np.isnan(values)).sum())]  # NaN sorts last
    known = values[order]
    q25, median, q75 = (float(q) for q in np.quantile(known, (0.25, 0.5, 0.75)))
    return Column(
        field=field,
        active=False,
        values=known,
        labels=labels[order],
        weights=None if weights is None else weights[order],
        reference=reference(known),
        mean=_mean(known, None if weights is None else weights[order]),
        quartiles=(q25, median, q75),
        skewed=abs(skewness(known)) > 1,
        dominated=field.kind in _ADDED_UP and _gives_away(known, labels[order]),
        curve=_curve(known),
    )


def _gives_away(values: Floats, labels: NDArray[np.int64]) -> bool:
    groups = (values[labels == place] for place in np.unique(labels))
    return dominated(values) or any(len(group) >= CENTRE_FROM and dominated(group) for group in groups)


def _curve(values: Floats) -> Curve | None:
    if 1 + int((np.diff(values) > 0).sum()) < _FEWEST_VALUES:
        return None
    log_scale = wants_logarithm(values)
    drawn = np.log(values[values > 0]) if log_scale else values
    grid, least_width = even_grid(drawn), lump(drawn)
    return Curve(grid, smooth(drawn, grid, least_width), log_scale, least_width)
