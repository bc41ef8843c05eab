"""Spark as an engine: its words, its frames and tables, months, and what is missing or wrong."""

from __future__ import annotations

import datetime as dt
import shutil
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from shared import MALL

from reportgen.config import Config, load_config
from reportgen.errors import ConfigError, InputError
from reportgen.inputs import spark_rows
from reportgen.inputs.cutoff import rows_until
from reportgen.inputs.read import read_customers
from reportgen.inputs.schema import infer_schema
from reportgen.inputs.spark_rows import at_home, quiet
from reportgen.inputs.spark_sql import in_spark_words
from reportgen.inputs.table import open_table
from reportgen.settings import InputConfig


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT last_day - min(day) FROM t", "DATEDIFF(DAY, MIN(day), last_day)"),
        ("SELECT DATE '2024-05-01' - day FROM t", "DATEDIFF(DAY, day, CAST('2024-05-01' AS DATE))"),
        ("SELECT day - 365 FROM t", "day - 365"),
        ("SELECT amount - refund FROM t", "amount - refund"),
        ("SELECT a / b FROM t", "CAST(a AS DOUBLE) / CAST(b AS DOUBLE)"),
        ("SELECT order_id[1] FROM t", "SUBSTRING(order_id, 1, 1)"),
        ("SELECT regexp_full_match(a, '9+') FROM t", "a RLIKE '^(?:9+)$'"),
        ("SELECT isodow(day) FROM t", "(WEEKDAY(day) + 1)"),
        ("SELECT quantile_cont(gap, 0.9) FROM t", "PERCENTILE(gap, 0.9)"),
        ("SELECT * REPLACE (upper(b) AS b) FROM t", "`a`, UPPER(b) AS b"),
        ("SELECT max(a, 2) FROM t", "MAX_BY(a, a, 2)"),
        ("SELECT max(a, 2)[2] FROM t", "GET(MAX_BY(a, a, 2), 1)"),
        ("SELECT fsum(a) FROM t", "SUM(a)"),
        ("SELECT row_number() OVER w FROM t WINDOW w AS (PARTITION BY a)", "OVER (PARTITION BY a ORDER BY a)"),
    ],
)
def test_what_spark_says_differently(sql: str, words: str) -> None:
    pytest.importorskip("sqlglot", reason="sqlglot is absent: pip install '.[spark]'")
    assert words in in_spark_words(sql, {"t": ["a", "b"]})


@pytest.mark.parametrize("home", [None, "/nowhere"])
def test_spark_without_java(monkeypatch: pytest.MonkeyPatch, home: str | None) -> None:
    sql = pytest.importorskip("pyspark.sql", reason="pyspark is absent: pip install '.[spark]'")
    monkeypatch.setattr(sql.SparkSession, "getActiveSession", lambda: None)  # that of the other tests may run
    if home is None:
        monkeypatch.setattr(shutil, "which", lambda _: None)
        monkeypatch.delenv("JAVA_HOME", raising=False)
    else:
        monkeypatch.setenv("JAVA_HOME", home)
    with pytest.raises(ConfigError, match="Spark needs Java 17") as error:
        open_table(MALL, InputConfig(engine="spark"))
    assert "apt-get install default-jre-headless" in error.value.hint


def test_spark_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(ConfigError, match="Spark needs pyspark, which is not installed") as error:
        open_table(MALL, InputConfig(engine="spark"))
    assert "pip install 'pyspark[connect]' sqlglot" in error.value.hint


def test_an_engine_that_nobody_knows() -> None:
    with pytest.raises(ConfigError, match="say duckdb, spark, or an address of Spark"):
        load_config(None, input__engine="sparkk")


# --- with a session --------------------------------------------------------------------------------------------------


def sales(folder: Path) -> Path:
    frame = pd.DataFrame({
        "order_id": range(60),
        "customer_id": [f"c{i % 20}" for i in range(60)],
        "order_date": pd.date_range("2024-01-01", periods=60, freq="D"),
        "order_total": [10.5 + i % 7 for i in range(60)],
    })  # fmt: skip
    for month, rows in frame.groupby(frame["order_date"].dt.month):
        rows.to_parquet(folder / f"{month}.parquet", index=False)
    return folder


@pytest.mark.slow
def test_frames_tables_and_queries_of_spark(spark: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spark_rows, "_HOME", 500)  # cells: rows come home in parts
    with quiet():
        frame = spark.read.csv(str(MALL), header=True, inferSchema=True)
        frame.createOrReplaceTempView("mall")
    local = read_customers(MALL).frame
    for source, told in (
        (frame, {}),
        ("mall", {}),
        ("x", {"query": "SELECT * FROM mall;"}),
        ("x", {"table_name": "mall"}),
    ):
        config = load_config(None, **{f"input__{key}": value for key, value in {"engine": "local[2]", **told}.items()})
        assert read_customers(source, config if isinstance(source, str) else Config()).frame.equals(local)


@pytest.mark.slow
def test_months_in_spark_end_where_they_do_here(spark: Any, tmp_path: Path) -> None:
    source, day, config = sales(tmp_path), dt.date(2024, 1, 31), Config()
    cut = []
    for engine in ("duckdb", "local[2]"):
        table = open_table(source, InputConfig(engine=engine))
        kept = rows_until(table, infer_schema(table, config), day)
        relation: Any = at_home(kept.frame).to_native()
        cut.append((kept.origin.rows, kept.origin.goes_on, sorted(relation.fetchall())))
    assert cut[0] == cut[1]
    assert cut[0][0] == 31


@pytest.mark.slow
def test_a_month_in_spark_remembers_what_it_does_here(spark: Any, tmp_path: Path) -> None:
    source = sales(tmp_path)
    here, there = (
        read_customers(
            source, load_config(None, input__engine=engine, input__period="2024-01", input__as_of="2024-01-31")
        ).intake
        for engine in ("duckdb", "local[2]")
    )
    assert here is not None
    assert here.rows_in("2024-01") == 31
    assert there == here


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "told", "message"),
    [
        ("/nowhere/sales.parquet", {}, "Spark can't read sales.parquet: .*does not exist"),
        ("no_such_table", {}, "Spark can't read no_such_table: .*cannot be found"),
        ("x", {"query": "SELECT 1 AS a WHERE FALSE"}, "x has no rows"),
        ("x", {"query": "SELECT nothing"}, "Spark can't read x: .*nothing"),
        (pd.DataFrame({"a": [1]}), {}, "Spark reads paths, tables and its own frames only"),
    ],
    ids=["path", "table", "empty", "query", "pandas"],
)
def test_what_spark_can_not_read(spark: Any, source: Any, told: dict[str, str], message: str) -> None:
    with pytest.raises(InputError, match=message) as error:
        open_table(source, InputConfig(engine="local[2]", **told))
    assert error.value.hint
