"""One table, many engines: the same segments, names and numbers, whatever holds the rows."""

from __future__ import annotations

import dataclasses
import json
import math
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from servers import Server, postgres
from shared import MALL

from reportgen.analysis import analyse
from reportgen.config import Config, load_config
from reportgen.history.customer_list import write_assignments
from reportgen.inputs.table import open_table
from reportgen.report.data import render_json
from reportgen.report.sections import compose

Opener = Callable[[str, pd.DataFrame, Path], tuple[Any, dict[str, str]]]


# --- the tables ------------------------------------------------------------------------------------------------------


def customers() -> pd.DataFrame:
    return pd.read_csv(MALL)


def orders() -> pd.DataFrame:
    """A log of orders with totals, refunds, tax, statuses and guests."""
    rng = np.random.default_rng(11)
    n = 1500
    person = np.sort(rng.integers(0, 240, n))
    pace = np.array([6.0, 25.0, 90.0])[person % 3]
    total = np.round(rng.gamma(4, np.array([12.0, 30.0, 5.0])[person % 3]), 2) + 1
    refunded = rng.random(n) < 0.05
    return pd.DataFrame({
        "order_id": np.arange(n) + 50_000,
        "customer_id": pd.array(np.where(rng.random(n) < 0.03, -1, person + 1000), dtype="Int64"),
        "order_date": pd.Timestamp("2024-01-01 08:00") + pd.to_timedelta(np.round(rng.random(n) * pace * 345_600), "s"),
        "order_total": total,
        "refund_amount": np.where(refunded, np.round(total / 2, 2), 0.0),
        "tax": np.round(total * 0.19 / 1.19, 2),
        "status": rng.choice(["paid", "paid", "paid", "cancelled", "refunded"], n, p=[0.5, 0.25, 0.2, 0.03, 0.02]),
        "country": np.array(["Österreich", "France", "Deutschland"])[person % 3],
    }).replace({"customer_id": {-1: pd.NA}}).sample(frac=1, random_state=3)  # fmt: skip


