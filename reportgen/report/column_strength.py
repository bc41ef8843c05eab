"""How columns go with the segments: what describes them beyond chance, and a ranking of what formed them."""

from __future__ import annotations

from reportgen.inputs.customers import Field
from reportgen.profiling.association import Association
from reportgen.report.model import Block, Grid, GridColumn, GridRow, Sentence, Text
from reportgen.report.story import Story, joined, number
from reportgen.report.wording import shorten
from reportgen.values import Quantity, count, text

_MOST_ROWS = 30
_MOST_V = 20  # a larger v-test says no more than this


def association_blocks(story: Story) -> list[Block]:
    """Return one paragraph and one table; nothing where no column could be measured."""
    found = story.analysis.associations
    if not found:
        return []
    rows = tuple(_row(story, one) for one in found[:_MOST_ROWS])
    columns = story.columns(
        "column:text",
        "relation:text",
        "customers",
        "strength_measure:text",
        "strength",
        "size:text",
        "p",
        "beyond:text",
    )
    more = len(found) - len(rows)
    caption = story.word("association.caption")
    if more:
        caption += " " + story.word("association.more", more=count(more))
    return [
        Text((joined(*_sentences(story, found)),), title=story.word("association.title")),
        Grid("associations", columns, rows, caption=caption, compact=True),
    ]


def cross_tables(story: Story) -> list[Block]:
    """Return the customers of each segment that the file already had, spread over the new ones; small cells hidden."""
    fields = [field for field in story.analysis.customers.fields if field.role == "existing_segment"]
    return [grid for place, field in enumerate(fields, 1) if (grid := _cross_table(story, field, f"existing_{place}"))]


def _cross_table(story: Story, field: Field, name: str) -> Grid | None:
    counts: dict[str, list[Quantity]] = {}
    for told in story.segments:
        for level in told.profile.levels:
            if level.field == field.name:
                shown = Quantity(level.n, "count", suppressed=level.suppressed)
                counts.setdefault(level.level, []).append(shown)
    if not counts:
        return None
    label = text(shorten(field.label, 60))
    rows = tuple(GridRow((text(shorten(level, 60)), *cells)) for level, cells in counts.items())
    columns = (GridColumn(str(label.value), "text"), *(GridColumn(t.ref.name, "number", t.ref) for t in story.segments))
    title, caption = story.word("association.cross_title", label=label), story.word("association.cross_caption")
    return Grid(name, columns, rows, title=title, caption=caption, compact=True)


def v_test_table(story: Story) -> Grid:
    """Return every v-test that may be told, for the data files: a ranking for columns that formed the segments."""
    rows = [
        GridRow(
            (text(told.ref.name), text(one.label), text(link.level), _v(link.v), text(story.word(_relation(one)))),
            told.ref,
        )
        for told in story.segments
        for one in story.analysis.associations
        for link in one.links
        if link.place == told.place
    ]
    columns = story.columns("segment:segment", "column:text", "level:text", "v", "relation:text")
    return Grid("v_tests", columns, tuple(rows))


def _sentences(story: Story, found: tuple[Association, ...]) -> list[Sentence]:
    tested = [one for one in found if one.p is not None]
    if not tested:
        return [story.say("association.none_tested")]
    beyond = [one for one in tested if one.beyond_chance]
    said = [story.say("association.tested", tested=count(len(tested)), beyond=count(len(beyond)))]
    if beyond:
        strongest = beyond[0]
        said.append(
            story.say(
                f"association.strongest_{strongest.size}",
                label=text(strongest.label),
                measure=text(story.word(_measure(strongest))),
                strength=Quantity(strongest.effect, "score"),
            )
        )
    return said


def _row(story: Story, one: Association) -> GridRow:
    beyond = "–" if one.adjusted is None else story.word("method.yes" if one.beyond_chance else "method.no")
    return GridRow(
        (
            text(shorten(one.label, 80)),
            text(story.word(_relation(one))),
            count(one.n),
            text(story.word(_measure(one))),
            Quantity(one.effect, "score"),
            text(story.word(f"association.{one.size}")),
            _p(one.adjusted),
            text(beyond),
        )
    )


def _relation(one: Association) -> str:
    return f"association.{one.relation}"


def _measure(one: Association) -> str:
    return f"association.{one.measure}{'_ranks' if one.by_rank else ''}"


def _p(adjusted: float | None) -> Quantity:
    return text("< 0.001") if adjusted is not None and adjusted < 0.001 else number(adjusted, 3)


def _v(v: float) -> Quantity:
    if abs(v) > _MOST_V:
        return text(f"> {_MOST_V}" if v > 0 else f"< −{_MOST_V}")
    return number(v, 1)
