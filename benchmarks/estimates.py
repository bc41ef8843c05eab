"""Measure what `reportgen plan` rests on: whole runs of many shapes, the constants fitted to them, and how far it errs.

Writes reportgen/costs.json, and the runs into estimates.json; --more measures only those that are missing there.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

import numpy as np
from make_tables import write
from measure import ROOT, measure
from numpy.typing import NDArray
from scipy.optimize import least_squares

sys.path.insert(0, str(ROOT))

from reportgen.estimate import COSTS, MEMORY_TERMS, SECONDS_TERMS, Shape, predict, probe
from reportgen.inputs.engine import table_memory

RUNS = ROOT / "benchmarks" / "estimates.json"
_SHAPES = (  # kind, rows, columns, form
    ("customers", 200, 5, "text"),
    ("orders", 2_000, 7, "text"),
    ("customers", 3_000, 11, "Parquet"),
    ("orders", 30_000, 7, "Parquet"),
    ("customers", 20_000, 40, "text"),
    ("orders", 200_000, 12, "text"),
    ("customers", 150_000, 11, "Parquet"),
    ("orders", 500_000, 7, "Parquet"),
    ("orders", 10_000_000, 7, "Parquet"),
    ("customers", 1_000_000, 6, "Parquet"),
    ("customers", 10_000_000, 11, "Parquet"),
    ("customers", 300_000, 21, "text"),
    ("orders", 2_000_000, 7, "text"),
    ("customers", 1_000_000, 11, "text"),
    ("orders", 1_000_000, 20, "Parquet"),
    ("customers", 1_000_000, 40, "Parquet"),
    ("orders", 4_000_000, 7, "Parquet"),
)
SHAPES = tuple(Shape(*shape, sample=200_000, limit=table_memory()) for shape in _SHAPES)


def name(shape: Shape) -> str:
    """Return what a shape is called where its run is kept."""
    return f"{shape.kind} {shape.rows} x {shape.columns} {shape.form}"


def run(shape: Shape, folder: Path) -> dict[str, float]:
    """Return what a run took: seconds of CPU, MiB, and the seconds of the probe beside it."""
    path = folder / ("table.parquet" if shape.form == "Parquet" else "table.csv")
    write(shape.kind, shape.rows, path, shape.columns)
    took = probe()
    command = [sys.executable, "-m", "reportgen", "-q", "run", str(path), "--format", "html,pdf", "-o", str(folder)]
    cost = measure(command)
    if cost.ended:
        raise SystemExit(f"{name(shape)}: {cost.ended}")
    size = path.stat().st_size / 2**20
    return {
        "cpu": round(cost.cpu, 2),
        "peak": round(cost.peak),
        "probe": round(took, 3),
        "size": round(size, 1),
        "read": round(cost.read),
    }


def fitted(runs: list[tuple[Shape, dict[str, float]]]) -> dict[str, list[float]]:
    """Return the constants of one kind: no term costs less than nothing, and residuals are ratios."""
    costs: dict[str, list[float]] = {}
    for what, terms in (("seconds", SECONDS_TERMS), ("memory", MEMORY_TERMS)):
        if what == "seconds":
            measured = np.array([run["cpu"] / run["probe"] for _, run in runs])
        else:
            measured = np.array([run["peak"] for _, run in runs])

        def residuals(constants: NDArray[np.float64], what: str = what, measured: NDArray = measured) -> NDArray:
            given = {what: list(constants)}
            return np.log(
                [predict(shape, given, what) / value for (shape, _), value in zip(runs, measured, strict=True)]
            )

        start = np.full(len(terms), 1.0)
        start[0] = measured.min()
        costs[what] = [float(f"{value:.3g}") for value in least_squares(residuals, start, bounds=(1e-9, np.inf)).x]
    return costs


def factors(runs: list[tuple[Shape, dict[str, float]]]) -> dict[str, tuple[float, float]]:
    """Return predicted over measured seconds and MiB of each run between the smallest and the largest.

    That run is left out when the constants are fitted; beyond the largest nothing is known.
    """
    ends = (min(shape.rows for shape, _ in runs), max(shape.rows for shape, _ in runs))
    found = {}
    for place, (shape, run) in enumerate(runs):
        if shape.rows not in ends:
            costs = fitted(runs[:place] + runs[place + 1 :])
            seconds = predict(shape, costs, "seconds") * run["probe"] / run["cpu"]
            found[name(shape)] = seconds, predict(shape, costs, "memory") / run["peak"]
    return found


def reads(runs: list[tuple[Shape, dict[str, float]]], libraries: float) -> float:
    """Return how many times its size a run reads of a large Parquet file, all in all."""
    large = max((run for shape, run in runs if shape.form == "Parquet"), key=lambda run: run["size"])
    return float(round((large["read"] - libraries) / large["size"]))


def within(ratios: list[float]) -> float:
    """Return the factor within which nine of ten predictions are; at least 1.5, as other tables differ."""
    errors = sorted(max(ratio, 1 / ratio) for ratio in ratios)
    return max(1.5, float(np.ceil(10 * errors[int(np.ceil(0.9 * len(errors))) - 1]) / 10))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--more", action="store_true", help="measure only what is missing")
    given = parser.parse_args()
    kept = json.loads(RUNS.read_text()) if given.more and RUNS.exists() else {}
    for shape in SHAPES:
        if name(shape) not in kept:
            with tempfile.TemporaryDirectory(prefix="reportgen-estimates-") as folder:
                kept[name(shape)] = run(shape, Path(folder))
            print(f"{name(shape):40} {kept[name(shape)]}", flush=True)
            RUNS.write_text(json.dumps(kept, indent=1) + "\n")
    costs: dict[str, object] = {}
    ratios: dict[str, tuple[float, float]] = {}
    for kind in ("customers", "orders"):
        runs = [(shape, kept[name(shape)]) for shape in SHAPES if shape.kind == kind]
        costs[kind] = fitted(runs) | {"reads": reads(runs, kept[name(SHAPES[0])]["read"])}
        ratios |= factors(runs)
    print("predicted by the other runs, over measured")
    for shape, (seconds, memory) in ratios.items():
        print(f"{shape:36} seconds {seconds:4.2f}  memory {memory:4.2f}")
    costs["within"] = {
        "seconds": within([s for s, _ in ratios.values()]),
        "memory": within([m for _, m in ratios.values()]),
    }
    COSTS.write_text(json.dumps(costs, indent=1) + "\n")
    print(json.dumps(costs, indent=1))


if __name__ == "__main__":
    main()
