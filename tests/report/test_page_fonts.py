"""Pages carry the letters they need: the small fonts, or the whole ones where a name is not western European."""

from __future__ import annotations

import base64
import io
import re

import pytest
from fontTools.ttLib import TTFont

from reportgen.report.page_fonts import PLACE, with_fonts
from reportgen.report.theme import load_theme


def letters_of_fonts(page: str) -> list[set[int]]:
    fonts = re.findall(r"base64,([A-Za-z0-9+/=]+)", page)
    return [set(TTFont(io.BytesIO(base64.b64decode(font))).getBestCmap()) for font in fonts]


@pytest.mark.parametrize(
    ("text", "western"), [("Größe – 12 €", True), ("Łódź", False), ("Ελλάδα", False), ("東京", False)]
)
def test_every_letter_of_the_page_that_our_fonts_have_is_in_the_page(text: str, western: bool) -> None:
    theme = load_theme("")
    page = with_fonts(f"<style>{PLACE}</style>\n<p>{text}</p>", theme)
    held = letters_of_fonts(page)
    assert len(held) == 3
    assert len(page) < 90_000 if western else len(page) > 150_000
    whole = set(TTFont(theme.faces[0].path.with_suffix(".woff2")).getBestCmap())
    for letters in held[:2]:
        assert {ord(letter) for letter in text} & whole <= letters


def test_the_fonts_are_put_in_once() -> None:
    page = with_fonts(f"<style>{PLACE}</style>", load_theme(""))
    assert with_fonts(page, load_theme("")) == page
