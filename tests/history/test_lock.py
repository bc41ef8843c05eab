"""The lock: one owner, named to the others, gone with its process."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from shared import ROOT

from reportgen.errors import BusyError, ExitCode
from reportgen.history import lock
from reportgen.history.lock import hold, locked, take_away

HOLD = """
import sys, time
from pathlib import Path
from reportgen.history.lock import locked
with locked(Path(sys.argv[1]), what="the archive"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_owner_is_told_who_holds_it(tmp_path: Path) -> None:
    path = tmp_path / "archive" / ".lock"
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )  # fmt: skip
    try:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        told = rf"the archive is busy: process {other.pid} on {socket.gethostname()} works on it since \d{{4}}-"
        with pytest.raises(BusyError, match=told) as busy, locked(path, what="the archive"):
            pass
        assert busy.value.exit_code == ExitCode.BUSY == 75
    finally:
        other.kill()
        other.communicate()
    with locked(path, what="the archive"):  # a killed owner leaves no lock behind
        assert f'"pid": {os.getpid()}' in path.with_name(".lock.holder").read_text(encoding="utf-8")


def test_the_lock_file_is_never_removed(tmp_path: Path) -> None:
    path = tmp_path / ".lock"
    with locked(path, what="the archive"):
        file = path.open()
    with file:
        with locked(path, what="the archive"), pytest.raises(BusyError), locked(path, what="the archive"):
            pass
        assert os.fstat(file.fileno()).st_nlink == 1
        assert os.path.samestat(os.fstat(file.fileno()), path.stat())


def test_a_folder_is_taken_away_only_from_a_process_that_has_ended(tmp_path: Path) -> None:
    folder, target = tmp_path / "building", tmp_path / "trash"
    folder.mkdir()
    handle = hold(folder)
    assert handle is not None
    with pytest.raises(BlockingIOError):
        hold(folder)
    assert not take_away(folder, target)
    os.close(handle)
    assert take_away(folder, target)
    assert not folder.exists()
    assert not take_away(folder, target)


def test_where_folders_cannot_be_locked_they_are_taken_away_after_a_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(handle: int) -> bool:
        raise OSError(errno.ENOLCK, "No locks available")

    folder = tmp_path / "building"
    folder.mkdir()
    monkeypatch.setattr(lock, "try_lock", refuse)
    assert hold(folder) is None
    assert not take_away(folder, tmp_path / "trash")
    os.utime(folder, (0, 0))
    assert take_away(folder, tmp_path / "trash")
