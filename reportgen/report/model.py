"""The report as a frozen value: Report > Section > Block, words and figures before layout."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from reportgen.segments.model import SegmentRef
from reportgen.values import Quantity, Statement


@dataclass(frozen=True)
class Sentence:
    """Finished words, with the statements they were made from (empty for fixed text)."""

    text: str
    sources: tuple[Statement, ...] = ()
    language: str = ""  # of these words where it may not be the report's, BCP 47


@dataclass(frozen=True)
class Text:
    """Paragraphs. ``style``: body, lede, note (small, grey), callout (accent edge), persona (serif, large)."""

    paragraphs: tuple[Sentence, ...]
    style: Literal["body", "lede", "note", "callout", "persona"] = "body"
    title: str = ""


@dataclass(frozen=True)
class Bullets:
    """A list; ``leads`` are the bold openings of the items ("" for none)."""

    items: tuple[Sentence, ...]
    leads: tuple[str, ...] = ()
    numbered: bool = False
    title: str = ""


@dataclass(frozen=True)
class Fact:
    """One tile: label, big figure, small note below."""

    label: str
    value: Quantity
    note: str = ""


@dataclass(frozen=True)
class Facts:
    """A row of two to six tiles."""

    tiles: tuple[Fact, ...]


@dataclass(frozen=True)
class GridColumn:
    """A table column. ``show``: text (left), number (right), bar (share as a bar with its figure), index_bar (diverging
    around 100), heat (cell shaded by index), segment (badge and name)."""

    label: str
    show: Literal["text", "number", "bar", "index_bar", "heat", "segment"] = "number"
    segment: SegmentRef | None = None  # header is this segment's badge
    language: str = ""  # of the words in its cells where it may not be the report's


@dataclass(frozen=True)
class GridRow:
    """Cells in column order. ``segment`` colours bars and fills a "segment" column; ``total`` rules a line above."""

    cells: tuple[Quantity, ...]
    segment: SegmentRef | None = None
    total: bool = False
    notes: tuple[str, ...] = ()  # small second line per cell, e.g. "30–36"; empty or one per column


@dataclass(frozen=True)
class Grid:
    """A table. ``name`` is a stable key (used as Excel sheet and JSON key); ``sheet`` False keeps it out of Excel."""

    name: str
    columns: tuple[GridColumn, ...]
    rows: tuple[GridRow, ...]
    title: str = ""
    caption: str = ""
    compact: bool = False
    sheet: bool = True


@dataclass(frozen=True)
class Figure:
    """A chart to be drawn from ``data`` by the function registered under ``chart`` in charts.py.

    ``title`` states the finding, ``alt`` describes the picture in words, ``caption`` says measure, population, period.
    ``table`` holds the same numbers (shown folded in HTML, in the appendix or not at all in PDF); None where a grid
    beside the figure already shows them.
    """

    name: str
    chart: str
    data: Mapping[str, Any]
    title: str
    alt: str
    caption: str = ""
    table: Grid | None = None
    width: Literal["full", "half"] = "full"


@dataclass(frozen=True)
class Actions:
    """Numbered actions, each with a figure to watch; ``avoid`` and ``timing`` close the list."""

    title: str
    items: tuple[tuple[str, Sentence, Sentence], ...]  # (lead, what to do, KPI)
    avoid: Sentence
    timing: Sentence


@dataclass(frozen=True)
class Panel:
    """A tinted box that holds other blocks (persona panel, confidence box)."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Columns:
    """Two columns side by side in print and on wide screens: "half" 47/47, "sheet" 34.5/62.8."""

    left: tuple[Block, ...]
    right: tuple[Block, ...]
    split: Literal["half", "sheet"] = "half"


Block = Text | Bullets | Facts | Grid | Figure | Actions | Panel | Columns


@dataclass(frozen=True)
class Section:
    """One page or more. ``kind`` decides the frame: cover, summary (page 1), page, segment (one sheet), appendix."""

    id: str  # anchor, stable: "summary", "segment-s01", "appendix-data"
    kind: Literal["cover", "summary", "page", "segment", "appendix"]
    kicker: str  # small caps above the title: "Executive summary"
    title: str
    lede: Sentence | None
    blocks: tuple[Block, ...]
    segment: SegmentRef | None = None
    nav: str = ""  # word in contents list and running head; the title where empty


@dataclass(frozen=True)
class Report:
    """A finished report, ready for any writer. ``meta`` pairs are printed on the cover ("Data", "200 customers")."""

    title: str
    organisation: str
    subtitle: str
    language: str  # BCP 47
    currency: str
    paper: Literal["A4", "Letter"]
    date: str  # as-of date ISO, "" for a table without dates
    meta: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    segments: tuple[SegmentRef, ...]
    tables: tuple[Grid, ...] = ()  # full tables that only Excel and JSON carry
    letter: Section | None = None  # what the e-mail says; its figures stand in report.json
