"""A month that is published: the same input again does nothing, another one needs a reason."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from month_shop import FIRST, SECOND, THIRD, bytes_of, run_month, write_shop

import reportgen
from reportgen.errors import ExitCode, HeldBack, InputError
from reportgen.history.archive import Archive


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log, and beside it an archive of two months."""
    log = write_shop(tmp_path_factory.mktemp("shop") / "orders.csv")
    for period in (FIRST, SECOND):
        run_month(log, log.parent / "output", period)
    return log


@pytest.fixture
def archive(shop: Path, tmp_path: Path) -> Path:
    return shutil.copytree(shop.parent / "output", tmp_path / "output", symlinks=True)


def with_rows(shop: Path, path: Path, *rows: str) -> Path:
    path.write_text(shop.read_text(encoding="utf-8") + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return path


def manifest_of(folder: Path) -> dict[str, object]:
    return dict(json.loads((folder / "manifest.json").read_text(encoding="utf-8")))


def test_the_same_input_does_nothing_under_another_version_too(
    shop: Path, archive: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = bytes_of(archive / "runs" / f"{SECOND}.r1")
    monkeypatch.setattr(reportgen, "__version__", "99.0")
    (archive / "latest").unlink()
    longer = with_rows(shop, tmp_path / "orders.csv", "c001,later,2025-02-03,10.00")
    again = run_month(longer, archive, SECOND)
    assert (again.new, again.analysis) == (False, None)
    assert bytes_of(again.folder) == before
    assert (archive / "latest").resolve() == again.folder, "a link that was lost is set again"


def test_rows_in_another_order_are_the_same_input(shop: Path, archive: Path, tmp_path: Path) -> None:
    head, *rows = shop.read_text(encoding="utf-8").splitlines()
    (tmp_path / "orders.csv").write_text("\n".join([head, *reversed(rows)]) + "\n", encoding="utf-8")
    assert not run_month(tmp_path / "orders.csv", archive, SECOND).new


def test_a_row_that_came_late_is_told_and_published_for_a_reason_only(
    shop: Path, archive: Path, tmp_path: Path
) -> None:
    late = with_rows(shop, tmp_path / "orders.csv", "c001,late,2024-11-05,10.00")
    rows = manifest_of(archive / "runs" / f"{SECOND}.r1")["inputs"][0]["rows"]  # type: ignore[index]
    told = rf"2024-11 is published .*: the input had {rows:,} rows and has {rows + 1:,} now"
    with pytest.raises(HeldBack, match=told) as held:
        run_month(late, archive, SECOND)
    assert held.value.exit_code == ExitCode.HELD_BACK == 3
    assert {path.name for path in (archive / "runs").iterdir()} == {f"{FIRST}.r1", f"{SECOND}.r1"}
    first = bytes_of(archive / "runs" / f"{SECOND}.r1")
    revised = run_month(late, archive, SECOND, revise="an order came late")
    assert (revised.new, revised.folder.name) == (True, f"{SECOND}.r2")
    manifest = manifest_of(revised.folder)
    assert (manifest["revision"], manifest["revised"]) == (2, "an order came late")
    page = (revised.folder / "report.json").read_text(encoding="utf-8")
    assert "Edition 2 of this report. What changed: an order came late. Orders from" in page
    assert bytes_of(archive / "runs" / f"{SECOND}.r1") == first
    assert (archive / "latest").resolve() == revised.folder
    assert not run_month(late, archive, SECOND).new


def test_a_row_that_was_changed_is_told(shop: Path, archive: Path, tmp_path: Path) -> None:
    text = shop.read_text(encoding="utf-8").splitlines()
    text[5] = text[5].rpartition(",")[0] + ",99.99"
    (tmp_path / "orders.csv").write_text("\n".join(text) + "\n", encoding="utf-8")
    with pytest.raises(HeldBack, match=r": rows of the input were changed$"):
        run_month(tmp_path / "orders.csv", archive, SECOND)


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ({"report__title": "Our customers"}, 'report.title was the default and is "Our customers"'),
        ({"segments__k_max": 8}, "segments.k_max was 3 and is the default"),
        ({"refit": True}, "its segments came from frozen:m.* and would come from refit:m.*:1"),
    ],
    ids=["added", "left out", "new fit"],
)
def test_what_differs_is_named(shop: Path, archive: Path, setting: dict[str, object], told: str) -> None:
    with pytest.raises(HeldBack, match=told) as held:
        run_month(shop, archive, SECOND, **setting)  # type: ignore[arg-type]
    assert "rows" not in held.value.message


