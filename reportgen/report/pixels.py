"""Drawings as pixels, painted by matplotlib, for where SVG is not shown."""

from __future__ import annotations

import logging
import math
import warnings
from typing import Any

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.font_manager import FontProperties, fontManager
from matplotlib.path import Path
from matplotlib.transforms import Affine2D
from PIL import Image

from reportgen.report.canvas import RIM, Canvas, Point, Shape, Words
from reportgen.report.theme import Theme

_SHARE = {"left": 0.0, "center": 0.5, "right": 1.0}
_AROUND = 4  # pixels around a layer, for soft edges


def image_of(canvas: Canvas, scale: float) -> Image.Image:
    """Return a drawing in the theme's light colours on a transparent ground, ``scale`` pixels to a point."""
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)  # fonts of last resort lack weights
    easel = _Easel(math.ceil(canvas.width * scale), math.ceil(canvas.height * scale), scale, canvas.theme)
    with matplotlib.rc_context({"text.parse_math": False}), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # letters that no font of this machine has
        for mark in canvas.marks:
            if isinstance(mark, Words):
                easel.write(mark)
            elif mark.fill and mark.stroke and mark.alpha < 1:  # they overlap: see through both at once
                easel.glaze(mark)
            else:
                easel.trace(mark, mark.alpha)
    return easel.image()


class _Easel:
    """A sheet of pixels; places are points from the top left of the drawing, of which it may be a part."""

    def __init__(self, width: int, height: int, scale: float, theme: Theme, corner: Point = (0.0, 0.0)):
        painter: Any = RendererAgg
        self._paint = painter(width, height, 72 * scale)
        self._scale = scale
        self._theme = theme
        left, top = corner
        self._place = Affine2D().translate(-left, -top).scale(scale, -scale).translate(0, height)
        self._families = _installed(theme)

    def image(self) -> Image.Image:
        return Image.fromarray(np.asarray(self._paint.buffer_rgba()), "RGBA")

    def trace(self, mark: Shape, alpha: float) -> None:
        brush = self._paint.new_gc()
        brush.set_alpha(alpha)
        brush.set_foreground(self._theme.light[mark.stroke or mark.fill])
        brush.set_linewidth(mark.width if mark.stroke else 0)
        brush.set_snap(False)
        if mark.dashes:
            brush.set_dashes(0, mark.dashes)
        if mark.fill:
            brush.set_joinstyle("round")
        if len(mark.parts[0]) == 1:
            brush.set_capstyle("round")
        fill = matplotlib.colors.to_rgb(self._theme.light[mark.fill]) if mark.fill else None
        self._paint.draw_path(brush, _path(mark), self._place, fill)

    def glaze(self, mark: Shape) -> None:
        """Trace a shape on a layer of its own that is seen through as a whole."""
        points = np.array([point for part in mark.parts for point in part])
        margin = mark.width / 2 + _AROUND / self._scale
        left, top = np.floor((points.min(axis=0) - margin) * self._scale) / self._scale
        width, height = np.ceil((points.max(axis=0) + margin - (left, top)) * self._scale).astype(int)
        layer = _Easel(int(width), int(height), self._scale, self._theme, (left, top))
        layer.trace(mark, 1.0)
        seen = np.array(layer.image())
        seen[..., 3] = np.round(seen[..., 3] * mark.alpha)
        x, y = self._place.transform((left, top))
        self._paint.draw_image(self._paint.new_gc(), round(x), round(y) - int(height), seen[::-1])

    def write(self, mark: Words) -> None:
        font = FontProperties(family=self._families, size=mark.size, weight=mark.weight)
        width = self._paint.get_text_width_height_descent(mark.text, font, False)[0]
        x, y = self._place.transform((mark.x, mark.y))
        left, baseline = x - _SHARE[mark.align] * width, self._paint.height - y
        brush = self._paint.new_gc()
        if mark.halo:
            brush.set_foreground(self._theme.light["ground"])
            for turn in np.arange(12) * math.pi / 6:
                right, down = RIM / 2 * self._scale * np.array((math.cos(turn), math.sin(turn)))
                self._paint.draw_text(brush, left + right, baseline + down, mark.text, font, 0)
        brush.set_foreground(self._theme.light[mark.colour])
        self._paint.draw_text(brush, left, baseline, mark.text, font, 0)


def _path(mark: Shape) -> Path:
    """Return the lines of a shape; this painter skips a line without length, so a dot has one too short to be seen."""
    points: list[Point] = []
    codes: list[Any] = []
    for part in mark.parts:
        line = list(part)
        if mark.fill:
            line.append(part[0])
        elif len(part) == 1:
            line.append((part[0][0] + 0.02, part[0][1]))
        points += line
        codes += [Path.MOVETO, *[Path.LINETO] * (len(line) - 2), Path.CLOSEPOLY if mark.fill else Path.LINETO]
    path = Path(points, codes)
    path.should_simplify = False
    return path


def _installed(theme: Theme) -> list[str]:
    """Return the families of the theme that this machine has, its own first."""
    known = {entry.fname for entry in fontManager.ttflist}
    for face in theme.faces:
        if (path := str(face.print_file)) not in known:
            fontManager.addfont(path)
    installed = {entry.name for entry in fontManager.ttflist}
    return [name for name in theme.text if name in installed]
