"""What changed since the month before, as far as it is material: for page 1 (domain.md 2.4, 2.7 and 10.4)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from reportgen.history.compare import Change, SizeChange
from reportgen.history.drift import ColumnDrift
from reportgen.history.migration import Migration
from reportgen.profiling.actions import RATE
from reportgen.report.bridge import most_of_it
from reportgen.report.model import Bullets, Sentence, Text
from reportgen.report.story import Story, joined
from reportgen.report.wording import say
from reportgen.values import Quantity, Statement, count, share, text

MOST = 3
_MATERIAL = 0.05  # of money and of the number of customers
_ENOUGH_MONTHS = 6  # earlier changes that tell what is usual
_UNUSUAL = 2.0


@dataclass(frozen=True)
class Notable:
    """One material change; ``effect`` is the money behind it, ``size`` how much it is of the whole."""

    effect: float
    size: float
    lead: str
    sentence: Sentence
    headline: str


def notable_changes(story: Story, change: Change) -> list[Notable]:
    """Return all material changes, most money first."""
    kinds = (_quiet, _revenue, _sizes, _spend, _population, _drifts)
    found = [one for kind in kinds for one in kind(story, change)]
    return sorted(found, key=lambda one: (-round(one.effect, 2), -round(one.size, 9), one.lead, one.sentence.text))


def changes_block(story: Story, change: Change, most: int = MOST) -> Bullets | Text:
    """Return the list of page 1, or the sentence that nothing material changed."""
    found, title = notable_changes(story, change)[:most], story.word("change.title")
    if not found:
        return Text((story.say("change.nothing", month=story.month(change.previous)),), "body", title)
    return Bullets(tuple(one.sentence for one in found), tuple(story.lead(one.lead) for one in found), True, title)


def change_headline(story: Story, change: Change) -> Sentence:
    """Return the headline of a later month: who went quiet, revenue, the first change, else who brings the revenue."""
    found = notable_changes(story, change)
    first = [
        one
        for key in ("change.quiet", "change.revenue")
        for one in found
        if one.sentence.sources[0].key.startswith(key)
    ]
    for one in (*first, *found):
        return Sentence(one.headline, one.sentence.sources)
    month = story.month(change.previous)
    best = _best(story)
    if best is None:
        top = max(story.segments, key=lambda told: (told.profile.size, -told.place))
        return story.say("change.headline_size", name=text(top.ref.name), share=top.share, month=month)
    return story.say("change.headline_money", share=best[0], revenue=best[1], month=month)


def model_sentence(story: Story, change: Change) -> Sentence:
    """Say which model the segments are from, and what is missing between the two months."""
    model = story.analysis.segmentation.whole_model
    if change.mode == "refit":
        split = change.split
        n = max(split.customers, 1)
        values = {"behaviour": share(split.truly_moved / n), "model": share((split.model + split.both) / n)}
        small = any(0 < moves < 10 for moves in (split.truly_moved, split.model + split.both))
        told = story.say("change.renewed_few") if small else story.say("change.renewed", **values)
    else:
        told = story.say("change.kept", month=story.month(model.as_of[:7]))
    if not change.gap:
        return told
    return joined(told, story.say("change.gap", month=story.month(change.previous), gap=count(change.gap)))


def _best(story: Story) -> tuple[Quantity, Quantity] | None:
    """Return the shares of the segments of high spend together, else of the top 20% of customers, else None."""
    best = [told for told in story.segments if told.persona.value_word in ("Top", "High")]
    spending = story.analysis.spending
    if not best or len(best) == len(story.segments):
        spread = spending.concentration if spending is not None else None
        return (share(0.2, 0), share(spread.top20_share, 0)) if spread is not None else None
    shares = [
        sum(float(str(q.value)) for q in parts)
        for parts in zip(*((t.share, t.revenue_share) for t in best), strict=True)
    ]
    return share(round(shares[0], 3), 0), share(round(shares[1], 3), 0)


def _revenue(story: Story, change: Change) -> Iterator[Notable]:
    """Compare the month's revenue with the month before, where it moved more than months usually do."""
    facts = story.analysis.customers.order_facts
    months = [month for month in facts.months if month.complete] if facts else []
    least = story.config.privacy.min_cell
    if len(months) < 2 or months[-1].month != change.period or months[-2].revenue <= 0:
        return
    if min(month.buyers for month in months[-2:]) < least:
        return
    steps = [later.revenue - month.revenue for month, later in pairwise(months)]
    before, step = months[-2].revenue, steps[-1]
    usual = [abs(one) for one in steps[:-1]]
    if len(usual) < _ENOUGH_MONTHS or abs(step) <= _UNUSUAL * median(usual) or abs(step) < _MATERIAL * before:
        return
    key = "change.revenue_up" if step > 0 else "change.revenue_down"
    values = {
        "month": story.month(change.period),
        "change": share(abs(step) / before),
        "earlier": story.month(months[-2].month),
    }
    sentence = story.say(key, **values, before=story.cash(before), now=story.cash(months[-1].revenue))
    most = most_of_it(story)
    values |= {"item": text(story.word(f"bridge.item_{most}"))} if most else {}
    headline = story.word(f"{key}_headline_most" if most else f"{key}_headline", **values)
    yield Notable(abs(step), abs(step) / before, story.word("change.revenue_lead"), sentence, headline)


