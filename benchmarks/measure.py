"""What a command takes, with every process that it starts: CPU, wall time and memory, within limits."""

from __future__ import annotations

import ctypes
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_PAUSE = 0.1  # s between two looks at the memory
_PATIENCE = 20  # s for what the command has started to end after it
_BECOME_SUBREAPER = 36  # of prctl(2): processes left behind, such as Spark's, become ours, so that their CPU is counted


@dataclass(frozen=True)
class Limits:
    """What a command may take before it is ended: seconds of wall time and MiB."""

    wall: float = float("inf")
    memory: float = float("inf")


@dataclass(frozen=True)
class Cost:
    """Seconds of CPU and of wall time, MiB at the peak, why it did not survive (empty: it did), and what it printed.

    ``read`` counts MiB that the process itself has read from files, whether or not they lay in memory.
    """

    cpu: float
    wall: float
    peak: float
    ended: str = ""
    printed: str = ""
    read: float = 0.0


def measure(command: Sequence[str], limits: Limits | None = None) -> Cost:
    """Run a command to its end, or to a limit.

    Memory is the sum over all its processes, looked at ten times a second, and at least the peak that the system tells
    of one of them. Pages that processes share are counted in each.
    """
    limits = limits or Limits()
    ctypes.CDLL(None).prctl(_BECOME_SUBREAPER, 1, 0, 0, 0)
    before, began = _used(), time.monotonic()
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=environment)
        code, peak, ended, read = _watch(process, began, limits)
        wall = time.monotonic() - began
        _gather()
        out.seek(0)
        err.seek(0)
        if code and not ended:
            said = err.read()
            sys.stderr.write(said[-2000:])
            names = re.findall(r"^(?:\w+\.)*(\w*(?:Error|Exception))\b", said, re.MULTILINE)
            ended = names[-1] if names else f"exit code {code}"
        return Cost(_used() - before, wall, peak, ended, out.read().strip(), read)


def cpu_seconds(command: Sequence[str]) -> float:
    """Return seconds of CPU of a command that must succeed."""
    cost = measure(command)
    if cost.ended:
        raise SystemExit(f"{' '.join(command)[:200]}: {cost.ended}")
    return cost.cpu


def _watch(process: subprocess.Popen[bytes], began: float, limits: Limits) -> tuple[int, float, str, float]:
    """Return the exit code, the peak, which limit ended the process, and MiB read."""
    peak, ended, read = 0.0, "", 0.0
    while True:
        done, status, used = os.wait4(process.pid, os.WNOHANG)
        if done:
            process.returncode = os.waitstatus_to_exitcode(status)
            return process.returncode, max(peak, used.ru_maxrss / 1024), ended, read
        peak = max(peak, sum(map(_resident, _below(os.getpid()))))
        read = max(read, _read(process.pid))
        if not ended and (peak > limits.memory or time.monotonic() - began > limits.wall):
            ended = "memory" if peak > limits.memory else "time"
            _kill()
        time.sleep(_PAUSE)


def _gather() -> None:
    """Wait for what the command has left behind; what does not end is ended."""
    began = time.monotonic()
    while True:
        try:
            done, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not done:
            if time.monotonic() - began > _PATIENCE:
                _kill()
            time.sleep(_PAUSE)


def _kill() -> None:
    for pid in _below(os.getpid()):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _used() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _below(root: int) -> set[int]:
    """Return all processes that a process has started, and those that these have started."""
    parents = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
    found, latest = set[int](), {root}
    while latest := {pid for pid, parent in parents.items() if parent in latest} - found:
        found |= latest
    return found


def _resident(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize() / 2**20
    except (OSError, IndexError):
        return 0.0


def _read(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/io").read_text().split()[1]) / 2**20
    except (OSError, IndexError):
        return 0.0
