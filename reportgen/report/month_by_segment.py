"""Each segment in two months: its size, its share, what a customer spends, and whether its name still fits."""

from __future__ import annotations

from reportgen.history.compare import Change
from reportgen.profiling.catalogue import holds, read_catalogue, value_words
from reportgen.report.model import Grid, GridRow, Sentence
from reportgen.report.story import Story, Told
from reportgen.values import Quantity, text


def segments_table(story: Story, change: Change) -> Grid:
    """Return size, share and spend per customer of every segment, then and now."""
    moves = change.migration
    then, now = max(int(moves.then[:-1].sum()), 1), max(int(moves.now[:-1].sum()), 1)
    spend = {one.id: one for one in change.spend} if story.money else {}
    rows = []
    for place, side in enumerate(moves.sides[:-1]):
        before, after = int(moves.then[place]), int(moves.now[place])
        few = story.few(before) or story.few(after)
        told, ref = spend.get(side), change.names[side]
        cells: list[Quantity] = [
            text(ref.name),
            *(Quantity(n, "count", suppressed=story.few(n)) for n in (before, after)),
            Quantity(None if few or not before else after / before - 1, "change"),
            Quantity(None if few else after / now - before / then, "points"),
        ]
        if spend:
            cells += [story.cash(told.then if told else None, 0), story.cash(told.now if told else None, 0)]
            cells.append(Quantity(told.change if told else None, "change"))
        rows.append(GridRow(tuple(cells), ref))
    names = ("segment:segment", "size_then", "size_now", "size_change", "share_change")
    money = ("spend_then", "spend_now", "spend_change") if spend else ()
    return Grid(
        name="segment-months",
        columns=story.columns(*names, *money),
        rows=tuple(rows),
        title=story.word("change.segments_title", month=story.month(change.previous), now=story.month(change.period)),
        caption=story.word("change.segments_caption") if spend else "",
        compact=True,
    )


def outlived_name(story: Story, told: Told) -> Sentence | None:
    """Say what a segment was named for that no longer holds (domain.md 4.2 and 4.6); None where the name fits.

    A word is held to its wider limits, those to keep it. A name that the user chose says nothing.
    """
    ref = told.ref
    if story.change is None or not ref.born or not ref.words or _renamed(story, told):
        return None
    names = read_catalogue("names", story.config)
    values = {word.word: word for word in value_words(names)}
    for word in ref.words:
        if word in values and told.money is not None and told.persona.value_word:
            if not holds(values[word].keep, told.money.index):
                return _told(story, told, word, told.persona.value_word)
        elif word not in values and told.money is not None and told.persona.state:
            held = dict(told.money.states).get(word)
            if held is not None and held < names["state"]["keep"] and told.persona.state != word:
                return _told(story, told, word, told.persona.state)
    return None


def _renamed(story: Story, told: Told) -> bool:
    return told.ref.id.casefold() in {key.casefold() for key in story.config.names}


def _told(story: Story, told: Told, old: str, new: str) -> Sentence:
    words = {
        name: text(story.word(f"named.{word.lower().replace('-', '_')}")) for name, word in (("old", old), ("new", new))
    }
    return story.say("named.outlived", month=story.month(told.ref.born), **words)
