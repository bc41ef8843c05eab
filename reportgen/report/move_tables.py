"""Tables of a later month that only the data files carry: every move with its money, and the test of the sizes."""

from __future__ import annotations

from reportgen.history.compare import Change
from reportgen.report.flows import ShownMoves
from reportgen.report.model import Grid, GridRow
from reportgen.report.story import Story
from reportgen.values import Quantity, count, share, text


def month_tables(story: Story) -> tuple[Grid, ...]:
    """Return the moves between segments that may be told and how the shares of the same customers changed."""
    change, shown = story.change, story.moves
    if change is None or shown is None:
        return ()
    return (_moves(story, change, shown), *([_sizes(story, change)] if change.sizes else []))


def _moves(story: Story, change: Change, shown: ShownMoves) -> Grid:
    moves, money = change.migration, change.has_money and story.money
    rows = []
    for i, old in enumerate(moves.sides[:-1]):
        for j, new in enumerate(moves.sides[:-1]):
            if i == j or not moves.table[i, j] or shown.hidden[i, j]:
                continue
            names = (text(change.names[side].name) for side in (old, new))
            told = (i, j) not in change.dominance.cells
            parts = (moves.money_then, moves.money_now) if money else ()
            amounts = [story.cash(float(part[i, j]) / 100 if told else None) for part in parts]
            rows.append(GridRow((*names, count(int(moves.table[i, j])), *amounts), change.names[old]))
    amounts_head = ("spend_then", "spend_now") if money else ()
    return Grid("moves", story.columns("from:segment", "to:text", "customers", *amounts_head), tuple(rows))


def _sizes(story: Story, change: Change) -> Grid:
    rows = []
    for one in change.sizes:
        few = one.members < story.config.privacy.min_cell
        shares = (share(None if few else part, 1) for part in (one.share_then, one.share_now))
        p = Quantity(None if few else one.p, "number", decimals=4)
        beyond = text(story.word("method.yes" if one.real and change.sizes_changed else "method.no"))
        rows.append(GridRow((text(change.names[one.id].name), *shares, p, beyond), change.names[one.id]))
    columns = story.columns("segment:segment", "share_then", "share_now", "p", "beyond:text")
    return Grid("size-changes", columns, tuple(rows))
