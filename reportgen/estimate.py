"""What a run will read, how long it will take and how much memory it needs, told before it is made."""

from __future__ import annotations

import gzip
import json
import os
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pyarrow import parquet

from reportgen.config import Config
from reportgen.errors import InputError, ReportgenError
from reportgen.inputs.addresses import is_database, scheme_of
from reportgen.inputs.databases import question_to
from reportgen.inputs.engine import connect, file_literal, table_memory
from reportgen.inputs.files import File, find_files
from reportgen.inputs.schema import infer_schema
from reportgen.inputs.table import Table, open_table

_SAMPLE = 2**20  # bytes of text that are looked at
_FIRST = 20_000  # rows of Parquet, or of a database

# What runs cost, by benchmarks/estimates.py: constants of the terms below, seconds in units of `probe`, and the factor
# within which nine of ten runs were predicted by others.
COSTS = Path(__file__).with_name("costs.json")
_LINES = {"customers": 1, "orders": 25}  # rows per customer of a sample up to which every row is looked at one by one
_SEARCHED = {"customers": 3_000, "orders": 300_000}  # rows above which finding segments costs no more

_FULL = 0.8  # share of the machine's memory above which it is too small
_LONG = 3600.0  # seconds above which several machines pay


@dataclass(frozen=True)
class Shape:
    """What the cost of a run depends on; ``limit`` is the most MiB that tables may take."""

    kind: str
    rows: int
    columns: int
    form: str
    sample: int
    limit: float

    @property
    def sampled(self) -> bool:
        """Tell whether only a sample is looked at one by one."""
        return self.rows > self.sample * _LINES[self.kind]

    @property
    def width(self) -> int:
        """Columns that may form segments; those of a log are always the same few, and taken as one."""
        return self.columns if self.kind == "customers" else 1

    @property
    def looked_at(self) -> int:
        """Rows that are looked at one by one."""
        return min(self.rows, self.sample * _LINES[self.kind])


# Every term grows with the rows, or stays; in millions where rows are counted.
SECONDS_TERMS: tuple[Callable[[Shape], float], ...] = (
    lambda shape: 1.0,
    lambda shape: shape.width * min(shape.rows / _SEARCHED[shape.kind], 1.0) ** 0.5,
    lambda shape: shape.width * shape.looked_at / 1e6,
    lambda shape: shape.width * shape.rows / 1e6,
    lambda shape: shape.rows * shape.columns / 1e6 * (shape.form != "Parquet"),
)
MEMORY_TERMS: tuple[Callable[[Shape], float], ...] = (
    lambda shape: 1.0,
    lambda shape: shape.width * shape.looked_at / 1e6,
    lambda shape: shape.width * shape.rows / 1e6,
    lambda shape: shape.rows * shape.columns / 1e6 * (shape.form != "Parquet"),
)
_BOUNDED = 2  # the memory terms from here on are the engine's, which keeps its limit


@dataclass(frozen=True)
class Estimate:
    """What is known of a source, and what a run of it will cost on this machine."""

    files: int  # 0: a database
    size: int  # bytes as they lie there, 0 where they are not told
    rows: int
    exact: bool  # rows are counted, not extrapolated
    columns: int
    kind: str  # "customers", "orders", or "" where the first rows do not tell
    form: str  # "Parquet", "text" or "database"
    reads: tuple[str, ...]
    seconds: tuple[float, float]  # from, to
    memory: tuple[float, float]  # MiB, from, to
    machine: float  # MiB of this machine, 0 where it does not tell

    @property
    def move(self) -> bool:
        """Tell whether one machine like this may be too small."""
        return 0 < _FULL * self.machine < self.memory[1] or self.seconds[0] > _LONG


@dataclass(frozen=True)
class _Source:
    """What a look at a source tells: its first rows as a table, and how many there are."""

    first: Table
    rows: int
    exact: bool
    files: int
    size: int
    form: str


