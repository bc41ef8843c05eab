"""Databases as sources: real servers, files, types, and what goes wrong on the way."""

from __future__ import annotations

import datetime as dt
import re
import sqlite3
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from servers import Server, mariadb, postgres
from shared import ROOT

from reportgen.errors import ConfigError, InputError
from reportgen.inputs import connections
from reportgen.inputs.addresses import masked
from reportgen.inputs.extras import EXTRAS
from reportgen.inputs.table import open_table
from reportgen.settings import InputConfig

ROWS = "(1, 12.50, 'Bäcker', '2024-01-05'), (2, NULL, NULL, NULL), (3, 99999999.99, 'n/a', '2024-02-29')"
TABLE = "CREATE TABLE {} (id {}, amount numeric(12, 2), name {}, day date); INSERT INTO {} VALUES " + ROWS


def rows_of(source: Any, **settings: Any) -> list[tuple[Any, ...]]:
    frame: Any = open_table(source, InputConfig(**settings)).frame.to_native()
    return sorted(frame.fetchall())


@pytest.fixture(scope="module")
def pg() -> Iterator[Server]:
    with postgres() as server:
        server.sql(TABLE.format("orders", "bigint", "text", "orders"))
        server.sql("CREATE SCHEMA crm; CREATE TABLE crm.empty (id int)")
        server.sql("CREATE TABLE typed AS SELECT 1.234::numeric AS n, 'NaN'::float8 AS f, 3::money AS m, now() AS t")
        yield server


@pytest.fixture(scope="module")
def maria() -> Iterator[Server]:
    with mariadb() as server:
        server.sql("USE shop; " + TABLE.format("orders", "bigint", "varchar(20) CHARACTER SET utf8mb4", "orders"))
        yield server


def sqlite_shop(folder: Path) -> Path:
    with sqlite3.connect(folder / "shop.db") as con:
        con.executescript(TABLE.format("orders", "integer", "text", "orders"))
    con.close()
    return folder / "shop.db"


def duckdb_shop(folder: Path) -> Path:
    with duckdb.connect(str(folder / "shop.duckdb")) as con:
        con.execute(TABLE.format("orders", "bigint", "varchar", "orders"))
    return folder / "shop.duckdb"


# --- rows and types --------------------------------------------------------------------------------------------------


def amounts(rows: list[tuple[Any, ...]]) -> list[float | None]:
    return [None if row[1] is None else float(row[1]) for row in rows]


def check_orders(rows: list[tuple[Any, ...]]) -> None:
    assert [row[0] for row in rows] == [1, 2, 3]
    assert amounts(rows) == [12.5, None, 99999999.99]
    assert [row[2] for row in rows] == ["Bäcker", None, "n/a"]
    assert [row[3] if row[3] is None else str(row[3])[:10] for row in rows] == ["2024-01-05", None, "2024-02-29"]


def test_postgresql(pg: Server) -> None:
    check_orders(rows_of(pg.url, table_name="orders"))
    check_orders(rows_of(pg.url, query="SELECT id, amount, name, day FROM orders;"))


def test_mysql(maria: Server) -> None:
    check_orders(rows_of(maria.url))
    check_orders(rows_of(maria.url, query="SELECT * FROM orders"))


@pytest.mark.parametrize("make", [sqlite_shop, duckdb_shop], ids=["sqlite", "duckdb"])
def test_database_files(tmp_path: Path, make: Any) -> None:
    path = make(tmp_path)
    kind = path.suffix.removeprefix(".").replace("db", "sqlite") if path.suffix == ".db" else "duckdb"
    check_orders(rows_of(path))
    check_orders(rows_of(f"{kind}:///{path}", query="SELECT * FROM orders"))


def test_any_dialect_of_sqlalchemy(tmp_path: Path) -> None:
    check_orders(rows_of(f"sqlite+pysqlite:///{sqlite_shop(tmp_path)}", table_name="orders"))


def test_exact_numbers_keep_their_digits_and_nan_is_nothing(pg: Server) -> None:
    table = open_table(pg.url, InputConfig(query="SELECT n, f, t FROM typed"))
    frame: Any = table.frame.to_native()
    assert [str(kind) for kind in frame.types] == ["DECIMAL(18,3)", "DOUBLE", "TIMESTAMP WITH TIME ZONE"]
    assert frame.fetchall()[0][1] is None


def test_a_column_of_sqlite_may_hold_anything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "_BATCH", 2)
    with sqlite3.connect(tmp_path / "s.db") as con:
        con.execute("CREATE TABLE t (id, late, mixed, never)")
        values = [(1, None, 5, None), (2, None, 6, None), (3, 2.5, "six", None), (4, 3, 7, None)]
        con.executemany("INSERT INTO t VALUES (?, ?, ?, ?)", values)
    con.close()
    assert rows_of(tmp_path / "s.db") == [
        (1, None, "5", None), (2, None, "6", None), (3, 2.5, "six", None), (4, 3.0, "7", None),
    ]  # fmt: skip


def test_columns_of_the_same_name_are_told_apart(tmp_path: Path) -> None:
    query = "SELECT a.id, b.id, b.name FROM orders a JOIN orders b USING (id)"
    table = open_table(sqlite_shop(tmp_path), InputConfig(query=query))
    assert len(set(table.frame.collect_schema().names())) == 3


