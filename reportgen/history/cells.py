"""Cells of lists for spreadsheets: none that is run as a formula or can't be read."""

from __future__ import annotations

import re

from reportgen.inputs.sql import literal

_FORMULA = r"^\s*[=+\-@]|^[\t\r]"
_NUMBER = r"^[+-]?\d[\d.,  ]*$"
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_UNPRINTABLE_SQL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x{fffe}\x{ffff}]"
_PLAIN = "[0-9A-Za-z][ -~]*"  # most keys; finding out costs less than changing nothing


def harmless(cell: str) -> str:
    """Return a text cell that no spreadsheet takes for a formula."""
    cell = printable(cell)
    return f"'{cell}" if re.match(_FORMULA, cell) and not re.match(_NUMBER, cell) else cell


def printable(cell: str) -> str:
    """Return text without the control characters that XML and CSV readers choke on."""
    return _UNPRINTABLE.sub("", cell)


def harmless_sql(cell: str) -> str:
    """Return SQL for what ``harmless`` makes of a column of text."""
    clean = f"regexp_replace({cell}, {literal(_UNPRINTABLE_SQL)}, '', 'g')"
    formula = f"regexp_matches({clean}, {literal(_FORMULA)}) AND NOT regexp_matches({clean}, {literal(_NUMBER)})"
    plain = f"regexp_full_match({cell}, {literal(_PLAIN)})"
    return f"CASE WHEN {plain} THEN {cell} WHEN {formula} THEN chr(39) || {clean} ELSE {clean} END"
