"""Tokens that can be read in both modes, and a user's folder that wins file by file."""

from __future__ import annotations

from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from reportgen.errors import ConfigError
from reportgen.report.theme import contrast, letter_on, load_theme, theme_file

MODES = ("light", "dark")


def colours(mode: str) -> dict[str, str]:
    return dict(getattr(load_theme(), mode))


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21.0)
    assert contrast("#FFFFFF", "#777777") == pytest.approx(4.478, abs=0.001)
    assert contrast("#123456", "#123456") == 1.0


def test_letters_are_white_where_white_can_be_read() -> None:
    assert letter_on("#0F43A5") == "#FFFFFF"
    assert letter_on("#2899F6") == "#0B1117"


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("words", ["ink", "soft", "faint", "accent"])
@pytest.mark.parametrize("behind", ["ground", "panel"])
def test_text_can_be_read(mode: str, words: str, behind: str) -> None:
    tokens = colours(mode)
    assert contrast(tokens[words], tokens[behind]) >= 4.5


@pytest.mark.parametrize("mode", MODES)
def test_segments_stand_out_from_the_ground_and_letters_from_segments(mode: str) -> None:
    tokens = colours(mode)
    for place in range(1, load_theme().palette_size + 1):
        assert contrast(tokens[f"s{place}"], tokens["ground"]) >= 3
        assert contrast(tokens[f"s{place}"], tokens[f"s{place}-on"]) >= 4.5
    for shade in range(1, 8):
        assert contrast(tokens[f"h{shade}"], tokens[f"h{shade}-on"]) >= 4.5


def test_both_modes_name_the_same_tokens() -> None:
    assert set(colours("light")) == set(colours("dark"))


@pytest.mark.parametrize("face", load_theme().faces, ids=lambda face: face.path.name)
def test_fonts_hold_the_letters_of_europe_and_our_signs(face) -> None:  # type: ignore[no-untyped-def]
    needed = "AZaz09ÄßéñłőșİЖюїΩσά€£₺≥≤×÷−–—…“„»’→←↑▲▼\u00a0\u202f"
    if "Serif" in face.path.name:
        needed = needed.replace("ά", "")
    for suffix in (".ttf",) if face.print_only else (".ttf", ".woff2"):
        letters = TTFont(face.path.with_suffix(suffix)).getBestCmap()
        assert [c for c in needed if ord(c) not in letters] == []
    assert list(face.path.parent.glob("LICENSE*"))


def test_a_users_theme_is_read_on_top_of_ours(tmp_path: Path) -> None:
    (tmp_path / "theme.toml").write_text('[light]\naccent = "#005F5F"\n')
    theme = load_theme(str(tmp_path))
    assert theme.light["accent"] == "#005F5F"
    assert theme.light["ink"] == load_theme().light["ink"]
    assert theme.faces == load_theme().faces


def test_a_users_file_wins_and_the_others_stay_ours(tmp_path: Path) -> None:
    (tmp_path / "screen.css").write_text("p { color: red }")
    assert theme_file(str(tmp_path), "screen.css") == tmp_path / "screen.css"
    assert theme_file(str(tmp_path), "print.css").parent.name == "default"


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    secret = tmp_path / "secret.css"
    secret.write_text("secret")
    folder = tmp_path / "theme"
    folder.mkdir()
    (folder / "screen.css").symlink_to(secret)
    with pytest.raises(ConfigError, match="outside its folder"):
        theme_file(str(folder), "screen.css")


def test_a_folder_that_does_not_exist_and_a_broken_theme_are_explained(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no template folder"):
        load_theme(str(tmp_path / "nowhere"))
    (tmp_path / "theme.toml").write_text("[light\n")
    with pytest.raises(ConfigError, match=r"theme\.toml can't be read"):
        load_theme(str(tmp_path))


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ('[light]\naccent = "red"\n', "accent"),
        ('[fonts]\nfaces = [{ family = "X", weight = 400, file = "../../etc/passwd" }]\n', "out of its folder"),
        ('[fonts]\nfaces = [{ family = "X", weight = 400, file = "fonts/None" }]\n', "fonts lack"),
        ('[light]\nink = "#FFFFF0"\n', "ink"),
    ],
)
def test_values_that_would_break_the_page_are_refused(tmp_path: Path, text: str, wrong: str) -> None:
    (tmp_path / "theme.toml").write_text(text)
    with pytest.raises(ConfigError, match=wrong):
        load_theme(str(tmp_path))
