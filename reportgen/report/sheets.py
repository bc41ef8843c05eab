"""One sheet per segment: who they are, what sets them apart, what they spend, what to do, how sure we are."""

from __future__ import annotations

import math

from reportgen.profiling.levels import LevelTrait
from reportgen.profiling.personas import Action
from reportgen.profiling.profiles import NumericTrait
from reportgen.report.confidence import confidence_box
from reportgen.report.model import (
    Actions,
    Block,
    Columns,
    Fact,
    Facts,
    Figure,
    Grid,
    GridRow,
    Panel,
    Section,
    Sentence,
    Text,
)
from reportgen.report.month_by_segment import outlived_name
from reportgen.report.movement import flow_line
from reportgen.report.overview import trait_lines
from reportgen.report.segment_spending import category_rows, spending_rows, spending_tiles
from reportgen.report.story import Story, Told, common_decimals, index, joined, whole
from reportgen.report.trend_lines import sheet_trend
from reportgen.report.wording import format_quantity
from reportgen.values import Quantity, count, share, text

_MOST_OVER, _MOST_UNDER, _MOST_TRAITS = (3, 5), (2, 3), (4, 7)  # with money, and without: a sheet is one page
_MOST_LINES = (6.0, 9.0)  # of actions, with money and without
_MOST_DESCRIPTORS = 3
_MOST_WORDS = 34  # of the description
_ELSEWHERE = ("persona.neighbour", "persona.unknown", "persona.two_humps")  # told in the confidence box
_PURE_ENOUGH = 0.60  # below this no short rule describes the segment


def segment_sheets(story: Story) -> tuple[Section, ...]:
    """Compose one sheet for every segment that may be described, one list for those that are too small."""
    found = tuple(_sheet(story, told) for told in story.described)
    small = [told for told in story.segments if told not in story.described]
    return (*found, _too_small(story, small)) if small else found


def _sheet(story: Story, told: Told) -> Section:
    blocks: list[Block] = [Facts(_tiles(story, told)), *_over_time(story, told), _portrait(story, told)]
    if told.profile.densities:
        blocks.append(_distributions(story, told))
    rule, worth = _recognise(story, told), _worth(story, told)
    if told.money:
        blocks.append(Columns((rule,), worth))
    blocks.append(_actions(story, told))
    return Section(
        id=f"segment-{told.ref.id}",
        kind="segment",
        kicker=story.word("sheet.kicker", letter=text(told.ref.letter)),
        title=told.ref.name,
        lede=story.tell(told, told.persona.subtitle),
        blocks=tuple(blocks),
        segment=told.ref,
        nav=told.ref.name,
    )


def _over_time(story: Story, told: Told) -> list[Block]:
    """Return how the segment came to its size, how it went from month to month, and whether its name still fits."""
    flow, named, trend = flow_line(story, told), outlived_name(story, told), sheet_trend(story, told)
    lines = (*(flow.paragraphs if flow else ()), *([named] if named else ()))
    note = [Text((joined(*lines),), "note")] if lines else []
    return [*note, *([trend] if trend else [])]


def _portrait(story: Story, told: Told) -> Columns:
    """Return persona and traits side by side; without money the rule goes below the shorter of the two."""
    descriptors, apart, rule = _descriptor_rows(story, told), _apart(story, told), _recognise(story, told)
    words = _description(story, told)
    traits = len(apart.rows) if isinstance(apart, Grid) else 1
    lines_left = sum(len(sentence.text) for sentence in words) / 27 + 1.7 * len(descriptors) + 2
    lines_right = 1.5 * traits + 7
    persona, trust = _persona(story, told, words, descriptors), confidence_box(story, told)
    if told.money:
        return Columns((persona,), (apart, trust), "sheet")
    if lines_left > lines_right:
        return Columns((persona,), (apart, rule, trust), "sheet")
    return Columns((persona, rule), (apart, trust), "sheet")


def _tiles(story: Story, told: Told) -> tuple[Fact, ...]:
    size = Fact(story.word("tile.customers"), count(told.profile.size), story.word("tile.of_all", share=told.share))
    if told.money is not None:
        return (size, *spending_tiles(story, told))
    tiles = [size]
    for trait in _centres(story, told)[:3]:
        decimals = common_decimals([trait.mean, trait.base_mean])
        base = format_quantity(story.measure(trait.kind, trait.unit, trait.base_mean, decimals), story.language)
        mean = story.measure(trait.kind, trait.unit, trait.mean, decimals)
        tiles.append(Fact(trait.label, mean, story.word("tile.base", base=text(base))))
    return tuple(tiles)


def _centres(story: Story, told: Told) -> list[NumericTrait]:
    """Return the active columns in the order of the model, the same on every sheet."""
    order = {name: place for place, name in enumerate(story.analysis.segmentation.model.recipe.names)}
    active = [trait for trait in told.profile.numeric if trait.active and trait.mean is not None]
    return sorted(active, key=lambda trait: order.get(trait.field, len(order)))


