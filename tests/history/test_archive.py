"""The folder of runs: complete or absent, never changed, never lost."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from fake_months import publish
from shared import ROOT

from reportgen.errors import ExitCode, OutputError
from reportgen.history import published
from reportgen.history.archive import Archive, run_label


def build(archive: Archive, **files: str) -> tuple[Path, bool]:
    with archive.building() as folder:
        for name, text in files.items():
            (folder / name.replace("_", ".")).write_text(text)
        (folder / "manifest.json").write_text(repr(sorted(files.items())))
        return archive.publish(folder, "shop")


def test_a_run_appears_complete_and_latest_points_to_it(tmp_path: Path) -> None:
    folder, new = build(Archive(tmp_path), report_html="one")
    assert new
    assert folder == tmp_path / "runs" / "shop.r1"
    assert {path.name for path in folder.iterdir()} == {"report.html", "manifest.json"}
    assert (tmp_path / "latest").resolve() == folder.resolve()
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["shop.r1"]


def interrupt_while_writing(folder: Path) -> None:
    (folder / "half").write_text("half")
    raise KeyboardInterrupt


def test_the_same_run_again_changes_nothing(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    first, _ = build(archive, report_html="one")
    stamp = (first / "report.html").stat().st_mtime_ns
    again, new = build(archive, report_html="one")
    assert (again, new) == (first, False)
    assert (first / "report.html").stat().st_mtime_ns == stamp


def test_another_run_gets_the_next_number_and_the_first_stays(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    first, _ = build(archive, report_html="one")
    second, new = build(archive, report_html="two")
    assert new
    assert second.name == "shop.r2"
    assert (first / "report.html").read_text() == "one"


def test_a_number_is_not_used_again_after_more_than_nine(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    for number in range(12):
        folder, _ = build(archive, report_html=str(number))
    assert folder.name == "shop.r12"


def test_a_damaged_run_is_not_taken_for_the_same(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    first, _ = build(archive, report_html="one")
    (first / "report.html").unlink()
    again, new = build(archive, report_html="one")
    assert new
    assert (again / "report.html").read_text() == "one"


def test_a_failure_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), Archive(tmp_path).building() as folder:
        interrupt_while_writing(folder)
    assert not (tmp_path / "runs").exists()


def test_a_full_disk_is_an_output_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="full"), Archive(tmp_path).building():
        raise OSError(errno.ENOSPC, "No space left on device")
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("root", ["/proc/nowhere", "a" * 5000])
def test_a_folder_that_cannot_be_made_is_an_output_error(root: str) -> None:
    with pytest.raises(OutputError, match="can't be"), Archive(root).building():
        pass


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="needs root to mount a small disk")
def test_a_really_full_disk_leaves_nothing_and_keeps_the_last_run(tmp_path: Path) -> None:
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(tmp_path)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("this system does not allow to mount a small disk")
    try:
        archive = Archive(tmp_path)
        first, _ = build(archive, report_html="one")
        with pytest.raises(OutputError, match="full"):
            build(archive, report_html="x" * 100_000)
        assert (first / "report.html").read_text() == "one"
        assert [path.name for path in archive.runs.iterdir()] == ["shop.r1"]
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


@pytest.mark.parametrize(
    ("source", "as_of", "label"),
    [
        ("mall_customers.csv", None, "mall_customers"),
        ("Kunden 2025 (neu).xlsx", None, "Kunden-2025-neu"),
        ("orders.csv.gz", "2011-12-10", "orders-2011-12"),
        ("orders.csv.gz", "2011-02-01", "orders-2011-01"),
        ("../../etc/passwd", None, "passwd"),
        ("顧客.csv", None, "顧客"),
        ("...", None, "report"),
        ("", None, "report"),
    ],
)
def test_a_run_is_named_after_its_input_and_month(source: str, as_of: str | None, label: str) -> None:
    assert run_label(source, as_of) == label


@pytest.fixture
def months(tmp_path: Path) -> Archive:
    archive = Archive(tmp_path)
    for period in ("2024-10", "2024-11"):
        publish(archive, period)
    return archive


def names(archive: Archive) -> set[str]:
    return {path.name for path in archive.runs.iterdir()}


def test_a_killed_run_is_swept_away_and_one_that_is_being_built_stays(months: Archive) -> None:
    (months.runs / ".tmp-killed").mkdir()
    (months.runs / ".tmp-killed" / "report.html").write_text("half")
    (months.runs / ".trash-2023-01.r1").mkdir()
    with Archive(months.root).building() as other:
        with months.locked():
            assert names(months) == {"2024-10.r1", "2024-11.r1", other.name}
        (other / "manifest.json").write_text("{}")
        assert months.publish(other, "shop")[1]


def test_the_link_to_the_newest_month_is_set_right_at_the_start(months: Archive) -> None:
    latest = months.root / "latest"
    for wrong in ("runs/2024-10.r1", "runs/gone.r1"):
        latest.unlink()
        latest.symlink_to(wrong)
        with months.locked():
            assert latest.resolve() == months.runs / "2024-11.r1"


def test_a_month_made_up_later_is_not_the_newest(months: Archive) -> None:
    publish(months, "2024-09")
    assert (months.root / "latest").resolve() == months.runs / "2024-11.r1"


@pytest.mark.parametrize("harm", ["changed", "missing", "no manifest", "empty", "another month"])
def test_a_damaged_run_is_moved_aside_and_its_number_not_used_again(months: Archive, harm: str) -> None:
    folder = months.runs / "2024-11.r1"
    if harm == "changed":
        (folder / "images" / "map.png").write_text("changed")
    elif harm == "missing":
        (folder / "lost.csv").unlink()
    elif harm == "no manifest":
        (folder / "manifest.json").unlink()
    else:
        shutil.rmtree(folder)
        if harm == "empty":
            folder.mkdir()
        else:
            shutil.copytree(months.runs / "2024-10.r1", folder)
    with months.locked("2024-11") as moved:
        assert moved == ("2024-11.r1",)
        assert months.current("2024-11") is None
        assert (months.root / "latest").resolve() == months.runs / "2024-10.r1"
    assert names(months) == {"2024-10.r1", ".bad-2024-11.r1"}
    assert publish(months, "2024-11").name == "2024-11.r2"


def test_the_month_before_is_looked_at_too(months: Archive) -> None:
    publish(months, "2024-09")
    (months.runs / "2024-10.r1" / "customers.csv").write_text("changed")
    with months.locked("2024-11") as moved:
        assert moved == ("2024-10.r1",)
        assert next(months.before("2024-11")).period == "2024-09"


def test_a_number_that_mails_were_sent_for_is_not_used_again(months: Archive) -> None:
    (months.root / "outbox" / "2024-11.r4").mkdir(parents=True)
    assert publish(months, "2024-11").name == "2024-11.r5"


def test_a_run_of_a_newer_version_is_left_alone(months: Archive) -> None:
    manifest = months.runs / "2024-11.r1" / "manifest.json"
    manifest.write_text(manifest.read_text().replace("reportgen.manifest/1", "reportgen.manifest/2"))
    with pytest.raises(OutputError, match=r"2024-11\.r1 was written by a newer reportgen"), months.locked("2024-11"):
        pass
    assert names(months) == {"2024-10.r1", "2024-11.r1"}


def test_a_run_that_cannot_be_read_is_not_taken_for_damaged(months: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> str:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(published, "sha256_of", refuse)
    with pytest.raises(OutputError, match="can't be read or written: permission denied"), months.locked("2024-11"):
        pass
    assert names(months) == {"2024-10.r1", "2024-11.r1"}


def test_two_runs_of_one_name_at_a_time_get_a_number_each(tmp_path: Path) -> None:
    archive, other = Archive(tmp_path), Archive(tmp_path)
    with archive.building() as one, other.building() as two:
        for folder, text in ((one, "1"), (two, "2")):
            (folder / "manifest.json").write_text(text)
        assert [archive.publish(one, "shop")[0].name, other.publish(two, "shop")[0].name] == ["shop.r1", "shop.r2"]


def test_a_month_needs_room(months: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(months.root)
    months.check_space()
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=199_000_000))
    with pytest.raises(OutputError, match="has 199 MB free; a run needs 200 MB"):
        months.check_space()
    publish(months, "2024-12", size=30_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=400_000_000))
    with pytest.raises(OutputError, match="has 400 MB free; a run needs 450 MB"):
        months.check_space()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="needs root to mount a folder read-only")
def test_a_folder_that_is_read_only_is_an_output_error_and_keeps_its_runs(months: Archive) -> None:
    root = str(months.root)
    mounted = subprocess.run(["mount", "--bind", root, root], capture_output=True, check=False)
    if mounted.returncode != 0:
        pytest.skip("this system does not allow to mount a folder")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", root], check=True)
        for use in (months.building, months.locked):
            with pytest.raises(OutputError, match="can't be written: read-only file system") as failure, use():
                pass
            assert failure.value.exit_code == ExitCode.IO == 74
        assert months.current("2024-11") is not None
    finally:
        subprocess.run(["umount", root], check=True)
    assert names(months) == {"2024-10.r1", "2024-11.r1"}


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks the racers")
def test_racing_and_killed_processes_never_leave_a_broken_run(tmp_path: Path) -> None:
    command = [sys.executable, "tests/chaos.py", str(tmp_path / "archive"), "60"]
    path = {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
    done = subprocess.run(command, cwd=ROOT, env=os.environ | path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
