"""Customer keys: text that keeps leading zeros and loses what spreadsheets added."""

from __future__ import annotations

import re

import pandas as pd

GUEST_MAIL = re.compile(r"^(no-?reply|do-?not-?reply|guest|gast|test|example)([.+_-].*)?@")
_WHOLE = re.compile(r"[+-]?\d+\.0+")


def clean_keys(column: pd.Series) -> pd.Series:
    """Return keys as text, trimmed, None where missing; ``.0`` goes only if the whole column has it.

    A leading apostrophe (a spreadsheet's mark for text) is dropped likewise.
    """
    if pd.api.types.is_float_dtype(column):
        text = pd.Series([None if pd.isna(value) else _number(value) for value in column], dtype=object)
    else:
        text = pd.Series([None if pd.isna(value) else str(value).strip() or None for value in column], dtype=object)
    filled = [value for value in text if value is not None]
    if filled and all(_WHOLE.fullmatch(value) for value in filled):
        text = pd.Series([value and value.partition(".")[0] for value in text], dtype=object)
    if filled and all(value.startswith("'") for value in filled):
        text = pd.Series([value and value[1:] for value in text], dtype=object)
    return text


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))
