"""The composed report: complete, truthful, within its limits, whatever the file holds."""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import Any

import analyses
import pytest
from shared import MALL, shared_data

from reportgen.analysis import Analysis, analyse
from reportgen.config import Config
from reportgen.profiling.actions import Value
from reportgen.report.checks import PAGE_ONE_WORDS, TITLE_WORDS, check_report, prose_words
from reportgen.report.html import render_html
from reportgen.report.model import Actions, Block, Bullets, Facts, Figure, Grid, Report, Section, Sentence, Text
from reportgen.report.sections import compose
from reportgen.report.walk import blocks_of, grids_of, headings_of, sentences_of
from reportgen.report.wording import format_quantity
from reportgen.values import Quantity, statement

DAY = Quantity("2011-12-09", "date")


@cache
def mall() -> Report:
    return compose(analyses.mall_like())


@cache
def log() -> Report:
    return compose(analyses.log_like())


def section(report: Report, name: str) -> Section:
    return next(part for part in report.sections if part.id == name)


def words_of(part: Section) -> str:
    return " ".join([*headings_of(part), *(sentence.text for sentence in sentences_of(part))])


def found(part: Section, kind: type[Any]) -> list[Any]:
    return [block for block in blocks_of(part) if isinstance(block, kind)]


def verdict(analysis: Analysis, kind: str) -> Analysis:
    judged = dataclasses.replace(analysis.segmentation.verdict, kind=kind)  # type: ignore[arg-type]
    return dataclasses.replace(analysis, segmentation=dataclasses.replace(analysis.segmentation, verdict=judged))


@pytest.mark.parametrize("report", [mall, log], ids=["mall", "log"])
def test_every_sentence_follows_from_its_values(report: Any) -> None:
    assert check_report(report()) == ()


def test_the_check_sees_a_changed_figure_a_banned_word_and_a_second_table_of_one_name() -> None:
    report = mall()
    page = section(report, "summary")
    wrong = Text((Sentence("200 of 300 rows used.", statements(page)),))
    banned = Text((Sentence("x", (statement("sheet.kicker", letter=Quantity("A", "text")),)),))
    grid = next(grids_of(report))
    broken = dataclasses.replace(page, blocks=(*page.blocks, wrong, banned, grid))
    problems = check_report(dataclasses.replace(report, sections=(broken,)))
    assert any("does not follow" in problem for problem in problems)
    assert any("two tables" in problem for problem in problems)


def statements(page: Section) -> Any:
    return next(sentence.sources for sentence in sentences_of(page) if "rows used" in sentence.text)


