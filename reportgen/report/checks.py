"""Check a finished report: text against values, banned words, complete tables, page 1 within its length."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from reportgen.report.model import Bullets, Facts, Grid, Report, Section, Sentence, Text
from reportgen.report.walk import blocks_of, grids_of, headings_of, quantities_of, sentences_of
from reportgen.report.wording import banned_words, format_quantity, say
from reportgen.values import Quantity, Statement

PAGE_ONE_WORDS = 300
TITLE_WORDS = 12

# Statements whose figures are limits, rates, ratios or evidence and stand in no table.
_ONLY_HERE = (
    "action.", "advice.", "association.", "change.fewer", "change.idle", "change.more", "change.moved", "change.quiet",
    "change.renewed", "change.restated", "choice.", "confidence.", "lifetime.", "lineage.", "method.",
    "persona.spend_spread", "rfm.", "summary.leader", "summary.quiet", "terms.", "trust.guests", "value.", "verdict.",
)  # fmt: skip


def check_report(report: Report) -> tuple[str, ...]:
    """Return what is wrong with a report, nothing when it is sound.

    Every sentence is built again from its statements and must read the same; words that the rules ban may not occur
    outside of names that come from the data; tables must be rectangular and their names unique.
    """
    problems = list(_tables(report))
    for section in report.sections:
        problems += [f"{section.id}: {problem}" for problem in _section(section, report.language)]
    return tuple(problems)


def check_numbers(report: Report) -> tuple[str, ...]:
    """Return the figures in sentences that no tile and no table of the report shows, nothing when all agree.

    A figure agrees when its value, or how it is printed, is that of a quantity of the same kind. Limits, estimates and
    the evidence of the method stand in their sentence alone (``_ONLY_HERE``).
    """
    shown = {mark for quantity in quantities_of(report) for mark in _marks(quantity, report.language)}
    return tuple(
        f"{section.id}: {name} = {quantity.value} in {sentence.text!r} is in no table"
        for section in report.sections
        for sentence in sentences_of(section)
        for source in sentence.sources
        if not source.key.startswith(_ONLY_HERE)
        for name, quantity in source.values
        if isinstance(quantity.value, int | float) and not shown & _marks(quantity, report.language)
    )


def _marks(quantity: Quantity, language: str) -> set[tuple[str, str]]:
    """Return what tells one figure from another: its kind with its value, and with the ways it is printed."""
    value = quantity.value
    if quantity.suppressed or not isinstance(value, int | float):
        return set()
    words = {format_quantity(quantity, language), format_quantity(quantity, language, "prose"), f"{value:.9g}"}
    if quantity.kind == "change":  # told as "rose by 9%"
        return {("share", word.lstrip("+-\u2212")) for word in words}
    return {(quantity.kind, word) for word in words}


def check_output(report: Report, words: str) -> tuple[str, ...]:
    """Return what a finished page lacks of a report or says otherwise: its words are those of the HTML or the PDF.

    Every sentence, every tile and every cell that the page shows must be there to the letter, white space apart.
    """
    page = _letters(words)
    missing = []
    for section in report.sections:
        expected = [sentence.text for sentence in sentences_of(section)]
        for block in blocks_of(section):
            if isinstance(block, Facts):
                expected += [format_quantity(tile.value, report.language) for tile in block.tiles]
            elif isinstance(block, Grid):
                expected += [format_quantity(cell, report.language) for row in block.rows for cell in row.cells]
        missing += [f"{section.id}: {text!r}" for text in expected if _letters(text) not in page]
    return tuple(missing)


def _letters(words: str) -> str:
    return re.sub(r"[\s\u200b\u00ad]+", "", words)


def prose_words(section: Section) -> int:
    """Count the words of prose of a page: title, lede, paragraphs, bullets, notes of tables; not tables themselves."""
    words = [section.title, section.lede.text if section.lede else ""]
    for block in blocks_of(section):
        if isinstance(block, Text):
            words += [block.title, *(sentence.text for sentence in block.paragraphs)]
        elif isinstance(block, Bullets):
            words += [block.title, *block.leads, *(sentence.text for sentence in block.items)]
        elif isinstance(block, Grid):
            words += [note for row in block.rows for note in row.notes]
        elif isinstance(block, Facts):
            words += [tile.note for tile in block.tiles]
    return sum(any(map(str.isalnum, word)) for part in words for word in part.split())


def _section(section: Section, language: str) -> Iterator[str]:
    for sentence in sentences_of(section):
        if not sentence.text.strip():
            yield "an empty sentence"
        if sentence.sources:
            again = " ".join(say(source, language).text for source in sentence.sources)
            if again != sentence.text:
                yield f"{sentence.text!r} does not follow from its values: {again!r}"
            yield from _banned(_without_names(sentence, language), language)
    for heading in headings_of(section):
        if re.search(r"\{\w+\}|\bnan\b|\bNone\b", heading):
            yield f"a placeholder is left in {heading!r}"
    if section.kind == "summary" and (words := prose_words(section)) > PAGE_ONE_WORDS:
        yield f"page 1 has {words} words"


def _without_names(sentence: Sentence, language: str) -> str:
    """Return a sentence with the words that come from the data taken out: a header may say what it likes."""
    return " ".join(say(_anonymous(source), language).text for source in sentence.sources)


def _anonymous(statement: Statement) -> Statement:
    values = tuple((name, Quantity("X", "text") if q.kind == "text" else q) for name, q in statement.values)
    return replace(statement, values=values)


def _banned(text: str, language: str) -> Iterator[str]:
    for pattern in banned_words(language):
        found = re.search(rf"(?<!\w)(?:{pattern})(?!\w)", text, re.IGNORECASE)
        if found:
            yield f"banned word {found.group()!r} in {text!r}"


def _tables(report: Report) -> Iterator[str]:
    seen: set[str] = set()
    for grid in grids_of(report):
        if grid.name in seen:
            yield f"two tables are called {grid.name!r}"
        seen.add(grid.name)
        width = len(grid.columns)
        for row in grid.rows:
            if len(row.cells) != width or (row.notes and len(row.notes) != width):
                yield f"table {grid.name!r} has a row of {len(row.cells)} cells and {len(row.notes)} notes"
