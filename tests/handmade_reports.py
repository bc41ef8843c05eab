"""Hand-written reports that hold every block: the mall with five segments, and shops with as many as wanted."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from shared import MALL

from reportgen.profiling.profiles import Density
from reportgen.report.flow_chart import Band, Side
from reportgen.report.line_chart import Line
from reportgen.report.model import (
    Actions,
    Block,
    Bullets,
    Columns,
    Fact,
    Facts,
    Figure,
    Grid,
    GridColumn,
    GridRow,
    Panel,
    Report,
    Section,
    Sentence,
    Text,
)
from reportgen.segments.model import SegmentRef
from reportgen.segments.projection import Projection
from reportgen.values import Kind, Quantity, count, share, text

MALL_NAMES = (
    "Top-spend, High income",
    "Top-spend, Low income",
    "Mid-spend",
    "Minimal-spend, Low income",
    "Minimal-spend, High income",
)
MALL_CENTRES = ((86.5, 82.1), (25.7, 79.4), (55.3, 49.5), (26.3, 20.9), (88.2, 17.1))
SHOP_WORDS = ("Top-spend Active", "High-spend Slowing", "Mid-spend Active", "Low-spend Lapsed", "Minimal-spend New")
SHOP_TRAITS = ("Garden", "Large-basket", "Weekend", "Multi-category", "On-promotion")


def number(value: float | None, kind: Kind = "number", unit: str = "", decimals: int | None = None) -> Quantity:
    return Quantity(value, kind, unit, decimals)


def say(words: str) -> Sentence:
    return Sentence(words)


def refs(names: Sequence[str]) -> tuple[SegmentRef, ...]:
    return tuple(SegmentRef(f"s{i + 1:02}", chr(65 + i), i, name) for i, name in enumerate(names))


def mall() -> Report:
    """Return a report of the mall file, written by hand from its known five segments."""
    with MALL.open(encoding="utf-8") as file:
        rows = [[float(row[c]) for c in list(row)[-2:]] for row in csv.DictReader(file)]
    points = np.array(rows)
    return _report(points, np.array(MALL_CENTRES), MALL_NAMES, (("Annual income", "Spending score"), ("k$", "")))


def shop(k: int) -> Report:
    """Return a report of a made-up shop with k segments on a principal-component map."""
    rng = np.random.default_rng(7)
    angle = np.arange(k) * 2.399963
    centres = np.column_stack((np.cos(angle), np.sin(angle))) * np.sqrt(np.arange(1, k + 1))[:, None]
    points = np.vstack([rng.normal(centre, 0.55, (60, 2)) for centre in centres])
    names = [f"{SHOP_WORDS[i % 5]}, {SHOP_TRAITS[i // 5]}" for i in range(k)]
    report = _report(points, centres, names, (("Component 1: 44% of variance", "Component 2: 23%"), ("", "")), "pca")
    return report


def _report(
    points: np.ndarray,
    centres: np.ndarray,
    names: Sequence[str],
    axes: tuple[tuple[str, str], tuple[str, str]],
    kind: str = "columns",
) -> Report:
    labels = np.argmin(((points[:, None] - centres[None]) ** 2).sum(axis=2), axis=1)
    segments = refs(names)
    sizes = np.bincount(labels, minlength=len(names))
    projection = Projection(
        kind,
        *axes,
        points,
        labels,
        centres,
        (float(points[:, 0].mean()), float(points[:, 1].mean())),
        (0.44, 0.23, 0.15, 0.1, 0.08),
        np.array([[0.9, 0.1], [0.85, -0.3], [-0.2, 0.8]]),
        ("Annual income", "Age", "Spending score"),
    )
    spend = np.array(
        [max(points[labels == i, 1].sum(), 1.0) if kind == "columns" else 60 + 5 * i for i in range(len(names))]
    )
    view = (segments, sizes / sizes.sum(), spend / spend.sum(), sizes, projection)
    sections = [_cover(len(names)), _summary(*view), _map(*view), _compared(*view)]
    sections += [_sheet(i, view) for i in range(len(names))]
    sections += [_method(*view), _data(*view)]
    return Report(
        title=f"{'Five' if len(names) == 5 else len(names)} customer segments, and where the spending comes from",
        organisation="Northgate Mall",
        subtitle="20% of customers bring 32% of the spending points.",
        language="en",
        currency="",
        paper="A4",
        date="2026-11-23",
        meta=(
            ("Data", f"{len(points)} customers"),
            ("Method", f"k-means, {len(names)} segments"),
            ("As of", "23 November 2026"),
        ),
        sections=tuple(sections),
        segments=segments,
    )


def _cover(k: int) -> Section:
    return Section("cover", "cover", "", "", None, ())


def _one_line(segments, shares, spend, sizes) -> Grid:  # type: ignore[no-untyped-def]
    return Grid(
        "segments",
        (
            GridColumn("Segment", "segment"),
            GridColumn("In one line", "text"),
            GridColumn("Customers"),
            GridColumn("Priority", "text"),
        ),
        tuple(
            GridRow(
                (
                    text(s.name),
                    text(f"{shares[i]:.0%} of customers, {spend[i]:.0%} of spending points."),
                    count(sizes[i]),
                    text("1, protect"),
                ),
                s,
            )
            for i, s in enumerate(segments)
        ),
        title="The segments in one line each",
    )


def _summary(segments, shares, spend, sizes, projection) -> Section:  # type: ignore[no-untyped-def]
    blocks: tuple[Block, ...] = (
        Facts(
            (
                Fact("Customers", count(int(sizes.sum())), "all rows used"),
                Fact("Segments", count(len(segments)), "silhouette 0.55, clearly separate"),
                Fact("Top segment", Quantity(1.64, "ratio", decimals=2), "spending against head count"),
                Fact(
                    "Low score, high income",
                    count(35),
                    "customers with an income above average, and a low spending score",
                ),
            )
        ),
        Figure(
            "shares",
            "linked_bars",
            {
                "segments": segments,
                "customers": tuple(shares),
                "revenue": tuple(spend),
                "top_label": "Customers",
                "top_note": "200 in all",
                "bottom_label": "Spending points",
                "bottom_note": "sum of scores",
            },
            title="Who they are, and what they bring",
            alt="Shares of customers and of spending points by segment.",
            caption=(
                "A segment that widens on its way down brings more spending than its head count. Spending "
                "points = sum of spending scores."
            ),
            table=Grid(
                "shares",
                (GridColumn("Segment", "segment"), GridColumn("Customers"), GridColumn("Spending")),
                tuple(GridRow((text(s.name), share(shares[i]), share(spend[i])), s) for i, s in enumerate(segments)),
            ),
        ),
        Bullets(
            (
                say("39 customers (20%) bring 32% of all spending points; their mean score is 82 of 100."),
                say(
                    "35 customers earn 88 k$ and score 17. Lifting them to the average adds 11% to all spending points."
                ),
                say("Segment C is 40% of customers and 40% of points."),
            ),
            leads=("Segment A brings the most.", "Segment E is the largest reserve.", "Size is not value."),
            numbered=True,
            title="What stands out",
        ),
        Text(
            (
                say(
                    (
                        "Start a pilot with segment E this quarter, with one third held out. Success: +10 points in"
                        " spending score within two monthly runs."
                    )
                ),
            ),
            "callout",
            "Recommended next step",
        ),
        _one_line(segments, shares, spend, sizes),
        Text(
            (
                say(
                    (
                        "Window: all 200 rows of mall_customers.csv, 200 kept. Stability A: 97% of customers keep "
                        "their segment on resampling."
                    )
                ),
            ),
            "note",
        ),
    )
    lede = say(
        "Income alone does not explain spending. Two segments earn about 87 k$; one spends at five "
        "times the level of the other."
    )
    return Section(
        "summary",
        "summary",
        "Executive summary",
        "One customer in five brings 32% of spending; a second group with the same income holds back",
        lede,
        blocks,
        nav="Executive summary",
    )


def _map(segments, shares, spend, sizes, projection) -> Section:  # type: ignore[no-untyped-def]
    rows = tuple(
        GridRow(
            (
                text(s.name),
                count(sizes[i]),
                share(shares[i]),
                number(33 + i),
                number(86.5 - 9 * (i % 5), unit="k$", decimals=1),
                share(0.5 + i / 100),
                Quantity(spend[i] / shares[i], "ratio", decimals=2),
            ),
            s,
        )
        for i, s in enumerate(segments)
    )
    total = GridRow(
        (
            text("All customers"),
            count(int(sizes.sum())),
            share(None),
            number(39),
            number(60.6, decimals=1),
            share(0.56),
            Quantity(1.0, "ratio", decimals=2),
        ),
        total=True,
    )
    columns = (
        GridColumn("Segment", "segment"),
        GridColumn("Customers"),
        GridColumn("Share", "bar"),
        GridColumn("Age"),
        GridColumn("Income, k$"),
        GridColumn("Women"),
        GridColumn("Spend ÷ size"),
    )
    figure = Figure(
        "map",
        "segment_map",
        {"projection": projection, "segments": segments},
        "",
        "Map of the customers by annual income and spending score; five groups lie apart.",
    )
    glance = Grid("glance", columns, (*rows, total), title="The segments at a glance", compact=len(segments) > 8)
    return Section(
        "map",
        "page",
        "The map",
        "Five clear groups: income and spending score go separate ways",
        say(
            "Each dot is one customer. Dotted lines are the averages of all customers; a letter marks "
            "the centre of its segment."
        ),
        (figure, glance),
        nav="The map",
    )


def _compared(segments, shares, spend, sizes, projection) -> Section:  # type: ignore[no-untyped-def]
    names = ("Age", "Annual income", "Spending score", "Women", "Aged under 35", "Score above 60")
    index = [
        [84, 65, 110, 116, 106],
        [143, 42, 91, 43, 146],
        [164, 158, 99, 42, 34],
        [96, 106, 106, 109, 82],
        [150, 194, 86, 29, 64],
        [323, 323, 4, 0, None],
    ]
    rows = tuple(
        GridRow((text(n), *(Quantity(index[r][i % 5], "index") for i in range(len(segments)))))
        for r, n in enumerate(names)
    )
    heat = Grid(
        "index",
        (
            GridColumn("Index, all = 100", "text"),
            *(GridColumn(s.name if len(segments) < 8 else "", "heat", s) for s in segments),
        ),
        rows,
        caption="Shaded: below 90 and above 110.",
    )
    centre_rows = tuple(
        (
            n,
            "years" if n == "Age" else "",
            10.0,
            140.0,
            60.0,
            tuple(20.0 + ((i * 37 + r * 13) % 110) for i in range(len(segments))),
        )
        for r, n in enumerate(names)
    )
    figure = Figure(
        "centres",
        "centres",
        {"segments": segments, "rows": centre_rows},
        "Where each segment leads or trails",
        "Centres of every segment on each measure.",
        caption="Each row has its own scale; the mark is the average of all customers.",
    )
    return Section(
        "compared",
        "page",
        "Profiles compared",
        "Age and spending score separate the segments as sharply as income does",
        say("Index 100 is the average of all customers; 150 means half as much again."),
        (heat, figure),
        nav="Profiles compared",
    )


def _densities(place: int) -> tuple[Density, ...]:
    grid = np.linspace(15, 75, 90)

    def bell(middle: float, width: float, high: float) -> tuple[float, ...]:
        return tuple(float(high * math.exp(-(((x - middle) / width) ** 2))) for x in grid)

    log_grid = tuple(float(x) for x in np.exp(np.linspace(math.log(20), math.log(9000), 90)))
    middle = 22 + place * 11 % 45
    return (
        Density("age", "Age", "years", tuple(grid), bell(middle, 6, 1), bell(38, 18, 0.4), middle, 38.9, False, False),
        Density(
            "income",
            "Annual income",
            "k$",
            tuple(grid + 20),
            bell(60, 8, 0.9),
            bell(40, 16, 0.45),
            80.2,
            60.6,
            False,
            False,
        ),
        Density(
            "spend", "Spend per customer", "€", log_grid, bell(50, 7, 1), bell(40, 15, 0.5), 1890.0, 610.0, True, True
        ),
    )


def _sheet(place: int, view: tuple[Any, ...]) -> Section:
    segments, shares, spend, sizes, _ = view
    segment = segments[place]
    tiles = Facts(
        (
            Fact("Customers", count(sizes[place]), f"{shares[place]:.0%} of all"),
            Fact("Spending points", share(spend[place]), "1.64× its size"),
            Fact("Annual income", number(87, unit="k$"), "all: 61 k$"),
            Fact("Spending score", number(82), "all: 50"),
            Fact("Repeat rate", share(0.47), "all: 41%"),
            Fact("Days since last order", number(19, "days"), "all: 50"),
        )
    )
    persona = Panel(
        "The persona",
        (
            Text(
                (
                    say(
                        "Income well above average, and spending to match: half of them score between 74 and 90 of 100."
                    ),
                ),
                "persona",
            ),
            Grid(
                "facts",
                (GridColumn("", "text"), GridColumn("")),
                (
                    GridRow((text("Typical age"), number(32))),
                    GridRow((text("Women"), share(0.54))),
                    GridRow((text("Middle half, income"), text("76–95 k$"))),
                    GridRow((text("Middle half, score"), text("74–90"))),
                    GridRow((text("Borderline"), share(0.03))),
                ),
                compact=True,
                sheet=False,
            ),
        ),
    )
    traits = (
        ("Spending score above 60", 1.0, 0.31, 323),
        ("Spending score", 0.82, 0.5, 164),
        ("Aged under 35", 0.67, 0.44, 150),
        ("Annual income", 0.865, 0.606, 143),
        ("Women", 0.54, 0.56, 96),
        ("Age", 0.33, 0.39, 84),
    )
    apart = Grid(
        f"apart-{segment.id}",
        (
            GridColumn("Feature", "text"),
            GridColumn("Segment"),
            GridColumn("All"),
            GridColumn("Below ← 100 → above", "index_bar"),
        ),
        tuple(GridRow((text(n), share(a), share(b), Quantity(i, "index")), segment) for n, a, b, i in traits),
        title="What sets them apart",
    )
    figure = Figure(
        f"spread-{segment.id}",
        "distributions",
        {"segment": segment, "densities": _densities(place)},
        "How they compare with all customers",
        f"Distributions of age, income and spend: {segment.name} against all customers.",
        caption="Colour: this segment; grey: all customers; number: segment mean, dotted: mean of all.",
    )
    buys = Grid(
        f"buys-{segment.id}",
        (GridColumn("Category", "text"), GridColumn("Share of spend", "bar"), GridColumn("All")),
        tuple(
            GridRow((text(n), share(a), share(b)), segment)
            for n, a, b in (
                ("Garden", 0.46, 0.16),
                ("Kitchen", 0.24, 0.15),
                ("Toys", 0.12, 0.18),
                ("Books", 0.1, 0.14),
                ("Other", 0.08, 0.37),
            )
        ),
        title="What they buy",
    )
    actions = Actions(
        "What to do",
        (
            (
                "Reward.",
                say("Offer the 39 customers a premium tier with early access and a personal contact."),
                say("share of visits with a purchase"),
            ),
            (
                "Grow.",
                say("Bundle new and premium lines first for this group; test at full price."),
                say("average basket"),
            ),
            (
                "Protect.",
                say("Write within 7 days when spending drops two months in a row."),
                say("customers leaving the segment"),
            ),
        ),
        say("no discounts on what they buy at full price."),
        say("before the next monthly run."),
    )
    worth = Text(
        (
            say(
                (
                    "Ten points more in the mean score of this segment would add 3.9% to all spending points "
                    "(estimate: the same customers keep buying)."
                )
            ),
        ),
        "callout",
        "What it is worth",
    )
    return Section(
        f"segment-{segment.id}",
        "segment",
        f"Segment {segment.letter}",
        segment.name,
        say("20% of customers, 32% of spending points; half score 83 or more."),
        (tiles, Columns((persona,), (apart,), "sheet"), figure, Columns((buys,), (actions,)), worth),
        segment,
    )


def _method(segments, shares, spend, sizes, projection) -> Section:  # type: ignore[no-untyped-def]
    ks = tuple(range(2, 11))
    evidence = Figure(
        "evidence",
        "k_evidence",
        {
            "ks": ks,
            "stability": (0.9, 0.85, 0.8, 0.95, 0.6, 0.5, 0.4, None, None),
            "silhouette": (0.31, 0.47, 0.49, 0.55, 0.54, 0.45, 0.46, 0.46, 0.45),
            "jaccard": (0.8, 0.75, 0.8, 0.97, 0.7, 0.6, 0.6, 0.5, 0.5),
            "chosen": 5,
            "threshold": 0.8,
        },
        "Five segments are found again most reliably",
        "Three measures over the number of segments; all peak at five.",
        caption="Dotted: the limit for a stable answer.",
    )
    scree = Figure(
        "axes",
        "scree",
        {
            "shares": projection.shares,
            "loadings": (("Annual income", 0.9, 0.1), ("Age", 0.85, -0.3), ("Spending score", -0.2, 0.8)),
        },
        "Two axes hold 67% of the variance",
        "Share of variance per axis, and loadings.",
    )
    points = tuple((x / 100, (x / 100) ** 2.2) for x in range(101))
    lorenz = Figure(
        "lorenz",
        "lorenz",
        {"points": points, "top_share": 1 - 0.8**2.2, "gini": 0.38},
        "A fifth of customers bring 39%",
        "Share of spending against share of customers, biggest first.",
        width="half",
    )
    months = Figure(
        "months",
        "months",
        {
            "months": tuple(
                f"{m} 2026" for m in ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov")
            ),
            "revenue": (120e3, 98e3, 130e3, 141e3, 99e3, 122e3, 170e3, 160e3, 188e3, 240e3, 90e3),
            "complete": (True,) * 10 + (False,),
            "currency": "EUR",
        },
        "Revenue doubled from February to October",
        "Revenue by month.",
    )
    words = Text(
        (
            say(
                (
                    "Annual income and spending score were standardised and grouped with k-means (50 starts, "
                    "fixed seed). The number of segments is the largest that is found again in resampled data."
                )
            ),
            say("Age and gender describe the segments; they were not used to form them."),
        )
    )
    return Section(
        "appendix-method",
        "appendix",
        "Appendix A",
        "Method: how the segments were found",
        None,
        (words, evidence, scree, Columns((lorenz,), (words,)), months, *_over_time(segments, sizes)),
        nav="Method",
    )


def _over_time(segments, sizes) -> tuple[Figure, ...]:  # type: ignore[no-untyped-def]
    """A month in which a tenth of every segment went to the next one, and how sizes went over the year."""
    k = len(segments)
    moved = [size // 10 for size in sizes]
    now = [size - moved[i] + moved[i - 1] for i, size in enumerate(sizes)]
    sides = [
        (
            *(Side(ref, ref.name, f"{n:,}", n) for ref, n in zip(segments, counts, strict=True)),
            Side(None, word, f"{n:,}", n),
        )
        for counts, word, n in ((sizes, "New", 30), (now, "Lost", 12))
    ]
    bands = [Band(i, i, size - moved[i]) for i, size in enumerate(sizes)]
    bands += [Band(i, (i + 1) % k, moved[i], i < 12) for i in range(k)]
    data = {"left": sides[0], "right": sides[1], "bands": tuple(bands), "then": "October 2026", "now": "November 2026"}
    lines = tuple(
        Line(ref.name, (n * 1.0, None, n * 1.1, n * 0.9), f"{n:,}", f"{n:,}", ref)
        for ref, n in zip(segments, sizes, strict=True)
    )
    return (
        Figure("moves", "alluvial", data, "Most stayed", "Moves from October to November 2026."),
        Figure("trend", "sparklines", {"lines": lines, "across": 2}, "Month by month", "Sizes since August 2026."),
    )


def _data(segments, shares, spend, sizes, projection) -> Section:  # type: ignore[no-untyped-def]
    columns = Grid(
        "columns",
        (GridColumn("Column", "text"), GridColumn("Role", "text"), GridColumn("Missing"), GridColumn("Use", "text")),
        tuple(
            GridRow((text(c), text(r), count(0), text(u)))
            for c, r, u in (
                ("CustomerID", "customer_id", "Identifier, not used"),
                ("Gender", "gender", "Describes only: protected"),
                ("Age", "age", "Describes only: protected"),
                ("Annual Income (k$)", "number", "Forms the segments"),
                ("Spending Score (1-100)", "number", "Forms the segments"),
            )
        ),
        title="Columns",
    )
    shown = segments[:12]
    profile = Grid(
        "profile",
        (GridColumn("Feature", "text"), *(GridColumn("", "number", s) for s in shown), GridColumn("All")),
        tuple(
            GridRow(
                (text(n), *(number(32.7 + 3 * i, decimals=1) for i in range(len(shown))), number(38.9, decimals=1)),
                notes=("", *("30–36" for _ in shown), ""),
            )
            for n in ("Age", "Annual income", "Spending score")
        ),
        title="Profile table: mean and middle half",
        caption="Middle half: from the lower to the upper quartile.",
    )
    rows = tuple(
        GridRow((text(label), count(value), text(why)), total=label.startswith("="))
        for label, value, why in (
            ("Read from file", 200, "mall_customers.csv"),
            ("− duplicates", 0, "identical rows"),
            ("= in this report", 200, ""),
        )
    )
    reconciliation = Grid(
        "reconciliation",
        (GridColumn("Line", "text"), GridColumn("Rows"), GridColumn("Why", "text")),
        rows,
        title="From the file to this report",
    )
    checks = Bullets(
        (say("No duplicate rows, no duplicate CustomerID."), say("No missing values in any column.")), title="Checks"
    )
    return Section(
        "appendix-data",
        "appendix",
        "Appendix B",
        "Data: 200 rows read, all used",
        say("No value is missing; no row was dropped or changed."),
        (columns, checks, profile, reconciliation),
        nav="Data",
    )


def fullest_sheets() -> tuple[Section, ...]:
    """Return sheets that use all the room a composer may use (the budgets in print.css)."""
    view = mall().sections[4]
    words = "Write to the 39 members who bought in this category within 30 days, one mail, no discount on it."
    columns = view.blocks[1]
    assert isinstance(columns, Columns)
    apart = columns.right[0]
    assert isinstance(apart, Grid)
    rows = (*apart.rows, *apart.rows)[:7]
    long_persona = Panel(
        "Who they are",
        (
            Text(
                (say("Annual income is typically 87 k$ (half of the members: 76–95 k$), against 61 k$ among all."),),
                "persona",
            ),
            Text(
                (say("Spending score is typically 82 (half of the members: 74–90), against 50 among all."),), "persona"
            ),
            Grid(
                "facts",
                (GridColumn("", "text"), GridColumn("")),
                tuple(GridRow((text(f"Fact number {i}"), number(32 + i))) for i in range(4)),
                compact=True,
                sheet=False,
            ),
        ),
    )
    actions = Actions(
        "What to do",
        tuple((f"Action {i}.", say(words), say("orders per member, against a hold-out of 10")) for i in range(3)),
        say("no discounts on what they buy at full price."),
        say("within 30 days after the last order."),
    )
    left = view.blocks[3]
    assert isinstance(left, Columns)
    full = (
        view.blocks[0],
        Columns((long_persona,), (Grid("apart", apart.columns, rows, apart.title),), "sheet"),
        view.blocks[2],
        Columns(left.left, (actions,)),
        view.blocks[4],
    )
    lede = say(
        "20% of customers, 32% of spending points; half of them last ordered more than 74 days ago, a few very large."
    )
    return (Section("segment-s01", "segment", "Segment A", view.title, lede, full, view.segment),)


HOSTILE = "<script>alert(1)</script>&amp;\x00\x07{{ 7*7 }} שלום 日本語 🎉 " + "W" * 10_000


def hostile() -> Report:
    """Return a report whose names and cells hold what a hostile or broken file may hold."""
    segments = refs((HOSTILE, "\u202eoverride", "=HYPERLINK(1)", "日本の客 مرحبا"))
    report = _report(
        np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]] * 9),
        np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]),
        tuple(s.name for s in segments),
        ((HOSTILE, "y"), ("k$", "")),
    )
    grid = Grid(
        "hostile",
        (GridColumn(HOSTILE, "text"), GridColumn("n"), GridColumn(HOSTILE, "bar")),
        (GridRow((text(HOSTILE), text(HOSTILE), share(0.5)), notes=(HOSTILE, "", "")),),
        title=HOSTILE,
        caption=HOSTILE,
    )
    extra = Section(
        "hostile",
        "page",
        HOSTILE,
        HOSTILE,
        say(HOSTILE),
        (Facts((Fact(HOSTILE, text(HOSTILE), HOSTILE), Fact("a", count(1)))), Text((say(HOSTILE),)), grid),
        nav=HOSTILE,
    )
    return Report(
        HOSTILE, HOSTILE, HOSTILE, "en", "", "A4", "", ((HOSTILE, HOSTILE),), (*report.sections, extra), segments
    )
