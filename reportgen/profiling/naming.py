"""Names of segments: value word, state and traits by a fixed grammar, distinct and audited (domain.md 4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reportgen.config import Config
from reportgen.errors import ConfigError
from reportgen.profiling.catalogue import Word, is_banned, value_words, word_for
from reportgen.profiling.states import STATES
from reportgen.profiling.traits import Evidence, Trait, average_traits, segment_spending, traits_of
from reportgen.profiling.vocabulary import Vocabulary

MIXED = "Mixed"


@dataclass(frozen=True)
class NameWord:
    """One word of a name and the evidence for it: a row of the name audit (domain.md 4.11)."""

    word: str
    metric: str
    value: float | None
    enter: str  # the limit in words
    keep: str
    overridden: bool = False


@dataclass(frozen=True)
class Naming:
    """The name of a segment and what it rests on; ``traits`` are all that pass, ``used`` those in the name."""

    name: str
    generated_name: str
    value: Word | None
    state: str | None
    traits: tuple[Trait, ...]
    used: tuple[Trait, ...]
    few_large: bool  # the index of medians is two or more words away from that of means
    audit: tuple[NameWord, ...]


@dataclass(frozen=True)
class _Draft:
    name: str
    used: tuple[Trait, ...]


@dataclass(frozen=True)
class _Head:
    """Opening of a name: "high-spend active", "high-spend", "active" or nothing; ``spend`` where a state follows."""

    words: str
    spend: str


def name_segments(evidence: Evidence, config: Config) -> tuple[Naming, ...]:
    """Name every segment. Raises ConfigError when a name of ``config.names`` holds a protected word or repeats."""
    k = len(evidence.profiles)
    values = [_value_word(evidence, place) for place in range(k)]
    states = _states(evidence)
    traits = [_worth_saying(evidence, traits_of(evidence, place), states[place]) for place in range(k)]
    heads = [_head(evidence, values[place], states[place]) for place in range(k)]
    overrides = _overrides(evidence, config)
    drafts = _shortest_needed(evidence, heads, traits)
    chosen = _distinct(drafts, {name.casefold() for name in overrides.values()}, evidence.names["longest"])
    return tuple(
        Naming(
            name=overrides.get(place, chosen[place].name),
            generated_name=chosen[place].name,
            value=values[place],
            state=states[place],
            traits=traits[place],
            used=chosen[place].used,
            few_large=_few_large(evidence, place, values[place]),
            audit=_audit(evidence, place, chosen[place], (values[place], states[place]), place in overrides),
        )
        for place in range(k)
    )


def _worth_saying(evidence: Evidence, traits: tuple[Trait, ...], state: str | None) -> tuple[Trait, ...]:
    """A segment of single orders is not also "occasional"."""
    if state not in ("New", "One-time"):
        return traits
    return tuple(trait for trait in traits if trait.metric != evidence.words.figure("orders"))


def _value_word(evidence: Evidence, place: int) -> Word | None:
    index = _spend_index(evidence, place)
    return None if index is None else word_for(value_words(evidence.names), index)


def _spend_index(evidence: Evidence, place: int) -> float | None:
    """Return the index of mean spend, of median spend where means are those of a few very large customers."""
    segment = segment_spending(evidence, place)
    if segment is None or evidence.spending is None:
        return None
    return _typical_index(evidence, place) if evidence.spending.dominated else segment.index


def _typical_index(evidence: Evidence, place: int) -> float | None:
    """Return 100 x median spend / median spend of all customers."""
    segment, spending = segment_spending(evidence, place), evidence.spending
    if segment is None or spending is None or segment.spend_median is None or not spending.base.spend_median:
        return None
    return 100 * segment.spend_median / spending.base.spend_median


def _few_large(evidence: Evidence, place: int, value: Word | None) -> bool:
    segment, index = segment_spending(evidence, place), _typical_index(evidence, place)
    if value is None or segment is None or index is None:
        return False
    words = value_words(evidence.names)
    typical = word_for(words, index)
    return segment.dominated or (typical is not None and words.index(typical) - words.index(value) >= 2)


def _states(evidence: Evidence) -> list[str | None]:
    shares = evidence.state_shares
    if shares is None:
        return [None] * len(evidence.profiles)
    enough = evidence.names["state"]["enter"]
    return [next((word for word, part in zip(STATES, row, strict=True) if part >= enough), MIXED) for row in shares]


def _head(evidence: Evidence, value: Word | None, state: str | None) -> _Head:
    words = evidence.words
    spend = words.value(value.word, evidence.names["value"]["suffix"]) if value else ""
    said = words.state(state) if state and state != MIXED else ""
    both = words.form("spend_state", spend=spend, state=said) if spend and said else spend or said
    return _Head(both, spend if said else "")


def _shortest_needed(
    evidence: Evidence, heads: Sequence[_Head], traits: Sequence[tuple[Trait, ...]]
) -> list[list[_Draft]]:
    """Draft with the full short labels; if any favourite name is too long, shorten labels in every name alike."""
    longest = evidence.names["longest"]
    for tails in ((), tuple(evidence.names["generic_tails"])):
        drafts = [_drafts(evidence, place, heads[place], traits[place], tails) for place in range(len(heads))]
        if all(not options or len(options[0].name) <= longest for options in drafts):
            break
    return [
        [option for option in options if len(option.name) <= longest]
        or [_Draft(evidence.words.form("lettered", letter=evidence.segmentation.model.segments[place].letter), ())]
        for place, options in enumerate(drafts)
    ]


def _drafts(evidence: Evidence, place: int, head: _Head, traits: Sequence[Trait], tails: Sequence[str]) -> list[_Draft]:
    """Return possible names, best first."""
    words = evidence.words
    if not head.words:
        return _label_drafts(words, list(traits), list(average_traits(evidence, place)), tails)

    def draft(opening: str, *behind: Trait) -> _Draft:
        name = opening
        for trait in behind:
            name = words.form("with_trait", head=name, trait=_inner(words, trait, tails))
        return _Draft(_opened(name), behind)

    options = []
    for first in traits[:1]:
        with_first = draft(head.words, first)
        options.append(with_first if len(with_first.name) <= evidence.names["longest"] else draft(head.words))
        options += [draft(head.words, first, second) for second in traits[1:]]
    options += [draft(head.words, trait) for trait in traits[1:]]
    if head.spend:  # where two heads are the same and no trait fits behind, value and trait tell segments apart
        options += [draft(head.spend, trait) for trait in traits]
    return [*options, draft(head.words)]


def _label_drafts(words: Vocabulary, traits: list[Trait], averages: list[Trait], tails: Sequence[str]) -> list[_Draft]:
    """Names of a table without money and dates: two traits, one trait, or what is average about the segment."""
    if not traits:
        pairs = [averages[:2], *([one] for one in averages)] if averages else []
    else:
        pairs = [[traits[0], other] for other in traits[1:4]]
        pairs += [[traits[0]], *([traits[0], average] for average in averages)]
        pairs += [[second, third] for place, second in enumerate(traits[1:4]) for third in traits[place + 2 : 5]]
    return [form for pair in pairs for form in _forms(words, pair, tails)]


def _forms(words: Vocabulary, pair: Sequence[Trait], tails: Sequence[str]) -> list[_Draft]:
    """Return "High income & high spending" and, for one adjective, "High income & spending", in file order."""
    ordered = tuple(sorted(pair, key=lambda trait: trait.place))
    first, *rest = ordered
    full = _inner(words, first, tails)
    for trait in rest:
        full = words.form("pair", first=full, second=_inner(words, trait, tails))
    if not rest or rest[0].word != first.word or not (first.noun and rest[0].noun):
        return [_Draft(_opened(full), ordered)]
    nouns = {"first": _short(first.noun, tails), "second": _short(rest[0].noun, tails)}
    shared = words.form("level_shared", word=words.level_word(first.word), **nouns)
    return [_Draft(_opened(full), ordered), _Draft(_opened(shared), ordered)]


def _inner(words: Vocabulary, trait: Trait, tails: Sequence[str]) -> str:
    if trait.kind == "category":
        return printable(trait.word)
    return words.level(trait.word, _short(trait.noun, tails)) if trait.noun else words.trait(trait.word)


def _opened(name: str) -> str:
    return name[:1].upper() + name[1:]


def _short(noun: str, tails: Sequence[str]) -> str:
    """Drop a generic last word ("spending score" becomes "spending") and what can't be printed."""
    noun = printable(noun)
    for tail in tails:
        if noun.casefold().endswith(f" {tail}"):
            return noun[: -len(tail) - 1].rstrip()
    return noun


