"""How far one segment can be trusted, in words: separation, stability, borderline members, caveats."""

from __future__ import annotations

from reportgen.report.model import Bullets, Panel, Sentence
from reportgen.report.story import Story, Told
from reportgen.values import Quantity, count, share, text

_CLEAR, _PARTLY = 0.50, 0.25  # mean silhouette
_MOST_CAVEATS = 2


def confidence_box(story: Story, told: Told) -> Panel:
    """Return the confidence box of a segment sheet."""
    items = [_separation(story, told), *stability_words(story, told), _border(story, told)]
    items += _caveats(story, told)[:_MOST_CAVEATS]
    return Panel(story.word("confidence.title"), (Bullets(tuple(items)),))


def separation_word(silhouette: float | None) -> str:
    """Return clear, partly or slices: how the distance to other segments reads."""
    if silhouette is None:
        return "unknown"
    if silhouette >= _CLEAR:
        return "clear"
    return "partly" if silhouette >= _PARTLY else "slices"


def stability_words(story: Story, told: Told) -> list[Sentence]:
    """Return the grade of a segment in a sentence; nothing is said where it was not judged."""
    stability = told.fit.stability
    if not stability.grade or stability.jaccard is None:
        return [story.say("confidence.unjudged")]
    if not story.dependable:
        return [story.say("confidence.constructed", agreement=share(stability.jaccard, 0))]
    grade = stability.grade.lower()
    if grade == "c" and stability.jaccard < 0.60:
        grade = "d"
    return [story.say(f"confidence.grade_{grade}", agreement=share(stability.jaccard, 0))]


def _separation(story: Story, told: Told) -> Sentence:
    word = separation_word(told.fit.silhouette)
    if not story.dependable and word != "unknown":  # no distance makes tiers of our own drawing separate
        word = "slices_constructed"
    return story.say(f"confidence.{word}", customers=count(told.profile.size))


def _border(story: Story, told: Told) -> Sentence:
    members, neighbour = told.fit.borderline, told.fit.neighbour
    if neighbour is None or members == 0:
        return story.say("confidence.no_border")
    letter = text(story.segments[neighbour].ref.letter)
    if members < 10:
        return story.say("confidence.border_few", members=Quantity(members, "count", suppressed=True), letter=letter)
    portion = share(members / told.profile.size)
    return story.say("confidence.border", members=count(members), share=portion, letter=letter)


def _caveats(story: Story, told: Told) -> list[Sentence]:
    found = []
    if told.small:
        found.append(story.say("confidence.small", customers=count(told.profile.size)))
    if told.profile.two_humps:
        found.append(story.say("confidence.two_humps", label=text(told.profile.two_humps[0])))
    return found
