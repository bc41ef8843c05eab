"""A small shop over some months, with known events, and what its runs wrote."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np

from reportgen.config import Config, load_config
from reportgen.pipeline import Decision, Run, run

FIRST, SECOND, THIRD = "2024-10", "2024-11", "2024-12"


def write_shop(path: Path, until: str = "2025-01-31", shift: bool = True) -> Path:
    """Write a log of 400 customers: a third buys weekly, a third monthly, a third bought once; new ones every month.

    ``shift``: in November 60 of the monthly ones begin to buy weekly.
    """
    rng = np.random.default_rng(5)
    start, end = np.datetime64("2024-01-01"), np.datetime64("2025-01-31")
    rows = []
    for i in range(400):
        pace, amount = ((7, 60.0), (30, 35.0), (400, 15.0))[i % 3]
        first = start + np.timedelta64(int(rng.integers(0, 270 if i < 340 else 390)), "D")
        day = first
        while day <= end:
            value = round(float(amount * rng.lognormal(0, 0.3)), 2)
            rows.append((f"c{i:03d}", f"o{len(rows):05d}", str(day), f"{value:.2f}"))
            faster = shift and i % 3 == 1 and i < 180 and day >= np.datetime64("2024-10-20")
            day = day + np.timedelta64(max(1, int(rng.exponential(4 if faster else pace))), "D")
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("customer_id", "order_id", "order_date", "order_total"))
        writer.writerows(row for row in rows if row[2] <= until)
    return path


def settings(output: Path, period: str, **more: Any) -> Config:
    given = {"report__formats": ("json",), "segments__k": 3, "segments__k_max": 3} | more
    return load_config(None, input__period=period, output=str(output), **given)


def run_month(
    source: Path | str, output: Path, period: str, *, refit: bool = False, revise: str = "", **more: Any
) -> Run:
    return run(str(source), settings(output, period, **more), decision=Decision(refit=refit, revise=revise))


def report_of(run: Run) -> Any:
    return json.loads((run.folder / "report.json").read_text(encoding="utf-8"))


def rows_of(run: Run, name: str = "customers.csv") -> list[dict[str, str]]:
    with (run.folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def bytes_of(folder: Path) -> dict[str, bytes]:
    """Return every file of a run by its path; of the manifest what two equal runs share."""
    files = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    found = {name: path.read_bytes() for name, path in files.items()}
    manifest = json.loads(found["manifest.json"])
    manifest.pop("volatile", None)
    return found | {"manifest.json": json.dumps(manifest).encode()}
