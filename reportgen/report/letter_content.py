"""What the letter says: the words of page 1, with the segments, who they are and where they went, as one section."""

from __future__ import annotations

from dataclasses import replace

from reportgen.history.compare import Change
from reportgen.report.model import Block, Bullets, Facts, Figure, Grid, GridRow, Section, Sentence, Text
from reportgen.report.money import months_figure
from reportgen.report.movement import top_flows
from reportgen.report.movement_chart import alluvial_figure
from reportgen.report.overview import map_axes, map_figure
from reportgen.report.story import Story, Told, joined
from reportgen.report.summary import summary_page
from reportgen.report.wording import say
from reportgen.values import Quantity, count, text

MOST_SEGMENTS = 12  # the rest is one row
SEGMENTS = "letter-segments"  # the name of the table
_MOST_POINTS = 3
_MOST_FLOWS = 5


def letter(story: Story) -> Section:
    """Compose the letter. Its figures are to be drawn small, its table carries the bars."""
    page = summary_page(story)
    shown = _largest(story)
    blocks: list[Block | None] = [
        *(block for block in page.blocks if isinstance(block, Facts)),
        *(_fewer(block) for block in page.blocks if isinstance(block, Bullets | Text) and not _is_note(block)),
        _decisions(story, page),
        _segments(story, shown),
        *_figures(story, page),
        _who(story, shown),
        _flows(story),
        _notes(story, page),
    ]
    return Section(
        id="letter",
        kind="summary",
        kicker=_period(story),
        title=page.title,
        lede=page.lede,
        blocks=tuple(block for block in blocks if block is not None),
    )


def _is_note(block: Block) -> bool:
    return isinstance(block, Text) and block.style == "note"


def _fewer(block: Bullets | Text) -> Bullets | Text:
    if isinstance(block, Text):
        return block
    return replace(block, items=block.items[:_MOST_POINTS], leads=block.leads[:_MOST_POINTS])


def _period(story: Story) -> str:
    """Return the month with the one it is compared with, else the day that the report looks back from."""
    facts, period = story.analysis.customers.order_facts, story.config.input.period
    if story.change is not None:
        earlier = story.month(story.change.previous)
        return story.word("letter.compared", month=story.month(story.change.period), earlier=earlier)
    if period:
        return story.word("letter.first", month=story.month(period))
    return story.word("letter.as_of", date=Quantity(facts.as_of.isoformat(), "date")) if facts else ""


def _largest(story: Story) -> tuple[Told, ...]:
    """Return the segments that have a row: the largest by revenue, else by customers, in the order of the report."""

    def size(told: Told) -> tuple[float, int]:
        return (-(told.money.revenue if told.money else told.profile.size), told.place)

    kept = sorted(story.segments, key=size)[:MOST_SEGMENTS]
    return tuple(told for told in story.segments if told in kept)


def _decisions(story: Story, page: Section) -> Bullets | None:
    """Return the decisions of page 1 as a list: what to do, for whom, what it may be worth."""
    table = next((block for block in page.blocks if isinstance(block, Grid) and block.name == "decisions"), None)
    if table is None:
        return None
    leads, items = [], []
    for row in table.rows:
        action, name, customers = row.cells[:3]
        worth = [cell for cell in row.cells[3:4] if cell.kind == "money" and cell.value is not None]
        values = {"name": name, "customers": customers} | ({"worth": worth[0]} if worth else {})
        leads.append(str(action.value))
        items.append(story.say("letter.decision_worth" if worth else "letter.decision", **values))
    return Bullets(tuple(items), tuple(leads), title=table.title)


def _segments(story: Story, shown: tuple[Told, ...]) -> Grid:
    """Return one row per segment, bars included, and one for all that have none, so that shares total 100."""
    rest = [told for told in story.segments if told not in shown]
    rows = [_row(story, told) for told in shown]
    if rest:
        rows.append(_rest(story, rest))
    columns = story.columns("segment:segment", "customers_share:bar")
    if story.money:
        columns += story.columns("revenue_share:bar")
    caption = ""
    if _moved(story):
        assert story.change is not None
        columns += story.columns("change")
        caption = story.word("letter.change_caption", month=story.month(story.change.previous))
    return Grid(SEGMENTS, columns, tuple(rows), title=story.word("letter.segments"), caption=caption)


