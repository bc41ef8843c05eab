"""The alluvial chart: the segments of one month, those of the next, and a band for everyone who went between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reportgen.report.canvas import Align, Canvas, Point
from reportgen.report.paper import Paper
from reportgen.segments.model import SegmentRef

_BAR = 9.0
_LINE = 12.4  # between two labels
_STEPS = 20  # of a curve
_STUB = 30.0
_STAYING = 0.2  # opacity of those who stay
_THINNEST = 0.12  # points; thinner bands are in the table alone


@dataclass(frozen=True)
class Side:
    """One bar: a segment in one month, or those who came or left; ``size`` is its height in customers."""

    segment: SegmentRef | None
    name: str
    figure: str  # customers, as they may be printed
    size: int


@dataclass(frozen=True)
class Band:
    """Customers who went from one side to another, by their places; ``strong`` bands are the largest moves."""

    origin: int
    target: int
    customers: int
    strong: bool = False


def alluvial(data: Mapping[str, Any], paper: Paper) -> Canvas:
    """Draw bars on both sides with their names outside, and bands between them in the colour they come from."""
    left, right, bands = data["left"], data["right"], data["bands"]
    room = 78.0 if paper.narrow else 152.0
    top, most = 18.0, max(len(left), len(right))
    height = max(190.0 if paper.narrow else 225.0, most * (_LINE + 2))
    canvas = paper.canvas(top + height + 4)
    gap = min(8.0, 0.3 * height / most)
    unit = min((height - gap * (len(sides) - 1)) / max(sum(side.size for side in sides), 1) for sides in (left, right))
    tops = [_tops(sides, unit, gap, top, height) for sides in (left, right)]
    edges = (room, paper.width - room)
    placed, ends = _placed(bands, tops, unit)
    _untold(canvas, paper, (left, right), (tops, ends), (edges, unit))
    for band, (a, b) in placed:
        colour, alpha = _look(paper, left[band.origin], right[band.target], band)
        if band.customers * unit >= _THINNEST:
            canvas.area(_ribbon((edges[0] + _BAR, a), (edges[1] - _BAR, b), band.customers * unit), colour, alpha)
    for place, (sides, title) in enumerate(((left, data["then"]), (right, data["now"]))):
        x = edges[0] if place == 0 else edges[1] - _BAR
        align: Align = "left" if place == 0 else "right"
        canvas.words(0 if place == 0 else paper.width, 8, title, size=8, weight=600, colour="soft", align=align)
        for side, y in zip(sides, tops[place], strict=True):
            canvas.box(x, y, _BAR, max(side.size * unit, 0.8), _shade(paper, side))
        _labels(canvas, paper, sides, [y + side.size * unit / 2 for y, side in zip(tops[place], sides, strict=True)],
                (place == 0, room, top, top + height))  # fmt: skip
    return canvas


def _tops(sides: Sequence[Side], unit: float, gap: float, top: float, height: float) -> list[float]:
    """Return the upper edge of every bar; the shorter side is centred."""
    whole = sum(side.size for side in sides) * unit + gap * (len(sides) - 1)
    y, found = top + (height - whole) / 2, []
    for side in sides:
        found.append(y)
        y += side.size * unit + gap
    return found


def _placed(
    bands: Sequence[Band], tops: Sequence[Sequence[float]], unit: float
) -> tuple[list[tuple[Band, Point]], tuple[list[float], list[float]]]:
    """Return every band with its upper edge on both sides, strong ones last so that they lie upon the others.

    With them, where the bands of each bar end: what is left of it may not be told apart.
    """
    starts, ends = list(tops[0]), list(tops[1])
    upper: dict[tuple[int, int], float] = {}
    for band in sorted(bands, key=lambda band: (band.origin, band.target)):
        upper[band.origin, band.target] = starts[band.origin]
        starts[band.origin] += band.customers * unit
    found = []
    for band in sorted(bands, key=lambda band: (band.target, band.origin)):
        found.append((band, (upper[band.origin, band.target], ends[band.target])))
        ends[band.target] += band.customers * unit
    found.sort(key=lambda pair: (pair[0].strong, -pair[0].customers, pair[0].origin, pair[0].target))
    return found, (starts, ends)


def _untold(
    canvas: Canvas,
    paper: Paper,
    sides: tuple[Sequence[Side], Sequence[Side]],
    heights: tuple[Sequence[Sequence[float]], Sequence[Sequence[float]]],
    scale: tuple[tuple[float, float], float],
) -> None:
    """Draw what the told bands leave of the bars: a pale band to the same segment, a short stub for the rest.

    Such a band is as high as the smaller of its two rests, which the printed numbers tell; those who stayed fill it
    but for a few.
    """
    (tops, ends), (edges, unit) = heights, scale
    tips = [list(side) for side in ends]
    rests = [
        [top + one.size * unit - end for one, top, end in zip(side, high, low, strict=True)]
        for side, high, low in zip(sides, tops, ends, strict=True)
    ]
    for i, j in _same(sides):
        width = min(rests[0][i], rests[1][j])
        if width > _THINNEST:
            ribbon = _ribbon((edges[0] + _BAR, tips[0][i]), (edges[1] - _BAR, tips[1][j]), width)
            canvas.area(ribbon, _shade(paper, sides[0][i]), _STAYING)
            for place, one in enumerate((i, j)):
                tips[place][one] += width
                rests[place][one] -= width
    for place, direction in ((0, 1), (1, -1)):
        x = edges[0] + _BAR if place == 0 else edges[1] - _BAR
        for side, end, rest in zip(sides[place], tips[place], rests[place], strict=True):
            if rest > _THINNEST:
                for reach in (_STUB, 0.6 * _STUB, 0.3 * _STUB):  # fading out
                    tip = x + direction * reach
                    canvas.area(((x, end), (tip, end), (tip, end + rest), (x, end + rest)), _shade(paper, side), 0.1)


def _same(sides: tuple[Sequence[Side], Sequence[Side]]) -> list[tuple[int, int]]:
    """Return the places of every segment that is there on both sides."""
    right = {side.segment.id: j for j, side in enumerate(sides[1]) if side.segment}
    return [(i, right[one.segment.id]) for i, one in enumerate(sides[0]) if one.segment and one.segment.id in right]


def _shade(paper: Paper, side: Side) -> str:
    return paper.colour(side.segment) if side.segment else "soft"


def _look(paper: Paper, origin: Side, target: Side, band: Band) -> tuple[str, float]:
    """Those who stay are pale, the largest moves strong, the rest quiet, in the colour of where they come from."""
    segment = origin.segment or target.segment
    colour = paper.colour(segment) if segment and origin.segment else "soft"
    stays = origin.segment is not None and target.segment is not None and origin.segment.id == target.segment.id
    return colour, _STAYING if stays else 0.62 if band.strong else 0.14


def _ribbon(start: Point, end: Point, width: float) -> list[Point]:
    """Return the outline of a band between two points: a cubic Bezier curve that leaves and arrives level."""
    (x0, y0), (x1, y1) = start, end
    upper = []
    for step in range(_STEPS + 1):
        t = step / _STEPS
        bend = 3 * t * (1 - t)
        x = (1 - t) ** 3 * x0 + bend * (1 - t) * (x0 + x1) / 2 + bend * t * (x0 + x1) / 2 + t**3 * x1
        y = y0 + (y1 - y0) * t * t * (3 - 2 * t)
        upper.append((x, y))
    return [*upper, *((x, y + width) for x, y in reversed(upper))]


def _labels(
    canvas: Canvas,
    paper: Paper,
    sides: Sequence[Side],
    middles: Sequence[float],
    where: tuple[bool, float, float, float],
) -> None:
    """Write badge, name and number of every bar beside it, none upon another."""
    on_left, room, top, bottom = where
    widest = max(canvas.measure(side.figure, 8.2, 700) for side in sides)
    inner = room - 6 if on_left else paper.width - room + 6
    outer = 6.0 if on_left else inner + widest + 11
    for side, y in zip(sides, _spread(middles, _LINE, top + _LINE / 2, bottom - _LINE / 2), strict=True):
        canvas.words(inner if on_left else inner + widest, y + 2.9, side.figure, size=8.2, weight=700, align="right")
        if side.segment:
            canvas.badge(outer, y, side.segment.letter, paper.colour(side.segment), 5.4)
        start = outer + 9 if side.segment else outer - 6
        free = inner - widest - 5 - start if on_left else paper.width - start
        if not paper.narrow or side.segment is None:
            canvas.words(start, y + 2.7, canvas.shorten(side.name, free, 7.7), size=7.7)


def _spread(middles: Sequence[float], distance: float, low: float, high: float) -> list[float]:
    """Move labels apart as little as needed, in their order, between two bounds."""
    places = [max(y, low) for y in middles]
    for i in range(1, len(places)):
        places[i] = max(places[i], places[i - 1] + distance)
    limit = high
    for i in reversed(range(len(places))):
        places[i] = min(places[i], limit)
        limit = places[i] - distance
    return places
