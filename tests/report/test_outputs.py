"""Excel, JSON and the customer list: real numbers, nothing that runs, complete or absent."""

from __future__ import annotations

import csv
import dataclasses
import json
import math
from functools import cache
from pathlib import Path
from typing import Any

import analyses
import openpyxl
import pytest

from reportgen.config import Config
from reportgen.errors import ConfigError, OutputError
from reportgen.history.cells import harmless
from reportgen.history.customer_list import write_assignments
from reportgen.report import writers as writing
from reportgen.report.data import render_json
from reportgen.report.model import Facts, Grid, GridColumn, GridRow, Report
from reportgen.report.sections import compose
from reportgen.report.walk import blocks_of, grids_of, quantities_of
from reportgen.report.workbook import write_workbook
from reportgen.report.writers import write
from reportgen.values import Quantity, settled, text

EVIL = ("=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "http://x.test", "a\0b", "日本 مرحبا 👩", "1e5")


@cache
def log() -> Report:
    return compose(analyses.log_like())


def opened(report: Report, folder: Path) -> Any:
    write_workbook(report, folder / "segments.xlsx")
    return openpyxl.load_workbook(folder / "segments.xlsx")


def with_grid(*rows: GridRow, columns: tuple[str, ...]) -> Report:
    grid = Grid("my [table]/1", tuple(GridColumn(label) for label in columns), rows)
    return dataclasses.replace(log(), tables=(grid,))


def test_every_table_is_a_sheet_with_real_numbers_and_a_frozen_header(tmp_path: Path) -> None:
    book = opened(log(), tmp_path)
    names = {
        grid.name.replace("_", " ").replace("-", " ").capitalize()
        for grid in grids_of(log())
        if grid.sheet and grid.rows
    }
    assert set(book.sheetnames) == {"Summary", *names}
    sheet = book["Spending"]
    assert sheet.freeze_panes == "B2"
    header = [cell.value for cell in sheet[1]]
    first = dict(zip(header, sheet[2], strict=True))
    assert isinstance(first["Revenue"].value, int | float)
    assert first["Revenue"].number_format == '"£"#,##0'
    assert first["% revenue"].number_format == "0%"
    assert 0 < first["% revenue"].value <= 1


def test_assumptions_stand_beside_the_values_they_belong_to(tmp_path: Path) -> None:
    sheet = opened(log(), tmp_path)["Decisions"]
    header = [cell.value for cell in sheet[1]]
    notes = [sheet.cell(row, header.index("Action: note") + 1).value for row in range(2, sheet.max_row + 1)]
    assert any("estimate" in str(note).lower() for note in notes)


def test_cells_from_data_stay_text_and_hidden_or_missing_ones_hold_no_number(tmp_path: Path) -> None:
    rows = [GridRow((text(word), Quantity(7, "count", suppressed=True), Quantity(None, "money"))) for word in EVIL]
    sheet = opened(with_grid(*rows, columns=("=A1", "n", "x")), tmp_path)["My  table  1"]
    assert sheet["A1"].data_type == "s"
    for row, word in zip(sheet.iter_rows(min_row=2), EVIL, strict=True):
        assert row[0].data_type == "s"
        assert row[0].value == word.replace("\0", "")
        assert row[0].hyperlink is None
        assert (row[1].value, row[2].value) == ("<10", None)


def test_dates_are_dates_and_numbers_that_are_none_stay_blank(tmp_path: Path) -> None:
    row = GridRow((Quantity("2011-12-09", "date"), Quantity(math.nan, "number"), Quantity(0.031, "points")))
    sheet = opened(with_grid(row, columns=("d", "n", "p")), tmp_path)["My  table  1"]
    assert sheet["A2"].value.isoformat() == "2011-12-09T00:00:00"
    assert sheet["B2"].value is None
    assert sheet["C2"].value == pytest.approx(3.1)


def test_equal_reports_give_equal_bytes(tmp_path: Path) -> None:
    write_workbook(log(), tmp_path / "a.xlsx")
    write_workbook(compose(analyses.log_like()), tmp_path / "b.xlsx")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    assert render_json(log()) == render_json(compose(analyses.log_like()))


def test_json_holds_every_number_shown_and_no_customer() -> None:
    document = json.loads(render_json(log()))
    stored: list[Any] = []

    def collect(node: Any) -> None:
        if isinstance(node, dict):
            stored.append(node.get("value"))
            for item in node.values():
                collect(item)
        elif isinstance(node, list):
            for item in node:
                collect(item)

    collect(document)
    shown = [settled(q.value) for q in quantities_of(log()) if isinstance(q.value, float | int) and not q.suppressed]
    assert set(shown) <= {value for value in stored if isinstance(value, float | int)}
    assert "points" not in document["sections"]["map"]["figures"]["map"]["data"]["projection"]
    assert "k00001" not in json.dumps(document)
    assert list(document) == sorted(document)


def test_json_hides_what_the_report_hides() -> None:
    grid = Grid("t", (GridColumn("a"),), (GridRow((Quantity(7, "count", suppressed=True),)),))
    document = json.loads(render_json(dataclasses.replace(log(), tables=(grid,))))
    assert document["tables"]["t"]["rows"][0]["cells"] == [{"kind": "count", "hidden": True}]


def test_tiles_of_page_one_are_in_json() -> None:
    tiles = next(block for block in blocks_of(log().sections[1]) if isinstance(block, Facts)).tiles
    facts = json.loads(render_json(log()))["sections"]["summary"]["facts"]
    values = [tile.value.value for tile in tiles]
    assert [fact["value"] for fact in facts] == [settled(one) if isinstance(one, float) else one for one in values]


def test_the_customer_list_has_every_customer_once_with_its_segment(tmp_path: Path) -> None:
    analysis = analyses.log_like()
    write_assignments(analysis, tmp_path / "customers.csv")
    raw = (tmp_path / "customers.csv").read_bytes()
    assert raw.count(b"\r\n") == len(analysis.customers.frame) + 1
    rows = list(csv.DictReader(raw.decode("utf-8").splitlines()))
    assert [row["customer"] for row in rows] == list(analysis.customers.frame["customer"])
    for row, label, margin in zip(
        rows, analysis.segmentation.assignment.label, analysis.segmentation.assignment.margin, strict=True
    ):
        assert row["segment"] == analysis.segments[label].id
        assert row["segment_name"] == analysis.segments[label].name
        assert row["second_segment"] != row["segment"]
        assert float(row["margin"]) == pytest.approx(margin, abs=1e-4)


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("@x", "'@x"),
        ("+cmd|x", "'+cmd|x"),
        ("\t=1", "'\t=1"),
        (" =1", "' =1"),
        ("-5", "-5"),
        ("+49 30 1234", "+49 30 1234"),
        ("a\0b", "ab"),
        ("Müller, A.", "Müller, A."),
        ("12e3", "12e3"),
    ],
)
def test_formulas_in_ids_are_disarmed_and_numbers_left_alone(cell: str, written: str) -> None:
    assert harmless(cell) == written


