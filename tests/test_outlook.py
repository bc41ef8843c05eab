"""How far a run has come, and how long it will go on: the line itself, and a real terminal."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from reportgen.outlook import Outlook
from reportgen.progress import of_rows


class Clock:
    """A clock that is set by hand."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_time_left_is_told_by_the_share_that_is_done_and_goes_down_within_a_step() -> None:
    clock = Clock()
    outlook = Outlook(clock)
    outlook.listen("reading", 0.0)
    clock.now += 30
    assert outlook.line() == "reading · 0 %", "nothing is known yet"
    outlook.listen("building 1,000,000 rows", 0.1)
    assert outlook.line() == "building 1,000,000 rows · 10 % · about 4 min left"
    clock.now += 120
    assert outlook.line() == "building 1,000,000 rows · 42 % · about 3 min left"
    clock.now += 1_200
    assert outlook.line() == "building 1,000,000 rows · 99 %", "longer than thought: no promise"
    outlook.listen("testing", 0.5)
    assert outlook.line() == "testing · 99 % · about 22 min left", "what was shown is not taken back"


def test_short_runs_and_waits_promise_nothing() -> None:
    clock = Clock()
    outlook = Outlook(clock)
    clock.now += 1
    outlook.listen("reading", 0.1)
    assert outlook.line() == "reading · 10 %"
    clock.now += 600
    outlook.listen("mailing 1 of 2", 0.9)
    assert outlook.line() == "mailing 1 of 2 · 90 % · about 1 min left"
    outlook.listen("1 still to be mailed, next try in 5 min", 0.9)
    assert outlook.line() == "1 still to be mailed, next try in 5 min · 90 %"


@pytest.mark.parametrize(
    ("whole", "told"), [(12_000, "about 3 h left"), (4_000, "about 60 min left"), (1_000, "about 15 min left")]
)
def test_time_is_told_roughly(whole: float, told: str) -> None:
    clock = Clock()
    outlook = Outlook(clock)
    clock.now += 0.1 * whole
    outlook.listen("reading", 0.1)
    assert outlook.line().endswith(told)


def test_reading_is_most_of_a_run_of_very_many_rows() -> None:
    assert of_rows(200, 0.3, 0.8) == pytest.approx(0.3, abs=1e-3)
    assert of_rows(10**9, 0.3, 0.8) == pytest.approx(0.8, abs=2e-3)


@pytest.mark.slow
def test_a_terminal_sees_one_line_with_rows_and_none_of_it_stays(tmp_path: Path) -> None:
    mall = Path(__file__).resolve().parents[1] / "data" / "mall_customers.csv"
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "reportgen", "run", str(mall), "--format", "json", "-o", str(tmp_path / "out")]
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "90", "PYTHONPATH": os.getcwd()}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs, env=environment) as running:
        os.close(theirs)
        shown = b""
        while True:
            try:
                got = os.read(ours, 2**16)
            except OSError:  # Linux says so at the end
                break
            if not got:
                break
            shown += got
        assert running.stdout is not None
        printed = running.stdout.read().decode()
    os.close(ours)
    assert running.returncode == 0
    lines = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "\r", shown.decode()).split("\r")
    told = {line.strip() for line in lines if line.strip()}
    assert all(re.fullmatch(r".+ · \d+ %( · about .+ left)?", line) for line in told)
    assert any("of 200 rows" in line or "segments" in line for line in told)
    drawn, _, after = shown.decode().rpartition(" %")
    assert "\n" not in drawn, "one line, drawn over"
    assert after.endswith("\x1b[1A\x1b[2K"), "taken away at the end"
    assert " %" not in printed
