"""Scripts in the data that no font of this machine can show, so that a reader knows why there are boxes."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from matplotlib.font_manager import fontManager, get_font

from reportgen.analysis import Analysis
from reportgen.report.theme import Theme

_SAMPLE = 5  # letters shown per script
_PLAIN = 0x250  # letters below are in every font


def letters_without_font(texts: Iterable[str], theme: Theme) -> str:
    """Return the letters and symbols, sorted, that neither the theme's fonts nor an installed one has."""
    wanted = {c for text in texts for c in text if ord(c) >= _PLAIN and unicodedata.category(c)[0] in "LNPS"}
    for path in _fonts(theme) if wanted else ():
        wanted -= {c for c in wanted if ord(c) in _known(path)}
        if not wanted:
            break
    return "".join(sorted(wanted))


def script_names(letters: str) -> tuple[str, ...]:
    """Return the scripts of letters, each with a few of them: "Hangul (가 나)"."""
    found: dict[str, list[str]] = {}
    for letter in letters:
        name = unicodedata.name(letter, "unnamed").split()[0]
        found.setdefault(name if name == "CJK" else name.capitalize(), []).append(letter)
    return tuple(f"{name} ({' '.join(some[:_SAMPLE])})" for name, some in found.items())


def texts_of(analysis: Analysis) -> Iterator[str]:
    """Yield the words from the data that a report shows."""
    yield analysis.source
    yield from (ref.name for ref in analysis.segments)
    yield from (field.label for field in analysis.customers.fields)
    yield from (level.level for profile in analysis.profiles for level in profile.levels)
    if analysis.customers.order_facts is not None:
        yield from analysis.customers.order_facts.categories


def _fonts(theme: Theme) -> Iterator[str]:
    yield from (str(face.print_file) for face in theme.faces)
    real = {entry.fname for entry in fontManager.ttflist if not entry.name.startswith("Last Resort")}  # boxes only
    yield from sorted(path for path in real if Path(path).is_file())


@cache
def _known(path: str) -> frozenset[int]:
    try:
        return frozenset(get_font(path).get_charmap())
    except (RuntimeError, OSError):
        return frozenset()
