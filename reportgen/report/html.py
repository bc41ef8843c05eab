"""The report as one HTML file that needs no network and no script."""

from __future__ import annotations

import base64
import re
import traceback
from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, Literal

from jinja2 import BaseLoader, Environment, StrictUndefined, TemplateError, TemplateNotFound, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from reportgen.config import Config
from reportgen.errors import ConfigError
from reportgen.locales import phrases
from reportgen.report.branding import theme_of
from reportgen.report.canvas import Canvas, printable
from reportgen.report.cells import are_slim, lay_out
from reportgen.report.charts import draw, draw_all, draw_cover
from reportgen.report.model import Figure, Report
from reportgen.report.page_fonts import PLACE, with_fonts
from reportgen.report.svg import svg_file, svg_inline
from reportgen.report.theme import Theme, theme_file
from reportgen.report.wording import format_quantity, shorten, unit_text
from reportgen.values import Quantity

Mode = Literal["screen", "print"]
LONGEST_LABEL = 120  # characters of a heading, a name or a tile
LONGEST_PARAGRAPH = 2000
UNDATED = "2000-01-01"  # the date in the metadata of a report whose data have no dates


def render_html(report: Report, config: Config | None = None, drawings: Mapping[str, Canvas] | None = None) -> str:
    """Return the report as a self-contained HTML page.

    ``drawings`` are the charts by figure name (``charts.draw_all``) where another writer has drawn them already.
    Raises ConfigError where a template of the user's folder can't be used.
    """
    theme = theme_of(config or Config())
    shared = draw_all(report, theme) if drawings is None else drawings
    return fill_template(report, theme, "screen", drawer(report, theme, shared))


def drawer(report: Report, theme: Theme, shared: Mapping[str, Canvas]) -> Callable[[Figure], Markup]:
    """Return what makes the markup of a chart on the screen: the drawing, and one for narrow screens."""

    def picture(figure: Figure) -> Markup:
        wide = _inline(shared[figure.name])
        if figure.width == "half":
            return wide
        narrow = _inline(draw(figure, report, theme, narrow=True))
        return Markup('<div class="wide">{}</div><div class="narrow">{}</div>').format(wide, narrow)

    return picture


def fill_template(
    report: Report,
    theme: Theme,
    mode: Mode,
    picture: Callable[[Figure], Markup],
    tight: Mapping[str, int] = MappingProxyType({}),
) -> str:
    """Return ``report.html.j2`` filled in for the screen or for print; ``picture`` makes the markup of a chart.

    ``tight`` says which sections must be set closer to fit their pages, by id, from 1 to 3. The template's variables
    are report, mode, css, cover and logo (data URIs, "" for none), date, created, tight, word, fmt, unit, rows,
    slim, colour, picture, kind, the filters short and bound; everything else is in the report (docs/templates.md).
    """
    cover = Markup(_background(draw_cover(report, theme)))
    date = format_quantity(Quantity(report.date, "date"), report.language, "prose") if report.date else ""
    return fill(
        theme,
        "report.html.j2",
        report=report,
        mode=mode,
        css=style_sheet(theme, mode, letter=report.paper == "Letter", tight=bool(tight)),
        cover=cover,
        logo=theme.logo,
        date=date,
        created=report.date or UNDATED,
        tight=tight,
        **page_functions(report, theme, picture),
    )


def page_functions(
    report: Report, theme: Theme, picture: Callable[[Figure], Markup]
) -> Mapping[str, Callable[..., Any]]:
    """Return the functions that the macros of ``blocks.html.j2`` call."""
    language = report.language
    return {
        "word": lambda key: phrases(language)[f"layout.{key}"],
        "fmt": lambda quantity: format_quantity(quantity, language),
        "unit": lambda quantity: unit_text(quantity, language),
        "rows": lambda grid: lay_out(grid, theme, language),
        "slim": are_slim,
        "colour": lambda segment: theme.colour(segment.colour),
        "picture": picture,
        "kind": lambda block: type(block).__name__,
    }


def fill(theme: Theme, name: str, **values: Any) -> str:
    """Return a template of the theme filled in, with fonts. Raises ConfigError, with file and line, where it fails."""
    try:
        return with_fonts(_environment(theme.folder).get_template(name).render(**values), theme)
    except ConfigError:
        raise
    except Exception as error:
        raise _explained(error, theme) from None


def style_sheet(theme: Theme, mode: Mode, *, letter: bool = False, tight: bool = False) -> Markup:
    """Return colours, fonts and style sheet of a page; in print without rules for what the page does not have."""
    parts = {"print-letter": letter, "print-tight": tight} if mode == "print" else {}
    names = (mode, *(name for name, needed in parts.items() if needed))
    sheet = "\n".join(theme.file(f"{name}.css").read_text(encoding="utf-8") for name in names)
    css = _colours(theme, mode) + _font_faces(theme, mode) + sheet
    return Markup(_settled(css, theme, sheet) if mode == "print" else css)