def lines() -> pd.DataFrame:
    """A log of order lines with cancelled invoices, duplicates, postage, and categories, that ends with a month."""
    rng = np.random.default_rng(12)
    n = 2400
    invoice = np.sort(rng.integers(0, 900, n))
    person = (invoice * 7919) % 150
    written = (invoice + 500_000).astype(str)
    frame = pd.DataFrame({
        "InvoiceNo": np.where(invoice % 19 == 0, np.char.add("C", written), written),
        "CustomerID": person + 12_000,
        "InvoiceDate": pd.Timestamp("2024-03-01 09:30") + pd.to_timedelta(invoice * 731 // 100, "h"),
        "Description": rng.choice(["mug", "lamp", "candle", "postage"], n),
        "Category": rng.choice(["Kitchen", "Light", "Décor"], n, p=[0.5, 0.3, 0.2]),
        "Quantity": np.where(invoice % 19 == 0, -1, 1) * rng.integers(1, 9, n),
        "UnitPrice": np.round(rng.gamma(2, 4, n) + 0.5, 2),
    })  # fmt: skip
    return pd.concat([frame, frame.head(25)]).sample(frac=1, random_state=4)


LARGE, SMALL = 200_000, 80  # customers looked at one by one: all, or a sample smaller than people may ask for
TABLES = {"customers": customers, "orders": orders, "lines": lines}


# --- the engines -----------------------------------------------------------------------------------------------------


def in_pandas(name: str, frame: pd.DataFrame, folder: Path) -> tuple[Any, dict[str, str]]:
    return frame, {}


def in_polars(name: str, frame: pd.DataFrame, folder: Path) -> tuple[Any, dict[str, str]]:
    return pl.from_pandas(frame), {}


def in_arrow(name: str, frame: pd.DataFrame, folder: Path) -> tuple[Any, dict[str, str]]:
    return pa.Table.from_pandas(frame, preserve_index=False), {}


def in_csv(name: str, frame: pd.DataFrame, folder: Path) -> tuple[Any, dict[str, str]]:
    frame.to_csv(folder / f"{name}.csv", index=False)
    return folder / f"{name}.csv", {}


def in_folder(name: str, frame: pd.DataFrame, folder: Path) -> tuple[Any, dict[str, str]]:
    (folder / name).mkdir()
    for place in range(3):
        frame.iloc[place::3].to_parquet(folder / name / f"{place}.parquet", index=False)
    return folder / name, {}


def in_sqlite(name: str, frame: pd.DataFrame, folder: Path) -> tuple[Any, dict[str, str]]:
    con = sqlite3.connect(folder / "shop.db")
    frame.to_sql(name, con, index=False)
    con.close()
    return f"sqlite:///{folder / 'shop.db'}", {"table_name": name}


def in_duckdb(name: str, frame: pd.DataFrame, folder: Path) -> tuple[Any, dict[str, str]]:
    with duckdb.connect(str(folder / "shop.duckdb")) as con:
        con.register("given", pa.Table.from_pandas(frame, preserve_index=False))
        con.execute(f"CREATE TABLE {name} AS SELECT * FROM given")
    return folder / "shop.duckdb", {"query": f"SELECT * FROM {name}"}


def in_postgresql(name: str, frame: pd.DataFrame, folder: Path) -> tuple[Any, dict[str, str]]:
    server = _server()
    kinds = {"i": "bigint", "I": "bigint", "f": "numeric(12, 2)", "M": "timestamp"}
    columns = ", ".join(f'"{label}" {kinds.get(frame[label].dtype.kind, "text")}' for label in frame)
    frame.to_csv(folder / f"{name}.csv", index=False)
    server.sql(f"CREATE TABLE {name} ({columns})")
    copy = f"\\copy {name} from '{folder / f'{name}.csv'}' csv header"
    subprocess.run(["psql", "-qX", server.url, "-c", copy], check=True)
    return server.url, {"table_name": name}


def in_spark(name: str, frame: pd.DataFrame, folder: Path) -> tuple[Any, dict[str, str]]:
    source, _ = in_folder(name, frame, folder)
    return source, {"engine": "local[2]"}


_running: dict[str, Server] = {}


def _server() -> Server:
    if not _running:
        pytest.skip("PostgreSQL is absent: apt-get install postgresql")
    return _running["postgresql"]


@pytest.fixture(scope="module", autouse=True)
def _servers() -> Iterator[None]:
    """One server for the whole module."""
    try:
        with postgres() as server:
            _running["postgresql"] = server
            yield
    except pytest.skip.Exception:
        yield
    _running.clear()


ENGINES: dict[str, Opener] = {
    "polars": in_polars, "arrow": in_arrow, "csv": in_csv, "parquet folder": in_folder, "sqlite": in_sqlite,
    "duckdb": in_duckdb, "postgresql": in_postgresql,
}  # fmt: skip


# --- the comparison --------------------------------------------------------------------------------------------------


def report_of(opened: tuple[Any, dict[str, str]], sample: int) -> Any:
    """Return every number and word of a report, apart from how the source was called and written, and the list."""
    source, told = opened
    config = load_config(
        None, segments__k=3, segments__k_max=3, **{f"input__{key}": value for key, value in told.items()}
    )
    table = open_table(source, config.input)
    part = dataclasses.replace(table.origin.parts[0], name="shop", rows=table.origin.rows)
    origin = dataclasses.replace(table.origin, name="shop", parts=(part,), facts=(), findings=())
    plain = Config(segments=config.segments)
    plain = plain.model_copy(update={"input": plain.input.model_copy(update={"sample": sample})})
    analysis = analyse(dataclasses.replace(table, origin=origin), plain)
    assert (analysis.customers.everyone is not None) == (sample == SMALL)
    with tempfile.TemporaryDirectory() as folder:
        write_assignments(analysis, Path(folder) / "customers.csv")
        listed = (Path(folder) / "customers.csv").read_text(encoding="utf-8")
    return json.loads(render_json(compose(analysis, plain))), listed.splitlines()


@cache
def expected(name: str, sample: int) -> Any:
    return report_of((TABLES[name](), {}), sample)


def differences(one: Any, other: Any, where: str = "") -> Iterator[str]:
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        for key in one:
            yield from differences(one[key], other[key], f"{where}.{key}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for place, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from differences(left, right, f"{where}[{place}]")
    elif isinstance(one, float) and isinstance(other, int | float):
        if not math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9):
            yield f"{where}: {one} is {other}"
    elif one != other:
        yield f"{where}: {one!r} is {other!r}"


def compare(opener: Opener, table: str, folder: Path, sample: int = LARGE) -> None:
    report, listed = report_of(opener(table, TABLES[table](), folder), sample)
    wanted, listed_in_pandas = expected(table, sample)
    assert list(differences(wanted, report)) == []
    assert listed == listed_in_pandas


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_gives_the_same_report(table: str, engine: str, tmp_path: Path) -> None:
    compare(ENGINES[engine], table, tmp_path)


@pytest.mark.parametrize("table", ["customers", "lines"])
@pytest.mark.parametrize("engine", ["polars", "arrow", "duckdb"])
def test_every_engine_gives_the_same_report_of_a_sample_and_everyone(table: str, engine: str, tmp_path: Path) -> None:
    compare(ENGINES[engine], table, tmp_path, SMALL)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("spark", "table", "sample"),
    [
        *(("local[2]", table, LARGE) for table in TABLES),
        *(("local[2]", table, SMALL) for table in ("customers", "lines")),
        ("local-cluster[2,1,1024]", "customers", SMALL),  # workers that are processes of their own
    ],
    indirect=["spark"],
)
def test_spark_gives_the_same_report(spark: Any, table: str, sample: int, tmp_path: Path) -> None:
    compare(in_spark, table, tmp_path, sample)
