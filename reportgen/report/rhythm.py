"""The page on buying rhythm: the RFM groups beside the segments, and what each segment may still spend."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from reportgen.profiling.customer_value import CustomerValue
from reportgen.profiling.rfm import RfmCuts, RfmView
from reportgen.report.model import Block, Bullets, Columns, Grid, GridRow, Section, Text
from reportgen.report.story import Story, joined, number, whole
from reportgen.values import Quantity, count, share, text

_Key = TypeVar("_Key")


def rhythm_page(story: Story) -> Section | None:
    """Compose the page for a log of orders; None where neither view could be made."""
    view, value = story.analysis.rfm, story.analysis.value
    if view is None:
        return None
    groups, cells = hidden_parts(view, story.config.privacy.min_cell)
    tables = Columns((_groups(story, view, groups),), (_cells(story, view, cells),), split="sheet")
    blocks: list[Block] = [tables, _cuts(story, view.cuts)]
    blocks += _future(story, value) if value is not None and story.money else []
    return Section(
        id="rfm",
        kind="page",
        kicker=story.word("rfm.kicker"),
        title=_title(story, view),
        lede=story.say("rfm.lede"),
        blocks=tuple(blocks),
        nav=story.word("rfm.kicker"),
    )


def _title(story: Story, view: RfmView) -> str:
    first = max(view.groups, key=lambda group: (group.revenue_share or 0.0, group.customers, group.name))
    name = text(_called(story, first.name))
    if first.revenue_share is None:
        return story.word("rfm.title_size", name=name, share=share(first.share))
    return story.word("rfm.title", name=name, revenue=share(first.revenue_share))


def _groups(story: Story, view: RfmView, hidden: set[str]) -> Grid:
    customers, revenue = whole([g.share for g in view.groups]), whole([g.revenue_share for g in view.groups])
    rows = []
    for place, group in enumerate(view.groups):
        off = group.name in hidden
        cells = (
            text(_called(story, group.name)),
            Quantity(group.customers, "count", suppressed=off),
            replace(customers[place], suppressed=off),
            replace(revenue[place], suppressed=off),
        )
        rows.append(GridRow(cells))
    columns = story.columns("rfm_group:text", "customers", "customers_share", "revenue_share")
    return Grid("rfm_groups", columns, tuple(rows), title=story.word("rfm.groups_title"), compact=True)


def _called(story: Story, group: str) -> str:
    return story.word(f"group.{group.lower().replace(' ', '_').replace(chr(39), '')}")


def _cells(story: Story, view: RfmView, hidden: set[tuple[int, int]]) -> Grid:
    """Recency down, frequency across: customers, and the typical spend of a cell below."""
    rows = []
    for row in range(5):
        label = story.word("rfm.recency_score", score=number(5 - row, 0))
        cells, notes = [text(label)], [""]
        for cell in view.cells[5 * row : 5 * row + 5]:
            off = (cell.recency, cell.frequency) in hidden
            cells.append(Quantity(cell.customers, "count", suppressed=off))
            typical = None if off else cell.median_spend
            notes.append(story.word("rfm.typical", spend=story.cash(typical)) if typical is not None else "")
        rows.append(GridRow(tuple(cells), notes=tuple(notes)))
    columns = story.columns("rfm_score:text", "rfm_f1", "rfm_f2", "rfm_f3", "rfm_f4", "rfm_f5")
    caption = story.word("rfm.cells_caption")
    return Grid("rfm_cells", columns, tuple(rows), title=story.word("rfm.cells_title"), caption=caption, compact=True)


def hidden_parts(view: RfmView, least: int) -> tuple[set[str], set[tuple[int, int]]]:
    """Return the groups and the cells that must not be printed.

    Parts of 1 to ``least`` - 1 customers, and where one alone is hidden beside a printed total, the next smallest too.
    """
    groups = _with_a_companion({group.name: group.customers for group in view.groups}, least)
    cells: set[tuple[int, int]] = set()
    for group in view.groups:
        own = {(cell.recency, cell.frequency): cell.customers for cell in view.cells if cell.group == group.name}
        cells |= {place for place, n in own.items() if n} if group.name in groups else _with_a_companion(own, least)
    return groups, cells


def _with_a_companion(parts: dict[_Key, int], least: int) -> set[_Key]:
    hidden = {key for key, n in parts.items() if 0 < n < least}
    while hidden and (len(hidden) < 2 or sum(parts[key] for key in hidden) < least):
        left = [key for key, n in parts.items() if n and key not in hidden]
        if not left:
            break
        hidden.add(min(left, key=lambda key: parts[key]))
    return hidden


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
