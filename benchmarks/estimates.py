"""Measure what `reportgen plan` interpolates: processor time and memory of whole runs, at three sizes each."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from make_tables import write

from reportgen.estimate import probe

ROOT = Path(__file__).resolve().parents[1]
SIZES = {"customers": (200, 250_000, 1_000_000), "orders": (2_000, 500_000, 2_000_000)}  # scale.py measures more
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
    """Print lines of the table in reportgen/estimate.py."""
    print(f"_REFERENCE = {probe():.2f}")
    with tempfile.TemporaryDirectory() as folder:
        for kind, sizes in SIZES.items():
            for rows in sizes:
                path = Path(folder) / f"{kind}-{rows}.parquet"
                write(kind, rows, path)
                seconds, memory = cost(path, folder)
                path.unlink()
                print(f'"{kind}": ({rows:_}, {seconds:.1f}, {memory:.0f}.0),', flush=True)


if __name__ == "__main__":
    main()
