"""The folder of runs: complete folders that appear at once and never change afterwards."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reportgen.errors import OutputError
from reportgen.history.record import MANIFEST, SCHEMA, sha256_of

_REVISION = re.compile(r"\.r(\d+)$")
_PERIOD = re.compile(r"([1-9]\d{3}-(?:0[1-9]|1[0-2]))\.r\d+")


@dataclass(frozen=True)
class PublishedRun:
    """A complete run of one month: its folder and its manifest."""

    folder: Path
    manifest: Mapping[str, Any]

    @property
    def period(self) -> str:
        """The month, YYYY-MM."""
        return str(self.manifest["period"])

    @property
    def revision(self) -> int:
        """Which edition of the month: 1, then higher."""
        return _number(self.folder)

    @property
    def run_id(self) -> str:
        """What went in, in 16 letters: equal for two runs of the same input, settings, model and program."""
        return str(self.manifest["run_id"])

    @property
    def as_of(self) -> str:
        """The last day of the month, ISO."""
        return str(self.manifest["as_of"])

    @property
    def mode(self) -> str:
        """How its segments came about: first, frozen or refit."""
        return str(self.manifest["mode"])

    def text(self, name: str) -> str:
        """Return the text of one of its files."""
        return (self.folder / name).read_text(encoding="utf-8")


class Archive:
    """Runs as ``root/runs/LABEL.rN``; a run is built beside them and renamed into place when it is complete."""

    def __init__(self, root: str | Path) -> None:
        self.root = Path(root).expanduser()
        self.runs = self.root / "runs"

    @contextlib.contextmanager
    def building(self) -> Iterator[Path]:
        """Yield an empty folder to build a run in; whatever is left in it at the end is removed.

        Raises OutputError when the folder can't be made, or when writing fails (disk full, no permission).
        """
        folder = self._new_folder()
        try:
            with explain_io(self.root):
                yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            with contextlib.suppress(OSError):  # folders that hold something stay
                self.runs.rmdir()
                self.root.rmdir()

    def _new_folder(self) -> Path:
        try:
            with explain_io(self.root):
                self.runs.mkdir(parents=True, exist_ok=True)
                folder = Path(tempfile.mkdtemp(prefix=".tmp-", dir=self.runs))
                folder.chmod(0o755)
                return folder
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise OutputError(f"{self.root} can't be made: {why}", "Choose another folder with --output.") from None

    def publish(self, folder: Path, label: str) -> tuple[Path, bool]:
        """Move a finished folder into place; return where it is, and whether it is new.

        A run that equals the newest revision of its label byte for byte is not published again.
        """
        newest = self._revisions(label)
        if newest and _same(folder, newest[-1]):
            self._point_latest(newest[-1])
            return newest[-1], False
        for path in folder.rglob("*"):
            _sync(path)
        _sync(folder)
        number = _number(newest[-1]) + 1 if newest else 1
        target = self.runs / f"{label}.r{number}"
        folder.rename(target)
        _sync(self.runs)
        self._point_latest(target)
        return target, True

    def periods(self) -> tuple[str, ...]:
        """Return the months that have a folder, oldest first."""
        found = (_PERIOD.fullmatch(path.name) for path in self.runs.glob("*.r*"))
        return tuple(sorted({match.group(1) for match in found if match}))

    def current(self, period: str) -> PublishedRun | None:
        """Return the newest revision of a month whose files are all there, unchanged; None where there is none."""
        runs = (_read_run(folder) for folder in reversed(self._revisions(period)))
        return next((run for run in runs if run is not None and run.period == period), None)

    def before(self, period: str) -> Iterator[PublishedRun]:
        """Yield the current runs of earlier months, newest first."""
        for earlier in reversed(self.periods()):
            run = self.current(earlier) if earlier < period else None
            if run is not None:
                yield run

    def _revisions(self, label: str) -> list[Path]:
        found = [path for path in self.runs.glob(f"{label}.r*") if _REVISION.search(path.name)]
        return sorted((path for path in found if path.name.rpartition(".r")[0] == label), key=_number)

    def _point_latest(self, target: Path) -> None:
        """Let ``root/latest`` point to the newest run: a convenience, so a system without links goes without."""
        if _PERIOD.fullmatch(target.name):  # an older month that was missing is not the newest
            target = self._revisions(self.periods()[-1])[-1]
        link, new = self.root / "latest", self.root / ".latest.new"
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)
            new.symlink_to(target.relative_to(self.root), target_is_directory=True)
            new.replace(link)


def run_label(source: str, as_of: str | None) -> str:
    """Name a run after its input and, where there is one, the month that it looks back from."""
    stem = re.sub(r"[^\w.-]+", "-", Path(source).name.split(".")[0] or source, flags=re.UNICODE).strip("-.")[:60]
    return f"{stem or 'report'}-{as_of[:7]}" if as_of else stem or "report"


@contextlib.contextmanager
def explain_io(root: Path) -> Iterator[None]:
    """Turn failures of the file system into OutputError."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise OutputError(f"the disk that holds {root} is full", "Free some space and run again.") from None
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST):
            raise OutputError(
                f"{root} can't be written: {(error.strerror or 'no permission').lower()}",
                "Choose another folder with --output.",
            ) from None
        raise


def _number(path: Path) -> int:
    match = _REVISION.search(path.name)
    return int(match.group(1)) if match else 0


def _read_run(folder: Path) -> PublishedRun | None:
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        intact = (
            manifest["schema"] == SCHEMA
            and {"period", "run_id"} <= set(manifest)
            and all(sha256_of(folder / name) == digest for name, digest in manifest["files"].items())
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return PublishedRun(folder, manifest) if intact else None


def _same(one: Path, other: Path) -> bool:
    """Compare by manifest: it holds the hash of every file; a published run with a missing file is not the same."""
    try:
        equal = (one / MANIFEST).read_bytes() == (other / MANIFEST).read_bytes()
        return equal and _names(one) == _names(other)
    except OSError:
        return False


def _names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def _sync(path: Path) -> None:
    with contextlib.suppress(OSError):  # not every system can flush a folder
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
