"""The folder of runs: complete or absent, never changed, never lost."""

from __future__ import annotations

import errno
import os
import subprocess
from pathlib import Path

import pytest

from reportgen.errors import OutputError
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
        ("../../etc/passwd", None, "passwd"),
        ("顧客.csv", None, "顧客"),
        ("...", None, "report"),
        ("", None, "report"),
    ],
)
def test_a_run_is_named_after_its_input_and_month(source: str, as_of: str | None, label: str) -> None:
    assert run_label(source, as_of) == label
