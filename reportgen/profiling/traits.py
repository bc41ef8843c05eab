"""Traits that may name a segment: a closed list, each with its evidence and the gates it must pass (domain.md 4.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from re import Pattern
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from reportgen.config import Config
from reportgen.inputs.customers import Customers, Field
from reportgen.profiling.catalogue import (
    Word,
    banned_pattern,
    holds,
    is_banned,
    read_catalogue,
    trait_words,
)
from reportgen.profiling.columns import per_order_weights
from reportgen.profiling.effects import Floats, Mask, numeric_effect, share_effect, total
from reportgen.profiling.gates import CENTRE_FROM, effect_large_enough, holm
from reportgen.profiling.profiles import NumericTrait, Profile
from reportgen.profiling.spending import SegmentSpending, Spending
from reportgen.profiling.states import STATES, customer_states
from reportgen.profiling.vocabulary import Vocabulary, read_vocabulary
from reportgen.segments.fit import Segmentation

_OF_MONEY = ("order_value", "returned")  # ratios of totals of money
# States, value words and the words of names.toml speak for these.
_SPOKEN_FOR = {
    "total_spent",
    "n_orders",
    "aov",
    "recency_days",
    "gap_days",
    "prediction",
    "existing_segment",
    "holdout",
}


@dataclass(frozen=True)
class Trait:
    """One trait of one segment.

    ``word`` stands in a name ("Frequent", "Garden"), or is the adjective of a field ("High") whose short label
    ``noun`` follows it. ``place`` orders nouns in names.
    """

    kind: Literal["figure", "category", "label", "average"]
    word: str
    noun: str
    metric: str
    value: float
    effect: float
    enter: str
    keep: str
    place: int = 0


@dataclass(frozen=True)
class Evidence:
    """Everything traits are judged on, for all segments of a run."""

    customers: Customers
    segmentation: Segmentation
    profiles: tuple[Profile, ...]
    spending: Spending | None
    names: Mapping[str, Any]
    words: Vocabulary
    banned: Pattern[str]
    figures: Mapping[str, Floats]  # metric -> each segmented customer's own value
    weights: Mapping[str, Floats]  # metric -> what its mean is weighted by, where it is a ratio of totals
    state_shares: tuple[tuple[float, ...], ...] | None  # per segment, share of members in each of STATES


def gather(
    customers: Customers,
    segmentation: Segmentation,
    profiles: tuple[Profile, ...],
    spending: Spending | None,
    config: Config,
) -> Evidence:
    """Collect the evidence once for all segments."""
    names, label = read_catalogue("names", config), segmentation.assignment.label
    figures, weights = _own_figures(customers, label >= 0)
    states = _state_shares(customers, label, len(profiles))
    words = read_vocabulary(config)
    banned = banned_pattern({"banned": {"words": [*names["banned"]["words"], *words.names["banned"]]}}, customers)
    return Evidence(customers, segmentation, profiles, spending, names, words, banned, figures, weights, states)


def traits_of(evidence: Evidence, place: int) -> tuple[Trait, ...]:
    """Return the traits of a segment that pass every gate, largest effect first."""
    candidates = [*_figure_candidates(evidence, place), *_category_candidates(evidence, place)]
    passing = holm([z for _, z in candidates])
    size = evidence.profiles[place].size
    found = [
        trait
        for (trait, _), ok in zip(candidates, passing, strict=True)
        if ok and effect_large_enough(size, trait.effect, least=0.0 if trait.kind == "category" else 0.2)
    ]
    found += _label_traits(evidence, place)
    return tuple(sorted(found, key=lambda trait: (-round(abs(trait.effect), 9), trait.metric, trait.word)))


def average_traits(evidence: Evidence, place: int) -> tuple[Trait, ...]:
    """Return the fields that formed the segments and on which this one is close to all customers, in file order.

    Average is only said of a field on which another segment is high or low.
    """
    rules = evidence.names["label"]
    apart = {trait.metric for other in range(len(evidence.profiles)) for trait in _label_traits(evidence, other)}
    return tuple(
        _label_trait(evidence, trait, rules["average"], "average", ("within", rules["average_within"], None))
        for trait in _named_fields(evidence, place)
        if trait.active and trait.label in apart and abs(trait.effect) <= rules["average_within"]
    )


def speaking_fields(evidence: Evidence, place: int) -> tuple[NumericTrait, ...]:
    """Return the fields of a customer table that describe a segment: those that stand out, else that formed it.

    Largest effect first.
    """
    fields = _named_fields(evidence, place)
    chosen = [trait for trait in fields if trait.stands_out and abs(trait.effect) >= evidence.names["label"]["enter"]]
    if len(chosen) < 2:
        chosen += [trait for trait in fields if trait.active and trait not in chosen]
    return tuple(sorted(chosen, key=lambda trait: (-round(abs(trait.effect), 9), trait.field)))


def _label_traits(evidence: Evidence, place: int) -> list[Trait]:
    """High and Low fields of a customer table."""
    rules = evidence.names["label"]
    found = []
    for trait in _named_fields(evidence, place):
        if trait.stands_out and abs(trait.effect) >= rules["enter"]:
            side, sign, word = ("at_least", 1, "high") if trait.effect > 0 else ("at_most", -1, "low")
            limits = (side, sign * rules["enter"], sign * rules["keep"])
            found.append(_label_trait(evidence, trait, rules[word], "label", limits))
    return found


def _named_fields(evidence: Evidence, place: int) -> list[NumericTrait]:
    """Return the numeric traits of a customer table whose labels may stand in a name, in file order."""
    if evidence.customers.order_facts is not None:
        return []
    traits = {trait.field: trait for trait in evidence.profiles[place].numeric}
    active = evidence.segmentation.model.recipe.names
    return [
        traits[field.name]
        for field in evidence.customers.fields
        if field.name in traits and (field.candidate or field.name in active) and _may_name(evidence, field)
    ]


def _may_name(evidence: Evidence, field: Field) -> bool:
    spoken_for = field.role in _SPOKEN_FOR or field.name in (evidence.customers.spend, evidence.customers.orders)
    return not (spoken_for or field.protected or is_banned(evidence.banned, f"{field.label} {field.short}"))


def _label_trait(
    evidence: Evidence,
    trait: NumericTrait,
    word: str,
    kind: Literal["label", "average"],
    limits: tuple[str, float, float | None],
) -> Trait:
    """``limits`` are side, limit to enter, limit to keep (None: the same)."""
    side, enter, keep = limits
    shown = evidence.words.limit(side, enter)
    return Trait(
        kind=kind,
        word=word,
        noun=trait.short,
        metric=trait.label,
        value=trait.effect,
        effect=trait.effect,
        enter=shown,
        keep=shown if keep is None else evidence.words.limit(side, keep),
        place=[field.name for field in evidence.customers.fields].index(trait.field),
    )


def _state_shares(customers: Customers, label: NDArray[np.int64], k: int) -> tuple[tuple[float, ...], ...] | None:
    states = customer_states(customers)
    if states is None:
        return None
    return tuple(
        tuple(float(np.mean(states[label == place] == state)) for state in range(len(STATES))) for place in range(k)
    )


def _own_figures(customers: Customers, inside: Mask) -> tuple[Mapping[str, Floats], Mapping[str, Floats]]:
    """Return each customer's own figures, where the file has them, and the weights of those that are ratios."""
    frame, figures, weights = customers.frame[inside], {}, {}
    if customers.orders is not None:
        orders = figures["orders"] = frame[customers.orders].to_numpy(dtype=np.float64)
        if customers.spend is not None:
            spend = frame[customers.spend].to_numpy(dtype=np.float64)
            figures["order_value"] = np.divide(spend, orders, out=np.full_like(spend, np.nan), where=orders > 0)
            weights["order_value"] = orders
        for metric, column in (("returned", "returned_share"), ("weekend", "weekend_share")):
            weight = per_order_weights(customers, column) if column in frame else None
            if weight is not None:
                figures[metric], weights[metric] = frame[column].to_numpy(dtype=np.float64), weight[inside]
    facts = customers.order_facts
    if facts is not None and "tenure_days" in frame:
        once = bool((figures["orders"] <= 1).all()) if "orders" in figures else False
        figures["recency" if once else "tenure"] = frame["tenure_days"].to_numpy(dtype=np.float64)
    wanted = customers.wallet
    if wanted is not None and len(wanted.names) > 1:
        wallet = np.maximum(wanted.spend[list(wanted.names)].to_numpy(dtype=np.float64)[inside], 0.0)
        sums = wallet.sum(axis=1, keepdims=True)
        shares = np.divide(wallet, sums, out=np.zeros_like(wallet), where=sums > 0)
        squares = (shares**2).sum(axis=1)
        figures["variety"] = np.divide(1.0, squares, out=np.full_like(squares, np.nan), where=squares > 0)
    return figures, weights


