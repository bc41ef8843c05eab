"""Connections to databases, each of which lists its tables and answers a query with typed rows."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import duckdb
import pyarrow as pa
from pyarrow import parquet

from reportgen.errors import ConfigError, InputError
from reportgen.inputs.addresses import scheme_of
from reportgen.inputs.engine import file_literal, identifier
from reportgen.inputs.extras import needed
from reportgen.inputs.sheets import cell_text

_BATCH = 50_000  # rows fetched at once
_SECRET = "REPORTGEN_DATABASE_PASSWORD"


@dataclass(frozen=True)
class Answer:
    """The rows of a query: SQL that reads them (columns c0, c1, …), their labels, and a stream where they are one.

    ``decimals`` are the places of exact numbers that arrive as text.
    """

    sql: str
    labels: tuple[str, ...]
    rows: Any = None
    decimals: tuple[int, ...] = ()


@dataclass(frozen=True)
class Connection:
    """What is asked of a database; tables outside the usual schema are called schema.table."""

    product: str
    tables: Callable[[], list[str]]
    ask: Callable[[str], Answer]
    quoted: Callable[[str], str] = lambda name: ".".join(map(identifier, name.split(".", 1)))


def connection_to(address: str, scratch: Path) -> contextlib.AbstractContextManager[Connection]:
    """Open a connection that only reads, for as long as it is needed; ConfigError where a driver is missing."""
    scheme = scheme_of(address)
    if scheme == "sqlite":
        return _sqlite(_path(address), scratch)
    if scheme == "duckdb":
        return _duckdb(_path(address), scratch)
    if scheme in ("postgresql", "postgres"):
        return _postgresql(address)
    return _other(address, scratch)


def _path(address: str) -> Path:
    """Return the file behind sqlite:///relative.db or sqlite:////absolute.db."""
    path = Path(unquote(urlsplit(address).path).removeprefix("/")).expanduser()
    if not path.is_file():
        raise InputError(
            f"there is no database file {path}",
            "Three slashes stand before a relative path, four before an absolute one.",
        )
    return path


@contextlib.contextmanager
def _sqlite(path: Path, scratch: Path) -> Iterator[Connection]:
    with contextlib.closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as con:

        def tables() -> list[str]:
            found = con.execute(
                "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND substr(name, 1, 7) <> 'sqlite_' "
                "ORDER BY name"
            )
            return [name for (name,) in found]

        def ask(sql: str) -> Answer:
            cursor = con.execute(sql)
            labels = [column[0] for column in cursor.description or ()]
            return _spooled(iter(lambda: cursor.fetchmany(_BATCH), []), labels, scratch)

        yield Connection("SQLite", tables, ask, identifier)


@contextlib.contextmanager
def _duckdb(path: Path, scratch: Path) -> Iterator[Connection]:
    with contextlib.closing(duckdb.connect(str(path), read_only=True)) as con:

        def tables() -> list[str]:
            found = con.execute(
                "SELECT CASE table_schema WHEN 'main' THEN '' ELSE table_schema || '.' END || table_name "
                "FROM information_schema.tables WHERE table_catalog = current_database() ORDER BY 1"
            )
            return [name for (name,) in found.fetchall()]

        def ask(sql: str) -> Answer:
            target = scratch / f"answer-{len(list(scratch.iterdir()))}.parquet"
            labels = tuple(row[0] for row in con.execute(f"DESCRIBE {sql}").fetchall())
            con.execute(f"COPY ({sql}) TO {file_literal(target)} (FORMAT parquet)")
            return Answer(f"read_parquet([{file_literal(target)}])", labels)

        yield Connection("DuckDB", tables, ask)


@contextlib.contextmanager
def _postgresql(address: str) -> Iterator[Connection]:
    driver = needed("adbc_driver_postgresql.dbapi", "postgresql", "PostgreSQL")
    with contextlib.closing(driver.connect(_with_secret(address))) as con, contextlib.closing(con.cursor()) as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")

        def tables() -> list[str]:
            cursor.execute(
                "SELECT CASE WHEN table_schema = current_schema() THEN '' ELSE table_schema || '.' END || table_name "
                "FROM information_schema.tables "
                "WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1"
            )
            return [name for (name,) in cursor.fetchall()]

        def ask(sql: str) -> Answer:
            cursor.execute(sql)
            return _streamed(cursor.fetch_record_batch())

        yield Connection("PostgreSQL", tables, ask)


