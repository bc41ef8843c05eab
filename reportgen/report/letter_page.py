"""The letter as HTML with every style in its element, and as plain text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import css_inline
from markupsafe import Markup, escape

from reportgen.report.cells import Row, lay_out
from reportgen.report.html import fill
from reportgen.report.letter_checks import RUN_SLOT, SLOT
from reportgen.report.letter_text import facts, heading, table, wrap
from reportgen.report.letter_words import Envelope
from reportgen.report.model import Block, Grid, Report
from reportgen.report.theme import Theme
from reportgen.report.wording import direction, format_quantity, say
from reportgen.segments.model import SegmentRef
from reportgen.values import Statement

_NOTE, _RUN = "\ue000note\ue001", "\ue000run\ue001"  # characters that are taken out of all data
REST = "below"  # the colour of a bar that is of no one segment


@dataclass(frozen=True)
class Picture:
    """A chart of the letter: its place in the run, its id in the message, what it shows in words."""

    file: str
    cid: str
    alt: str
    png: bytes


@dataclass(frozen=True)
class Letter:
    """What the templates of the letter lay out. ``pictures`` are by name of their figure."""

    report: Report
    blocks: tuple[Block, ...]
    around: Envelope
    pictures: Mapping[str, Picture]


def render_page(letter: Letter, theme: Theme) -> str:
    """Return the HTML. Nothing in it depends on a style sheet; the one that is kept serves telephones and the dark.

    Raises ConfigError where a template or a style sheet of the user's folder can't be used.
    """
    css, kept = _style_sheets(letter.report, theme)
    light = theme.light
    page = fill(
        theme,
        "mail.html.j2",
        **_common(letter, str(escape(letter.around.link))),
        **_spoken(letter.report),
        pictures=letter.pictures,
        css=Markup(css),
        kept=Markup(kept),
        direction=direction(letter.report.language),
        ink=light["ink"],
        ground=light["ground"],
        panel=light["panel"],
        accent=light["accent"],
        colour=lambda segment: theme.colour(segment.colour),
        hexcode=light.__getitem__,
        bars=lambda grid: _bars(grid, theme, letter.report.language),
        named=_by_name(letter.report).get,
    )
    return _marked(css_inline.CSSInliner(load_remote_stylesheets=False).inline(page))


def render_text(letter: Letter, theme: Theme) -> str:
    """Return the text part: the same words and figures in the same order, at most 76 columns wide."""
    language = letter.report.language
    names = _by_name(letter.report)

    def letter_of(lead: str) -> str:
        return names[lead].letter if lead in names else ""

    text = fill(
        theme,
        "mail.txt.j2",
        **_common(letter, letter.around.link),
        **_spoken(letter.report),
        wrap=wrap,
        heading=lambda title: heading(title) if title else "",
        facts=lambda block: facts(block, language),
        table=lambda grid: table(grid, language),
        letter_of=letter_of,
    )
    return _marked(re.sub(r"\n{3,}", "\n\n", text).strip() + "\n")


def _marked(page: str) -> str:
    """Put the marks that sending looks for in the place of ours, which no data can hold."""
    for mark, own in ((SLOT, _NOTE), (RUN_SLOT, _RUN)):
        page = page.replace(mark, mark.replace("%", "")).replace(own, mark)
    return page


def _common(letter: Letter, link: str) -> dict[str, Any]:
    around = letter.around
    return {
        "report": letter.report,
        "letter": letter.report.letter,
        "blocks": letter.blocks,
        "brand": around.brand,
        "subject": around.subject,
        "preheader": around.preheader,
        "link": Markup(link).replace("{run}", _RUN) if link else "",
        "attachment_note": Markup(_NOTE),
        "corrected": around.corrected,
        "footer": around.footer,
    }


def _spoken(report: Report) -> dict[str, Any]:
    return {
        "kind": lambda block: type(block).__name__,
        "fmt": lambda quantity: format_quantity(quantity, report.language),
        "say": lambda key: say(Statement(f"letter.{key}"), report.language).text,
        "colon": say(Statement("format.colon"), report.language).text,
    }


def _by_name(report: Report) -> dict[str, SegmentRef]:
    return {segment.name: segment for segment in report.segments}


def _bars(grid: Grid, theme: Theme, language: str) -> tuple[Row, ...]:
    """Return the rows of a table whose bars all have one scale, in whole percent of the longest and at least 1."""
    columns = [place for place, column in enumerate(grid.columns) if column.show == "bar"]
    values = [float(row.cells[i].value or 0) for row in grid.rows for i in columns]
    longest = max(values, default=0.0) or 1.0
    rows = []
    for row, laid in zip(grid.rows, lay_out(grid, theme, language), strict=True):
        cells = list(laid.cells)
        for i in columns:
            part = float(row.cells[i].value or 0) / longest * 100
            cells[i] = replace(cells[i], length=max(1, round(part)) if part > 0 else 0)
        rows.append(replace(laid, cells=tuple(cells), colour=laid.colour or REST))
    return tuple(rows)


def _style_sheets(report: Report, theme: Theme) -> tuple[str, str]:
    """Return the style sheet that is put into the elements, and the one that stays."""
    tokens = sorted({theme.colour(segment.colour) for segment in report.segments})
    light, dark = theme.light, theme.dark
    css = _painted(_sheet(theme, "mail.css"), light)
    css += "".join(f".badge.{t}{{background-color:{light[t]};color:{light[f'{t}-on']}}}" for t in tokens)
    css += "".join(f".fill.{t}{{background-color:{light[t]}}}" for t in (*tokens, REST))
    rules = _painted(_sheet(theme, "mail-dark.css"), dark)
    rules += "".join(f".{t}{{background-color:{dark[t]} !important}}" for t in (*tokens, REST))
    rules += "".join(f".badge.{t}{{color:{dark[f'{t}-on']} !important}}" for t in tokens)
    kept = f"@media (max-width:599px){{{_sheet(theme, 'mail-phone.css')}}}"
    kept += f"@media (prefers-color-scheme:dark){{{rules}}}{_under(rules, '[data-ogsc]')}"
    return css, kept


def _sheet(theme: Theme, name: str) -> str:
    css = theme.file(name).read_text(encoding="utf-8")
    css = re.sub(r"/\*.*?\*/|\n", "", css, flags=re.DOTALL)
    return re.sub(r"\s*([{};,])\s*", r"\1", css)


def _painted(css: str, colours: Mapping[str, str]) -> str:
    return re.sub(r"var\(--([a-z0-9-]+)\)", lambda name: colours.get(name[1], name[0]), css)


def _under(css: str, ancestor: str) -> str:
    """Return rules that hold below an element only."""

    def one(rule: re.Match[str]) -> str:
        return ",".join(f"{ancestor} {selector.strip()}" for selector in rule[1].split(",")) + f"{{{rule[2]}}}"

    return re.sub(r"([^{}]+)\{([^{}]*)\}", one, css)
