"""Sparklines: how a few figures went from month to month, each with its first and its last value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reportgen.report.canvas import Canvas, Point
from reportgen.report.paper import Paper
from reportgen.segments.model import SegmentRef

_ROW = 31.0
_LINE = 15.0  # height of the line itself
_LEAST_SPAN = 0.1  # of the largest value, from the bottom of the line to its top


@dataclass(frozen=True)
class Line:
    """One figure over the months; None: not known. ``first`` and ``last`` are the values in words."""

    label: str
    values: tuple[float | None, ...]
    first: str
    last: str
    segment: SegmentRef | None = None
    badge: bool = True


def sparklines(data: Mapping[str, Any], paper: Paper) -> Canvas:
    """Draw lines in ``across`` columns, from zero unless all values are far from it, between first and last value."""
    lines: Sequence[Line] = data["lines"]
    across = 1 if paper.narrow else min(data["across"], len(lines))
    rows = -(-len(lines) // across)
    gap = 30.0
    width = (paper.width - gap * (across - 1)) / across
    canvas = paper.canvas(rows * _ROW)
    for place, line in enumerate(lines):
        _draw_line(canvas, paper, line, ((place % across) * (width + gap), (place // across) * _ROW, width))
    return canvas


def _draw_line(canvas: Canvas, paper: Paper, line: Line, spot: tuple[float, float, float]) -> None:
    left, top, width = spot
    start = left
    if line.segment is not None and line.badge:
        canvas.badge(left + 5.6, top + 6, line.segment.letter, paper.colour(line.segment), 5.2)
        start = left + 15
    canvas.words(start, top + 8.8, canvas.shorten(line.label, left + width - start, 8, 600), size=8, weight=600)
    floor = top + 14 + _LINE
    first, last = (canvas.measure(words, 8.6, 700) for words in (line.first, line.last))
    canvas.words(left, floor - 3.5, line.first, size=8.6, colour="faint")
    canvas.words(left + width, floor - 3.5, line.last, size=8.6, weight=700, align="right")
    colour = paper.colour(line.segment) if line.segment else "ink"
    points = _points(line.values, (left + first + 7, left + width - last - 8), (floor - _LINE + 1.5, floor - 2))
    for stretch in _stretches(points):
        if len(stretch) > 1:
            canvas.line(stretch, colour, 1.3)
        else:
            canvas.dots(stretch, colour, 2.6)
    if points[-1] is not None:
        canvas.dots((points[-1],), colour, 4.4)


def _points(
    values: Sequence[float | None], across: tuple[float, float], down: tuple[float, float]
) -> list[Point | None]:
    known = [value for value in values if value is not None]
    low, high = min(known, default=0.0), max(known, default=1.0)
    low = 0.0 if 0 <= low < 0.6 * high else low
    least = _LEAST_SPAN * max(abs(low), abs(high))
    if high - low < least:  # a change that is next to nothing looks like next to nothing
        low, high = (low + high - least) / 2, (low + high + least) / 2
    step = (across[1] - across[0]) / max(len(values) - 1, 1)

    def at(place: int, value: float) -> Point:
        height = (value - low) / (high - low) if high > low else 0.5
        return across[0] + place * step, down[1] - height * (down[1] - down[0])

    return [None if value is None else at(place, value) for place, value in enumerate(values)]


def _stretches(points: Sequence[Point | None]) -> list[list[Point]]:
    """Return the runs of months without a gap."""
    found: list[list[Point]] = [[]]
    for point in points:
        if point is None:
            found.append([])
        else:
            found[-1].append(point)
    return [stretch for stretch in found if stretch]
