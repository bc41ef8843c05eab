"""The folder of runs: complete folders that appear at once and never change afterwards."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path

from reportgen.errors import OutputError
from reportgen.history.lock import hold, locked, take_away
from reportgen.history.published import PublishedRun, read_run, revision_of
from reportgen.history.record import MANIFEST

__all__ = ["Archive", "PublishedRun", "explain_io", "run_label", "sync"]

OUTBOX = "outbox"
_PERIOD = re.compile(r"([1-9]\d{3}-(?:0[1-9]|1[0-2]))\.r\d+")
_BAD, _BUILDING, _TRASH = ".bad-", ".tmp-", ".trash-"
_LEAST_SPACE = 200_000_000  # bytes
_ROOMY = 3  # times the last run
_FULL = (errno.ENOSPC, errno.EDQUOT)
_SHUT = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST, errno.EFBIG, errno.EIO)


class Archive:
    """Runs as ``root/runs/LABEL.rN``; a run is built beside them and renamed into place when it is complete.

    Whoever reads needs no lock. Runs of months are published one at a time, under the lock; other runs only add a
    folder of their own.
    """

    def __init__(self, root: str | Path) -> None:
        self.root = Path(root).expanduser()
        self.runs = self.root / "runs"

    @contextlib.contextmanager
    def locked(self, *periods: str) -> Iterator[tuple[str, ...]]:
        """Hold the archive, set right what a killed process left, and yield the names of damaged runs moved aside.

        Looked at are the runs of ``periods``, the newest, and the newest before each of them.
        Raises BusyError when another process holds it, OutputError when it can't be written.
        """
        with contextlib.ExitStack() as held:
            with self._making():
                held.enter_context(locked(self.root / ".lock", what=str(self.root)))
            held.enter_context(explain_io(self.root))
            self._sweep()
            moved = self._set_aside(periods)
            self._point_latest()
            yield moved

    @contextlib.contextmanager
    def building(self) -> Iterator[Path]:
        """Yield an empty folder to build a run in; whatever is left in it at the end is removed.

        Raises OutputError when the folder can't be made, or when writing fails (disk full, no permission).
        """
        folder, handle = self._new_folder()
        try:
            with explain_io(self.root):
                yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            if handle is not None:
                os.close(handle)
            with contextlib.suppress(OSError):  # folders that hold something stay
                self.runs.rmdir()
                self.root.rmdir()

    def _new_folder(self) -> tuple[Path, int | None]:
        with self._making():
            self._sweep()
            while True:
                self.runs.mkdir(parents=True, exist_ok=True)
                folder = Path(tempfile.mkdtemp(prefix=_BUILDING, dir=self.runs))
                with contextlib.suppress(FileNotFoundError, BlockingIOError):  # another start swept it away
                    folder.chmod(0o755)
                    return folder, hold(folder)

    @contextlib.contextmanager
    def _making(self) -> Iterator[None]:
        try:
            with explain_io(self.root):
                yield
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise OutputError(f"{self.root} can't be made: {why}", "Choose another folder with --output.") from None

    def check_space(self) -> None:
        """Raise OutputError where the disk has not three times the room of the newest run, and at least 200 MB."""
        newest = self.newest()
        size = sum(path.stat().st_size for path in newest.folder.rglob("*") if path.is_file()) if newest else 0
        free, needed = shutil.disk_usage(self.root).free, max(_LEAST_SPACE, _ROOMY * size)
        if free < needed:
            raise OutputError(
                f"the disk that holds {self.root} has {free / 1e6:,.0f} MB free; a run needs {needed / 1e6:,.0f} MB",
                "Free some space and run again; `reportgen runs --prune` removes old files.",
            )

    def publish(self, folder: Path, label: str) -> tuple[Path, bool]:
        """Move a finished folder into place; return where it is, and whether it is new.

        A run that equals the newest revision of its label byte for byte is not published again.
        """
        for path in (*folder.rglob("*"), folder):
            sync(path)
        while True:
            newest = self.revisions(label)
            if newest and _same(folder, newest[-1]):
                self._point_latest(newest[-1])
                return newest[-1], False
            target = self.runs / f"{label}.r{self.next_number(label)}"
            try:
                folder.rename(target)
            except OSError:
                if not target.exists():
                    raise
                continue  # another run of this name was faster
            sync(self.runs)
            self._point_latest(target)
            return target, True

    def next_number(self, label: str) -> int:
        """Return the next revision of a label: a number that was seen anywhere is never used again."""
        seen = [path.name.removeprefix(_BAD) for path in (*_list(self.runs), *_list(self.root / OUTBOX))]
        numbers = [revision_of(Path(name)) for name in seen if name.rpartition(".r")[0] == label]
        return 1 + max(numbers, default=0)

    def periods(self) -> tuple[str, ...]:
        """Return the months that have a folder, oldest first."""
        found = (_PERIOD.fullmatch(path.name) for path in _list(self.runs))
        return tuple(sorted({match.group(1) for match in found if match}))

    def current(self, period: str) -> PublishedRun | None:
        """Return the newest revision of a month whose files are all there, unchanged; None where there is none.

        Raises OutputError where they can't be read, or were written by a newer version of the program.
        """
        with explain_io(self.root):
            runs = (read_run(folder) for folder in reversed(self.revisions(period)))
            return next((run for run in runs if run is not None and run.period == period), None)

    def before(self, period: str) -> Iterator[PublishedRun]:
        """Yield the current runs of earlier months, newest first."""
        return self._currents(one for one in reversed(self.periods()) if one < period)

    def after(self, period: str) -> Iterator[PublishedRun]:
        """Yield the current runs of later months, oldest first."""
        return self._currents(one for one in self.periods() if one > period)

    def newest(self) -> PublishedRun | None:
        """Return the current run of the newest month that has one."""
        return next(self._currents(reversed(self.periods())), None)

    def revisions(self, label: str) -> list[Path]:
        """Return the folders of a label, in the order of their numbers."""
        found = [path for path in _list(self.runs) if revision_of(path) and path.name.rpartition(".r")[0] == label]
        return sorted(found, key=revision_of)

    def discard(self, folder: Path) -> None:
        """Remove a run at once for whoever looks, then its files. The lock must be held."""
        trash = folder.with_name(f"{_TRASH}{folder.name}")
        folder.rename(trash)
        sync(self.runs)
        shutil.rmtree(trash, ignore_errors=True)  # another start may be sweeping it away

    def _currents(self, periods: Iterable[str]) -> Iterator[PublishedRun]:
        return (run for run in map(self.current, periods) if run is not None)

    def _sweep(self) -> None:
        """Remove what killed processes left; a folder that a living process builds in stays."""
        for path in _list(self.runs):
            trash = path.with_name(f"{_TRASH}{path.name}") if path.name.startswith(_BUILDING) else path
            if path.name.startswith(_TRASH) or (trash != path and take_away(path, trash)):
                shutil.rmtree(trash, ignore_errors=True)

    def _set_aside(self, periods: Iterable[str]) -> tuple[str, ...]:
        """Rename damaged runs, so that nobody takes them for a report; their numbers stay used."""
        moved: list[str] = []
        known = self.periods()
        for start in dict.fromkeys((*periods, *known[-1:])):
            moved += self._move_damaged(start)
            for period in reversed([one for one in known if one < start]):
                moved += self._move_damaged(period)
                if self.revisions(period):
                    break
        return tuple(moved)

    def _move_damaged(self, period: str) -> Iterator[str]:
        for folder in reversed(self.revisions(period)):
            run = read_run(folder)
            if run is not None and run.period == period:
                return
            folder.rename(folder.with_name(f"{_BAD}{folder.name}"))
            sync(self.runs)
            yield folder.name

    def _point_latest(self, target: Path | None = None) -> None:
        """Let ``root/latest`` point to the newest month, or to the run just published where it is no month.

        It is a convenience that nothing reads, so a system without links goes without.
        """
        if target is None or _PERIOD.fullmatch(target.name):
            newest = self.newest()
            target = newest.folder if newest else target
        link, new = self.root / "latest", self.root / ".latest.new"
        with contextlib.suppress(OSError):
            if target is not None and (not link.is_symlink() or link.readlink() != target.relative_to(self.root)):
                new.unlink(missing_ok=True)
                new.symlink_to(target.relative_to(self.root), target_is_directory=True)
                new.replace(link)
                sync(self.root)


def run_label(source: str, as_of: str | None) -> str:
    """Name a run after its input and, where it looks back from a day, the month of the day before: its last."""
    stem = re.sub(r"[^\w.-]+", "-", Path(source).name.split(".")[0] or source, flags=re.UNICODE).strip("-.")[:60]
    if not as_of:
        return stem or "report"
    last = date.fromisoformat(as_of[:10]) - timedelta(days=1)
    return f"{stem or 'report'}-{last:%Y-%m}"


@contextlib.contextmanager
def explain_io(root: Path) -> Iterator[None]:
    """Turn failures of the file system into OutputError."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise OutputError(
                f"the disk that holds {root} is full{_free(root)}", "Free some space and run again."
            ) from None
        if error.errno in _SHUT:
            used = "read or written" if error.errno in (errno.EACCES, errno.EPERM) else "written"
            raise OutputError(
                f"{root} can't be {used}: {(error.strerror or 'no permission').lower()}",
                "Choose another folder with --output.",
            ) from None
        raise


def _free(root: Path) -> str:
    try:
        return f" ({shutil.disk_usage(root).free / 1e6:,.1f} MB free)"
    except OSError:
        return ""


def sync(path: Path) -> None:
    """Have the system write a file or folder to the disk before going on."""
    with contextlib.suppress(PermissionError, IsADirectoryError):  # not every system can flush a folder
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
        finally:
            os.close(handle)


def _list(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []


def _same(one: Path, other: Path) -> bool:
    """Compare by manifest: it holds the hash of every file; a published run with a missing file is not the same."""
    try:
        equal = (one / MANIFEST).read_bytes() == (other / MANIFEST).read_bytes()
        return equal and _names(one) == _names(other)
    except OSError:
        return False


def _names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}
