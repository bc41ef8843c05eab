"""The map of all customers, as a chart and as the picture on the cover."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from reportgen.report.canvas import Canvas, Point
from reportgen.report.paper import Paper
from reportgen.segments.model import SegmentRef
from reportgen.segments.projection import Projection

NAMES_UP_TO = 7  # more segments: letters on the map, names in a list below it
COVER_DOTS = 600
_RADIUS = 8.5


@dataclass(frozen=True)
class Frame:
    """Where data stand on the canvas."""

    left: float
    top: float
    right: float
    bottom: float
    x: tuple[float, float]
    y: tuple[float, float]

    def place(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return canvas points of data points, both (m, 2)."""
        x = self.left + (points[:, 0] - self.x[0]) / (self.x[1] - self.x[0]) * (self.right - self.left)
        y = self.bottom - (points[:, 1] - self.y[0]) / (self.y[1] - self.y[0]) * (self.bottom - self.top)
        return np.column_stack((x, y))


def segment_map(data: Mapping[str, Any], paper: Paper) -> Canvas:
    """Draw every customer (at most 2,000), a soft area per segment, names, letters at the centres and the averages.

    ``height`` is that of the map in points, ``shaded`` the part of each segment that its area holds, nearest first.
    """
    projection: Projection = data["projection"]
    segments: Sequence[SegmentRef] = data["segments"]
    named = len(segments) <= NAMES_UP_TO and not paper.narrow
    legend = () if named else _legend(segments, paper)
    bottom = 250.0 if paper.narrow else float(data.get("height", 300))
    canvas = paper.canvas(bottom + 28 + (14 * (max(row for _, row, _ in legend) + 1) + 6 if legend else 0))
    frame = _frame(projection, paper, bottom)
    _axes(canvas, frame, projection, paper)
    placed = frame.place(projection.points)
    for place, segment in enumerate(segments):
        own = placed[projection.labels == place]
        if len(own) > 2:
            canvas.area(_soft_hull(own, data.get("shaded", 1.0)), paper.colour(segment), 0.12, edge=15)
    size = 5.2 if len(placed) <= 600 else 3.4
    for place, segment in enumerate(segments):
        canvas.dots(placed[projection.labels == place].tolist(), paper.colour(segment), size, 0.72)
    _averages(canvas, frame, projection)
    centres = _apart(frame.place(projection.centres), 2 * _RADIUS + 2, frame)
    for centre, segment in zip(centres, segments, strict=True):
        canvas.badge(centre[0], centre[1], segment.letter, paper.colour(segment), _RADIUS)
    if named:
        _names(canvas, frame, placed, projection.labels, (segments, centres))
    for column, row, segment in legend:
        x, y = column, bottom + 38 + 14 * row
        canvas.badge(x + 6, y, segment.letter, paper.colour(segment), 5.4)
        canvas.words(
            x + 16, y + 2.8, canvas.shorten(segment.name, paper.width / (2 if paper.narrow else 3) - 22), size=8
        )
    return canvas


def cover_art(data: Mapping[str, Any], paper: Paper, height: float) -> Canvas:
    """Draw the customers alone, dots of several sizes, as the picture on the cover."""
    projection: Projection = data["projection"]
    canvas = paper.canvas(height)
    step = max(1, math.ceil(len(projection.points) / COVER_DOTS))
    points, labels = projection.points[::step], projection.labels[::step]
    frame = Frame(8, 8, paper.width - 8, height - 8, _span(points[:, 0], 0), _span(points[:, 1], 0))
    placed = frame.place(points)
    for place, segment in enumerate(data["segments"]):
        own = placed[labels == place]
        for group, size in enumerate((3.4, 5.6, 9.0)):  # sizes by turn, for rhythm alone
            canvas.dots(own[group::3].tolist(), paper.colour(segment), size, 0.85)
    return canvas


def _span(values: NDArray[np.float64], margin: float) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    room = (high - low) * margin or (0.0 if high > low else 1.0)
    return low - room, high + room


def _frame(projection: Projection, paper: Paper, bottom: float) -> Frame:
    points = np.vstack((projection.points, projection.centres))
    gutter = 25.0 if projection.kind == "columns" else 2.0
    return Frame(gutter, 14, paper.width - 2, bottom, _span(points[:, 0], 0.06), _span(points[:, 1], 0.09))


def _axes(canvas: Canvas, frame: Frame, projection: Projection, paper: Paper) -> None:
    names = [
        f"{label}, {unit}" if unit else label
        for label, unit in zip(projection.axis_labels, projection.axis_units, strict=True)
    ]
    if projection.kind == "columns":
        ticks = (_ticks(frame.x, 6 if not paper.narrow else 4), _ticks(frame.y, 5))
        for value in ticks[0]:
            x = frame.place(np.array([[value, frame.y[0]]]))[0, 0]
            canvas.line(((x, frame.top - 8), (x, frame.bottom)), "hair", 0.7)
            canvas.words(x, frame.bottom + 11, paper.number(value), size=7.4, colour="faint", align="center")
        for value in ticks[1]:
            y = frame.place(np.array([[frame.x[0], value]]))[0, 1]
            canvas.line(((frame.left, y), (frame.right, y)), "hair", 0.7)
            canvas.words(frame.left - 5, y + 2.6, paper.number(value), size=7.4, colour="faint", align="right")
    else:
        corners = ((frame.left, frame.top - 8), (frame.left, frame.bottom), (frame.right, frame.bottom))
        canvas.line(corners, "rule", 0.7)
    room = canvas.width - 14
    canvas.words(0, 6.4, "↑ " + canvas.shorten(names[1], room, 7.6, 600), size=7.6, weight=600, colour="soft")
    below = frame.bottom + (24 if projection.kind == "columns" else 13)
    across = canvas.shorten(names[0], room, 7.6, 600) + " →"
    canvas.words(canvas.width - 2, below, across, size=7.6, weight=600, colour="soft", align="right")


