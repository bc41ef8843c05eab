"""Measure finding segments in 100,000 customers x 10 columns, all evidence included, against scikit-learn alone."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from main_job import ROOT, cpu_seconds

SHAPES = ("groups", "continuum")


def make_table(path: Path, shape: str, rows: int = 100_000) -> None:
    """Write customers in six planted groups, or in one cloud without any."""
    rng = np.random.default_rng(7)
    centres = rng.normal(0, 4 if shape == "groups" else 0, (6, 10))
    values = centres[rng.integers(0, 6, rows)] + rng.normal(0, 1, (rows, 10))
    table = pd.DataFrame(values, columns=[f"measure {letter}" for letter in "abcdefghij"]).round(4)
    table.insert(0, "customer_id", [f"C{number:06d}" for number in range(rows)])
    table.to_csv(path, index=False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", "--runs", type=int, default=2)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        for shape in SHAPES:
            table = Path(folder) / f"{shape}.csv"
            make_table(table, shape)
            job = [sys.executable, "-m", "reportgen", "-q", "run", str(table), "-o", folder]
            floor = [sys.executable, str(ROOT / "benchmarks" / "floor_segments.py"), str(table)]
            for _ in range(runs):
                whole = cpu_seconds(job)
                bare = cpu_seconds(floor)
                os.environ["OMP_NUM_THREADS"] = "1"
                single = cpu_seconds(floor)
                del os.environ["OMP_NUM_THREADS"]
                print(
                    f"{shape:10} whole run {whole:6.1f}  scikit-learn {bare:6.1f} (one thread {single:5.1f}) CPU s  "
                    f"ratio {whole / bare:.2f} (one thread {whole / single:.2f}; goal 3)"
                )


if __name__ == "__main__":
    main()
