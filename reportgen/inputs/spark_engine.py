"""The questions about a log of orders, asked of Spark."""

from __future__ import annotations

import re
import uuid
from typing import Any

import duckdb
import pandas as pd

from reportgen.inputs.spark_rows import SparkRows, at_home, quiet
from reportgen.inputs.spark_sql import in_spark_words


class SparkEngine:
    """Does for rows in Spark what ``Engine`` does for a relation of DuckDB, with the same SQL."""

    def __init__(self, rows: SparkRows) -> None:
        self.source = rows
        self._session = rows.frame.sparkSession
        self._prefix = f"reportgen_{uuid.uuid4().hex[:12]}"
        self._kept: dict[str, Any] = {}

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query in which ``{source}`` and the names of kept tables are replaced."""
        return [tuple(row) for row in self._asked(sql).collect()]

    def frame(self, sql: str) -> pd.DataFrame:
        """Return the result of a query as a pandas frame."""
        with duckdb.connect() as con:
            with quiet():
                con.register("result", self._asked(sql).toArrow())
            result: pd.DataFrame = con.execute("SELECT * FROM result").df()
        return result

    def keep_rows(self, name: str, sql: str) -> None:
        """Keep what a query says of each single row of ``{source}``; the engine runs it in Spark's workers."""
        self._keep(name, self.source.asked(sql.replace("{source}", "rows")).mapped())

    def part(self, name: str, condition: str) -> Any:
        """Bring the rows of ``{source}`` home for which this holds."""
        return at_home(self.source.filter(condition), name)

    def keep(self, name: str, sql: str) -> None:
        """Keep a query as a table that later queries call ``{name}``."""
        self._keep(name, self._asked(sql))

    def name(self, name: str, sql: str) -> None:
        """Let later queries call a query ``{name}``; it runs anew in each of them."""
        self._view_of(name, self._asked(sql))

    def close(self) -> None:
        """Let go of the kept tables."""
        for frame in self._kept.values():
            frame.unpersist()
        for name in self._kept:  # a frame may be told by the names of others until it is let go
            self._session.catalog.dropTempView(self._view(name))
        self._kept.clear()

    def _keep(self, name: str, frame: Any) -> None:
        self._view_of(name, frame.persist())

    def _view_of(self, name: str, frame: Any) -> None:
        frame.createOrReplaceTempView(self._view(name))
        self._kept[name] = frame

    def _asked(self, sql: str) -> Any:
        if "{source}" in sql and "source" not in self._kept:
            self._view_of("source", self.source.mapped())
        filled = re.sub(r"\{([a-z_]+)\}", lambda m: self._view(m[1]) if m[1] in self._kept else m[0], sql)
        return self._session.sql(in_spark_words(filled, {self._view(n): f.columns for n, f in self._kept.items()}))

    def _view(self, name: str) -> str:
        return f"{self._prefix}_{name}"
