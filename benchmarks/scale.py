"""Measure whole runs beside what they can't be faster than, and beside what is used instead; write the results down.

Without options: every case, some hours. Each case measures its contestants in turn, so that ratios hold on a busy
machine. What was measured is kept in results.json, from which the tables in docs/performance.md are written.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path

from measure import ROOT, Cost, Limits, cpu_seconds, measure
from performance import DOCUMENT, RESULTS, Results, goal_lines, paste, table_lines

HERE = Path(__file__).resolve().parent
MALL = ROOT / "data" / "mall_customers.csv"
_LIMITS = Limits(wall=600, memory=6 * 1024)  # of what may not survive
_MAY_END = ("bare", "spark", "full", "profile", "sweetviz")
_SCAN = """import duckdb, sys; con = duckdb.connect(config={'preserve_insertion_order': False})
con.execute(f"SELECT bit_xor(hash(COLUMNS(*))) FROM '{sys.argv[1]}'").fetchall()"""
_READ = "import pandas as pd, sys; t = (pd.read_{form})(sys.argv[1]); "
_PROFILE = _READ + (
    "from data_profiling import ProfileReport; "
    "ProfileReport(t, minimal={large}, progress_bar=False).to_file(sys.argv[2] + '/profile.html')"
)
_SWEETVIZ = _READ + (
    "import sweetviz; "
    "sweetviz.analyze(t, pairwise_analysis='{pairs}').show_html(sys.argv[2] + '/sweetviz.html', open_browser=False)"
)


@dataclass(frozen=True)
class Case:
    """A table, and who works on it."""

    kind: str
    rows: int
    form: str = "parquet"
    others: tuple[str, ...] = ()
    memory: str = ""

    @property
    def file(self) -> str:
        return f"{self.kind}{short(self.rows)}.{self.form}"


@dataclass(frozen=True)
class Bench:
    """Folders: of tables, of what is made and thrown away, and of other programs' environments."""

    tables: Path
    scratch: Path
    pythons: dict[str, Path] = field(default_factory=dict)

    def table(self, case: Case) -> Path:
        """Return a case's table, made where it isn't there."""
        if case.kind == "mall":
            return MALL
        path = self.tables / case.file
        if not path.exists():
            half = self.tables / f"half-{case.file}"
            cpu_seconds([sys.executable, str(HERE / "make_tables.py"), case.kind, str(case.rows), str(half)])
            half.rename(path)
        return path

    def python(self, *packages: str) -> Path:
        """Return the interpreter of an environment that holds a program which is no part of the product."""
        if packages[0] not in self.pythons:
            folder = self.scratch / packages[0]
            subprocess.run([sys.executable, "-m", "venv", folder], check=True)
            subprocess.run([folder / "bin" / "pip", "install", "-q", *packages], check=True, capture_output=True)
            self.pythons[packages[0]] = folder / "bin" / "python"
        return self.pythons[packages[0]]


def short(rows: int) -> str:
    """Write 1000000 as 1m."""
    return f"{rows // 10**6}m" if rows >= 10**6 else f"{rows // 1000}k"


_ALL = ("bare", "spark", "profile", "sweetviz")
_HUGE = ("bare", "profile", "sweetviz")
CASES = {
    "mall": Case("mall", 200, "csv", ("floor", "steady", *_ALL)),
    "customers-1m": Case("customers", 10**6, others=("scan", "hand", *_ALL, "full")),
    "customers-1m-csv": Case("customers", 10**6, "csv", ("scan", "hand")),
    "customers-10m": Case("customers", 10**7, others=("scan", "hand", "mall", *_HUGE)),
    "customers-10m-csv": Case("customers", 10**7, "csv", ("scan", "hand")),
    "orders-1m": Case("orders", 10**6, others=("scan", "summary", *_ALL)),
    "orders-1m-csv": Case("orders", 10**6, "csv", ("scan", "summary")),
    "orders-10m": Case("orders", 10**7, others=("scan", "summary", *_ALL)),
    "orders-10m-csv": Case("orders", 10**7, "csv", ("scan", "summary")),
    "orders-100m": Case("orders", 10**8, others=("scan", "summary", *_HUGE)),
    "orders-100m-csv": Case("orders", 10**8, "csv", ("scan", "summary")),
    "orders-100m-2gb": Case("orders", 10**8, others=("summary",), memory="2GB"),
    "try": Case("orders", 10**5, others=("scan", "summary", *_ALL)),
}


def run_of(path: Path, out: Path, *options: str) -> list[str]:
    """Return the command of a run."""
    return [sys.executable, "-m", "reportgen", "-q", "run", str(path), "-o", str(out), *options]


def script(name: str, *given: object) -> list[str]:
    """Return the command of a script beside this one."""
    return [sys.executable, str(HERE / name), *map(str, given)]


