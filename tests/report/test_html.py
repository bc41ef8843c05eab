"""One file, safe whatever the data hold, laid out by templates that compute nothing."""

from __future__ import annotations

import dataclasses
import html
import itertools
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import handmade_reports as samples
import pytest

from reportgen.config import Config
from reportgen.errors import ConfigError
from reportgen.report.cells import are_slim, lay_out
from reportgen.report.charts import figures
from reportgen.report.html import render_html
from reportgen.report.model import Grid, GridColumn, GridRow, Report, Section, Text
from reportgen.report.theme import load_theme
from reportgen.settings import ReportConfig
from reportgen.values import Quantity, share, text

MALL = samples.mall()
PAGE = render_html(MALL)


class Tags(HTMLParser):
    """Every tag with its attributes, and whether the tags are balanced."""

    EMPTY = frozenset({"meta", "br", "img", "path", "link", "input"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), (tag, attrs)
        self.found.append((tag, dict(attrs)))
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def with_section(*blocks: object) -> Report:
    section = Section("only", "page", "Kicker", "Title", None, blocks)  # type: ignore[arg-type]
    return dataclasses.replace(MALL, sections=(section,))


def index_cell(value: float | None, show: str) -> tuple[float, float | None, bool, str, str]:
    grid = Grid("g", (GridColumn("x", show),), (GridRow((Quantity(value, "index"),)),))  # type: ignore[arg-type]
    cell = lay_out(grid, load_theme(), "en")[0].cells[0]
    return cell.start, cell.length, cell.above, cell.shade, cell.arrow


def test_the_page_needs_nothing_from_anywhere() -> None:
    bare = re.sub(r"data:[\w/+-]+;base64,[\w+/=]+", "data:", PAGE)
    assert not re.search(r"https?://|//\w+\.|@import|<script|<link|<iframe|javascript:", bare)
    assert all(
        url.startswith(("data:", "#")) for url in re.findall(r'(?:src|href)="([^"]*)"|url\("?([^")]*)', bare)[0] if url
    )


def test_a_policy_forbids_everything_but_what_is_inside() -> None:
    policy = html.unescape(re.search(r'Content-Security-Policy" content="([^"]*)"', PAGE)[1])  # type: ignore[index]
    assert policy.startswith("default-src 'none'")
    assert "script" not in policy
    assert "http" not in policy


def test_five_segments_stay_under_half_a_megabyte() -> None:
    assert len(PAGE.encode()) < 500_000


def test_tags_are_balanced_and_ids_are_unique() -> None:
    for page in (PAGE, render_html(samples.hostile()), render_html(samples.shop(25))):
        tags = Tags(page)
        assert tags.open == []
        ids = [attributes["id"] for _, attributes in tags.found if "id" in attributes]
        assert len(set(ids)) == len(ids)


def test_the_same_report_gives_the_same_bytes() -> None:
    assert render_html(samples.mall()) == PAGE


def test_headings_step_down_one_by_one() -> None:
    levels = [int(tag[1]) for tag, _ in Tags(PAGE).found if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels))


def test_every_section_is_in_the_contents() -> None:
    tags = Tags(PAGE)
    links = [attributes["href"] for tag, attributes in tags.found if tag == "a" and attributes.get("class") != "skip"]
    assert links == [f"#{section.id}" for section in MALL.sections if section.kind != "cover"]


def test_every_figure_is_drawn_for_wide_and_for_narrow_screens_and_shows_its_table() -> None:
    drawn = figures(MALL)
    assert PAGE.count("<svg ") == sum(2 if figure.width == "full" else 1 for figure in drawn)
    assert PAGE.count("<details>") == sum(figure.table is not None for figure in drawn)
    for figure in drawn:
        assert f"<title>{html.escape(figure.alt, quote=False)}</title>" in PAGE


def test_charts_follow_dark_mode() -> None:
    drawings = "".join(re.findall(r"<svg.*?</svg>", PAGE))
    assert not re.search(r"(fill|stroke):#", drawings)
    names = set(re.findall(r"var\(--([\w-]+)\)", drawings))
    dark = PAGE[PAGE.index("prefers-color-scheme:dark") :].split("}")[0]
    assert {name for name in names if f"--{name}:" not in dark} == set()


def test_data_never_become_markup() -> None:
    page = render_html(samples.hostile())
    assert "<script" not in page
    assert "49" not in re.findall(r"\{\{.{0,9}", page)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert not re.search("[\x00-\x08\x0e-\x1f\u202a-\u202e]", page)
    assert max(map(len, re.findall(r"W+", page))) <= 2000


