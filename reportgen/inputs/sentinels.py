"""Values that stand for "missing": far-off repdigits, a lone -1, impossible ages, words such as "unknown"."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from reportgen.findings import Finding
from reportgen.inputs.words import word_set

_NEGATIVE = frozenset((-1.0, -9.0, -99.0, -999.0, -9999.0))
OLDEST = 110
_FEW = 10  # customers below which nothing is counted exactly


def clear_numbers(name: str, role: str, numbers: pd.Series) -> tuple[pd.Series, tuple[Finding, ...]]:
    """Blank out sentinels (method.md 1): isolated repdigits at the top, the only negative value at the bottom."""
    if role == "P_age":
        wrong = (numbers < 0) | (numbers > OLDEST)
    else:
        distinct = np.unique(numbers.dropna().to_numpy())
        wrong = numbers.isin(_isolated(distinct))
    return _blank(name, numbers, wrong, show=not role.startswith("P_"))


def clear_birth_years(name: str, years: pd.Series, as_of: dt.date | None) -> tuple[pd.Series, tuple[Finding, ...]]:
    """Blank out births up to 1900 (the year that stands for "missing" in many systems) or after the as-of date."""
    latest = as_of.year if as_of else 9999
    return _blank(name, years, (years <= 1900) | (years > latest), show=False)


def clear_words(name: str, values: pd.Series) -> tuple[pd.Series, tuple[Finding, ...]]:
    """Return words as str or None; "unknown" and its kin are missing."""
    text = pd.Series([None if pd.isna(v) else str(v) for v in values], index=values.index, dtype=object)
    wrong = text.map(lambda v: v is not None and v.strip().lower() in word_set("missing")).astype(bool)
    text[wrong] = None
    return text, _finding(name, values[wrong], int(wrong.sum()))


def _isolated(distinct: np.ndarray) -> list[float]:
    found = []
    if len(distinct) >= 3 and distinct[0] in _NEGATIVE and distinct[1] >= 0:
        found.append(float(distinct[0]))
    if len(distinct) >= 3 and _repdigit(distinct[-1]) and distinct[-1] >= 2 * max(distinct[-2], 1):
        found.append(float(distinct[-1]))
    return found


def _repdigit(value: float) -> bool:
    text = str(int(value)) if float(value).is_integer() and value >= 100 else ""
    return len(set(text)) == 1


def _blank(name: str, numbers: pd.Series, wrong: pd.Series, show: bool) -> tuple[pd.Series, tuple[Finding, ...]]:
    shown = numbers[wrong] if show else numbers[:0]  # single protected values are never printed
    return numbers.mask(wrong), _finding(name, shown, int(wrong.sum()))


def _finding(name: str, values: pd.Series, count: int) -> tuple[Finding, ...]:
    if not count:
        return ()
    few = count < _FEW  # one value may be one customer's
    what = f"{'Fewer than 10' if few else f'{count:,}'} values of {name}"
    shown = f" ({', '.join(sorted({_written(v) for v in values})[:3])})" if len(values) and not few else ""
    return (
        Finding(
            "sentinel", f"{what} can't be true or stand for “unknown”{shown}: treated as missing.", "note", name, count
        ),
    )


def _written(value: object) -> str:
    return f"{value:.0f}" if isinstance(value, float) else str(value)
