"""Measure whole runs on big tables beside what they can't be faster than: CPU, wall time and peak memory as ratios."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
_ENGINE = "import duckdb; con = duckdb.connect(config={'preserve_insertion_order': False}); con.execute"
_SCAN = _ENGINE + "(\"SELECT bit_xor(hash(COLUMNS(*))) FROM '{path}'\").fetchall()"
_SUMMARY = (
    _ENGINE
    + """('''CREATE TEMP TABLE s AS
    SELECT customer_id, count(DISTINCT order_id) AS orders, sum((quantity * unit_price)::DECIMAL(18,6)) AS spend,
    min(order_date), max(order_date) FROM '{path}' GROUP BY 1''')"""
)
_BARE = """
import pandas as pd; from sklearn.cluster import KMeans; from sklearn.preprocessing import StandardScaler
x = StandardScaler().fit_transform(pd.read_{form}('{path}').select_dtypes('number'))
for k in range(2, 9): KMeans(k, n_init=10, random_state=1).fit(x)"""


@dataclass(frozen=True)
class Cost:
    """What a process took: seconds of CPU and of wall time, and MiB at its peak."""

    cpu: float
    wall: float
    peak: float


def measure(command: Sequence[str]) -> Cost:
    """Run a command to its end in a process of its own."""
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": str(HERE.parent)})
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)[:200]} failed")
    return Cost(used.ru_utime + used.ru_stime, time.monotonic() - began, used.ru_maxrss / 1024)


def floors(kind: str, path: Path, bare: bool) -> dict[str, Cost]:
    """Measure one scan, for logs the engine's own summary, and on request a bare scikit-learn script."""
    scripts = {"one scan by the engine": _SCAN}
    if kind == "orders":
        scripts["hand-written order summary"] = _SUMMARY
    elif bare:
        scripts["pandas + scikit-learn, k = 2..8"] = _BARE
    form = "parquet" if path.suffix == ".parquet" else "csv"
    return {
        name: measure([sys.executable, "-c", code.replace("{path}", str(path)).replace("{form}", form)])
        for name, code in scripts.items()
    }


def main() -> None:
    """Make one table, measure, print lines of a Markdown table, and delete what was made."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=("customers", "orders"))
    parser.add_argument("rows", type=int)
    parser.add_argument("--csv", action="store_true", help="text instead of Parquet")
    parser.add_argument("--bare", action="store_true", help="also a bare scikit-learn script, which needs much memory")
    parser.add_argument("--memory", default="", help="limit for the engine, e.g. 2GB")
    parser.add_argument("--keep", type=Path, help="use or keep the table here")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="reportgen-scale-") as scratch:
        path = given.keep or Path(scratch) / f"{given.kind}.{'csv' if given.csv else 'parquet'}"
        if not path.exists():
            measure([sys.executable, str(HERE / "make_tables.py"), given.kind, str(given.rows), str(path)])
        found = floors(given.kind, path, given.bare)
        limit = ["--memory", given.memory] if given.memory else []
        run = [sys.executable, "-m", "reportgen", "-q", "run", str(path), "--format", "html,pdf", "-o", scratch, *limit]
        found["reportgen run (HTML, PDF, list of all)" + (f", --memory {given.memory}" if limit else "")] = measure(run)
        what = f"{given.rows:,} {'customers x 10' if given.kind == 'customers' else 'order lines'}, {path.suffix[1:]}"
        own = list(found.values())[-1]
        for name, cost in found.items():
            ratio = f"{own.cpu / cost.cpu:.1f}"
            print(f"| {what} | {name} | {cost.cpu:.1f} | {cost.wall:.0f} | {cost.peak:,.0f} | {ratio} |", flush=True)


if __name__ == "__main__":
    main()