def test_only_the_database_and_the_table_are_named(pg: Server) -> None:
    origin = open_table(pg.url, InputConfig(table_name="orders")).origin
    assert origin.name == "orders"
    assert origin.facts == (("format", "PostgreSQL database"),)
    assert open_table(pg.url, InputConfig(query="SELECT * FROM orders")).origin.name == "query of postgres"


# --- what is asked back, refused, or breaks --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "message", "hint"),
    [
        ({}, "holds 3 tables: crm.empty, orders, typed", "--table-name crm.empty, or --query"),
        ({"table_name": "order"}, r"no table 'order' \(did you mean 'orders'\?\)", "crm.empty, orders"),
        ({"table_name": "crm.empty"}, "the table crm.empty has no rows", "Check"),
        ({"query": "SELECT * FROM orders WHERE id > 9"}, "the query returns no rows", "conditions"),
        ({"query": "SELECT nothing FROM orders"}, 'column "nothing" does not exist', "the query"),
        ({"query": "DELETE FROM orders"}, "read-only transaction", "the query"),
        ({"query": "SELECT * FROM typed"}, "'m' has the type money", "::numeric"),
        ({"query": "SELECT 1", "table_name": "x"}, "are given together", "one of them"),
    ],
)
def test_questions_to_postgresql(pg: Server, settings: dict[str, str], message: str, hint: str) -> None:
    with pytest.raises((InputError, ConfigError), match=message) as error:
        open_table(pg.url, InputConfig(**settings))
    assert hint in error.value.hint
    assert "geheim" not in f"{error.value}{error.value.hint}"
    assert len(rows_of(pg.url, table_name="orders")) == 3, "nothing is ever written"


def test_a_server_that_drops_the_connection_midway(pg: Server) -> None:
    series = "generate_series(1, 90000)"
    slow = f"SELECT i AS id, repeat('x', 200) AS name, i % 7 AS amount, pg_sleep(0.0002) IS NULL AS s FROM {series} i"
    others = f"pg_stat_activity WHERE query LIKE '%{series}%' AND pid <> pg_backend_pid()"
    kill = f"SELECT pg_terminate_backend(pid) FROM {others}"

    def cut() -> None:
        time.sleep(1.5)
        subprocess.run(["psql", "-qtX", pg.url, "-c", kill], check=True, capture_output=True)

    cutter = threading.Thread(target=cut)
    cutter.start()
    with pytest.raises(InputError, match=r"postgres can't be read: .*(terminat|closed|lost)") as error:
        open_table(pg.url, InputConfig(query=slow))
    cutter.join()
    assert "geheim" not in str(error.value)
    assert "network" in error.value.hint


@pytest.mark.parametrize("scheme", ["postgresql", "mysql"])
def test_no_server_and_no_password_in_the_error(scheme: str) -> None:
    with pytest.raises(InputError, match="shop can't be read") as error:
        open_table(f"{scheme}://me:s3cr3t-word@127.0.0.1:1/shop", InputConfig(table_name="t"))
    assert "s3cr3t-word" not in str(error.value)


def test_a_password_of_the_environment(pg: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = pg.url.replace(":geheim%21", "")
    with pytest.raises(InputError, match="password"):
        open_table(bare, InputConfig(table_name="orders"))
    for name in ("REPORTGEN_DATABASE_PASSWORD", "PGPASSWORD"):
        monkeypatch.setenv(name, "geheim!")
        check_orders(rows_of(bare, table_name="orders"))
        monkeypatch.delenv(name)


@pytest.mark.parametrize(
    ("module", "url", "libraries"),
    [
        ("adbc_driver_postgresql.dbapi", "postgresql://localhost/shop", "adbc-driver-postgresql"),
        ("sqlalchemy", "mysql://localhost/shop", "sqlalchemy pymysql"),
        ("fsspec.core", "s3://bucket/x.parquet", "s3fs"),
    ],
)
def test_an_extra_that_is_not_installed(monkeypatch: pytest.MonkeyPatch, module: str, url: str, libraries: str) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ConfigError, match="is not installed") as error:
        open_table(url)
    assert error.value.hint.endswith(f"pip install {libraries}")


def test_hints_name_what_the_extras_hold() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    names = {
        extra: {re.split(r"[\[>]", library)[0] for library in held} for extra, held in extras.items() if extra != "test"
    }
    assert {
        extra: {re.split(r"\[", word.strip("'"))[0] for word in words.split()} for extra, words in EXTRAS.items()
    } == names


def test_kinds_that_nobody_knows() -> None:
    with pytest.raises(ConfigError, match=r"no database of the kind foo\+bar"):
        open_table("foo+bar://localhost/x")
    with pytest.raises(InputError, match="Protocol not known: foo"):
        open_table("foo://localhost/x.csv")
    with pytest.raises(InputError, match=r"there is no database file nowhere\.db"):
        open_table("sqlite:///nowhere.db")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://me:a/b@host/x failed", "postgresql://***@host/x failed"),
        ("to mysql://me:pw@host:1/x?ssl=1 failed", "to mysql://***@host:1/x?ssl=1 failed"),
        ("https://host/f.csv?sig=abc&x=1", "https://host/f.csv?sig=***&x=1"),
        ("plain text", "plain text"),
    ],
)
def test_addresses_are_masked(text: str, shown: str) -> None:
    assert masked(text) == shown


def test_dates_survive(tmp_path: Path) -> None:
    [(day,)] = rows_of(duckdb_shop(tmp_path), query="SELECT day FROM orders WHERE id = 1")
    assert day == dt.date(2024, 1, 5)
