"""Bring typed tables into the engine: Parquet and Arrow files, and data frames of the Python API."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import duckdb
import narwhals as nw
import pyarrow as pa
from pyarrow import feather

from reportgen.errors import InputError
from reportgen.findings import Finding
from reportgen.inputs.contents import Content
from reportgen.inputs.engine import Loaded, Target, file_literal, identifier, only_row, trimmed
from reportgen.inputs.names import clean_names
from reportgen.inputs.sheets import cell_text

_KEPT = {"BOOLEAN", "DATE", "DECIMAL", "HUGEINT", "UHUGEINT"} | {
    f"{sign}{size}INT" for sign in ("", "U") for size in ("TINY", "SMALL", "BIG")
} | {"INTEGER", "UINTEGER"}  # fmt: skip
_NESTED = {"STRUCT", "MAP", "UNION", "BLOB", "GEOMETRY", "VARIANT"}
_CONVERTED = {
    "VARCHAR": trimmed("replace({}, chr(0), '')"),
    "DOUBLE": "CASE WHEN abs({}) < 1e100 THEN {} END",  # NaN would poison every mean, as would what no one measures
    "FLOAT": "CASE WHEN isfinite({}) THEN CAST(CAST({} AS VARCHAR) AS DOUBLE) END",  # as text, so that 2.55 stays 2.55
}
_PLAIN_TYPES = "Give its columns plain types: numbers, dates, text."


@dataclass(frozen=True)
class _Incoming:
    """A typed table that the engine can already read: SQL after FROM, its name for people, its column labels."""

    sql: str
    name: str
    labels: tuple[str, ...] = ()
    view: bool = False


def load_parquet(target: Target, content: Content) -> Loaded:
    """Open a Parquet file where it is; every column is read once to be sure that it can be."""
    source = f"read_parquet([{file_literal(content.path)}], hive_partitioning=false)"
    try:
        loaded = _load_typed(target, _Incoming(source, content.name, view=not content.temporary))
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{content.name} is a damaged Parquet file: {reason}", "Copy or write it again.") from None
    return replace(loaded, facts=(("format", "Parquet"), *content.facts))


def load_arrow(target: Target, content: Content) -> Loaded:
    """Read an Arrow (Feather) file."""
    try:
        table = feather.read_table(content.path)
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{content.name} is a damaged Arrow file: {error}", "Copy or write it again.") from None
    return replace(_load_arrow_table(target, table, content.name), facts=(("format", "Arrow"), *content.facts))


def load_frame(target: Target, frame: Any, name: str) -> Loaded:
    """Copy a pandas, Polars, Arrow, DuckDB or other frame that narwhals knows into the engine."""
    loaded = _load_arrow_table(target, _to_arrow(frame, name), name)
    return replace(loaded, facts=(("format", f"{_library(frame)} data frame"),))


def is_frame(source: Any) -> bool:
    """Tell whether narwhals knows this object as a table."""
    return isinstance(nw.from_native(source, pass_through=True), nw.DataFrame | nw.LazyFrame)


def _library(frame: Any) -> str:
    return type(nw.to_native(frame, pass_through=True)).__module__.split(".")[0].lstrip("_")


def _to_arrow(frame: Any, name: str) -> Any:
    native = nw.to_native(frame, pass_through=True)
    if _library(native) == "pandas":
        return _pandas_to_arrow(native)
    known = nw.from_native(native)
    try:
        return (known.collect(backend="pyarrow") if isinstance(known, nw.LazyFrame) else known).to_arrow()
    except Exception as error:  # each library raises its own
        raise InputError(f"{name} can't be read: {error}", _PLAIN_TYPES) from error


def _pandas_to_arrow(frame: Any) -> Any:
    """Convert column by column: an index counts only if it has a name, mixed objects become text."""
    levels = range(frame.index.nlevels)
    unnamed = [i for i in levels if frame.index.names[i] is None or frame.index.names[i] in frame.columns]
    if len(unnamed) < len(levels):
        frame = frame.reset_index(level=unnamed, drop=True).reset_index()
    series = [frame.iloc[:, i] for i in range(frame.shape[1])]
    labels = [" ".join(map(str, label)) if isinstance(label, tuple) else str(label) for label in frame.columns]
    return pa.Table.from_arrays([_pandas_column(column) for column in series], names=labels)


def _pandas_column(column: Any) -> Any:
    try:
        array = pa.array(column, from_pandas=True)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        cells = zip(column, column.isna(), strict=True)
        array = pa.array([None if missing else cell_text(value, timed=True) for value, missing in cells], pa.string())
    return array if isinstance(array, pa.ChunkedArray) else pa.chunked_array([array])


def _load_arrow_table(target: Target, table: Any, name: str) -> Loaded:
    labels = tuple(table.column_names)
    if not labels:
        raise InputError(f"{name} has no columns", _PLAIN_TYPES)
    target.con.register("incoming", table.rename_columns([f"c{i}" for i in range(len(labels))]))
    try:
        return _load_typed(target, _Incoming("incoming", name, labels))
    except duckdb.Error as error:
        raise InputError(f"{name} can't be read: {str(error).splitlines()[0]}", _PLAIN_TYPES) from None
    finally:
        target.con.unregister("incoming")


def _load_typed(target: Target, incoming: _Incoming) -> Loaded:
    described = target.con.execute(f"DESCRIBE SELECT * FROM {incoming.sql}").fetchall()
    labels = incoming.labels or tuple(row[0] for row in described)
    cells = [_cell(identifier(column), kind) for column, kind, *_ in described]
    nested = [label for label, cell in zip(labels, cells, strict=True) if cell is None]
    names, findings = clean_names([label for label, cell in zip(labels, cells, strict=True) if cell is not None])
    if not names:
        raise InputError(f"{incoming.name} has no column of plain values", _PLAIN_TYPES)
    select = ", ".join(f"{cell} AS {identifier(name)}" for cell, name in zip(filter(None, cells), names, strict=True))
    relation = identifier(target.relation)
    kind = "VIEW" if incoming.view else "TABLE"
    target.con.execute(f"CREATE OR REPLACE {kind} {relation} AS SELECT {select} FROM {incoming.sql}")
    every_cell = ", ".join(map(identifier, names))
    rows = int(only_row(target.con, f"SELECT count(*), bit_xor(hash({every_cell})) FROM {relation}")[0])
    if nested:
        message = f"Columns that hold lists, records or binary data were left out: {', '.join(nested)}."
        findings = (*findings, Finding("nested_columns", message, "warning"))
    return Loaded(incoming.name, target.relation, names, rows, findings=findings, lazy=incoming.view)


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
