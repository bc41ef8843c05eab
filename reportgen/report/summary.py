"""Page 1: the finding, four tiles, one figure, what there is, decisions, and what to trust."""

from __future__ import annotations

from collections.abc import Sequence

from reportgen.profiling.spending import Spending
from reportgen.report.changes import MOST, change_headline, changes_block, model_sentence
from reportgen.report.contrasts import trait_bullets
from reportgen.report.headline_tiles import month_tiles, trend_note
from reportgen.report.model import (
    Bullets,
    Fact,
    Facts,
    Figure,
    Grid,
    GridRow,
    Section,
    Sentence,
    Text,
)
from reportgen.report.overview import centres_figure
from reportgen.report.story import Story, Told, joined, number, ratio
from reportgen.report.wording import say
from reportgen.values import Quantity, count, share, text

_MOST_BULLETS = 4
_MOST_DECISIONS = 3
_JUDGED = 100  # below this many customers nothing is said about stability
_FIRST_VALUES = {"V1": 0, "V2": 0, "V3": 1}  # money to win back or to add stands before money that is there


def headline(story: Story) -> Sentence:
    """Return the finding (domain.md 2.7), or that there are no dependable groups."""
    if story.change is not None and story.dependable:
        return change_headline(story, story.change)
    if story.better_k is not None:
        asked, better = number(len(story.segments), 0), number(story.better_k, 0)
        return story.say("summary.headline_forced", k=asked, better=better)
    if not story.dependable:
        return story.say("summary.headline_none")
    top = leader(story)
    name = text(top.ref.name)
    if story.money:
        return story.say("summary.headline_money", name=name, share=top.share, revenue=top.revenue_share)
    return story.say("summary.headline_size", name=name, share=top.share)


def summary_page(story: Story) -> Section:
    """Compose page 1, which stands alone when forwarded."""
    warning = _warning(story)
    points = changes_block(story, story.change, MOST - len(warning)) if story.change else _bullets(story)
    blocks = (_tiles(story), _figure(story), points, *warning, _decisions(story), _trust(story))
    return Section(
        id="summary",
        kind="summary",
        kicker=story.word("summary.kicker"),
        title=headline(story).text,
        lede=_lede(story),
        blocks=tuple(block for block in blocks if block is not None),
        nav=story.word("summary.kicker"),
    )


def verdict(story: Story) -> Sentence:
    """Return what the verdict means, in a sentence without technical words."""
    segmentation = story.analysis.segmentation
    if segmentation.verdict.kind == "unjudged" and segmentation.choice.dependable:  # graded on resamples all the same
        return story.say("verdict.unjudged_graded")
    return story.say(f"verdict.{segmentation.verdict.kind}")


def _lede(story: Story) -> Sentence:
    k, n = number(len(story.segments), 0), count(story.size)
    key = "summary.lede" if story.dependable else "summary.lede_none"
    model = (model_sentence(story, story.change),) if story.change else ()
    return joined(story.say(key, k=k, customers=n), verdict(story), *model)


def leader(story: Story) -> Told:
    """Return the segment with the largest revenue, without money the largest one."""
    if story.money:
        return max(story.segments, key=lambda told: (told.money.revenue if told.money else 0.0, -told.place))
    return max(story.segments, key=lambda told: (told.profile.size, -told.place))


def _tiles(story: Story) -> Facts:
    facts = story.analysis.customers.order_facts
    complete = [month for month in facts.months if month.complete] if facts else []
    if facts and complete and not any(story.few(month.buyers) for month in facts.months):
        return month_tiles(story, facts, complete[-1])
    spending = story.spending
    if spending:
        return _money_tiles(story, spending)
    top, fits = leader(story), story.analysis.segmentation.fits
    border = sum(fit.borderline for fit in fits)
    hidden = 0 < border < 10
    note = story.word(f"tile.segments_note_{story.analysis.segmentation.model.algorithm}")
    return Facts(
        (
            Fact(story.word("tile.customers"), count(story.size), trend_note(story, "customers") or _rows_note(story)),
            Fact(story.word("tile.segments"), count(len(story.segments)), note),
            Fact(story.word("tile.largest"), top.share, top.ref.name),
            Fact(
                story.word("tile.border"),
                Quantity(border, "count", suppressed=hidden),
                story.word("tile.border_note"),
            ),
        )
    )


def _rows_note(story: Story) -> str:
    read, used = story.rows
    if read == used:
        return story.word("tile.rows_all")
    return story.word("tile.rows_some", used=count(used), read=count(read))


