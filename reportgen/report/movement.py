"""The movement page: who went from which segment to which, what came of it, and whether it is more than chance."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from reportgen.history.compare import Change, Lineage
from reportgen.history.drift import ColumnDrift, Shift
from reportgen.report.bridge import bridge_table
from reportgen.report.changes import came_and_left, model_sentence, size_sentence
from reportgen.report.flows import Flow, ShownMoves, flow_of
from reportgen.report.model import Block, Bullets, Columns, Grid, GridColumn, GridRow, Section, Sentence, Text
from reportgen.report.month_by_segment import outlived_name, segments_table
from reportgen.report.movement_chart import alluvial_figure
from reportgen.report.story import Story, Told, joined
from reportgen.report.wording import format_quantity, say
from reportgen.values import Quantity, count, share, text

_MOST_FLOWS = 3


def movement_page(story: Story) -> Section | None:
    """Compose the movement page; None in a first month, or without months."""
    change, shown = story.change, story.moves
    if change is None or shown is None:
        return None
    blocks: list[Block | None] = [
        alluvial_figure(story, change, shown),
        top_flows(story, change, shown) if change.mode == "frozen" else None,
        Text(_reality(story, change), title=story.word("change.reality_title")),
        _lineage(story, change),
        _matrix(story, change, shown),
        _flows(story, change, shown),
        segments_table(story, change),
        _outlived(story),
        _money_blocks(story, change),
        _restated(story, change),
        _advice(story, change),
    ]
    return Section(
        id="movement",
        kind="page",
        kicker=story.word("change.kicker", month=story.month(change.previous)),
        title=_title(story, change),
        lede=joined(_moved(story, change, shown), *came_and_left(story, change), model_sentence(story, change)),
        blocks=tuple(block for block in blocks if block is not None),
        nav=story.word("change.nav"),
    )


def flow_line(story: Story, told: Told) -> Text | None:
    """Return the flow of one segment as a line that adds up, for its sheet."""
    change, shown = story.change, story.moves
    if change is None or shown is None or told.ref.id not in change.migration.sides:
        return None
    flow = flow_of(change.migration, shown, change.migration.sides.index(told.ref.id))
    names = {"full": ("new", "returned", "arrived", "moved_out", "lost"), "joined": ("joined", "left")}
    values = {name: Quantity(getattr(flow, name), "count") for name in names.get(flow.told, ())}
    sizes = {"before": shown.quantity(flow.before), "now": shown.quantity(flow.now)}
    month = story.month(change.previous)
    return Text((story.say(f"change.flow_{flow.told}", month=month, **sizes, **values),), "note")


def drift_table(story: Story) -> Grid | None:
    """Return how the columns that form segments drifted, for the appendix."""
    change = story.change
    if change is None or not change.drift:
        return None
    told = ("fit", "last", "year") if any(one.since_year for one in change.drift) else ("fit", "last")
    return Grid(
        name="drift",
        columns=story.columns("column:text", *(f"median_{since}" for since in (*told, "now")))
        + story.columns(*(name for since in told for name in (f"psi_{since}", f"reading_{since}:text"))),
        rows=tuple(_drift_row(story, one, told) for one in change.drift),
        title=story.word("drift.title"),
        caption=story.word("drift.caption"),
        compact=True,
    )


def _drift_row(story: Story, one: ColumnDrift, told: Sequence[str]) -> GridRow:
    field = story.analysis.customers.field(one.name)
    shifts: list[Shift | None] = [getattr(one, f"since_{since}") for since in told]
    medians = [shift.median if shift else None for shift in shifts]
    cells = [story.measure(field.kind, field.unit, value) for value in (*medians, one.median)]
    readings = [cell for shift in shifts for cell in _shift_cells(story, shift)]
    return GridRow((text(story.heading(field.label, field.kind, field.unit)), *cells, *readings))


def _shift_cells(story: Story, shift: Shift | None) -> tuple[Quantity, Quantity]:
    word = text(story.word(f"drift.word_{shift.word}")) if shift else Quantity(None, "text")
    return Quantity(shift.psi if shift else None, "score"), word


def _title(story: Story, change: Change) -> str:
    moved, n = change.split.truly_moved, change.split.customers
    if moved == 0:
        return story.word("change.page_none")
    if moved < 10:
        return story.word("change.page_few")
    return story.word("change.page_title", share=share(moved / n, 0))


def _moved(story: Story, change: Change, shown: ShownMoves) -> Sentence:
    """Say how many moved; only their share where a number that is hidden in the table would follow."""
    moved, n, month = change.split.truly_moved, change.split.customers, story.month(change.previous)
    if moved < 10:
        return story.say("change.moved_few" if moved else "change.moved_none", month=month)
    apart = shown.counts[:, -1].sum() + change.migration.then[-1]  # who was there but is not among the n
    if shown.hides_moves or 0 < apart < 10:
        told = story.say("change.moved_share", share=share(moved / n, 0), month=month)
    else:
        values = {"moved": count(moved), "customers": count(n), "share": share(moved / n)}
        told = story.say("change.moved", **values, month=month)
    idle = change.idle
    if idle is None or 0 < idle < 10 or 0 < moved - idle < 10:
        return told
    return joined(told, story.say("change.idle", idle=share(idle / moved, 0), now=story.month(change.period)))


def top_flows(story: Story, change: Change, shown: ShownMoves, most: int = _MOST_FLOWS) -> Bullets | None:
    """Tell the largest moves, down to the first that may not be told."""
    moves, money = change.migration, change.has_money and story.money
    flows = [
        (int(moves.table[a, c]), a, c)
        for a in range(len(moves.sides) - 1)
        for c in range(len(moves.sides) - 1)
        if a != c and moves.table[a, c]
    ]
    flows.sort(key=lambda flow: (-flow[0], flow[1], flow[2]))
    items = []
    for n, a, c in takewhile(lambda flow: not shown.hidden[flow[1], flow[2]], flows[:most]):
        names = {"old": _name(change, moves.sides[a]), "new": _name(change, moves.sides[c])}
        told = money and (a, c) not in change.dominance.cells
        worth = {"amount": story.cash(float(moves.money_now[a, c]) / 100)} if told else {}
        key = "change.flow_money" if told else "change.flow"
        items.append(story.say(key, customers=count(n), **names, **worth))
    return Bullets(tuple(items), title=story.word("change.flows_title")) if items else None


def _reality(story: Story, change: Change) -> tuple[Sentence, ...]:
    if not change.homogeneity.judged:
        return (story.say("change.too_few_moves"),)
    real = [one for one in change.sizes if one.real]
    if not change.sizes_changed or not real:
        return (story.say("change.sizes_same"),)
    return tuple(
        joined(Sentence(story.lead(change.names[one.id].name)), size_sentence(story, change, one.id)) for one in real
    )


def _lineage(story: Story, change: Change) -> Bullets | None:
    if not change.lineage:
        return None
    items = tuple(_descent(story, change, one) for one in change.lineage)
    return Bullets(items, title=story.word("lineage.title"))


def _descent(story: Story, change: Change, one: Lineage) -> Sentence:
    others = text(", ".join(change.names[other].name for other in one.others))
    key = f"lineage.{one.word}" if one.others or one.word in ("same", "changed") else f"lineage.{one.word}_alone"
    return story.say(key, name=_name(change, one.id), others=others, overlap=share(one.jaccard, 0))


def _matrix(story: Story, change: Change, shown: ShownMoves) -> Grid:
    moves, m = change.migration, len(change.migration.sides)
    sides = [place for place in range(m) if place < m - 1 or moves.then[-1] or moves.now[-1]]
    head = [GridColumn(story.word("change.matrix_head", month=story.month(change.previous)), "segment")]
    for place in sides:
        ref = change.names.get(moves.sides[place])
        head.append(GridColumn(ref.name if ref else story.word("change.unscored"), "number", ref))
    head += [GridColumn(story.word("change.lost")), GridColumn(story.word("change.total"))]
    rows = []
    for place in (*sides, m, m + 1):
        ref = change.names.get(moves.sides[place]) if place < m else None
        name = (
            ref.name if ref else story.word(("change.unscored", "change.new", "change.returned")[max(0, place - m + 1)])
        )
        cells = [shown.cell(place, column) for column in (*sides, m)]
        rows.append(GridRow((text(name), *cells, shown.row_total(place)), ref))
    totals = [shown.column_total(column) for column in (*sides, m)]
    rows.append(GridRow((text(story.word("change.total")), *totals, shown.total()), total=True))
    return Grid(
        name="migration",
        columns=tuple(head),
        rows=tuple(rows),
        title=story.word("change.matrix_title", month=story.month(change.previous), now=story.month(change.period)),
        caption=story.word("change.matrix_caption"),
        compact=True,
    )


def _flows(story: Story, change: Change, shown: ShownMoves) -> Grid | None:
    """Return how each segment came to its size; None where no part of any may be told."""
    moves = change.migration
    rows = []
    for place, side in enumerate(moves.sides[:-1]):
        ref = change.names[side]
        rows.append(GridRow((text(ref.name), *_flow_cells(shown, flow_of(moves, shown, place))), ref))
    if all(cell.value is None for row in rows for cell in row.cells[2:-1]):
        return None
    columns = story.columns("segment:segment", "flow_before", "flow_new", "flow_returned", "flow_arrived")
    columns += story.columns("flow_joined", "flow_moved_out", "flow_lost", "flow_left", "flow_now")
    return Grid(
        name="flows",
        columns=columns,
        rows=tuple(rows),
        title=story.word("change.flow_title"),
        caption=story.word("change.flow_caption"),
        compact=True,
    )


def _outlived(story: Story) -> Bullets | None:
    """List the names whose words no longer hold."""
    found = [(told.ref.name, sentence) for told in story.described if (sentence := outlived_name(story, told))]
    if not found:
        return None
    leads = tuple(story.lead(name) for name, _ in found)
    return Bullets(tuple(sentence for _, sentence in found), leads, title=story.word("named.title"))


def _restated(story: Story, change: Change) -> Text | None:
    """Say where last month's revenue reads otherwise than in its own report (domain.md 10.2)."""
    facts = story.analysis.customers.order_facts
    told = next((month.month for month in change.months if month.period == change.previous), None)
    now = next((month for month in facts.months if month.month == change.previous), None) if facts else None
    if told is None or now is None or told.month != change.previous or told.revenue is None or not story.money:
        return None
    before, after = story.cash(told.revenue), story.cash(now.revenue)
    if story.few(now.buyers) or format_quantity(before, style="prose") == format_quantity(after, style="prose"):
        return None
    return Text((story.say("change.restated", month=story.month(change.previous), before=before, now=after),), "note")