def test_names_from_the_data_may_hold_any_word_but_our_phrases_may_not(monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_report(mall()) == ()
    monkeypatch.setattr("reportgen.report.checks.banned_words", lambda language: ("largest",))
    assert check_report(mall()) == ()  # a title keeps no source; its phrase has no statement in the sections
    monkeypatch.setattr("reportgen.report.checks.banned_words", lambda language: ("customers",))
    assert any("banned word" in problem for problem in check_report(mall()))


@pytest.mark.parametrize("report", [mall, log], ids=["mall", "log"])
def test_page_one_stands_alone_and_is_short(report: Any) -> None:
    page = section(report(), "summary")
    assert prose_words(page) <= PAGE_ONE_WORDS
    (tiles,) = found(page, Facts)
    assert len(tiles.tiles) == 4
    assert len(found(page, Figure)) == 1
    (decisions,) = found(page, Grid)
    assert 1 <= len(decisions.rows) <= 3
    assert all(format_quantity(row.cells[-1]) == "____" for row in decisions.rows)


@pytest.mark.parametrize("report", [mall, log], ids=["mall", "log"])
def test_titles_are_short_and_every_figure_has_words(report: Any) -> None:
    for part in report().sections:
        assert len(part.title.split()) <= TITLE_WORDS, part.title
        for figure in found(part, Figure):
            assert len(figure.title.split()) <= TITLE_WORDS, figure.title
            assert figure.alt


def test_the_headline_is_the_segment_with_the_largest_revenue_or_the_largest_one() -> None:
    assert log().title.endswith("% of revenue")
    assert mall().title.endswith("is the largest group, 40% of customers")
    assert compose(analyses.log_like(), Config.model_validate({"report": {"title": "Mine"}})).title == "Mine"


def test_last_month_stands_against_the_month_before_and_the_year_before() -> None:
    buyers, revenue, value, returning = found(section(log(), "summary"), Facts)[0].tiles
    assert (buyers.label, buyers.value.value, buyers.note) == (
        "Buyers, Nov 2011",
        110,
        "+10% on Oct 2011; +22% on Nov 2010",
    )
    assert (revenue.value.value, format_quantity(value.value)) == (52_000.0, "£325")
    assert returning.note == "+4\u00a0percentage points on Oct 2011; +19\u00a0percentage points on Nov 2010"


def test_without_money_nothing_speaks_of_money() -> None:
    text = " ".join(words_of(part) for part in mall().sections if part.id != "appendix-terms")
    assert "revenue" not in text
    assert "€" not in text
    assert all(grid.name != "spending" for grid in grids_of(mall()))
    assert all(part.id != "spending" for part in mall().sections)


def test_shares_of_customers_total_100_and_read_the_same_everywhere() -> None:
    grid = next(grid for grid in grids_of(mall()) if grid.name == "segments")
    shown = [format_quantity(row.cells[3]) for row in grid.rows]
    assert sum(int(text.removesuffix("%")) for text in shown) == 100
    for row, text in zip(grid.rows, shown, strict=True):
        assert row.segment is not None
        sheet = section(mall(), f"segment-{row.segment.id}")
        assert sheet.lede is not None
        assert sheet.lede.text.startswith(f"{text} of customers")
        assert found(sheet, Facts)[0].tiles[0].note == f"{text} of all customers"


def test_every_segment_has_a_sheet_with_actions_rule_and_trust() -> None:
    for report in (mall(), log()):
        for ref in report.segments:
            sheet = section(report, f"segment-{ref.id}")
            (actions,) = found(sheet, Actions)
            assert 1 <= len(actions.items) <= 3
            titles = {block.title for block in blocks_of(sheet) if isinstance(block, Text | Grid | Bullets)}
            assert "How to recognise a member" in titles
            assert "What sets them apart" in titles
            assert any("members" in sentence.text for sentence in sentences_of(sheet))


def test_small_segments_are_described_and_marked() -> None:
    sheet = section(mall(), f"segment-{mall().segments[-1].id}")
    assert "Small group of 22" in words_of(sheet)
    assert any(tile.value.value is not None for tile in found(sheet, Facts)[0].tiles[1:])


def test_a_segment_of_fewer_than_ten_gets_one_row_without_figures() -> None:
    report = compose(analyses.mall_like(sizes=(80, 38, 36, 24, 6)))
    assert [part.id for part in report.sections if part.kind == "segment"] == [f"segment-s0{i}" for i in range(1, 5)]
    (grid,) = found(section(report, "segments-small"), Grid)
    assert [format_quantity(cell) for cell in grid.rows[0].cells[1:]] == ["<10", "too few customers to describe"]
    (glance,) = (block for block in found(section(report, "map"), Grid) if block.name == "segments")
    assert [format_quantity(cell) for cell in glance.rows[4].cells[2:4]] == ["<10", "–"]
    assert check_report(report) == ()


def test_protected_columns_describe_and_are_labelled_or_hidden() -> None:
    grids = {grid.name: grid for grid in grids_of(mall())}
    assert grids["s01-descriptors"].caption == "Describes, was not used to form the segment."
    hidden = compose(analyses.mall_like(protected="hide"))
    assert all(not grid.name.endswith("descriptors") for grid in grids_of(hidden))
    traits = next(grid for grid in grids_of(hidden) if grid.name == "traits")
    assert {row.cells[1].value for row in traits.rows} == {"Annual income", "Spending score"}


def test_groups_that_are_not_dependable_are_said_to_be_so_on_title_and_page_one() -> None:
    report = compose(verdict(analyses.log_like(), "constructed"))
    assert report.title == "These columns hold no dependable customer groups"
    page = section(report, "summary")
    assert any(block.title == "Read this first" for block in found(page, Text))
    assert "working tiers" in words_of(section(report, "map"))
    assert check_report(report) == ()


def test_a_tier_of_our_own_drawing_carries_no_grade_and_is_called_separate_nowhere() -> None:
    report = compose(verdict(analyses.log_like(), "constructed"))
    sheets = [part for part in report.sections if part.kind == "segment"]
    assert sheets
    for part in sheets:
        said = words_of(part)
        assert "A working tier, no grade" in said
        assert "grade A" not in said
        assert "separate" not in said
    stability = next(grid for grid in grids_of(report) if grid.name == "stability")
    place = next(i for i, column in enumerate(stability.columns) if column.label == "Grade")
    assert {row.cells[place].value for row in stability.rows} == {"–"}


def test_revenue_that_is_there_already_is_not_counted_as_a_gain() -> None:
    analysis = analyses.log_like()
    resting = Value(
        "V3", 123_456.0, None, None, statement("value.v3", amount=Quantity(123_456.0, "money"), last_day=DAY)
    )
    personas = (dataclasses.replace(analysis.personas[0], value=resting), *analysis.personas[1:])
    report = compose(dataclasses.replace(analysis, personas=personas))
    decisions = next(grid for grid in found(section(report, "summary"), Grid) if grid.name == "decisions")
    assert all(cell.value != 123_456.0 for row in decisions.rows for cell in row.cells)


def test_a_missing_value_names_its_true_reason() -> None:
    analysis = analyses.log_like()

    def reason(**changes: Any) -> str:
        persona = dataclasses.replace(analysis.personas[0], value=None, **changes)
        part = section(
            compose(dataclasses.replace(analysis, personas=(persona, *analysis.personas[1:]))), "segment-s01"
        )
        return words_of(part)

    assert "members stand at different points" in reason(state="Mixed", action_type="A10")
    assert "too few customers ordered again" in reason(state=None, action_type="A10")
    assert "too few members" in reason(state="Active", action_type="A1")


def test_the_map_tells_the_whole_line_of_every_segment_to_those_who_cannot_see_it() -> None:
    alt = found(section(log(), "map"), Figure)[0].alt
    assert "…" not in alt
    assert alt.count("% of customers") == len(log().segments)


def test_a_protected_column_titles_no_chart_where_another_differs() -> None:
    for part in mall().sections:
        assert not (part.kind == "segment" and any(figure.title.startswith("Age") for figure in found(part, Figure)))


def test_fewer_than_a_hundred_customers_are_not_judged_and_that_is_said() -> None:
    small = verdict(analyses.mall_like(sizes=(20, 15, 14, 13, 12)), "unjudged")
    page = section(compose(small), "summary")
    assert "With 74 customers there is too little data to judge" in words_of(page)


def test_the_data_appendix_adds_up_and_names_every_column() -> None:
    part = section(log(), "appendix-data")
    assert part.title == "8,100 of 9,000 rows are in this report"
    grids = {grid.name: grid for grid in found(part, Grid)}
    assert [row.cells[1].value for row in grids["reconciliation"].rows] == [9000, 900, 8100]
    assert grids["reconciliation"].rows[-1].total
    assert [row.cells[0].value for row in grids["columns"].rows] == ["CustomerID"]


def test_hostile_words_are_shortened_and_kept_as_words() -> None:
    evil = "<script>alert(1)</script>" + "=1+1" * 3000 + "\0\u202e"
    analysis = analyses.mall_like()
    fields = (dataclasses.replace(analysis.customers.fields[0], label=evil, short=evil), *analysis.customers.fields[1:])
    profiles = tuple(
        dataclasses.replace(p, numeric=tuple(dataclasses.replace(t, label=evil, short=evil) for t in p.numeric))
        for p in analysis.profiles
    )
    customers = dataclasses.replace(analysis.customers, fields=fields)
    report = compose(dataclasses.replace(analysis, customers=customers, profiles=profiles, source=evil))
    assert check_report(report) == ()
    assert max(len(sentence.text) for part in report.sections for sentence in sentences_of(part)) < 700
    assert "\0" not in " ".join(words_of(part) for part in report.sections if part.id == "summary")
    assert len(report.organisation) <= 80


def test_the_same_analysis_gives_the_same_report() -> None:
    assert repr(compose(analyses.log_like())) == repr(log())


def _numbers_in(block: Block) -> bool:
    return isinstance(block, Grid) and any(cell.value is not None for row in block.rows for cell in row.cells)


def test_real_mall_customers() -> None:
    report = compose(analyse(MALL))
    assert check_report(report) == ()
    assert len(report.segments) == 5
    assert prose_words(section(report, "summary")) <= PAGE_ONE_WORDS
    assert all(_numbers_in(block) for part in report.sections for block in found(part, Grid) if block.sheet)


@pytest.mark.slow
@pytest.mark.parametrize(
    "files",
    [
        ("online_retail/2011-10.csv.gz",),
        ("wholesale/Wholesale_customers_data.csv",),
        ("marketing_campaign/marketing_campaign.csv",),
    ],
    ids=["online retail", "wholesale", "marketing campaign"],
)
def test_real_files(files: tuple[str, ...]) -> None:
    report = compose(analyse([str(shared_data(name)) for name in files]))
    assert check_report(report) == ()
    assert prose_words(section(report, "summary")) <= PAGE_ONE_WORDS


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("mall_customers.csv", "Mall customers"),
        ("2010-12.csv.gz and 12 more", ""),
        ("orders_2025-01.csv.gz and 11 more", "Orders"),
        ("Wholesale 2024.xlsx", "Wholesale"),
        ("shop42.csv", "Shop42"),
    ],
)
def test_the_masthead_names_the_data_not_a_file_of_many(source: str, name: str) -> None:
    report = compose(dataclasses.replace(analyses.mall_like(), source=source))
    assert report.organisation == name
    assert '<p class="organisation" dir="auto"></p>' not in render_html(report)


