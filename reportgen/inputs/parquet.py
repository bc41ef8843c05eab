"""Open Parquet files where they are: those with the same columns are one relation, however many they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
from pyarrow import parquet

from reportgen.errors import InputError
from reportgen.inputs.contents import Content
from reportgen.inputs.engine import Loaded, Target, file_literal, identifier
from reportgen.inputs.failures import out_of_room
from reportgen.inputs.incoming import Incoming, load_typed
from reportgen.inputs.steady import look_at, unchanged

_AGAIN = "Copy or write it again."


def load_parquet(target: Target, contents: Sequence[Content], keys: tuple[str, ...] = ()) -> Loaded:
    """Open files with the same columns where they are; ``keys`` are columns that the names of their folders tell.

    Raises InputError that names the file that can't be read.
    """
    files = ", ".join(file_literal(content.path) for content in contents)
    first = contents[0]
    source = f"read_parquet([{files}], hive_partitioning={'true' if keys else 'false'}, hive_types_autocast=false)"
    if keys:  # folders further up may be called key=value, too
        listed = [*parquet.read_schema(first.path).names, *keys]
        source = f"(SELECT {', '.join(map(identifier, dict.fromkeys(listed)))} FROM {source})"
    seen = tuple(look_at(content.path, content.name) for content in contents if not content.temporary)
    with unchanged(seen):
        try:
            loaded = load_typed(target, Incoming(source, first.name, view=not first.temporary))
        except duckdb.Error as error:
            raise out_of_room(error) or _damaged(target.con, contents, error) from None
        rows = tuple((content.name, _rows(content.path)) for content in contents) if len(contents) > 1 else ()
    return replace(loaded, facts=(("format", "Parquet"), *first.facts), files=rows, seen=seen)


def columns_of(content: Content) -> object:
    """Return what must be the same for files of one relation: names and types; InputError if the file is damaged."""
    try:
        schema = parquet.read_schema(content.path)
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{content.name} is a damaged Parquet file: {reason}", _AGAIN) from None
    return tuple((field.name, str(field.type)) for field in schema)


def _rows(path: Path) -> int:
    return int(parquet.read_metadata(path).num_rows)


def _damaged(con: duckdb.DuckDBPyConnection, contents: Sequence[Content], error: duckdb.Error) -> InputError:
    """Find out which file it is by reading one after another."""
    for content in contents:
        try:
            con.execute(
                f"SELECT bit_xor(hash(COLUMNS(*))) FROM read_parquet([{file_literal(content.path)}])"
            ).fetchall()
        except duckdb.Error as own:
            reason = str(own).splitlines()[0]
            return InputError(f"{content.name} is a damaged Parquet file: {reason}", _AGAIN)
    names = f"{contents[0].name}" + (f" and {len(contents) - 1} more" if len(contents) > 1 else "")
    return InputError(f"{names} can't be read: {str(error).splitlines()[0]}", _AGAIN)