def test_figures_never_break_and_words_may() -> None:
    page = render_html(
        with_section(Grid("g", (GridColumn("n"), GridColumn("m")), (GridRow((text("two words"), share(0.5))),)))
    )
    assert '<td class="number words" dir="auto">two words</td>' in page
    assert '<td class="number" dir="auto">50%</td>' in page


def test_very_long_words_in_cells_may_break() -> None:
    page = render_html(with_section(Grid("g", (GridColumn("", "text"),), (GridRow((text("x" * 50),)),))))
    assert "x" * 20 + "\u200b" + "x" * 20 in page


@pytest.mark.parametrize(
    ("value", "start", "length", "above"),
    [
        (100, 50, 0, True),
        (200, 50, 25, True),
        (50, 25, 25, False),
        (400, 50, 50, True),
        (900, 50, 50, True),
        (0, 0, 50, False),
    ],
)
def test_index_bars_grow_from_100_by_ratio(value: float, start: float, length: float, above: bool) -> None:
    assert index_cell(value, "index_bar")[:3] == (start, length, above)


@pytest.mark.parametrize(
    ("value", "shade", "arrow"),
    [
        (29, "h1", "▼"),
        (30, "h2", "▼"),
        (80, "h3", "▼"),
        (81, "h3", ""),
        (100, "h4", ""),
        (110, "h5", ""),
        (120, "h5", "▲"),
        (190, "h7", "▲"),
    ],
)
def test_shades_and_arrows_follow_the_index(value: float, shade: str, arrow: str) -> None:
    assert index_cell(value, "heat")[3:] == (shade, arrow)


@pytest.mark.parametrize("show", ["heat", "index_bar", "bar"])
def test_a_missing_value_has_no_bar_and_no_shade(show: str) -> None:
    assert index_cell(None, show)[1:4:2] == (None, "")


def test_the_longest_bar_of_a_column_is_full() -> None:
    rows = tuple(GridRow((share(value),)) for value in (0.2, 0.4, 0.0, None))
    laid = lay_out(Grid("g", (GridColumn("Share", "bar"),), rows), load_theme(), "en")
    assert [row.cells[0].length for row in laid] == [50.0, 100.0, 0.0, None]


def test_a_users_template_replaces_ours_file_by_file(tmp_path: Path) -> None:
    (tmp_path / "report.html.j2").write_text(
        '{% import "blocks.html.j2" as b with context %}{{ b.blocks(report.sections[1].blocks) }}'
    )
    page = render_html(MALL, Config(report=ReportConfig(templates=str(tmp_path))))
    assert page.strip().startswith('<div class="facts">')


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{ report.titel }}", "has no attribute 'titel'"),
        ("{{ unknown }}", "'unknown' is undefined"),
        ("line one\n{% if %}", "in line 2"),
        ('{% include "../theme.py" %}', "leads out of its folder"),
        ('{% include "/etc/passwd" %}', "leads out of its folder"),
        ("{{ report.__class__.__mro__ }}", "unsafe"),
    ],
)
def test_a_users_template_that_fails_or_strays_is_explained(tmp_path: Path, template: str, message: str) -> None:
    (tmp_path / "report.html.j2").write_text(template)
    with pytest.raises(ConfigError, match=message):
        render_html(MALL, Config(report=ReportConfig(templates=str(tmp_path))))


def test_a_report_of_one_paragraph_is_a_page() -> None:
    report = dataclasses.replace(with_section(Text((samples.say("Alone."),))), segments=(), meta=(), date="")
    assert '<p dir="auto">Alone.</p>' in render_html(report)


@pytest.mark.parametrize(
    ("label", "figure", "show", "slim"),
    [
        ("Women", 54, "number", True),
        ("Women", 5_400_000_000, "number", False),
        ("Durchschnittsalter in Jahren", 54, "number", False),
        ("Women", 54, "heat", False),
    ],
)
def test_only_tables_of_short_words_and_figures_get_set_widths(label: str, figure: int, show: Any, slim: bool) -> None:
    columns = (GridColumn("Feature", "text"), GridColumn("Segment", show), GridColumn("All"))
    row = GridRow((Quantity(label, "text"), Quantity(figure, "count"), Quantity(61, "count")))
    grid = Grid("g", columns, (row,))
    assert are_slim(grid, lay_out(grid, load_theme(), "en")) is slim