def test_a_rule_is_printed_as_it_holds_on_customers_it_was_not_made_from() -> None:
    analysis = analyses.mall_like()
    rule = dataclasses.replace(analysis.rules[0], catch=0.99, purity=0.99, catch_oof=0.81, purity_oof=0.83)
    report = compose(dataclasses.replace(analysis, rules=(rule, *analysis.rules[1:])))
    assert "catches 81% of members; 83% of those caught" in words_of(section(report, "segment-s01"))
    weak = dataclasses.replace(rule, purity_oof=0.5)
    report = compose(dataclasses.replace(analysis, rules=(weak, *analysis.rules[1:])))
    assert "No short rule describes this segment" in words_of(section(report, "segment-s01"))


def test_a_month_of_a_few_buyers_is_shown_nowhere() -> None:
    analysis = analyses.log_like()
    facts = analysis.customers.order_facts
    assert facts is not None

    def with_month(**changes: Any) -> Report:
        months = (*facts.months[:2], dataclasses.replace(facts.months[2], **changes), facts.months[3])
        customers = dataclasses.replace(analysis.customers, order_facts=dataclasses.replace(facts, months=months))
        return compose(dataclasses.replace(analysis, customers=customers))

    few = with_month(buyers=4, orders=4, returning=2)
    assert "Buyers, Nov 2011" not in words_of(section(few, "summary"))
    assert all(grid.name != "months" for grid in grids_of(few))
    seldom = with_month(returning=3)
    tiles = found(section(seldom, "summary"), Facts)[0].tiles
    assert format_quantity(tiles[3].value) == "–"
    assert "Oct 2011" in tiles[3].note
    assert "points" not in tiles[3].note


