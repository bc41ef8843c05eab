"""Workbooks: typed cells become unambiguous text, the right sheet is found."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlwt
from openpyxl.worksheet.worksheet import Worksheet

from reportgen.errors import ConfigError, InputError
from reportgen.inputs.sheets import cell_text
from reportgen.inputs.table import open_table
from reportgen.settings import InputConfig

ROWS: list[list[Any]] = [
    ["id", "amount", "day", "moment", "flag", "note"],
    ["0017", 12.5, dt.date(2024, 1, 31), dt.datetime(2024, 1, 31), True, "ü"],
    ["0018", 3, dt.date(2024, 2, 1), dt.datetime(2024, 2, 1, 8, 26), False, None],
    ["0019", 0.1 + 0.2, dt.date(2024, 2, 2), None, True, "x\ny"],
]
TEXT = [
    ("0017", "12.5", "2024-01-31", "2024-01-31 00:00:00", "true", "ü"),
    ("0018", "3", "2024-02-01", "2024-02-01 08:26:00", "false", None),
    ("0019", "0.3", "2024-02-02", None, "true", "x\ny"),
]


def book(tmp_path: Path, **sheets: list[list[Any]]) -> Path:
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.worksheets[0])
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name.removesuffix("_hidden"))
        assert isinstance(sheet, Worksheet)
        sheet.sheet_state = "hidden" if name.endswith("_hidden") else "visible"
        for row in rows:
            sheet.append(row)
    path = tmp_path / "book.xlsx"
    workbook.save(path)
    return path


def test_typed_cells_become_text(tmp_path: Path) -> None:
    table = open_table(book(tmp_path, Orders=ROWS))
    frame = table.frame.collect()
    assert frame.columns == ROWS[0]
    assert frame.rows() == TEXT
    assert table.origin.facts == (("format", "workbook"), ("sheet", "Orders"))


def test_legacy_xls(tmp_path: Path) -> None:
    workbook = xlwt.Workbook()
    sheet = workbook.add_sheet("Kunden")
    for y, row in enumerate([["id", "n", "day"], ["a", 1.0, dt.date(2024, 1, 31)], ["b", 2.5, dt.date(2024, 2, 1)]]):
        for x, cell in enumerate(row):
            style = xlwt.easyxf(num_format_str="DD.MM.YYYY") if isinstance(cell, dt.date) else xlwt.Style.default_style
            sheet.write(y, x, cell, style)
    workbook.save(str(tmp_path / "old.xls"))
    assert open_table(tmp_path / "old.xls").frame.collect().rows() == [
        ("a", "1", "2024-01-31"),
        ("b", "2.5", "2024-02-01"),
    ]


def test_the_largest_visible_sheet_is_read(tmp_path: Path) -> None:
    path = book(tmp_path, Cover=[["Report"]], Data=ROWS, Raw_hidden=ROWS * 9, Small=ROWS[:2])
    table = open_table(path)
    assert dict(table.origin.facts)["sheet"] == "Data"
    found = {finding.code: finding.message for finding in table.origin.findings}
    assert "Cover, Small" in found["other_sheets"]
    assert "Raw" in found["hidden_sheets"]
    assert len(open_table(path, InputConfig(sheet="small")).frame.collect()) == 1
    assert len(open_table(path, InputConfig(sheet="Raw")).frame.collect()) == 27


def test_an_unknown_sheet_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no sheet 'Order' \(did you mean 'Orders'\?\)") as error:
        open_table(book(tmp_path, Orders=ROWS, Notes=[["x"]]), InputConfig(sheet="Order"))
    assert error.value.hint == "It has 'Orders', 'Notes'."


def test_titles_above_notes_below_and_columns_beside(tmp_path: Path) -> None:
    rows = [
        ["Monthly export"],
        [],
        [None, "id", "n", "m"],
        *[[None, f"c{i}", i, i / 4] for i in range(10)],
        [None, "Total", 45, 11.25],
        [],
        [None, "made by hand"],
    ]
    table = open_table(book(tmp_path, Data=rows))
    frame = table.frame.collect()
    assert frame.columns == ["id", "n", "m"]
    assert len(frame) == 10
    assert frame.rows()[9] == ("c9", "9", "2.25")
    assert table.origin.dropped == (("footnotes", 1), ("totals_row", 1))
    assert table.origin.rows == 12


def test_numbers_only(tmp_path: Path) -> None:
    frame = open_table(book(tmp_path, Data=[[1, 2.5], [2, 3.5], [3, 4.5]])).frame.collect()
    assert frame.rows() == [("1", "2.5"), ("2", "3.5"), ("3", "4.5")]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (17850.0, "17850"),
        (1e15, "1000000000000000"),
        (1.23e-7, "0.000000123"),
        (1e300, "1" + "0" * 300),
        (-0.5, "-0.5"),
        (float("nan"), ""),
        (dt.time(8, 5), "08:05:00"),
        (dt.timedelta(hours=30), "30:00:00"),
        ("a\0\r\nb", "a\nb"),
        (None, ""),
    ],
)
def test_cells_as_text(value: Any, text: str) -> None:
    assert cell_text(value) == text


@pytest.mark.parametrize("sheets", [{"Empty": []}, {"Header": ROWS[:1]}])
def test_sheets_without_a_table(tmp_path: Path, sheets: dict[str, list[list[Any]]]) -> None:
    with pytest.raises(InputError):
        open_table(book(tmp_path, **sheets))


def test_damaged_and_protected_workbooks(tmp_path: Path) -> None:
    data = book(tmp_path, Data=ROWS).read_bytes()
    (tmp_path / "cut.xlsx").write_bytes(data[: len(data) // 2])
    with pytest.raises(InputError, match="damaged"):
        open_table(tmp_path / "cut.xlsx")
    (tmp_path / "bad.xlsx").write_bytes(data.replace(b"<", b"\x01"))
    with pytest.raises(InputError, match=r"bad\.xlsx is (a )?damaged"):
        open_table(tmp_path / "bad.xlsx")
    protected = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le")
    (tmp_path / "secret.xlsx").write_bytes(protected)
    with pytest.raises(InputError, match="protected by a password"):
        open_table(tmp_path / "secret.xlsx")


def test_a_text_file_named_like_a_workbook_is_read_as_text(tmp_path: Path) -> None:
    (tmp_path / "export.xls").write_text("id\tn\na\t1\nb\t2\n")
    assert open_table(tmp_path / "export.xls").frame.collect().rows() == [("a", "1"), ("b", "2")]


def test_errors_of_formulas_are_empty(tmp_path: Path) -> None:
    table = open_table(book(tmp_path, Data=[["id", "n"], ["a", "#N/A"], ["b", 2], ["c", "#DIV/0!"]]))
    assert table.frame.collect().rows() == [("a", None), ("b", "2"), ("c", None)]


def test_open_document(tmp_path: Path) -> None:
    cell = '<table:table-cell office:value-type="{}"{}><text:p>{}</text:p></table:table-cell>'
    rows = [
        ("string", "id", "string", "", "n"),
        ("string", "a", "float", ' office:value="1.5"', "1.50"),
        ("string", "b", "float", ' office:value="2"', "2.00"),
    ]
    body = "".join(
        f"<table:table-row>{cell.format(row[0], '', row[1])}{cell.format(row[2], row[3], row[4])}</table:table-row>"
        for row in rows
    )
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    with zipfile.ZipFile(tmp_path / "t.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr(
            "content.xml",
            f"<office:document-content {names}><office:body><office:spreadsheet>"
            f'<table:table table:name="S">{body}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    assert open_table(tmp_path / "t.ods").frame.collect().rows() == [("a", "1.5"), ("b", "2")]
