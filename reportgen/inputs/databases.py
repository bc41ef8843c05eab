"""Load the rows of a table, or of a query, from a database."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

import duckdb

from reportgen.errors import ConfigError, InputError, did_you_mean
from reportgen.inputs.addresses import masked, scheme_of
from reportgen.inputs.connections import Connection, connection_to
from reportgen.inputs.engine import Loaded, Target, identifier, only_row
from reportgen.inputs.incoming import Incoming, load_typed
from reportgen.inputs.names import clean_names
from reportgen.settings import InputConfig

_AGAIN = "Check the address, the query, the rights of the user and the network, and run it again."


def load_database(target: Target, address: str, config: InputConfig) -> Loaded:
    """Load what ``config.query`` or ``config.table_name`` asks for; without both, the only table.

    Rows are streamed in batches, typed. Raises InputError without secrets where the database can't be read, ConfigError
    where it must be told what to read.
    """
    with _connected(address, target.scratch) as connection:
        sql, name = _question(connection, address, config)
        loaded = _load(target, connection, sql, name)
    if not loaded.rows:
        what = "the query returns" if config.query else f"the table {name} has"
        raise InputError(f"{database_name(address)}: {what} no rows", "Check its conditions, or name another table.")
    return replace(loaded, facts=(("format", f"{connection.product} database"),))


def question_to(address: str, config: InputConfig, scratch: Path) -> str:
    """Return the query that a run asks; errors are those of ``load_database``."""
    with _connected(address, scratch) as connection:
        return _question(connection, address, config)[0]


@contextlib.contextmanager
def _connected(address: str, scratch: Path) -> Iterator[Connection]:
    try:
        with connection_to(address, scratch) as connection:
            yield connection
    except (InputError, ConfigError):
        raise
    except Exception as error:  # each driver raises its own
        raise _explained(error, address) from None


def _question(connection: Connection, address: str, config: InputConfig) -> tuple[str, str]:
    """Return the query, and what a report calls it."""
    if config.query and config.table_name:
        raise ConfigError("input.query and input.table_name are given together", "Give one of them.")
    if config.query:
        return config.query.strip().rstrip(";"), f"query of {database_name(address)}"
    table = _table(connection, config.table_name, database_name(address))
    return f"SELECT * FROM {connection.quoted(table)}", table


def database_name(address: str) -> str:
    """Return the name of the database, which is all that a report says of its address."""
    path = unquote(urlsplit(address).path).strip("/")
    return Path(path).name or scheme_of(address)


def _table(connection: Connection, wanted: str, database: str) -> str:
    tables = connection.tables()
    if not tables:
        raise InputError(
            f"{database} holds no table that can be read", "Check the database and the rights of the user."
        )
    if wanted in tables:
        return wanted
    listed = ", ".join(tables[:12]) + (" …" if len(tables) > 12 else "")
    if wanted:
        raise ConfigError(
            f"{database} has no table '{wanted}'{did_you_mean(wanted, tables)}", f"It has these: {listed}."
        )
    if len(tables) > 1:
        raise ConfigError(
            f"{database} holds {len(tables)} tables: {listed}",
            f'Say which: --table-name {tables[0]}, or --query "select … from …".',
        )
    return tables[0]


def _load(target: Target, connection: Connection, sql: str, name: str) -> Loaded:
    asked = connection.ask(sql)
    if asked.rows is not None:
        target.con.register("incoming", asked.rows)
    names, _ = clean_names(list(asked.labels))
    try:
        loaded = load_typed(target, Incoming(asked.sql, name, asked.labels))
    finally:
        if asked.rows is not None:
            target.con.unregister("incoming")
    for place in asked.decimals:
        if names[place] in loaded.columns:
            _as_decimal(target.con, identifier(target.relation), identifier(names[place]))
    return loaded


def _as_decimal(con: duckdb.DuckDBPyConnection, relation: str, column: str) -> None:
    """Turn numbers that came as text, exactly as written, into decimals of the width that they need."""
    digits = f"replace(split_part({column}, '.', 1), '-', '')"
    before, after = only_row(
        con,
        f"SELECT coalesce(max(length({digits})), 1), coalesce(max(length(split_part({column}, '.', 2))), 0) "
        f"FROM {relation} WHERE regexp_full_match({column}, '-?[0-9.]+')",
    )
    kind = f"DECIMAL({max(18, before + after)},{after})" if before + after <= 38 else "DOUBLE"
    con.execute(f"ALTER TABLE {relation} ALTER {column} TYPE {kind} USING TRY_CAST({column} AS {kind})")


def _explained(error: Exception, address: str) -> InputError:
    reason = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
    reason = masked(reason, address).removesuffix(".")
    return InputError(f"{database_name(address)} can't be read: {reason}", _AGAIN)
