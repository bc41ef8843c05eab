"""Open anything that holds a table, lazily."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import duckdb
import narwhals as nw

from reportgen.errors import InputError
from reportgen.findings import Finding
from reportgen.inputs.combine import unite
from reportgen.inputs.engine import Loaded, connect
from reportgen.inputs.failures import out_of_room
from reportgen.inputs.sources import each_source, load_sources, name_of
from reportgen.inputs.spark import is_spark_frame, open_with_spark
from reportgen.inputs.steady import Seen
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
    goes_on: bool = False  # rows of the month after the last one that counts were there, and are left out

    @property
    def rows(self) -> int:
        """All rows read, over all parts."""
        return sum(part.rows for part in self.parts)

    @property
    def lasting(self) -> str:
        """Its name without the number of further files, which grows from month to month."""
        return self.name.removesuffix(f" and {len(self.parts) - 1} more")


@dataclass(frozen=True)
class Table:
    """A lazy table. Text files have only String columns with null for empty cells; names are unique and non-empty."""

    frame: nw.LazyFrame[Any]
    origin: Origin
    tidy: frozenset[str] = frozenset()  # columns of text or DOUBLE known to hold nothing that typing would change
    files: tuple[Seen, ...] = ()  # are read where they are, and must stay as they are


def open_table(source: Any, config: InputConfig = _DEFAULT) -> Table:
    """Open files, folders, globs, databases or data frames as one table; the order of rows is not promised.

    Several files are one table: columns are matched by header, a column that a file lacks is null in its rows.
    Raises InputError if there is no table to be read, ConfigError if a setting of ``config`` doesn't fit.
    """
    sources = each_source(source)
    if config.engine != "duckdb" or any(map(is_spark_frame, sources)):
        return _spark_table(sources, config)
    con = connect(config.memory)
    try:
        loaded = load_sources(con, sources, config)
        notes = unite(con, loaded)
    except (OSError, duckdb.Error) as error:
        if failure := out_of_room(error):
            raise failure from error
        reason = str(error).splitlines()[0]
        hint = f"Check the disk, the memory and the folder for temporary files ({tempfile.gettempdir()})."
        raise InputError(f"the table can't be read: {reason}", hint) from error
    parts = tuple(Part(name, rows) for part in loaded for name, rows in part.parts)
    origin = Origin(
        name=name_of(sources, [part.name for part in parts]),
        parts=parts,
        facts=_facts(loaded),
        findings=(*_findings(loaded), *notes),
        dropped=_dropped(loaded),
    )
    relation: Any = con.table("data")
    tidy = loaded[0].tidy if len(loaded) == 1 else frozenset()
    seen = tuple(file for part in loaded for file in part.seen)
    return Table(nw.from_native(relation).lazy(), origin, tidy, seen)


def _spark_table(sources: Sequence[Any], config: InputConfig) -> Table:
    rows, loaded = open_with_spark(sources, config)
    origin = Origin(loaded.name, (Part(loaded.name, loaded.rows),), loaded.facts, loaded.findings)
    frame: Any = rows
    return Table(frame, origin)


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
