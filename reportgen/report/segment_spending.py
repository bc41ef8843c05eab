"""What one segment spends: tiles, buying again, weight of its largest members, categories that stand out."""

from __future__ import annotations

import math

from reportgen.profiling.spending import SegmentSpending
from reportgen.report.model import Fact, GridRow
from reportgen.report.story import Story, Told, index, number
from reportgen.report.wording import format_quantity
from reportgen.values import Quantity, share, text

_STANDS_OUT = 20  # points of index
_MOST_TILES = 5


def spending_tiles(story: Story, told: Told) -> tuple[Fact, ...]:
    """Return up to five tiles beside the number of customers, each against all customers."""
    money, base = told.money, _base(story)
    if money is None or base is None:
        return ()
    brought = story.word("tile.index", index=index(money.index))
    candidates = [
        ("spend_customer", *_both(story, money.spend_mean, base.spend_mean)),
        ("order_value", *_both(story, money.order_value, base.order_value)),
        ("orders_customer", number(money.orders_per_customer, 1), number(base.orders_per_customer, 1)),
        ("recency", _days(money.recency_median), _days(base.recency_median)),
    ]
    tiles = [Fact(story.word("tile.revenue_share"), told.revenue_share, brought)]
    for name, value, everyone in candidates:
        if value.value is not None:
            shown = text(format_quantity(everyone, story.language))
            note = story.word("tile.base_median" if name == "recency" else "tile.base", base=shown)
            tiles.append(Fact(story.word(f"tile.{name}"), value, note))
    return tuple(tiles[:_MOST_TILES])


def spending_rows(story: Story, told: Told) -> list[GridRow]:
    """Return what the tiles leave out: how many buy again, and how much the largest tenth of members weighs."""
    money, base = told.money, _base(story)
    if money is None or base is None:
        return []
    pairs = (
        ("repeat_rate", money.repeat_rate, base.repeat_rate),
        ("top_tenth", money.top_tenth_share, base.top_tenth_share),
    )
    return [
        GridRow((text(story.word(f"tile.{name}")), share(own, 0), share(everyone, 0)))
        for name, own, everyone in pairs
        if own is not None
    ]


def category_rows(story: Story, told: Told) -> list[tuple[float, float, GridRow]]:
    """Return the categories whose share of wallet stands out, as rows of what sets a segment apart."""
    rows = []
    for item in told.money.categories if told.money else ():
        if item.suppressed or item.index is None or abs(item.index - 100) < _STANDS_OUT:
            continue
        label = text(story.word("sheet.category", category=story.level(item.category)))
        cells = (label, share(item.share, 0), share(item.base_share, 0), index(item.index))
        effect = 2 * math.asin(math.sqrt(item.share)) - 2 * math.asin(math.sqrt(item.base_share))
        rows.append((round(abs(effect), 9), item.index, GridRow(cells, told.ref)))
    return rows


def _base(story: Story) -> SegmentSpending | None:
    return story.spending.base if story.spending else None


def _days(value: float | None) -> Quantity:
    return Quantity(value, "days", decimals=0)


def _both(story: Story, own: float | None, everyone: float | None) -> tuple[Quantity, Quantity]:
    return story.amount(own, everyone), story.amount(everyone, everyone)
