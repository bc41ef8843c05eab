"""SQL over the DuckDB relation inside a lazy table: the only engine-specific part of this room."""

from __future__ import annotations

import errno
import itertools
import os
from pathlib import Path
from typing import Any, ClassVar, cast

import narwhals as nw
import pandas as pd
from duckdb import DuckDBPyRelation, IOException

from reportgen.inputs.engine import identifier, literal
from reportgen.inputs.spark_engine import SparkEngine
from reportgen.inputs.spark_rows import rows_in_spark

__all__ = ["Engine", "engine_over", "identifier", "literal", "words_in"]

_numbers = itertools.count(1)


def words_in(values: list[str] | tuple[str, ...]) -> str:
    """Return a parenthesised list for IN; never empty, so that the SQL stays valid."""
    return "(" + ", ".join(literal(value) for value in values) + ")" if values else "(NULL)"


class Engine:
    """Names relations so that SQL can speak about them; temporary tables disappear with ``close``."""

    at_hand: ClassVar[bool] = True  # rows come in the order of their file, and cost little to be read anew

    def __init__(self, frame: nw.LazyFrame[Any]) -> None:
        self.source: DuckDBPyRelation = nw.to_native(frame)
        self._prefix = f"reportgen_{os.getpid()}_{next(_numbers)}"
        self._tables: list[str] = []
        self._named: dict[str, str] = {}
        self._light = self.source  # what queries go to that don't read the source, which is costly to bind each time

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query in which ``{source}`` and the names of kept tables are replaced."""
        return self._relation(sql).fetchall()

    def frame(self, sql: str) -> pd.DataFrame:
        """Return the result of a query as a pandas frame."""
        result: pd.DataFrame = self._relation(sql).df()
        return result

    def part(self, name: str, condition: str) -> nw.LazyFrame[Any]:
        """Keep the rows of ``{source}`` for which this holds, and return them; they live as long as this engine."""
        self.keep(name, f"SELECT * FROM {{source}} WHERE {condition}")
        frame: nw.LazyFrame[Any] = nw.from_native(self._relation(f"FROM {{{name}}}")).lazy()
        return frame

    def forget_order(self) -> None:
        """Let rows come in any order from now on, which large tables are written with in less memory."""
        self._run("SET preserve_insertion_order = false")

    def keep_order(self) -> None:
        """Let rows come in the order of their file again."""
        self._run("SET preserve_insertion_order = true")

    def relation(self, sql: str) -> Any:
        """Return a query as a relation that others can ask; it lives as long as the tables that it reads."""
        return self._relation(sql)

    def keep(self, name: str, sql: str) -> None:
        """Materialise a query as a temporary table that later queries call ``{name}``."""
        created = self._run(f"CREATE OR REPLACE TEMP TABLE {self._table(name)} AS", sql)
        self._light = (
            self.source if created is None else created
        )  # a relation over the number of rows, in some versions of the engine
        self._tables.append(name)

    def drop(self, name: str) -> None:
        """Let go of a kept table, if there is one of this name."""
        self._run(f"DROP TABLE IF EXISTS {self._table(name)}")

    def replace(self, name: str, old: str, new: str) -> None:
        """Replace the rows of a kept table whose ``rowid`` the query ``old`` tells by those of the query ``new``."""
        self.keep("new", new)
        self._run(f"DELETE FROM {self._table(name)} WHERE rowid IN ({old})")
        self._run(f"INSERT INTO {self._table(name)} BY NAME FROM {{new}}")

    def keep_rows(self, name: str, sql: str) -> None:
        """Keep a query that looks at each row of one table by itself, which an engine of many machines may use."""
        self.keep(name, sql)

    def name_rows(self, name: str, sql: str) -> None:
        """Let later queries call a query ``{name}`` that looks at each row of one table by itself."""
        self.name(name, sql)

    def here(self, sql: str) -> nw.LazyFrame[Any]:
        """Return a query as a frame of this process; it lives as long as the tables that it reads."""
        frame: nw.LazyFrame[Any] = nw.from_native(self._relation(sql)).lazy()
        return frame

    def name(self, name: str, sql: str) -> None:
        """Let later queries call a query ``{name}``; it runs anew in each of them."""
        self._named[name] = f"({sql})"

    def knows(self, name: str) -> bool:
        """Tell whether a table or a query is called ``{name}``."""
        return name in self._tables or name in self._named

    def write(self, sql: str, path: Path) -> None:
        """Write the result of a query, in its order, for its owner only: as Parquet, or as CSV with a header."""
        path.touch(mode=0o600)
        form = "FORMAT parquet" if path.suffix == ".parquet" else "FORMAT csv, HEADER"
        try:
            self._run(f"COPY ({sql}) TO {literal(str(path))} ({form}, USE_TMP_FILE false)")
        except IOException as error:
            if path.name in str(error) and (full := os.strerror(errno.ENOSPC)) in str(error):
                raise OSError(errno.ENOSPC, full, str(path)) from None
            raise

    def close(self) -> None:
        """Drop the temporary tables."""
        while self._tables:
            self._run(f"DROP TABLE IF EXISTS {self._table(self._tables.pop())}")
        self._run(f"DROP VIEW IF EXISTS {self._view}")

    @property
    def _view(self) -> str:
        return f"{self._prefix}_source"

    def _table(self, name: str) -> str:
        return f"{self._prefix}_{name}"

    def _relation(self, sql: str) -> DuckDBPyRelation:
        return cast(DuckDBPyRelation, self._run(sql))

    def _run(self, *sql: str) -> DuckDBPyRelation | None:
        written = " ".join(sql)
        for name, query in reversed(self._named.items()):  # those named later may speak of those named before
            written = written.replace(f"{{{name}}}", query)
        over, view = (self.source, self._view) if "{source}" in written else (self._light, f"{self._view}_light")
        return over.query(view, self._fill(written))

    def _fill(self, sql: str) -> str:
        for name in self._tables:
            sql = sql.replace(f"{{{name}}}", self._table(name))
        return sql.replace("{source}", self._view)


def engine_over(frame: Any) -> Engine:
    """Return the engine in which a frame lies: this process, or Spark, which is asked in the same words."""
    rows = rows_in_spark(frame)
    return Engine(frame) if rows is None else cast(Engine, SparkEngine(rows))
