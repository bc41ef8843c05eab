"""Find out how the cells of a text file are separated and quoted, and split its lines accordingly."""

from __future__ import annotations

import csv
import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from reportgen.errors import ConfigError

csv.field_size_limit(2**26)  # the standard library refuses cells above 128 KiB

_DELIMITERS = {
    ";": "semicolon",
    "\t": "tab",
    "|": "vertical bar",
    ",": "comma",
}  # the comma last: it may be a decimal mark
_SPELLED = {"tab": "\t", "\\t": "\t"}
_SCORED_LINES = 120
_LONGEST_CELL = 500  # lines; a quote that stays open longer was never meant as one


@dataclass(frozen=True)
class Dialect:
    """How cells are separated: by ``delimiter``, by runs of ``gap`` or more blanks, or at fixed ``cuts``."""

    delimiter: str = ","
    quote: str = '"'
    escape: str = '"'
    gap: int = 0
    cuts: tuple[int, ...] = ()

    @property
    def label(self) -> str:
        """What the appendix calls it."""
        if self.cuts:
            return "fixed width"
        return "blanks" if self.gap else _DELIMITERS.get(self.delimiter, f"'{self.delimiter}'")


def sniff(lines: list[str], wanted: str) -> Dialect:
    """Return the dialect that splits the sample most evenly; ConfigError if ``wanted`` is no delimiter."""
    scored = [line for line in lines if line.strip()][:_SCORED_LINES]
    forced = _forced(wanted)
    if forced == " ":
        return _spaced(scored, forced=True) or Dialect(gap=1)
    best, best_score = Dialect(delimiter=forced or ","), 0.0
    for delimiter in [forced] if forced else _DELIMITERS:
        if delimiter == "," and best_score > 0.8 and _is_decimal_mark(scored):
            continue
        for dialect in _quotings(scored, delimiter):
            score = _evenness(scored, dialect)
            if score > best_score + 1e-9:
                best, best_score = dialect, score
    if not forced and best_score < 0.7:
        return _spaced(scored) or best
    return best


def _is_decimal_mark(lines: list[str]) -> bool:
    """Tell whether nearly every comma stands between two digits."""
    text = "\n".join(lines)
    return len(re.findall(r"(?<=\d),(?=\d)", text)) >= 0.9 * text.count(",")


def _forced(wanted: str) -> str:
    delimiter = _SPELLED.get(wanted.casefold(), wanted)
    if delimiter and (len(delimiter) != 1 or delimiter.isalnum() or delimiter in "\"'\n\r\\"):
        raise ConfigError(
            f"input.delimiter = {wanted!r} is not a delimiter",
            "Known ones are ',' ';' '|' 'tab' and ' ' (runs of blanks); another single sign such as '^' works too.",
        )
    return delimiter


def _quotings(lines: list[str], delimiter: str) -> Iterator[Dialect]:
    text = "\n".join(lines)
    if delimiter not in text:
        return
    doubled = Dialect(delimiter)
    yield doubled
    if '\\"' in text:
        yield replace(doubled, escape="\\")
    if '"' in text:
        yield replace(doubled, quote="", escape="")
    edge = re.escape(delimiter)
    if len(re.findall(f"(?:^|{edge})'[^'\n]*'(?={edge}|$)", text, re.MULTILINE)) >= len(lines):
        yield replace(doubled, quote="'", escape="'")


def _evenness(lines: list[str], dialect: Dialect) -> float:
    """Score 0..: the share of lines with the usual number of cells, times the bits that this number is worth."""
    widths = Counter(len(row) for row in records(lines, dialect) if row)
    if not widths:
        return 0.0
    width, often = max(widths.items(), key=lambda item: (item[1], item[0]))
    tidy = 1.0 if dialect.quote == '"' and dialect.escape == '"' else 0.98
    return tidy * (often / widths.total()) ** 2 * (width - 1) ** 0.25 if width > 1 else 0.0


