"""The pages of a later month: moves that add up to their table, money that adds up, the trend, names for life."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import io
import re
from functools import cache
from typing import Any

import numpy as np
import pytest
from analyses import log_like, mall_like
from calm_month import change as calm
from hypothesis import given, settings
from hypothesis import strategies as st

from reportgen.analysis import Analysis
from reportgen.config import Config, load_config
from reportgen.history.compare import Change
from reportgen.history.dominance import Dominance
from reportgen.history.migration import Migration, Split
from reportgen.history.significance import stuart_maxwell
from reportgen.history.spend_change import GoneQuiet, SpendChange
from reportgen.history.trend import CalendarMonth, MonthFigures, figures_of
from reportgen.inputs.customers import BridgePart, RevenueBridge
from reportgen.report.checks import check_numbers, check_report
from reportgen.report.flows import shown_moves
from reportgen.report.model import Facts, Figure, Grid, Report, Section
from reportgen.report.month_files import migration_text
from reportgen.report.movement_chart import alluvial_figure
from reportgen.report.sections import compose
from reportgen.report.story import Story, make_story
from reportgen.report.trend_lines import archive_trends
from reportgen.report.walk import blocks_of, sentences_of

LANGUAGES = ("en", "de", "fr", "es")
BRIDGE = RevenueBridge(
    "2011-10", "2011-11", 4_100_000, 5_200_000,
    new=BridgePart(30, 700_001), returned=BridgePart(25, 350_000), gone=BridgePart(40, -450_000),
    kept=BridgePart(50, 499_999), kept_orders=620_000, refunds=BridgePart(0, 0),
)  # fmt: skip
OCTOBER = CalendarMonth("2011-10", 99, 139, 30_000.0, 60)  # in its own report
QUIET = GoneQuiet(40, 20_000.0, 100_000.0, 0.25, 0.8)


@cache
def november() -> Analysis:
    """The shop at the end of November 2011, its names given in January."""
    analysis = log_like()
    facts = analysis.customers.order_facts
    assert facts is not None
    facts = dataclasses.replace(facts, as_of=dt.date(2011, 11, 30), months=facts.months[:3], bridge=BRIDGE)
    born = tuple(
        dataclasses.replace(ref, born="2011-01", words=("Top", "Active"))
        for ref in analysis.segmentation.model.segments
    )
    model = dataclasses.replace(analysis.segmentation.model, segments=born, as_of="2011-01-31")
    return dataclasses.replace(
        analysis,
        customers=dataclasses.replace(analysis.customers, order_facts=facts),
        segmentation=dataclasses.replace(analysis.segmentation, model=model),
    )


def month_of(period: str, factor: float = 1.0, **more: Any) -> MonthFigures:
    """The figures of November as if of another month, with ``factor`` times the customers and the money."""
    found = figures_of(november(), "2011-11", 10)

    def scaled(group: Any) -> Any:
        return dataclasses.replace(group, customers=round(group.customers * factor), revenue=group.revenue * factor)

    segments = tuple(scaled(one) for one in found.segments)
    return dataclasses.replace(found, period=period, everyone=scaled(found.everyone), segments=segments, **more)


def moved() -> Change:
    """October to November: twenty customers of each segment went to the next one, thirty are new."""
    refs = november().segments
    sizes = np.array([*(fit.size for fit in november().segmentation.fits), 0], dtype=np.int64)
    k = len(refs)
    table = np.diag(sizes - 50 * (np.arange(k + 1) < k))
    for place in range(k):
        table[place, (place + 1) % k] += 20
    none = sizes * 0
    new = none + 30 * (np.arange(k + 1) < k)
    moves = Migration(
        (*(ref.id for ref in refs), ""), table, table * 9_000, table * 10_000, new, new * 5_000, *[none] * 4
    )
    test = stuart_maxwell(table[:-1, :-1])
    scored = int(table.sum())
    return Change(
        period="2011-11", previous="2011-10", mode="frozen", names={ref.id: ref for ref in refs}, migration=moves,
        split=Split(scored, scored - 20 * k, 20 * k, 0, 0, 0), idle=30, homogeneity=test, sizes=(), drift=(), advice=(),
        lineage=(), has_money=True, spend=(), quiet=None,
        months=(month_of("2011-08", 0.7), month_of("2011-10", 0.9, month=OCTOBER)),
    )  # fmt: skip


def made(change: Change, language: str = "en", analysis: Analysis | None = None, **more: Any) -> Report:
    return compose(analysis or november(), load_config(None, report__language=language, **more), change)


def page(report: Report, name: str) -> Section:
    return next(section for section in report.sections if section.id == name)


def words(section: Section) -> str:
    return " ".join(sentence.text for sentence in sentences_of(section)).replace("\u00a0", " ")


def grid(report: Report, name: str) -> Grid | None:
    found = (block for section in report.sections for block in blocks_of(section))
    return next((block for block in found if isinstance(block, Grid) and block.name == name), None)


# ------------------------------------------------------------------------------------------------------------- moves


def tables(k: int) -> st.SearchStrategy[Any]:
    sizes = st.integers(0, 60)
    return st.tuples(
        st.lists(st.lists(sizes, min_size=k, max_size=k), min_size=k, max_size=k),
        *[st.lists(sizes, min_size=k, max_size=k)] * 3,
    )


@given(tables(5))
@settings(max_examples=30)
def test_the_bands_are_the_cells_of_the_matrix_that_may_be_told(counts: Any) -> None:
    """Bands and what is hidden fill every bar exactly, and no bar is taller than what its total tells."""
    table, new, returned, lost = (np.array(part, dtype=np.int64) for part in counts)
    square = np.zeros((6, 6), dtype=np.int64)
    square[:5, :5] = table
    lines = [np.append(part, 0) for part in (new, returned, lost)]
    refs = mall_like().segments
    zero = square[0] * 0
    moves = Migration(
        (*(ref.id for ref in refs), ""), square, square * 0, square * 0, lines[0], zero, lines[1], zero, lines[2], zero
    )
    found = calm(migration=moves, split=Split(200, 200, 0, 0, 0, 0))
    story = make_story(mall_like(), Config(), found)
    shown = shown_moves(moves, 10)
    figure = alluvial_figure(story, found, shown)
    told = (shown.counts * ~shown.hidden).sum()
    assert sum(band.customers for band in figure.data["bands"]) == told
    assert sum(band.strong for band in figure.data["bands"]) <= 12
    for side, place in (("left", "origin"), ("right", "target")):
        for number, bar in enumerate(figure.data[side]):
            inside = sum(band.customers for band in figure.data["bands"] if getattr(band, place) == number)
            assert inside <= bar.size or bar.figure == "<10"
            assert inside == bar.size or shown.hidden.any()


def test_migration_csv_holds_every_move_and_no_hidden_number() -> None:
    found = moved()
    rows = list(csv.DictReader(io.StringIO(migration_text(found, shown_moves(found.migration, 10), True))))
    now = found.migration.now
    assert sum(int(row["customers"]) for row in rows) == now.sum()
    first = found.migration.sides[0]
    assert sum(int(row["customers"]) for row in rows if row["to_id"] == first) == now[0]
    assert (
        sum(float(row["revenue_now"]) for row in rows)
        == (found.migration.money_now.sum() + found.migration.new_money.sum()) / 100
    )
    few = dataclasses.replace(found.migration, new=found.migration.new // 5)
    hidden = list(csv.DictReader(io.StringIO(migration_text(found, shown_moves(few, 10), False))))
    assert {row["customers"] for row in hidden if row["from_id"] == "new"} == {""}
    assert {row["revenue_now"] for row in hidden} == {""}


def test_money_of_a_move_that_gives_one_customer_away_is_not_told() -> None:
    found = dataclasses.replace(moved(), dominance=Dominance(frozenset({(0, 1)}), frozenset({"new"})))
    report = made(found)
    names = [ref.name for ref in november().segments]
    assert f"20 customers went from {names[0]} to {names[1]}. 20 customers" in words(page(report, "movement"))
    table = next(one for one in report.tables if one.name == "moves")
    assert [cell.value for cell in table.rows[0].cells[2:]] == [20, None, None]
    rows = list(csv.DictReader(io.StringIO(migration_text(found, shown_moves(found.migration, 10), True))))
    pair = next(row for row in rows if (row["from"], row["to"]) == (names[0], names[1]))
    assert (pair["customers"], pair["revenue_now"]) == ("20", "")
    groups = grid(report, "revenue-change")
    assert groups is not None
    assert "New" not in [row.cells[0].value for row in groups.rows]


# ------------------------------------------------------------------------------------------------------------- money


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_bridge_adds_up_to_the_cent_as_printed(language: str) -> None:
    table = grid(made(moved(), language), "revenue-bridge")
    assert table is not None
    amounts = [row.cells[1].value for row in table.rows]
    assert round(sum(float(str(value)) for value in amounts[:-1]), 2) == amounts[-1] == 52_000.0
    assert len(amounts) == 7, "before, new, returned, gone, orders, value, after"


@pytest.mark.parametrize(
    ("part", "rows"),
    [
        ({"new": BridgePart(9, 700_001)}, 5),
        ({"new": BridgePart(30, 700_001, True)}, 5),
        ({"kept": BridgePart(9, 499_999)}, 0),
    ],
    ids=["few", "one of them dominates", "few are left to hide them among"],
)
def test_a_step_of_few_customers_is_part_of_another(part: dict[str, BridgePart], rows: int) -> None:
    analysis = november()
    facts = analysis.customers.order_facts
    assert facts is not None
    facts = dataclasses.replace(facts, bridge=dataclasses.replace(BRIDGE, **part))
    customers = dataclasses.replace(analysis.customers, order_facts=facts)
    table = grid(made(moved(), analysis=dataclasses.replace(analysis, customers=customers)), "revenue-bridge")
    if not rows:
        assert table is None
        return
    assert table is not None
    amounts = [float(str(row.cells[1].value)) for row in table.rows]
    assert len(amounts) == rows
    assert round(sum(amounts[:-1]), 2) == amounts[-1]


def test_last_month_is_restated_where_it_reads_otherwise_now() -> None:
    assert "October 2011 stands at £41k here, at £30k in its own report" in words(page(made(moved()), "movement"))
    same = dataclasses.replace(
        moved(), months=(month_of("2011-10", month=dataclasses.replace(OCTOBER, revenue=41_100.0)),)
    )
    assert "stands at" not in words(page(made(same), "movement"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_went_quiet_is_the_first_thing_said(language: str) -> None:
    report = made(dataclasses.replace(moved(), quiet=QUIET), language)
    title = page(report, "summary").title.replace("\u00a0", " ").replace("\u202f", " ")
    assert "40" in title
    if language == "en":
        assert (
            title
            == "25% of customers bring 80% of revenue; 40 of them went quiet in November 2011 (£2,000 if 10% return)"
        )
    few = dataclasses.replace(moved(), quiet=dataclasses.replace(QUIET, customers=9))
    assert not re.search(r"\b40\b", page(made(few, language), "summary").title)


def test_a_material_change_of_spend_is_told_and_a_usual_one_is_not() -> None:
    ref = november().segments[0]
    change = SpendChange(ref.id, 90, 100.0, 110.0, 2.0, None)
    told = words(page(made(dataclasses.replace(moved(), spend=(change,))), "summary"))
    assert "Spend per customer rose from £100 in October 2011 to £110, by 10%." in told
    usual = dataclasses.replace(change, usual=9.0)
    assert "Spend per customer" not in words(page(made(dataclasses.replace(moved(), spend=(usual,))), "summary"))


# ------------------------------------------------------------------------------------------------------------- trend


def test_a_sheet_shows_three_months_and_more_with_a_gap_for_a_missing_one() -> None:
    report = made(moved())
    sheets = [section for section in report.sections if section.kind == "segment"]
    for section in sheets:
        figure = next(b for b in blocks_of(section) if isinstance(b, Figure) and b.chart == "sparklines")
        assert figure.data["months"] == ("2011-08", "2011-09", "2011-10", "2011-11")
        assert all(line.values[1] is None and None not in line.values[2:] for line in figure.data["lines"])
        assert figure.table is not None
        assert [row.cells[0].value for row in figure.table.rows] == ["Aug 2011", "Sep 2011", "Oct 2011", "Nov 2011"]
        last = figure.table.rows[-1].cells[1].value
        assert last == next(fit.size for ref, fit in zip(november().segments, november().segmentation.fits, strict=True)
                            if ref == section.segment)  # fmt: skip
    two = dataclasses.replace(moved(), months=moved().months[-1:])
    assert not any(isinstance(b, Figure) and b.chart == "sparklines" for s in made(two).sections for b in blocks_of(s))


def test_a_line_ends_with_the_value_of_this_month_even_where_it_may_not_be_told() -> None:
    first, last = month_of("2011-10"), month_of("2011-11")
    gone = dataclasses.replace(last.segments[0], customers=None, customers_share=None, revenue=None)
    months = (first, last, dataclasses.replace(last, period="2011-12", segments=(gone, *last.segments[1:])))
    line = archive_trends(months, "en")[1].data["lines"][0]
    assert (line.last, line.values[-1]) == ("–", None)
    assert line.first.endswith("%")


def test_tiles_of_a_customer_table_stand_against_last_month_and_last_year() -> None:
    figures = figures_of(mall_like(), "2024-11", 10)

    def earlier(period: str, customers: int) -> MonthFigures:
        return dataclasses.replace(
            figures, period=period, everyone=dataclasses.replace(figures.everyone, customers=customers)
        )

    model = dataclasses.replace(mall_like().segmentation.model, as_of="2023-10-31")
    segmentation = dataclasses.replace(mall_like().segmentation, model=model)
    analysis = dataclasses.replace(mall_like(), segmentation=segmentation)
    notes = []
    for months in ((earlier("2023-11", 100), earlier("2024-10", 190)), ()):
        summary = page(compose(analysis, Config(), calm(months=months)), "summary")
        facts = next(block for block in blocks_of(summary) if isinstance(block, Facts))
        notes.append(facts.tiles[0].note.replace("\u00a0", " "))
    assert notes == ["+5% on Oct 2024; +100% on Nov 2023", "every row used"]


def test_the_trend_of_an_archive_needs_two_months_and_knows_every_segment_that_ever_was() -> None:
    first, second = month_of("2011-10"), month_of("2011-11")
    assert archive_trends((first,), "en") == ()
    fewer = dataclasses.replace(second, segments=second.segments[:-1])
    whole, shares = archive_trends((first, fewer, month_of("2011-12")), "en")
    assert [line.label for line in whole.data["lines"]][:2] == ["Customers", "Revenue in the report"]
    assert len(shares.data["lines"]) == len(first.segments)
    assert shares.data["lines"][-1].values[1] is None


# ------------------------------------------------------------------------------------------------------------- names


def test_a_name_that_no_longer_holds_is_told_with_the_month_it_was_given_in() -> None:
    report = made(moved())
    index = {ref.name: part.index for ref, part in zip(november().segments, november().spending.segments, strict=True)}  # type: ignore[union-attr]
    said = words(page(report, "movement"))
    below = [name for name, value in index.items() if value < 180]
    assert below
    assert said.count("Named in January 2011 for very high spend, now ") == len(below)
    own = {ref.id: f"Group {ref.letter}" for ref in november().segments}
    assert "Named in" not in words(page(made(moved(), names=own), "movement"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_month_is_sound_in_every_language(language: str) -> None:
    ref = november().segments[0]
    change = dataclasses.replace(moved(), quiet=QUIET, spend=(SpendChange(ref.id, 90, 100.0, 110.0, 2.0, None),))
    report = made(change, language)
    assert check_report(report) == ()
    assert check_numbers(report) == ()


def test_the_story_of_a_first_month_has_no_trend() -> None:
    story: Story = make_story(mall_like(), Config())
    assert story.trend == ()
