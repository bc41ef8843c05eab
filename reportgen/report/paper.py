"""What every chart needs to know about the sheet it is drawn on: width, theme and language."""

from __future__ import annotations

from dataclasses import dataclass

from reportgen.locales import phrases
from reportgen.report.canvas import Canvas
from reportgen.report.theme import Theme
from reportgen.report.wording import format_quantity
from reportgen.segments.model import SegmentRef
from reportgen.values import Kind, Quantity

HALF = 233.0  # points across half of the text of an A4 page


@dataclass(frozen=True)
class Paper:
    """A sheet ``width`` points wide; ``narrow`` is a telephone."""

    width: float
    theme: Theme
    language: str
    narrow: bool = False

    def canvas(self, height: float) -> Canvas:
        """Return an empty canvas of this width."""
        return Canvas(self.width, height, self.theme)

    def colour(self, segment: SegmentRef) -> str:
        """Return the colour token of a segment."""
        return self.theme.colour(segment.colour)

    def number(self, value: float, kind: Kind = "number", unit: str = "") -> str:
        """Return a value as a short label in the report's language."""
        decimals = None if kind == "score" else _decimals(value * 100 if kind == "share" else value)
        return format_quantity(Quantity(value, kind, unit, decimals), self.language)

    def word(self, key: str) -> str:
        """Return a word of the frame in the report's language."""
        return phrases(self.language)[f"layout.{key}"]


def _decimals(value: float) -> int:
    return next((digits for digits in range(4) if abs(round(value, digits) - value) < 1e-9 * max(1, abs(value))), 3)
