"""Bring a typed table that the engine can read to the few types that the rest knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reportgen.errors import InputError
from reportgen.findings import Finding
from reportgen.inputs.engine import Loaded, Target, identifier, only_row, trimmed
from reportgen.inputs.names import clean_names

PLAIN_TYPES = "Give its columns plain types: numbers, dates, text."
_KEPT = {"BOOLEAN", "DATE", "DECIMAL", "HUGEINT", "UHUGEINT"} | {
    f"{sign}{size}INT" for sign in ("", "U") for size in ("TINY", "SMALL", "BIG")
} | {"INTEGER", "UINTEGER"}  # fmt: skip
_NESTED = {"STRUCT", "MAP", "UNION", "BLOB", "GEOMETRY", "VARIANT"}
_CONVERTED = {
    "VARCHAR": trimmed("replace({}, chr(0), '')"),
    "DOUBLE": "CASE WHEN abs({}) < 1e100 THEN {} END",  # NaN would poison every mean, as would what no one measures
    "FLOAT": "CASE WHEN isfinite({}) THEN CAST(CAST({} AS VARCHAR) AS DOUBLE) END",  # as text, so that 2.55 stays 2.55
}
_CHECKED = ("VARCHAR", "DOUBLE")  # what mostly is as it should be, and costs much to convert again and again


@dataclass(frozen=True)
class Incoming:
    """A typed table that the engine can already read: SQL after FROM, its name for people, its column labels."""

    sql: str
    name: str
    labels: tuple[str, ...] = ()
    view: bool = False


def load_typed(target: Target, incoming: Incoming) -> Loaded:
    """Create the target's relation; every cell is read once to be sure that it can be.

    Raises InputError if no column holds plain values, duckdb.Error if the engine can't read it.
    """
    described = target.con.execute(f"DESCRIBE SELECT * FROM {incoming.sql}").fetchall()
    labels = incoming.labels or tuple(row[0] for row in described)
    cells, names, findings = plain_cells([(row[0], row[1]) for row in described], labels, incoming.name)
    plain = [(identifier(row[0]), row[1]) for row in described if _cell(identifier(row[0]), row[1])]
    told = [(*column, cell) for column, cell in zip(plain, cells, strict=True)]
    rows, kept = _read_once(target, incoming.sql, told) if incoming.view else (0, cells)
    select = ", ".join(f"{cell} AS {identifier(name)}" for cell, name in zip(kept, names, strict=True))
    kind, relation = "VIEW" if incoming.view else "TABLE", identifier(target.relation)
    target.con.execute(f"CREATE OR REPLACE {kind} {relation} AS SELECT {select} FROM {incoming.sql}")
    rows = rows if incoming.view else target.count()
    return Loaded(incoming.name, target.relation, names, rows, findings=findings, lazy=incoming.view)


def plain_cells(
    described: Sequence[tuple[str, str]], labels: Sequence[str], name: str
) -> tuple[list[str], tuple[str, ...], tuple[Finding, ...]]:
    """Return SQL for the cells of the columns with plain values, clean names for them, and what was noticed.

    ``described`` are names and the engine's types, ``labels`` what people call them. InputError if none is left.
    """
    cells = [_cell(identifier(column), kind) for column, kind in described]
    nested = [label for label, cell in zip(labels, cells, strict=True) if cell is None]
    names, findings = clean_names([label for label, cell in zip(labels, cells, strict=True) if cell is not None])
    if not names:
        raise InputError(f"{name} has no column of plain values", PLAIN_TYPES)
    if nested:
        message = f"Columns that hold lists, records or binary data were left out: {', '.join(nested)}."
        findings = (*findings, Finding("nested_columns", message, "warning"))
    return [cell for cell in cells if cell is not None], names, tuple(findings)


def _read_once(target: Target, source: str, cells: list[tuple[str, str, str]]) -> tuple[int, list[str]]:
    """Read every cell; return the number of rows and SQL for each column, as it stands where nothing has to change.

    ``cells`` are column, type and SQL that converts it.
    """
    checked = [kind in _CHECKED for _, kind, _ in cells]
    asked = [
        f"coalesce(bool_and({cell} IS NOT DISTINCT FROM {raw}), TRUE)" if check else f"bit_xor(hash({cell}))"
        for (raw, _, cell), check in zip(cells, checked, strict=True)
    ]
    rows, *found = only_row(target.con, f"SELECT count(*), {', '.join(asked)} FROM {source}")
    same = [check and one is True for check, one in zip(checked, found, strict=True)]
    return int(rows), [raw if alike else cell for (raw, _, cell), alike in zip(cells, same, strict=True)]


def _cell(column: str, kind: str) -> str | None:
    """Return SQL that brings a cell to one of the few types that the rest knows; None if it can't be."""
    family = kind.split("(", maxsplit=1)[0]
    if kind.endswith("]") or family in _NESTED:
        return None
    if family.startswith("TIMESTAMP") and "TIME ZONE" not in family:
        return f"CAST({column} AS TIMESTAMP)"
    if family.startswith("TIMESTAMP") or family in _KEPT:
        return column
    return _CONVERTED.get(family, "CAST({} AS VARCHAR)").replace("{}", column)