def _settled(css: str, theme: Theme, sheet: str) -> str:
    """Put colours and fonts in the place of their names: WeasyPrint looks a name up for every element anew.

    A name that the style sheet gives a meaning of its own stays.
    """
    values = {**theme.light, "text": _families(theme.text), "display": _families(theme.display)}
    known = {name: value for name, value in values.items() if not re.search(rf"--{name}\s*:", sheet)}
    return re.sub(r"var\(--([a-z0-9-]+)\)", lambda hit: known.get(hit[1], hit[0]), css)


def _explained(error: Exception, theme: Theme) -> Exception:
    """Return a failure of a template as an error that names file and line; any other failure as it is."""
    steps = [step for step in traceback.extract_tb(error.__traceback__) if step.filename.endswith(".j2")]
    if not isinstance(error, TemplateError) and not (steps and theme.folder):
        return error
    if isinstance(error, TemplateSyntaxError):
        name, where = error.filename or error.name, f" in line {error.lineno}"
    else:
        name, where = (steps[-1].filename, f" in line {steps[-1].lineno}") if steps else ("", "")
    return ConfigError(
        f"the template {name or 'report.html.j2'} fails{where}: {error}",
        "Correct the file in the folder named in [report] templates, or delete it to use ours.",
    )


@cache
def _environment(folder: str) -> Environment:
    environment = (ImmutableSandboxedEnvironment if folder else Environment)(  # ours need no guard
        loader=_Loader(folder), autoescape=True, undefined=StrictUndefined, finalize=_clean,
        trim_blocks=True, lstrip_blocks=True, optimized=False,  # used twice: not worth it
    )  # fmt: skip
    environment.filters["short"] = lambda text, longest=LONGEST_LABEL: shorten(text, longest)
    environment.filters["soft"] = _soft
    environment.filters["bound"] = _bound
    return environment


class _Loader(BaseLoader):
    """Templates from the user's folder first, then ours; never from outside either."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def get_source(self, environment: Any, template: str) -> tuple[str, str, Callable[[], bool]]:
        path = theme_file(self._folder, template)
        if ".." in template.split("/") or not path.is_file():
            raise TemplateNotFound(template)
        return path.read_text(encoding="utf-8"), str(path), lambda: True


def _clean(value: Any) -> Any:
    """Make any text from the data harmless to print: no control characters, no override of the direction."""
    if isinstance(value, str) and not isinstance(value, Markup):
        text = printable(value)
        return text if len(text) <= LONGEST_PARAGRAPH else text[:LONGEST_PARAGRAPH] + "…"
    return value


def _soft(text: str) -> str:
    """Let a word longer than any of a language break, without a hyphen that the data don't hold."""
    return re.sub(r"\S{30,}", lambda word: "\u200b".join(re.findall(r".{1,20}", word[0])), text)


def _bound(text: str) -> str:
    """Keep the last two words of a title together, so that no line holds one word alone."""
    head, _, last = text.rpartition(" ")
    words = len(head.split())
    return f"{head}\u00a0{last}" if words > 2 and len(head.split()[-1]) + len(last) < 24 else text


def _inline(drawing: Canvas) -> Markup:
    return Markup(svg_inline(drawing, lambda name: f"var(--{name})"))


def _background(drawing: Canvas | None) -> str:
    return data_uri(svg_file(drawing, drawing.theme.dark.__getitem__)) if drawing else ""


def data_uri(svg: str) -> str:
    """Return an SVG as a data URI."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def _colours(theme: Theme, mode: Mode) -> str:
    def tokens(colours: Mapping[str, str]) -> str:
        return "".join(f"--{name}:{colour};" for name, colour in colours.items())

    places = range(1, theme.palette_size + 1)
    inner = "".join(f".of-s{i} .track{{--seg:var(--s{i})}}" for i in places)  # no change of all that a sheet holds
    classes = inner if mode == "print" else ""
    classes += "".join(f".s{i},.track.s{i}{{--seg:var(--s{i});--seg-on:var(--s{i}-on)}}" for i in places)
    classes += "".join(
        f".h{i}{{background:var(--h{i});color:var(--h{i}-on)}}" for i in range(1, len(theme.heat_limits) + 2)
    )
    families = f"--text:{_families(theme.text)};--display:{_families(theme.display)};"
    css = f":root{{{tokens(theme.light)}{families}}}{classes}"
    if mode == "screen":
        css += f"@media screen and (prefers-color-scheme:dark){{:root{{{tokens(theme.dark)}color-scheme:dark}}}}"
    return css + "\n"


def _families(names: tuple[str, ...]) -> str:
    return ",".join(f'"{name}"' if " " in name else name for name in names)


def _font_faces(theme: Theme, mode: Mode) -> str:
    if mode == "screen":
        return f"{PLACE}\n"
    faces = (
        f"@font-face{{font-family:'{face.family}';font-weight:{face.weight};font-display:swap;"
        f"src:url('{face.print_file.resolve().as_uri()}')}}"
        for face in theme.faces
    )
    return "\n".join(faces) + "\n"
