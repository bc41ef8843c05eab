"""Months by the command line: several in a row, interrupted, in each other's way, on a disk that is full."""

from __future__ import annotations

import datetime as dt
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from month_shop import FIRST, SECOND, THIRD, bytes_of, run_month, write_shop
from shared import MALL, ROOT

from reportgen.cli.main import run_cli
from reportgen.config import load_config
from reportgen.errors import ExitCode, OutputError
from reportgen.history.archive import Archive
from reportgen.history.published import read_run
from reportgen.pipeline import run

MONTHS = (FIRST, SECOND, THIRD)
OPTIONS = ("--format", "json", "-k", "3", "-c", "shop.toml")
SETTINGS = "[segments]\nk_max = 3\n"  # as month_shop.settings


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a log, settings, and an archive of three months that were run one by one."""
    folder = tmp_path_factory.mktemp("shop")
    write_shop(folder / "orders.csv")
    (folder / "shop.toml").write_text(SETTINGS)
    for period in MONTHS:
        run_month(folder / "orders.csv", folder / "single", period)
    return folder


def start(shop: Path, output: Path, *options: str, limit: str = "") -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "reportgen", "-q", "run", "orders.csv", *OPTIONS, "-o", str(output), *options]
    if limit:
        command = ["sh", "-c", f'ulimit -f {limit} && exec "$@"', "sh", *command]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        command, cwd=shop, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def left_over(output: Path) -> list[str]:
    return [path.name for path in (output / "runs").glob(".*")] if (output / "runs").exists() else []


def assert_as_single(shop: Path, output: Path, months: tuple[str, ...] = MONTHS) -> None:
    for period in months:
        wanted = bytes_of(shop / "single" / "runs" / f"{period}.r1")
        assert bytes_of(output / "runs" / f"{period}.r1") == wanted


@pytest.mark.slow
def test_several_months_that_are_killed_again_and_again_equal_single_ones(shop: Path, tmp_path: Path) -> None:
    dice = random.Random(11)
    for _ in range(4):
        process = start(shop, tmp_path, "--from", FIRST, "--to", THIRD)
        time.sleep(2 + dice.random() * 4)
        process.kill()
        process.communicate()
        for folder in (tmp_path / "runs").glob("2*") if (tmp_path / "runs").exists() else ():
            assert read_run(folder) is not None
        assert not (tmp_path / "latest").is_symlink() or (tmp_path / "latest").exists()
    process = start(shop, tmp_path, "--from", FIRST, "--to", THIRD)
    assert process.wait() == ExitCode.GOOD, process.communicate()
    process.communicate()
    assert_as_single(shop, tmp_path)
    assert left_over(tmp_path) == []


@pytest.mark.slow
def test_asked_to_end_it_cleans_up(shop: Path, tmp_path: Path) -> None:
    process = start(shop, tmp_path, "--from", FIRST, "--to", THIRD)
    deadline = time.monotonic() + 60
    while not left_over(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.terminate()
    _, told = process.communicate()
    assert process.returncode == ExitCode.TERMINATED == 128 + signal.SIGTERM
    assert told.strip() == "Error: stopped; what was not finished is not published"
    assert left_over(tmp_path) == []


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="no limit on the size of files")
def test_a_file_that_does_not_fit_on_the_disk_ends_the_run(shop: Path, tmp_path: Path) -> None:
    process = start(shop, tmp_path, "--period", FIRST, limit="64")  # blocks of 512 bytes
    _, told = process.communicate()
    assert process.returncode == ExitCode.IO, told
    assert f"Error: {tmp_path} can't be written: file too large" in told
    assert Archive(tmp_path).periods() == ()
    assert left_over(tmp_path) == []


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="needs root to mount a small disk")
@pytest.mark.parametrize("size", ["8k", "60k"])
def test_a_full_disk_ends_the_run_at_whichever_file(tmp_path: Path, size: str) -> None:
    options = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(tmp_path)]
    if subprocess.run(options, capture_output=True, check=False).returncode != 0:
        pytest.skip("this system does not allow to mount a small disk")
    try:
        with pytest.raises(OutputError, match=rf"the disk that holds {tmp_path} is full \(0.\d MB free\)") as full:
            run(str(MALL), load_config(None, report__formats=("json",), segments__k=4, output=str(tmp_path)))
        assert full.value.exit_code == ExitCode.IO
        assert list(tmp_path.iterdir()) == []
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


def test_a_second_process_is_told_who_is_at_work(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = str(shop / "orders.csv")
    with Archive(tmp_path).locked():
        code = run_cli(["-q", "run", log, "--period", FIRST, "-o", str(tmp_path)])
    assert code == ExitCode.BUSY
    assert f"is busy: process {os.getpid()} on" in capsys.readouterr().err


@pytest.mark.slow
def test_due_are_the_months_that_have_ended_since(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shop)
    shutil.copytree(shop / "single", tmp_path / "out", symlinks=True)
    for period in (SECOND, THIRD):
        shutil.rmtree(tmp_path / "out" / "runs" / f"{period}.r1")
    due = ["-q", "run", "orders.csv", *OPTIONS, "-o", str(tmp_path / "out"), "--due"]
    now = dt.datetime(2025, 1, 1, 6, 17, tzinfo=dt.UTC)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(now.timestamp())))
    assert run_cli(due) == ExitCode.GOOD
    assert_as_single(shop, tmp_path / "out")
    capsys.readouterr()
    assert run_cli(due) == ExitCode.GOOD
    assert capsys.readouterr().out == "Nothing is due.\n"


def write_people(folder: Path, *periods: str) -> None:
    for place, period in enumerate(periods):
        people = [(f"c{i:03d}", 20 + 60 * (i % 3) + i % 7 + place, 10 + 40 * (i % 3) + i % 11) for i in range(200)]
        text = "customer_id,visits,basket_size\n" + "".join(f"{key},{a},{b}\n" for key, a, b in people)
        (folder / f"people-{period}.csv").write_text(text)


@pytest.mark.slow
@pytest.mark.parametrize("going", [False, True], ids=["stop", "keep going"])
def test_a_month_that_fails_stops_the_others_unless_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], going: bool
) -> None:
    write_people(tmp_path, FIRST, THIRD)
    command = ["-q", "run", str(tmp_path / "people-{period}.csv"), *OPTIONS[:4], "-o", str(tmp_path / "out")]
    more = ["--keep-going"] if going else []
    assert run_cli([*command, "--from", FIRST, "--to", THIRD, *more]) == ExitCode.FAILED
    assert Archive(tmp_path / "out").periods() == ((FIRST, THIRD) if going else (FIRST,))
    assert f"people-{SECOND}.csv" in capsys.readouterr().err
    if going:
        third = Archive(tmp_path / "out").current(THIRD)
        assert third is not None
        assert third.manifest["previous"]["period"] == FIRST, "compared across the gap"
