"""Excel's own charts below the tables that suit them: shares of customers and revenue, index per segment."""

from __future__ import annotations

from typing import Any

from reportgen.report.model import Grid
from reportgen.report.theme import Theme

_MOST_SERIES = 8  # more segments would be a thicket of bars
_MOST_ROWS = 12
_FONT = {"name": "Calibri", "size": 9}


def add_chart(book: Any, sheet: Any, grid: Grid, theme: Theme) -> None:
    """Put a chart below the table, fed by its cells, where there is one to be read from it."""
    if grid.name == "segments":
        _shares(book, sheet, grid, theme)
    elif grid.name == "index":
        _index(book, sheet, grid, theme)


def _shares(book: Any, sheet: Any, grid: Grid, theme: Theme) -> None:
    """Draw the share of customers beside the share of revenue, largest segment on top."""
    places = [place for place, cell in enumerate(grid.rows[0].cells) if cell.kind == "share"]
    if len(places) < 2:
        return
    chart = book.add_chart({"type": "bar"})
    for place, colour in zip(places, (theme.light["below"], theme.light["s1"]), strict=False):
        chart.add_series(_series(sheet.name, place, len(grid.rows)) | {"fill": {"color": colour}, "gap": 60})
    chart.set_y_axis({"reverse": True, "num_font": _FONT})
    chart.set_x_axis({"num_format": "0%", "num_font": _FONT, "major_gridlines": _grid_lines(theme)})
    _place(sheet, chart, grid, len(grid.rows))


def _index(book: Any, sheet: Any, grid: Grid, theme: Theme) -> None:
    """Draw the index of every segment, bars that start at the average."""
    segments = [(place, column.segment) for place, column in enumerate(grid.columns) if column.segment]
    if not segments or len(segments) > _MOST_SERIES:
        return
    rows = min(len(grid.rows), _MOST_ROWS)
    chart = book.add_chart({"type": "bar"})
    for place, segment in segments:
        colour = theme.light[theme.colour(segment.colour)]
        chart.add_series(_series(sheet.name, place, rows) | {"fill": {"color": colour}, "gap": 60})
    chart.set_y_axis({"reverse": True, "num_font": _FONT, "label_position": "low"})
    lines = {"num_font": _FONT, "major_gridlines": _grid_lines(theme), "crossing": 100, "min": 0}
    chart.set_x_axis(lines | {"num_format": "0"})
    _place(sheet, chart, grid, rows * len(segments) / 2)


def _series(sheet: str, place: int, rows: int) -> dict[str, Any]:
    return {
        "name": [sheet, 0, place],
        "categories": [sheet, 1, 0, rows, 0],
        "values": [sheet, 1, place, rows, place],
    }


def _grid_lines(theme: Theme) -> dict[str, Any]:
    return {"visible": True, "line": {"color": theme.light["hair"]}}


def _place(sheet: Any, chart: Any, grid: Grid, bars: float) -> None:
    if grid.title:
        chart.set_title({"name": grid.title, "name_font": {"name": "Calibri", "size": 12}, "overlay": False})
    chart.set_legend({"position": "bottom", "font": _FONT})
    chart.set_size({"width": 640, "height": 200 + round(30 * bars)})
    sheet.insert_chart(len(grid.rows) + 4, 0, chart, {"description": grid.title or grid.name})
