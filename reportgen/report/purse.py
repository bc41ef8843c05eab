"""What one segment spends: tiles, spending profile and category mix of its sheet."""

from __future__ import annotations

from reportgen.profiling.spending import SegmentSpending
from reportgen.report.model import Fact, Grid, GridRow
from reportgen.report.story import Story, Told, index, number, ratio, text, whole
from reportgen.report.wording import format_quantity
from reportgen.values import Quantity, share

_MOST_CATEGORIES = 4
_MOST_TILES = 5


def spending_tiles(story: Story, told: Told) -> tuple[Fact, ...]:
    """Return up to five tiles beside the number of customers, each against all customers."""
    money, base = told.money, _base(story)
    assert money is not None

    brought = story.word("tile.index", index=index(money.index))
    candidates: list[tuple[str, Quantity, Quantity | None]] = [
        ("spend_customer", *_both(story, money.spend_mean, base.spend_mean)),
        ("order_value", *_both(story, money.order_value, base.order_value)),
        ("orders_customer", number(money.orders_per_customer, 1), number(base.orders_per_customer, 1)),
        ("recency", _days(money.recency_median), _days(base.recency_median)),
        ("repeat_rate", share(money.repeat_rate, 0), share(base.repeat_rate, 0)),
    ]
    tiles = [Fact(story.word("tile.revenue_share"), told.revenue_share, brought)]
    for name, value, everyone in candidates:
        if value.value is not None and everyone is not None:
            shown = text(format_quantity(everyone, story.language))
            note = story.word("tile.base_median" if name == "recency" else "tile.base", base=shown)
            tiles.append(Fact(story.word(f"tile.{name}"), value, note))
    return tuple(tiles[:_MOST_TILES])


def spending_grid(story: Story, told: Told) -> Grid | None:
    """Return what the tiles leave out: typical spend and its spread, repeat buyers, the weight of the largest."""
    money, base = told.money, _base(story)
    assert money is not None

    middle = ""
    if money.spend_q25 is not None and money.spend_q75 is not None:
        low, high = (
            format_quantity(story.amount(value, base.spend_median), story.language)
            for value in (money.spend_q25, money.spend_q75)
        )
        middle = story.word("sheet.middle_half", low=text(low), high=text(high))
    lines = [
        ("typical_spend", *_both(story, money.spend_median, base.spend_median), middle),
        ("repeat_rate", share(money.repeat_rate, 0), share(base.repeat_rate, 0), ""),
        ("top_tenth", share(money.top_tenth_share, 0), share(base.top_tenth_share, 0), ""),
    ]
    rows = tuple(
        GridRow(
            (text(story.word(f"tile.{name}")), value, everyone, _ratio(value, everyone)),
            notes=("", note, "", "") if note else (),
        )
        for name, value, everyone, note in lines
        if value.value is not None
    )
    columns = story.columns("measure:text", "segment_value", "everyone", "ratio")
    return Grid(f"{told.ref.id}-spending", columns, rows, story.word("sheet.spending"), sheet=False) if rows else None


def category_grid(story: Story, told: Told) -> Grid | None:
    """Return what they buy: share of wallet, the categories furthest from average first."""
    assert told.money is not None
    categories = told.money.categories
    own = whole([None if item.suppressed else item.share for item in categories])
    everyone = whole([item.base_share for item in categories])
    shown = [
        row for row in zip(categories, own, everyone, strict=True) if not row[0].suppressed and row[0].buyers >= 10
    ]
    shown.sort(key=lambda row: (-round(abs(row[0].share - row[0].base_share), 9), row[0].category))
    if not shown:
        return None
    rows = tuple(
        GridRow((text(item.category), part, base, index(item.index)), told.ref)
        for item, part, base in shown[:_MOST_CATEGORIES]
    )
    columns = story.columns("category:text", "share_wallet", "everyone", "below_above:index_bar")
    return Grid(f"{told.ref.id}-categories", columns, rows, story.word("sheet.categories"), sheet=False)


def _base(story: Story) -> SegmentSpending:
    assert story.analysis.spending is not None
    return story.analysis.spending.base


def _days(value: float | None) -> Quantity:
    return Quantity(value, "days", decimals=0)


def _both(story: Story, own: float | None, everyone: float | None) -> tuple[Quantity, Quantity]:
    return story.amount(own, everyone), story.amount(everyone, everyone)


def _ratio(value: Quantity, everyone: Quantity) -> Quantity:
    if isinstance(value.value, str) or isinstance(everyone.value, str):
        return Quantity(None, "ratio")
    return ratio(value.value, everyone.value)
