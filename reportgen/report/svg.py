"""Drawings as SVG, with as few letters as say the same: a tenth of a point is finer than any screen."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from reportgen.report.canvas import RIM, Canvas, Point, Shape, Words, printable

LONGEST_TITLE = 600  # characters of the words that describe a chart
_ANCHORS = {"left": "", "center": "text-anchor:middle;", "right": "text-anchor:end;"}


def svg_file(canvas: Canvas, colour: Callable[[str], str]) -> str:
    """Return a drawing as a file of its own; ``colour`` makes "#13212E" or "var(--ink)" of the name of a token."""
    families = ", ".join(f"'{name}'" if " " in name else name for name in canvas.theme.text)
    root = f'font-family="{families}" xmlns="http://www.w3.org/2000/svg"'
    return _svg(canvas, colour, root)


def svg_inline(canvas: Canvas, colour: Callable[[str], str]) -> str:
    """Return a drawing as a part of an HTML page, whose fonts it takes."""
    return _svg(canvas, colour, 'role="img"')


def title_of(canvas: Canvas) -> str:
    """Return the words that describe a drawing, whatever characters they hold."""
    return printable(canvas.title[:LONGEST_TITLE])


def _svg(canvas: Canvas, colour: Callable[[str], str], root: str) -> str:
    title = f"<title>{escape(title_of(canvas), quote=False)}</title>" if canvas.title else ""
    drawn = "".join(_path(mark, colour) if isinstance(mark, Shape) else _text(mark, colour) for mark in canvas.marks)
    return f'<svg {root} viewBox="0 0 {_fine(canvas.width)} {_fine(canvas.height)}">{title}{drawn}</svg>'


def _path(mark: Shape, colour: Callable[[str], str]) -> str:
    style = [f"fill:{colour(mark.fill)}" if mark.fill else "fill:none"]
    if mark.alpha < 1:
        style.append(f"opacity:{_fine(mark.alpha)}")
    if mark.dashes:
        style.append("stroke-dasharray:" + ",".join(map(_fine, mark.dashes)))
    if mark.stroke:
        style += [f"stroke:{colour(mark.stroke)}", f"stroke-width:{_fine(mark.width)}"]
    if mark.fill and mark.stroke:
        style.append("stroke-linejoin:round")
    if len(mark.parts[0]) == 1:
        style.append("stroke-linecap:round")
    end = "z" if mark.fill else "h0" if len(mark.parts[0]) == 1 else ""
    path = "".join(f"M{_short(part)}{end}" for part in mark.parts)
    return f'<path d="{path}" style="{";".join(style)}"/>'


def _text(mark: Words, colour: Callable[[str], str]) -> str:
    weight = f"font-weight:{mark.weight};" if mark.weight != 400 else ""
    style = f"{weight}font-size:{_fine(mark.size)}px;{_ANCHORS[mark.align]}fill:{colour(mark.colour)}"
    place = f'x="{_fine(mark.x)}" y="{_fine(mark.y)}">{escape(mark.text, quote=False)}</text>'
    rim = f"stroke:{colour('ground')};stroke-width:{RIM};stroke-linejoin:round"
    halo = f'<text style="{rim};{style}" {place}' if mark.halo else ""
    return f'{halo}<text style="{style}" {place}'


def _short(part: tuple[Point, ...]) -> str:
    """Return points as numbers of one decimal, whole ones without it."""
    return "".join(f"{x:.1f} {y:.1f} " for x, y in part).replace(".0 ", " ")[:-1]


def _fine(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