def _money_tiles(story: Story, spending: Spending) -> Facts:
    base = spending.base
    middle = ""
    if base.spend_q25 is not None and base.spend_q75 is not None:
        middle = story.word("tile.middle_half", low=story.cash(base.spend_q25), high=story.cash(base.spend_q75))
    tiles = [
        Fact(story.word("tile.customers"), count(base.customers), trend_note(story, "customers") or _rows_note(story)),
        Fact(story.word("tile.revenue"), story.cash(base.revenue, 0), trend_note(story, "revenue")),
        Fact(
            story.word("tile.typical_spend"), story.cash(base.spend_median), trend_note(story, "median_spend") or middle
        ),
    ]
    if spending.concentration is not None:
        top20 = share(spending.concentration.top20_share)
        note = trend_note(story, "top20_share") or story.word("tile.top20_note")
        tiles.append(Fact(story.word("tile.top20"), top20, note))
    return Facts(tuple(tiles))


def _figure(story: Story) -> Figure | None:
    spending = story.spending
    if spending is None:
        return centres_figure(story, name="summary-centres", most=4)
    rows = tuple(GridRow((text(told.ref.name), told.share, told.revenue_share), told.ref) for told in story.segments)
    return Figure(
        name="summary-bars",
        chart="linked_bars",
        data={
            "segments": story.analysis.segments,
            "customers": tuple(told.share.value for told in story.segments),
            "revenue": tuple(told.revenue_share.value for told in story.segments),
            "top_label": story.word("col.customers"),
            "top_note": story.word("summary.in_all", customers=count(story.size)),
            "bottom_label": story.word("col.revenue"),
            "bottom_note": story.word("summary.amount", amount=story.cash(spending.base.revenue)),
        },
        title=_bars_title(story),
        alt=" ".join(
            story.word("summary.bars_alt", name=text(told.ref.name), share=told.share, revenue=told.revenue_share)
            for told in story.segments
        ),
        caption=story.word("summary.bars_caption"),
        table=Grid("shares", story.columns("segment:segment", "customers_share", "revenue_share"), rows, sheet=False),
    )


def _bars_title(story: Story) -> str:
    """Say what the segments above average bring together; a single one is the headline, so the others are named."""
    if all(told.money and 95 <= told.money.index < 105 for told in story.segments):
        return story.word("summary.bars_title_even")
    above = [told for told in story.segments if told.money and told.money.index > 100]
    named = above if len(above) > 1 else [told for told in story.segments if told not in above]
    if not above or not named:
        return story.word("summary.bars_title_even")
    customers, revenue = (
        Quantity(round(sum(float(str(q.value)) for q in shares), 3), "share", decimals=0)
        for shares in ([told.share for told in named], [told.revenue_share for told in named])
    )
    values = {"share": customers, "revenue": revenue}
    if named is above:
        return story.word("summary.bars_title", **values)
    if len(named) == 1:
        return story.word("spending.lede", name=text(named[0].ref.name), **values).removesuffix(".")
    return story.word("summary.bars_title_others", others=count(len(named)), **values)


def _bullets(story: Story) -> Bullets:
    pairs = _money_bullets(story, story.spending) if story.spending else trait_bullets(story, _MOST_BULLETS)
    leads, items = tuple(story.lead(lead) for lead, _ in pairs), tuple(item for _, item in pairs)
    most = _MOST_BULLETS - len(_warning(story))
    return Bullets(items[:most], leads[:most], numbered=True, title=story.word("summary.stands_out"))


def _money_bullets(story: Story, spending: Spending) -> list[tuple[str, Sentence]]:
    pairs = []
    if (spread := spending.concentration) is not None:
        values = {"top": share(spread.top20_share), "share": share(spread.customers_for_80)}
        pairs.append((story.word("summary.concentration_lead"), story.say("summary.concentration", **values)))
    top = leader(story)
    if top.money:
        worth = ratio(top.money.spend_mean, spending.base.spend_mean)
        n = count(top.profile.size)
        pairs.insert(0, (top.ref.name, story.say("summary.leader", customers=n, ratio=worth)))
    pairs += _drift_bullet(story)
    if (last := _smallest_payer(story, top)) is not None:
        item = story.say("summary.low_payer", share=last.share, revenue=last.revenue_share)
        pairs.append((last.ref.name, item))
    return pairs


