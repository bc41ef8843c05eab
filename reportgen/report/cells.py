"""Grids as a template lays them out: text of every cell, length of every bar, shade of every index."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from reportgen.report.model import Grid, GridColumn, GridRow
from reportgen.report.theme import Theme
from reportgen.report.wording import format_quantity
from reportgen.segments.model import SegmentRef
from reportgen.values import Quantity

ARROW_LIMITS = (80, 120)  # ▼ at or below, ▲ at or above: grey printing loses the direction of the shades
_INDEX_SPAN = math.log(4)  # an index bar is full at 25 and at 400, and as long at 50 as at 200


@dataclass(frozen=True)
class Cell:
    """One cell. ``start`` and ``length`` place a bar, in percent of its track; ``shade`` is a heat token."""

    text: str
    show: str
    header: bool = False
    words: bool = False  # text, which may break into lines; figures never do
    note: str = ""
    segment: SegmentRef | None = None
    start: float = 0.0
    length: float | None = None
    above: bool = True
    shade: str = ""
    arrow: str = ""
    language: str = ""  # of the text where it is not the report's


@dataclass(frozen=True)
class Row:
    """Cells in column order, with the colour token of the row's segment ("" for none)."""

    cells: tuple[Cell, ...]
    colour: str
    total: bool


def lay_out(grid: Grid, theme: Theme, language: str) -> tuple[Row, ...]:
    """Return the rows of a grid; bars share the scale of their column, whose longest bar is full."""
    longest = [max((_share(row.cells[i]) for row in grid.rows), default=0.0) for i in range(len(grid.columns))]
    return tuple(_row(grid.columns, row, longest, (theme, language)) for row in grid.rows)


def are_slim(grid: Grid, rows: Sequence[Row]) -> bool:
    """Tell whether words and figures fit columns of set widths, which print lays out in a third of the time."""
    first, *others = (column.show for column in grid.columns)
    if first not in ("text", "segment") or not {*others} <= {"number", "bar", "index_bar"} or not 0 < len(others) < 4:
        return False
    longest = 11 if others == ["number"] else 6
    labels = [word for column in grid.columns for word in column.label.split() if column.show == "number"]
    names = [word for row in rows for word in row.cells[0].text.split()]
    figures = [cell.text for row in rows for cell in row.cells[1:]]
    notes = any(cell.note for row in rows for cell in row.cells[1:])
    return not notes and all(
        len(text) <= most for texts, most in ((labels, 8), (names, 16), (figures, longest)) for text in texts
    )


def _row(columns: tuple[GridColumn, ...], row: GridRow, longest: list[float], look: tuple[Theme, str]) -> Row:
    theme, language = look
    cells = []
    for place, (column, quantity) in enumerate(zip(columns, row.cells, strict=True)):
        style = _style(column.show, quantity, longest[place], theme)
        note = row.notes[place] if row.notes else ""
        header = place == 0 and column.show in ("text", "segment")
        badge = row.segment if column.show == "segment" else None
        text = format_quantity(quantity, language)
        words = isinstance(quantity.value, str)
        spoken = column.language if words else ""
        cells.append(Cell(text, column.show, header, words, note, badge, language=spoken, **style))  # type: ignore[arg-type]
    return Row(tuple(cells), theme.colour(row.segment.colour) if row.segment else "", row.total)


def _style(show: str, quantity: Quantity, longest: float, theme: Theme) -> dict[str, object]:
    value = quantity.value
    if quantity.suppressed or not isinstance(value, int | float) or not math.isfinite(value):
        return {}
    if show == "bar":
        return {"length": round(100 * _share(quantity) / longest, 1) if longest else 0.0}
    if show == "index_bar":
        reach = 50.0 if value <= 0 else round(50 * min(abs(math.log(value / 100)) / _INDEX_SPAN, 1.0), 1)
        above = value >= 100
        return {"length": reach, "start": 50.0 if above else 50.0 - reach, "above": above}
    if show == "heat":
        low, high = ARROW_LIMITS
        arrow = "▲" if value >= high else "▼" if value <= low else ""
        return {"shade": f"h{bisect_right(theme.heat_limits, value) + 1}", "arrow": arrow}
    return {}


def _share(quantity: Quantity) -> float:
    value = quantity.value
    return max(float(value), 0.0) if isinstance(value, int | float) and math.isfinite(value) else 0.0
