"""The forms in which a run's list of customers is kept: CSV, Parquet, or a folder of Parquet files per segment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import narwhals as nw
import pandas as pd
import pyarrow as pa
from pyarrow import dataset, parquet

from reportgen.history.published import PublishedRun
from reportgen.inputs.engine import connect
from reportgen.inputs.sql import Engine, identifier, literal
from reportgen.settings import CustomersForm

LISTS: Mapping[CustomersForm, str] = {"csv": "customers.csv", "parquet": "customers.parquet", "folder": "customers"}
_NOWHERE = "none"  # not __HIVE_DEFAULT_PARTITION__: pandas fails on that
_BY_SEGMENT = dataset.partitioning(pa.schema([("segment", pa.string())]), flavor="hive")


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


def read_cells(path: Path) -> pd.DataFrame:
    """Return a list as text, "" for missing, in the order of its rows; that of a folder is sorted by customer.

    Raises OSError or ValueError where it is none.
    """
    if path.suffix == ".csv":
        return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    table = parquet.read_table(path, partitioning=None if path.suffix else _BY_SEGMENT)
    text = {name: table[name].cast(pa.string()).fill_null("") for name in table.column_names}
    frame: pd.DataFrame = pa.table(text).to_pandas()
    if path.suffix:
        return frame
    frame["segment"] = frame["segment"].replace(_NOWHERE, "")
    return frame.sort_values("customer", kind="stable", ignore_index=True)


def write_cells(cells: Mapping[str, Sequence[str]], types: Mapping[str, str], path: Path) -> None:
    """Write columns of text, "" for missing, as values of the types of the engine that are named, else as text."""
    named = ((identifier(name), types.get(name, "VARCHAR")) for name in cells)
    values = ", ".join(f"CAST(nullif({name}, '') AS {kind}) AS {name}" for name, kind in named)
    columns = pa.table({name: pa.array(column, pa.string()) for name, column in cells.items()})
    frame: Any = connect().from_arrow(columns)
    write_list(Engine(nw.from_native(frame).lazy()), values, path)