def estimate_run(sources: Sequence[str], config: Config) -> Estimate:
    """Look at sizes and first rows, time a small question to the engine, and extrapolate.

    Raises InputError for object stores and Spark, and for what can't be read.
    """
    elsewhere = [source for source in sources if scheme_of(source) and not is_database(source)]
    if elsewhere or config.input.engine != "duckdb":
        raise InputError(
            "a plan is made from files on this machine, or from a database",
            "Give one of these; object stores and Spark aren't asked.",
        )
    with tempfile.TemporaryDirectory(prefix="reportgen-") as scratch:
        source = _look(sources, Path(scratch), config)
        columns, kind = len(source.first.frame.collect_schema().names()), _kind(source.first, config)
    limit = table_memory(config.input.memory)
    shape = Shape(kind or "customers", source.rows, columns, source.form, config.input.sample, limit)
    costs = json.loads(COSTS.read_text(encoding="utf-8"))
    seconds = predict(shape, costs[shape.kind], "seconds") * probe()
    memory = predict(shape, costs[shape.kind], "memory")
    return Estimate(
        files=source.files,
        size=source.size,
        rows=source.rows,
        exact=source.exact,
        columns=columns,
        kind=kind,
        form=source.form,
        reads=_reads(source.form, costs[shape.kind]["reads"] * shape.sampled),
        seconds=_span(seconds, costs["within"]["seconds"]),
        memory=_span(memory, costs["within"]["memory"]),
        machine=_machine(),
    )


def predict(shape: Shape, costs: Mapping[str, Sequence[float]], what: str) -> float:
    """Return the MiB of a run, or its seconds in units of `probe`: the sum of the terms times their constants."""
    if what == "seconds":
        return sum(cost * term(shape) for cost, term in zip(costs["seconds"], SECONDS_TERMS, strict=True))
    parts = [cost * term(shape) for cost, term in zip(costs["memory"], MEMORY_TERMS, strict=True)]
    return sum(parts[:_BOUNDED]) + min(sum(parts[_BOUNDED:]), shape.limit)


def _span(value: float, factor: float) -> tuple[float, float]:
    return value / factor, value * factor


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


def _look(sources: Sequence[str], scratch: Path, config: Config) -> _Source:
    databases = [source for source in sources if is_database(source)]
    if databases:
        if len(sources) > 1:
            raise InputError("a plan is made from one database, or from files", "Give one of them.")
        return _look_at_database(databases[0], scratch, config)
    files = find_files(sources, scratch)
    size = sum(file.path.stat().st_size for file in files)
    if _is_parquet(files[0]):
        first = scratch / "first.parquet"
        connect().execute(
            f"COPY (FROM read_parquet([{file_literal(files[0].path)}]) LIMIT {_FIRST}) "
            f"TO {file_literal(first)} (FORMAT parquet)"
        ).fetchall()
        rows = sum(parquet.read_metadata(file.path).num_rows for file in files)
        return _Source(open_table(first, config.input), rows, True, len(files), size, "Parquet")
    part, share = _first_bytes(files[0])
    name = files[0].path.name.lower()
    if share == 1.0 or not name.removesuffix(".gz").endswith((".csv", ".tsv", ".txt", ".jsonl", ".ndjson")):
        tables = [open_table(file.path, config.input) for file in files]
        return _Source(tables[0], sum(table.origin.rows for table in tables), True, len(files), size, "text")
    first = scratch / f"first{Path(name.removesuffix('.gz')).suffix}"
    first.write_bytes(part[: part.rfind(b"\n") + 1] or part)
    table = open_table(first, config.input)
    rows = round(table.origin.rows / share * size / files[0].path.stat().st_size)
    return _Source(table, rows, False, len(files), size, "text")


def _look_at_database(address: str, scratch: Path, config: Config) -> _Source:
    """Have the database count the rows, and give the first."""
    query = question_to(address, config.input, scratch)

    def asked(sql: str) -> Table:
        return open_table(address, config.input.model_copy(update={"query": sql, "table_name": ""}))

    [(rows,)] = asked(f"SELECT count(*) AS n FROM ({query}) AS counted").frame.collect().rows()
    first = asked(f"SELECT * FROM ({query}) AS first_rows LIMIT {_FIRST}")
    return _Source(first, int(rows), True, 0, 0, "database")


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


def _reads(form: str, times: float) -> tuple[str, ...]:
    """Say how often the files are read, and what for; ``times`` in all where only a sample is looked at one by one."""
    if form == "Parquet":
        counted = f"column by column, to count and add up everyone: in all some {times:.0f} times the size of the files"
        return (
            "once from end to end, to be sure that every cell can be read",
            "once or twice column by column, to recognise what they mean",
            counted if times else "once, to build one row per customer (only the columns needed of a log)",
        )
    once = "once, into the engine" if form == "text" else "once, in one transaction, into the engine"
    return (f"{once}; what follows is asked of its copy, which spills to disk",)


def _machine() -> float:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**20
    except (ValueError, OSError, AttributeError):
        return 0.0
