"""The spending page: who brings the revenue, how concentrated it is, what is bought and when."""

from __future__ import annotations

from reportgen.inputs.customers import OrderFacts
from reportgen.profiling.concentration import Concentration
from reportgen.profiling.spending import SegmentSpending, Spending
from reportgen.report.model import Block, Columns, Figure, Grid, GridColumn, GridRow, Section
from reportgen.report.story import Story, index, number, whole
from reportgen.report.summary import leader
from reportgen.segments.model import SegmentRef
from reportgen.values import Quantity, count, share, text

_MOST_MONTHS = 36  # the newest; a longer history stays in the data files


def spending_page(story: Story) -> Section | None:
    """Compose the spending page; None where the file holds no money."""
    spending, facts = story.spending, story.analysis.customers.order_facts
    if spending is None:
        return None
    blocks: list[Block | None] = [
        _money_table(story, spending),
        _curves(story, spending, facts),
        _mix(story, spending),
        _states(story, spending),
    ]
    spread, first = spending.concentration, leader(story)
    brings = story.say("spending.lede", name=text(first.ref.name), share=first.share, revenue=first.revenue_share)
    return Section(
        id="spending",
        kind="page",
        kicker=story.word("spending.kicker"),
        title=story.word("spending.title", top=share(spread.top20_share)) if spread else brings.text.removesuffix("."),
        lede=brings if spread else None,
        blocks=tuple(block for block in blocks if block is not None),
        nav=story.word("spending.kicker"),
    )


def _money_table(story: Story, spending: Spending) -> Grid:
    rows = [
        _money_row(story, told.ref.name, told.money, (told.share, told.revenue_share), told.ref)
        for told in story.segments
        if told.money is not None
    ]
    whole = (share(1.0, 0), share(1.0, 0))
    rows.append(_money_row(story, story.word("col.all_customers"), spending.base, whole, None))
    columns = story.columns(
        "segment:segment",
        "customers",
        "customers_share",
        "revenue",
        "revenue_share",
        "spend_index",
        "typical_spend",
        "order_value",
        "orders_customer",
        "recency",
    )
    kept = [place for place in range(len(columns)) if any(row.cells[place].value is not None for row in rows)]
    return Grid(
        name="spending",
        columns=tuple(columns[place] for place in kept),
        rows=tuple(
            GridRow(tuple(row.cells[place] for place in kept), row.segment, total=row.segment is None) for row in rows
        ),
        title=story.word("spending.table_title"),
        caption=story.word("spending.table_caption"),
        compact=True,
    )


def _money_row(
    story: Story, name: str, money: SegmentSpending, shares: tuple[Quantity, Quantity], ref: SegmentRef | None
) -> GridRow:
    everyone = story.spending.base if story.spending else money
    cells = (
        text(name),
        count(money.customers),
        shares[0],
        story.cash(money.revenue, 0),
        shares[1],
        index(money.index),
        story.amount(money.spend_median, everyone.spend_median),
        story.amount(money.order_value, everyone.order_value),
        number(money.orders_per_customer, 1),
        Quantity(money.recency_median, "days", decimals=0),
    )
    return GridRow(cells, ref)


def _curves(story: Story, spending: Spending, facts: OrderFacts | None) -> Block | None:
    """Return the curve of concentration, beside the months where there are any."""
    lorenz = _lorenz(story, spending, spending.concentration) if spending.concentration else None
    months = months_figure(story, facts) if facts else None
    return Columns((lorenz,), (months,)) if lorenz is not None and months is not None else lorenz or months


def _lorenz(story: Story, spending: Spending, spread: Concentration) -> Figure:
    table = Grid(
        name="concentration",
        columns=story.columns("measure:text", "value"),
        rows=(
            GridRow((text(story.word("spending.top20")), share(spread.top20_share))),
            GridRow((text(story.word("spending.for80")), share(spread.customers_for_80))),
            GridRow((text(story.word("spending.gini")), Quantity(spread.gini, "score"))),
        ),
    )
    return Figure(
        name="lorenz",
        chart="lorenz",
        data={"points": spread.lorenz, "top_share": spread.top20_share, "gini": spread.gini},
        title=story.word("spending.lorenz", share=share(spread.customers_for_80)),
        alt=story.word("spending.lorenz_alt", top=share(spread.top20_share), share=share(spread.customers_for_80)),
        caption=story.word("spending.lorenz_caption", customers=count(spending.base.customers)),
        table=table,
        width="half",
    )


