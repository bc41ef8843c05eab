"""Findings about the data and the reconciliation of rows, orders and revenue."""

from __future__ import annotations

from dataclasses import dataclass

from reportgen.findings import Finding


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
