"""Which of two columns that say the same stands for both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from reportgen.inputs.customers import Field

DUPLICATE = 0.90  # |Spearman| above which two columns say the same
SAME = 0.99  # |Spearman| above which even the last two columns are one
RELATED = 0.70  # |Spearman| above which a group of columns counts more than once
READABLE = 16  # more columns than this can't be read per segment: relatives then stand for each other
MISSING_NOTABLE = 0.05

_PLAINER = {"money": 0, "number": 1, "score": 1, "count": 2, "days": 3, "share": 4, "flag": 5, "category": 6}


def drop_redundant(
    fields: Iterable[Field], columns: Mapping[str, NDArray[np.float64]], core: tuple[str | None, ...]
) -> tuple[tuple[Field, ...], dict[str, tuple[str, str]]]:
    """Return the fields that stay, in their order, and (code, sentence) for each that another one stands for.

    The closest pair goes first, until none is above .90 and, while more than 16 columns are left, none above .70. The
    last two columns both stay unless they are above .99: spend and recency of a young shop are still two things.
    Of a pair stays: spend, orders, recency (``core``); not more than 5% missing; a column whose meaning is known; an
    amount before a count; fewer missing; the first name.
    """
    order = list(fields)
    kept = sorted(order, key=lambda field: field.name)
    rho = {field.name: row for field, row in zip(kept, spearman([columns[f.name] for f in kept]), strict=True)}
    place = {field.name: i for i, field in enumerate(kept)}
    stand_in: dict[str, Field] = {}
    while len(kept) > 1:
        pairs = [(-abs(rho[a.name][place[b.name]]), a, b) for i, a in enumerate(kept) for b in kept[i + 1 :]]
        closeness, *pair = min(pairs, key=lambda item: item[0])
        limit = RELATED if len(kept) > READABLE else DUPLICATE if len(kept) > 2 else SAME
        if -closeness <= limit:
            break
        stays, goes = sorted(pair, key=lambda field: _preference(field, columns[field.name], core))
        stand_in[goes.name] = stays
        kept.remove(goes)
    dropped = {}
    for name in stand_in:
        other = _last(name, stand_in)
        value = rho[name][place[other.name]]
        reason = f"“{other.label}” stands for it: the two rank customers alike (correlation {value:.2f})."
        dropped[name] = ("near_duplicate", reason)
    return tuple(field for field in order if field in kept), dropped


def _last(name: str, stand_in: Mapping[str, Field]) -> Field:
    """Return the column that stands for this one in the end."""
    other = stand_in[name]
    return _last(other.name, stand_in) if other.name in stand_in else other


def spearman(columns: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return the (p, p) rank correlations of (n,) columns; missing values rank at the median."""
    if not columns:
        return np.zeros((0, 0))
    filled = [np.where(np.isfinite(column), column, np.nanmedian(column)) for column in columns]
    ranks = np.column_stack([rankdata(column) for column in filled])
    ranks -= ranks.mean(axis=0)
    norm = np.sqrt(np.einsum("ij,ij->j", ranks, ranks))
    rho = (ranks.T @ ranks) / np.outer(norm, norm)
    return np.asarray(np.round(rho, 10))  # so that neither the order of rows nor a unit decides between equal pairs


def _preference(
    field: Field, values: NDArray[np.float64], core: tuple[str | None, ...]
) -> tuple[bool, bool, bool, int, int, str]:
    missing = int(np.sum(~np.isfinite(values)))
    gaps = missing > MISSING_NOTABLE * values.size
    return field.name not in core, gaps, field.role is None, _PLAINER[field.kind], missing, field.name
