"""A sheet of paper for charts: lines, areas, dots and words in points, drawn by matplotlib, coloured by token."""

from __future__ import annotations

import io
import re
import unicodedata
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from html import escape, unescape
from pathlib import Path as FilePath
from typing import Any, Literal, TypedDict, Unpack

import matplotlib
import numpy as np
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, fontManager, get_font
from matplotlib.ft2font import LoadFlags
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D, IdentityTransform

from reportgen.report.theme import Face, Theme

Point = tuple[float, float]
Align = Literal["left", "center", "right"]

_STYLE: dict[Any, Any] = {"svg.fonttype": "none", "svg.hashsalt": "reportgen", "text.parse_math": False}
_STAND_IN = "#f0e{:03x}"  # what matplotlib sees in place of the token with that number
_HALO = '<text stroke-width="2.6" stroke-linejoin="round" style="stroke: \ue000ground\ue001; '
_OPEN, _CLOSE = "\ue000", "\ue001"  # around the name of a colour in a finished drawing
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff\ue000\ue001\ufffe\uffff]")
LONGEST_TITLE = 600  # characters of the words that describe a chart
_METADATA = dict.fromkeys(("Date", "Creator", "Format", "Type"))


class WordStyle(TypedDict, total=False):
    """How words are written: 8 points, regular, in ink, from the left, unless told otherwise."""

    size: float
    weight: int
    colour: str
    align: Align
    halo: bool  # a rim in the colour of the ground keeps dots and lines off the letters


