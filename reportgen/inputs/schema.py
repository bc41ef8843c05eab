"""Column roles: guessed from values first and headers second, corrected by configuration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from reportgen.findings import Finding

TableKind = Literal["customers", "orders"]
ValueKind = Literal["number", "date", "text", "empty"]


@dataclass(frozen=True)
class NumberFormat:
    """How numbers are written in one column."""

    decimal: Literal[".", ","] = "."
    grouping: str = ""  # "", ".", ",", " ", "'"
    symbols: bool = False  # currency signs or codes, percent signs, brackets or trailing minus occur
    percent: bool = False


@dataclass(frozen=True)
class DateFormat:
    """How dates are written in one column: a strptime pattern, or one of the numeric epochs."""

    pattern: str  # "%d.%m.%Y", … or "unix_s", "unix_ms", "excel", "native"
    has_time: bool = False
    has_offset: bool = False


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
