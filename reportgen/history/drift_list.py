"""The drift of a month's columns as drift.csv, which later months read again."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from reportgen.history.cells import harmless
from reportgen.history.drift import ColumnDrift, Shift

FILE = "drift.csv"
_SINCE = ("fit", "last", "year")
_HEADER = (
    "column",
    "median_now",
    *(f"{what}_{since}" for since in _SINCE for what in ("median", "psi", "limit", "verdict")),
)


def drift_text(drift: Sequence[ColumnDrift]) -> str:
    """Return a row per column that forms segments: medians, PSI, its limit by chance, and the verdict in a word.

    The words are strong, changed, small, few and none; an empty cell is not known. UTF-8, LF.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_HEADER)
    for one in drift:
        shifts = [cell for shift in (one.since_fit, one.since_last, one.since_year) for cell in _cells(shift)]
        writer.writerow((harmless(one.name), _number(one.median), *shifts))
    return out.getvalue()


def strong_columns(text: str) -> frozenset[str]:
    """Return the columns that drift.csv calls strongly changed since the fit; KeyError where it is something else."""
    return frozenset(row["column"] for row in csv.DictReader(io.StringIO(text)) if row["verdict_fit"] == "strong")


def _cells(shift: Shift | None) -> tuple[str, str, str, str]:
    if shift is None:
        return ("", "", "", "")
    return (_number(shift.median), _number(shift.psi), _number(shift.bound), shift.word)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"
