"""Charts: figure data in, drawings out; one function per chart, registered by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate, pairwise
from types import MappingProxyType
from typing import Any

import numpy as np
from matplotlib.ticker import MaxNLocator

from reportgen.profiling.profiles import Density
from reportgen.report.appendix_charts import k_evidence, scree
from reportgen.report.canvas import Align, Canvas
from reportgen.report.flow_chart import alluvial
from reportgen.report.line_chart import sparklines
from reportgen.report.maps import cover_art, segment_map
from reportgen.report.model import Figure, Report
from reportgen.report.paper import HALF, Paper
from reportgen.report.theme import Theme
from reportgen.report.walk import blocks_of
from reportgen.segments.model import SegmentRef

FULL = 493.0  # points across the text of an A4 page
MANY = 12  # more segments: smaller badges
NARROW = 258.0  # a telephone, drawn anew so that words stay legible

Data = Mapping[str, Any]


def draw(figure: Figure, report: Report, theme: Theme, narrow: bool = False) -> Canvas:
    """Return the chart, titled for screen readers.

    ``narrow`` lays a full-width chart out anew for a telephone. Raises KeyError for an unknown chart.
    """
    width = (NARROW if narrow else FULL) if figure.width == "full" else HALF
    canvas = CHARTS[figure.chart](figure.data, Paper(width, theme, report.language, narrow))
    canvas.title = figure.alt or figure.title
    return canvas


def draw_all(report: Report, theme: Theme) -> Mapping[str, Canvas]:
    """Return the drawings of all figures by name, so that several writers share them."""
    return {figure.name: draw(figure, report, theme) for figure in figures(report)}


def draw_cover(report: Report, theme: Theme) -> Canvas | None:
    """Return the picture on the cover, made from the map of customers; None where the report has no map."""
    maps = [figure for figure in figures(report) if figure.chart == "segment_map"]
    return cover_art(maps[0].data, Paper(FULL, theme, report.language), 320) if maps else None


def figures(report: Report) -> tuple[Figure, ...]:
    """Return all figures of a report in reading order."""
    return tuple(block for section in report.sections for block in blocks_of(section) if isinstance(block, Figure))


def linked_bars(data: Data, paper: Paper) -> Canvas:
    """Draw customers above revenue, one bar each, with bands that link the segments."""
    left, height, gap = (0.0, 24.0, 34.0) if paper.narrow else (94.0, 26.0, 22.0)
    top = 13.0 if paper.narrow else 1.0
    bars = [(top, data["customers"], data["top_label"], data["top_note"])]
    if data["revenue"]:
        bars.append((top + height + gap, data["revenue"], data["bottom_label"], data["bottom_note"]))
    canvas = paper.canvas(bars[-1][0] + height + 1)
    room = paper.width - left
    edges = [[left + room * x for x in accumulate(bar[1], initial=0.0)] for bar in bars]
    if len(bars) == 2 and not paper.narrow:
        for place, segment in enumerate(data["segments"]):
            (a, b), (c, d) = edges[0][place : place + 2], edges[1][place : place + 2]
            sides = ((a, top + height), (b, top + height), (d, bars[1][0]), (c, bars[1][0]))
            canvas.area(sides, paper.colour(segment), 0.16)
    for (y, shares, label, note), line in zip(bars, edges, strict=True):
        _bar(canvas, paper, (y, height), (line, shares), data["segments"])
        if paper.narrow:
            canvas.words(0, y - 4, label, size=8.6, weight=600)
            canvas.words(canvas.measure(label, 8.6, 600) + 5, y - 4, note, size=8, colour="faint")
        else:
            canvas.words(0, y + height / 2 - 1.5, canvas.shorten(label, left - 6, 8.6, 600), size=8.6, weight=600)
            canvas.words(0, y + height / 2 + 9, canvas.shorten(note, left - 6, 7.6), size=7.6, colour="faint")
    return canvas


def _bar(
    canvas: Canvas,
    paper: Paper,
    across: tuple[float, float],
    bar: tuple[Sequence[float], Sequence[float]],
    segments: Sequence[SegmentRef],
) -> None:
    (y, height), (edges, shares) = across, bar
    for (a, b), share, segment in zip(pairwise(edges), shares, segments, strict=True):
        colour = paper.colour(segment)
        canvas.box(a + (0.7 if a else 0), y, max(b - a - 0.7, 0.3), height, colour)
        figure = paper.number(round(share, 2), "share")
        words = (f"{segment.letter} {figure}", segment.letter)
        fitting = [text for text in words if canvas.measure(text, 8, 600) < b - a - 3]
        if fitting:
            middle, base = (a + b) / 2, y + height / 2 + 2.8
            canvas.words(middle, base, fitting[0], size=8, weight=600, colour=f"{colour}-on", align="center")


def distributions(data: Data, paper: Paper) -> Canvas:
    """Draw two or three fields of a segment over all customers, centres marked and labelled."""
    densities: Sequence[Density] = data["densities"]
    across = 1 if paper.narrow else max(len(densities), 2)
    gap, height = 18.0, 87.0
    width = (paper.width - gap * (across - 1)) / across
    rows = len(densities) if paper.narrow else 1
    canvas = paper.canvas(rows * height + (rows - 1) * 12)
    for place, density in enumerate(densities):
        row, column = (place, 0) if paper.narrow else (0, place)
        _density(canvas, paper, density, (column * (width + gap), row * (height + 12), width), data["segment"])
    return canvas


def _density(
    canvas: Canvas, paper: Paper, density: Density, spot: tuple[float, float, float], segment: SegmentRef
) -> None:
    left, top, width = spot
    floor, peak = top + 74.5, 45.0
    label = canvas.shorten(density.label, width - 40, 8.4, 600)
    canvas.words(left, top + 8, label, size=8.4, weight=600)
    unit = canvas.shorten(density.unit, 60, 7.4)
    canvas.words(left + canvas.measure(label, 8.4, 600) + 4, top + 8, unit, size=7.4, colour="faint")
    scale = np.linspace(left, left + width, len(density.grid))
    highest = max(*density.segment, *density.base, 1e-9)

    def curve(values: Sequence[float]) -> list[tuple[float, float]]:
        line = [(float(x), floor - peak * y / highest) for x, y in zip(scale, values, strict=True)]
        return [(left, floor), *line, (left + width, floor)]

    canvas.area(curve(density.base), "base", 1.0)
    canvas.area(curve(density.segment), paper.colour(segment), 0.8)
    canvas.line(((left, floor), (left + width, floor)), "rule", 0.7)
    base, centre = (float(np.interp(x, density.grid, scale)) for x in (density.base_centre, density.segment_centre))
    canvas.line(((base, floor), (base, floor - peak - 5)), "soft", 0.8, dashes=(2.2, 2.2))
    canvas.line(((centre, floor), (centre, floor - peak - 5)), "ink", 1.2)
    figure = paper.number(_two_figures(density.segment_centre))
    half = canvas.measure(figure, 9, 700) / 2
    x = min(max(centre, left + half), left + width - half)
    canvas.words(x, floor - peak - 8.5, figure, size=9, weight=700, align="center")
    for value, x in _tick_places(density, scale, canvas, paper):
        canvas.words(x, floor + 10, paper.number(value), size=7.4, colour="faint", align="center")


def _two_figures(value: float) -> float:
    """Return a centre as prose prints it: whole from 10 up, two significant figures below."""
    if abs(value) >= 10 or value == 0:
        return float(np.floor(abs(value) + 0.5) * np.sign(value))
    return float(f"{value:.2g}")


def _tick_places(density: Density, scale: Any, canvas: Canvas, paper: Paper) -> list[tuple[float, float]]:
    low, high = density.grid[0], density.grid[-1]
    if density.log_scale:
        decades = range(int(np.floor(np.log10(max(low, 1e-12)))), int(np.ceil(np.log10(high))) + 1)
        values = [m * 10.0**e for e in decades for m in ((1, 2, 5) if len(decades) < 5 else (1,))]
    else:
        values = [float(v) for v in MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)]
    places: list[tuple[float, float]] = []
    end = scale[0] - 6
    for value in values:
        x = float(np.interp(value, density.grid, scale))
        half = canvas.measure(paper.number(value), 7.4) / 2
        if low <= value <= high and x - half > end + 6 and scale[0] + half <= x <= scale[-1] - half:
            places.append((value, x))
            end = x + half
    return places


def centres(data: Data, paper: Paper) -> Canvas:
    """Draw every segment's centre as a lettered dot, each row on its own scale, stacked where they would collide.

    A segment too small to be described has no dot.
    """
    segments = data["segments"]
    radius = 6.2 if len(segments) <= MANY else 4.4
    step = 2 * radius + 0.6
    left = 0.0 if paper.narrow else 128.0
    scale = (left + 34.0, paper.width - 34.0)
    rows = []
    y = 6.0
    for row in data["rows"]:
        label, unit, low, high, base, values = row
        shown = [(segment, v) for segment, v in zip(segments, values, strict=True) if v is not None]
        lanes = _lanes([_at(v, low, high, scale) for _, v in shown], 2 * radius + 0.8)
        up, down = max(0, *(-lane for _, lane in lanes)), max(0, *(lane for _, lane in lanes))
        y += (15 if paper.narrow else 5) + up * step + 8
        dots = [(segment, x, lane) for (segment, _), (x, lane) in zip(shown, lanes, strict=True)]
        rows.append((label, unit, (low, high, base), dots, y))
        y += down * step + 10
    canvas = paper.canvas(y + 2)
    for label, unit, (low, high, base), dots, middle in rows:
        above = max(0, *(-lane for _, _, lane in dots)) * step
        _centre_row(canvas, paper, (label, unit, middle, above), (low, high, base), scale)
        for segment, x, lane in dots:
            canvas.badge(x, middle + lane * step, segment.letter, paper.colour(segment), radius)
    return canvas


def _centre_row(
    canvas: Canvas, paper: Paper, row: tuple[str, str, float, float], span: tuple[float, float, float],
    scale: tuple[float, float],
) -> None:  # fmt: skip
    (label, unit, y, above), (low, high, base) = row, span
    if paper.narrow:
        canvas.words(0, y - 12 - above, f"{label}, {unit}" if unit else label, size=8.4, weight=600)
    else:
        canvas.words(0, y + 2.8, canvas.shorten(label, 96, 8.4, 600), size=8.4, weight=600)
        shown = canvas.shorten(label, 96, 8.4, 600)
        canvas.words(canvas.measure(shown, 8.4, 600) + 4, y + 2.8, unit, size=7.4, colour="faint")
    canvas.line(((scale[0] - 6, y), (scale[1] + 6, y)), "rule", 0.7)
    canvas.words(scale[0] - 10, y + 2.6, paper.number(_two_figures(low)), size=7.4, colour="faint", align="right")
    canvas.words(scale[1] + 10, y + 2.6, paper.number(_two_figures(high)), size=7.4, colour="faint")
    x = _at(base, low, high, scale)
    canvas.line(((x, y - 9.5), (x, y + 9.5)), "ink", 1.2)


def _at(value: float, low: float, high: float, scale: tuple[float, float]) -> float:
    share = (value - low) / (high - low) if high > low else 0.5
    return scale[0] + min(max(share, 0.0), 1.0) * (scale[1] - scale[0])


def _lanes(places: Sequence[float], distance: float) -> list[tuple[float, int]]:
    """Give every dot a lane (0, 1 below, 1 above, 2 below …) in which it touches no other dot."""
    taken: dict[int, list[float]] = {}
    lanes = [0] * len(places)
    for dot in sorted(range(len(places)), key=lambda i: (places[i], i)):
        lane = 0
        while any(abs(places[dot] - x) < distance for x in taken.get(lane, ())):
            lane = -lane if lane > 0 else 1 - lane
        taken.setdefault(lane, []).append(places[dot])
        lanes[dot] = lane
    return list(zip(places, lanes, strict=True))


def lorenz(data: Data, paper: Paper) -> Canvas:
    """Draw the share of revenue that the biggest spenders bring, against an even spread."""
    canvas = paper.canvas(paper.width * 0.64 + 16)
    left, right, top, floor = 26.0, paper.width - 3, 6.0, paper.width * 0.64

    def at(x: float, y: float) -> tuple[float, float]:
        return left + x * (right - left), floor - y * (floor - top)

    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        canvas.line((at(0, share), at(1, share)), "hair", 0.7)
        figure = paper.number(share, "share")
        canvas.words(left - 5, at(0, share)[1] + 2.6, figure, size=7.4, colour="faint", align="right")
        anchor: Align = "right" if share == 1 else "center"
        canvas.words(at(share, 0)[0], floor + 11, figure, size=7.4, colour="faint", align=anchor)
    curve = [at(1 - x, 1 - y) for x, y in reversed(data["points"])]
    canvas.area([*curve, at(0, 0)], "s1", 0.16)
    canvas.line((at(0, 0), at(1, 1)), "soft", 0.8, dashes=(2.2, 2.2))
    canvas.line(curve, "s1", 1.8)
    x, y = at(0.2, data["top_share"])
    canvas.line((at(0.2, 0), (x, y)), "soft", 0.7, dashes=(1.2, 1.8))
    canvas.dots(((x, y),), "s1", 6.5)
    words = f"{paper.number(0.2, 'share')} → {paper.number(round(data['top_share'], 2), 'share')}"
    canvas.words(x + 7, y + 9, words, size=9, weight=700, halo=True)
    return canvas


def months(data: Data, paper: Paper) -> Canvas:
    """Draw revenue by month, months that the file holds only in part as outlines."""
    names, revenue = data["months"], data["revenue"]
    canvas = paper.canvas(150)
    ticks = [v for v in MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]).tick_values(0, max(*revenue, 1.0)) if v >= 0]
    labels = [paper.number(v, "money", data["currency"]) for v in ticks]
    left, right, top, floor = max(canvas.measure(text, 7.4) for text in labels) + 6, paper.width - 2, 8.0, 130.0
    for value, label in zip(ticks, labels, strict=True):
        y = floor - value / ticks[-1] * (floor - top)
        canvas.line(((left, y), (right, y)), "hair", 0.7)
        canvas.words(left - 5, y + 2.6, label, size=7.4, colour="faint", align="right")
    step = (right - left) / max(len(names), 1)
    end = -1e9
    for place, (name, value, complete) in enumerate(zip(names, revenue, data["complete"], strict=True)):
        x, y = left + place * step, floor - max(value, 0.0) / ticks[-1] * (floor - top)
        canvas.box(x + step * 0.14, y, step * 0.72, max(floor - y, 0.4), "s1" if complete else "below")
        half = canvas.measure(name, 7.4) / 2
        middle = min(x + step / 2, right - half)
        if middle - half > end + 5:
            end = middle + half
            canvas.words(middle, floor + 12, name, size=7.4, colour="faint", align="center")
    canvas.line(((left, floor), (right, floor)), "soft", 0.8)
    return canvas


CHARTS: Mapping[str, Callable[[Data, Paper], Canvas]] = MappingProxyType(
    {
        "linked_bars": linked_bars,
        "segment_map": segment_map,
        "distributions": distributions,
        "centres": centres,
        "lorenz": lorenz,
        "k_evidence": k_evidence,
        "scree": scree,
        "months": months,
        "alluvial": alluvial,
        "sparklines": sparklines,
    }
)