def test_a_few_customers_are_counted_in_no_line_of_the_ledger_and_follow_from_none() -> None:
    analysis = analyses.log_like()
    quality = analysis.customers.quality
    read, guests, used = quality.reconciliation
    lines = (dataclasses.replace(read, customers=404), dataclasses.replace(guests, customers=4), used)
    customers = dataclasses.replace(analysis.customers, quality=dataclasses.replace(quality, reconciliation=lines))
    report = compose(dataclasses.replace(analysis, customers=customers))
    ledger = next(grid for grid in grids_of(report) if grid.name == "reconciliation")
    assert [format_quantity(row.cells[-1]) for row in ledger.rows] == ["–", "<10", "400"]


def test_a_change_that_rounds_to_nothing_is_no_change() -> None:
    analysis = analyses.log_like()
    facts = analysis.customers.order_facts
    assert facts is not None
    same = dataclasses.replace(facts.months[1], month="2011-11", revenue=facts.months[1].revenue * 0.999)
    months = (*facts.months[:2], same, facts.months[3])
    customers = dataclasses.replace(analysis.customers, order_facts=dataclasses.replace(facts, months=months))
    report = compose(dataclasses.replace(analysis, customers=customers))
    notes = [tile.note for tile in found(section(report, "summary"), Facts)[0].tiles]
    assert all(note.startswith("as in Oct 2011; ") for note in notes)
