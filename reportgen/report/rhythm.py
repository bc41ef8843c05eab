"""The page on buying rhythm: the RFM groups beside the segments, and what each segment may still spend."""

from __future__ import annotations

import numpy as np

from reportgen.profiling.customer_value import CustomerValue
from reportgen.profiling.rfm import RfmCuts, RfmView
from reportgen.profiling.suppression import hide_small_cells
from reportgen.report.model import Block, Bullets, Grid, GridRow, Section, Text
from reportgen.report.story import Story, joined, number, text, whole
from reportgen.values import Quantity, count, share


def rhythm_page(story: Story) -> Section | None:
    """Compose the page for a log of orders; None where neither view could be made."""
    view, value = story.analysis.rfm, story.analysis.value
    if view is None:
        return None
    blocks: list[Block] = [_groups(story, view), _cells(story, view), _cuts(story, view.cuts)]
    blocks += _future(story, value) if value is not None else []
    first = max(view.groups, key=lambda group: (group.revenue, group.name))
    return Section(
        id="rfm",
        kind="page",
        kicker=story.word("rfm.kicker"),
        title=story.word("rfm.title", name=text(first.name), revenue=share(first.revenue_share)),
        lede=story.say("rfm.lede"),
        blocks=tuple(blocks),
        nav=story.word("rfm.kicker"),
    )


def _groups(story: Story, view: RfmView) -> Grid:
    counts = np.array([[group.customers] for group in view.groups], dtype=np.int64)
    hidden = hide_small_cells(counts, story.config.privacy.min_cell)[:, 0]
    customers, revenue = whole([g.share for g in view.groups]), whole([g.revenue_share for g in view.groups])
    rows = []
    for place, group in enumerate(view.groups):
        off = bool(hidden[place])
        cells = (
            text(group.name),
            Quantity(group.customers, "count", suppressed=off),
            Quantity(customers[place].value, "share", decimals=0, suppressed=off),
            Quantity(revenue[place].value, "share", decimals=0, suppressed=off),
            Quantity(group.revenue / group.customers, "money", story.analysis.customers.currency, 0, suppressed=off),
        )
        rows.append(GridRow(cells))
    columns = story.columns("rfm_group:text", "customers", "customers_share", "revenue_share:bar", "spend_customer")
    return Grid("rfm_groups", columns, tuple(rows), title=story.word("rfm.groups_title"), compact=True)


def _cells(story: Story, view: RfmView) -> Grid:
    """Recency down, frequency across: customers, and the typical spend of a cell below."""
    counts = np.array([[cell.customers for cell in view.cells[5 * row : 5 * row + 5]] for row in range(5)])
    hidden = hide_small_cells(counts, story.config.privacy.min_cell)
    rows = []
    for row in range(5):
        cells = view.cells[5 * row : 5 * row + 5]
        label = story.word("rfm.recency_score", score=number(cells[0].recency, 0))
        shown = [
            Quantity(c.customers, "count", suppressed=bool(off)) for c, off in zip(cells, hidden[row], strict=True)
        ]
        spend = [
            story.word("rfm.typical", spend=story.cash(c.median_spend))
            if c.median_spend is not None and not off
            else ""
            for c, off in zip(cells, hidden[row], strict=True)
        ]
        rows.append(GridRow((text(label), *shown), notes=("", *spend)))
    columns = story.columns("rfm_score:text", "rfm_f1", "rfm_f2", "rfm_f3", "rfm_f4", "rfm_f5")
    caption = story.word("rfm.cells_caption")
    return Grid("rfm_cells", columns, tuple(rows), title=story.word("rfm.cells_title"), caption=caption, compact=True)


def _cuts(story: Story, cuts: RfmCuts) -> Text:
    days = {f"d{place}": Quantity(value, "days", decimals=0) for place, value in enumerate(cuts.recency, 1)}
    orders = {f"o{place}": number(value, 0) for place, value in enumerate(cuts.frequency, 1)}
    money = {f"m{place}": story.cash(value, 0) for place, value in enumerate(cuts.monetary, 1)}
    return Text((story.say("rfm.cuts", **days, **orders, **money),), style="note")


def _future(story: Story, value: CustomerValue) -> list[Block]:
    """Return the table of estimates, or the reasons why there is none; the hold-out is stated in both cases."""
    title = story.word("lifetime.title", months=number(value.months, 0))
    if not value.estimated:
        reasons = tuple(story.tell(story.segments[0], reason) for reason in value.missing)
        return [Bullets(reasons, title=story.word("lifetime.not_estimated"))]
    rows = []
    for told, part in zip(story.segments, value.segments, strict=True):
        cells = (
            text(told.ref.name),
            story.cash(part.per_customer, 0),
            story.cash(part.low, 0),
            story.cash(part.high, 0),
            story.cash(part.total, 0),
        )
        rows.append(GridRow(cells, told.ref))
    columns = story.columns("segment:segment", "expected", "expected_low", "expected_high", "expected_total")
    return [Grid("future_value", columns, tuple(rows), title=title), _test_line(story, value)]


def _test_line(story: Story, value: CustomerValue) -> Text:
    assumption = story.say("lifetime.assumption", rate=share(value.annual_rate, 0))
    test = value.hold_out
    if test is None:
        return Text((assumption,), style="note")
    said = story.say(
        "lifetime.hold_out",
        days=Quantity(test.days, "days", decimals=0),
        predicted=count(round(test.predicted)),
        actual=count(test.actual),
        ratio=share(test.ratio, 0),
    )
    return Text((joined(assumption, said),), style="note")