def _spaced(lines: list[str], forced: bool = False) -> Dialect | None:
    """Return how a file of aligned columns is split: at every blank, at wide gaps, or at columns that stay blank."""
    for gap in (1, 2):
        widths = Counter(len(row) for row in records(lines, Dialect(gap=gap)))
        width, often = widths.most_common(1)[0] if widths else (0, 0)
        if width > 1 and often >= 0.95 * widths.total() and len(lines) > 1:
            return Dialect(gap=gap)
    longest = max(map(len, lines), default=0)
    blank = [all(line[i : i + 1] in ("", " ") for line in lines) for i in range(longest)]
    cuts = tuple(i for i in range(1, longest) if blank[i - 1] and not blank[i])
    fixed = Dialect(cuts=(0, *cuts))
    aligned = all(
        sum(map(bool, row)) > len(cuts) / 2 for row in records(lines, fixed)
    )  # prose has lines that end early
    return fixed if aligned and len(lines) > 2 and len(cuts) > (0 if forced else 1) else None


def records(lines: Iterable[str], dialect: Dialect, width: int = 0) -> Iterator[list[str]]:
    """Split lines into cells, a blank line into none; ``width`` is the number of cells where it is known.

    A cell may span lines while it is quoted; a quotation mark that is never closed is taken for a plain character.
    """
    if dialect.cuts:
        ends = (*dialect.cuts[1:], None)
        yield from (
            [line[a:b].strip() for a, b in zip(dialect.cuts, ends, strict=True)] if line.strip() else []
            for line in lines
        )
    elif dialect.gap:
        splitter = re.compile(rf"\s{{{dialect.gap},}}")
        yield from (splitter.split(line.strip()) if line.strip() else [] for line in lines)
    elif not dialect.quote:
        yield from (_bare(line, dialect) for line in lines)
    else:
        yield from _quoted(lines, dialect, width)


def _bare(line: str, dialect: Dialect) -> list[str]:
    line = line.rstrip("\r\n")
    return line.split(dialect.delimiter) if line.strip() else []


def _quoted(lines: Iterable[str], dialect: Dialect, width: int) -> Iterator[list[str]]:
    source, pending = iter(lines), deque[str]()
    while True:
        line = pending.popleft() if pending else next(source, None)
        if line is None:
            return
        if dialect.quote not in line and dialect.escape not in line:
            yield _bare(line, dialect)
            continue
        row = _parse([line], dialect)
        if row is None:
            row = _joined(line, source, pending, dialect, width) or _bare(line, dialect)
        yield row


def _joined(line: str, source: Iterator[str], pending: deque[str], dialect: Dialect, width: int) -> list[str] | None:
    """Read on until the open quote is closed; give the lines back and return None if that makes no sense."""
    taken = [line]
    while len(taken) < _LONGEST_CELL:
        following = pending.popleft() if pending else next(source, None)
        if following is None:
            break
        taken.append(following)
        if dialect.quote in following:
            row = _parse(taken, dialect)
            if row is not None and (not width or len(row) == width or len(_bare(line, dialect)) != width):
                return row
            if row is not None:
                break
    pending.extendleft(reversed(taken[1:]))
    return None


def _parse(lines: list[str], dialect: Dialect) -> list[str] | None:
    """Return the cells of one record; None if a quote is still open at the end or it is more than one record."""
    doubled = dialect.escape == dialect.quote
    for strict in (True, False) if len(lines) == 1 else (True,):
        reader = csv.reader(
            (line if line.endswith("\n") else line + "\n" for line in lines),
            delimiter=dialect.delimiter,
            quotechar=dialect.quote,
            doublequote=doubled,
            escapechar=None if doubled else dialect.escape,
            strict=strict,
        )
        try:
            row = next(reader, [])
            return row if next(reader, None) is None else None
        except csv.Error as error:
            if "unexpected end" in str(error):
                return None
    return None
