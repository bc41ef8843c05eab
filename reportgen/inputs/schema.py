"""Column roles: guessed from values first and headers second, corrected by configuration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from reportgen.findings import Finding
from reportgen.inputs.dates import DateFormat
from reportgen.inputs.numbers import NumberFormat

__all__ = ["Column", "DateFormat", "NumberFormat", "Schema", "TableKind", "ValueKind"]

TableKind = Literal["customers", "orders"]
ValueKind = Literal["number", "date", "text", "empty"]


@dataclass(frozen=True)
class Column:
    """One column of the file and what was decided about it."""

    name: str
    role: str | None
    kind: ValueKind
    format: NumberFormat | DateFormat | None
    unit: str  # "€", "k$", "%", "years", "" (read from the header or the values)
    protected: bool
    personal: bool
    filled: int  # non-empty cells
    distinct: int  # distinct non-empty values (exact)
    passing: float  # share of filled cells that pass the value test of the role or kind
    why: str  # one sentence for the appendix
    whole: bool = False  # numbers kept as text that were written as 17850.0, and are read as 17850


@dataclass(frozen=True)
class Schema:
    """What the table is and what each column means, in file order."""

    kind: TableKind
    columns: tuple[Column, ...]
    platform: str | None  # "Shopify orders", … when a signature matched
    why: str  # why this kind of table, one sentence
    findings: tuple[Finding, ...] = ()

    def role(self, name: str) -> Column | None:
        """Return the column that has this role, or None."""
        return next((column for column in self.columns if column.role == name), None)
