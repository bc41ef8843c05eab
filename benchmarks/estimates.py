"""Measure what `reportgen plan` extrapolates from: processor time and memory of whole runs, at three sizes each."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from make_tables import write

from reportgen.estimate import probe

ROOT = Path(__file__).resolve().parents[1]
SIZES = {"customers": (200, 200_000, 1_000_000), "orders": (2_000, 500_000, 4_000_000)}  # a full sample from the second
RUN = """
import json, resource, sys
from reportgen.cli.main import run_cli
code = run_cli(["-q", "run", sys.argv[1], "-o", sys.argv[2], "--format", "html,pdf"])
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps([code, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]))
"""


def cost(path: Path, folder: str) -> tuple[float, float]:
    """Return processor seconds and MiB of a run in a process of its own."""
    command = [sys.executable, "-c", RUN, str(path), f"{folder}/{path.name}-out"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    code, seconds, memory = json.loads(done.stdout.splitlines()[-1])
    if code:
        raise SystemExit(f"{path}: exit code {code}: {done.stderr}")
    return seconds, memory


def main() -> None:
    """Print the table of reportgen/estimate.py."""
    print(f"_REFERENCE = {probe():.2f}")
    with tempfile.TemporaryDirectory() as folder:
        for kind, (tiny, small, large) in SIZES.items():
            for form, suffix in (("Parquet", "parquet"), ("text", "csv")):
                costs = []
                for rows in (tiny, small, large):
                    path = Path(folder) / f"{kind}-{rows}.{suffix}"
                    write(kind, rows, path)
                    costs.append(cost(path, folder))
                    path.unlink()
                millions = (large - small) / 1e6
                (start, base), (first, low), (second, high) = costs
                each, more = max(0.0, second - first) / millions, max(0.0, high - low) / millions
                sampled = max(0.0, first - start - each * small / 1e6)
                told = f"{start:.1f}, {sampled:.1f}, {each:.1f}, {base:.0f}.0, {more:.0f}.0"
                print(f'("{kind}", "{form}"): ({told}),', flush=True)


if __name__ == "__main__":
    main()
