"""The charts of the letter as PNG: on a white card, in few colours, small enough for a mail."""

from __future__ import annotations

import io

from PIL import Image

from reportgen.report.charts import CHARTS
from reportgen.report.model import Figure
from reportgen.report.paper import Paper
from reportgen.report.pixels import image_of
from reportgen.report.theme import Theme

SHOWN = 552  # CSS pixels of the widest place for it
LARGEST, LARGEST_TOGETHER = 150_000, 300_000  # bytes
_WIDTH, _MARGIN = 2 * SHOWN, 32  # pixels
_POINTS = 300.0  # wide enough for a desk, narrow enough that words can be read on a telephone
_WAYS = ((64, 6, 60_000), (64, 9, LARGEST), (32, 9, LARGEST))  # colours, how hard to compress, most bytes


def draw_png(figure: Figure, theme: Theme, language: str) -> bytes:
    """Return a chart as PNG, 1104 pixels wide on a white card; b"" where it would be too large for a mail."""
    canvas = CHARTS[figure.chart](figure.data, Paper(_POINTS, theme, language, narrow=True))
    drawn = image_of(canvas, (_WIDTH - 2 * _MARGIN) / _POINTS)
    card = Image.new("RGB", (_WIDTH, drawn.height + 2 * _MARGIN), "white")
    card.paste(drawn, (_MARGIN, _MARGIN), drawn)
    for colours, effort, most in _WAYS:
        png = _quantised(card, colours, effort)
        if len(png) <= most:
            return png
    return b""


def _quantised(card: Image.Image, colours: int, effort: int) -> bytes:
    few = card.quantize(colours, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    out = io.BytesIO()
    few.save(out, "PNG", compress_level=effort)
    return out.getvalue()
