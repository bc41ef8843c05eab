"""The sections of the report in order, and how they become one report."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from reportgen.analysis import Analysis
from reportgen.config import Config, as_config
from reportgen.history.compare import Change
from reportgen.report.appendix import data_appendix, glossary, name_audit
from reportgen.report.letter_content import letter
from reportgen.report.method import method_appendix
from reportgen.report.model import Report, Section
from reportgen.report.money import spending_page
from reportgen.report.movement import movement_page
from reportgen.report.notes import Note
from reportgen.report.overview import compared, the_map
from reportgen.report.rhythm import rhythm_page
from reportgen.report.sheets import segment_sheets
from reportgen.report.story import Story, make_story
from reportgen.report.summary import headline, summary_page
from reportgen.report.tables import data_tables
from reportgen.report.wording import format_quantity
from reportgen.settings import SectionName
from reportgen.values import Quantity, count, text

_MORE_FILES = re.compile(r" and \d+ more$")
_DATE = re.compile(r"(?<!\d)(19|20)\d\d([- .]?\d\d){0,2}(?!\d)")

Composer = Callable[[Story], Section | tuple[Section, ...] | None]


def cover(story: Story) -> Section:
    """Compose the cover: the finding as title, then data, date and counts."""
    return Section(
        id="cover",
        kind="cover",
        kicker=story.word("cover.kicker"),
        title=title_of(story),
        lede=story.say(
            "cover.lede" if story.dependable else "cover.lede_none",
            k=Quantity(len(story.segments), "number", decimals=0),
            customers=count(story.size),
        ),
        blocks=(),
        nav=story.word("cover.kicker"),
    )


def title_of(story: Story) -> str:
    """Return the title of the report: the user's, or the finding."""
    return story.config.report.title or headline(story).text


SECTIONS: Mapping[SectionName, Composer] = {
    "cover": cover,
    "summary": summary_page,
    "movement": movement_page,
    "map": the_map,
    "compared": compared,
    "segments": segment_sheets,
    "spending": spending_page,
    "rhythm": rhythm_page,
    "method": method_appendix,
    "data": data_appendix,
    "names": name_audit,
    "terms": glossary,
}


def compose(
    analysis: Analysis, config: Config | None = None, change: Change | None = None, notes: tuple[Note, ...] = ()
) -> Report:
    """Turn an analysis into a report: words, tables and figures as data, ready for any writer.

    ``change`` is what changed since the month before, and ``notes`` what was doubtful, for a monthly report.
    """
    config = as_config(config)
    story = make_story(analysis, config, change, notes)
    sections = tuple(_flat(SECTIONS[name](story) for name in config.report.sections))
    facts = analysis.customers.order_facts
    return Report(
        title=title_of(story),
        organisation=config.report.organisation or _organisation(analysis.source),
        subtitle=story.word("cover.kicker"),
        language=story.language,
        currency=analysis.customers.currency,
        paper=config.report.paper,
        date=facts.as_of.isoformat() if facts else "",
        meta=_meta(story),
        sections=sections,
        segments=analysis.segments,
        tables=data_tables(story),
        letter=letter(story),
    )


def _flat(found: Iterable[Section | tuple[Section, ...] | None]) -> Iterable[Section]:
    for item in found:
        if isinstance(item, tuple):
            yield from item
        elif item is not None:
            yield item


def _organisation(source: str) -> str:
    """Return the name of the input in readable form, without endings and dates; "" where nothing else is left.

    "mall_customers.csv" is "Mall customers", "orders_2025-01.csv.gz and 11 more" is "Orders".
    """
    stem = _MORE_FILES.sub("", source.rsplit("/", 1)[-1])
    for ending in (".gz", ".csv", ".tsv", ".txt", ".xlsx", ".xls", ".parquet", ".json", ".jsonl", ".ndjson"):
        stem = stem.removesuffix(ending)
    words = " ".join(_DATE.sub(" ", stem.replace("_", " ")).split()).strip(" -.")
    if not any(letter.isalpha() for letter in words):
        return ""
    return words[:1].upper() + words[1:80]


def _meta(story: Story) -> tuple[tuple[str, str], ...]:
    """Return what the cover prints below the title."""
    facts = story.analysis.customers.order_facts
    shown = format_quantity(count(story.size), story.language)
    pairs = [
        (story.word("cover.data"), story.word("cover.source", source=text(story.analysis.source))),
        (story.word("col.customers"), shown),
        (story.word("tile.segments"), str(len(story.segments))),
    ]
    if facts:
        first, last = (Quantity(day.isoformat(), "date") for day in (facts.first_day, facts.last_day))
        pairs.append((story.word("cover.period"), story.word("cover.from_to", first=first, last=last)))
    return tuple(pairs)