def contestant(name: str, case: Case, bench: Bench, out: Path) -> Cost:
    """Measure one contestant; its files go to ``out``."""
    path, large = bench.table(case), case.kind != "mall"
    form = "parquet" if path.suffix == ".parquet" else "csv"
    formats = ("--format", "html,pdf") if large else ()
    told = {"form": form, "large": large, "pairs": "off" if large else "auto"}
    limit = ("--memory", case.memory) if case.memory else ()
    if name == "steady":
        cost = measure(script("without_stability.py", *run_of(path, out)[3:]))
        return cost if cost.ended else replace(cost, cpu=cost.cpu - float(cost.printed.splitlines()[-1]))
    if name in ("profile", "sweetviz"):
        package, code = ("fg-data-profiling", _PROFILE) if name == "profile" else ("sweetviz", _SWEETVIZ)
        python = bench.python(package, "pyarrow", "setuptools<81")
        return measure([str(python), "-c", code.format(**told), str(path), str(out)], _LIMITS)
    makers: dict[str, Callable[[], list[str]]] = {
        "run": lambda: run_of(path, out, *formats, *limit),
        "mall": lambda: run_of(MALL, out),
        "spark": lambda: run_of(path, out, *formats, "--engine", "local[2]"),
        "scan": lambda: [sys.executable, "-c", _SCAN, str(path)],
        "summary": lambda: script("floor_summary.py", path),
        "hand": lambda: script("floor_big_table.py", path, out / "everyone"),
        "floor": lambda: script("floor_main_job.py", path, out),
        "bare": lambda: script("floor_bare.py", path, case.kind),
        "full": lambda: script("agreement.py", path, out.parent / "run"),
    }
    return measure(makers[name](), _LIMITS if name in _MAY_END else None)


def measured(case: Case, bench: Bench, names: tuple[str, ...], runs: int) -> dict[str, list[Cost]]:
    """Measure contestants in turn."""
    found: dict[str, list[Cost]] = {name: [] for name in names}
    for _ in range(runs):
        with tempfile.TemporaryDirectory(dir=bench.scratch) as folder:
            for name in names:
                out = Path(folder) / name
                out.mkdir()
                cost = contestant(name, case, bench, out)
                found[name].append(cost)
                print(
                    f"  {name:10} {cost.cpu:8.1f} s CPU {cost.wall:8.1f} s {cost.peak:8.0f} MiB {cost.ended}",
                    flush=True,
                )
                if cost.ended and name not in _MAY_END:
                    raise SystemExit(f"{name} failed: {cost.ended}")
                if name != "run":
                    shutil.rmtree(out)
    return found


def entries(found: dict[str, list[Cost]], bench: Bench) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield what is kept of each contestant; ``run`` is the CPU of our own run that was measured beside it."""
    beside = statistics.median(cost.cpu for cost in found["run"])
    for name, costs in found.items():
        entry: dict[str, object] = {
            "cpu": round(statistics.median(cost.cpu for cost in costs), 2),
            "wall": round(statistics.median(cost.wall for cost in costs), 1),
            "peak": round(max(cost.peak for cost in costs)),
            "run": round(beside, 2),
        }
        if ended := [cost.ended for cost in costs if cost.ended]:
            entry["ended"] = ended[0]
        elif name == "full":
            entry |= json.loads(costs[0].printed)
        if known := release(name, bench):
            entry["version"] = known
        yield name, entry


def release(name: str, bench: Bench) -> str:
    """Return the version of another program."""
    package = {"profile": "fg-data-profiling", "sweetviz": "sweetviz", "spark": "pyspark", "full": "scikit-learn"}.get(
        name
    )
    if package is None:
        return ""
    if package not in bench.pythons:
        return version(package)
    code = f"import importlib.metadata as m; print(m.version({package!r}))"
    return measure([str(bench.pythons[package]), "-c", code]).printed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="CASE,…", help=f"cases: {', '.join(CASES)}")
    parser.add_argument("--skip", default="", metavar="NAME,…", help="contestants that are not measured anew")
    parser.add_argument("-n", "--runs", type=int, help="default: 5 of the mall, 1 of others")
    parser.add_argument("--tables", type=Path, help="folder of big tables, kept; default: made and thrown away")
    parser.add_argument("--dry", action="store_true", help="keep and write nothing")
    parser.add_argument("--check", action="store_true", help="measure nothing: compare the document with the results")
    given = parser.parse_args()
    results: Results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    if given.check:
        raise SystemExit(
            0 if paste(DOCUMENT.read_text(), results) == DOCUMENT.read_text() else f"stale: {DOCUMENT.name}"
        )
    with tempfile.TemporaryDirectory(prefix="reportgen-scale-") as scratch:
        bench = Bench(given.tables or Path(scratch), Path(scratch))
        for name in given.only.split(",") if given.only else [name for name in CASES if name != "try"]:
            case = CASES[name]
            names = ("run", *(other for other in case.others if other not in given.skip.split(",")))
            print(name, flush=True)
            found = measured(case, bench, names, given.runs or (5 if case.kind == "mall" else 1))
            results[name] = results.get(name, {}) | dict(entries(found, bench))
            if not given.dry:
                RESULTS.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")
                DOCUMENT.write_text(paste(DOCUMENT.read_text(), results))
    print("\n".join([*table_lines(results), *goal_lines(results)]))


if __name__ == "__main__":
    main()
