"""Rows that lie in Spark, read one by one in the way that files are read: by the engine's SQL in Spark's workers."""

from __future__ import annotations

import contextlib
import importlib
import logging
import math
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import duckdb
import narwhals as nw
import pyarrow as pa

from reportgen.inputs.engine import connect

_HOME = 10_000_000  # cells that are brought home at once
_WIDE = ("UBIGINT", "HUGEINT", "UHUGEINT")  # numbers that Spark lacks


@dataclass(frozen=True)
class SparkRows:
    """A Spark frame, and queries over single rows, each FROM rows, that are run one after the other.

    It answers to what the rest asks of a relation of the engine: names, types, a projection, a filter.
    """

    frame: Any
    layers: tuple[str, ...] = ()

    @property
    def columns(self) -> list[str]:
        """Names after the last query."""
        return [name for name, _ in self._described()]

    @property
    def types(self) -> list[str]:
        """The engine's types after the last query."""
        return [kind for _, kind in self._described()]

    def project(self, cells: str) -> SparkRows:
        """Return the same rows with these columns."""
        return self.asked(f"SELECT {cells} FROM rows")

    def filter(self, condition: str) -> SparkRows:
        """Return the rows for which this holds."""
        return self.asked(f"SELECT * FROM rows WHERE {condition}")

    def asked(self, sql: str) -> SparkRows:
        """Return what a query says of each row, FROM rows."""
        return replace(self, layers=(*self.layers, sql))

    def collect_schema(self) -> list[str]:
        """Return the names; for those who ask a frame."""
        return self.columns

    def to_native(self) -> SparkRows:
        """Return itself; for those who unpack a frame."""
        return self

    def mapped(self) -> Any:
        """Return the Spark frame after the queries."""
        if not self.layers:
            return self.frame
        types = _pyspark("sql.pandas.types")
        sql = self._sql()
        result = _empty(self.frame, sql)
        with quiet():
            schema = types.from_arrow_schema(result, prefer_timestamp_ntz=True)
            return self.frame.mapInArrow(_worker(sql, result), schema)

    def count(self) -> int:
        """Return the number of rows."""
        return int(self.mapped().count())

    def home(self, con: duckdb.DuckDBPyConnection, name: str) -> Any:
        """Copy the rows into a table of the engine, some millions of cells at a time, and return its relation."""
        functions = _pyspark("sql.functions")
        kept = self.mapped().persist()
        try:
            parts = max(1, math.ceil(kept.count() * len(kept.columns) / _HOME))
            place = functions.pmod(functions.spark_partition_id(), functions.lit(parts))
            if parts > 1:
                place = functions.pmod(functions.xxhash64(*kept.columns), functions.lit(parts))
            for part in range(parts):
                con.register("incoming", (kept.where(place == part) if parts > 1 else kept).toArrow())
                start = "INSERT INTO" if part else "CREATE TABLE"
                con.execute(f'{start} "{name}" {"" if part else "AS "}SELECT * FROM incoming')
                con.unregister("incoming")
        finally:
            kept.unpersist()
        return con.table(name)

    def _sql(self) -> str:
        source = "incoming"
        for layer in self.layers:
            source = f"(WITH rows AS (SELECT * FROM {source}) {layer})"
        described = _described(self.frame, source)
        wide = ", ".join(f'"{name}"::DECIMAL(20,0) AS "{name}"' for name, kind in described if kind in _WIDE)
        return f"SELECT *{f' REPLACE ({wide})' if wide else ''} FROM {source}"

    def _described(self) -> list[tuple[str, str]]:
        source = "incoming"
        for layer in self.layers:
            source = f"(WITH rows AS (SELECT * FROM {source}) {layer})"
        return _described(self.frame, source)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep Spark's own notes about pandas, and its log of failed queries, from people who can't act on them."""
    for name in ("SQLQueryContextLogger", "DataFrameQueryContextLogger"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="PySpark does not yet fully support")
        yield


def is_spark(frame: Any) -> bool:
    """Tell whether a table's frame lies in Spark."""
    return isinstance(frame, SparkRows)


def rows_in_spark(frame: Any) -> SparkRows | None:
    """Return a table's frame, or a lazy frame over one of Spark, as rows in Spark; None where it lies elsewhere."""
    if is_spark(frame):
        return frame  # type: ignore[no-any-return]
    native = nw.to_native(frame)
    return SparkRows(native) if hasattr(native, "mapInArrow") else None


def wrapped(relation: Any) -> Any:
    """Return a relation as the lazy frame of a table; rows in Spark stay what they are."""
    return relation if is_spark(relation) else nw.from_native(relation).lazy()


def counted(relation: Any, conditions: Sequence[str]) -> tuple[int, ...]:
    """Return for how many rows of a relation each condition holds."""
    cells = ", ".join(f"coalesce(count_if({condition}), 0) AS n{place}" for place, condition in enumerate(conditions))
    if not is_spark(relation):
        return tuple(map(int, relation.aggregate(cells).fetchall()[0]))
    parts = relation.asked(f"SELECT {cells} FROM rows").mapped().collect()
    return tuple(int(sum(part[place] or 0 for part in parts)) for place in range(len(conditions)))


def at_home(frame: Any, name: str = "data") -> Any:
    """Return a frame of the engine with the same rows; those of the engine stay where they are."""
    rows = rows_in_spark(frame)
    return frame if rows is None else wrapped(rows.home(connect(), name))


def beside(frame: nw.LazyFrame[Any], other: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Return a frame of the engine, of a few columns, where ``other`` lies, so that the two can be joined."""
    rows = rows_in_spark(other)
    if rows is None:
        return frame
    table = frame.collect().to_arrow()
    with quiet():
        sent: nw.LazyFrame[Any] = nw.from_native(rows.frame.sparkSession.createDataFrame(table)).lazy()
    return sent


def _pyspark(module: str) -> Any:
    return importlib.import_module(f"pyspark.{module}")


def _arrow_schema(frame: Any) -> pa.Schema:
    return _pyspark("sql.pandas.types").to_arrow_schema(frame.schema)


def _described(frame: Any, source: str) -> list[tuple[str, str]]:
    with duckdb.connect() as con:
        con.register("incoming", _arrow_schema(frame).empty_table())
        return [(row[0], row[1]) for row in con.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()]


def _empty(frame: Any, sql: str) -> pa.Schema:
    with duckdb.connect() as con:
        con.register("incoming", _arrow_schema(frame).empty_table())
        return con.sql(sql).to_arrow_table().schema


def _worker(sql: str, schema: pa.Schema) -> Any:
    """Return a function that Spark's workers run; it brings its own imports, as this package may not be there."""

    def read(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import duckdb
        import pyarrow

        con = duckdb.connect()
        con.execute("SET threads = 1")
        for batch in batches:
            con.register("incoming", pyarrow.Table.from_batches([batch]))
            yield from con.sql(sql).to_arrow_table().cast(schema).to_batches()
            con.unregister("incoming")

    return read