def _ticks(span: tuple[float, float], count: int) -> list[float]:
    values = MaxNLocator(count, steps=[1, 2, 2.5, 5, 10]).tick_values(*span)
    return [float(v) for v in values if span[0] <= v <= span[1]]


def _averages(canvas: Canvas, frame: Frame, projection: Projection) -> None:
    x, y = frame.place(np.array([projection.averages]))[0]
    canvas.line(((x, frame.top - 8), (x, frame.bottom)), "soft", 0.8, dashes=(2.2, 2.2))
    canvas.line(((frame.left, y), (frame.right, y)), "soft", 0.8, dashes=(2.2, 2.2))


def _soft_hull(points: NDArray[np.float64], shaded: float) -> list[Point]:
    distance = np.hypot(*(points - np.median(points, axis=0)).T)
    points = points[np.argsort(distance, kind="stable")[: max(3, math.ceil(shaded * len(points)))]]
    corners = _hull(sorted(set(map(tuple, points.tolist()))))
    for _ in range(3):  # Chaikin's corner cutting
        around = [*corners, corners[0]]
        corners = [
            (a[0] * (1 - t) + b[0] * t, a[1] * (1 - t) + b[1] * t) for a, b in pairwise(around) for t in (0.25, 0.75)
        ]
    return corners


def _hull(points: list[Point]) -> list[Point]:
    """Return the convex hull (Andrew's monotone chain)."""
    if len(points) < 3:
        return points

    def half(ordered: list[Point]) -> list[Point]:
        chain: list[Point] = []
        for p in ordered:
            while len(chain) > 1 and _turn(chain[-2], chain[-1], p) <= 0:
                chain.pop()
            chain.append(p)
        return chain[:-1]

    return half(points) + half(points[::-1])


def _turn(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _apart(centres: NDArray[np.float64], distance: float, frame: Frame) -> NDArray[np.float64]:
    """Push badges away from each other until none covers another."""
    places = centres.copy()
    for _ in range(200):
        moved = False
        for i in range(len(places)):
            for j in range(i):
                gap = places[i] - places[j]
                length = float(np.hypot(*gap))
                if length < distance:
                    aside = gap / length if length > 1e-6 else np.array([math.cos(i), math.sin(i)])
                    shift = aside * ((distance - length) / 2 + 0.01)
                    places[i] += shift
                    places[j] -= shift
                    moved = True
        places[:, 0] = places[:, 0].clip(frame.left + _RADIUS, frame.right - _RADIUS)
        places[:, 1] = places[:, 1].clip(frame.top, frame.bottom - _RADIUS)
        if not moved:
            break
    return places


def _names(
    canvas: Canvas,
    frame: Frame,
    placed: NDArray[np.float64],
    labels: NDArray[np.int64],
    named: tuple[Sequence[SegmentRef], NDArray[np.float64]],
) -> None:
    """Write every name near its segment, where it covers the fewest dots and no other name."""
    segments, centres = named
    taken = [(x - _RADIUS, y - _RADIUS, x + _RADIUS, y + _RADIUS) for x, y in centres.tolist()]
    for place, segment in enumerate(segments):
        own = placed[labels == place]
        text = canvas.shorten(segment.name, 150, 8.4, 600)
        half = canvas.measure(text, 8.4, 600) / 2 + 2
        spots = _spots(own if len(own) else centres[place : place + 1], centres[place], half, frame)
        best = min(range(len(spots)), key=lambda i: (_cost(spots[i], half, placed, taken), i))
        x, y = spots[best]
        taken.append((x - half, y - 8, x + half, y + 3))
        canvas.words(x, y, text, size=8.4, weight=600, align="center", halo=True)


def _spots(own: NDArray[np.float64], centre: NDArray[np.float64], half: float, frame: Frame) -> list[Point]:
    (left, top), (right, bottom) = own.min(axis=0), own.max(axis=0)
    middle = (left + right) / 2
    spots = [
        (middle, top - 10.5), (middle, bottom + 16), (centre[0], top - 10.5), (centre[0], bottom + 16),
        (left, top - 10.5), (right, top - 10.5), (centre[0], centre[1] - 13), (centre[0], centre[1] + 20),
        (right + half + 9, centre[1] + 3), (left - half - 9, centre[1] + 3),
    ]  # fmt: skip
    low, high = frame.left + half, frame.right - half
    return [(float(min(max(x, low), high)), float(min(max(y, frame.top), frame.bottom - 4))) for x, y in spots]


def _cost(
    spot: Point, half: float, dots: NDArray[np.float64], taken: Sequence[tuple[float, float, float, float]]
) -> float:
    left, top, right, bottom = spot[0] - half, spot[1] - 9, spot[0] + half, spot[1] + 4
    hits = sum(left < box[2] and right > box[0] and top < box[3] and bottom > box[1] for box in taken)
    inside = (dots[:, 0] > left) & (dots[:, 0] < right) & (dots[:, 1] > top) & (dots[:, 1] < bottom)
    return 1000 * hits + float(inside.sum())


def _legend(segments: Sequence[SegmentRef], paper: Paper) -> tuple[tuple[float, int, SegmentRef], ...]:
    columns = 2 if paper.narrow else 3
    rows = math.ceil(len(segments) / columns)
    return tuple(
        (paper.width / columns * (place // rows), place % rows, segment) for place, segment in enumerate(segments)
    )