def printable(words: str) -> str:
    """Return words on one line, without what can't be printed."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in words).split())


def _distinct(drafts: list[list[_Draft]], taken: set[str], longest: int) -> list[_Draft]:
    """Let segments of one name move to their next options together until all differ; number those that can't."""
    at = [0] * len(drafts)
    while True:
        names = [options[place].name.casefold() for options, place in zip(drafts, at, strict=True)]
        counts = Counter(names)
        clashing = [i for i, name in enumerate(names) if counts[name] > 1 or name in taken]
        movable = [i for i in clashing if at[i] + 1 < len(drafts[i])]
        if not movable:
            break
        for i in movable:
            at[i] += 1
    chosen = [options[place] for options, place in zip(drafts, at, strict=True)]
    used = {draft.name.casefold() for i, draft in enumerate(chosen) if i not in clashing} | taken
    for i in clashing:
        chosen[i] = _numbered(drafts[i], used, longest)
        used.add(chosen[i].name.casefold())
    return chosen


def _numbered(options: list[_Draft], used: set[str], longest: int) -> _Draft:
    draft = next((option for option in options if len(option.name) <= longest - 2), options[-1])
    number = 1
    while (name := f"{draft.name[: longest - 3]} {number}").casefold() in used:
        number += 1
    return _Draft(name, draft.used)