def _quiet(story: Story, change: Change) -> Iterator[Notable]:
    """Tell of customers of high spend who were active last month and are past the usual gap now."""
    quiet = change.quiet
    if quiet is None or not quiet.material or not story.money:
        return
    told = {"customers": count(quiet.customers), "month": story.month(change.period)}
    values = {"share": share(quiet.share, 0), "revenue": share(quiet.revenue_share, 0)}
    values |= {"amount": story.cash(RATE * quiet.spend), "rate": share(RATE, 0)}
    sentence = story.say("change.quiet", **told, spend=story.cash(quiet.spend), **values)
    headline = story.word("change.quiet_headline", **told, **values)
    yield Notable(quiet.spend, quiet.spend / quiet.yearly, story.word("change.quiet_lead"), sentence, headline)


def _spend(story: Story, change: Change) -> Iterator[Notable]:
    """Tell of segments whose customers spend otherwise than last month, where it is more than noise."""
    for one in change.spend if story.money else ():
        if not one.material:
            continue
        key = "change.spend_up" if one.change > 0 else "change.spend_down"
        name = change.names[one.id].name
        values = {"change": share(abs(one.change)), "month": story.month(change.previous)}
        sentence = story.say(key, before=story.cash(one.then), now=story.cash(one.now), **values)
        headline = story.word(f"{key}_headline", name=text(name), **values)
        yield Notable(abs(one.now - one.then) * one.customers, abs(one.change), name, sentence, headline)


def _sizes(story: Story, change: Change) -> Iterator[Notable]:
    if not change.sizes_changed:
        return
    moves = change.migration
    for one in change.sizes:
        if not one.real:
            continue
        sentence = size_sentence(story, change, one.id)
        name = change.names[one.id].name
        effect = _worth(moves, change, one) / 100
        headline = say(Statement(f"{sentence.sources[0].key}_headline", sentence.sources[0].values), story.language)
        yield Notable(effect, abs(one.share_now - one.share_then), name, sentence, headline.text)


def _worth(moves: Migration, change: Change, one: SizeChange) -> float:
    """Return the change of a segment's money among the same customers; after a new fit, its share of all money."""
    if change.mode == "frozen":
        place = moves.sides.index(one.id)
        return abs(float(moves.money_now[:, place].sum() - moves.money_then[place].sum()))
    return abs(one.share_now - one.share_then) * float(moves.money_now.sum())


def size_sentence(story: Story, change: Change, segment: str) -> Sentence:
    """Say how a segment's share of the same customers moved."""
    one = next(known for known in change.sizes if known.id == segment)
    key = "change.grew" if one.share_now > one.share_then else "change.shrank"
    shares = {"before": share(one.share_then, 1), "now": share(one.share_now, 1)}
    name = text(change.names[segment].name)
    return story.say(key, name=name, **shares, month=story.month(change.previous))


def _population(story: Story, change: Change) -> Iterator[Notable]:
    moves = change.migration
    before, now = int(moves.then.sum()), int(moves.now.sum())
    came, lost = int(moves.new.sum() + moves.returned.sum()), int(moves.lost.sum())
    if not before or abs(now - before) < max(_MATERIAL * before, _UNUSUAL * math.sqrt(came + lost)):
        return
    effect = abs(int(moves.new_money.sum() + moves.returned_money.sum() - moves.lost_money.sum())) / 100
    values = {"before": count(before), "now": count(now), "month": story.month(change.previous)}
    key = "change.more" if now > before else "change.fewer"
    told = joined(story.say(key, **values), *came_and_left(story, change))
    yield Notable(effect, abs(now - before) / before, story.word("change.customers_lead"), told,
                  story.word(f"{key}_headline", **values))  # fmt: skip


def came_and_left(story: Story, change: Change) -> tuple[Sentence, ...]:
    """Say how many came, came back and were lost; together where a part is small, nothing where even that is."""
    moves = change.migration
    new, returned, lost = (int(part.sum()) for part in (moves.new, moves.returned, moves.lost))
    if not new + returned + lost:
        return ()
    if any(0 < part < 10 for part in (new + returned, lost)):
        return ()
    if any(0 < part < 10 for part in (new, returned)):
        return (story.say("change.joined_left", joined=count(new + returned), lost=count(lost)),)
    return (story.say("change.came_left", new=count(new), returned=count(returned), lost=count(lost)),)


def _drifts(story: Story, change: Change) -> Iterator[Notable]:
    for one in change.drift:
        last = one.since_last
        if last is None or last.word not in ("strong", "changed"):
            continue
        sentence = drift_sentence(story, change, one)
        yield Notable(0.0, last.psi or 0.0, story.word("change.drift_lead"), sentence, sentence.text.removesuffix("."))


def drift_sentence(story: Story, change: Change, drift: ColumnDrift) -> Sentence:
    """Say how the typical value of a column moved since last month."""
    customers, last = story.analysis.customers, drift.since_last
    field = customers.field(drift.name)
    month = story.month(change.previous)
    if last is None or last.median is None or drift.median is None or last.median == drift.median:
        return story.say("change.drift_levels", label=text(field.short), month=month)
    key = "change.drift_up" if drift.median > last.median else "change.drift_down"
    before, now = (story.measure(field.kind, field.unit, value) for value in (last.median, drift.median))
    return story.say(key, label=text(field.short), before=before, now=now, month=month)
