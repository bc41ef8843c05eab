"""The segments side by side: the map, one line each, index map and centres."""

from __future__ import annotations

from dataclasses import dataclass, replace

from reportgen.profiling.profiles import NumericTrait
from reportgen.report.map_words import LETTERS_FROM, axis_words, map_caption, map_height, shaded_part
from reportgen.report.model import Block, Figure, Grid, GridColumn, GridRow, Section, Text
from reportgen.report.story import Story, Told, common_decimals, index
from reportgen.report.wording import format_quantity
from reportgen.values import Quantity, text

_MOST_ROWS = 12  # traits in the index map
_MOST_CENTRES = 8  # rows of the dot plot
_MOST_DOTS = 12  # in a row of it; the index map beside it has room for more


@dataclass(frozen=True)
class _Row:
    """One numeric field over all segments."""

    trait: NumericTrait  # of the first segment: label, unit, base
    means: tuple[float | None, ...]
    indexes: tuple[float | None, ...]
    effect: float  # largest absolute effect


def the_map(story: Story) -> Section:
    """Compose the customer map with the segments at a glance."""
    segmentation = story.analysis.segmentation
    first, second = map_axes(story)
    return Section(
        id="map",
        kind="page",
        kicker=story.word("map.kicker"),
        title=story.word(f"map.section_{segmentation.verdict.kind}", k=Quantity(len(story.segments), "number")),
        lede=story.say(f"map.lede_{_kind(story)}", first=story.inner(first), second=story.inner(second)),
        blocks=(map_figure(story), _glance(story)),
        nav=story.word("map.kicker"),
    )


def map_axes(story: Story) -> tuple[str, str]:
    """Return what the map holds from left to right, and from bottom to top."""
    return axis_words(story, story.analysis.segmentation.projection)


def _kind(story: Story) -> str:
    return "columns" if story.analysis.segmentation.projection.kind == "columns" else "pca"


def map_figure(story: Story) -> Figure:
    """Return the map of customers."""
    projection = story.analysis.segmentation.projection
    named = replace(projection, axis_labels=map_axes(story))
    first, second = text(named.axis_labels[0]), story.inner(named.axis_labels[1])
    return Figure(
        name="map",
        chart="segment_map",
        data={
            "projection": named,
            "segments": story.analysis.segments,
            "height": map_height(story),
            "shaded": shaded_part(projection),
        },
        title=story.word(
            f"map.title_{_kind(story)}", first=first, second=second, k=Quantity(len(story.segments), "number")
        ),
        alt=" ".join(
            [story.word("map.alt_across"), f"{named.axis_labels[0]}.", story.word("map.alt_up"), f"{second.value}."]
            + [
                f"{story.word('map.alt_segment', name=text(told.ref.name))} {_line(story, told)}"
                for told in story.segments
            ]
        ),
        caption=map_caption(story),
    )


def compared(story: Story) -> Section | None:
    """Compose the index map and the dot plot of centres; nothing where no figure may be shown."""
    heat = _heat(story)
    crowd = len(story.segments) > _MOST_DOTS
    dots = None if crowd else centres_figure(story, name="centres", most=_MOST_CENTRES)
    blocks: tuple[Block, ...] = tuple(block for block in (heat, dots) if block is not None)
    if not blocks:
        return None
    rows = _rows(story)
    key = "compared.title" if len(rows) > 1 else "compared.title_one"
    first = text(rows[0].trait.label) if rows else text("")
    second = text(rows[1].trait.short) if len(rows) > 1 else text("")
    notes = [Text((story.say("compared.small"),), "note")] if any(told.small for told in story.segments) else []
    return Section(
        id="compared",
        kind="page",
        kicker=story.word("compared.kicker"),
        title=story.word(key, first=first, second=second),
        lede=story.say("compared.lede"),
        blocks=(*blocks, *notes),
        nav=story.word("compared.kicker"),
    )


def centres_figure(story: Story, name: str, most: int) -> Figure | None:
    """Return the lettered dot plot of segment centres, the columns that differ most first; None without any."""
    rows = [row for row in _rows(story) if row.trait.active and not row.trait.protected][:most]
    if not rows:
        return None
    data = tuple(_scaled(row) for row in rows)
    parts = []
    for row in rows:
        told = max(
            (told for told in story.segments if row.means[told.place] is not None),
            key=lambda told: (row.means[told.place], -told.place),
        )
        parts.append(
            story.word(
                "centres.alt",
                label=text(row.trait.label),
                name=text(told.ref.name),
                value=story.measure(row.trait.kind, row.trait.unit, row.means[told.place]),
                base=story.measure(row.trait.kind, row.trait.unit, row.trait.base_mean),
            )
        )
    labels = {"first": text(rows[0].trait.label), "second": text(rows[min(1, len(rows) - 1)].trait.short)}
    return Figure(
        name=name,
        chart="centres",
        data={"segments": story.analysis.segments, "rows": data},
        title=story.word("centres.title" if len(rows) > 1 else "centres.title_one", **labels),
        alt=" ".join(parts),
        caption=story.word("centres.caption"),
        table=_centres_table(story, rows, name),
    )


def _scaled(row: _Row) -> tuple[str, str, float, float, float, tuple[float | None, ...]]:
    """Return one row of the dot plot, whose scale ends where the outermost centres stand."""
    known = [mean for mean in (*row.means, row.trait.base_mean) if mean is not None]
    return (row.trait.label, row.trait.unit, min(known), max(known), row.trait.base_mean, row.means)