def test_settings_that_change_nothing_in_a_report_do_not_count(shop: Path, archive: Path) -> None:
    mail = {"email__owner": "owner@example.com", "archive__pages_months": 40, "schedule__delay_hours": 6}
    assert not run_month(shop, archive, SECOND, **mail).new


def test_a_brand_is_what_is_in_its_folder(shop: Path, tmp_path: Path) -> None:
    def brand(folder: str, accent: str) -> str:
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "brand.toml").write_text(f'name = "Shop"\naccent = "{accent}"\n')
        return str(tmp_path / folder / "brand.toml")

    archive = tmp_path / "output"
    run_month(shop, archive, FIRST, report__brand=brand("one", "#123456"))
    assert not run_month(shop, archive, FIRST, report__brand=brand("moved", "#123456")).new
    with pytest.raises(HeldBack, match=r"report\.brand was"):
        run_month(shop, archive, FIRST, report__brand=brand("other", "#654321"))


def test_a_corrected_month_before_is_told(shop: Path, archive: Path) -> None:
    run_month(shop, archive, FIRST, report__title="Our customers", revise="a title")
    runs = Archive(archive)
    ids = [str(manifest_of(folder)["run_id"]) for folder in runs.revisions(FIRST)]
    with pytest.raises(HeldBack, match=f": it was compared with run {ids[0]} and would be with {ids[1]}$"):
        run_month(shop, archive, SECOND)


def test_the_same_input_is_published_again_for_a_reason(shop: Path, archive: Path) -> None:
    again = run_month(shop, archive, SECOND, revise="new wording")
    assert again.folder.name == f"{SECOND}.r2"
    one, two = (manifest_of(folder) for folder in Archive(archive).revisions(SECOND))
    assert one["run_id"] == two["run_id"]
    differing = {name for name, digest in one["files"].items() if two["files"][name] != digest}  # type: ignore[attr-defined,index]
    assert differing == {"report.json"}, "it says why there is a second edition"


def test_a_gap_behind_removed_lists_is_not_filled(shop: Path, archive: Path) -> None:
    folder = archive / "runs" / f"{SECOND}.r1"
    kept = {"files": {"customers.csv": manifest_of(folder)["files"]["customers.csv"]}}  # type: ignore[index]
    (folder / "pruned.json").write_text(json.dumps(kept))
    (folder / "customers.csv").unlink()
    with pytest.raises(InputError, match="compares with 2024-11, whose list of customers was removed as too old"):
        run_month(shop, archive, THIRD)


def test_a_damaged_run_is_told_and_made_anew(shop: Path, archive: Path) -> None:
    (archive / "runs" / f"{SECOND}.r1" / "report.json").write_text("{}")
    again = run_month(shop, archive, SECOND)
    assert again.folder.name == f"{SECOND}.r2"
    assert again.notes == (f"{SECOND}.r1 is damaged; it was renamed to .bad-{SECOND}.r1 and is ignored",)


def test_lists_of_customers_are_for_their_owner_only(archive: Path) -> None:
    modes = {path.name: path.stat().st_mode & 0o777 for path in (archive / "runs" / f"{SECOND}.r1").iterdir()}
    assert (modes["customers.csv"], modes["lost.csv"]) == (0o600, 0o600)
    assert modes["report.json"] != 0o600


def test_a_month_may_be_asked_for_in_fewer_formats_and_says_what_it_lacks(shop: Path, archive: Path) -> None:
    assert not run_month(shop, archive, SECOND, report__formats=()).new
    with pytest.raises(HeldBack, match=r"without report\.html, and stays as it is") as held:
        run_month(shop, archive, SECOND, report__formats=("json", "html"))
    assert '--revise "with report.html"' in held.value.hint
    revised = run_month(shop, archive, SECOND, report__formats=("json", "html"), revise="with report.html")
    assert {"report.html", "report.json"} <= {path.name for path in revised.files}
