"""Customer keys of a customer table, as text."""

from __future__ import annotations

from typing import Any

import pandas as pd


def clean_keys(column: pd.Series) -> pd.Series:
    """Return keys as text, None where missing; typing the table has removed what spreadsheets add to ids."""
    return pd.Series([_written(value) or None for value in column.astype(object)], dtype=object)


def _written(value: Any) -> str:
    if isinstance(value, str):
        return value.strip()
    if pd.isna(value):
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()
