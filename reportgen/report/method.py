"""The method appendix: which columns, how many segments and why, how dependable they are."""

from __future__ import annotations

from dataclasses import replace

from reportgen.report.appendix import NOTED
from reportgen.report.column_strength import association_blocks, cross_tables
from reportgen.report.model import Block, Bullets, Figure, Grid, GridColumn, GridRow, Section, Sentence, Text
from reportgen.report.movement import drift_table
from reportgen.report.robustness import robustness_table
from reportgen.report.story import Story, Told, joined, number
from reportgen.report.summary import verdict
from reportgen.report.wording import say, shorten
from reportgen.segments.choose import Evidence
from reportgen.values import Quantity, count, share, text

THRESHOLD = 0.80  # prediction strength from which a number of segments is dependable
_MOST_LOADINGS = 8


def method_appendix(story: Story) -> Section:
    """Compose the method appendix."""
    blocks: list[Block | None] = [
        Text((_how(story), *_calibration(story)), title=story.word("method.how")),
        _reasons(story),
        _evidence_figure(story),
        _evidence_table(story),
        _fit_table(story),
        robustness_table(story),
        drift_table(story),
        _columns_table(story),
        *association_blocks(story),
        *cross_tables(story),
        _axes(story),
    ]
    return Section(
        id="appendix-method",
        kind="appendix",
        kicker=story.word("method.kicker"),
        title=_title(story),
        lede=verdict(story),
        blocks=tuple(block for block in blocks if block is not None),
        nav=story.word("method.nav"),
    )


def _title(story: Story) -> str:
    segmentation = story.analysis.segmentation
    k = number(segmentation.choice.k, 0)
    if story.better_k is not None:
        return story.word("method.title_forced", k=k, better=number(story.better_k, 0))
    return story.word(f"method.title_{segmentation.verdict.kind}", k=k)


def _how(story: Story) -> Sentence:
    segmentation = story.analysis.segmentation
    features = segmentation.model.recipe.features
    chosen = next((item for item in segmentation.choice.evidence if item.k == segmentation.choice.k), None)
    algorithm = segmentation.model.algorithm
    parts = [story.say("method.features", columns=count(len(segmentation.model.recipe.names)))]
    if any(feature.mismatch is None and feature.scale != 1.0 for feature in features):  # 1: as they are, or yes and no
        parts.append(story.say("method.scaling"))
    logs = sum(feature.transform != "none" for feature in features)
    if logs:
        parts.append(story.say("method.logarithms", columns=count(logs)))
    if chosen is not None:
        parts.append(story.say(f"method.{algorithm}", starts=share(chosen.best_start_share, 0)))
    if segmentation.polish is not None:
        customers = story.analysis.customers
        parts.append(story.say("method.sampled", customers=count(customers.count), sample=count(len(customers.frame))))
        if segmentation.polish.away is not None:
            away = Quantity(max(segmentation.polish.away, 1e-5), "number", decimals=5)
            parts.append(story.say("method.settled", away=away))
    if segmentation.unsegmented:
        left = Quantity(segmentation.unsegmented, "count", suppressed=story.few(segmentation.unsegmented))
        parts.append(story.say("method.unsegmented", customers=left))
    return joined(*parts)


def _calibration(story: Story) -> tuple[Sentence, ...]:
    judged = story.analysis.segmentation.verdict
    if judged.silhouette is None or judged.null_silhouette is None or judged.null_silhouette_max is None:
        return ()
    return (
        story.say(
            "method.calibration",
            silhouette=Quantity(judged.silhouette, "score"),
            null=Quantity(judged.null_silhouette, "score"),
            highest=Quantity(judged.null_silhouette_max, "score"),
            sample=count(judged.sample),
        ),
    )


def _reasons(story: Story) -> Bullets:
    choice = story.analysis.segmentation.choice
    return Bullets(
        tuple(say(reason, story.language) for reason in choice.reasons),
        title=story.word("method.why_k", k=number(choice.k, 0)),
    )


def _evidence_figure(story: Story) -> Figure:
    choice = story.analysis.segmentation.choice
    evidence = choice.evidence
    chosen = next((item for item in evidence if item.k == choice.k), None)
    strength = chosen.prediction_strength if chosen else None
    key = "method.evidence_title" if strength is not None else "method.evidence_title_silhouette"
    values = {
        "k": number(choice.k, 0),
        "strength": Quantity(strength, "score"),
        "silhouette": Quantity(chosen.silhouette if chosen else None, "score"),
    }
    return Figure(
        name="evidence_chart",
        chart="k_evidence",
        data={
            "ks": tuple(item.k for item in evidence),
            "stability": tuple(item.prediction_strength for item in evidence),
            "silhouette": tuple(item.silhouette for item in evidence),
            "jaccard": tuple(item.jaccard for item in evidence),
            "chosen": choice.k,
            "threshold": THRESHOLD,
        },
        title=story.word(key, **values),
        alt=story.word("method.evidence_alt", **values),
        caption=story.word("method.evidence_caption"),
    )


