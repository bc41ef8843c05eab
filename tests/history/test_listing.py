"""The list of runs: which edition counts, which comparison is out of date, what is damaged."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from fake_months import publish

from reportgen.archive_settings import ArchiveConfig
from reportgen.cli.main import run_cli
from reportgen.errors import ExitCode
from reportgen.history.archive import Archive
from reportgen.history.listing import Listed, list_runs
from reportgen.history.retention import prune


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    archive = Archive(tmp_path)
    for period in ("2024-10", "2024-11", "2024-12"):
        publish(archive, period)
    return archive


def listed(archive: Archive, *, verify: bool = False) -> dict[str, Listed]:
    return {run.name: run for run in list_runs(archive.runs, verify=verify)}


def test_a_corrected_month_replaces_and_outdates_the_comparison_of_the_next(archive: Archive) -> None:
    publish(archive, "2024-11", data="corrected")
    runs = listed(archive)
    assert [name for name, run in runs.items() if run.replaced] == ["2024-11.r1"]
    assert [name for name, run in runs.items() if run.stale] == ["2024-12.r1"]
    publish(archive, "2024-12", data="compared anew")
    assert not any(run.stale for run in listed(archive).values())


def test_a_gap_that_is_filled_outdates_the_comparison_of_the_next_month(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    for period in ("2024-10", "2024-12", "2024-11"):
        publish(archive, period)
    assert [name for name, run in listed(archive).items() if run.stale] == ["2024-12.r1"]


def test_a_damaged_edition_does_not_count(archive: Archive) -> None:
    folder = publish(archive, "2024-12", data="corrected")
    (folder / "report.html").write_text("changed")
    assert not listed(archive)["2024-12.r2"].damaged, "a glance does not read the files"
    runs = listed(archive, verify=True)
    assert runs["2024-12.r2"].damaged
    assert not runs["2024-12.r1"].replaced


def test_what_is_set_aside_or_being_built_is_no_run(archive: Archive) -> None:
    (archive.runs / "2024-12.r1").rename(archive.runs / ".bad-2024-12.r1")
    with archive.building():
        assert set(listed(archive)) == {"2024-10.r1", "2024-11.r1"}


def test_old_files_that_were_removed_are_no_damage(archive: Archive) -> None:
    for month in range(1, 13):
        publish(archive, f"2025-{month:02d}")
    publish(archive, "2026-01")
    with archive.locked():
        assert prune(archive, ArchiveConfig(customers_months=3)) > 0
    runs = listed(archive, verify=True)
    assert not any(run.damaged for run in runs.values())
    assert runs["2024-11.r1"].thinned


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ((), (ExitCode.GOOD, "2024-12.r1")),
        (("--verify",), (ExitCode.FAILED, "damaged")),
        (("--max-age", "35d"), (ExitCode.GOOD, "")),
        (("--max-age", "47h"), (ExitCode.TOO_OLD, "The newest run is of 2025-01-02 06:17 UTC.")),
        (("--max-age", "soon"), (ExitCode.USAGE, "'soon' is no age")),
        (("--prune",), (ExitCode.GOOD, "0.0 MB removed.")),
    ],
    ids=lambda value: " ".join(map(str, value)) or "plain",
)
def test_by_the_command_line(
    archive: Archive,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...],
    expected: tuple[ExitCode, str],
) -> None:
    (archive.runs / "2024-10.r1" / "report.html").write_text("changed")
    now = dt.datetime(2025, 1, 4, 6, 17, tzinfo=dt.UTC)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(now.timestamp())))
    code = run_cli(["runs", "-o", str(archive.root), *options])
    told = capsys.readouterr()
    assert code == expected[0]
    assert expected[1] in told.out + told.err


def test_an_archive_without_runs_is_too_old(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["runs", "-o", str(tmp_path / "no"), "--prune", "--max-age", "35d"]) == ExitCode.TOO_OLD
    assert list(tmp_path.iterdir()) == [], "to look is not to make"
    told = capsys.readouterr()
    assert "There are no runs in" in told.out
    assert "There is no run." in told.err
