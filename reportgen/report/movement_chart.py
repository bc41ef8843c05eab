"""What the alluvial chart of the movement page shows: all flows that may be told, the largest moves strongly."""

from __future__ import annotations

from reportgen.history.compare import Change
from reportgen.report.flow_chart import Band, Side
from reportgen.report.flows import ShownMoves
from reportgen.report.model import Figure
from reportgen.report.story import Story
from reportgen.report.wording import format_quantity
from reportgen.segments.model import SegmentRef
from reportgen.values import Quantity, count, share

STRONG = 12
_SPOKEN = 6  # moves told to those who can't see the chart; the matrix holds the rest


def alluvial_figure(story: Story, change: Change, shown: ShownMoves) -> Figure:
    """Return the chart of the moves; its numbers stand in the matrix below it."""
    left, right = _sides(story, change, shown, then=True), _sides(story, change, shown, then=False)
    bands = _bands(change, shown, (left, right))
    names = {"month": story.month(change.previous), "now": story.month(change.period)}
    drawn = sum(band.strong for band in bands)
    words = [story.word("change.alluvial_caption" if drawn else "change.alluvial_caption_none", flows=count(drawn))]
    words += [story.word("change.alluvial_hidden")] if shown.hidden.any() else []
    return Figure(
        name="alluvial",
        chart="alluvial",
        data={
            "left": tuple(side for _, side in left),
            "right": tuple(side for _, side in right),
            "bands": bands,
            "then": story.month(change.previous).value,
            "now": story.month(change.period).value,
        },
        title=_title(story, change, shown),
        alt=_spoken(story, (left, right), bands) or story.word("change.alluvial_title", **names),
        caption=" ".join(words),
    )


Placed = list[tuple[int, Side]]  # a side with its row or column in the table of moves


def _sides(story: Story, change: Change, shown: ShownMoves, *, then: bool) -> Placed:
    """Return the bars of one month; one whose number is hidden is as high as the bands that are told."""
    moves = change.migration
    m, sizes = len(moves.sides), moves.then if then else moves.now
    found: Placed = []
    for place, side in enumerate(moves.sides):
        ref = change.names.get(side)
        if sizes[place]:
            name = ref.name if ref else story.word("change.unscored")
            found.append((place, _side(story, shown.quantity(int(sizes[place])), name, ref)))
    others = (("new", m), ("returned", m + 1)) if then else (("lost", m),)
    for name, place in others:
        line = shown.counts[place] if then else shown.counts[:, place]
        if line.any():
            visible = int((line * ~(shown.hidden[place] if then else shown.hidden[:, place])).sum())
            total = shown.row_total(place) if then else shown.column_total(place)
            found.append((place, _side(story, total, story.word(f"change.{name}"), None, visible)))
    return found


def _side(story: Story, size: Quantity, name: str, ref: SegmentRef | None, visible: int = 0) -> Side:
    known = isinstance(size.value, int) and not size.suppressed
    return Side(ref, name, format_quantity(size, story.language), int(size.value or 0) if known else visible)


def _bands(change: Change, shown: ShownMoves, sides: tuple[Placed, Placed]) -> tuple[Band, ...]:
    told = [
        (i, j, int(shown.counts[row, column]), row != column)
        for i, (row, _) in enumerate(sides[0])
        for j, (column, _) in enumerate(sides[1])
        if shown.counts[row, column] and not shown.hidden[row, column]
    ]
    moves = sorted((one for one in told if one[3]), key=lambda one: (-one[2], one[0], one[1]))
    strong = {one[:2] for one in moves[:STRONG]}
    return tuple(Band(i, j, n, (i, j) in strong) for i, j, n, _ in told)


def _title(story: Story, change: Change, shown: ShownMoves) -> str:
    """Say which part of those who had a segment in both months kept it, where that may be told."""
    names = {"month": story.month(change.previous), "now": story.month(change.period)}
    split = change.split
    moved = split.seen
    if not split.customers or 0 < moved < shown.least or 0 < split.stayed < shown.least:
        return story.word("change.alluvial_title", **names)
    return story.word("change.alluvial_stayed", share=share(split.stayed / split.customers, 0), **names)


def _spoken(story: Story, sides: tuple[Placed, Placed], bands: tuple[Band, ...]) -> str:
    """Describe the picture: the largest moves, those with the most customers first."""
    largest = sorted((band for band in bands if band.strong), key=lambda band: -band.customers)[:_SPOKEN]
    return " ".join(
        story.word(
            "change.alluvial_alt",
            old=_name(sides[0][band.origin][1]),
            new=_name(sides[1][band.target][1]),
            customers=count(band.customers),
        )
        for band in largest
    )


def _name(side: Side) -> Quantity:
    return Quantity(side.name, "text")
