"""A brand file: what it changes, and everything about it that is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fontTools import subset
from fontTools.ttLib import TTFont
from handmade_reports import mall
from shared import ROOT

from reportgen.brand import logo_uri
from reportgen.config import Config, load_config
from reportgen.errors import ConfigError
from reportgen.report.branding import nearest_readable, theme_of
from reportgen.report.html import render_html
from reportgen.report.theme import contrast

FONT = ROOT / "templates/default/fonts/ReportgenSerif-Semibold.ttf"
SQUARE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z" fill="#0B6E4F"/></svg>'


def brand(folder: Path, text: str) -> Config:
    (folder / "brand.toml").write_text(text, encoding="utf-8")
    (folder / "reportgen.toml").write_text('[report]\nbrand = "brand.toml"\n', encoding="utf-8")
    return load_config(folder / "reportgen.toml")


def refused(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as error:
        theme_of(brand(folder, text))
    return f"{error.value.message} {error.value.hint}"


def logo(folder: Path, svg: str | bytes) -> str:
    (folder / "logo.svg").write_bytes(svg if isinstance(svg, bytes) else svg.encode())
    return logo_uri(str(folder / "brand.toml"), "logo.svg")


def test_a_brand_sets_what_the_settings_leave_open(tmp_path: Path) -> None:
    text = 'name = "Example Ltd"\npaper = "Letter"\nlanguage = "de"\ncurrency = "CHF"\n'
    config = brand(tmp_path, text)
    assert (config.report.organisation, config.report.paper, config.report.language) == ("Example Ltd", "Letter", "de")
    assert config.input.currency == "CHF"
    chosen = load_config(tmp_path / "reportgen.toml", report__paper="A4", input__currency="EUR")
    assert (chosen.report.paper, chosen.input.currency, chosen.report.language) == ("A4", "EUR", "de")


def test_logo_accent_and_font_reach_the_page_and_nothing_is_fetched(tmp_path: Path) -> None:
    (tmp_path / "logo.svg").write_text(SQUARE, encoding="utf-8")
    (tmp_path / "brand.ttf").write_bytes(FONT.read_bytes())
    config = brand(tmp_path, 'name = "E"\nlogo = "logo.svg"\naccent = "#0B6E4F"\n[font_files]\nregular = "brand.ttf"\n')
    page = render_html(mall(), config)
    assert 'class="logo"><img src="data:image/svg+xml;base64,' in page
    assert "--accent:#0B6E4F" in page
    assert '--text:"Reportgen Serif' in page
    assert not re.findall(r"""(?:src|href)=["'](?!data:|#)|url\(["']?(?!["']?data:|#)""", page)
    dark = theme_of(config).dark
    assert contrast(dark["accent"], dark["ground"]) >= 4.5


def test_an_accent_that_cannot_be_read_is_refused_with_the_nearest_that_can(tmp_path: Path) -> None:
    said = refused(tmp_path, 'accent = "#F2A900"\n')
    assert "2.01:1 on #FFFFFF" in said
    nearest = re.findall(r"#[0-9A-F]{6}", said)[-1]
    assert 4.5 <= contrast(nearest, "#FFFFFF") < 6
    assert nearest == nearest_readable("#F2A900", ("#FFFFFF", "#F5F2EB"))


def test_unknown_keys_and_values_are_refused_together(tmp_path: Path) -> None:
    said = refused(tmp_path, 'acent = "#000000"\npaper = "A5"\n')
    assert "unknown key 'acent' (did you mean 'accent'?)" in said
    assert "paper: input should be 'A4', 'Letter'" in said


@pytest.mark.parametrize(
    "name", ["../logo.svg", "/etc/hostname", "https://example.com/logo.svg", "file:///etc/hostname"]
)
def test_files_outside_the_folder_are_refused(tmp_path: Path, name: str) -> None:
    assert "not in its folder" in refused(tmp_path, f'logo = "{name}"\n')


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "logo.svg").write_text(SQUARE, encoding="utf-8")
    (tmp_path / "in/logo.svg").symlink_to(tmp_path / "logo.svg")
    assert "a link out of its folder" in refused(tmp_path / "in", 'logo = "logo.svg"\n')


@pytest.mark.parametrize(
    "inner",
    [
        "<script>alert(1)</script>",
        '<path onload="alert(1)"/>',
        '<image href="https://example.com/a.png"/>',
        '<use xlink:href="file:///etc/passwd"/>',
        '<a href="java&#10;script:alert(1)"/>',
        "<style>@import url(https://example.com/x.css)</style>",
        '<path style="fill:url(https://example.com/x)"/>',
        "<path style='fill:u\\72l(https://example.com/x)'/>",
        '<image href="data:image/svg+xml;base64,AAAA"/>',
        "<foreignObject/>",
        '<animate attributeName="href" to="javascript:alert(1)"/>',
    ],
)
def test_an_svg_that_is_more_than_a_drawing_is_refused(tmp_path: Path, inner: str) -> None:
    head = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'
    with pytest.raises(ConfigError, match="can't be used"):
        logo(tmp_path, f"{head}{inner}</svg>")


@pytest.mark.parametrize(
    "content",
    [
        '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg xmlns="http://www.w3.org/2000/svg">&x;</svg>',
        "<html/>",
        b"GIF89a",
        SQUARE.encode("utf-16"),
    ],
)
def test_what_is_no_plain_svg_is_refused(tmp_path: Path, content: str | bytes) -> None:
    with pytest.raises(ConfigError, match="can't be used"):
        logo(tmp_path, content)


def test_a_drawing_that_refers_to_its_own_parts_passes(tmp_path: Path) -> None:
    inner = '<linearGradient id="g"/><path fill="url(#g)" style="stroke:url(#g)"/><use href="#g"/>'
    assert logo(tmp_path, f'<svg xmlns="http://www.w3.org/2000/svg">{inner}</svg>').startswith("data:image/svg+xml")


def test_a_large_logo_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="larger than 200 kB"):
        logo(tmp_path, SQUARE + " " * 200_000)


def test_a_font_that_is_not_installed_or_no_font_is_refused(tmp_path: Path) -> None:
    assert "no font 'Nowhere Grotesk' is installed" in refused(tmp_path, 'font = "Nowhere Grotesk"\n')
    (tmp_path / "x.ttf").write_bytes(b"no font")
    assert "can't be read" in refused(tmp_path, '[font_files]\nregular = "x.ttf"\n')


def test_letters_that_a_font_lacks_are_listed(tmp_path: Path) -> None:
    font = TTFont(FONT)
    cut = subset.Subsetter()
    cut.populate(unicodes=[code for code in font.getBestCmap() if chr(code) not in "ßÄ"])
    cut.subset(font)
    font.save(tmp_path / "cut.ttf")
    text = '[font_files]\nregular = "cut.ttf"\n'
    theme_of(brand(tmp_path, text))  # English needs neither
    (tmp_path / "de").mkdir()
    (tmp_path / "de/cut.ttf").write_bytes((tmp_path / "cut.ttf").read_bytes())
    assert "lacks 2 characters that a report in 'de' needs: Ä ß" in refused(tmp_path / "de", f'language = "de"\n{text}')
