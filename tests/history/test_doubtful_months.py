"""Doubtful months by the command line: nothing is published, the owner hears of it once, a person may accept."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from month_shop import FIRST, SECOND, THIRD, run_month, write_shop

from reportgen.cli.main import run_cli
from reportgen.errors import ExitCode

Rows = list[list[str]]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_shop(tmp_path_factory.mktemp("shop") / "orders.csv")


@pytest.fixture(scope="module")
def october(shop: Path) -> Path:
    run_month(shop, shop.parent / "output", FIRST)
    return shop.parent / "output"


@pytest.fixture
def archive(october: Path, tmp_path: Path) -> Path:
    shutil.copytree(october, tmp_path / "output", symlinks=True)
    return tmp_path / "output"


def rows_of(path: Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def write(path: Path, rows: Rows) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def command(source: Path | str, archive: Path, *more: str) -> int:
    return run_cli(["-q", "run", str(source), "-o", str(archive), "--format", "json", "-k", "3", *more])


def runs(archive: Path) -> list[str]:
    return sorted(path.name for path in (archive / "runs").iterdir())


def notices(archive: Path) -> list[str]:
    folder = archive / "notices"
    return sorted(path.read_text(encoding="utf-8") for path in folder.iterdir()) if folder.exists() else []


def manifest(archive: Path, run: str) -> Any:
    return json.loads((archive / "runs" / run / "manifest.json").read_text(encoding="utf-8"))


def notes(archive: Path, run: str) -> list[str]:
    report = json.loads((archive / "runs" / run / "report.json").read_text(encoding="utf-8"))
    said = report["sections"]["appendix-data"]["sentences"]
    return [one["text"] for one in said if any(source["key"].startswith("gate.") for source in one.get("sources", ()))]


@pytest.fixture
def cut(shop: Path, tmp_path: Path) -> Path:
    """An export that broke off on 9 November."""
    head, *rows = rows_of(shop)
    return write(tmp_path / "cut.csv", [head, *(row for row in rows if row[2] <= "2024-11-09")])


@pytest.mark.slow
def test_a_doubtful_month_waits_until_a_person_accepts_it(
    archive: Path, cut: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path: path.read_bytes() for path in archive.rglob("*") if path.is_file() and ".lock" not in path.name}
    for _ in range(2):
        assert command(cut, archive, "--period", SECOND) == ExitCode.HELD_BACK
        error = capsys.readouterr().err
        assert "doubtful, so nothing was published" in error
        assert "37% of the 682 in October 2024" in error
        assert "The newest order is of 9 November 2024" in error
        assert "--accept rows --accept stale" in error
    assert runs(archive) == [f"{FIRST}.r1"]
    assert all(path.read_bytes() == content for path, content in before.items())
    (notice,) = notices(archive)
    assert "October 2024 remains the newest report." in notice
    assert "c0" not in notice.partition("The command was")[0], "no customer"
    assert command(cut, archive, "--period", SECOND, "--accept", "rows") == ExitCode.HELD_BACK
    assert len(notices(archive)) == 2, "another reason"
    assert command(cut, archive, "--period", SECOND, "--accept", "rows", "--accept", "stale") == ExitCode.GOOD
    gates = {gate["name"]: gate for gate in manifest(archive, f"{SECOND}.r1")["gates"]}
    assert (gates["rows"]["verdict"], gates["rows"]["value"], gates["rows"]["accepted"]) == ("stop", 252, True)
    assert not gates["columns"]["accepted"]
    page = (archive / "runs" / f"{SECOND}.r1" / "report.json").read_text(encoding="utf-8")
    assert "2 checks of the input said no and were accepted by hand. Orders from" in page
    said = notes(archive, f"{SECOND}.r1")
    assert said[0].startswith("252 rows are dated in November 2024")
    assert "21\u00a0days before the last day" in said[1]
    assert command(cut, archive, "--period", SECOND) == ExitCode.GOOD, "it is done"


@pytest.mark.slow
def test_rows_that_came_late_are_counted_and_told(shop: Path, archive: Path, tmp_path: Path) -> None:
    head, *rows = rows_of(shop)
    late = [["c001", f"late{i}", "2024-10-05", "12.00"] for i in range(37)]
    source = write(tmp_path / "late.csv", [head, *reversed(rows), *late])
    assert command(source, archive, "--period", SECOND) == ExitCode.GOOD
    found = manifest(archive, f"{SECOND}.r1")
    assert found["late_rows"] == {"until": FIRST, "rows": 37, "changed": False}
    assert notes(archive, f"{SECOND}.r1") == [
        "37 rows dated in or before October 2024 arrived after the report on October 2024."
    ]
    first = next(row for row in rows if row[2] < "2024-10")
    corrected = [[*row[:3], "99.00"] if row is first else row for row in rows]
    source = write(tmp_path / "changed.csv", [head, *corrected, *late])
    assert command(source, archive, "--period", THIRD) == ExitCode.GOOD
    assert manifest(archive, f"{THIRD}.r1")["late_rows"] == {"until": SECOND, "rows": 0, "changed": True}


@pytest.mark.slow
def test_a_month_is_held_against_the_newest_before_it(shop: Path, archive: Path, tmp_path: Path) -> None:
    head, *rows = rows_of(shop)
    source = write(tmp_path / "turned.csv", [head, *reversed(rows)])
    assert command(source, archive, "--period", THIRD) == ExitCode.GOOD
    found = manifest(archive, f"{THIRD}.r1")
    assert found["late_rows"] == {"until": FIRST, "rows": 0, "changed": False}
    assert [gate["name"] for gate in found["gates"] if gate["verdict"] != "pass"] == ["rows"]
    assert notes(archive, f"{THIRD}.r1") == ["1,192 rows are dated in December 2024, 175% of the 682 in October 2024."]
    assert notices(archive) == []
    report = (archive / "runs" / f"{THIRD}.r1" / "report.json").read_text(encoding="utf-8")
    assert "the month between has no report" in report


def test_a_month_that_nothing_is_known_about_waits(
    shop: Path, archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(shop, archive, "--period", "2025-04") == ExitCode.HELD_BACK
    error = capsys.readouterr().err
    assert "No row is dated in April 2025." in error
    assert "The newest order is of 31 January 2025" in error


@pytest.mark.parametrize(
    ("clock", "code"), [("0", ExitCode.FAILED), ("4102444800", ExitCode.USAGE)], ids=("1970", "2100")
)
def test_a_clock_that_is_wrong_publishes_nothing(
    shop: Path, archive: Path, monkeypatch: pytest.MonkeyPatch, clock: str, code: ExitCode
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", clock)
    assert command(shop, archive, "--due") == (ExitCode.GOOD if clock == "0" else code)
    assert runs(archive) == [f"{FIRST}.r1"]
    assert command(shop, archive.parent / "new", "--due") != ExitCode.GOOD
    assert not list((archive.parent / "new").glob("runs/*.r*"))


def test_a_program_s_own_files_in_the_folder_are_left_alone(
    shop: Path, archive: Path, cut: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    foreign = [
        archive / "notes.docx",
        archive / "runs" / "desktop.ini",
        archive / "runs" / "old" / "report.html",
        archive / "notices" / "holiday.txt",
        archive / "runs" / f"{FIRST}.r1.bak" / "manifest.json",
    ]
    for path in foreign:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("not ours", encoding="utf-8")
    assert command(cut, archive, "--period", SECOND) == ExitCode.HELD_BACK
    assert "682 in October 2024" in capsys.readouterr().err, "the month before is found all the same"
    assert all(path.read_text(encoding="utf-8") == "not ours" for path in foreign)


PEOPLE = [["id", "age", "spend", "visits", "basket"]]
PEOPLE += [
    [f"k{i}", str(20 + i % 50), str(10 + i * 37 % 400), str(1 + i % 12), str(1 + i * 7 % 30)] for i in range(260)
]


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("people")
    write(folder / f"people-{FIRST}.csv", PEOPLE)
    assert command(folder / "people-{period}.csv", folder / "output", "--period", FIRST) == ExitCode.GOOD
    return folder


@pytest.mark.parametrize(
    ("table", "reasons"),
    [
        (PEOPLE, ("holds the same rows as that of October 2024", "--accept same")),
        ([row[:2] + row[3:] for row in PEOPLE], ("Columns that October 2024 had are missing: spend",)),
        (PEOPLE[:1] + [[*row[:2], str(int(row[2]) * 100), *row[3:]] for row in PEOPLE[1:]], ("value of spend is",)),
        (PEOPLE[:1] + [[*row[:2], "" if i % 3 == 0 else row[2], *row[3:]] for i, row in enumerate(PEOPLE[1:])],
         ("spend is empty in 33% of the rows",)),
        (PEOPLE[:41], ("There are 40 customers", "15% of the 260", "--accept empty --accept customers --accept rows")),
    ],
    ids=("the same file", "a column gone", "cents", "empty cells", "a part only"),
)  # fmt: skip
def test_a_doubtful_table_says_every_reason(
    people: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], table: Rows, reasons: tuple[str, ...]
) -> None:
    shutil.copytree(people / "output", tmp_path / "output", symlinks=True)
    write(tmp_path / f"people-{SECOND}.csv", table)
    capsys.readouterr()
    assert command(tmp_path / "people-{period}.csv", tmp_path / "output", "--period", SECOND) == ExitCode.HELD_BACK
    error = capsys.readouterr().err
    for reason in reasons:
        assert reason in error
    assert runs(tmp_path / "output") == [f"{FIRST}.r1"]


def test_an_input_that_can_t_be_used_is_told_without_its_cells(people: Path, tmp_path: Path) -> None:
    shutil.copytree(people / "output", tmp_path / "output", symlinks=True)
    write(tmp_path / f"people-{SECOND}.csv", [*PEOPLE, ["k7", "99", "1", "1", "1"]])
    assert command(tmp_path / "people-{period}.csv", tmp_path / "output", "--period", SECOND) == ExitCode.FAILED
    (notice,) = notices(tmp_path / "output")
    assert "can't be used" in notice
    assert "k7" not in notice


def test_what_to_accept_must_be_a_gate_and_needs_a_month(
    shop: Path, archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(shop, archive, "--accept", "rows") == ExitCode.USAGE
    assert "what to accept needs a month" in capsys.readouterr().err
    assert command(shop, archive, "--period", SECOND, "--accept", "row") == ExitCode.USAGE


@pytest.mark.slow
def test_an_ordinary_run_asks_no_gate(cut: Path, tmp_path: Path) -> None:
    write(tmp_path / "few.csv", PEOPLE[:41])
    assert command(tmp_path / "few.csv", tmp_path / "output") == ExitCode.GOOD
    assert not (tmp_path / "output" / "notices").exists()
