"""The command line as a user meets it: real processes, real files, exit codes."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest
from month_shop import write_shop
from shared import MALL, ROOT

from reportgen.cli.main import run_cli
from reportgen.errors import ExitCode


def reportgen(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "reportgen", *arguments],
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def failing(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Run in this process, which is faster; return exit code and stderr."""
    code = run_cli(list(arguments))
    return code, capsys.readouterr().err


@pytest.mark.slow
def test_run_makes_every_file_and_says_where(tmp_path: Path) -> None:
    done = reportgen("run", str(MALL), "-o", str(tmp_path / "out"), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "out" / "runs" / "mall_customers.r1"
    names = {
        "report.html",
        "report.pdf",
        "report.json",
        "segments.xlsx",
        "customers.csv",
        "model.json",
        "manifest.json",
    }
    assert {path.name for path in folder.iterdir()} == names
    assert all(str(folder / name) in done.stdout for name in names)
    assert "200 customers in 5 segments" in done.stdout
    assert "reading the input" in done.stderr
    assert "\x1b" not in done.stderr, "a log gets plain lines"


@pytest.mark.slow
def test_running_again_changes_nothing(tmp_path: Path) -> None:
    command = ("-q", "run", str(MALL), "-o", "out", "--format", "html,json")
    assert reportgen(*command, cwd=tmp_path).returncode == 0
    before = {path: path.read_bytes() for path in (tmp_path / "out" / "runs").rglob("*") if path.is_file()}
    again = reportgen(*command, cwd=tmp_path, PYTHONHASHSEED="7")
    assert again.returncode == 0
    assert again.stderr == ""
    assert "Nothing changed" in again.stdout
    assert {path: path.read_bytes() for path in (tmp_path / "out" / "runs").rglob("*") if path.is_file()} == before


def test_check_shows_columns_and_reconciliation(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["-q", "check", str(MALL)]) == ExitCode.GOOD
    shown, progress = capsys.readouterr()
    assert not progress
    assert "Customer table" in shown
    assert "customer_id" in shown
    assert "200 customers can be segmented" in shown
    assert run_cli(["check", str(MALL), "-q"]) == ExitCode.GOOD, "what holds for every command may stand behind one"
    assert capsys.readouterr() == (shown, "")


def test_init_writes_settings_that_run_understands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "mine.toml"
    assert run_cli(["-q", "init", str(MALL), "--to", str(target)]) == ExitCode.GOOD
    settings = tomllib.loads(target.read_text(encoding="utf-8"))
    assert settings["input"]["map"]["customer_id"] == "CustomerID"
    assert run_cli(["-q", "check", str(MALL), "-c", str(target)]) == ExitCode.GOOD
    capsys.readouterr()
    code, error = failing(capsys, "init", str(MALL), "--to", str(target))
    assert code == ExitCode.USAGE
    assert "--force" in error


def test_init_of_columns_that_mean_the_same_writes_settings_that_run_understands(tmp_path: Path) -> None:
    data, target = tmp_path / "people.csv", tmp_path / "mine.toml"
    rows = (f"{n},{n % 3},{n % 2},{20 + 7 * n % 60},{5 * n % 31}\n" for n in range(60))
    data.write_text("CustomerID,Kidhome,Teenhome,Income,Visits\n" + "".join(rows), encoding="utf-8")
    assert run_cli(["-q", "init", str(data), "--to", str(target)]) == ExitCode.GOOD
    written = target.read_text(encoding="utf-8")
    assert '# P_children: "Kidhome", "Teenhome", as detected' in written
    assert tomllib.loads(written)["input"]["map"]["income"] == "Income"
    assert run_cli(["-q", "check", str(data), "-c", str(target)]) == ExitCode.GOOD


MISTAKES = {
    "no such file": (["run", "nowhere.csv"], ExitCode.FAILED, "nowhere.csv"),
    "no such column": (["run", str(MALL), "--features", "Incme,Age"], ExitCode.USAGE, "Incme"),
    "one segment": (["run", str(MALL), "-k", "1"], ExitCode.USAGE, "segments.k"),
    "a file per month, and no month": (["run", "mall-{period}.csv"], ExitCode.USAGE, "--period 2011-11, several"),
    "no such format": (["run", str(MALL), "--format", "docx"], ExitCode.USAGE, "report.formats"),
    "half a pair": (["run", str(MALL), "--map", "customer"], ExitCode.USAGE, "role=header"),
    "no such role": (["run", str(MALL), "--map", "custmer_id=CustomerID"], ExitCode.USAGE, "customer_id"),
    "no such settings": (["run", str(MALL), "-c", "missing.toml"], ExitCode.USAGE, "missing.toml"),
    "no such option": (["run", str(MALL), "--wrong"], ExitCode.USAGE, "--wrong"),
    "no such command": (["nonsense"], ExitCode.USAGE, "nonsense"),
    "no file": (["run"], ExitCode.USAGE, "FILE"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_gets_one_sentence_and_its_exit_code(
    mistake: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments, code, words = MISTAKES[mistake]
    monkeypatch.chdir(tmp_path)
    got, error = failing(capsys, *arguments)
    assert got == code, error
    assert words in error
    assert "Traceback" not in error
    assert not [path for path in tmp_path.rglob("*") if path.is_file()], "something half-written was left"


def test_every_mistake_of_a_settings_file_is_listed_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text("[segmnets]\nk = 5\n[segments]\nk = 99\nsede = 3\n[report]\npaper = 'A3'\n")
    code, error = failing(capsys, "check", str(MALL), "-c", str(file))
    assert code == ExitCode.USAGE
    for word in ("segmnets", "segments.k", "seed", "report.paper"):
        assert word in error


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o555)
    code, error = failing(capsys, "run", str(MALL), "-o", str(locked / "out"))
    assert code == ExitCode.IO
    assert "--output" in error


def test_an_output_that_is_a_file_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "out").write_text("mine")
    code, error = failing(capsys, "run", str(MALL), "-o", str(tmp_path / "out"))
    assert code == ExitCode.IO
    assert "--output" in error
    assert (tmp_path / "out").read_text() == "mine"


def test_a_full_disk_is_said_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("reportgen.pipeline.write_assignments", full)
    code, error = failing(capsys, "run", str(MALL), "-o", str(tmp_path / "out"), "--format", "json")
    assert code == ExitCode.IO
    assert "full" in error
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_help_and_version_are_quick_and_need_no_heavy_library(tmp_path: Path) -> None:
    listing = "import sys; from reportgen.cli.main import run_cli; run_cli(['--help']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", listing], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not {"pandas", "sklearn", "matplotlib", "weasyprint", "duckdb", "pydantic"} & set(done.stdout.split())
    assert reportgen("--version", cwd=tmp_path).stdout.startswith("reportgen, version ")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_are_printed(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["completion", shell]) == ExitCode.GOOD
    assert "_REPORTGEN_COMPLETE" in capsys.readouterr().out


@pytest.mark.slow
def test_months_by_the_command_line(tmp_path: Path) -> None:
    write_shop(tmp_path / "orders.csv")
    command = ("-q", "run", "orders.csv", "-o", "out", "--format", "json", "-k", "3")
    done = reportgen(*command, "--from", "2024-10", "--to", "2024-11", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (tmp_path / "out" / "runs").iterdir()} == {"2024-10.r1", "2024-11.r1"}
    assert "2024-10.r1/report.json" in done.stdout
    assert "2024-11.r1/report.json" in done.stdout
    again = reportgen(*command, "--from", "2024-10", "--to", "2024-11", cwd=tmp_path)
    assert (again.returncode, again.stdout) == (0, "All of these months are done.\n")
    single = reportgen(*command, "--period", "2024-11", cwd=tmp_path)
    assert "Nothing changed" in single.stdout


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--from", "2024-10"), "--from and --to go together"),
        (("--from", "2024-10", "--to", "2024-11", "--refit"), "--from and --to stand alone"),
        (("--due", "--period", "2024-11"), "--due stands alone"),
        (("--due", "--from", "2024-11"), "--due stands alone"),
        (("--keep-going",), "--keep-going is for several months"),
        (("--revise", "a typing error"), "a corrected edition needs a month"),
        (("--from", "2024-11", "--to", "2024-10"), "2024-11 comes after 2024-10"),
        (("--from", "2024-13", "--to", "2025-01"), "'2024-13' is not a month"),
        (("--period", "2024-1"), "input.period: '2024-1' is not a month"),
        (("--period", "2024-02", "--as-of", "2024-02-01"), "looks back from 2024-02-29"),
        (("--refit",), "a new fit needs a month"),
    ],
)
def test_options_of_months_that_do_not_go_together(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, options: tuple[str, ...], said: str
) -> None:
    code, error = failing(capsys, "-q", "run", str(MALL), "-o", str(tmp_path), *options)
    assert code == ExitCode.USAGE
    assert said in error


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_stopped_is_stopped_even_where_a_library_makes_it_an_error_of_its_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], number: signal.Signals
) -> None:
    def swallow(*_: object, **__: object) -> None:
        with contextlib.suppress(KeyboardInterrupt):
            os.kill(os.getpid(), number)
            time.sleep(5)
        raise ValueError("the callback failed")

    monkeypatch.setattr("reportgen.config.load_config", swallow)
    before = signal.getsignal(number)
    code, error = failing(capsys, "check", str(MALL))
    assert (code, error) == (128 + number, "Error: stopped; what was not finished is not published\n")
    assert signal.getsignal(number) is before