def _persona(story: Story, told: Told, words: tuple[Sentence, ...], rows: list[GridRow]) -> Panel:
    blocks: list[Block] = [Text(words, "persona")]
    if rows:
        grid = Grid(
            name=f"{told.ref.id}-descriptors",
            columns=story.columns("descriptor:text", "segment_value", "everyone"),
            rows=tuple(rows),
            caption=story.word("sheet.descriptors"),
            compact=True,
            sheet=False,
        )
        blocks.append(grid)
    return Panel(story.word("sheet.persona"), tuple(blocks))


def _description(story: Story, told: Told) -> tuple[Sentence, ...]:
    """Return the first sentences that fit the panel; what the confidence box says is not said twice."""
    kept: list[Sentence] = []
    for line in told.persona.description:
        if line.key.startswith(_ELSEWHERE):
            continue
        sentence = story.tell(told, line)
        words = sum(len(known.text.split()) for known in (*kept, sentence))
        if kept and words > _MOST_WORDS:
            break
        kept.append(sentence)
    return tuple(kept)


def _descriptor_rows(story: Story, told: Told) -> list[GridRow]:
    """Return what describes the members without having formed the segment, protected columns included."""
    rows = spending_rows(story, told)
    for trait in told.profile.numeric:
        if trait.protected and not trait.active and trait.median is not None:
            rows.append(_typical_row(story, trait, story.word("sheet.typical", label=text(trait.short))))
    for field in dict.fromkeys(level.field for level in told.profile.levels):
        levels = [level for level in told.profile.levels if level.field == field]
        own = whole([level.share for level in levels])
        everyone = whole([level.base_share for level in levels])
        for level, part, base in list(zip(levels, own, everyone, strict=True))[:2]:
            label = story.word("compared.level", label=text(level.label), level=story.level(level.level))
            if part.value is not None:
                rows.append(GridRow((text(label), part, base)))
    return rows[:_MOST_DESCRIPTORS]


def _typical_row(story: Story, trait: NumericTrait, label: str) -> GridRow:
    decimals = common_decimals([trait.median, trait.base_median])
    middle = ""
    if trait.q25 is not None and trait.q75 is not None:
        low, high = (
            format_quantity(story.measure(trait.kind, trait.unit, value, decimals), story.language)
            for value in (trait.q25, trait.q75)
        )
        middle = story.word("sheet.middle_half", low=text(low), high=text(high))
    cells = (
        text(story.heading(label, trait.kind, trait.unit)),
        story.measure(trait.kind, trait.unit, trait.median, decimals),
        story.measure(trait.kind, trait.unit, trait.base_median, decimals),
    )
    return GridRow(cells, notes=("", middle, "") if middle else ())


def _apart(story: Story, told: Told) -> Block:
    """Return what passes the gates, by effect: as many as the page holds."""
    rows = sorted(
        [*_apart_numeric(story, told), *_apart_levels(story, told), *category_rows(story, told)],
        key=lambda row: (-row[0], row[2].cells[0].value),
    )
    room = int(told.money is None)
    over = [row for row in rows if row[1] >= 100][: _MOST_OVER[room]]
    under = [row for row in rows if row[1] < 100][: _MOST_UNDER[room]]
    kept = [row for row in rows if row in over or row in under][: _MOST_TRAITS[room]]
    if not kept:
        return Text((story.say("sheet.nothing_apart"),), "body", story.word("sheet.apart"))
    return Grid(
        name=f"{told.ref.id}-apart",
        columns=story.columns("trait:text", "segment_value", "everyone", "below_above:index_bar"),
        rows=tuple(row for *_, row in kept),
        title=story.word("sheet.apart"),
        sheet=False,
    )


def _apart_numeric(story: Story, told: Told) -> list[tuple[float, float, GridRow]]:
    rows = []
    for trait in told.profile.numeric:
        if trait.mean is None or trait.index is None or trait.protected:
            continue
        if not (trait.active or trait.stands_out):
            continue
        decimals = common_decimals([trait.mean, trait.base_mean])
        cells = (
            text(story.heading(trait.label, trait.kind, trait.unit)),
            story.measure(trait.kind, trait.unit, trait.mean, decimals),
            story.measure(trait.kind, trait.unit, trait.base_mean, decimals),
            index(trait.index),
        )
        rows.append((round(abs(trait.effect), 9), trait.index, GridRow(cells, told.ref)))
    return rows


def _apart_levels(story: Story, told: Told) -> list[tuple[float, float, GridRow]]:
    def row(level: LevelTrait) -> GridRow:
        label = story.word("compared.level", label=text(level.label), level=story.level(level.level))
        return GridRow((text(label), share(level.share, 0), share(level.base_share, 0), index(level.index)), told.ref)

    return [
        (round(abs(level.effect or 0.0), 9), level.index, row(level))
        for level in told.profile.levels
        if level.stands_out and level.index is not None and not level.protected
    ]