def _figure_candidates(evidence: Evidence, place: int) -> list[tuple[Trait, float]]:
    label = evidence.segmentation.assignment.label
    members = label[label >= 0] == place
    found = []
    for word in trait_words(evidence.names):
        if word.metric not in evidence.figures or members.sum() < CENTRE_FROM:
            continue
        if word.metric in _OF_MONEY and evidence.spending is not None and evidence.spending.dominated:
            continue
        index, own = _index(evidence, word.metric, members)
        if index is not None and holds(word.enter, index) and word.at_least <= own <= word.at_most:
            effect, z = numeric_effect(evidence.figures[word.metric], members)
            if (effect > 0) == (index > 100):
                found.append((_figure_trait(evidence.words, word, index, effect), z))
    return found


def _figure_trait(words: Vocabulary, word: Word, index: float, effect: float) -> Trait:
    limits = words.limits(word.enter), words.limits(word.keep)
    return Trait("figure", word.word, "", words.figure(word.metric), index, effect, *limits)


def _index(evidence: Evidence, metric: str, members: Mask) -> tuple[float | None, float]:
    """Return (index, the segment's own figure): ratio of totals, of medians for days, else of means."""
    values = evidence.figures[metric]
    if metric in evidence.weights:
        weight = np.where(np.isnan(values), 0.0, evidence.weights[metric])
        own, base = (
            total((np.nan_to_num(values) * weight)[rows]) / max(1.0, total(weight[rows])) for rows in (members, ...)
        )
    else:
        average = np.nanmedian if metric in ("tenure", "recency") else np.nanmean
        if np.isnan(values[members]).all():
            return None, np.nan
        own, base = float(average(np.sort(values[members]))), float(average(np.sort(values)))
    return (100 * own / base if base > 0 else None), own


