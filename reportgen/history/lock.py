"""Locks that die with their process: two processes never change the same folder at once."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from reportgen.errors import BusyError

_DAY = 86_400  # seconds

if sys.platform == "win32":  # pragma: no cover - the same promise with the means of that system
    import msvcrt

    def try_lock(handle: int) -> bool:
        """Take the lock of an open file; False where another process has it."""
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def try_lock(handle: int) -> bool:
        """Take the lock of an open file or folder; False where another process has it.

        Raises OSError on file systems that know no locks.
        """
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@contextlib.contextmanager
def locked(path: Path, *, what: str) -> Iterator[None]:
    """Hold the lock file ``path``; who holds it stands in ``path.holder`` beside it.

    The file is made where missing and never removed: a process that waits for a removed file and one that makes it anew
    would both own it. The system releases the lock when the process ends, however it ends.
    Raises BusyError when another process holds it, OSError when the file can't be made.
    """
    holder = path.with_name(f"{path.name}.holder")
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if not try_lock(handle):
            raise BusyError(f"{what} is busy: {_told(holder)}", "Try again when it has ended.")
        holder.write_text(_myself(), encoding="utf-8")
        yield
    finally:
        os.close(handle)


def hold(folder: Path) -> int | None:
    """Mark a folder as in use for as long as this process keeps the handle; None where it can't be marked.

    Not every system can lock a folder. Raises FileNotFoundError or BlockingIOError when another process is removing it.
    """
    try:
        handle = os.open(folder, os.O_RDONLY)
    except PermissionError:
        return None
    try:
        if try_lock(handle) and folder.exists():
            return handle
    except OSError:
        os.close(handle)
        return None
    os.close(handle)
    raise BlockingIOError(f"{folder} is being removed")


def take_away(folder: Path, target: Path) -> bool:
    """Rename a folder whose process has ended, before anybody can hold it; False where one holds it or it is gone.

    Where folders can't be locked, one that was not touched for a day counts as left.
    """
    try:
        handle = os.open(folder, os.O_RDONLY)
    except FileNotFoundError:
        return False
    except OSError:
        return _untouched(folder) and _renamed(folder, target)
    try:
        return _free(handle, folder) and _renamed(folder, target)
    finally:
        os.close(handle)


def _free(handle: int, folder: Path) -> bool:
    try:
        return try_lock(handle)
    except OSError:
        return _untouched(folder)


def _renamed(folder: Path, target: Path) -> bool:
    try:
        folder.rename(target)
    except OSError:  # another start was faster
        return False
    return True


def _untouched(folder: Path) -> bool:
    with contextlib.suppress(OSError):
        return time.time() - folder.stat().st_mtime > _DAY
    return False


def _myself() -> str:
    started = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    return json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "started": started}) + "\n"


def _told(holder: Path) -> str:
    try:
        found = json.loads(holder.read_text(encoding="utf-8"))
        return f"process {found['pid']} on {found['host']} works on it since {found['started']}"
    except (OSError, ValueError, KeyError, TypeError):  # it has not said so yet
        return "another process works on it"
