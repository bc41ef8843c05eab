"""Calendar months of an order log."""

from __future__ import annotations

import calendar
import datetime as dt
import itertools

from reportgen.inputs.customers import Month
from reportgen.inputs.order_rows import KEPT
from reportgen.inputs.sql import Engine

LOOK_BACK = dt.timedelta(days=90)


def order_months(engine: Engine) -> tuple[Month, ...]:
    """Return all months from first to last, months without orders included; revenue sums to that of the base.

    A first or last month is incomplete where the data begin or end inside it by more than the longest break between
    order-days of the 90 days beside it (domain.md 10.5).
    """
    rows = engine.ask(
        f"""WITH mine AS (
            SELECT customer, day, net, first_day FROM {{orders}} JOIN {{base}} USING (customer) WHERE fate = {KEPT})
        SELECT strftime(day, '%Y-%m') AS month, count(DISTINCT customer) FILTER (net > 0), count(*) FILTER (net > 0),
            sum(net)::DOUBLE, count(DISTINCT customer) FILTER (net > 0 AND first_day < date_trunc('month', day))
        FROM mine GROUP BY month ORDER BY month"""
    )
    found = {
        month: (int(buyers), int(orders), float(revenue), int(back)) for month, buyers, orders, revenue, back in rows
    }
    days = [
        row[0]
        for row in engine.ask(f"SELECT DISTINCT day FROM {{orders}} WHERE fate = {KEPT} AND net > 0 ORDER BY day")
    ]
    partial = _partial(days)
    return tuple(
        Month(month, *found.get(month, (0, 0, 0.0, 0)), complete=month not in partial)
        for month in _between(min(found), max(found))
    )


def _between(first: str, last: str) -> list[str]:
    year, month = map(int, first.split("-"))
    months = []
    while (name := f"{year:04d}-{month:02d}") <= last:
        months.append(name)
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return months


def _partial(days: list[dt.date]) -> set[str]:
    """Return the months that the data only touch; ``days`` are order-days in order."""
    first, last = days[0], days[-1]
    end = last.replace(day=calendar.monthrange(last.year, last.month)[1])
    partial = set()
    if (end - last).days > longest_break([day for day in days if day > last - LOOK_BACK]):
        partial.add(f"{last:%Y-%m}")
    if first.day - 1 > longest_break([day for day in days if day < first + LOOK_BACK]):
        partial.add(f"{first:%Y-%m}")
    return partial


def longest_break(days: list[dt.date], but: int = 0) -> int:
    """Return the longest run of days without an order, ``but`` so many; ``days`` are order-days in order."""
    breaks = sorted((later - day).days - 1 for day, later in itertools.pairwise(days))
    return breaks[-1 - but] if len(breaks) > but else 0
