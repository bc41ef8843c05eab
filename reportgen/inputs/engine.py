"""DuckDB as the engine of every table: one private connection per table, and names that can't break out of SQL."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from reportgen.findings import Finding
from reportgen.inputs.spill import spill_folder
from reportgen.inputs.steady import Seen

_CONFIG = {
    "autoinstall_known_extensions": "false",  # extensions are downloads
    "autoload_known_extensions": "false",
}

# Blanks that cells are trimmed of, beyond the ASCII space: no-break, typographic, ideographic and zero-width ones.
BLANKS = " \t\r\n\x0b\x0c\x1a\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff" + "".join(
    map(chr, range(0x2000, 0x200C))
)

_USUAL = 3  # GiB for tables where nothing is said, and as many as there are threads: each needs room of its own
_OWN = 0.8  # of the machine's memory is what the engine would take by itself
_COUNTED = 0.9  # of the memory for tables; what the engine takes without counting it needs the rest

LONGEST_LINE = 16 * 2**20  # bytes

# What spreadsheets write where a formula failed; no reading of such a cell is a value.
ERROR_CELLS = ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#NV", "#BEZUG!", "#WERT!")


@dataclass(frozen=True)
class Loaded:
    """One source inside the engine: the table or view it became, and what happened on the way.

    ``rows`` counts the rows read; ``dropped`` those of them that are not in the relation, by finding code.
    """

    name: str
    relation: str
    columns: tuple[str, ...]
    rows: int
    facts: tuple[tuple[str, str], ...] = ()
    findings: tuple[Finding, ...] = ()
    dropped: tuple[tuple[str, int], ...] = ()
    numbered: bool = False  # there was no header
    lazy: bool = False  # a view on a file that stays where it is
    files: tuple[tuple[str, int], ...] = ()  # its files with their rows, where it is more than one
    tidy: frozenset[str] = frozenset()  # columns known to be as they should be in every row
    seen: tuple[Seen, ...] = ()  # files that are read again later

    @property
    def parts(self) -> tuple[tuple[str, int], ...]:
        """Its files with the rows read from each; itself where it is one file or frame."""
        return self.files or ((self.name, self.rows),)

    @property
    def left(self) -> int:
        """Rows in the relation."""
        return self.rows - sum(count for _, count in self.dropped)


def connect(memory: str = "") -> duckdb.DuckDBPyConnection:
    """Open a private in-memory database that may spill to the folder for temporary files; ``memory`` is its limit."""
    limit = {"memory_limit": memory} if memory else {}
    con = duckdb.connect(":memory:", config={**_CONFIG, **limit, "temp_directory": str(spill_folder())})
    con.execute("SET enable_progress_bar = false")  # the library never prints
    most, threads = only_row(
        con, "SELECT parse_formatted_bytes(current_setting('memory_limit')), current_setting('threads')"
    )
    if not memory:
        most = min(most / _OWN * 0.5, max(_USUAL, threads) * 2**30)
    con.execute(f"SET memory_limit = '{int(_COUNTED * most)}B'")
    return con


def table_memory(memory: str = "") -> float:
    """Return the most MiB that tables take in a database that ``connect`` opens."""
    with connect(memory) as con:
        (most,) = only_row(con, "SELECT parse_formatted_bytes(current_setting('memory_limit'))")
    return float(most) / 2**20


def identifier(name: str) -> str:
    """Quote a column or table name for SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Quote a text for SQL; DuckDB knows no backslash escapes inside quotes."""
    return "'" + text.replace("'", "''") + "'"


def file_literal(path: Path) -> str:
    """Quote a path for SQL, so that signs of a pattern in its name stand for themselves."""
    return literal(re.sub(r"([*?\[])", r"[\1]", str(path)))


def only_row(con: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    """Return the one row that a query yields; every result is fetched to its end, which frees the connection."""
    [row] = con.execute(query).fetchall()
    return tuple(row)


def trimmed(cell: str) -> str:
    """Return SQL that trims a text cell of every kind of blank and turns an empty one into null.

    Trimming by a set of characters is slow, so cells that begin and end with a visible ASCII character are let pass.
    """
    plain = f"{cell}[1] BETWEEN '!' AND '~' AND {cell}[-1] BETWEEN '!' AND '~'"
    return f"CASE WHEN {plain} THEN {cell} ELSE nullif(trim({cell}, {literal(BLANKS)}), '') END"


@dataclass(frozen=True)
class Target:
    """Where a source is loaded to: the relation's name in the engine, and a folder for files that are removed."""

    con: duckdb.DuckDBPyConnection
    relation: str
    scratch: Path

    def count(self) -> int:
        """Return the number of rows in the relation."""
        return int(only_row(self.con, f"SELECT count(*) FROM {identifier(self.relation)}")[0])


@dataclass(frozen=True)
class CsvForm:
    """How a regular CSV file is written; ``skip`` counts lines."""

    delimiter: str = ","
    quote: str = '"'
    escape: str = '"'
    skip: int = 0


def load_csv(target: Target, path: Path, names: tuple[str, ...], form: CsvForm) -> None:
    """Read a regular UTF-8 file into a table of trimmed text; duckdb.Error if a line doesn't fit the columns."""
    raw = [f"c{i}" for i in range(len(names))]
    cells = (f"{trimmed(cell)} AS {identifier(name)}" for cell, name in zip(raw, names, strict=True))
    types = ", ".join(f"'{cell}': 'VARCHAR'" for cell in raw)
    target.con.execute(
        f"CREATE OR REPLACE TABLE {identifier(target.relation)} AS SELECT {', '.join(cells)} "
        f"FROM read_csv([{file_literal(path)}], auto_detect=false, header=false, skip={form.skip}, "
        f"delim={literal(form.delimiter)}, quote={literal(form.quote)}, escape={literal(form.escape)}, "
        f"columns={{{types}}}, max_line_size={LONGEST_LINE}, hive_partitioning=false)"
    )


def load_rows(target: Target, rows: Iterable[Sequence[str]], names: tuple[str, ...]) -> None:
    """Load rows of text cells, all as long as ``names``, by way of a temporary file, so that memory stays small."""
    path = target.scratch / f"{target.relation}.csv"
    with path.open("w", encoding="utf-8", errors="replace", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)
    load_csv(target, path, names, CsvForm())
    path.unlink()
