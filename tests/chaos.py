"""Racing and killed processes on one archive: run as a program of its own, as it forks and kills.

Usage: PYTHONPATH=.:tests python tests/chaos.py FOLDER ROUNDS. Ends with 0 if no round left a broken run, a dangling
link, or a number that was used twice.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from fake_months import fill

from reportgen.archive_settings import ArchiveConfig
from reportgen.errors import BusyError, ExitCode
from reportgen.history.archive import Archive
from reportgen.history.published import read_run
from reportgen.history.retention import prune

MONTHS = [f"{2023 + number // 12}-{number % 12 + 1:02d}" for number in range(24)]
SETTINGS = ArchiveConfig(customers_months=2, pages_months=4)


def month(archive: Archive, dice: random.Random) -> int:
    """Publish the next month, or the newest again, slowly."""
    newest = archive.newest()
    again = newest is not None and (dice.random() < 0.3 or newest.period == MONTHS[-1])
    period = MONTHS[0] if newest is None else newest.period if again else MONTHS[MONTHS.index(newest.period) + 1]
    try:
        with archive.locked(period):
            with archive.building() as folder:
                time.sleep(dice.random() * 0.004)
                fill(archive, folder, period, data=str(dice.random()), size=20_000)
                archive.publish(folder, period)
            prune(archive, SETTINGS)
    except BusyError:
        return ExitCode.BUSY
    return ExitCode.GOOD


def single(archive: Archive, dice: random.Random) -> int:
    """Publish a run that is no month; it asks for no lock."""
    with archive.building() as folder:
        (folder / "report.html").write_text("x" * 20_000)
        time.sleep(dice.random() * 0.01)
        (folder / "manifest.json").write_text(f'{{"files": {{}}, "made": {dice.random()}}}')
        archive.publish(folder, "shop")
    return ExitCode.GOOD


def start(what: Callable[[Archive, random.Random], int], root: Path, seed: int) -> int:
    child = os.fork()
    if child == 0:
        try:
            os._exit(what(Archive(root), random.Random(seed)))
        except BaseException as error:
            print(type(error).__name__, error, flush=True)
        os._exit(99)
    return child


def check(root: Path, seen: dict[str, int]) -> None:
    """No broken run, no dangling link, no folder that changed its identity."""
    archive = Archive(root)
    for path in archive.runs.iterdir():
        if path.name.startswith("."):
            continue
        assert (path / "manifest.json").exists(), f"{path.name} is half a run"
        if not path.name.startswith("shop"):
            assert read_run(path) is not None, f"{path.name} is broken"
        assert seen.setdefault(path.name, path.stat().st_ino) == path.stat().st_ino, f"{path.name} was made twice"
    assert not (root / "latest").is_symlink() or (root / "latest").exists(), "latest dangles"


def main(root: Path, rounds: int) -> None:
    dice, seen, codes = random.Random(7), {}, []
    for one in range(rounds):
        racers = [start(what, root, 10 * one + i) for i, what in enumerate((month, month, single))]
        for child in racers[: dice.choice((0, 1, 1, 2, 3))]:
            time.sleep(dice.random() * 0.02)
            os.kill(child, signal.SIGKILL)
        codes += [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in racers]
        check(root, seen)
    assert set(codes) <= {ExitCode.GOOD, ExitCode.BUSY, -signal.SIGKILL}, sorted(set(codes))
    assert codes.count(ExitCode.GOOD) >= rounds / 2, "hardly anything was published"
    assert codes.count(-signal.SIGKILL) >= rounds / 4, "hardly anything was killed"
    assert codes.count(ExitCode.BUSY) >= rounds / 10, "hardly anybody raced"
    assert month(Archive(root), dice) == ExitCode.GOOD
    newest = Archive(root).newest()
    assert newest is not None
    assert (root / "latest").resolve() == newest.folder.resolve()
    left = [path.name for path in (root / "runs").iterdir() if path.name.startswith((".tmp-", ".trash-"))]
    assert left == [], left
    print(len(seen), "runs;", {int(code): codes.count(code) for code in sorted(set(codes))})


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
