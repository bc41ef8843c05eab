"""The forms in which a run's list of customers is kept: CSV, Parquet, or a folder of Parquet files per segment."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import narwhals as nw
import pyarrow as pa

from reportgen.history.published import PublishedRun
from reportgen.inputs.engine import LONGEST_LINE, connect, file_literal
from reportgen.inputs.sql import Engine, identifier, literal
from reportgen.settings import CustomersForm

LISTS: Mapping[CustomersForm, str] = {"csv": "customers.csv", "parquet": "customers.parquet", "folder": "customers"}
_NOWHERE = "none"  # not __HIVE_DEFAULT_PARTITION__: pandas fails on that


def is_list(name: str) -> bool:
    """Tell whether a file of a run, by its path in there, is the list of customers or a part of it."""
    return name.partition("/")[0] in LISTS.values()


def list_of(run: PublishedRun) -> Path | None:
    """Return where the list of customers of a run is, whatever its form; None where it is gone, or a part of it."""
    names = [name for name in run.manifest["files"] if is_list(name)]
    return run.folder / names[0].partition("/")[0] if names and all(map(run.has, names)) else None


def write_list(engine: Engine, cells: str, path: Path) -> None:
    """Write what these cells of ``{source}`` say, sorted by its ``customer``, in the form of the path."""
    if path.suffix:
        engine.write(f"SELECT {cells} FROM (FROM {{source}} ORDER BY customer)", path)
        return
    engine.keep("listed", f"SELECT {cells} FROM {{source}}")
    for (segment,) in engine.ask("SELECT DISTINCT segment FROM {listed} ORDER BY segment"):
        folder = path / f"segment={segment or _NOWHERE}"
        folder.mkdir(parents=True)
        of_it = f"segment IS NOT DISTINCT FROM {'NULL' if segment is None else literal(segment)}"
        part = f"SELECT * EXCLUDE (segment) FROM {{listed}} WHERE {of_it} ORDER BY customer"
        engine.write(part, folder / "part-0.parquet")


def listed_rows(path: Path) -> str:
    """Return SQL that reads a list; a cell that is missing is null, or "" where it is text.

    Raises OSError or ValueError where it is no list.
    """
    if path.suffix == ".parquet":
        return f"(FROM read_parquet([{file_literal(path)}], hive_partitioning=false))"
    if path.suffix:
        return _rows_of_csv(path)
    parts = ", ".join(file_literal(part) for part in sorted(path.rglob("*.parquet")))
    read = f"FROM read_parquet([{parts}], hive_partitioning=true, hive_types={{'segment': VARCHAR}})"
    return f"(SELECT * REPLACE (nullif(segment, {literal(_NOWHERE)}) AS segment) {read})"


def _rows_of_csv(path: Path) -> str:
    with path.open(encoding="utf-8", newline="") as file:
        columns = next(csv.reader(file), ())
    types = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in columns)
    return (
        f"(FROM read_csv([{file_literal(path)}], auto_detect=false, header=true, delim=',', quote='\"', escape='\"', "
        f"columns={{{types}}}, max_line_size={LONGEST_LINE}, hive_partitioning=false))"
    )


def write_cells(cells: Mapping[str, Sequence[str]], types: Mapping[str, str], path: Path) -> None:
    """Write columns of text, "" for missing, as values of the types of the engine that are named, else as text."""
    named = ((identifier(name), types.get(name, "VARCHAR")) for name in cells)
    values = ", ".join(f"CAST(nullif({name}, '') AS {kind}) AS {name}" for name, kind in named)
    columns = pa.table({name: pa.array(column, pa.string()) for name, column in cells.items()})
    frame: Any = connect().from_arrow(columns)
    write_list(Engine(nw.from_native(frame).lazy()), values, path)