def _drift_bullet(story: Story) -> list[tuple[str, Sentence]]:
    """Name the segment whose members that have gone quiet spent most in their own last year."""
    quiet = [told for told in story.segments if told.money and (told.money.drifting or 0) >= 10]
    quiet = [told for told in quiet if told.money and (told.money.spend_own_year or 0) > 0]
    facts = story.analysis.customers.order_facts
    if not quiet or facts is None or facts.usual_gap is None:
        return []
    top = max(quiet, key=lambda told: ((told.money and told.money.spend_own_year) or 0.0, -told.place))
    assert top.money is not None
    assert top.money.drifting is not None
    item = story.say(
        "summary.quiet",
        drifting=count(top.money.drifting),
        customers=count(top.profile.size),
        gap=Quantity(facts.usual_gap, "days", decimals=0),
        amount=story.cash(top.money.spend_own_year),
    )
    return [(top.ref.name, item)]


def _smallest_payer(story: Story, top: Told) -> Told | None:
    """Return the largest of the segments that bring less than half of their share of customers."""
    low = [told for told in story.segments if told.money and told.money.index <= 50 and told is not top]
    return max(low, key=lambda told: (told.profile.size, -told.place), default=None)


def _warning(story: Story) -> Sequence[Text]:
    kind = story.analysis.segmentation.verdict.kind
    if kind == "constructed":
        return (Text((story.say("summary.constructed"),), "callout", story.word("summary.constructed_title")),)
    if kind == "unjudged" and story.size < _JUDGED:
        n = count(story.size)
        return (Text((story.say("summary.unjudged", customers=n),), "callout", story.word("summary.unjudged_title")),)
    return ()


def _decisions(story: Story) -> Grid | None:
    """Return at most three decisions: money to win back or add first, then money that is there, then reach."""
    ranked = sorted((told for told in story.described if told.persona.actions), key=_priority)[:_MOST_DECISIONS]
    if not ranked:
        return None
    worth = any(_gain(told) is not None for told in ranked)
    rows = []
    for told in ranked:
        action, value = told.persona.actions[0], told.persona.value
        assumption = story.tell(told, value.sentence).text if value else ""
        rows.append(
            GridRow(
                (
                    text(story.tell(told, action.title).text),
                    text(told.ref.name),
                    count(told.profile.size),
                    *([story.cash(_gain(told), 0)] if worth else []),
                    text(story.tell(told, action.kpi).text),
                    text(story.word("summary.blank")),
                    text(story.word("summary.blank")),
                ),
                told.ref,
                notes=(assumption, "", "" if value else story.word("summary.reach_unknown"), *[""] * (3 + worth)),
            )
        )
    money = ["worth"] if worth else []
    columns = story.columns(
        "decision:text", "segment:segment", "customers", *money, "watch:text", "owner:text", "date:text"
    )
    return Grid(
        "decisions",
        columns,
        tuple(rows),
        title=story.word("summary.decisions" if story.dependable else "summary.decisions_none"),
    )


def _gain(told: Told) -> float | None:
    """Return what the action may add; revenue that only rests on the segment is no gain."""
    value = told.persona.value
    return None if value is None or value.code == "V3" else value.amount


def _priority(told: Told) -> tuple[int, float, int, int]:
    value = told.persona.value
    if value is None:
        return (2, 0.0, -told.profile.size, told.place)
    return (_FIRST_VALUES[value.code], -value.amount, -told.profile.size, told.place)


def _trust(story: Story) -> Text:
    """Return one line: why it is a new edition, what was accepted, period, rows, revenue without a customer, and how
    far the segments can be trusted.
    """
    facts, (read, used) = story.analysis.customers.order_facts, story.rows
    parts = [say(note.said, story.language) for note in story.notes if note.first]
    if accepted := sum(note.accepted for note in story.notes):
        parts.append(story.say("trust.accepted", checks=Quantity(accepted, "number", decimals=0)))
    if facts:
        first, last = (Quantity(day.isoformat(), "date") for day in (facts.first_day, facts.last_day))
        parts.append(story.say("trust.period", first=first, last=last))
    parts.append(story.say("trust.rows", used=count(used), read=count(read)))
    if (lost := _without_customer(story)) is not None:
        parts.append(story.say("trust.guests", share=lost))
    parts.append(story.say(f"trust.{_worst_grade(story)}"))
    return Text((joined(*parts),), "note")


def _worst_grade(story: Story) -> str:
    """Return the phrase for the least stable segment; no segment is praised where the division as a whole is not."""
    if not story.dependable:
        return "constructed"
    grades = [told.fit.stability.grade for told in story.segments]
    return f"grade_{max(grades, default='').lower()}" if all(grades) else "grade_none"


def _without_customer(story: Story) -> Quantity | None:
    read, lost = story.line("read"), story.line("guests")
    if read is None or lost is None or not read.revenue or not lost.revenue or read.revenue <= 0:
        return None
    return share(lost.revenue / read.revenue)
