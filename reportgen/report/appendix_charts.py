"""Charts of the appendix: evidence for the number of segments, and what the axes of the map hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.ticker import MaxNLocator

from reportgen.report.canvas import Align, Canvas
from reportgen.report.paper import Paper

Data = Mapping[str, Any]


def k_evidence(data: Data, paper: Paper) -> Canvas:
    """Draw three small line charts over the number of segments: stability, silhouette, overlap."""
    series = [(name, data[name]) for name in ("stability", "silhouette", "jaccard") if any_value(data.get(name))]
    across = 1 if paper.width < 300 else 3
    gap, height = 20.0, 104.0
    width = (paper.width - gap * (across - 1)) / across
    rows = -(-len(series) // across)
    canvas = paper.canvas(max(rows, 1) * (height + 8) - 8)
    for place, (name, values) in enumerate(series):
        spot = (place % across * (width + gap), place // across * (height + 8), width)
        limit = data["threshold"] if name == "stability" else None
        title = paper.word(f"chart_{name}")
        _evidence(canvas, paper, (title, spot, limit), (data["ks"], values, data["chosen"]))
    return canvas


def any_value(values: Sequence[float | None] | None) -> bool:
    """Tell whether a series holds anything to draw."""
    return values is not None and any(value is not None for value in values)


def _evidence(
    canvas: Canvas, paper: Paper, panel: tuple[str, tuple[float, float, float], float | None],
    series: tuple[Sequence[int], Sequence[float | None], int],
) -> None:  # fmt: skip
    (title, (left, top, width), limit), (ks, values, chosen) = panel, series
    canvas.words(left, top + 8, canvas.shorten(title, width, 8.4, 600), size=8.4, weight=600)
    known = [(k, v) for k, v in zip(ks, values, strict=True) if v is not None]
    highest = max(1.0 if limit else 0.0, *(v for _, v in known)) * 1.12
    lowest = min(0.0, *(v for _, v in known), limit or 0.0)
    start, end, ceiling, floor = left + 24, left + width - 8, top + 24, top + 90

    def at(k: float, value: float) -> tuple[float, float]:
        x = start + (k - ks[0]) / max(ks[-1] - ks[0], 1) * (end - start)
        return x, floor - (value - lowest) / (highest - lowest) * (floor - ceiling)

    for tick in MaxNLocator(3, steps=[1, 2, 2.5, 5, 10]).tick_values(lowest, highest):
        if lowest <= tick <= highest:
            y = at(ks[0], tick)[1]
            canvas.line(((start, y), (end, y)), "hair", 0.7)
            canvas.words(left + 18, y + 2.6, paper.number(tick, "score"), size=7.4, colour="faint", align="right")
    if limit is not None:
        canvas.line((at(ks[0], limit), at(ks[-1], limit)), "soft", 0.8, dashes=(2.2, 2.2))
    canvas.line([at(k, v) for k, v in known], "soft", 1.2)
    canvas.dots([at(k, v) for k, v in known if k != chosen], "soft", 4.6)
    for k in ks:
        if len(ks) <= 12 or k == chosen or k % 4 == 0:
            weight, colour = (700, "ink") if k == chosen else (400, "faint")
            canvas.words(at(k, 0)[0], floor + 12, str(k), size=7.4, weight=weight, colour=colour, align="center")
    for k, value in known:
        if k == chosen:
            canvas.dots((at(k, value),), "accent", 8)
            figure = paper.number(value, "score")
            canvas.words(at(k, value)[0], at(k, value)[1] - 7, figure, size=8.4, weight=700, align="center", halo=True)


def scree(data: Data, paper: Paper) -> Canvas:
    """Draw the share of variance of every axis, and how each column leans on the first two."""
    loadings = data["loadings"]
    beside = paper.width >= 300
    half = 0.38 * paper.width if beside else paper.width
    shares = data["shares"][:10]
    bars_height, circle = 15.0 * len(shares) + 4, 170.0
    canvas = paper.canvas(max(bars_height, circle) if beside else bars_height + 12 + circle)
    widest = max(shares, default=1.0)
    for place, share in enumerate(shares):
        y = 15.0 * place
        canvas.words(0, y + 9, f"{paper.word('chart_axis')} {place + 1}", size=8, colour="soft")
        canvas.box(52, y + 2, max((half - 90) * share / widest, 0.5), 9, "soft" if place < 2 else "below")
        figure = paper.number(round(share, 3 if share < 0.1 else 2), "share")
        canvas.words(half - 2, y + 9, figure, size=8, weight=600, align="right")
    spot = (half + 10, 0.0, paper.width - half - 10) if beside else (0.0, bars_height + 12, paper.width)
    _loadings(canvas, loadings, spot)
    return canvas


def _loadings(canvas: Canvas, loadings: Sequence[tuple[str, float, float]], spot: tuple[float, float, float]) -> None:
    left, top, width = spot
    radius = 74.0 if width > 270 else 58.0
    x0, y0 = left + width / 2, top + 84
    angles = np.linspace(0, 2 * np.pi, 73)
    canvas.line([(x0 + radius * float(np.cos(a)), y0 + radius * float(np.sin(a))) for a in angles], "rule", 0.7)
    canvas.line(((x0 - radius, y0), (x0 + radius, y0)), "hair", 0.7)
    canvas.line(((x0, y0 - radius), (x0, y0 + radius)), "hair", 0.7)
    rows: list[float] = []
    longest = sorted(loadings, key=lambda row: -(row[1] ** 2 + row[2] ** 2))
    for place, (label, r1, r2) in enumerate(longest):
        x, y = x0 + radius * r1, y0 - radius * r2
        canvas.line(((x0, y0), (x, y)), "soft", 1.0)
        canvas.dots(((x, y),), "ink", 4.2)
        if place < 8:
            aside = 1 if r1 >= 0 else -1
            room = (left + width - x if aside > 0 else x - left) - 8
            lines = _in_lines(canvas, label, max(room, 30))
            line = _free_row(y + 2.8, rows, len(lines))
            rows += [line + 9.0 * step for step in range(len(lines))]
            align: Align = "left" if aside > 0 else "right"
            for step, words in enumerate(lines):
                at = (x + 6 * aside, line + 9.0 * step)
                canvas.words(*at, words, size=7.8, weight=600, align=align, halo=True)


def _in_lines(canvas: Canvas, label: str, room: float) -> list[str]:
    """Return a label in one line, or in two where it is too long; what does not fit even then is cut."""
    if canvas.measure(label, 7.8, 600) <= room or " " not in label:
        return [canvas.shorten(label, room, 7.8, 600)]
    words = label.split()
    cuts = [(" ".join(words[:place]), " ".join(words[place:])) for place in range(1, len(words))]
    best = min(cuts, key=lambda cut: max(canvas.measure(part, 7.8, 600) for part in cut))
    return [canvas.shorten(part, room, 7.8, 600) for part in best]


def _free_row(wanted: float, taken: Sequence[float], lines: int = 1) -> float:
    """Return the line nearest to the wanted one from which ``lines`` lines keep 9 points away from all others."""
    steps = [wanted + 9.0 * step * sign for step in range(12) for sign in (1, -1)]
    return next((y for y in steps if all(y + 9 * (lines - 1) <= o - 9 or y >= o + 9 for o in taken)), wanted)
