"""Tables and schemas made by hand, for tests of what happens after reading and before segmenting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb
import narwhals as nw
import pandas as pd

from reportgen.inputs.schema import Column, Schema, TableKind
from reportgen.inputs.table import Origin, Part, Table


def made_table(frame: pd.DataFrame, name: str = "made.csv") -> Table:
    connection = duckdb.connect()
    connection.register("made", frame)
    connection.execute("CREATE TABLE kept AS SELECT * FROM made")
    relation = connection.table("kept")
    return Table(nw.from_native(relation), Origin(name, (Part(name, len(frame)),)))


def made_schema(frame: pd.DataFrame, kind: TableKind, roles: dict[str, str], **units: str) -> Schema:
    """A schema in which ``roles`` maps headers to roles and kinds follow the types of the frame."""
    columns = tuple(_column(str(name), frame[name], roles.get(str(name)), units) for name in frame.columns)
    return Schema(kind, columns, None, "made by hand")


def _column(name: str, values: pd.Series, role: str | None, units: dict[str, str]) -> Column:
    kind: Any = "text"
    if pd.api.types.is_datetime64_any_dtype(values):
        kind = "date"
    elif pd.api.types.is_numeric_dtype(values):
        kind = "number"
    return Column(
        name=name, role=role, kind=kind, format=None, unit=units.get(role or "", ""),
        protected=(role or "").startswith("P_"), personal=role in _PERSONAL,
        filled=int(values.notna().sum()), distinct=int(values.nunique()), passing=1.0, why="made by hand",
    )  # fmt: skip


_PERSONAL = ("customer_email", "customer_phone", "customer_name", "first_name", "last_name", "P_birth_date")


def made_frame(rows: Sequence[Sequence[Any]], columns: str) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=columns.split())
