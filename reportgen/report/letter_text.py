"""Words and tables in columns of a text that is at most 76 columns wide."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from reportgen.report.model import Facts, Grid
from reportgen.report.wording import format_quantity, say, shorten
from reportgen.values import Quantity, Statement

COLUMNS = 76
_GAP = "  "
_MARKS = ("Mn", "Me", "Cf")  # characters that take no column


def columns_of(text: str) -> int:
    """Return how many columns a text takes: East Asian wide characters and emoji two, marks none."""
    return sum(
        0 if unicodedata.category(c) in _MARKS else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )


def wrap(text: str, sign: str = "", columns: int = COLUMNS) -> str:
    """Return a paragraph in lines; a ``sign`` such as "1." or "A" stands before the first, the rest is indented."""
    indent = " " * (columns_of(sign) + 1) if sign else ""
    lines = [""]
    for word in filter(None, re.split(r"[ \t\n]+", text)):  # spaces that hold a figure and its sign together stay
        for part in _parts(word, columns - len(indent)):
            long = columns_of(lines[-1]) + columns_of(part) + bool(lines[-1])
            if lines[-1] and long > columns - len(indent):
                lines.append("")
            lines[-1] += f"{' ' if lines[-1] else ''}{part}"
    first = f"{sign} " if sign else ""
    return "\n".join((first if place == 0 else indent) + line for place, line in enumerate(lines))


def heading(title: str) -> str:
    """Return a title with a line below it."""
    words = wrap(title)
    return f"{words}\n{'-' * max(map(columns_of, words.splitlines()))}"


def facts(block: Facts, language: str) -> str:
    """Return tiles as lines: the label, the figure, the note."""
    lines, colon = [], say(Statement("format.colon"), language).text
    for tile in block.tiles:
        note = f" ({shorten(tile.note, 160)})" if tile.note else ""
        lines.append(wrap(f"{shorten(tile.label, 80)}{colon} {format_quantity(tile.value, language)}{note}"))
    return "\n".join(lines)


def table(grid: Grid, language: str) -> str:
    """Return a table in aligned columns: names on the left, broken where they are long, figures on the right."""
    head = [shorten(column.label, 40) for column in grid.columns]
    rows = []
    for row in grid.rows:
        cells = [_cell(cell, language) for cell in row.cells]
        notes = row.notes or ("",) * len(cells)
        cells = [
            f"{cell}{', ' if place == 0 else ' '}{note}" if note else cell
            for place, (cell, note) in enumerate(zip(cells, notes, strict=True))
        ]
        rows.append((row.segment.letter if row.segment else "", cells))
    lines = [head, *([f"{sign} {cells[0]}".strip(), *cells[1:]] for sign, cells in rows)]
    widths = [max(columns_of(line[i]) for line in lines) for i in range(len(head))]
    room = COLUMNS - sum(widths[1:]) - len(_GAP) * (len(widths) - 1)
    widths[0] = min(widths[0], room)
    ruler = "-" * (sum(widths) + len(_GAP) * (len(widths) - 1))
    return "\n".join((_row("", head, widths), ruler, *(_row(sign, row, widths) for sign, row in rows)))


def _cell(quantity: Quantity, language: str) -> str:
    return shorten(format_quantity(quantity, language), 60)


def _row(sign: str, cells: Sequence[str], widths: Sequence[int]) -> str:
    names = wrap(cells[0], sign, widths[0]).splitlines()
    figures = [" " * (width - columns_of(cell)) + cell for cell, width in zip(cells[1:], widths[1:], strict=True)]
    last = names[-1] + " " * (widths[0] - columns_of(names[-1]))
    return "\n".join([*names[:-1], _GAP.join([last, *figures])])


def _parts(word: str, columns: int) -> list[str]:
    """Return a word in pieces that fit a line."""
    parts, taken = [""], 0
    for letter in word:
        taken += columns_of(letter)
        if taken > columns:
            parts.append("")
            taken = columns_of(letter)
        parts[-1] += letter
    return parts