def _overrides(evidence: Evidence, config: Config) -> Mapping[int, str]:
    """Return the user's names by place. Names for segments that this run does not have are left aside."""
    wanted = {key.casefold(): " ".join(name.split()) for key, name in config.names.items()}
    found = {
        place: wanted[ref.id.casefold()]
        for place, ref in enumerate(evidence.segmentation.model.segments)
        if ref.id.casefold() in wanted
    }
    for name in found.values():
        if not name or is_banned(evidence.banned, name):
            raise ConfigError(
                f"the name '{name}' in [names] can't be used: it is empty or holds a protected word",
                "Name segments by what customers do, not by who they are.",
            )
    if len({name.casefold() for name in found.values()}) < len(found):
        raise ConfigError("two segments have the same name in [names]", "Give every segment a name of its own.")
    return found


def _audit(
    evidence: Evidence, place: int, draft: _Draft, words: tuple[Word | None, str | None], overridden: bool
) -> tuple[NameWord, ...]:
    value, state = words
    rows = []
    say = evidence.words
    if value is not None and evidence.spending is not None:
        suffix = evidence.names["value"]["suffix"]
        limits = say.limits(value.enter), say.limits(value.keep)
        shown = _opened(say.value(value.word, suffix))
        metric = say.metric("typical_spend" if evidence.spending.dominated else "spend")
        rows.append(NameWord(shown, metric, _spend_index(evidence, place), *limits, overridden))
    shares = evidence.state_shares
    if state is not None and shares is not None:
        rows.append(_state_row(evidence, state, shares[place], overridden))
    rows += [
        NameWord(
            _opened(_inner(say, trait, ())),
            say.metric("column", column=trait.metric) if trait.noun else trait.metric,
            trait.value,
            trait.enter,
            trait.keep,
            overridden,
        )
        for trait in draft.used
    ]
    return tuple(rows)


def _state_row(evidence: Evidence, state: str, shares: Sequence[float], overridden: bool) -> NameWord:
    limits, say = evidence.names["state"], evidence.words
    keep, word = say.part("at_least", limits["keep"]), _opened(say.state(state))
    if state == MIXED:
        return NameWord(word, say.metric("mixed"), max(shares), say.part("below", limits["enter"]), keep)
    enter = say.part("at_least", limits["enter"])
    return NameWord(word, say.metric("state"), shares[STATES.index(state)], enter, keep, overridden)