def _row(story: Story, told: Told) -> GridRow:
    hidden = told not in story.described
    cells = [text(told.ref.name), Quantity(None, "share") if hidden else told.share]
    notes = [_size(story, Quantity(told.profile.size, "count", suppressed=hidden)), ""]
    if story.money:
        cells.append(told.revenue_share)
        notes.append("")
    if _moved(story):
        moved, word = _moved(story).get(told.ref.id, (Quantity(None, "points"), ""))
        cells.append(moved)
        notes.append(word)
    return GridRow(tuple(cells), told.ref, notes=tuple(notes))


def _size(story: Story, customers: Quantity) -> str:
    return story.word("letter.size", customers=customers)


def _rest(story: Story, rest: list[Told]) -> GridRow:
    n = sum(told.profile.size for told in rest)
    parts = [told.share for told in rest], [told.revenue_share for told in rest]
    decimals = max(quantity.decimals or 0 for quantity in parts[0])
    shares = [
        Quantity(round(sum(float(str(q.value)) for q in part), 4), "share", decimals=decimals)
        for part in (parts if story.money else parts[:1])
    ]
    if few := story.few(n):
        shares[0] = Quantity(None, "share")
    cells = [text(story.word("letter.more", more=count(len(rest)))), *shares]
    cells += [Quantity(None, "points")] if _moved(story) else []
    size = _size(story, Quantity(n, "count", suppressed=few))
    return GridRow(tuple(cells), notes=(size, *[""] * (len(cells) - 1)))


def _moved(story: Story) -> dict[str, tuple[Quantity, str]]:
    """Return how each segment's share of the same customers moved, with a word where it is more than chance."""
    change = story.change
    if change is None or not change.homogeneity.judged:
        return {}
    ids = {told.ref.id for told in story.described}
    return {one.id: _moves(story, change, one.id) for one in change.sizes if one.id in ids and one.members >= 10}


def _moves(story: Story, change: Change, segment: str) -> tuple[Quantity, str]:
    one = next(known for known in change.sizes if known.id == segment)
    step = one.share_now - one.share_then
    word = story.word("letter.grew" if step > 0 else "letter.shrank")
    return Quantity(step, "points", decimals=1), word if change.sizes_changed and one.real else ""


def _figures(story: Story, page: Section) -> list[Figure]:
    """Return two pictures at most: revenue by month, or the centres; and the moves of a month, or the map."""
    facts = story.analysis.customers.order_facts
    months = months_figure(story, facts) if facts and story.money else None
    apart = story.analysis.segmentation.projection.kind != "columns"
    centres = [block for block in page.blocks if isinstance(block, Figure) and block.chart == "centres" and apart]
    first = [_with_names(story, months)] if months is not None else centres
    if story.change is not None and story.moves is not None:
        moves, flows = alluvial_figure(story, story.change, story.moves), _flows(story)
        largest = [flows.items[0].text] if flows else []
        return [*first[:1], replace(moves, alt=" ".join((f"{moves.title}.", *largest)))]
    across, up = (text(words) for words in map_axes(story))
    k, n = Quantity(len(story.segments), "number", decimals=0), count(story.size)
    alt = story.word("letter.map_alt", customers=n, k=k, across=across, up=up)
    return [*(replace(one, table=None) for one in first[:1]), replace(map_figure(story), alt=alt)]


def _with_names(story: Story, months: Figure) -> Figure:
    names = tuple(str(story.month(month, short=True).value) for month in months.data["months"])
    return replace(months, data={**months.data, "months": names})


def _who(story: Story, shown: tuple[Told, ...]) -> Bullets | None:
    told = [one for one in story.described if one in shown]
    if not told:
        return None
    lines = tuple(story.tell(one, one.persona.subtitle) for one in told)
    return Bullets(lines, tuple(one.ref.name for one in told), title=story.word("letter.who"))


def _flows(story: Story) -> Bullets | None:
    if story.change is None or story.moves is None or story.change.mode != "frozen":
        return None
    return top_flows(story, story.change, story.moves, _MOST_FLOWS)


def _notes(story: Story, page: Section) -> Text:
    """Return what to know before relying on it: the trust line of page 1, doubts about the data, an advice."""
    lines: list[Sentence] = [one for block in page.blocks if _is_note(block) for one in _paragraphs(block)]
    for note in (note for note in story.notes if not note.first):
        accepted = (Sentence(story.word("gate.accepted")),) if note.accepted else ()
        lines.append(joined(*accepted, say(note.said, story.language)))
    if story.change is not None and story.change.advice:
        reasons = [say(one, story.language) for one in story.change.advice]
        lines.append(joined(*reasons, story.say("advice.consider")))
    return Text(tuple(lines), "note", story.word("letter.notes"))


def _paragraphs(block: Block) -> tuple[Sentence, ...]:
    return block.paragraphs if isinstance(block, Text) else ()
