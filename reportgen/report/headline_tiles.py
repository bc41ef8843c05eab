"""Tiles of page 1 against the month before and the same month a year earlier: domain.md 2.2."""

from __future__ import annotations

from reportgen.history.periods import month_before, year_before
from reportgen.history.trend import MonthFigures
from reportgen.inputs.customers import Month, OrderFacts
from reportgen.report.model import Fact, Facts
from reportgen.report.story import Story
from reportgen.values import Quantity, count, share

_SHARES = ("returning", "top20_share")


def month_tiles(story: Story, facts: OrderFacts, last: Month) -> Facts:
    """Return the last complete month against the month before and the same month a year earlier."""
    by_name = {month.month: month for month in facts.months if month.complete}
    earlier = (month_before(last.month), year_before(last.month))

    def notes(measure: str) -> str:
        now = _monthly(story, last, measure)
        return story.chained(
            _change(story, measure, (now, _monthly(story, by_name.get(month), measure)), month) for month in earlier
        )

    kinds: tuple[tuple[str, Quantity], ...] = (
        ("buyers", count(last.buyers)),
        ("revenue", story.cash(last.revenue, 0)),
        ("order_value", story.cash(_monthly(story, last, "order_value"))),
        ("returning", story.part_of(last.returning, last.buyers)),
    )
    if not story.money:  # amounts would give one customer away
        kinds = tuple(kind for kind in kinds if kind[1].kind != "money")
    month = story.month(last.month, short=True)
    return Facts(tuple(Fact(story.word(f"tile.month_{name}", month=month), q, notes(name)) for name, q in kinds))


def _monthly(story: Story, month: Month | None, measure: str) -> float | None:
    if month is None:
        return None
    if measure == "buyers":
        return float(month.buyers)
    if measure == "revenue":
        return month.revenue
    if measure == "order_value":
        return month.revenue / month.orders if month.orders else None
    again = story.part_of(month.returning, month.buyers)
    return None if again.suppressed or not month.buyers else month.returning / month.buyers


def _change(story: Story, measure: str, values: tuple[float | None, float | None], month: str) -> str:
    """Say how a measure, now and before, changed; shares in points."""
    now, before = values
    when, points = story.month(month, short=True), measure in _SHARES
    if now is None or before is None or before <= 0:
        return story.word("tile.no_data", month=when)
    if abs(now - before if points else now / before - 1) < 0.005:  # rounds to nothing
        return story.word("tile.same", month=when)
    if points:
        return story.word("tile.points", change=Quantity(now - before, "points", decimals=0), month=when)
    key = "tile.up" if now >= before else "tile.down"
    return story.word(key, change=share(abs(now / before - 1), decimals=0), month=when)


def trend_note(story: Story, measure: str) -> str:
    """Return how a figure of all customers changed since last month's report and that of the same month last year.

    ``measure`` is a field of their figures, or top20_share. Empty outside of monthly reports; a month without
    a report is left out.
    """
    change = story.change
    if change is None:
        return ""
    known = {month.period: month for month in story.trend}
    earlier = [period for period in (change.previous, year_before(change.period)) if period in known]
    now = _figure(story.trend[-1], measure)
    return story.chained(_change(story, measure, (now, _figure(known[period], measure)), period) for period in earlier)


def _figure(month: MonthFigures, measure: str) -> float | None:
    value = month.top20_share if measure == "top20_share" else getattr(month.everyone, measure)
    return None if value is None else float(value)
