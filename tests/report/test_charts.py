"""Charts: well-formed, deterministic, titled, within their paper, and no label upon another."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from xml.etree import ElementTree

import handmade_reports as samples
import pytest

from reportgen.report.canvas import Canvas, Words
from reportgen.report.charts import CHARTS, draw, draw_all, draw_cover, figures
from reportgen.report.model import Figure, Report
from reportgen.report.svg import svg_file, svg_inline
from reportgen.report.theme import load_theme

THEME = load_theme()
SVG = "{http://www.w3.org/2000/svg}"
REPORTS = {2: samples.shop(2), 5: samples.mall(), 7: samples.shop(7), 12: samples.shop(12), 25: samples.shop(25)}


def figure_of(report: Report, chart: str) -> Figure:
    return next(figure for figure in figures(report) if figure.chart == chart)


def parsed(drawing: Canvas) -> ElementTree.Element:
    return ElementTree.fromstring(svg_file(drawing, THEME.light.__getitem__))


def token(name: str) -> str:
    return f"[{name}]"


def boxes(root: ElementTree.Element) -> Iterator[tuple[str, float, float, float, float]]:
    """Yield every text of a drawing once, with the box its letters fill."""
    canvas = Canvas(1, 1, THEME)
    for node in root.iter(f"{SVG}text"):
        style = dict(part.split(":", 1) for part in node.attrib["style"].split(";"))
        if "stroke" in style:
            continue  # the halo behind the text of the same words
        size = float(style["font-size"].removesuffix("px"))
        width = canvas.measure(node.text or "", size, int(style.get("font-weight", 400)))
        x, y = float(node.attrib["x"]), float(node.attrib["y"])
        left = x - {"middle": width / 2, "end": width}.get(style.get("text-anchor", "start"), 0.0)
        yield node.text or "", left, y - 0.7 * size, left + width, y + 0.05 * size


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("k", sorted(REPORTS))
@pytest.mark.parametrize("chart", sorted(CHARTS))
def test_labels_stay_on_the_paper_and_off_each_other(chart: str, k: int, narrow: bool) -> None:
    root = parsed(draw(figure_of(REPORTS[k], chart), REPORTS[k], THEME, narrow))
    _, _, width, height = (float(part) for part in root.attrib["viewBox"].split())
    found = list(boxes(root))
    assert found
    for place, (text, left, top, right, bottom) in enumerate(found):
        assert -1 <= left <= right <= width + 1, text
        assert -1 <= top <= bottom <= height + 1, text
        for other, *box in found[:place]:
            apart = right <= box[0] + 0.5 or left >= box[2] - 0.5 or bottom <= box[1] + 0.5 or top >= box[3] - 0.5
            assert apart, f"{text!r} lies on {other!r}"


@pytest.mark.parametrize("chart", sorted(CHARTS))
def test_every_chart_has_a_title_in_words(chart: str) -> None:
    figure = figure_of(REPORTS[5], chart)
    assert parsed(draw(figure, REPORTS[5], THEME)).findtext(f"{SVG}title") == figure.alt


def test_drawing_twice_gives_the_same_bytes() -> None:
    first, second = (
        {name: svg_file(drawing, token) for name, drawing in draw_all(samples.mall(), THEME).items()} for _ in range(2)
    )
    assert first == second


def test_every_colour_is_a_token_of_the_theme() -> None:
    for name, drawing in draw_all(REPORTS[5], THEME).items():
        page = svg_inline(drawing, lambda name: f"var(--{name})")
        assert not re.search(r"#[0-9a-f]{6}|rgb\(", page, re.IGNORECASE), name
        assert {*re.findall(r"var\(--(.*?)\)", page)} <= {*THEME.light}


def test_a_segment_has_one_colour_in_every_chart() -> None:
    segment = REPORTS[5].segments[3]
    for chart in ("linked_bars", "segment_map", "centres"):
        drawing = svg_file(draw(figure_of(REPORTS[5], chart), REPORTS[5], THEME), token)
        assert f"[{THEME.colour(segment.colour)}]" in drawing
    assert THEME.colour(12) == THEME.colour(0)


def test_bars_are_as_long_as_their_shares() -> None:
    figure = figure_of(REPORTS[5], "linked_bars")
    drawing = svg_file(draw(figure, REPORTS[5], THEME), token)
    bars = re.findall(r'd="M(\S+) \S+ (\S+) [^"]*" style="fill:\[s(\d)\]"', drawing)
    lengths = [float(right) - float(left) for left, right, _ in bars]
    shares = [*figure.data["customers"], *figure.data["revenue"]]
    room = 493 - 94
    assert lengths == pytest.approx([room * share - 0.7 for share in shares], abs=0.3)


def test_every_customer_of_the_sample_is_on_the_map() -> None:
    drawing = svg_inline(draw(figure_of(REPORTS[5], "segment_map"), REPORTS[5], THEME), token)
    assert len(re.findall(r"h0", drawing)) == 200 + 2 * 5  # two discs per badge


def test_the_cover_is_the_map_without_words() -> None:
    cover = draw_cover(REPORTS[5], THEME)
    assert cover is not None
    assert svg_file(cover, token).count("h0") == 200
    assert not any(isinstance(mark, Words) for mark in cover.marks)
    bare = dataclasses.replace(REPORTS[5], sections=REPORTS[5].sections[:2])
    assert draw_cover(bare, THEME) is None


def test_hostile_names_stay_text() -> None:
    for drawing in draw_all(samples.hostile(), THEME).values():
        root = parsed(drawing)
        assert {node.tag for node in root.iter()} <= {f"{SVG}{tag}" for tag in ("svg", "title", "path", "text")}


def test_words_with_dollars_and_figures_are_drawn_as_they_are() -> None:
    canvas = Canvas(100, 20, THEME)
    canvas.words(0, 10, "k$ 1.234567 $x$ ü")
    assert parsed(canvas).findtext(f"{SVG}text") == "k$ 1.234567 $x$ ü"


def test_measured_words_fit_where_they_are_shortened_to() -> None:
    canvas = Canvas(100, 20, THEME)
    assert canvas.shorten("short", 100) == "short"
    cut = canvas.shorten("Annual income per household", 60)
    assert cut.endswith("…")
    assert canvas.measure(cut) <= 60


def test_an_unknown_chart_is_an_error() -> None:
    with pytest.raises(KeyError):
        draw(Figure("x", "radar", {}, "", ""), REPORTS[5], THEME)


def test_a_segment_too_small_to_be_described_has_no_dot() -> None:
    figure = figure_of(REPORTS[5], "centres")
    rows = tuple((*row[:-1], (None, *row[-1][1:])) for row in figure.data["rows"])
    bare = dataclasses.replace(figure, data={**figure.data, "rows": rows})
    letters = [text for text, *_ in boxes(parsed(draw(bare, REPORTS[5], THEME)))]
    first, second = REPORTS[5].segments[:2]
    assert letters.count(first.letter) == 0
    assert letters.count(second.letter) == len(rows)


def test_the_dot_plot_is_labelled_with_its_real_ends() -> None:
    figure = figure_of(REPORTS[5], "centres")
    rows = (("Orders", "", 0.0, 4.5, 2.0, (0.0, 1.0, 2.0, 3.0, 4.5)),)
    labels = [
        text
        for text, *_ in boxes(
            parsed(draw(dataclasses.replace(figure, data={**figure.data, "rows": rows}), REPORTS[5], THEME))
        )
    ]
    assert {"0", "4.5"} <= set(labels)
