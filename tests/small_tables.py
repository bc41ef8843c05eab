"""Small tables for the tests of this room."""

from __future__ import annotations

from typing import Any

import duckdb
import narwhals as nw

from reportgen.config import Config
from reportgen.inputs.schema import Schema, infer_schema
from reportgen.inputs.table import Origin, Part, Table
from reportgen.inputs.typed import type_table
from reportgen.settings import InputConfig


def text_table(columns: dict[str, list[str | None]], delimiter: str = "comma") -> Table:
    """Return a table of text, as a file would give it."""
    names = list(columns)
    con = duckdb.connect()
    con.execute(f"CREATE TABLE data ({', '.join(f'{quoted(name)} VARCHAR' for name in names)})")
    cells = ", ".join("unnest(?)" for _ in names)
    con.execute(f"INSERT INTO data SELECT {cells}", list(columns.values()))
    return _table(con, len(columns[names[0]]), delimiter)


def typed_table(sql: str) -> Table:
    """Return a table with typed columns from a query."""
    con = duckdb.connect()
    con.execute(f"CREATE TABLE data AS {sql}")
    return _table(con, con.execute("SELECT count(*) FROM data").fetchall()[0][0], "")


def _table(con: Any, rows: int, delimiter: str) -> Table:
    origin = Origin("test.csv", (Part("test.csv", rows),), (("delimiter", delimiter),))
    relation = con.table("data")
    return Table(nw.from_native(relation), origin)


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def schema_of(table: Table, **settings: Any) -> Schema:
    return infer_schema(table, Config(input=InputConfig(**settings)))


def roles(schema: Schema) -> dict[str, str | None]:
    return {column.name: column.role for column in schema.columns}


def values(table: Table, schema: Schema, *names: str) -> dict[str, list[Any]]:
    """Return the typed values by column, of all columns or of these."""
    relation: Any = type_table(table, schema).to_native()
    relation = relation.project(", ".join(map(quoted, names or relation.columns)))
    rows = relation.fetchall()
    return {name: [row[i] for row in rows] for i, name in enumerate(relation.columns)}
