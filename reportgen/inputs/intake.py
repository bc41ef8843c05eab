"""What a monthly report remembers of its input: the next month's input is held against it."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from reportgen.inputs.schema import Schema


@dataclass(frozen=True)
class RowsOf:
    """The rows of one month: how many, and the sum of their fingerprints, which knows no order of rows."""

    month: str  # "2011-11"; "" for a table, which has no months
    rows: int
    prints: int


@dataclass(frozen=True)
class Intake:
    """Plain facts about the rows of one monthly report; no value of any customer.

    Rows of a log are those with a date up to the end of the month; rows of a table are all. ``missing`` is the share
    of empty cells by header (in a log among the rows of the month), ``medians`` are typical amounts: of the month's
    orders under "", or of a table's columns of money by header.
    """

    columns: Mapping[str, tuple[str, str]]  # header: (role or "", kind)
    months: tuple[RowsOf, ...]
    last_day: dt.date | None  # of the newest row that counts; in a table of the newest order
    usual_break: int  # days in a row without an order: the longest but one within 90 days
    medians: Mapping[str, float]
    missing: Mapping[str, float]
    ahead: int = 0  # rows of a table with a date after the end of the month
    goes_on: bool = False  # the log holds rows of the month after, which count for nothing else

    def until(self, month: str) -> tuple[int, str]:
        """Return the number and the digest of the rows up to a month."""
        found = [one for one in self.months if one.month <= month]
        rows = sum(one.rows for one in found)
        return rows, hashlib.sha256(f"{rows}:{sum(one.prints for one in found)}".encode()).hexdigest()

    def rows_in(self, month: str) -> int:
        """Return the number of rows of one month."""
        return sum(one.rows for one in self.months if one.month == month)


def columns_seen(schema: Schema) -> dict[str, tuple[str, str]]:
    """Return every header with its role and kind of value."""
    return {column.name: (column.role or "", column.kind) for column in schema.columns}


def fingerprint(cells: list[str]) -> str:
    """Return SQL of 64 bits of the MD5 of a row's cells, which are SQL too.

    Unlike the engine's own hash it is the same in every version of the engine.
    """
    text = ", ".join(f"coalesce(({cell})::VARCHAR, chr(30))" for cell in cells)
    return f"md5_number_lower(concat_ws(chr(31), {text}))"
