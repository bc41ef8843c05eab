"""Measure the whole main job on the mall file against its floor: cold processes, in turn, as ratios of CPU time."""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MALL = ROOT / "data" / "mall_customers.csv"


def cpu_seconds(command: list[str]) -> float:
    """CPU time (user + system) of one whole process."""
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed with exit code {process.returncode}")
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", "--runs", type=int, default=5)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        commands = {
            "main job": [sys.executable, "-m", "reportgen", "-q", "run", str(MALL), "-o", folder],
            "floor": [sys.executable, str(ROOT / "benchmarks" / "floor_main_job.py"), str(MALL), folder],
            "help": [sys.executable, "-m", "reportgen", "--help"],
        }
        for command in commands.values():
            cpu_seconds(command)  # caches
        seconds: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(runs):
            for name, command in commands.items():
                seconds[name].append(cpu_seconds(command))
    for name, values in seconds.items():
        low, middle, high = min(values), statistics.median(values), max(values)
        print(f"{name:10} CPU s  min {low:.2f}  median {middle:.2f}  max {high:.2f}")
    ratios = [job / floor for job, floor in zip(seconds["main job"], seconds["floor"], strict=True)]
    print(
        f"main job / floor: median {statistics.median(ratios):.2f}, {min(ratios):.2f} to {max(ratios):.2f} (goal 1.5)"
    )


if __name__ == "__main__":
    main()
