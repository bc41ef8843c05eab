"""What does not fit into memory: for its owner's eyes only, gone with the process, and with the next one if killed."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from reportgen.inputs import spill

SPILLS = """
import sys, time
from reportgen.inputs.engine import connect
con = connect("60MB")
con.execute("CREATE TABLE t AS SELECT hash(i) AS h, repeat('x', 30) || i AS s FROM range(2000000) r(i)")
print("spilt", flush=True)
time.sleep(float(sys.argv[1]))
"""
OPENS = "from reportgen.inputs.engine import connect; connect()"


def start(folder: Path, code: str, *arguments: str) -> subprocess.Popen[str]:
    environment = os.environ | {"TMPDIR": str(folder), "PYTHONPATH": os.getcwd()}
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def spilling(folder: Path) -> subprocess.Popen[str]:
    process = start(folder, SPILLS, "120")
    assert process.stdout is not None
    assert process.stdout.readline() == "spilt\n"
    return process


def test_customers_on_disk_are_for_nobody_else_and_go_with_the_process(tmp_path: Path) -> None:
    process = start(tmp_path, SPILLS, "0.5")
    assert process.stdout is not None
    assert process.stdout.readline() == "spilt\n"
    (folder,) = tmp_path.iterdir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) > 2**20
    assert process.wait(60) == 0
    process.stdout.close()
    assert not list(tmp_path.iterdir())


def test_what_a_killed_process_left_is_removed_by_the_next_and_nothing_else(tmp_path: Path) -> None:
    killed, living = spilling(tmp_path), spilling(tmp_path)
    try:
        killed.kill()
        killed.communicate()
        elsewhere = tmp_path / f"reportgen-spill-another-{killed.pid}-x"  # a container that shares the disk
        elsewhere.mkdir()
        before = {path.name for path in tmp_path.iterdir()}
        assert len(before) == 3
        start(tmp_path, OPENS).communicate(timeout=60)
        left = {path.name for path in tmp_path.iterdir()}
        assert len(left) == 2
        assert elsewhere.name in left
        assert any(f"-{living.pid}-" in name for name in left)
    finally:
        living.kill()
        living.communicate()


def test_folder_of_a_killed_process_with_our_number_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left = tmp_path / f"{spill._PREFIX}{os.getpid()}-left"
    left.mkdir()
    monkeypatch.setattr(spill.tempfile, "tempdir", str(tmp_path))
    folder = spill.spill_folder()
    assert folder.parent.parent == tmp_path
    assert not left.exists()
    assert spill.spill_folder().parent == folder.parent != spill.spill_folder()


ORDERS = """COPY (
    SELECT 'C' || (hash(i) % 20000) AS customer_id, 'O' || i AS order_id,
        DATE '2024-01-01' + CAST(hash(i + 1) % 700 AS INTEGER) AS order_date,
        round(5 + hash(i + 2) % 9000 / 100, 2) AS order_total
    FROM range(300000) r(i)
) TO '{}' (FORMAT parquet)"""


@pytest.fixture(scope="module")
def orders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("log") / "orders.parquet"
    duckdb.sql(ORDERS.format(path))
    return path


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "step"),
    [
        (signal.SIGINT, "recognising columns"),
        (signal.SIGTERM, "building one row"),
        (signal.SIGINT, "listing"),
    ],
    ids=["first scan", "summary", "list"],
)
def test_a_stopped_run_leaves_nothing(number: signal.Signals, step: str, orders: Path, tmp_path: Path) -> None:
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    environment = os.environ | {"TMPDIR": str(scratch), "PYTHONPATH": os.getcwd()}
    options = ["-o", str(tmp_path / "out"), "--format", "json", "-k", "2", "--memory", "150MB", "--customers", "folder"]
    command = [sys.executable, "-m", "reportgen", "run", str(orders), *options]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        heard = next(line for line in process.stderr if step in line)
        time.sleep(0.05)
        assert list(tmp_path.glob("out/runs/.tmp-*")), heard
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert "stopped; what was not finished is not published" in said
    assert "Traceback" not in said
    assert not list(scratch.iterdir())
    assert not (tmp_path / "out").exists()
