"""The data appendix, the name audit and the short list of terms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from reportgen.findings import Finding
from reportgen.inputs.quality import Reconciled
from reportgen.locales import phrases
from reportgen.report.branding import theme_of
from reportgen.report.model import Block, Bullets, Grid, GridRow, Section, Sentence, Text
from reportgen.report.scripts import letters_without_font, script_names, texts_of
from reportgen.report.story import Story, number
from reportgen.report.wording import say, shorten
from reportgen.values import Quantity, count, share, text

_MOST_FINDINGS = 20
_MOST_COLUMNS = 60
_LONG = 300
NOTED = "en"  # the language of what was noticed about the file: reasons and findings are sentences of their own


def data_appendix(story: Story) -> Section:
    """Compose what was read, what was dropped and why, what each column means, and what was noticed."""
    read, used = story.rows
    blocks: list[Block | None] = [
        _notes(story),
        _reconciliation(story),
        _memo(story),
        _findings(story),
        _columns(story),
        _reading(story),
        Text((story.say("data.privacy"),), "note", story.word("data.privacy_title")),
    ]
    return Section(
        id="appendix-data",
        kind="appendix",
        kicker=story.word("data.kicker"),
        title=story.word("data.title_all" if read == used else "data.title", read=count(read), used=count(used)),
        lede=Sentence(shorten(story.analysis.customers.schema.why, _LONG), language=NOTED),
        blocks=tuple(block for block in blocks if block is not None),
        nav=story.word("data.nav"),
    )


def _notes(story: Story) -> Bullets | None:
    notes = [note for note in story.notes if not note.first]
    if not notes:
        return None
    return Bullets(
        tuple(say(note.said, story.language) for note in notes),
        tuple(story.word("gate.accepted") if note.accepted else "" for note in notes),
        title=story.word("gate.title"),
    )


def _reconciliation(story: Story) -> Grid:
    lines = story.analysis.customers.quality.reconciliation
    few = any(story.few(line.customers or 0) for line in lines)
    rows = tuple(
        GridRow(
            (
                text(f"{'− ' if line.sign == '-' else '= ' if line.sign == '=' else ''}{_line(story, line)}"),
                _size(line.rows),
                _size(line.orders),
                story.cash(line.revenue, 2),
                _customers(story, line, few),
            ),
            total=line.sign == "=",
        )
        for line in lines
    )
    columns = story.columns("line:text", "rows", "orders", "revenue", "customers")
    kept = [place for place in range(5) if place < 2 or any(row.cells[place].value is not None for row in rows)]
    return Grid(
        name="reconciliation",
        columns=tuple(columns[place] for place in kept),
        rows=tuple(GridRow(tuple(row.cells[place] for place in kept), total=row.total) for row in rows),
        title=story.word("data.reconciliation"),
        caption=story.word("data.reconciliation_caption"),
    )


def _line(story: Story, line: Reconciled) -> str:
    key = "line.read_all" if line.code == "read" and line.sign else f"line.{line.code}"
    if line.code == "file":
        return shorten(line.label, 120)
    if line.code == "status":
        return story.word(key, status=text(line.label.removeprefix("Status ")))
    if line.code == "no_key":
        return story.word(key, column=text(story.analysis.customers.key or ""))
    return story.word(key if key in phrases(story.language) else "line.no_data")


def _size(value: int | None) -> Quantity:
    return Quantity(value, "count")


def _customers(story: Story, line: Reconciled, few: bool) -> Quantity:
    """Return the customers of a line; a few are hidden, and with them the total that would give them away."""
    if story.few(line.customers or 0):
        return Quantity(line.customers, "count", suppressed=True)
    return _size(None if few and line.code == "read" else line.customers)


def _memo(story: Story) -> Grid | None:
    facts = story.analysis.customers.order_facts
    if facts is None or not facts.memo:
        return None
    keys = [name.lower().replace(" ", "_") for name, _ in facts.memo]
    rows = (
        GridRow((text(story.word(f"memo.{key}")), story.cash(amount, 2)))
        for key, (_, amount) in zip(keys, facts.memo, strict=True)
    )
    return Grid("memo", story.columns("line:text", "amount"), tuple(rows), title=story.word("data.memo"))


def _boxes(story: Story) -> Iterator[Finding]:
    """Say which scripts of the data the PDF can't show."""
    config = story.config
    texts = (*texts_of(story.analysis), config.report.title, config.report.organisation)
    if letters := letters_without_font(texts, theme_of(config)):
        named = ", ".join(script_names(letters))
        yield Finding(
            "no_font",
            f"No font on this machine can show these scripts: {named}. The PDF shows □ in their place; "
            "install a font that has them, such as Noto Sans CJK. The HTML page uses the fonts of its reader.",
            "warning",
        )


