"""The list of customers of an earlier month, as the engine reads it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb

from reportgen.errors import InputError
from reportgen.history.cells import harmless_sql
from reportgen.history.list_forms import listed_rows
from reportgen.inputs.sql import Engine, identifier

FEATURE = "f_"
CENTS = "CASE WHEN abs({0}) < 1e15 THEN round_even({0} * 100, 0)::BIGINT ELSE 0 END"
_CELLS = {
    "a": "segment",
    "a_name": "segment_name",
    "was_id": "previous_segment",
    "was_name": "previous_segment_name",
    "since": "changed_on",
    "cause": "change_cause",
}
_TWIN = "twin"


def name_past(engine: Engine, path: Path) -> tuple[str, ...]:
    """Let {past} be a list, and return its columns.

    {past} has the key, as lists in CSV have it, and ``written``, the same but for keys that are written alike; ``nth``
    to sort by; segment and stay as text; money in cents; the values of active columns after ``f_``.
    Raises InputError where the list can't be read.
    """
    try:
        rows = listed_rows(path)
        columns = tuple(row[0] for row in engine.ask(f"DESCRIBE SELECT * FROM {rows}"))
        key = harmless_sql("customer")
        cells = [f"coalesce({identifier(header)}::VARCHAR, '') AS {name}" for name, header in _CELLS.items()]
        cells += [f"{CENTS.format('TRY_CAST(spend AS DOUBLE)')} AS cents"]
        cells += [identifier(name) for name in columns if name.startswith(FEATURE)]
        nth = "row_number() OVER ()" if path.suffix and _in_order(engine) else key
        cells += [f"{key} AS key", f"{key} AS written", f"{nth} AS nth"]
        name_keys(engine, "past", f"SELECT {', '.join(cells)} FROM {rows}", "nth, a, cents")
    except (OSError, ValueError, duckdb.Error) as error:
        raise _unreadable(path, error) from None
    return columns


def name_nobody(engine: Engine) -> None:
    """Let {past} be empty: there is no month before."""
    names = ", ".join(f"NULL::VARCHAR AS {name}" for name in ("key", *_CELLS))
    engine.name("past", f"SELECT {names} WHERE FALSE")


def keep_known(engine: Engine, paths: Iterable[Path]) -> None:
    """Keep {known}: the keys of all these lists. Raises InputError where one can't be read."""
    key = harmless_sql("customer")
    engine.keep("known", "SELECT NULL::VARCHAR AS key WHERE FALSE")
    for path in paths:
        try:
            engine.keep("more", f"FROM {{known}} UNION SELECT {key} FROM {listed_rows(path)}")
        except (OSError, ValueError, duckdb.Error) as error:
            raise _unreadable(path, error) from None
        engine.keep("known", "FROM {more}")


def name_keys(engine: Engine, name: str, sql: str, order: str) -> None:
    """Let ``{name}`` be a query with the column "key", told apart where written alike, in this order of its columns."""
    total, distinct = engine.ask(f"SELECT count(*), count(DISTINCT key) FROM ({sql})")[0]
    if distinct < total:
        nth = f"row_number() OVER (PARTITION BY key ORDER BY {order}) AS {_TWIN}"
        told = f"CASE WHEN {_TWIN} > 1 THEN key || chr(30) || {_TWIN} ELSE key END AS key"
        sql = f"SELECT * EXCLUDE ({_TWIN}) REPLACE ({told}) FROM (SELECT *, {nth} FROM ({sql}))"
    engine.name(name, sql)


def _in_order(engine: Engine) -> bool:
    """Tell whether the engine keeps rows in the order of their file."""
    return bool(engine.ask("SELECT current_setting('preserve_insertion_order')")[0][0])


def _unreadable(path: Path, error: Exception) -> InputError:
    return InputError(
        f"{path.parent.name}/{path.name} can't be read: {str(error).splitlines()[0]}",
        "It is needed to say what changed; put it back, or write to another folder with --output.",
    )