def _rows(story: Story) -> list[_Row]:
    """Return every numeric field with its means per segment: active columns first, then by largest effect."""
    by_field: dict[str, list[NumericTrait]] = {}
    for profile in story.analysis.profiles:
        for trait in profile.numeric:
            by_field.setdefault(trait.field, []).append(trait)
    rows = [
        _Row(
            traits[0],
            tuple(trait.mean for trait in traits),
            tuple(trait.index for trait in traits),
            round(max(abs(trait.effect) for trait in traits), 9),
        )
        for traits in by_field.values()
        if any(trait.mean is not None for trait in traits)
    ]
    return sorted(rows, key=lambda row: (not row.trait.active, -row.effect, row.trait.field))


def _badges(story: Story) -> tuple[GridColumn, ...]:
    return tuple(GridColumn(told.ref.name, "heat", told.ref) for told in story.segments)


def _heat(story: Story) -> Grid | None:
    rows = [
        GridRow(
            (
                text(story.heading(row.trait.label, row.trait.kind, row.trait.unit)),
                *(index(value) for value in row.indexes),
            )
        )
        for row in _rows(story)
        if any(value is not None for value in row.indexes)
    ]
    rows += _level_rows(story)
    if not rows:
        return None
    return Grid(
        name="index",
        columns=(GridColumn(story.word("col.index_all"), "text"), *_badges(story)),
        rows=tuple(rows[:_MOST_ROWS]),
        title=story.word("compared.heat_title"),
        caption=story.word("compared.heat_caption"),
        compact=len(story.segments) > 7,
    )


def _level_rows(story: Story) -> list[GridRow]:
    """Return levels that stand out somewhere, strongest first."""
    table: dict[tuple[str, str], list[Quantity]] = {}
    strength: dict[tuple[str, str], float] = {}
    for told in story.segments:
        for level in told.profile.levels:
            key = (level.label, level.level)
            shown = (
                index(level.index) if level.index is not None else Quantity(None, "index", suppressed=level.suppressed)
            )
            table.setdefault(key, []).append(shown)
            if level.stands_out and level.effect is not None:
                strength[key] = max(strength.get(key, 0.0), round(abs(level.effect), 9))
    order = sorted(strength, key=lambda key: (-strength[key], key))
    return [
        GridRow((text(story.word("compared.level", label=text(label), level=story.level(level))), *table[label, level]))
        for label, level in order
        if len(table[label, level]) == len(story.segments)
    ]


def _centres_table(story: Story, rows: list[_Row], name: str) -> Grid:
    grid_rows = []
    for row in rows:
        decimals = common_decimals([*row.means, row.trait.base_mean])
        cells = [story.measure(row.trait.kind, row.trait.unit, value, decimals) for value in row.means]
        base = story.measure(row.trait.kind, row.trait.unit, row.trait.base_mean, decimals)
        grid_rows.append(GridRow((text(story.heading(row.trait.label, row.trait.kind, row.trait.unit)), *cells, base)))
    columns = (
        GridColumn(story.word("col.mean"), "text"),
        *(GridColumn(told.ref.name, "number", told.ref) for told in story.segments),
        GridColumn(story.word("col.all_customers")),
    )
    return Grid(f"{name}-table", columns, tuple(grid_rows), sheet=False)


def _line(story: Story, told: Told) -> str:
    return story.tell(told, told.persona.subtitle).text


def _glance(story: Story) -> Grid:
    """Return one line per segment: what it is, how many, and what it brings or where its centre lies."""
    rows = []
    brief = len(story.segments) >= LETTERS_FROM
    extra = [row for row in _rows(story) if row.trait.active][: 0 if story.money else 2]
    for told in story.segments:
        words = [] if brief else [text(_line(story, told))]
        hidden = told not in story.described
        size = Quantity(told.profile.size, "count", suppressed=hidden)
        cells = [text(told.ref.name), *words, size, Quantity(None, "share") if hidden else told.share]
        if told.money is not None:
            cells += [told.revenue_share, index(told.money.index)]
        for row in extra:
            decimals = common_decimals([*row.means, row.trait.base_mean])
            cells.append(story.measure(row.trait.kind, row.trait.unit, row.means[told.place], decimals))
        rows.append(GridRow(tuple(cells), told.ref))
    line = [] if brief else ["in_one_line:text"]
    columns = story.columns("segment:segment", *line, "customers", "customers_share")
    if story.money:
        columns += story.columns("revenue_share", "spend_index")
    columns += tuple(GridColumn(story.heading(row.trait.label, row.trait.kind, row.trait.unit)) for row in extra)
    return Grid("segments", columns, tuple(rows), title=story.word("map.glance_title"), compact=brief)


def trait_lines(story: Story, told: Told) -> list[str]:
    """Return "Annual income 87 k$ (all customers 61 k$)" for each density of a segment, for text alternatives."""
    lines = []
    for density in told.profile.densities:
        kind = story.kind(density.field)
        centre, base = (
            format_quantity(story.measure(kind, density.unit, value), story.language, "prose")
            for value in (density.segment_centre, density.base_centre)
        )
        lines.append(story.word("sheet.density_alt", label=text(density.label), centre=text(centre), base=text(base)))
    return lines
