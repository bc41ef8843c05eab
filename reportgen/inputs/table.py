"""Open anything that holds a table, lazily."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import narwhals as nw

from reportgen.findings import Finding


@dataclass(frozen=True)
class Part:
    """One file (or frame) of the table, with the rows read from it."""

    name: str
    rows: int


@dataclass(frozen=True)
class Origin:
    """Where a table came from and how it was read; no absolute paths, so that a report never shows one.

    ``facts`` are (what, how) pairs for the appendix, such as ("encoding", "cp1252").
    """

    name: str
    parts: tuple[Part, ...]
    facts: tuple[tuple[str, str], ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def rows(self) -> int:
        """All rows read, over all parts."""
        return sum(part.rows for part in self.parts)


@dataclass(frozen=True)
class Table:
    """A lazy table. Text files have only String columns with null for empty cells; names are unique and non-empty."""

    frame: nw.LazyFrame[Any]
    origin: Origin
