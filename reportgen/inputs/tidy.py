"""Take out what is no data in a freshly read text table: repeated headers, totals, notes, empty columns."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import duckdb

from reportgen.findings import Finding
from reportgen.inputs.engine import ERROR_CELLS, identifier, literal, only_row

_TOTAL = re.compile(
    r"(grand|sub|over ?all)?[ -]?totals?( general| général| generale| geral)?"
    r"|sum|summe|summa|gesamt(summe)?|insgesamt|endsumme|somme|ensemble|suma|totale|totaal|som|razem|ogółem|celkem"
    r"|összesen|toplam|genel toplam|итого|всего|i alt|yhteensä|ukupno|合計|総計|总计|合计|總計|합계|총계",
    re.IGNORECASE,
)
_NOTE_SHARE = 0.05  # a column without header that is filled this rarely holds remarks beside the table
_FOOT = 8  # rows looked at for notes and totals
_REACH = 100  # lines that these rows, and blank ones between them, may take

Cells = tuple[str | None, ...]


@dataclass
class Tidied:
    """The columns that are left, what was taken out, and rows read that are no longer there."""

    columns: tuple[str, ...]
    dropped: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True)
class Raw:
    """A table as read: its names in the engine and the header cells as written (None without a header)."""

    con: duckdb.DuckDBPyConnection
    relation: str
    columns: tuple[str, ...]
    header: tuple[str, ...] | None

    @property
    def sql(self) -> str:
        """The table's name in SQL."""
        return identifier(self.relation)

    def delete(self, condition: str) -> int:
        """Delete rows and return how many there were."""
        count = int(only_row(self.con, f"SELECT count(*) FROM {self.sql} WHERE {condition}")[0])
        if count:
            self.con.execute(f"DELETE FROM {self.sql} WHERE {condition}")
        return count

    def unnamed(self, name: str) -> bool:
        """Tell whether a column has no header of its own."""
        return self.header is None or not self.header[self.columns.index(name)].strip()


def remove_clutter(table: Raw) -> Tidied:
    """Take out what is not data; rows keep their order in the file."""
    tidied = Tidied(table.columns)
    blank = table.delete(" AND ".join(map(_holds_nothing, map(identifier, table.columns))))
    if blank and len(table.columns) > 1:
        _note(tidied, "blank_rows", f"{counted(blank)} without any content skipped", blank)
    _drop_headers(table, tidied)
    _drop_columns(table, tidied)
    shadow = next((name for name in tidied.columns if name.casefold() == "rowid"), None)
    if shadow is None:
        _drop_foot(table, tidied)
    else:  # the engine's own number of a row goes by this name
        table.con.execute(f"ALTER TABLE {table.sql} RENAME COLUMN {identifier(shadow)} TO {identifier(shadow + ' ')}")
        columns = tidied.columns
        tidied.columns = tuple(f"{name} " if name == shadow else name for name in columns)
        _drop_foot(table, tidied)
        table.con.execute(f"ALTER TABLE {table.sql} RENAME COLUMN {identifier(shadow + ' ')} TO {identifier(shadow)}")
        tidied.columns = columns
    return tidied


def _holds_nothing(cell: str) -> str:
    """Return SQL for a cell that is empty or part of a ruled line, as reports for printers draw them."""
    return (
        f"({cell} IS NULL OR {cell}[1] IN ('-', '=', '+', '_', ':') AND regexp_full_match({cell}, '[-=+_|: ]{{3,}}'))"
    )


def _note(tidied: Tidied, code: str, message: str, rows: int | None = None) -> None:
    tidied.findings.append(Finding(code, message + ".", rows=rows))


def counted(count: int) -> str:
    """Return a number of rows in words."""
    return "1 row" if count == 1 else f"{count:,} rows"


def _drop_headers(table: Raw, tidied: Tidied) -> None:
    if table.header is None:
        return
    pairs = zip(table.columns, table.header, strict=True)
    same = (
        f"{identifier(name)} IS NOT DISTINCT FROM {literal(cell.strip()) if cell.strip() else 'NULL'}"
        for name, cell in pairs
    )
    if count := table.delete(" AND ".join(same)):
        _note(tidied, "repeated_header", f"The header stands {count:,} more times inside the table; skipped", count)