def _distributions(story: Story, told: Told) -> Figure:
    return Figure(
        name=f"{told.ref.id}-distributions",
        chart="distributions",
        data={"segment": told.ref, "densities": told.profile.densities[:3]},
        title=_distributions_title(story, told),
        alt=" ".join(trait_lines(story, told)),
        caption=story.word("sheet.distributions_caption"),
    )


def _distributions_title(story: Story, told: Told) -> str:
    """Say where the centre lies on the column that differs most, if the difference shows after rounding.

    A protected column is told of only where no other differs.
    """
    ranks = {trait.field: (trait.protected, -round(abs(trait.effect), 9)) for trait in told.profile.numeric}
    for density in sorted(told.profile.densities[:3], key=lambda density: ranks.get(density.field, (False, 0.0))):
        kind = story.kind(density.field)
        centre = story.measure(kind, density.unit, density.segment_centre)
        base = story.measure(kind, density.unit, density.base_centre)
        if format_quantity(centre, story.language, "prose") != format_quantity(base, story.language, "prose"):
            return story.word("sheet.distributions", label=text(density.label), centre=centre, base=base)
    return story.word("sheet.distributions_same")


def _actions(story: Story, told: Told) -> Actions:
    """Return the actions the page holds, at least two where there are as many; Excel has them all."""
    persona = told.persona
    title = story.tell(told, persona.objective).text.removesuffix(".")
    lines = float(len(title) > 105)
    items: list[tuple[str, Sentence, Sentence]] = []
    for action in _without_the_rule(persona.actions):
        lead, what, watch = (story.tell(told, words) for words in (action.title, action.detail, action.kpi))
        lines += math.ceil((len(lead.text) + len(what.text)) / 118) + 0.8
        if len(items) < 2 or lines <= _MOST_LINES[told.money is None]:
            items.append((sentence_end(lead.text), what, watch))
    return Actions(
        title=title,
        items=tuple(items[:3]),
        avoid=story.tell(told, persona.avoid),
        timing=story.tell(told, persona.timing),
    )


def _without_the_rule(actions: tuple[Action, ...]) -> list[Action]:
    """Leave out advice that only repeats the rule of this sheet, where two other actions remain."""
    others = [action for action in actions if not action.title.key.startswith("action.audience")]
    return others if len(others) >= 2 else list(actions)


def _recognise(story: Story, told: Told) -> Block:
    title = story.word("sheet.recognise")
    catch, purity = told.rule.shown
    if not told.rule.conditions or purity < _PURE_ENOUGH:
        return Text((story.say("sheet.no_rule"),), "body", title)
    words = []
    for place, condition in enumerate(told.rule.conditions):
        key = "at_least" if condition.comparison == "at least" else "below"
        limit = limit_of(story, condition.field, condition.unit, condition.limit)
        label = story.inner(condition.label) if place else text(condition.label)
        words.append(story.say(f"rule.and_{key}" if place else f"rule.{key}", label=label, limit=limit))
    caught = story.say("rule.caught", catch=share(catch, 0), purity=share(purity, 0))
    return Text((joined(*words, caught),), "body", title)


def sentence_end(words: str) -> str:
    """Return words that open a line in bold, closed like a sentence."""
    return words if words.endswith((".", "!", "?", ":")) else f"{words}."


def limit_of(story: Story, field: str, unit: str, limit: float) -> Quantity:
    """Return a limit as it was measured: with as many decimals as it has."""
    kind = story.kind(field)
    written = f"{limit:.6f}".rstrip("0")
    decimals = len(written.partition(".")[2])
    if kind in ("share", "flag"):
        decimals = max(0, decimals - 2)
    return story.measure(kind, unit, limit, decimals)


def _worth(story: Story, told: Told) -> tuple[Text, ...]:
    value = told.persona.value
    words = story.tell(told, value.sentence) if value is not None else story.say(f"sheet.{_no_value(story, told)}")
    return (Text((words,), "callout", story.word("sheet.worth")),)


def _no_value(story: Story, told: Told) -> str:
    """Return the phrase for why an action is not valued."""
    if story.analysis.customers.order_facts is None:
        return "no_value_no_orders"
    if told.persona.state is None:
        return "no_value_no_rhythm"
    return "no_value_mixed" if told.persona.action_type == "A10" else "no_value_figures"


def _too_small(story: Story, small: list[Told]) -> Section:
    rows = tuple(
        GridRow(
            (
                text(told.ref.name),
                Quantity(told.profile.size, "count", suppressed=True),
                text(story.word("sheet.too_few")),
            ),
            told.ref,
        )
        for told in small
    )
    return Section(
        id="segments-small",
        kind="page",
        kicker=story.word("sheet.small_kicker"),
        title=story.word("sheet.small_title"),
        lede=story.say("sheet.small_lede"),
        blocks=(
            Grid("small-segments", story.columns("segment:segment", "customers", "remark:text"), rows, sheet=False),
        ),
        nav=story.word("sheet.small_kicker"),
    )
