"""The questions about a log of orders, asked of Spark."""

from __future__ import annotations

import contextlib
import re
import uuid
import weakref
from typing import Any, ClassVar

import duckdb
import pandas as pd

from reportgen.inputs.spark_rows import SparkRows, at_home, quiet
from reportgen.inputs.spark_sql import in_spark_words

_NAMES = re.compile(r"\{([a-z_]+)\}")


class SparkEngine:
    """Does for rows in Spark what ``Engine`` does for a relation of DuckDB, with the same SQL."""

    at_hand: ClassVar[bool] = False

    def __init__(self, rows: SparkRows) -> None:
        self.source = rows
        self._session = rows.frame.sparkSession
        self._prefix = f"reportgen_{uuid.uuid4().hex[:12]}"
        self._kept: dict[str, Any] = {}
        weakref.finalize(self, _let_go, self._session, self._prefix, self._kept).atexit = False

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
        """Keep what a query says of each single row of one table; DuckDB runs it in Spark's workers."""
        self._keep(name, self._mapped(sql))

    def name_rows(self, name: str, sql: str) -> None:
        """Let later queries call ``{name}`` what a query says of each single row of one table."""
        self._view_of(name, self._mapped(sql))

    def part(self, name: str, condition: str) -> Any:
        """Bring the rows of ``{source}`` home for which this holds."""
        return at_home(self.source.filter(condition), name)

    def keep(self, name: str, sql: str) -> None:
        """Keep a query as a table that later queries call ``{name}``."""
        self._keep(name, self._asked(sql))

    def name(self, name: str, sql: str) -> None:
        """Let later queries call a query ``{name}``; it runs anew in each of them."""
        self._view_of(name, self._asked(sql))

    def here(self, sql: str) -> Any:
        """Bring the result of a query home."""
        return at_home(SparkRows(self._asked(sql)))

    def relation(self, sql: str) -> Any:
        """Return a query as a frame of Spark; the kept tables that it reads live as long as this engine."""
        return self._asked(sql)

    def forget_order(self) -> None:
        """Do nothing: rows have no order here."""

    def knows(self, name: str) -> bool:
        """Tell whether a query is called ``{name}``."""
        return name in self._kept

    def close(self) -> None:
        """Let go of the kept tables."""
        _let_go(self._session, self._prefix, self._kept)

    def _mapped(self, sql: str) -> Any:
        [table] = set(_NAMES.findall(sql))
        rows = self.source if table == "source" else SparkRows(self._kept[table])
        return rows.asked(sql.replace(f"{{{table}}}", "rows")).mapped()

    def _keep(self, name: str, frame: Any) -> None:
        self._view_of(name, frame.persist())

    def _view_of(self, name: str, frame: Any) -> None:
        frame.createOrReplaceTempView(self._view(name))
        self._kept[name] = frame

    def _asked(self, sql: str) -> Any:
        if "{source}" in sql and "source" not in self._kept:
            self._view_of("source", self.source.mapped())
        filled = _NAMES.sub(lambda m: self._view(m[1]) if m[1] in self._kept else m[0], sql)
        return self._session.sql(in_spark_words(filled, {self._view(n): f.columns for n, f in self._kept.items()}))

    def _view(self, name: str) -> str:
        return f"{self._prefix}_{name}"


def _let_go(session: Any, prefix: str, kept: dict[str, Any]) -> None:
    with contextlib.suppress(Exception):  # a session that has ended keeps nothing
        for frame in kept.values():
            frame.unpersist()
        for name in kept:  # a frame may be told by the names of others until it is let go
            session.catalog.dropTempView(f"{prefix}_{name}")
    kept.clear()
