"""What of old months is removed, and what never is."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from fake_months import publish

from reportgen.archive_settings import ArchiveConfig
from reportgen.history import retention
from reportgen.history.archive import Archive
from reportgen.history.periods import months_between
from reportgen.history.retention import prune

MONTHS = months_between("2021-01", "2024-12")
KEPT = {"report.json", "model.json", "manifest.json"}


@pytest.fixture(scope="module")
def years(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four years; the model was renewed in June 2021."""
    archive = Archive(tmp_path_factory.mktemp("years") / "output")
    for period in MONTHS:
        publish(archive, period, model="old" if period < "2021-06" else "new")
    return archive.root


@pytest.fixture
def archive(years: Path, tmp_path: Path) -> Archive:
    return Archive(shutil.copytree(years, tmp_path / "output", symlinks=True))


def prune_all(archive: Archive, **settings: int) -> int:
    with archive.locked():
        return prune(archive, ArchiveConfig(**settings))


def files_of(archive: Archive, period: str) -> set[str]:
    folder = archive.runs / f"{period}.r1"
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_lists_of_customers_go_first_pages_later_numbers_never(archive: Archive) -> None:
    whole = files_of(archive, "2024-12")
    assert prune_all(archive) > 0
    assert files_of(archive, "2023-11") == whole, "13 months old"
    assert files_of(archive, "2023-10") == whole - {"customers.csv", "lost.csv"} | {"pruned.json"}
    assert files_of(archive, "2022-01") == files_of(archive, "2023-10"), "35 months old"
    assert files_of(archive, "2021-12") == KEPT | {"pruned.json"}
    assert files_of(archive, "2021-06") == whole, "the model that is in use was fitted here"
    for period in MONTHS:
        assert archive.current(period) is not None, period
    assert prune_all(archive) == 0


def test_what_the_next_month_needs_is_never_removed(archive: Archive) -> None:
    prune_all(archive, customers_months=2, pages_months=1)
    whole = {period for period in MONTHS if "customers.csv" in files_of(archive, period)}
    assert whole == {"2021-06", "2023-12", "2024-01", "2024-11", "2024-12"}


def test_an_edition_that_was_replaced_goes_when_it_is_old_and_its_number_stays_used(archive: Archive) -> None:
    for period in ("2022-03", "2024-03"):
        publish(archive, period, data="corrected")
    prune_all(archive)
    there = {path.name for path in archive.runs.iterdir()}
    assert {"2022-03.r2", "2024-03.r1", "2024-03.r2"} <= there
    assert "2022-03.r1" not in there
    assert not [name for name in there if name.startswith(".")]
    assert publish(archive, "2022-03", data="again").name == "2022-03.r3"


@pytest.mark.parametrize(
    ("record", "kept"),
    [
        ('{"state": "sent"}', False),
        ('{"state": "unknown"}', True),
        ('{"state": "pending"}', True),
        ('{"state": "pending", "superseded": true}', False),  # it never will be sent
        ("{", True),
    ],
    ids=str,
)
def test_a_run_with_a_mail_that_is_not_settled_is_left_alone(archive: Archive, record: str, kept: bool) -> None:
    folder = archive.root / "outbox" / "2022-05.r1"
    folder.mkdir(parents=True)
    (folder / "abc.json").write_text(record)
    prune_all(archive)
    assert ("customers.csv" in files_of(archive, "2022-05")) == kept


def test_a_file_that_went_missing_is_not_taken_for_one_that_was_removed(archive: Archive) -> None:
    prune_all(archive)
    (archive.runs / "2023-10.r1" / "report.html").unlink()
    assert archive.current("2023-10") is None


def test_killed_between_note_and_removal_a_run_is_complete_and_goes_on(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", lambda self: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            prune_all(archive)
    noted = json.loads((archive.runs / "2021-01.r1" / retention.PRUNED).read_text())
    assert "customers.csv" in noted["files"]
    assert "customers.csv" in files_of(archive, "2021-01")
    assert archive.current("2021-01") is not None
    prune_all(archive)
    assert files_of(archive, "2021-01") == KEPT | {"pruned.json"}
