"""The lock: one owner, named to the others, gone with its process."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from shared import ROOT

from reportgen.errors import BusyError, ExitCode
from reportgen.history.lock import locked

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


def test_the_lock_file_stays_and_is_the_same_file(tmp_path: Path) -> None:
    path = tmp_path / ".lock"
    with locked(path, what="the archive"):
        inode = path.stat().st_ino
    with locked(path, what="the archive"), pytest.raises(BusyError), locked(path, what="the archive"):
        pass
    assert path.stat().st_ino == inode
