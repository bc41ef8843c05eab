"""The plan of a run: what is counted, what is extrapolated, and when one machine is too small."""

from __future__ import annotations

import contextlib
import dataclasses
import gzip
import json
import sqlite3
from pathlib import Path

import pandas as pd
import pytest
from shared import MALL, ROOT

from reportgen.cli.main import run_cli
from reportgen.cli.plan import plan_lines
from reportgen.config import Config, load_config
from reportgen.errors import ConfigError, InputError
from reportgen.estimate import COSTS, Shape, estimate_run, predict


def log(rows: int) -> pd.DataFrame:
    return pd.DataFrame({
        "order_id": range(rows),
        "customer_id": [f"customer {i % 700}" for i in range(rows)],
        "order_date": pd.date_range("2024-01-01", periods=rows, freq="min"),
        "order_total": [10.25 + i % 90 for i in range(rows)],
    })  # fmt: skip


def test_a_small_file_is_counted() -> None:
    plan = estimate_run([str(MALL)], Config())
    assert (plan.files, plan.rows, plan.exact, plan.columns, plan.kind) == (1, 200, True, 5, "customers")
    assert plan.size == MALL.stat().st_size
    assert 0 < plan.seconds[0] < plan.seconds[1]
    assert not plan.move


def test_parquet_is_counted_from_its_footers(tmp_path: Path) -> None:
    for place in range(3):
        log(1000 + place).to_parquet(tmp_path / f"{place}.parquet")
    plan = estimate_run([str(tmp_path)], Config())
    assert (plan.files, plan.rows, plan.exact, plan.form, plan.kind) == (3, 3003, True, "Parquet", "orders")


@pytest.mark.parametrize("packed", [False, True], ids=["csv", "csv.gz"])
def test_rows_of_a_large_text_are_extrapolated(tmp_path: Path, packed: bool) -> None:
    text = log(60_000).to_csv(index=False).encode()
    (tmp_path / ("a.csv.gz" if packed else "a.csv")).write_bytes(gzip.compress(text, mtime=0) if packed else text)
    plan = estimate_run([str(tmp_path)], Config())
    assert not plan.exact
    assert plan.kind == "orders"
    assert plan.rows == pytest.approx(60_000, rel=0.1)


def test_a_database_is_asked_for_the_number_of_its_rows(tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / "shop.db")) as con:
        log(30_000).assign(order_date="2024-05-06").to_sql("sales", con, index=False)
        con.execute("CREATE TABLE other (n INTEGER)")
    address = f"sqlite:///{tmp_path / 'shop.db'}"
    with pytest.raises(ConfigError, match="holds 2 tables"):
        estimate_run([address], Config())
    plan = estimate_run([address], load_config(input__table_name="sales"))
    assert (plan.files, plan.rows, plan.exact, plan.columns, plan.kind) == (0, 30_000, True, 4, "orders")
    assert plan_lines(plan)[0] == "Input    database: a log of orders"
    assert "once, in one transaction" in plan.reads[0]
    asked = estimate_run([address], load_config(input__query="SELECT * FROM sales WHERE order_id < 25000;"))
    assert asked.rows == 25_000
    assert asked.seconds[0] < plan.seconds[0]


@pytest.mark.parametrize("kind", ["customers", "orders"])
def test_cost_grows_with_rows_and_columns(kind: str) -> None:
    costs = json.loads(COSTS.read_text(encoding="utf-8"))[kind]
    shapes = [Shape(kind, rows, 10, "Parquet", 200_000, 2_000) for rows in (200, 10**5, 10**7, 10**9)]
    seconds = [predict(shape, costs, "seconds") for shape in shapes]
    assert seconds == sorted(seconds)
    assert seconds[3] < 100 * seconds[2]  # at most as the rows grow
    wide, text = dataclasses.replace(shapes[2], columns=20), dataclasses.replace(shapes[2], columns=20, form="text")
    assert seconds[2] <= predict(wide, costs, "seconds") <= predict(text, costs, "seconds")
    memory = [predict(shape, costs, "memory") for shape in shapes]
    assert memory == sorted(memory)


def test_memory_of_tables_keeps_its_limit_and_what_is_looked_at_comes_on_top() -> None:
    costs = {"memory": [400.0, 5.0, 20.0, 0.0]}
    shape = Shape("customers", 10**8, 10, "Parquet", 200_000, 2_000)
    assert predict(shape, costs, "memory") == 400 + 5 * 0.2 * 10 + 2_000
    assert predict(dataclasses.replace(shape, limit=1e6), costs, "memory") == 400 + 5 * 0.2 * 10 + 20_000


@pytest.mark.parametrize("kind", ["customers", "orders"])
def test_constants_agree_with_the_runs_that_they_were_fitted_to(kind: str) -> None:
    costs = json.loads(COSTS.read_text(encoding="utf-8"))
    runs = json.loads((ROOT / "benchmarks" / "estimates.json").read_text(encoding="utf-8"))
    for name, run in runs.items():
        of, rows, _, columns, form = name.split()
        if of == kind:
            shape = Shape(kind, int(rows), int(columns), form, 200_000, 2_662)
            ratio = predict(shape, costs[kind], "seconds") * run["probe"] / run["cpu"]
            assert 1 / 2 < ratio < 2, name
            assert 1 / 2 < predict(shape, costs[kind], "memory") / run["peak"] < 2, name


def test_more_rows_cost_more(tmp_path: Path) -> None:
    costs = []
    for rows in (1000, 30_000):
        log(rows).to_parquet(tmp_path / "a.parquet")
        costs.append(estimate_run([str(tmp_path / "a.parquet")], Config()).memory[0])
    assert costs[0] < costs[1]


def test_spark_is_advised_where_the_machine_is_too_small() -> None:
    plan = estimate_run([str(MALL)], Config())
    large = dataclasses.replace(plan, memory=(30_000.0, 120_000.0), machine=24_000.0)
    assert large.move
    assert "--engine spark" in plan_lines(large)[-1]
    assert "29 GiB to 120 GiB of the 23 GiB" in plan_lines(large)[-2]
    assert dataclasses.replace(plan, seconds=(4000.0, 16_000.0)).move


def test_the_command_prints_and_makes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run_cli(["plan", str(MALL)]) == 0
    printed = capsys.readouterr().out
    assert "Rows     200 with 5 columns" in printed
    assert "Spark    not needed" in printed
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("engine", "source"), [("duckdb", "s3://bucket/sales"), ("spark", str(MALL))])
def test_a_plan_needs_files_or_a_database(engine: str, source: str) -> None:
    with pytest.raises(InputError, match="from files on this machine, or from a database"):
        estimate_run([source], load_config(input__engine=engine))
