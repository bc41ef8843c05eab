"""Drawings as WeasyPrint prints them: straight to the page, each line of text set whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from weasyprint.css.properties import INITIAL_VALUES
from weasyprint.matrix import Matrix
from weasyprint.svg.text import Style, TextBox
from weasyprint.text.ffi import pango
from weasyprint.text.fonts import FontConfiguration
from weasyprint.text.line_break import create_layout, line_size

from reportgen.report.canvas import RIM, Canvas, Shape, Words
from reportgen.report.lines import draw_once

_SHARE = {"left": 0.0, "center": 0.5, "right": 1.0}
_SIZE = 9.7 * 4 / 3  # of the page's own text, in WeasyPrint's pixels
_ROUND = 1  # of line ends and corners, in PDF


class Line(NamedTuple):
    """A text at ``_SIZE``: as WeasyPrint draws it, and how wide it is."""

    box: TextBox
    width: float


class Type:
    """The lines of one document's drawings, each set once, all at one size: a new size costs a search for fonts."""

    def __init__(self, fonts: FontConfiguration, language: str, absent: Mapping[int, str]) -> None:
        """``absent`` maps letters that no font has to what is printed in their place."""
        self._fonts = fonts
        self._language = language
        self._absent = dict(absent)
        self._lines: dict[tuple[str, int, tuple[str, ...]], Line] = {}

    def line(self, text: str, weight: int, families: tuple[str, ...]) -> Line:
        """Return a text set in the first of the families that has its letters."""
        key = (text, weight, families)
        if key not in self._lines:
            style = Style(INITIAL_VALUES)
            style |= {"font_family": families, "font_size": _SIZE, "font_weight": weight, "lang": self._language}
            style.font_config = self._fonts
            layout = create_layout(text.translate(self._absent), style, None, None, 0)
            pango.pango_layout_set_single_paragraph_mode(
                layout.layout, True
            )  # as drawing does, which would set it anew
            width = line_size(layout.get_first_line()[0], style)[0]
            self._lines[key] = Line(TextBox(layout, style), width)
        return self._lines[key]


class Plate:
    """A drawing in place of one of WeasyPrint's images, which would parse an SVG and set its text letter by letter."""

    def __init__(self, canvas: Canvas, type_: Type) -> None:
        self._canvas = canvas
        self._type = type_

    def get_intrinsic_size(self, *_: Any) -> tuple[None, None, float]:
        """Return width, height and their ratio: a drawing fills the room it is given."""
        return None, None, self._canvas.width / self._canvas.height

    def draw(self, stream: Any, width: float, height: float, _: Any) -> None:
        """Draw on a page's stream, origin and ``width`` by ``height`` pixels as WeasyPrint has them."""
        with stream.stacked():
            stream.transform(a=width / self._canvas.width, d=height / self._canvas.height)
            for mark in self._canvas.marks:
                if isinstance(mark, Words):
                    self._set(stream, mark)
                elif mark.alpha < 1 and mark.fill and mark.stroke:  # they overlap: see through both at once
                    group = stream.add_group(0, 0, self._canvas.width, self._canvas.height)
                    self._trace(group, mark, 1.0)
                    stream.set_alpha(mark.alpha, stroke=True, fill=True)
                    stream.draw_x_object(group.id)
                else:
                    self._trace(stream, mark, mark.alpha)

    def _trace(self, stream: Any, mark: Shape, alpha: float) -> None:
        with stream.stacked():
            if mark.fill:
                self._dip(stream, mark.fill, alpha)
            if mark.stroke:
                self._dip(stream, mark.stroke, alpha, stroke=True)
                stream.set_line_width(mark.width)
            if mark.dashes:
                stream.set_dash(mark.dashes, 0)
            if mark.fill and mark.stroke:
                stream.set_line_join(_ROUND)
            if len(mark.parts[0]) == 1:
                stream.set_line_cap(_ROUND)
            stream.stream.append("\n".join(map(_path, mark.parts)).encode())
            if mark.fill and mark.stroke:
                stream.fill_stroke_and_close()
            elif mark.fill:
                stream.fill()
            else:
                stream.stroke()

    def _set(self, stream: Any, mark: Words) -> None:
        line = self._type.line(mark.text, mark.weight, self._canvas.theme.text)
        scale = mark.size / _SIZE
        x = mark.x - _SHARE[mark.align] * line.width * scale
        for rim in (True, False) if mark.halo else (False,):
            with stream.stacked():
                if rim:
                    stream.set_line_width(RIM)
                    stream.set_line_join(_ROUND)
                    self._dip(stream, "ground", 1.0, stroke=True)
                self._dip(stream, mark.colour, 1.0)
                stream.begin_text()
                stream.set_text_rendering(1 if rim else 0)
                draw_once(stream, line.box, "none", "none", Matrix(a=scale, d=-scale, e=x, f=mark.y))
                stream.end_text()

    def _dip(self, stream: Any, token: str, alpha: float, stroke: bool = False) -> None:
        code = self._canvas.theme.light[token]
        stream.set_alpha(alpha, stroke)
        stream.set_color_rgb(*(int(code[place : place + 2], 16) / 255 for place in (1, 3, 5)), stroke)


def _path(part: tuple[tuple[float, float], ...]) -> str:
    (x, y), *others = part
    lines = " ".join(f"{x:.2f} {y:.2f} l" for x, y in others or part)
    return f"{x:.2f} {y:.2f} m {lines}"