def _flow_cells(shown: ShownMoves, flow: Flow) -> list[Quantity]:
    parts = (flow.new, flow.returned, flow.arrived, flow.joined, flow.moved_out, flow.lost, flow.left)
    return [shown.quantity(flow.before), *(Quantity(part, "count") for part in parts), shown.quantity(flow.now)]


def _money_blocks(story: Story, change: Change) -> Block | None:
    """Return the bridge between the two months beside the change over the whole window, as far as they are there."""
    bridge, window = bridge_table(story), _money(story, change)
    return Columns((bridge,), (window,)) if bridge is not None and window is not None else bridge or window


def _money(story: Story, change: Change) -> Grid | None:
    """Return where the change of revenue comes from; the parts add up to it, none of them of a few customers."""
    moves, least, single = change.migration, story.config.privacy.min_cell, change.dominance.groups
    if not change.has_money or not story.money or "stayed" in single:
        return None
    parts = {name: (int(sums[0]), int(sums[2] - sums[1])) for name, sums in moves.groups.items()}
    parts["new"] = (int(moves.new.sum()), int(moves.new_money.sum()))
    parts["returned"] = (int(moves.returned.sum()), int(moves.returned_money.sum()))
    parts["lost"] = (int(moves.lost.sum()), -int(moves.lost_money.sum()))
    small = [name for name, (n, _) in parts.items() if name != "stayed" and (0 < n < least or (n and name in single))]
    rest = sum(parts[name][1] for name in small)
    rows = []
    for name, (n, cents) in parts.items():
        mixed = name == "stayed" and bool(small)
        if name not in small and (n or mixed):
            label = story.word("change.group_stayed_mixed" if mixed else f"change.group_{name}")
            rows.append(GridRow((text(label), story.cash((cents + rest * mixed) / 100, 0))))
    total = sum(cents for _, cents in parts.values()) / 100
    rows.append(GridRow((text(story.word("change.total")), story.cash(total, 0)), total=True))
    return Grid(
        name="revenue-change",
        columns=story.columns("group:text", "revenue_change"),
        rows=tuple(rows),
        title=story.word("change.money_title"),
        caption=story.word("change.money_caption"),
        compact=True,
    )


def _advice(story: Story, change: Change) -> Text | None:
    if not change.advice:
        return None
    reasons = [say(one, story.language) for one in change.advice]
    return Text((joined(*reasons, story.say("advice.consider")),), "callout", story.word("advice.title"))


def _name(change: Change, segment: str) -> Quantity:
    return text(change.names[segment].name)
