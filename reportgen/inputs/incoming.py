"""Bring a typed table that the engine can read to the few types that the rest knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reportgen.errors import InputError
from reportgen.findings import Finding
from reportgen.inputs.engine import Loaded, Target, identifier, only_row, trimmed
from reportgen.inputs.names import clean_names
from reportgen.inputs.numbers import is_tidy

PLAIN_TYPES = "Give its columns plain types: numbers, dates, text."
_KEPT = {"BOOLEAN", "DATE", "DECIMAL", "HUGEINT", "UHUGEINT"} | {
    f"{sign}{size}INT" for sign in ("", "U") for size in ("TINY", "SMALL", "BIG")
} | {"INTEGER", "UINTEGER"}  # fmt: skip
_NESTED = {"STRUCT", "MAP", "UNION", "BLOB", "GEOMETRY", "VARIANT"}
_COUNTABLE = "abs({}) < 1e100"  # NaN would poison every mean, as would what no one measures
_CONVERTED = {
    "VARCHAR": trimmed("replace({}, chr(0), '')"),
    "DOUBLE": f"CASE WHEN {_COUNTABLE} THEN {{}} END",
    "FLOAT": "CASE WHEN isfinite({}) THEN CAST(CAST({} AS VARCHAR) AS DOUBLE) END",  # as text, so that 2.55 stays 2.55
}
_CHECKED = ("VARCHAR", "DOUBLE")  # what mostly is as it should be, and costs much to convert again and again


_Cell = tuple[str, str, str]  # column, type, SQL that converts it


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
    rows, kept, tidy = _read_once(target, incoming.sql, told) if incoming.view else (0, cells, [False] * len(cells))
    select = ", ".join(f"{cell} AS {identifier(name)}" for cell, name in zip(kept, names, strict=True))
    kind, relation = "VIEW" if incoming.view else "TABLE", identifier(target.relation)
    target.con.execute(f"CREATE OR REPLACE {kind} {relation} AS SELECT {select} FROM {incoming.sql}")
    rows = rows if incoming.view else target.count()
    known = frozenset(name for name, one in zip(names, tidy, strict=True) if one)
    return Loaded(incoming.name, target.relation, names, rows, findings=findings, lazy=incoming.view, tidy=known)


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


def _read_once(target: Target, source: str, cells: list[_Cell]) -> tuple[int, list[str], list[bool]]:
    """Read every cell; return the number of rows, SQL for each column, and which columns are tidy in every row.

    A column is left as it stands where nothing has to change.
    """
    asked = [_is_right(raw) if kind == "VARCHAR" else _test(raw, kind, cell) for raw, kind, cell in cells]
    rows, *found = only_row(target.con, f"SELECT count(*), {', '.join(asked)} FROM {source}")
    tidy = [kind in _CHECKED and one is True for (_, kind, _), one in zip(cells, found, strict=True)]
    doubtful = [one for one, right in zip(cells, tidy, strict=True) if one[1] == "VARCHAR" and not right]
    tests = ", ".join(_test(*one) for one in doubtful)
    same = only_row(target.con, f"SELECT {tests} FROM {source}") if doubtful else ()
    kept = {raw for (raw, _, _), alike in zip(doubtful, same, strict=True) if alike}
    right = [raw if fine or raw in kept else cell for (raw, _, cell), fine in zip(cells, tidy, strict=True)]
    return int(rows), right, tidy


def _is_right(text: str) -> str:
    return f"coalesce(bool_and({is_tidy(text)} AND NOT contains({text}, chr(0))), TRUE)"


def _test(raw: str, kind: str, cell: str) -> str:
    """Return SQL that reads a whole column, and tells of one that is checked whether converting changes nothing."""
    if kind == "DOUBLE":
        return f"coalesce(bool_and({_COUNTABLE.format(raw)}), TRUE)"
    same = f"{cell} IS NOT DISTINCT FROM {raw}"
    return f"coalesce(bool_and({same}), TRUE)" if kind in _CHECKED else f"bit_xor(hash({cell}))"


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
