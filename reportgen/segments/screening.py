"""What the values of a column say against its forming segments."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reportgen.inputs.customers import Field

MISSING_MAX = 0.30
ZEROS_MAX = 0.50
SAME_MAX = 0.95  # most frequent value
SAME_FLAT = 0.80  # most frequent value when the middle half of the customers has it too
SERIAL_MIN = 20  # customers from which unbroken numbering is no accident


def is_binary(values: NDArray[np.float64]) -> bool:
    """Say whether only 0 and 1 (and missing) occur, both of them."""
    present = values[np.isfinite(values)]
    return bool(np.isin(present, (0.0, 1.0)).all()) and 0 < present.sum() < present.size


def objection(field: Field, values: NDArray[np.float64]) -> tuple[str, str] | None:
    """Return (code, sentence) of the first rule of method.md section 1 that (n,) values break, or None."""
    present = np.sort(values[np.isfinite(values)])
    return _says_nothing(field, present, values.size) or _uneven(present)


def _says_nothing(field: Field, present: NDArray[np.float64], rows: int) -> tuple[str, str] | None:
    missing = 1 - present.size / max(rows, 1)
    if present.size == 0:
        return "missing", "Empty for all customers."
    if present[0] == present[-1]:
        return "constant", "Has the same value for all customers."
    if missing > MISSING_MAX:
        return "missing", f"Missing for {missing:.0%} of the customers."
    return ("id", "Numbers the customers one by one.") if _serial(field, present, rows) else None


def _uneven(present: NDArray[np.float64]) -> tuple[str, str] | None:
    same = np.unique(present, return_counts=True)[1].max() / present.size
    binary = is_binary(present)
    zeros = float(np.mean(present == 0))
    if zeros > ZEROS_MAX and not binary:
        return "many_zeros", f"Described per segment: zero for {zeros:.0%} of the customers."
    if same >= SAME_MAX or (same >= SAME_FLAT and not binary and _flat(present)):
        return "near_constant", f"Described per segment: {same:.0%} of the customers have the same value."
    return None


def _flat(present: NDArray[np.float64]) -> bool:
    lower, upper = np.quantile(present, (0.25, 0.75))
    return bool(lower == upper)


def _serial(field: Field, present: NDArray[np.float64], rows: int) -> bool:
    if field.kind not in ("number", "count") or present.size != rows or rows < SERIAL_MIN:
        return False
    steps = np.diff(present)
    return bool((present == np.floor(present)).all() and steps[0] > 0 and (steps == steps[0]).all())