def _with_secret(address: str) -> str:
    """Add the password of the environment where a user stands alone; libpq knows PGPASSWORD and ~/.pgpass itself."""
    parts, secret = urlsplit(address), os.environ.get(_SECRET, "")
    if not secret or parts.password or not parts.username:
        return address
    user, at, host = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{user.rstrip(':')}:{quote(secret, safe='')}{at}{host}").geturl()


def _streamed(reader: pa.RecordBatchReader) -> Answer:
    labels, kinds = tuple(reader.schema.names), [_typname(field) for field in reader.schema]
    if "money" in kinds:
        raise InputError(
            f"'{labels[kinds.index('money')]}' has the type money, whose decimals depend on the server's language",
            'Cast it: --query "select price::numeric, … from …".',
        )
    schema = pa.schema([field.with_name(f"c{i}").remove_metadata() for i, field in enumerate(reader.schema)])
    batches = (pa.RecordBatch.from_arrays(batch.columns, schema=schema) for batch in reader)
    decimals = tuple(place for place, kind in enumerate(kinds) if kind == "numeric")
    return Answer("incoming", labels, pa.RecordBatchReader.from_batches(schema, batches), decimals)


def _typname(field: pa.Field) -> str:
    known: dict[bytes, bytes] = field.metadata or {}
    return known.get(b"POSTGRESQL:type", b"").decode()


@contextlib.contextmanager
def _other(address: str, scratch: Path) -> Iterator[Connection]:
    if scheme_of(address) in ("mysql", "mariadb"):
        address = address.replace("://", "+pymysql://", 1)
    alchemy = needed("sqlalchemy", "databases", f"a database of the kind {scheme_of(address)}")
    try:
        engine = alchemy.create_engine(_with_secret(address))
    except ImportError as error:
        raise ConfigError(
            f"there is no driver for {scheme_of(address)}: {error}",
            "Install the driver that SQLAlchemy names for this database, for MySQL: pip install pymysql",
        ) from None
    except alchemy.exc.NoSuchModuleError:
        raise ConfigError(
            f"SQLAlchemy knows no database of the kind {scheme_of(address)}",
            "See https://docs.sqlalchemy.org/en/20/dialects/ for kinds and their drivers.",
        ) from None
    with contextlib.closing(engine.connect().execution_options(stream_results=True)) as con:
        quoted = engine.dialect.identifier_preparer.quote

        def tables() -> list[str]:
            inspector = alchemy.inspect(engine)
            return sorted([*inspector.get_table_names(), *inspector.get_view_names()])

        def ask(sql: str) -> Answer:
            result = con.exec_driver_sql(sql)
            return _spooled((list(part) for part in result.partitions(_BATCH)), list(result.keys()), scratch)

        yield Connection(engine.dialect.name, tables, ask, lambda name: ".".join(map(quoted, name.split(".", 1))))


def _spooled(batches: Iterable[Sequence[Any]], labels: Sequence[str], scratch: Path) -> Answer:
    """Write rows to Parquet files, one per batch, each with the types of its values; the engine unites them."""
    folder = scratch / f"rows-{len(list(scratch.iterdir()))}"
    folder.mkdir()
    seen: set[str] = set()
    number = 0
    for number, rows in enumerate(batches, start=1):
        columns = {f"c{i}": _column(values) for i, values in enumerate(zip(*rows, strict=True))}
        known = {name: column for name, column in columns.items() if not pa.types.is_null(column.type)}
        seen |= known.keys()
        parquet.write_table(pa.table({"row": range(len(rows)), **known}), folder / f"{number:06}.parquet")
    cells = (f"c{i}" if f"c{i}" in seen else f"NULL::VARCHAR AS c{i}" for i in range(len(labels)))
    files = f"read_parquet([{', '.join(file_literal(path) for path in sorted(folder.iterdir()))}], union_by_name=true)"
    source = files if number else "(SELECT 1 WHERE FALSE)"
    return Answer(f"(SELECT {', '.join(cells)} FROM {source})", tuple(labels))


def _column(values: Sequence[Any]) -> pa.Array:
    try:
        return pa.array(values)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return pa.array([None if value is None else cell_text(value, timed=True) for value in values], pa.string())
