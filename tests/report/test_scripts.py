"""Right-to-left and East Asian data: shown where a font has them, told where none has."""

from __future__ import annotations

from dataclasses import replace

import pytest
from analyses import mall_like

from reportgen.config import Config
from reportgen.report import scripts
from reportgen.report.html import render_html
from reportgen.report.sections import compose
from reportgen.report.theme import load_theme
from reportgen.report.wording import shorten


def test_our_fonts_have_western_cyrillic_and_greek_letters() -> None:
    assert scripts.letters_without_font(["Größe, naïve", "Доход", "Εισόδημα", "▲▼ ≥"], load_theme()) == ""


def test_letters_without_font_are_named_by_script(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scripts, "_fonts", lambda theme: iter([str(theme.faces[0].print_file)]))
    letters = scripts.letters_without_font(["年収 연봉", "دخل", "Income"], load_theme())
    assert [name.split()[0] for name in scripts.script_names(letters)] == ["Arabic", "CJK", "Hangul"]
    assert scripts.script_names("収年") == ("CJK (収 年)",)


def test_the_report_says_which_scripts_it_cannot_show(monkeypatch: pytest.MonkeyPatch) -> None:
    made = mall_like()
    first, *others = made.customers.fields
    fields = (replace(first, label="年収"), *others)
    analysis = replace(made, customers=replace(made.customers, fields=fields))
    for can, told in ((frozenset({ord("年"), ord("収")}), False), (frozenset(), True)):
        monkeypatch.setattr(scripts, "_known", lambda path, can=can: can | frozenset(range(0x2FFF)))
        page = render_html(compose(analysis, Config()))
        assert ("can show these scripts: CJK (収 年)" in page) is told


def test_right_to_left_words_are_kept_apart_from_their_sentence() -> None:
    assert shorten("دخل") == "\u2068دخل\u2069"
    assert shorten("41\u202f% \n of  all") == "41\u202f% of all"
