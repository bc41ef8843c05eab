"""Where a table begins on a sheet or in a text file: title lines, header line, number of columns."""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from reportgen.inputs.headers import spellings, vocabulary

SAMPLED_ROWS = 400
Row = Sequence[str]

# Figures, amounts, dates, times, identifiers with an at sign: what stands in a cell but not in a header.
_VALUE = re.compile(
    r"[-+(]?\s*(?:[$€£¥₹₽₺]|R\$|(?-i:[A-Z]{3})\s|kr\s)?\s*[-+]?\d[\d.,'’/:\s\u202f\u00a0%+TZe-]*(?:[$€£¥₹₽₺]|\s?(?-i:[A-Z]{3})|\s?(?:kr|zł|Kč))?\)?"
    r"|[^@\s]+@[^@\s]+\.[^@\s]{2,}"
    r"|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass(frozen=True)
class Layout:
    """``skip`` records stand above the data, header included; ``header`` is None if there is none."""

    skip: int
    header: tuple[str, ...] | None
    width: int
    titles: int = 0

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What is unusual about the top of the table."""
        facts = [] if self.header is not None else [("header", "none; the columns are numbered")]
        if self.titles:
            facts.append(("lines above the table", str(self.titles)))
        return tuple(facts)


def find_layout(rows: Sequence[Row]) -> Layout:
    """Return the layout of a sample that begins at the top of the file; blank rows count."""
    filled = [sum(bool(cell.strip()) for cell in row) for row in rows]
    usual = median(sorted(count for count in filled if count) or [0])
    start = next((i for i, count in enumerate(filled) if count > usual / 2 and not _is_title(rows, i)), 0)
    body = [row for row, count in zip(rows[start + 1 :], filled[start + 1 :], strict=True) if count]
    first = _extent(rows[start]) if rows else 0
    width = max(first, _usual_width(body, first))
    titles = sum(map(bool, filled[:start]))
    if not rows or not _is_header(rows[start], body):
        return Layout(start, None, width, titles)
    header = tuple(rows[start][:first])
    if width == first + 1 and _names_rows(body, width):
        header = ("", *header)
    return Layout(start + 1, (*header, *[""] * (width - len(header))), width, titles)


def _usual_width(body: Sequence[Row], otherwise: int) -> int:
    """Return the number of cells that at least half of the rows have."""
    width, often = max(Counter(map(len, body)).items(), key=lambda item: item[1], default=(0, 0))
    return width if often >= len(body) / 2 else otherwise


def _names_rows(body: Sequence[Row], width: int) -> bool:
    """Tell whether the data has one column more than the header: row names, as R writes them."""
    return all(_extent(row) == width for row in body) and len({row[0] for row in body}) == len(body) > 1


def looks_like_value(cell: str) -> bool:
    """Tell figures, dates, e-mail addresses and GUIDs from words."""
    return _VALUE.fullmatch(cell.strip()) is not None


def _extent(row: Row) -> int:
    return max((i for i, cell in enumerate(row, start=1) if cell.strip()), default=0)


def _is_title(rows: Sequence[Row], i: int) -> bool:
    """A line that has fewer cells than the next two lines of the table, which agree, is a title or a setting."""
    following = [row for row in rows[i + 1 :] if any(cell.strip() for cell in row)][:20]
    if len(following) < 3:
        return False
    widths = Counter(_extent(row) for row in following)
    width, often = widths.most_common(1)[0]
    here = _extent(rows[i])
    if here >= width or often < 0.7 * len(following):
        return False
    nearest = following[0]  # a header that lacks a name stands on data; a title stands on a header or another title
    return here < width - 1 or not any(map(looks_like_value, nearest))


def _is_header(candidate: Row, body: Sequence[Row]) -> bool:
    """Known words and words above figures speak for a header, figures and words that return below against one."""
    cells = [cell.strip() for cell in candidate]
    if not any(map(looks_like_value, cells)):  # files that were put together repeat the header
        body = [row for row in body if [cell.strip() for cell in row] != cells]
    if all(looks_like_value(cell) for cell in cells if cell):
        return False
    years = {cell for cell in cells if _YEAR.fullmatch(cell)}
    votes = sum(bool(_words().intersection(spellings(cell))) for cell in cells if cell)
    for i, cell in enumerate(cells):
        if cell and not (len(years) > 1 and cell in years):
            votes += _vote(cell, [row[i].strip() for row in body if i < len(row) and row[i].strip()])
    return votes >= 0 or not body


def _vote(cell: str, below: Sequence[str]) -> int:
    """Judge one cell by those below: 1 for a header, -1 against one, 0 undecided."""
    figures = sum(map(looks_like_value, below)) >= 0.8 * len(below) > 0
    if looks_like_value(cell):
        return -figures
    return 1 if figures else -(below.count(cell) >= 2)


@functools.cache
def _words() -> frozenset[str]:
    """Return every header that the vocabulary knows."""
    return frozenset().union(*(role.strong | role.weak for role in vocabulary().values()))
