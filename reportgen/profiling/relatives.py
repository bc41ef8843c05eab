"""Which columns follow from those that formed the segments, so that a difference in them proves nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from reportgen.inputs.customers import Customers, Field
from reportgen.profiling.differences import eta_squared
from reportgen.profiling.effects import Floats
from reportgen.segments.fit import Segmentation
from reportgen.segments.recipe import raw_values

TIED = 0.70  # |Spearman|, or the correlation ratio for words
_COMPUTED = 0.98  # adjusted R squared on the active columns: a sum or difference of them
_PURCHASES = ("total_spent", "n_orders", "aov")  # any two of them give the third
_MADE_FROM_BEHAVIOUR = ("prediction", "existing_segment")


@dataclass(frozen=True)
class Relatives:
    """Names of the fields that formed the segments, and of those that follow from them."""

    active: frozenset[str]
    following: frozenset[str]


def find_relatives(customers: Customers, segmentation: Segmentation, inside: NDArray[np.bool_]) -> Relatives:
    """Tell true descriptors from columns that follow from the active ones, over the customers ``inside``.

    A column follows if it was counted from the same orders or purchases, is a sum of active columns, or goes with one
    of them: |Spearman| (for words the correlation ratio of the ranks) above .70.
    """
    active = frozenset(segmentation.model.recipe.names)
    columns = _formed(customers, segmentation, inside)
    ranks = [_standard(rankdata(column)) for column in columns]
    basis = _basis(columns)
    following = [
        field.name
        for field in customers.fields
        if field.name in customers.frame
        and field.name not in active
        and (_counted_with(customers, field, active) or _tied(customers, field, inside, ranks, basis))
    ]
    return Relatives(active, frozenset(following))


def _formed(customers: Customers, segmentation: Segmentation, inside: NDArray[np.bool_]) -> list[Floats]:
    """Return the active columns by name, missing values at the median, words as 0/1 per level."""
    words = [feature for feature in segmentation.model.recipe.features if feature.level is not None]
    names = sorted(set(segmentation.model.recipe.names) - segmentation.model.recipe.words)
    numbers = [_numbers(customers, customers.field(name))[inside] for name in names]
    return numbers + [raw_values(feature, customers.frame)[inside] for feature in words]


def _counted_with(customers: Customers, field: Field, active: frozenset[str]) -> bool:
    """Whether a field was counted from what the active ones were counted from."""
    if field.role in _MADE_FROM_BEHAVIOUR:
        return True
    if customers.order_facts is not None:
        return field.kind != "category"
    parts = customers.wallet.columns if customers.wallet is not None else ()
    purchases = any(name in parts or customers.field(name).role in _PURCHASES for name in active)
    return purchases and field.role in _PURCHASES


def _tied(
    customers: Customers, field: Field, inside: NDArray[np.bool_], ranks: Sequence[Floats], basis: Floats
) -> bool:
    if field.kind == "category":
        codes = np.unique(customers.frame[field.name][inside].fillna("").astype(str), return_inverse=True)[1]
        return any(_correlation_ratio(codes, column) > TIED for column in ranks)
    values = _numbers(customers, field)[inside]
    if not np.isfinite(values).all() or values.min() == values.max():
        return False
    own = _standard(rankdata(values))
    close = any(abs(float(own @ column)) > TIED for column in ranks)
    return close or _explained(_standard(values), basis) >= _COMPUTED


def _numbers(customers: Customers, field: Field) -> Floats:
    """Return the numbers of a field, missing ones at the median."""
    values = customers.frame[field.name].to_numpy(dtype=np.float64, na_value=np.nan)
    known = values[np.isfinite(values)]
    filled: Floats = np.where(np.isfinite(values), values, np.median(known) if len(known) else np.nan)
    return filled


def _standard(values: Floats) -> Floats:
    """Centre values and give them length 1, so that products are correlations; zeros where nothing varies."""
    away = values - values.mean()
    length = math.sqrt(float(away @ away))
    return away / length if length > 0 else np.zeros_like(away)


def _basis(columns: Sequence[Floats]) -> Floats:
    """Return orthonormal (n, p) columns that span the centred active ones."""
    basis, _ = np.linalg.qr(np.column_stack([_standard(column) for column in columns]))
    return np.asarray(basis, dtype=np.float64)


def _explained(own: Floats, basis: Floats) -> float:
    """Return the adjusted R squared of a column on the active ones."""
    n, p = len(basis), len(basis.T)
    if n <= p + 1:
        return 0.0
    explained = float(np.sum((basis.T @ own) ** 2))
    return 1 - (1 - explained) * (n - 1) / (n - p - 1)


def _correlation_ratio(codes: NDArray[np.intp], ranks: Floats) -> float:
    """Return the correlation ratio of ranks over levels, adjusted for the number of levels."""
    n, levels = len(codes), int(codes.max()) + 1
    if not 1 < levels < n:
        return 0.0
    between = eta_squared(ranks, codes.astype(np.int64), levels)
    return math.sqrt(max(0.0, 1 - (1 - between) * (n - 1) / (n - levels)))
