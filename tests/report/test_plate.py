"""Charts on paper: words set whole where they belong, inks that let through what they should."""

from __future__ import annotations

import io
import re

import pytest
import weasyprint
from pypdf import PageObject, PdfReader
from weasyprint.text.fonts import FontConfiguration

from reportgen.report.canvas import Canvas
from reportgen.report.html import style_sheet
from reportgen.report.plate import Plate, Type
from reportgen.report.theme import load_theme

THEME = load_theme()


def printed(canvas: Canvas) -> PageObject:
    """Return a page that holds a drawing and nothing else, a point of the drawing to a point of the page."""
    fonts = FontConfiguration()
    paper = f"@page {{ size: {canvas.width}pt {canvas.height}pt; margin: 0; @bottom-right {{ content: none }} }}"
    page = f'<style>{style_sheet(THEME, "print")} {paper}</style><img src="chart:1" alt="drawing" style="width: 100%">'
    plates = {"chart:1": Plate(canvas, Type(fonts, "en", {ord("年"): "□"}))}
    return PdfReader(io.BytesIO(weasyprint.HTML(string=page).render(fonts, cache=plates).write_pdf())).pages[0]


def test_words_are_set_whole_from_either_side() -> None:
    canvas = Canvas(300, 100, THEME)
    canvas.words(10, 20, "Average revenue AV", halo=True)
    canvas.words(290, 60, "right & wrong", align="right")
    canvas.words(290, 90, "دخل مرتفع", align="right")
    text = printed(canvas).extract_text()
    assert "Average revenue AV" in text
    assert "right & wrong" in text
    assert {*"دخل"} <= {*text}


def test_words_stand_where_their_side_puts_them() -> None:
    canvas = Canvas(300, 100, THEME)
    for y, align in ((20, "left"), (50, "center"), (80, "right")):
        canvas.words(150, y, "wwww", align=align)  # type: ignore[arg-type]
    found: dict[float, float] = {}
    printed(canvas).extract_text(
        visitor_text=lambda text, cm, tm, *_: (
            found.update({round(tm[5] * cm[3] + cm[5]): tm[4] * cm[0] + cm[4]}) if text.strip() else None
        )
    )
    width = canvas.measure("wwww")
    assert sorted(found.values()) == pytest.approx([150 - width, 150 - width / 2, 150], abs=0.3)


def test_letters_that_no_font_has_are_boxes() -> None:
    canvas = Canvas(300, 100, THEME)
    canvas.words(10, 20, "年 income")
    assert "□ income" in printed(canvas).extract_text()


def test_only_an_area_with_a_rim_is_drawn_on_glass_of_its_own() -> None:
    canvas = Canvas(200, 100, THEME)
    canvas.area(((0, 0), (10, 0), (10, 10)), "ink", 0.5)
    canvas.dots(((5, 5),), "ink", 3, 0.5)
    canvas.line(((0, 0), (10, 10)), "ink", dashes=(2, 1))
    assert not printed(canvas)["/Resources"]["/XObject"]  # type: ignore[index]
    canvas.area(((0, 0), (10, 0), (10, 10)), "ink", 0.5, edge=2)
    page = printed(canvas)
    assert len(page["/Resources"]["/XObject"]) == 1  # type: ignore[index]
    operators = page.get_contents().get_data().decode()  # type: ignore[union-attr]
    assert re.search(r"\[2 1\] 0 d", operators)
