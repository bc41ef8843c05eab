"""The plan of a run: what is counted, what is extrapolated, and when one machine is too small."""

from __future__ import annotations

import dataclasses
import gzip
from pathlib import Path

import pandas as pd
import pytest
from shared import MALL

from reportgen.cli.main import run_cli
from reportgen.cli.plan import plan_lines
from reportgen.config import Config
from reportgen.errors import InputError
from reportgen.estimate import estimate_run


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


def test_a_plan_needs_files() -> None:
    with pytest.raises(InputError, match="from files on this machine"):
        estimate_run(["postgresql://localhost/shop"], Config())
