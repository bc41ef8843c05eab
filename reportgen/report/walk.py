"""Walk through a report: every block, sentence, table and quantity, wherever it is nested."""

from __future__ import annotations

from collections.abc import Iterator

from reportgen.report.model import (
    Actions,
    Block,
    Bullets,
    Columns,
    Facts,
    Figure,
    Grid,
    Panel,
    Report,
    Section,
    Sentence,
    Text,
)
from reportgen.values import Quantity


def blocks_of(section: Section) -> Iterator[Block]:
    """Yield every block of a section in reading order, containers before what they hold."""
    pending = list(reversed(section.blocks))
    while pending:
        block = pending.pop()
        yield block
        if isinstance(block, Columns):
            pending.extend(reversed((*block.left, *block.right)))
        elif isinstance(block, Panel):
            pending.extend(reversed(block.blocks))


def grids_of(report: Report) -> Iterator[Grid]:
    """Yield every table, those behind figures and those that only data files carry included."""
    for section in report.sections:
        for block in blocks_of(section):
            if isinstance(block, Grid):
                yield block
            elif isinstance(block, Figure) and block.table is not None:
                yield block.table
    yield from report.tables


def sentences_of(section: Section) -> Iterator[Sentence]:
    """Yield every sentence of a section: lede, paragraphs, bullets, actions."""
    if section.lede is not None:
        yield section.lede
    for block in blocks_of(section):
        if isinstance(block, Text):
            yield from block.paragraphs
        elif isinstance(block, Bullets):
            yield from block.items
        elif isinstance(block, Actions):
            for _, what, watch in block.items:
                yield from (what, watch)
            yield from (block.avoid, block.timing)


def headings_of(section: Section) -> Iterator[str]:
    """Yield the titles, leads, captions and notes of a section, which keep no sources."""
    yield section.title
    for block in blocks_of(section):
        if isinstance(block, Text | Bullets | Grid | Figure | Actions | Panel) and block.title:
            yield block.title
        if isinstance(block, Bullets):
            yield from block.leads
        elif isinstance(block, Figure):
            yield from (block.caption, block.alt)
        elif isinstance(block, Grid):
            yield block.caption
            for row in block.rows:
                yield from row.notes
        elif isinstance(block, Actions):
            yield from (lead for lead, _, _ in block.items)
        elif isinstance(block, Facts):
            for tile in block.tiles:
                yield from (tile.label, tile.note)


def quantities_of(report: Report) -> Iterator[Quantity]:
    """Yield every quantity shown in a tile or a table."""
    for section in report.sections:
        for block in blocks_of(section):
            if isinstance(block, Facts):
                yield from (tile.value for tile in block.tiles)
    for grid in grids_of(report):
        for row in grid.rows:
            yield from row.cells
