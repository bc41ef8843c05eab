"""The fonts that a page for the screen carries: no more letters than it may need."""

from __future__ import annotations

import base64
from functools import cache
from pathlib import Path

from reportgen.report.branding import web_font
from reportgen.report.theme import Face, Theme

PLACE = "/* fonts */"  # in the style sheet of a page that is not filled in yet


def with_fonts(page: str, theme: Theme) -> str:
    """Return the page with its fonts inside: cut to western European letters where it has no others."""
    if PLACE not in page:
        return page
    letters = frozenset(map(ord, set(page)))
    rules = (_rule(face, theme, letters) for face in theme.faces if not face.print_only)
    return page.replace(PLACE, "\n".join(rules))


def _rule(face: Face, theme: Theme, letters: frozenset[int]) -> str:
    content = _content(face, theme, letters)
    source = f"url(data:font/woff2;base64,{base64.b64encode(content).decode()}) format('woff2')"
    return f"@font-face{{font-family:'{face.family}';font-weight:{face.weight};font-display:swap;src:{source}}}"


def _content(face: Face, theme: Theme, letters: frozenset[int]) -> bytes:
    if face.given:
        return web_font(face.path, theme.faces[-1].print_file)
    small, listed = face.path.with_suffix(".western.woff2"), face.path.parent / "western.txt"
    enough = small.is_file() and listed.is_file() and letters <= _western(listed)
    return (small if enough else face.path.with_suffix(".woff2")).read_bytes()


@cache
def _western(listed: Path) -> frozenset[int]:
    """Return the letters of the small fonts, with the white space that no font holds."""
    ranges = (entry.split("-") for entry in listed.read_text(encoding="ascii").strip().split(","))
    held = (code for ends in ranges for code in range(int(ends[0], 16), int(ends[-1], 16) + 1))
    return frozenset({*held, *b"\t\n\r"})
