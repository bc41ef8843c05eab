"""Bring Arrow files into the engine, or data frames of the Python API."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import duckdb
import narwhals as nw
import pyarrow as pa
from pyarrow import feather

from reportgen.errors import InputError
from reportgen.inputs.contents import Content
from reportgen.inputs.engine import Loaded, Target
from reportgen.inputs.failures import out_of_room
from reportgen.inputs.incoming import PLAIN_TYPES, Incoming, load_typed
from reportgen.inputs.sheets import cell_text


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
        raise InputError(f"{name} can't be read: {error}", PLAIN_TYPES) from error


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
        raise InputError(f"{name} has no columns", PLAIN_TYPES)
    target.con.register("incoming", table.rename_columns([f"c{i}" for i in range(len(labels))]))
    try:
        return load_typed(target, Incoming("incoming", name, labels))
    except duckdb.Error as error:
        raise out_of_room(error) or InputError(
            f"{name} can't be read: {str(error).splitlines()[0]}", PLAIN_TYPES
        ) from None
    finally:
        target.con.unregister("incoming")