def test_files_are_written_by_suffix_and_unknown_ones_refused_before_anything_is_written(tmp_path: Path) -> None:
    paths = write(log(), tmp_path / "a.json", tmp_path / "b.XLSX")
    assert [path.exists() for path in paths] == [True, True]
    assert json.loads(paths[0].read_text(encoding="utf-8"))["title"] == log().title
    with pytest.raises(ConfigError, match="no writer"):
        write(log(), tmp_path / "c.json", tmp_path / "d.docx")
    assert not (tmp_path / "c.json").exists()


def test_a_writer_that_fails_leaves_nothing_and_keeps_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "report.json"
    target.write_text("old", encoding="utf-8")

    def broken(report: Report, path: Path, config: Config, drawings: object) -> None:
        path.write_text("half", encoding="utf-8")
        raise OSError(28, "No space left on device")

    monkeypatch.setitem(writing.WRITERS, ".json", broken)
    with pytest.raises(OutputError, match="No space left"):
        write(log(), target)
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]
    assert target.read_text(encoding="utf-8") == "old"


def test_a_missing_folder_is_an_error_with_a_way_out(tmp_path: Path) -> None:
    with pytest.raises(OutputError) as caught:
        write(log(), tmp_path / "nowhere" / "report.json")
    assert caught.value.hint


def test_shares_and_indexes_have_charts_of_excel_itself_that_read_the_cells(tmp_path: Path) -> None:
    book = opened(log(), tmp_path)
    assert {sheet.title: len(sheet._charts) for sheet in book if sheet._charts} == {"Segments": 1, "Index": 1}
    shares = book["Segments"]._charts[0]
    assert len(shares.series) == 2
    header = [cell.value for cell in book["Segments"][1]]
    for series, label in zip(shares.series, ("% customers", "% revenue"), strict=True):
        letter = "ABCDEFGHIJ"[header.index(label)]
        assert series.val.numRef.f == f"Segments!${letter}$2:${letter}${len(log().segments) + 1}"
    assert len(book["Index"]._charts[0].series) == len(log().segments)


def test_a_table_without_money_has_no_chart_of_revenue(tmp_path: Path) -> None:
    book = opened(compose(analyses.mall_like()), tmp_path)
    assert [sheet.title for sheet in book if sheet._charts] == ["Index"]


def test_what_lies_beyond_fourteen_digits_is_not_written() -> None:
    assert settled(0.9929279616298211) == settled(0.992927961629821)
    assert settled(123_456_789_012.34) == 123_456_789_012.34
    assert settled(0.1) == 0.1
