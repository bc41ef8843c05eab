"""What a run will read, how long it will take and how much memory it needs, told before it is made."""

from __future__ import annotations

import gzip
import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pyarrow import parquet

from reportgen.config import Config
from reportgen.errors import InputError, ReportgenError
from reportgen.inputs.addresses import scheme_of
from reportgen.inputs.engine import connect, file_literal
from reportgen.inputs.files import File, find_files
from reportgen.inputs.schema import infer_schema
from reportgen.inputs.table import Table, open_table

_SAMPLE = 2**20  # bytes of text, or rows of Parquet, that are looked at

# Rows with ten columns, processor seconds and MiB of runs with HTML and PDF on a busy machine where `probe` took
# _REFERENCE seconds, by benchmarks/estimates.py and scale.py; rounded, those of logs without what was saved since they
# were measured. Above input.sample customers cost grows slowly, as only a sample is looked at one by one. Between the
# sizes it is interpolated. Other columns, segments and machines make a difference: _UNCERTAIN is a guess of it.
_REFERENCE = 0.20
_MEASURED = {
    "customers": ((200, 7.0, 380.0), (250_000, 30.0, 620.0), (1_000_000, 32.0, 670.0), (10_000_000, 84.0, 1300.0)),
    "orders": (
        (2_000, 8.0, 400.0),
        (500_000, 32.0, 660.0),
        (2_000_000, 47.0, 1600.0),
        (10_000_000, 64.0, 1600.0),
        (100_000_000, 384.0, 3450.0),
    ),
}
_LINES = 25  # rows of a log per customer of a sample from which it is read in this way
_TEXT = 1.2  # times as much time for text
_UNCERTAIN = 3.0
_FULL = 0.8  # share of the machine's memory above which it is too small
_LONG = 3600.0  # seconds above which several machines pay


@dataclass(frozen=True)
class Estimate:
    """What is known of a source, and what a run of it will cost on this machine."""

    files: int
    size: int  # bytes as they lie there
    rows: int
    exact: bool  # rows are counted, not extrapolated
    columns: int
    kind: str  # "customers", "orders", or "" where the first rows do not tell
    form: str  # "Parquet" or "text"
    reads: tuple[str, ...]
    seconds: tuple[float, float]  # from, to
    memory: tuple[float, float]  # MiB, from, to
    machine: float  # MiB of this machine, 0 where it does not tell

    @property
    def move(self) -> bool:
        """Tell whether one machine like this may be too small."""
        return 0 < _FULL * self.machine < self.memory[1] or self.seconds[0] > _LONG


def estimate_run(sources: Sequence[str], config: Config) -> Estimate:
    """Look at sizes and first rows, time a small question to the engine, and extrapolate.

    Raises InputError for other sources than files, and for files that can't be read.
    """
    if any(map(scheme_of, sources)) or config.input.engine != "duckdb":
        raise InputError(
            "a plan is made from files on this machine", "Give the files; databases, stores and Spark aren't asked."
        )
    with tempfile.TemporaryDirectory(prefix="reportgen-") as scratch:
        files = find_files(sources, Path(scratch))
        table, rows, exact = _look(files, Path(scratch), config)
        columns, kind = len(table.frame.collect_schema().names()), _kind(table, config)
    form = "Parquet" if _is_parquet(files[0]) else "text"
    seconds, memory = _cost(kind or "customers", rows * max(1.0, columns / 10))
    seconds *= (_TEXT if form == "text" else 1.0) * probe() / _REFERENCE
    return Estimate(
        files=len(files),
        size=sum(file.path.stat().st_size for file in files),
        rows=rows,
        exact=exact,
        columns=columns,
        kind=kind,
        form=form,
        reads=_reads(form, sampled=rows > config.input.sample * (_LINES if kind == "orders" else 1)),
        seconds=(seconds / _UNCERTAIN, seconds * _UNCERTAIN),
        memory=(memory / _UNCERTAIN, memory * _UNCERTAIN),
        machine=_machine(),
    )


def _cost(kind: str, rows: float) -> tuple[float, float]:
    """Return seconds and MiB for so many rows of ten columns; beyond what was measured only time grows on."""
    sizes, seconds, memory = zip(*_MEASURED[kind], strict=True)
    more = max(0.0, rows - sizes[-1]) * (seconds[-1] - seconds[-2]) / (sizes[-1] - sizes[-2])
    return float(np.interp(rows, sizes, seconds)) + more, float(np.interp(rows, sizes, memory))


def probe() -> float:
    """Return the processor seconds that this machine needs for a fixed question to the engine; the best of three."""
    spent = []
    con = connect()
    con.execute("SET threads = 1")
    for _ in range(3):
        start = time.process_time()
        con.execute("SELECT hash(i) % 1000 AS g, sum(sqrt(i)) FROM range(20000000) t(i) GROUP BY g").fetchall()
        spent.append(time.process_time() - start)
    return min(spent)


def _look(files: Sequence[File], scratch: Path, config: Config) -> tuple[Table, int, bool]:
    """Return a table of the first rows, the number of all rows, and whether that is counted."""
    if _is_parquet(files[0]):
        first = scratch / "first.parquet"
        connect().execute(
            f"COPY (FROM read_parquet([{file_literal(files[0].path)}]) LIMIT {_SAMPLE // 50}) "
            f"TO {file_literal(first)} (FORMAT parquet)"
        ).fetchall()
        rows = sum(parquet.read_metadata(file.path).num_rows for file in files)
        return open_table(first, config.input), rows, True
    part, share = _first_bytes(files[0])
    name = files[0].path.name.lower()
    if share == 1.0 or not name.removesuffix(".gz").endswith((".csv", ".tsv", ".txt", ".jsonl", ".ndjson")):
        tables = [open_table(file.path, config.input) for file in files]
        return tables[0], sum(table.origin.rows for table in tables), True
    first = scratch / f"first{Path(name.removesuffix('.gz')).suffix}"
    first.write_bytes(part[: part.rindex(b"\n") + 1])
    table = open_table(first, config.input)
    size = sum(file.path.stat().st_size for file in files)
    return table, round(table.origin.rows / share * size / files[0].path.stat().st_size), False


def _first_bytes(file: File) -> tuple[bytes, float]:
    """Return the beginning of a text file, unpacked, and the share of the file that it is."""
    with file.path.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        part = gzip.GzipFile(fileobj=raw).read(_SAMPLE) if packed else raw.read(_SAMPLE)
        return part, min(1.0, raw.tell() / max(1, file.path.stat().st_size))


def _is_parquet(file: File) -> bool:
    with file.path.open("rb") as stream:
        return stream.read(4) == b"PAR1"


def _kind(table: Table, config: Config) -> str:
    try:
        return infer_schema(table, config).kind
    except ReportgenError:
        return ""  # said by `reportgen check`, with the way out


def _reads(form: str, sampled: bool) -> tuple[str, ...]:
    """Say how often the files are read, and what for."""
    often = "some ten times the columns needed, to count and add up everyone; only a sample is looked at one by one"
    if form == "Parquet":
        return (
            "once from end to end, to be sure that every cell can be read",
            "once or twice column by column, to recognise what they mean",
            often if sampled else "once, to build one row per customer (only the columns needed of a log)",
        )
    return ("once, into the engine; what follows is asked of its copy, which spills to disk",)


def _machine() -> float:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**20
    except (ValueError, OSError, AttributeError):
        return 0.0