def _mix(story: Story, spending: Spending) -> Grid | None:
    """Return category shares per segment as an index map; None without categories."""
    if not spending.base.categories:
        return None
    rows = []
    parts = whole([category.share for category in spending.base.categories])
    for category, part in zip(spending.base.categories, parts, strict=True):
        cells = [story.level(category.category), part]
        for told in story.segments:
            own = [item for item in (told.money.categories if told.money else ()) if item.category == category.category]
            hidden = any(item.suppressed for item in own)
            value = own[0].index if own and not hidden else None
            cells.append(Quantity(value, "index", suppressed=hidden))
        rows.append(GridRow(tuple(cells)))
    columns = (
        *story.columns("category:text", "share_revenue"),
        *(GridColumn(told.ref.name, "heat", told.ref) for told in story.segments),
    )
    return Grid(
        "categories",
        columns,
        tuple(rows),
        title=story.word("spending.mix_title"),
        caption=story.word("spending.mix_caption"),
        compact=len(story.segments) > 7,
    )


def months_figure(story: Story, facts: OrderFacts) -> Figure | None:
    """Return revenue by month; None without a complete month, or where one has too few buyers to be told."""
    months = facts.months[-_MOST_MONTHS:]
    complete = [month for month in months if month.complete]
    if len(months) < 2 or not complete or any(story.few(month.buyers) for month in facts.months):
        return None  # a month of a few buyers would follow from the others
    best = max(complete, key=lambda month: (month.revenue, month.month))
    rows = tuple(
        GridRow(
            (
                text(str(story.month(month.month).value)),
                count(month.buyers),
                count(month.orders),
                story.cash(month.revenue, 0),
                story.part_of(month.returning, month.buyers),
                text(story.word("spending.complete" if month.complete else "spending.partial")),
            )
        )
        for month in months
    )
    columns = story.columns("month:text", "buyers", "orders", "revenue", "returning", "remark:text")
    key = "spending.months_title" if len(complete) > 1 else "spending.months_title_one"
    return Figure(
        name="months",
        chart="months",
        data={
            "months": tuple(month.month for month in months),
            "revenue": tuple(month.revenue for month in months),
            "complete": tuple(month.complete for month in months),
            "currency": story.analysis.customers.currency,
        },
        title=story.word(key, month=story.month(best.month), revenue=story.cash(best.revenue)),
        alt=story.word("spending.months_alt", month=story.month(best.month), revenue=story.cash(best.revenue)),
        caption=story.word("spending.months_caption"),
        table=Grid("months", columns, rows),
        width="half",
    )


def _states(story: Story, spending: Spending) -> Grid | None:
    """Return which share of each segment is new, active, slowing or lapsed; None without a usual gap."""
    facts = story.analysis.customers.order_facts
    if not spending.base.states or facts is None or facts.usual_gap is None or facts.lapse_limit is None:
        return None
    words = [word for word, _ in spending.base.states]

    def row(name: str, money: SegmentSpending, ref: SegmentRef | None) -> GridRow:
        known = dict(money.states)
        cells = (text(name), *whole([known.get(word) for word in words]))
        return GridRow(cells, ref, total=ref is None)

    rows = [row(told.ref.name, told.money, told.ref) for told in story.segments if told.money]
    rows.append(row(story.word("col.all_customers"), spending.base, None))
    columns = (*story.columns("segment:segment"), *(GridColumn(story.word(f"state.{_key(word)}")) for word in words))
    return Grid(
        "states",
        columns,
        tuple(rows),
        title=story.word("spending.states_title"),
        caption=story.word(
            "spending.states_caption",
            gap=Quantity(facts.usual_gap, "days", decimals=0),
            limit=Quantity(facts.lapse_limit, "days", decimals=0),
        ),
        compact=True,
    )


def _key(word: str) -> str:
    return word.lower().replace("-", "_").replace(" ", "_")
