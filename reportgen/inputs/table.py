"""Open anything that holds a table, lazily."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import narwhals as nw

from reportgen.errors import InputError
from reportgen.findings import Finding
from reportgen.inputs.combine import unite
from reportgen.inputs.contents import recognise
from reportgen.inputs.engine import Loaded, Target, connect
from reportgen.inputs.files import find_files
from reportgen.inputs.frames import is_frame, load_arrow, load_frame, load_parquet
from reportgen.inputs.objects import load_json
from reportgen.inputs.sheets import load_sheet
from reportgen.inputs.text import load_text
from reportgen.settings import InputConfig

_DEFAULT = InputConfig()


@dataclass(frozen=True)
class Part:
    """One file (or frame) of the table, with the rows read from it."""

    name: str
    rows: int


@dataclass(frozen=True)
class Origin:
    """Where a table came from and how it was read; no absolute paths, so that a report never shows one.

    ``facts`` are (what, how) pairs for the appendix, such as ("encoding", "cp1252"). ``dropped`` counts rows that were
    read but are no data and not in the table, by the code of their finding ("totals_row", "unreadable_rows",
    "footnotes"), so that rows read minus rows dropped are the rows of the table.
    """

    name: str
    parts: tuple[Part, ...]
    facts: tuple[tuple[str, str], ...] = ()
    findings: tuple[Finding, ...] = ()
    dropped: tuple[tuple[str, int], ...] = ()

    @property
    def rows(self) -> int:
        """All rows read, over all parts."""
        return sum(part.rows for part in self.parts)


@dataclass(frozen=True)
class Table:
    """A lazy table. Text files have only String columns with null for empty cells; names are unique and non-empty."""

    frame: nw.LazyFrame[Any]
    origin: Origin


def open_table(source: Any, config: InputConfig = _DEFAULT) -> Table:
    """Open a file, several files, a glob, or a data frame as one table; the order of rows is not promised.

    Several files are one table: columns are matched by header, a column that a file lacks is null in its rows.
    Raises InputError if there is no table to be read, ConfigError if a setting of ``config`` doesn't fit.
    """
    con = connect()
    try:
        loaded = _load_all(con, source, config)
        notes = unite(con, loaded)
    except (OSError, duckdb.Error) as error:
        reason = str(error).splitlines()[0]
        hint = f"Check the disk, the memory and the folder for temporary files ({tempfile.gettempdir()})."
        raise InputError(f"the table can't be read: {reason}", hint) from error
    names = [part.name for part in loaded]
    origin = Origin(
        name=names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more",
        parts=tuple(Part(part.name, part.rows) for part in loaded),
        facts=_facts(loaded),
        findings=(*_findings(loaded), *notes),
        dropped=_dropped(loaded),
    )
    relation: Any = con.table("data")
    return Table(nw.from_native(relation).lazy(), origin)


def _load_all(con: duckdb.DuckDBPyConnection, source: Any, config: InputConfig) -> list[Loaded]:
    one = not isinstance(source, list | tuple | set | frozenset | Iterator) or is_frame(source)
    source = [source] if one else list(source)
    with tempfile.TemporaryDirectory(prefix="reportgen-", ignore_cleanup_errors=True) as scratch:
        targets = (Target(con, f"part_{i}", Path(scratch)) for i in itertools.count())
        if any(not isinstance(item, str | os.PathLike) for item in source):
            return [_load_frame(target, frame, len(source)) for target, frame in zip(targets, source, strict=False)]
        files = find_files(source)
        return [_load_file(target, path, config) for path, target in zip(files, targets, strict=False)]


def _load_frame(target: Target, frame: Any, many: int) -> Loaded:
    if not is_frame(frame):
        hint = "Give a path, a list of paths, or a pandas, Polars, Arrow or DuckDB frame."
        raise InputError(f"a {type(frame).__name__} is not a table", hint)
    number = f" {int(target.relation.removeprefix('part_')) + 1}" if many > 1 else ""
    return load_frame(target, frame, f"data frame{number}")


def _load_file(target: Target, path: Path, config: InputConfig) -> Loaded:
    name = path.name
    if not path.is_file():  # a pipe can be read only once
        with path.open("rb") as pipe, (target.scratch / target.relation).open("wb") as copy:
            shutil.copyfileobj(pipe, copy)
        path = target.scratch / target.relation
    content = recognise(path, target.scratch, name)
    match content.format:
        case "text":
            return load_text(target, content, config)
        case "excel":
            return load_sheet(target, content, config)
        case "json":
            return load_json(target, content, config)
        case "parquet":
            return load_parquet(target, content)
        case "arrow":
            return load_arrow(target, content)


def _facts(loaded: Sequence[Loaded]) -> tuple[tuple[str, str], ...]:
    """Say each fact once if it holds for all parts, else name the parts."""
    facts: dict[str, dict[str, list[str]]] = {}
    for part in loaded:
        for what, how in part.facts:
            facts.setdefault(what, {}).setdefault(how, []).append(part.name)
    said = []
    for what, hows in facts.items():
        for how, parts in hows.items():
            where = "" if len(parts) == len(loaded) else f" ({', '.join(parts[:3])}{' …' if len(parts) > 3 else ''})"
            said.append((what, how + where))
    return tuple(said)


def _findings(loaded: Sequence[Loaded]) -> tuple[Finding, ...]:
    """Say a kind of finding once, however many parts share it, and name the first of them."""
    if len(loaded) == 1:
        return loaded[0].findings
    shared: dict[tuple[str, str | None], list[tuple[str, Finding]]] = {}
    for part in loaded:
        for finding in part.findings:
            shared.setdefault((finding.code, finding.column), []).append((part.name, finding))
    said = []
    for found in shared.values():
        name, first = found[0]
        others = len({part for part, _ in found}) - 1
        likewise = f" (likewise in {others} more file{'s' if others > 1 else ''})" if others else ""
        message = (first.message if name in first.message else f"{name}: {first.message}").removesuffix(".")
        rows = None if first.rows is None else sum(finding.rows or 0 for _, finding in found)
        said.append(replace(first, message=f"{message}{likewise}.", rows=rows))
    return tuple(said)


def _dropped(loaded: Sequence[Loaded]) -> tuple[tuple[str, int], ...]:
    counts: dict[str, int] = {}
    for part in loaded:
        for code, rows in part.dropped:
            counts[code] = counts.get(code, 0) + rows
    return tuple(counts.items())
