"""The measured part of docs/performance.md: one table per case, and which goals are met."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT, RESULTS = ROOT / "docs" / "performance.md", ROOT / "benchmarks" / "results.json"
BEGIN, END = "<!-- measured: benchmarks/scale.py writes what follows -->", "<!-- end of what was measured -->"
Results = dict[str, dict[str, dict[str, Any]]]

TITLES = {
    "mall": "The mall: 200 customers, CSV",
    "customers-1m": "1,000,000 customers x 10, Parquet",
    "customers-1m-csv": "1,000,000 customers x 10, CSV",
    "customers-10m": "10,000,000 customers x 10, Parquet",
    "customers-10m-csv": "10,000,000 customers x 10, CSV",
    "orders-1m": "1,000,000 order lines, Parquet",
    "orders-1m-csv": "1,000,000 order lines, CSV",
    "orders-10m": "10,000,000 order lines, Parquet",
    "orders-10m-csv": "10,000,000 order lines, CSV",
    "orders-100m": "100,000,000 order lines, Parquet",
    "orders-100m-csv": "100,000,000 order lines, CSV",
    "orders-100m-2gb": "100,000,000 order lines, Parquet, `--memory 2GB`",
}
NAMES = {
    "run": "**reportgen run**",
    "steady": "reportgen run without the seconds of stability",
    "mall": "reportgen run of the mall",
    "spark": "reportgen run, Spark {version} local[2]",
    "scan": "one scan by the engine",
    "summary": "hand-written order summary",
    "hand": "hand-written prototype, no stability, no report",
    "floor": "same libraries, k = 2..10, four charts, HTML, PDF",
    "bare": "pandas + scikit-learn, k = 2..8, no report",
    "full": "scikit-learn {version} on everyone, twice",
    "profile": "fg-data-profiling {version}, HTML",
    "sweetviz": "sweetviz {version}, HTML",
}
_ENDED = {"memory": "did not survive: more than 6 GiB", "time": "did not survive: more than 10 minutes"}


def table_lines(results: Results) -> Iterator[str]:
    """Yield the table of all cases that were measured; run / this is the ratio of CPU seconds."""
    yield "| table | what | CPU s | wall s | peak MiB | run / this |"
    yield "|---|---|---|---|---|---|"
    for case, title in TITLES.items():
        entries = results.get(case, {})
        for name in [name for name in NAMES if name in entries]:
            entry = entries[name]
            yield f"| {title if name == 'run' else ''} | {NAMES[name].format(**entry)} | {_figures(entry)} |"


def _figures(entry: dict[str, Any]) -> str:
    if "ended" in entry:
        return _ENDED.get(entry["ended"], "failed: " + entry["ended"]) + " | | |"
    ratio = entry["run"] / entry["cpu"]
    shown = f"{ratio:.1f}" if ratio >= 2 else f"{ratio:.2f}"
    return f"{entry['cpu']:,.1f} | {entry['wall']:,.0f} | {entry['peak']:,} | {shown}"


def _cpu(results: Results, case: str, name: str) -> float:
    """Return a contestant's seconds of CPU; KeyError where it wasn't measured or didn't survive."""
    entry = results[case][name]
    if "ended" in entry:
        raise KeyError(name)
    return float(entry["cpu"])


def _over(case: str, *names: str, of: str = "run") -> Callable[[Results], float]:
    """Return a contestant's CPU as a multiple of that of others."""
    return lambda r: _cpu(r, case, of) / sum(_cpu(r, case, name) for name in names)


def _gib(case: str) -> Callable[[Results], float]:
    return lambda r: r[case]["run"]["peak"] / 1024


def _growth(small: str, large: str) -> Callable[[Results], float]:
    return lambda r: _cpu(r, large, "run") / _cpu(r, small, "run")


GOALS: tuple[tuple[str, Callable[[Results], float], float], ...] = (
    ("mall, everything, over its floor", _over("mall", "floor"), 1.6),
    ("mall without stability, over its floor", _over("mall", "floor", of="steady"), 1.3),
    ("mall, everything, over fg-data-profiling's HTML alone", _over("mall", "profile"), 1.0),
    ("10 M customers over prototype and mall run", _over("customers-10m", "hand", "mall"), 1.3),
    ("10 M customers, peak GiB", _gib("customers-10m"), 2.0),
    ("100 M order lines over hand-written summary", _over("orders-100m", "summary"), 3.0),
    ("100 M order lines, peak GiB", _gib("orders-100m"), 4.0),
    ("100 M order lines with `--memory 2GB`, peak GiB", _gib("orders-100m-2gb"), 2.2),
    ("1 M customers, inertia over a full fit", lambda r: r["customers-1m"]["full"]["inertia"], 1.001),
    ("1 M customers, 1 - adjusted Rand index with a full fit", lambda r: 1 - r["customers-1m"]["full"]["rand"], 0.01),
    ("ten times the customers (1 M to 10 M), growth", _growth("customers-1m", "customers-10m"), 10.0),
    ("ten times the order lines (10 M to 100 M), growth", _growth("orders-10m", "orders-100m"), 10.0),
)


def goal_lines(results: Results) -> Iterator[str]:
    """Yield every goal with what was measured: met or missed."""
    yield "| goal: at most | measured | limit | |"
    yield "|---|---|---|---|"
    for text, measure, limit in GOALS:
        try:
            value = measure(results)
        except KeyError:
            yield f"| {text} | | {limit:g} | not measured |"
            continue
        yield f"| {text} | {value:.4g} | {limit:g} | {'met' if value <= limit else '**missed**'} |"


def paste(document: str, results: Results) -> str:
    """Return the document with everything between its marks written anew."""
    head, rest = document.split(BEGIN)
    _, tail = rest.split(END)
    lines = [BEGIN, "", *table_lines(results), "", *goal_lines(results), "", END]
    return head + "\n".join(lines) + tail
