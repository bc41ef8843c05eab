"""The trend: sizes, revenue and headline numbers month by month, from what earlier reports held."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from reportgen.history.periods import months_between
from reportgen.history.trend import GroupFigures, MonthFigures
from reportgen.locales import Language
from reportgen.report.line_chart import Line
from reportgen.report.model import Figure, Grid, GridColumn, GridRow, Sentence
from reportgen.report.story import Story, Told
from reportgen.report.wording import format_quantity, month_name, say
from reportgen.segments.model import SegmentRef
from reportgen.values import Quantity, Statement, text

FEWEST_MONTHS = 3  # two months are a comparison, told elsewhere
MOST_ON_A_SHEET = 12

Reading = Callable[[MonthFigures], Quantity]


def sheet_trend(story: Story, told: Told) -> Figure | None:
    """Return the size and the revenue of a segment over at most twelve months; None for less than three."""
    segment = told.ref.id
    since = next((place for place, month in enumerate(story.trend) if month.of(segment) is not None), 0)
    months = gaps(story.trend[since:])[-MOST_ON_A_SHEET:]
    if sum(size.value is not None for size in _column(months, _customers_of(segment))) < FEWEST_MONTHS:
        return None
    readings = {"customers": _customers_of(segment)}
    if story.money:
        readings["revenue"] = _revenue_of(segment)
    labels = {name: story.word(f"trend.{name}") for name in readings}
    return trend_figure(
        (f"{segment}-trend", 2), months, [(labels[name], reading, told.ref) for name, reading in readings.items()],
        (story.language, story.word("trend.sheet_title", month=story.month(months[0].period))),
    )  # fmt: skip


def archive_trends(months: Sequence[MonthFigures], language: Language) -> tuple[Figure, ...]:
    """Return the trend of a whole archive: customers and revenue, then each segment's share; none for one month."""
    if len(months) < 2:
        return ()
    months = gaps(months)

    def word(key: str) -> str:
        return say(Statement(f"trend.{key}"), language).text

    whole: list[tuple[str, Reading, SegmentRef | None]] = [(word("customers"), _customers, None)]
    if any(month.everyone.revenue is not None for month in months):
        whole.append((word("revenue"), _revenue, None))
    if any(_month_revenue(month).value is not None for month in months):
        whole += [(word("month_revenue"), _month_revenue, None), (word("month_buyers"), _month_buyers, None)]
    refs = {ref.id: ref for month in months for group in month.segments for ref in [_ref(group)]}
    shares = [(ref.name, _share_of(ref.id), ref) for ref in sorted(refs.values(), key=lambda ref: ref.colour)]
    return (
        trend_figure(("trend", 2), months, whole, (language, word("title"))),
        trend_figure(("trend-shares", 2), months, shares, (language, word("shares"))),
    )


def trend_figure(
    named: tuple[str, int],
    months: Sequence[MonthFigures],
    readings: Sequence[tuple[str, Reading, SegmentRef | None]],
    told: tuple[Language, str],
) -> Figure:
    """Return sparklines of some readings of the months, and the table of all their values.

    ``named`` is the name of the figure with its number of columns, ``told`` the language with the title.
    """
    (name, across), (language, title) = named, told
    found = [(label, _column(months, reading), ref) for label, reading, ref in readings]
    kept = [one for one in found if sum(cell.value is not None for cell in one[1]) > 1]
    columns = [values for _, values, _ in kept]
    own_sheet = len({ref for _, _, ref in readings}) == 1
    lines = []
    for label, values, ref in kept:
        known = next(value for value in values if value.value is not None)
        first, last = format_quantity(known, language, "prose"), format_quantity(values[-1], language)
        if values[-1].value is not None:
            last = format_quantity(values[-1], language, "prose")
        lines.append(Line(label, tuple(_plain(value) for value in values), first, last, ref, not own_sheet))
    rows = tuple(
        GridRow((text(month_name(month.period, language, short=True)), *cells))
        for month, *cells in zip(months, *columns, strict=True)
    )
    head = (GridColumn(say(Statement("col.month"), language).text, "text"), *(GridColumn(line.label) for line in lines))
    span = {
        "first": text(month_name(months[0].period, language)),
        "last": text(month_name(months[-1].period, language)),
    }
    alt = [say(Statement("trend.alt", tuple(span.items())), language)]
    alt += [_spoken(line, language) for line in lines]
    return Figure(
        name=name,
        chart="sparklines",
        data={"lines": tuple(lines), "across": across, "months": tuple(month.period for month in months)},
        title=title,
        alt=" ".join(sentence.text for sentence in alt),
        table=Grid(f"{name}-months", head, rows, compact=True, sheet=False),
    )


def gaps(months: Sequence[MonthFigures]) -> tuple[MonthFigures, ...]:
    """Return the months with one that knows nothing in the place of every month that has no report."""
    found: list[MonthFigures] = []
    for month in months:
        if found:
            between = months_between(found[-1].period, month.period)[1:-1]
            found += [_nothing(period, month) for period in between]
        found.append(month)
    return tuple(found)


def _nothing(period: str, later: MonthFigures) -> MonthFigures:
    return MonthFigures(period, later.fitted, later.currency, GroupFigures("all", "", None), ())


def _spoken(line: Line, language: Language) -> Sentence:
    values = (("label", text(line.label)), ("first", text(line.first)), ("last", text(line.last)))
    return say(Statement("trend.alt_line", values), language)


def _column(months: Sequence[MonthFigures], reading: Reading) -> list[Quantity]:
    return [reading(month) for month in months]


def _plain(quantity: Quantity) -> float | None:
    return float(quantity.value) if isinstance(quantity.value, int | float) else None


def _ref(group: GroupFigures) -> SegmentRef:
    return SegmentRef(group.segment_id, group.letter, group.colour or 0, group.segment)


def _customers(month: MonthFigures) -> Quantity:
    return Quantity(month.everyone.customers, "count")


def _revenue(month: MonthFigures) -> Quantity:
    return Quantity(month.everyone.revenue, "money", month.currency)


def _month_revenue(month: MonthFigures) -> Quantity:
    known = month.month is not None and month.month.month == month.period
    return Quantity(month.month.revenue if month.month and known else None, "money", month.currency)


def _month_buyers(month: MonthFigures) -> Quantity:
    known = month.month is not None and month.month.month == month.period
    return Quantity(month.month.buyers if month.month and known else None, "count")


def _customers_of(segment: str) -> Reading:
    def read(month: MonthFigures) -> Quantity:
        group = month.of(segment)
        return Quantity(group.customers if group else None, "count", suppressed=bool(group and group.customers is None))

    return read


def _revenue_of(segment: str) -> Reading:
    def read(month: MonthFigures) -> Quantity:
        group = month.of(segment)
        return Quantity(group.revenue if group else None, "money", month.currency)

    return read


def _share_of(segment: str) -> Reading:
    def read(month: MonthFigures) -> Quantity:
        group = month.of(segment)
        return Quantity(group.customers_share if group else None, "share")

    return read