def _category_candidates(evidence: Evidence, place: int) -> list[tuple[Trait, float]]:
    if evidence.spending is None or evidence.spending.dominated:
        return []
    segment, base = evidence.spending.segments[place], evidence.spending.base
    limits = evidence.names["category"]
    found = []
    for here, everywhere in zip(segment.categories, base.categories, strict=False):
        if here.category == "Other" or here.suppressed or here.index is None or here.index < limits["enter"]:
            continue
        if here.buyers < limits["buyers"] or is_banned(evidence.banned, here.category):
            continue
        h, z = share_effect(here.buyers, segment.customers, everywhere.buyers, base.customers)
        if h > 0:
            found.append((_category_trait(evidence, here.category, here.index, h), z))
    return found


def _category_trait(evidence: Evidence, category: str, index: float, effect: float) -> Trait:
    words, limits = evidence.words, evidence.names["category"]
    enter, keep = (words.limits((limits[name], np.inf)) for name in ("enter", "keep"))
    metric = words.metric("category", category=category)
    return Trait("category", category, "", metric, index, effect, enter, keep)


def segment_spending(evidence: Evidence, place: int) -> SegmentSpending | None:
    """Return the money side of a segment, None where the file has none."""
    return None if evidence.spending is None else evidence.spending.segments[place]
