"""segments.xlsx: one sheet per topic, real numbers with formats, nothing that runs."""

from __future__ import annotations

import datetime as dt
import math
import re
from pathlib import Path
from typing import Any

import xlsxwriter

from reportgen.history.cells import printable
from reportgen.locales import phrases
from reportgen.report.model import Facts, Grid, Report, Section
from reportgen.report.theme import Theme, load_theme
from reportgen.report.walk import blocks_of, grids_of, sentences_of
from reportgen.report.wording import currency_affixes, format_quantity
from reportgen.report.workbook_charts import add_chart
from reportgen.values import Quantity, settled

_LONGEST = 32_000  # characters Excel takes in one cell, with room to spare
_WIDEST = 60
_CREATED = dt.datetime(2000, 1, 1)  # a fixed day, so that equal reports give equal bytes
_DECIMALS = {
    "count": 0,
    "index": 0,
    "days": 0,
    "share": 1,
    "change": 1,
    "points": 1,
    "ratio": 1,
    "number": 1,
    "score": 2,
}


def write_workbook(report: Report, path: str | Path, theme: Theme | None = None) -> None:
    """Write the tables of a report, and charts of two of them, to an Excel file; equal reports give equal bytes."""
    theme = theme or load_theme()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"title": report.title, "author": report.organisation, "created": _CREATED})
        pen = _Pen(book, report)
        summary = next((section for section in report.sections if section.kind == "summary"), None)
        if summary is not None:
            _summary_sheet(pen, summary)
        used = {pen.words["workbook.summary"].casefold()}
        for grid in grids_of(report):
            if grid.sheet and grid.rows:
                add_chart(book, _grid_sheet(pen, grid, used), grid, theme)


class _Pen:
    """The workbook with its cell formats, made once each."""

    def __init__(self, book: Any, report: Report) -> None:
        self.book, self.report, self.words = book, report, phrases(report.language)
        self.formats: dict[tuple[str, bool], Any] = {}

    def style(self, pattern: str = "", bold: bool = False, **more: Any) -> Any:
        key = (pattern + repr(sorted(more.items())), bold)
        if key not in self.formats:
            base = {"num_format": pattern} if pattern else {}
            self.formats[key] = self.book.add_format(base | {"bold": bold, "valign": "top"} | more)
        return self.formats[key]

    def write(self, sheet: Any, row: int, column: int, quantity: Quantity, bold: bool = False) -> None:
        """Write one cell: a number with its format, words as words, nothing for nothing."""
        value = quantity.value
        if quantity.suppressed:
            shown = format_quantity(quantity, self.report.language)
            sheet.write_string(row, column, shown, self.style(bold=bold, align="right"))
        elif value is None or (isinstance(value, float) and not math.isfinite(value)):
            sheet.write_blank(row, column, None, self.style(bold=bold))
        elif quantity.kind == "date" and isinstance(value, str):
            sheet.write_datetime(row, column, dt.datetime.fromisoformat(value[:10]), self.style("d mmm yyyy", bold))
        elif isinstance(value, str):
            style = self.style(bold=bold, text_wrap=len(value) > _WIDEST)
            sheet.write_string(row, column, printable(value)[:_LONGEST], style)
        else:
            scaled = value * 100 if quantity.kind == "points" else value
            sheet.write_number(row, column, settled(scaled), self.style(_pattern(quantity, self.report.language), bold))


def _pattern(quantity: Quantity, language: str) -> str:
    """Return the Excel number format of a quantity."""
    if quantity.kind == "money":
        small = isinstance(quantity.value, float | int) and abs(quantity.value) < 100
        decimals = quantity.decimals if quantity.decimals is not None else 2 * small
    else:
        fixed = _DECIMALS.get(quantity.kind, 0)
        decimals = fixed if quantity.decimals is None else quantity.decimals
    body = "#,##0" + ("." + "0" * decimals if decimals else "")
    if quantity.kind == "money":
        before, after = (part.replace('"', "") for part in currency_affixes(quantity.unit, language))
        return (f'"{before}"' if before else "") + body + (f'"{after}"' if after else "")
    if quantity.kind in ("share", "change"):
        return body.removeprefix("#,##") + "%"
    if quantity.kind == "ratio":
        return body + '"×"'
    return body


def _summary_sheet(pen: _Pen, section: Section) -> None:
    sheet = pen.book.add_worksheet(pen.words["workbook.summary"][:31])
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 22)
    sheet.set_column(2, 2, 70)
    row = 0
    sheet.write_string(row, 0, printable(section.title), pen.style(bold=True, font_size=14))
    for label, value in (("", ""), *pen.report.meta, ("", "")):
        row += 1
        sheet.write_string(row, 0, printable(label), pen.style())
        sheet.write_string(row, 1, printable(value), pen.style())
    for block in blocks_of(section):
        for tile in block.tiles if isinstance(block, Facts) else ():
            row += 1
            sheet.write_string(row, 0, printable(tile.label), pen.style())
            pen.write(sheet, row, 1, tile.value, bold=True)
            sheet.write_string(row, 2, printable(tile.note), pen.style())
    row += 1
    for sentence in sentences_of(section):
        row += 1
        sheet.write_string(row, 0, printable(sentence.text), pen.style())


def _grid_sheet(pen: _Pen, grid: Grid, used: set[str]) -> Any:
    sheet = pen.book.add_worksheet(_sheet_name(grid.name, used))
    noted = [place for place in range(len(grid.columns)) if any(row.notes and row.notes[place] for row in grid.rows)]
    labels = [column.label for column in grid.columns]
    header = [*labels, *(pen.words["workbook.note"].replace("{label}", labels[place]) for place in noted)]
    head = pen.style(bold=True, bottom=1, text_wrap=True)
    for column, label in enumerate(header):
        sheet.write_string(0, column, printable(label), head)
        sheet.set_column(column, column, _width(grid, column, label))
    for line, row in enumerate(grid.rows, start=1):
        for column, cell in enumerate(row.cells):
            pen.write(sheet, line, column, cell, bold=row.total)
        for extra, place in enumerate(noted):
            note = Quantity(row.notes[place] if row.notes else "", "text")
            pen.write(sheet, line, len(labels) + extra, note)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, len(grid.rows), len(header) - 1)
    if grid.caption:
        sheet.write_string(len(grid.rows) + 2, 0, printable(grid.caption), pen.style(italic=True))
    return sheet


def _width(grid: Grid, column: int, label: str) -> float:
    longest = max([0, *(len(str(row.cells[column].value)) for row in grid.rows if column < len(row.cells))])
    kinds = {row.cells[column].kind for row in grid.rows if column < len(row.cells)}
    if column >= len(grid.columns):
        return _WIDEST
    if kinds <= {"text", "date"}:
        return min(_WIDEST, max(longest, len(label), 8)) + 2
    return max(12, min(len(label), 18)) + 2


def _sheet_name(name: str, used: set[str]) -> str:
    """Return a name Excel accepts: 31 characters, no []:*?/\\, not used before whatever its case."""
    plain = re.sub(r"[\[\]:*?/\\']", " ", name.replace("_", " ").replace("-", " ")).strip().capitalize()[:31] or "Sheet"
    candidate, number = plain, 2
    while candidate.casefold() in used:
        candidate, number = f"{plain[:28]} {number}", number + 1
    used.add(candidate.casefold())
    return candidate