def _evidence_table(story: Story) -> Grid:
    """Return every figure behind the choice of k; a column that is empty for every k is left out."""
    choice = story.analysis.segmentation.choice
    labels = (
        "k",
        "bic",
        "prediction_strength",
        "bootstrap_ari",
        "jaccard",
        "instability",
        "silhouette",
        "ch",
        "db",
        "gap",
    )
    columns = story.columns(*labels, "inertia", "starts", "smallest", "dependable:text")
    rows = [GridRow(_evidence_cells(story, item), total=False) for item in choice.evidence]
    kept = [place for place in range(len(columns)) if any(row.cells[place].value is not None for row in rows)]
    return Grid(
        "evidence",
        tuple(columns[place] for place in kept),
        tuple(GridRow(tuple(row.cells[place] for place in kept)) for row in rows),
        caption=story.word("method.evidence_table_caption", k=number(choice.k, 0)),
        compact=True,
    )


def _evidence_cells(story: Story, item: Evidence) -> tuple[Quantity, ...]:
    scores = (item.prediction_strength, item.agreement, item.jaccard, item.instability, item.silhouette)
    return (
        number(item.k, 0),
        number(item.bic, 0),
        *(Quantity(value, "score") for value in scores),
        number(item.calinski_harabasz, 0),
        Quantity(item.davies_bouldin, "score"),
        Quantity(item.gap, "score"),
        number(item.inertia, 1),
        share(item.best_start_share, 0),
        Quantity(item.smallest, "count", suppressed=0 < item.smallest < 10),
        text(story.word("method.yes" if item.dependable else "method.no")),
    )


def _fit_table(story: Story) -> Grid:
    labels = ("customers", "silhouette", "shadow", "jaccard", "recovered", "sls_w", "sls_a", "grade:text", "borderline")
    return Grid(
        "stability",
        story.columns("segment:segment", *labels, "borders_on:text"),
        tuple(GridRow(_fit_cells(story, told), told.ref) for told in story.segments),
        story.word("method.fit_title"),
        story.word("method.fit_caption"),
        compact=True,
    )


def _fit_cells(story: Story, told: Told) -> tuple[Quantity, ...]:
    fit = told.fit
    stability = fit.stability
    return (
        text(told.ref.name),
        Quantity(fit.size, "count", suppressed=0 < fit.size < 10),
        Quantity(fit.silhouette, "score"),
        Quantity(fit.shadow, "score"),
        Quantity(stability.jaccard, "score"),
        share(stability.recovered, 0),
        Quantity(stability.sls_w, "score"),
        Quantity(stability.sls_a, "score"),
        text((story.dependable and stability.grade) or "–"),
        Quantity(fit.borderline, "count", suppressed=0 < fit.borderline < 10),
        text("" if fit.neighbour is None else story.segments[fit.neighbour].ref.letter),
    )


def _columns_table(story: Story) -> Grid:
    decisions = story.analysis.segmentation.decisions
    rows = tuple(
        GridRow(
            (
                text(shorten(item.label, 80)),
                text(story.word("method.yes" if item.kept else "method.no")),
                text(item.reason),
            )
        )
        for item in decisions
    )
    column, forms, why = story.columns("column:text", "forms_segments:text", "why:text")
    columns = (column, forms, replace(why, language=NOTED))
    return Grid("features", columns, rows, title=story.word("method.columns_title"))


def _axes(story: Story) -> Figure | None:
    """Return the principal components; None where the map shows the two columns themselves."""
    projection = story.analysis.segmentation.projection
    if projection.kind != "pca" or len(projection.shares) < 2:
        return None
    loadings = [
        (label, float(pair[0]), float(pair[1]))
        for label, pair in zip(projection.columns, projection.loadings, strict=True)
    ]
    loadings.sort(key=lambda row: (-round(row[1] ** 2 + row[2] ** 2, 9), row[0]))
    first, second = max(loadings, key=lambda row: abs(row[1]))[0], max(loadings, key=lambda row: abs(row[2]))[0]
    rows = tuple(GridRow((text(label), Quantity(r1, "score"), Quantity(r2, "score"))) for label, r1, r2 in loadings)
    columns = (GridColumn(story.word("col.column"), "text"), *story.columns("axis1", "axis2"))
    both = share(sum(projection.shares[:2]))
    return Figure(
        name="axes",
        chart="scree",
        data={"shares": projection.shares, "loadings": tuple(loadings[:_MOST_LOADINGS])},
        title=story.word("method.axes_title", share=both),
        alt=story.word(
            "method.axes_alt",
            share=both,
            first_share=share(projection.shares[0]),
            first=text(first),
            second=text(second),
        ),
        caption=story.word("method.axes_caption"),
        table=Grid("axes", columns, rows),
    )
