"""A sheet of paper for charts: lines, areas, dots and words in points, each in a colour token of the theme."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, TypedDict, Unpack

from matplotlib.font_manager import get_font
from matplotlib.ft2font import LoadFlags

from reportgen.report.theme import Theme

Point = tuple[float, float]
Align = Literal["left", "center", "right"]

RIM = 2.6  # points across the rim around words with a halo
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff\ufffe\uffff]")


class WordStyle(TypedDict, total=False):
    """How words are written: 8 points, regular, in ink, from the left, unless told otherwise."""

    size: float
    weight: int
    colour: str
    align: Align
    halo: bool  # a rim in the colour of the ground keeps dots and lines off the letters


@dataclass(frozen=True, slots=True)
class Shape:
    """Lines, dots or one area of the same look; a part of a single point is a dot as wide as the stroke."""

    parts: tuple[tuple[Point, ...], ...]
    fill: str = ""  # colour tokens, "" for none
    stroke: str = ""
    width: float = 0.0  # of the stroke; an area's has round corners
    alpha: float = 1.0
    dashes: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Words:
    """A line of text whose baseline starts, is centred or ends at a point."""

    x: float
    y: float
    text: str
    size: float
    weight: int
    colour: str
    align: Align
    halo: bool


class Canvas:
    """A drawing ``width`` by ``height`` points, origin at the top left; colours are token names of the theme.

    ``marks`` is what was drawn, from back to front; ``title`` says it for those who can't see it.
    """

    def __init__(self, width: float, height: float, theme: Theme) -> None:
        self.width = width
        self.height = height
        self.title = ""
        self.theme = theme
        self.marks: list[Shape | Words] = []
        self._type: dict[int, Callable[[str], float]] = {}  # width of every letter, by weight

    def line(self, points: Iterable[Point], colour: str, width: float = 0.8, *, dashes: Sequence[float] = ()) -> None:
        """Draw a line through points."""
        self.marks.append(Shape((tuple(points),), stroke=colour, width=width, dashes=tuple(dashes)))

    def area(self, points: Iterable[Point], colour: str, alpha: float = 1.0, *, edge: float = 0.0) -> None:
        """Fill a polygon; ``edge`` grows it by a stroke with round corners."""
        self.marks.append(Shape((tuple(points),), colour, colour if edge else "", edge, alpha))

    def box(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        """Fill a rectangle."""
        self.area(((x, y), (x + width, y), (x + width, y + height), (x, y + height)), colour)

    def dots(self, points: Iterable[Point], colour: str, size: float, alpha: float = 1.0) -> None:
        """Draw dots, cheap however many there are."""
        if parts := tuple((point,) for point in points):
            self.marks.append(Shape(parts, stroke=colour, width=size, alpha=alpha))

    def words(self, x: float, y: float, text: str, **style: Unpack[WordStyle]) -> None:
        """Write a line of text whose baseline starts, is centred or ends at a point."""
        look = (style.get("size", 8), style.get("weight", 400), style.get("colour", "ink"))
        if text:
            mark = Words(x, y, printable(text), *look, style.get("align", "left"), style.get("halo", False))
            self.marks.append(mark)

    def badge(self, x: float, y: float, letter: str, colour: str, radius: float = 6.5) -> None:
        """Draw the mark of a segment: a letter on a disc with a thin rim in the colour of the ground."""
        self.dots(((x, y),), "ground", 2 * radius + 1.6)
        self.dots(((x, y),), colour, 2 * radius)
        size = radius * (1.25 if len(letter) == 1 else 0.95)
        self.words(x, y + size * 0.345, letter, size=size, weight=700, colour=f"{colour}-on", align="center")

    def measure(self, text: str, size: float = 8, weight: int = 400) -> float:
        """Return the width of a text in points."""
        if weight not in self._type:
            self._type[weight] = _advances(_file(self.theme, weight))
        return sum(map(self._type[weight], text)) * size

    def shorten(self, text: str, room: float, size: float = 8, weight: int = 400) -> str:
        """Return the text, cut with an ellipsis where it is wider than ``room`` points."""
        if self.measure(text, size, weight) <= room:
            return text
        kept = text[:200]
        while kept and self.measure(kept + "…", size, weight) > room:
            kept = kept[:-1]
        return kept.rstrip() + "…"


def printable(text: str) -> str:
    """Return a text without the characters that XML forbids or that turn the direction of what follows."""
    return _UNPRINTABLE.sub("□", text)


def _file(theme: Theme, weight: int) -> Path:
    own = [face for face in theme.faces if face.family == theme.text[0]]
    return min(own, key=lambda face: abs(face.weight - weight)).print_file


@cache
def _advances(path: Path) -> Callable[[str], float]:
    font = get_font(str(path))

    @cache
    def advance(character: str) -> float:
        glyph = font.get_char_index(ord(character))
        if not glyph:
            return 1.0 if ord(character) > 0x2E7F else 0.6
        return float(font.load_glyph(glyph, LoadFlags.NO_SCALE).horiAdvance) / float(font.units_per_EM)

    return advance
