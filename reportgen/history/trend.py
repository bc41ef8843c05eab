"""The figures of a month that later months look back on: written to segments.csv, read again from earlier runs."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from itertools import islice

from reportgen.analysis import Analysis
from reportgen.history.archive import PublishedRun
from reportgen.history.cells import harmless
from reportgen.history.periods import last_day
from reportgen.profiling.spending import SegmentSpending
from reportgen.segments.model import SegmentRef

FILE = "segments.csv"
EVERYONE = "all"  # in the place of a segment id
MOST_MONTHS = 24


@dataclass(frozen=True)
class GroupFigures:
    """One segment, or all customers together, in one month; None: not known, or not to be told.

    Money is net spend in the window of the report. ``value`` is the word for spend per customer: Top, High, Mid …
    """

    segment_id: str
    segment: str
    customers: int | None
    customers_share: float | None = None
    revenue: float | None = None
    revenue_share: float | None = None
    mean_spend: float | None = None
    median_spend: float | None = None
    value: str = ""
    letter: str = ""
    colour: int | None = None  # 0-based place in the palette


@dataclass(frozen=True)
class CalendarMonth:
    """The newest complete month of a log of orders as it stood in a report."""

    month: str
    buyers: int | None = None
    orders: int | None = None
    revenue: float | None = None
    bought_before: int | None = None


@dataclass(frozen=True)
class MonthFigures:
    """What one monthly report found, in figures; segments in the order of the report."""

    period: str
    fitted: str  # the month that its model was fitted on
    currency: str
    everyone: GroupFigures
    segments: tuple[GroupFigures, ...]
    top20_share: float | None = None
    month: CalendarMonth | None = None

    def of(self, segment: str) -> GroupFigures | None:
        """Return the figures of a segment by id; None where the month had no such segment."""
        return next((one for one in self.segments if one.segment_id == segment), None)


def figures_of(analysis: Analysis, period: str, least: int) -> MonthFigures:
    """Return the figures of a month; those of fewer than ``least`` customers are not told, nor money of a few."""
    spending = analysis.spending if analysis.spending and not analysis.spending.dominated else None
    money = spending.segments if spending else [None] * len(analysis.profiles)
    size = sum(profile.size for profile in analysis.profiles)
    segments = tuple(
        _group(ref, (profile.size, profile.share), part, persona.value_word or "")
        if profile.size >= least
        else GroupFigures(ref.id, ref.name, None, letter=ref.letter, colour=ref.colour)
        for ref, profile, part, persona in zip(
            analysis.segments, analysis.profiles, money, analysis.personas, strict=True
        )
    )
    spread = spending.concentration if spending else None
    return MonthFigures(
        period=period,
        fitted=analysis.segmentation.whole_model.as_of[:7],
        currency=analysis.customers.currency,
        everyone=_group(None, (size, 1.0), spending.base if spending else None),
        segments=segments,
        top20_share=spread.top20_share if spread else None,
        month=_calendar_month(analysis, least, spending is not None),
    )


def _group(
    ref: SegmentRef | None, sizes: tuple[int, float], money: SegmentSpending | None, value: str = ""
) -> GroupFigures:
    known = GroupFigures(EVERYONE, "", *sizes, value=value)
    if ref is not None:
        known = replace(known, segment_id=ref.id, segment=ref.name, letter=ref.letter, colour=ref.colour)
    if money is None:
        return known
    return replace(
        known,
        revenue=money.revenue,
        revenue_share=money.revenue_share,
        mean_spend=money.spend_mean,
        median_spend=money.spend_median,
    )


def _calendar_month(analysis: Analysis, least: int, money: bool) -> CalendarMonth | None:
    facts = analysis.customers.order_facts
    complete = [month for month in facts.months if month.complete] if facts else []
    if not complete:
        return None
    last = complete[-1]
    if 0 < last.buyers < least:
        return CalendarMonth(last.month)
    few = any(0 < n < least for n in (last.returning, last.buyers - last.returning))
    revenue, before = last.revenue if money else None, None if few else last.returning
    return CalendarMonth(last.month, last.buyers, last.orders, revenue, before)


_GROUP = tuple(field.name for field in fields(GroupFigures))
_NUMBERS = ("customers_share", "revenue", "revenue_share", "mean_spend", "median_spend")
_HEADER = (
    "period", "as_of", "fitted", *_GROUP, "currency", "top20_share", "month", "month_buyers", "month_orders",
    "month_revenue", "month_bought_before",
)  # fmt: skip


def figures_text(figures: MonthFigures) -> str:
    """Return segments.csv: a row per segment, then one for all customers with the month and its concentration.

    UTF-8, LF; an empty cell is not known, or is of too few customers to be told.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_HEADER)
    head = (figures.period, last_day(figures.period).isoformat(), figures.fitted)
    month = figures.month or CalendarMonth("")
    for group in (*figures.segments, figures.everyone):
        whole = group is figures.everyone
        more = (figures.top20_share, month.month, month.buyers, month.orders, month.revenue, month.bought_before)
        cells = [getattr(group, name) for name in _GROUP]
        written = (*head, *cells, figures.currency, *(more if whole else ("",) * len(more)))
        writer.writerow([_cell(value) for value in written])
    return out.getvalue()


def read_trend(runs: Iterable[PublishedRun], most: int = MOST_MONTHS) -> tuple[MonthFigures, ...]:
    """Return the figures of runs given newest first, oldest first; a run without readable figures is left out."""
    return tuple(reversed(list(islice(_readable(runs), most))))


def _readable(runs: Iterable[PublishedRun]) -> Iterator[MonthFigures]:
    for run in runs:
        try:
            yield figures_from(run.text(FILE))
        except (OSError, ValueError, KeyError, TypeError):
            continue


def figures_from(text: str) -> MonthFigures:
    """Read what ``figures_text`` wrote. Raises ValueError, KeyError or TypeError where it is something else."""
    rows = list(csv.DictReader(io.StringIO(text)))
    groups = [_read_group(row) for row in rows]
    last = rows[-1] if rows else {}
    if not groups or groups[-1].segment_id != EVERYONE:
        raise ValueError("no row for all customers")
    buyers, orders, before = (_whole(last[f"month_{name}"]) for name in ("buyers", "orders", "bought_before"))
    month = CalendarMonth(last["month"], buyers, orders, _number(last["month_revenue"]), before)
    return MonthFigures(
        period=last["period"],
        fitted=last["fitted"],
        currency=last["currency"],
        everyone=groups[-1],
        segments=tuple(groups[:-1]),
        top20_share=_number(last["top20_share"]),
        month=month if month.month else None,
    )


def _read_group(row: Mapping[str, str]) -> GroupFigures:
    known = GroupFigures(
        row["segment_id"],
        row["segment"],
        _whole(row["customers"]),
        value=row["value"],
        letter=row["letter"],
        colour=_whole(row["colour"]),
    )
    return replace(known, **{name: _number(row[name]) for name in _NUMBERS})  # type: ignore[arg-type]


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return repr(value).removesuffix(".0") if math.isfinite(value) else ""
    return harmless(value) if isinstance(value, str) else str(value)


def _number(cell: str) -> float | None:
    return float(cell) if cell else None


def _whole(cell: str) -> int | None:
    return int(cell) if cell else None