def _findings(story: Story) -> Block | None:
    analysis = story.analysis
    found = (*analysis.customers.quality.findings, *analysis.segmentation.findings, *_boxes(story))
    unique = list(dict.fromkeys(found))
    unique.sort(key=lambda item: item.severity != "warning")
    if not unique:
        return Text((story.say("data.no_findings"),), title=story.word("data.findings"))
    items = [Sentence(shorten(item.message, _LONG), language=NOTED) for item in unique[:_MOST_FINDINGS]]
    if len(unique) > _MOST_FINDINGS:
        items.append(story.say("data.more_findings", more=count(len(unique) - _MOST_FINDINGS)))
    return Bullets(tuple(items), title=story.word("data.findings"))


def _reading(story: Story) -> Text | None:
    """Return how the file was read: format, encoding, separator, sheet."""
    told = "; ".join(f"{what}: {shorten(how, 120)}" for what, how in story.analysis.reading)
    return Text((Sentence(told, language=NOTED),), "note", story.word("data.reading")) if told else None


def _columns(story: Story) -> Grid:
    schema = story.analysis.customers.schema
    roles = {decision.name: decision for decision in story.analysis.segmentation.decisions}
    rows = []
    for column in schema.columns[:_MOST_COLUMNS]:
        decision = roles.get(column.name)
        if decision is not None and decision.kept:
            use = "use_segments"
        elif column.protected:
            use = "use_described"
        elif column.role is not None:
            use = "use_role"
        else:
            use = "use_other"
        rows.append(
            GridRow(
                (
                    text(shorten(column.name, 60)),
                    text(story.word(f"role.{column.role.removeprefix('P_')}") if column.role else "–"),
                    text(story.word(f"data.{use}")),
                    text(shorten(column.why, 200)),
                    share(column.passing, 0),
                    count(column.filled),
                )
            )
        )
    columns = story.columns("column:text", "role:text", "use:text", "why:text", "passing", "filled")
    columns = tuple(replace(column, language=NOTED) if place == 3 else column for place, column in enumerate(columns))
    more = len(schema.columns) - len(rows)
    caption = story.word("data.more_columns", more=count(more)) if more > 0 else ""
    return Grid("columns", columns, tuple(rows), title=story.word("data.columns"), caption=caption, compact=True)


def name_audit(story: Story) -> Section:
    """Compose the evidence for every word of every name."""
    rows = [
        GridRow(
            (
                text(told.ref.name),
                text(told.ref.id),
                text(word.word),
                text(word.metric),
                number(word.value, 2),
                text(word.enter),
                text(word.keep),
                text(story.word("method.yes" if word.overridden else "method.no")),
            ),
            told.ref,
        )
        for told in story.segments
        for word in told.persona.audit
    ]
    columns = story.columns(
        "segment:segment",
        "code:text",
        "word:text",
        "metric:text",
        "value",
        "enter:text",
        "keep:text",
        "overridden:text",
    )
    grid = Grid("name_audit", columns, tuple(rows), caption=story.word("audit.caption"), compact=True)
    return Section(
        id="appendix-names",
        kind="appendix",
        kicker=story.word("audit.kicker"),
        title=story.word("audit.title"),
        lede=story.say("audit.lede"),
        blocks=(grid if rows else Text((story.say("audit.none"),)),),
        nav=story.word("audit.nav"),
    )


def glossary(story: Story) -> Section:
    """Compose the terms that this report uses."""
    border = "borderline_mixture" if story.analysis.segmentation.model.factors else "borderline"
    terms = ["average", "index", "typical", "middle_half", border, "grades", "small"]
    if story.money:
        terms += ["spend", "order_value"]
    values: dict[str, Quantity] = {}
    facts = story.analysis.customers.order_facts
    if facts and facts.usual_gap is not None and facts.lapse_limit is not None:
        terms += ["gap", "lapsed"]
        values = {
            "gap": Quantity(facts.usual_gap, "days", decimals=0),
            "limit": Quantity(facts.lapse_limit, "days", decimals=0),
        }
    terms += ["silhouette", "strength", "jaccard"]
    return Section(
        id="appendix-terms",
        kind="appendix",
        kicker=story.word("terms.kicker"),
        title=story.word("terms.title"),
        lede=None,
        blocks=(
            Bullets(
                tuple(story.say(f"terms.{term}", **values) for term in terms),
                tuple(story.word(f"terms.{term}_lead") for term in terms),
            ),
        ),
        nav=story.word("terms.nav"),
    )