def _drop_columns(table: Raw, tidied: Tidied) -> None:
    """Empty the cells that hold a spreadsheet's error; drop columns without a header that are empty or hold remarks."""
    rows, filled = _clear_errors(table, tidied)
    if not rows:
        return
    unnamed = [name for name in table.columns if table.unnamed(name)]
    empty = [name for name in unnamed if not filled[name]]
    remarks = [name for name in unnamed if table.header and 0 < filled[name] < _NOTE_SHARE * rows]
    for name in (*empty, *remarks):
        table.con.execute(f"ALTER TABLE {table.sql} DROP COLUMN {identifier(name)}")
    tidied.columns = tuple(name for name in table.columns if name not in (*empty, *remarks))
    if empty:
        count = "1 column" if len(empty) == 1 else f"{len(empty)} columns"
        _note(tidied, "empty_columns", f"{count} without header and content left out")
    for name in remarks:
        _note(tidied, "remarks", f"Remarks in {counted(filled[name])} beside the table ({name}) left out", filled[name])


def _clear_errors(table: Raw, tidied: Tidied) -> tuple[int, dict[str, int]]:
    errors = f"({', '.join(map(literal, ERROR_CELLS))})"
    counts_sql = ", ".join(
        f"count({cell}), count(*) FILTER ({cell} IN {errors})" for cell in map(identifier, table.columns)
    )
    rows, *counts = only_row(table.con, f"SELECT count(*), {counts_sql} FROM {table.sql}")
    filled = dict(zip(table.columns, counts[0::2], strict=True))
    for name, failed in zip(table.columns, counts[1::2], strict=True):
        if failed:
            cell = identifier(name)
            table.con.execute(f"UPDATE {table.sql} SET {cell} = NULL WHERE {cell} IN {errors}")
            filled[name] -= failed
            message = (
                f"'{name}' holds a spreadsheet error such as #N/A in {counted(failed)}; those cells count as empty."
            )
            tidied.findings.append(Finding("error_cells", message, "warning", name, failed))
    return rows, filled


def _drop_foot(table: Raw, tidied: Tidied) -> None:
    near = f"rowid > (SELECT max(rowid) FROM {table.sql}) - {_REACH}"
    query = f"SELECT rowid, * FROM {table.sql} WHERE {near} ORDER BY rowid DESC LIMIT {_FOOT}"
    foot = table.con.execute(query).fetchall()
    notes = _count_notes([row[1:] for row in foot])
    if notes:
        table.delete(f"rowid >= {foot[notes - 1][0]}")
        _note(tidied, "footnotes", f"{counted(notes)} with a note below the table left out", notes)
        tidied.dropped["footnotes"] = notes
    if len(foot) < 3 or not _is_total(foot[notes][1:]):
        return
    rowid, *cells = foot[notes]
    if _adds_up(table, tidied.columns, cells, rowid):
        table.delete(f"rowid = {rowid}")
        _note(tidied, "totals_row", "The last row holds the totals of the rows above; left out", 1)
        tidied.dropped["totals_row"] = 1
    else:
        message = "The last row is called a total, but does not add up the rows above; it was kept."
        tidied.findings.append(Finding("totals_row_suspected", message, "warning", rows=1))


def _count_notes(foot: list[Cells]) -> int:
    """Count the rows at the foot with a single cell, below a table whose rows have more."""
    filled = [sum(cell is not None for cell in row) for row in foot]
    notes = next((i for i, count in enumerate(filled) if count != 1 or _is_total(foot[i])), len(foot))
    return notes if len(foot) == _FOOT and notes <= _FOOT - 3 and filled[notes] >= 3 else 0


def _is_total(cells: Cells) -> bool:
    label = next((cell for cell in cells if cell is not None), "")
    return _TOTAL.fullmatch(label.strip(" :*=-")) is not None


def _adds_up(table: Raw, columns: tuple[str, ...], cells: list[str | None], rowid: int) -> bool:
    """Tell whether at least one figure of the last row is the sum of its column, with a decimal point or comma."""
    for name, cell in zip(columns, cells, strict=True):
        for mark in ".,":
            if cell is None or not re.search(r"\d", cell):
                continue
            above, count, total = only_row(
                table.con,
                f"SELECT sum({_number(identifier(name), mark)}), count(*), {_number(literal(cell), mark)} "
                f"FROM {table.sql} WHERE rowid < {rowid}",
            )
            if above and total and count > 1 and abs(above - total) <= abs(total) / 10000:
                return True
    return False


def _number(cell: str, mark: str) -> str:
    digits = f"regexp_replace({cell}, '[^0-9{mark}-]', '', 'g')"
    return f"TRY_CAST(replace({digits}, ',', '.') AS DECIMAL(30, 6))"
