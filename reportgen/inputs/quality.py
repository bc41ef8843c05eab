"""Findings about the data and the reconciliation of rows, orders and revenue."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from reportgen.errors import InputError
from reportgen.findings import Finding
from reportgen.inputs.currencies import currency_code
from reportgen.inputs.table import Origin


@dataclass(frozen=True)
class Reconciled:
    """One line of the reconciliation table; the first lines are read, the middle ones are taken away.

    ``orders`` and ``revenue`` are None where the file has none. Lines with sign "-" hold the amounts removed as
    positive numbers for rows and orders and as signed revenue (a refund removes negative revenue).
    """

    code: str  # "read", "duplicates", "cancelled", "refunds", "guests", …, "used"
    label: str
    sign: str  # "", "-", "="
    rows: int | None
    orders: int | None = None
    revenue: float | None = None
    customers: int | None = None


@dataclass(frozen=True)
class Quality:
    """What a reader must know about the input before trusting the rest."""

    reconciliation: tuple[Reconciled, ...]
    findings: tuple[Finding, ...]


_NO_DATA = {"totals_row": "Totals rows", "unreadable_rows": "Unreadable rows", "footnotes": "Footnotes"}


def lines_read(origin: Origin) -> tuple[Reconciled, ...]:
    """Return one line per file, where there are several."""
    several = len(origin.parts) > 1
    return tuple(Reconciled("file", part.name, "", part.rows) for part in origin.parts if several)


def lines_without_data(origin: Origin) -> tuple[tuple[str, str, int], ...]:
    """Return code, label and rows of what the reader took for no data at all."""
    return tuple((code, _NO_DATA.get(code, "Rows that hold no data"), rows) for code, rows in origin.dropped if rows)


def one_currency(written: Iterable[str], source: str, role: str) -> str:
    """Return the one currency that amounts are in, "" if none is written; InputError for several.

    ``role`` is what a column of converted amounts would be.
    """
    codes = sorted({currency_code(word) or word.strip().upper() for word in written} - {""})
    if len(codes) > 1:
        raise InputError(
            f"{source} holds amounts in several currencies ({', '.join(codes[:5])}), which can't be added up",
            f"Give one file per currency, or name a column of converted amounts: --map {role}=HEADER.",
        )
    return codes[0] if codes else ""
