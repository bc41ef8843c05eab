"""What stands out among segments without money: pairs that agree in one column and differ in another."""

from __future__ import annotations

from itertools import combinations

from reportgen.profiling.profiles import NumericTrait
from reportgen.report.model import Sentence
from reportgen.report.story import Story, Told
from reportgen.report.wording import format_quantity
from reportgen.values import Quantity, count, text

_ALIKE, _APART = 0.10, 0.60  # distance of two centres, as part of the distance of the outermost centres
_MOST_PAIRS = 2
_NEAR_AVERAGE = 0.35  # largest standardised difference of a segment that lies in the middle

Lead = tuple[str, Sentence]


def trait_bullets(story: Story, most: int) -> list[Lead]:
    """Return pairs first, then the large group in the middle, then each segment that was not named yet."""
    found, named = _pairs(story)
    for told in sorted(story.described, key=lambda told: (-_distance(told), told.place)):
        if told not in named and (item := _alone(story, told)) is not None:
            found.append((told.ref.name, item))
    return found[:most]


def _pairs(story: Story) -> tuple[list[Lead], list[Told]]:
    """Return the pairs that differ most in one column while another hardly tells them apart, each segment once."""
    known = {told.place: {trait.field: trait for trait in _leading(told)} for told in story.described}
    shared = [field for field in next(iter(known.values()), {}) if all(field in own for own in known.values())]
    reach = {field: _reach([own[field].mean or 0.0 for own in known.values()]) for field in shared}
    candidates = []
    for one, other in combinations(story.described, 2) if len(shared) > 1 and len(known) > 2 else ():
        gaps = {f: abs((known[one.place][f].mean or 0.0) - (known[other.place][f].mean or 0.0)) for f in shared}
        parts = {f: round(gaps[f] / reach[f], 9) for f in shared if reach[f] > 0}
        if len(parts) < 2:
            continue
        alike, apart = min(parts, key=lambda f: (parts[f], f)), max(parts, key=lambda f: (parts[f], f))
        if parts[alike] <= _ALIKE and parts[apart] >= _APART:
            candidates.append((parts[alike] - parts[apart], one.place, other.place, one, other, alike, apart))
    found: list[Lead] = []
    named: list[Told] = []
    for *_, one, other, alike, apart in sorted(candidates, key=lambda item: item[:3]):
        if one not in named and other not in named and len(found) < _MOST_PAIRS:
            found.append(_pair(story, (one, other), known[one.place], known[other.place], (alike, apart)))
            named += [one, other]
    return found, named


def _reach(means: list[float]) -> float:
    return max(means) - min(means)


def _pair(
    story: Story,
    told: tuple[Told, Told],
    one: dict[str, NumericTrait],
    other: dict[str, NumericTrait],
    fields: tuple[str, str],
) -> Lead:
    alike, apart = fields
    values = {
        "first": text(told[0].ref.name),
        "first_size": count(told[0].profile.size),
        "second": text(told[1].ref.name),
        "second_size": count(told[1].profile.size),
        "alike": text(one[alike].short),
        "first_alike": _mean(story, one[alike]),
        "second_alike": _mean(story, other[alike]),
        "apart": text(one[apart].short),
        "first_apart": _mean(story, one[apart]),
        "second_apart": _mean(story, other[apart]),
    }
    printed = {format_quantity(values[name], story.language, "prose") for name in ("first_alike", "second_alike")}
    if len(printed) == 1:
        values.pop("second_alike")
    key = "summary.pair" if len(printed) > 1 else "summary.pair_same"
    return story.word("summary.pair_lead", alike=values["alike"]), story.say(key, **values)


def _alone(story: Story, told: Told) -> Sentence | None:
    traits = _leading(told)
    if not traits:
        return None
    size = {"customers": count(told.profile.size)}
    if all(abs(trait.effect) < _NEAR_AVERAGE for trait in traits):
        return story.say("summary.middle", **size, share=told.share)
    if len(traits) == 1:
        return story.say("summary.one_trait", **size, **_stated(story, traits[0], "first"))
    first, second = (_stated(story, trait, name) for trait, name in zip(traits, ("first", "second"), strict=False))
    return story.say("summary.two_traits", **size, **first, **second)


def _leading(told: Told) -> list[NumericTrait]:
    return [trait for trait in told.profile.numeric if trait.active and trait.mean is not None]


def _distance(told: Told) -> float:
    return round(sum(abs(trait.effect) for trait in _leading(told)), 9)


def _mean(story: Story, trait: NumericTrait) -> Quantity:
    return story.measure(trait.kind, trait.unit, trait.mean)


def _stated(story: Story, trait: NumericTrait, name: str) -> dict[str, Quantity]:
    return {
        f"{name}_label": text(trait.short),
        name: _mean(story, trait),
        f"{name}_base": story.measure(trait.kind, trait.unit, trait.base_mean),
    }