class Canvas:
    """A drawing ``width`` by ``height`` points, origin at the top left; colours are token names of the theme."""

    def __init__(self, width: float, height: float, theme: Theme) -> None:
        self.width = width
        self.height = height
        self._theme = theme
        self._tokens = tuple(theme.light)
        self._figure = Figure(figsize=(width / 72, height / 72), dpi=72, frameon=False)
        FigureCanvasSVG(self._figure)

    def line(self, points: Iterable[Point], colour: str, width: float = 0.8, *, dashes: Sequence[float] = ()) -> None:
        """Draw a line through points."""
        style = (0.0, tuple(dash / width for dash in dashes)) if dashes else "solid"
        self._add(self._path(points), fill=False, edgecolor=self._hex(colour), linewidth=width, linestyle=style)

    def area(self, points: Iterable[Point], colour: str, alpha: float | None = None, *, edge: float = 0.0) -> None:
        """Fill a polygon; ``edge`` grows it by a stroke with round corners."""
        style = {"linewidth": edge, "joinstyle": "round"} if edge else {"linewidth": 0}
        shade = self._hex(colour)
        self._add(self._path(points, closed=True), facecolor=shade, edgecolor=shade, alpha=alpha, **style)

    def box(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        """Fill a rectangle."""
        self.area(((x, y), (x + width, y), (x + width, y + height), (x, y + height)), colour)

    def dots(self, points: Iterable[Point], colour: str, size: float, alpha: float | None = None) -> None:
        """Draw dots as one path of lines without length and with round ends, cheap however many there are."""
        ends = [(x, self.height - y) for x, y in points for _ in (0, 1)]
        if ends:
            path = Path(ends, [Path.MOVETO, Path.LINETO] * (len(ends) // 2))
            style = {"fill": False, "capstyle": "round", "alpha": alpha, "linewidth": size}
            self._add(path, edgecolor=self._hex(colour), **style)

    def words(self, x: float, y: float, text: str, **style: Unpack[WordStyle]) -> None:
        """Write a line of text whose baseline starts, is centred or ends at a point."""
        size, weight = style.get("size", 8), style.get("weight", 400)
        if any(unicodedata.bidirectional(character) in ("R", "AL") for character in text):
            self._outlines(x, y, text, style)
            return
        font = FontProperties(family=self._theme.text[0], size=size, weight=weight)
        look: dict[str, Any] = {"fontproperties": font, "ha": style.get("align", "left")}
        place = (x, self.height - y, printable(text))
        if style.get("halo"):
            self._figure.add_artist(_Words(*place, color=self._hex("ground"), gid="halo", **look))
        self._figure.add_artist(_Words(*place, color=self._hex(style.get("colour", "ink")), **look))

    def _outlines(self, x: float, y: float, text: str, style: WordStyle) -> None:
        """Draw a line of right-to-left text as outlines: print places the letters of a drawing one by one."""
        _register(self._theme.faces)
        installed = {entry.name for entry in fontManager.ttflist}
        families = [name for name in self._theme.text if name in installed]
        font = FontProperties(family=families, weight=style.get("weight", 400))
        visible = "".join(letter for letter in printable(text) if unicodedata.category(letter) != "Cf")
        letters = TextPath((0, 0), visible, size=style.get("size", 8), prop=font)
        fine = [
            np.asarray(shape, dtype=np.float64) / 20 for shape in letters.to_polygons(Affine2D().scale(20))
        ]  # no curves: lines are all we keep
        outline = Path.make_compound_path(*(Path(shape, closed=True) for shape in fine))
        box = outline.get_extents()
        back = {"left": box.x0, "center": (box.x0 + box.x1) / 2, "right": box.x1}[style.get("align", "left")]
        path = outline.transformed(Affine2D().translate(x - back, self.height - y))
        if style.get("halo"):
            ground = self._hex("ground")
            self._add(path.deepcopy(), facecolor=ground, edgecolor=ground, linewidth=2.6, joinstyle="round")
        self._add(path, facecolor=self._hex(style.get("colour", "ink")), linewidth=0)

    def badge(self, x: float, y: float, letter: str, colour: str, radius: float = 6.5) -> None:
        """Draw the mark of a segment: a letter on a disc with a thin rim in the colour of the ground."""
        self.dots(((x, y),), "ground", 2 * radius + 1.6)
        self.dots(((x, y),), colour, 2 * radius)
        size = radius * (1.25 if len(letter) == 1 else 0.95)
        self.words(x, y + size * 0.345, letter, size=size, weight=700, colour=f"{colour}-on", align="center")

    def measure(self, text: str, size: float = 8, weight: int = 400) -> float:
        """Return the width of a text in points."""
        advance = _advances(self._face(weight))
        return sum(advance(character) for character in text) * size

    def shorten(self, text: str, room: float, size: float = 8, weight: int = 400) -> str:
        """Return the text, cut with an ellipsis where it is wider than ``room`` points."""
        if self.measure(text, size, weight) <= room:
            return text
        kept = text[:200]
        while kept and self.measure(kept + "…", size, weight) > room:
            kept = kept[:-1]
        return kept.rstrip() + "…"

    def svg(self) -> str:
        """Return the drawing as SVG whose colours are token names in braces, for ``paint``."""
        _register(self._theme.faces)
        buffer = io.StringIO()
        with matplotlib.rc_context(_STYLE), warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # letters that only fonts of the reader's system have
            self._figure.canvas.print_svg(buffer, metadata=_METADATA)  # type: ignore[attr-defined]
        families = ", ".join(f"'{name}'" if " " in name else name for name in self._theme.text)
        return _tidy(buffer.getvalue(), self._tokens, families)

    def _add(self, path: Path, **style: Any) -> None:
        path.should_simplify = False
        self._figure.add_artist(PathPatch(path, transform=IdentityTransform(), clip_on=False, **style))

    def _path(self, points: Iterable[Point], closed: bool = False) -> Path:
        flipped = [(x, self.height - y) for x, y in points]
        return Path([*flipped, flipped[0]], closed=True) if closed else Path(flipped)

    def _hex(self, token: str) -> str:
        return _STAND_IN.format(self._tokens.index(token))

    def _face(self, weight: int) -> FilePath:
        own = [face for face in self._theme.faces if face.family == self._theme.text[0]]
        return min(own, key=lambda face: abs(face.weight - weight)).print_file


class _Words(Text):
    """Text that is written where it stands: no layout, no bounding box, which is most of the cost of a text."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, transform=IdentityTransform(), clip_on=False, **kwargs)

    def draw(self, renderer: Any) -> None:
        gc = renderer.new_gc()
        gc.set_foreground(self.get_color())
        renderer.open_group("halo" if self.get_gid() else "words")
        x, y = self.get_position()
        renderer.draw_text(gc, x, renderer.height - y, self.get_text(), self.get_fontproperties(), 0, mtext=self)
        renderer.close_group("words")
        gc.restore()


def paint(drawing: str, colour: Callable[[str], str]) -> str:
    """Replace every token in a drawing by what ``colour`` makes of its name: "#13212E" or "var(--ink)"."""
    return re.sub(f"{_OPEN}([a-z0-9-]+){_CLOSE}", lambda match: colour(match[1]), drawing)


def for_print(drawing: str, theme: Theme) -> str:
    """Return a drawing that looks the same and costs WeasyPrint half as much.

    Text that is centred or ends at a point starts where that puts it, opacity is that of the only ink, and style is
    plain attributes: an anchor or a group's opacity is a drawing of its own in the PDF, a style sheet to parse each.
    """
    faces = [face for face in theme.faces if face.family == theme.text[0]]
    return re.sub(r"<(text|path) ([^>]*)>([^<]*)", lambda tag: _plain_tag(tag, faces), drawing)


def _plain_tag(tag: re.Match[str], faces: Sequence[Face]) -> str:
    end = "/" if tag[2].endswith("/") else ""
    pairs: dict[str, str] = dict(re.findall(r'([a-z-]+)="([^"]*)"', tag[2]))
    for declaration in pairs.pop("style", "").split(";"):
        name, _, value = declaration.partition(":")
        if name:
            pairs[name.strip()] = value.strip()
    inks = [name for name in ("fill", "stroke") if pairs.get(name, "none" if name == "stroke" else "") != "none"]
    if "opacity" in pairs and len(inks) == 1:
        pairs[f"{inks[0]}-opacity"] = pairs.pop("opacity")
    if "text-anchor" in pairs and (width := _width(unescape(tag[3]), pairs, faces)) is not None:
        share = {"middle": 0.5, "end": 1.0}[pairs.pop("text-anchor")]
        pairs["x"] = f"{float(pairs['x']) - share * width:.2f}"
    return f"<{tag[1]} " + " ".join(f'{name}="{value}"' for name, value in pairs.items()) + f"{end}>{tag[3]}"


def _width(text: str, style: Mapping[str, str], faces: Sequence[Face]) -> float | None:
    """Return the width of a text in points, or None where only other fonts have all its letters."""
    weight = int(style.get("font-weight", 400))
    path = min(faces, key=lambda face: abs(face.weight - weight)).print_file
    font = get_font(str(path))
    if not all(font.get_char_index(ord(letter)) and not unicodedata.combining(letter) for letter in text):
        return None
    return sum(map(_advances(path), text)) * float(style["font-size"].removesuffix("px"))


def describe(drawing: str, title: str) -> str:
    """Put a title into a drawing for those who can't see it; any words, whatever characters they hold."""
    head, rest = drawing.split(">", 1)
    return f"{head}><title>{escape(printable(title[:LONGEST_TITLE]), quote=False)}</title>{rest}"


def printable(text: str) -> str:
    """Return a text without the characters that XML forbids or that turn the direction of what follows."""
    return _UNPRINTABLE.sub("□", text)


def _tidy(svg: str, tokens: Sequence[str], families: str) -> str:
    """Drop prolog, metadata, groups and digits that nobody sees, and name the colours."""
    body = svg[svg.index("<svg ") :]
    body = re.sub(r'<g id="halo[^>]*>\s*<text style="', _HALO, body)
    body = re.sub(r"<metadata>.*?</metadata>|<defs>.*?</defs>|</?g\b[^>]*>|<!--.*?-->", "", body, flags=re.DOTALL)
    body = re.sub(r"<[^>]*>", lambda match: _short_tag(match[0], tokens), re.sub(r">\s+<", "><", body)).strip()
    root = re.search(r'<svg [^>]*viewBox="([^"]*)"[^>]*>', body)
    assert root is not None
    return f'<svg viewBox="{root[1]}" font-family="{families}" xmlns="http://www.w3.org/2000/svg">{body[root.end() :]}'


def _short_tag(tag: str, tokens: Sequence[str]) -> str:
    """Write one tag of a drawing with as few letters as say the same: a tenth of a point is finer than any print."""
    tag = re.sub(
        r'font-family: [^;]*; |; stroke-linejoin: miter|text-anchor: start; | transform="rotate[^"]*"', "", tag
    )
    tag = re.sub(r"\d+\.\d+", lambda number: f"{float(number[0]):.2f}".rstrip("0").rstrip("."), tag)
    tag = re.sub(r' d="([^"]*)"', lambda path: f' d="{_short_path(path[1])}"', tag)
    tag = re.sub(r"(?<=[;:]) |(?<=\d) (?=\")", "", tag)
    return re.sub(r"#f0e([0-9a-f]{3})", lambda hit: f"{_OPEN}{tokens[int(hit[1], 16)]}{_CLOSE}", tag)


def _short_path(path: str) -> str:
    path = re.sub(r"\d+\.\d+", lambda number: f"{float(number[0]):.1f}".removesuffix(".0"), " ".join(path.split()))
    path = re.sub(r"M (\S+ \S+) L \1(?= M|$)", r"M\1h0", path)
    return path.replace(" L ", " ").replace("M ", "M").replace(" M", "M").replace(" z", "z")


@cache
def _register(faces: tuple[Face, ...]) -> None:
    known = {entry.fname for entry in fontManager.ttflist}
    for face in faces:
        if (path := str(face.print_file)) not in known:
            fontManager.addfont(path)


@cache
def _advances(path: FilePath) -> Callable[[str], float]:
    font = get_font(str(path))

    @cache
    def advance(character: str) -> float:
        glyph = font.get_char_index(ord(character))
        if not glyph:
            return 1.0 if ord(character) > 0x2E7F else 0.6
        return float(font.load_glyph(glyph, LoadFlags.NO_SCALE).horiAdvance) / float(font.units_per_EM)

    return advance
