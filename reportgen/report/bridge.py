"""From the revenue of one month to that of the next, in steps that add up: domain.md 10.3."""

from __future__ import annotations

from reportgen.inputs.customers import BridgePart, RevenueBridge
from reportgen.report.model import Grid, GridRow
from reportgen.report.story import Story
from reportgen.values import text

_HALF = 0.5
_GROUPS = ("new", "returned", "gone", "refunds")


def bridge_steps(story: Story) -> list[tuple[str, int]] | None:
    """Return the steps in cents by name, those of too few customers as part of ``kept``; None where too little is told.

    The steps add up to the difference between the two months.
    """
    bridge = monthly_bridge(story)
    if bridge is None or not story.money or _hidden(story, bridge.kept) or not bridge.kept.customers:
        return None
    groups = [(name, getattr(bridge, name)) for name in _GROUPS]
    told = [(name, part.cents) for name, part in groups if part.customers and not _hidden(story, part)]
    rest = sum(part.cents for _, part in groups if _hidden(story, part))
    if any(_hidden(story, part) for _, part in groups):
        return [*told, ("rest", bridge.kept.cents + rest)]
    return [*told, ("orders", bridge.kept_orders), ("value", bridge.kept.cents - bridge.kept_orders)]


def monthly_bridge(story: Story) -> RevenueBridge | None:
    """Return the bridge into the month of the report; None where that month is not the newest in the file."""
    facts, change = story.analysis.customers.order_facts, story.change
    bridge = facts.bridge if facts else None
    return bridge if bridge is not None and change is not None and bridge.later == change.period else None


def most_of_it(story: Story) -> str | None:
    """Return the name of the step that makes up over half of the difference; None where there is none."""
    steps, bridge = bridge_steps(story), monthly_bridge(story)
    if steps is None or bridge is None:
        return None
    difference = bridge.after - bridge.before
    name, cents = max(steps, key=lambda step: (step[1] * (1 if difference > 0 else -1), step[0]))
    return name if name != "rest" and cents * difference > 0 and abs(cents) > _HALF * abs(difference) else None


def bridge_table(story: Story) -> Grid | None:
    """Return the table of the steps, to the cent, so that they add up as printed."""
    steps, bridge = bridge_steps(story), monthly_bridge(story)
    if steps is None or bridge is None:
        return None
    names = {"earlier": story.month(bridge.earlier), "later": story.month(bridge.later)}
    lines = (("before", bridge.before), *steps, ("after", bridge.after))
    rows = tuple(
        GridRow((text(story.word(f"bridge.{name}", **names)), story.cash(cents / 100, 2)), total=name == "after")
        for name, cents in lines
    )
    return Grid(
        name="revenue-bridge",
        columns=story.columns("step:text", "amount"),
        rows=rows,
        title=story.word("bridge.title", **names),
        caption=story.word("bridge.caption"),
        compact=True,
    )


def _hidden(story: Story, part: BridgePart) -> bool:
    return story.few(part.customers) or (part.customers > 0 and part.dominated)
