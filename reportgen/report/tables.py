"""Full tables that only the data files carry: every trait, every action, every rule."""

from __future__ import annotations

from reportgen.profiling.profiles import NumericTrait
from reportgen.report.column_strength import v_test_table
from reportgen.report.model import Grid, GridRow
from reportgen.report.move_tables import month_tables
from reportgen.report.sheets import limit_of
from reportgen.report.story import Story, Told, index
from reportgen.values import Quantity, count, share, text


def data_tables(story: Story) -> tuple[Grid, ...]:
    """Return one grid per topic, one row per fact, for Excel and JSON."""
    return (_traits(story), _levels(story), _rules(story), _actions(story), v_test_table(story), *month_tables(story))


def _traits(story: Story) -> Grid:
    columns = story.columns(
        "segment:segment",
        "column:text",
        "unit:text",
        "members",
        "mean",
        "median",
        "q25",
        "q75",
        "mean_all",
        "median_all",
        "index",
        "effect",
        "stands_out:text",
        "formed:text",
    )
    rows = tuple(_trait_row(story, told, trait) for told in story.segments for trait in told.profile.numeric)
    return Grid("traits", columns, rows)


def _trait_row(story: Story, told: Told, trait: NumericTrait) -> GridRow:
    values = (trait.mean, trait.median, trait.q25, trait.q75, trait.base_mean, trait.base_median)
    cells = [story.measure(trait.kind, trait.unit, value) for value in values]
    effect = None if trait.mean is None else trait.effect
    return GridRow(
        (
            text(told.ref.name),
            text(trait.label),
            text(trait.unit),
            Quantity(trait.n, "count", suppressed=0 < trait.n < 10),
            *cells,
            index(trait.index),
            Quantity(effect, "score"),
            _yes(story, trait.stands_out),
            _yes(story, trait.active),
        ),
        told.ref,
    )


def _levels(story: Story) -> Grid:
    columns = story.columns(
        "segment:segment", "column:text", "level:text", "members", "share", "share_all", "index", "stands_out:text"
    )
    rows = tuple(
        GridRow(
            (
                text(told.ref.name),
                text(level.label),
                story.level(level.level),
                Quantity(level.n, "count", suppressed=level.suppressed),
                Quantity(level.share, "share", suppressed=level.suppressed),
                share(level.base_share),
                Quantity(level.index, "index", suppressed=level.suppressed),
                _yes(story, level.stands_out),
            ),
            told.ref,
        )
        for told in story.segments
        for level in told.profile.levels
    )
    return Grid("levels", columns, rows)


def _rules(story: Story) -> Grid:
    rows = []
    for told in story.segments:
        for place, condition in enumerate(told.rule.conditions, start=1):
            word = "rule.at_least_word" if condition.comparison == "at least" else "rule.below_word"
            rows.append(
                GridRow(
                    (
                        text(told.ref.name),
                        count(place),
                        text(condition.label),
                        text(story.word(word)),
                        limit_of(story, condition.field, condition.unit, condition.limit),
                        text(condition.unit),
                        *(share(part, 0) for part in told.rule.shown),
                    ),
                    told.ref,
                )
            )
    columns = story.columns(
        "segment:segment", "number", "column:text", "comparison:text", "limit", "unit:text", "catch", "purity"
    )
    return Grid("rules", columns, tuple(rows))


def _actions(story: Story) -> Grid:
    rows = []
    for told in story.described:
        value = told.persona.value
        for place, action in enumerate(told.persona.actions, start=1):
            first = value if place == 1 else None
            gain = first.amount if first and first.code != "V3" else None
            rows.append(
                GridRow(
                    (
                        text(told.ref.name),
                        count(place),
                        text(story.tell(told, action.title).text),
                        text(story.tell(told, action.detail).text),
                        text(story.tell(told, action.kpi).text),
                        count(told.profile.size),
                        story.cash(gain),
                        text(story.tell(told, first.sentence).text if first else ""),
                    ),
                    told.ref,
                )
            )
    columns = story.columns(
        "segment:segment",
        "number",
        "decision:text",
        "detail:text",
        "watch:text",
        "customers",
        "worth",
        "assumption:text",
    )
    return Grid("actions", columns, tuple(rows))


def _yes(story: Story, value: bool) -> Quantity:
    return text(story.word("method.yes" if value else "method.no"))
