"""The figures of one segment that sentences and actions may state; a figure that a gate forbids is simply absent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

import numpy as np

from reportgen.inputs.customers import FieldKind
from reportgen.inputs.header_parts import mentions
from reportgen.profiling.catalogue import is_banned
from reportgen.profiling.gates import CENTRE_FROM
from reportgen.profiling.naming import Naming
from reportgen.profiling.profiles import NumericTrait
from reportgen.profiling.recognise import Rule
from reportgen.profiling.spending import CategoryShare, SegmentSpending
from reportgen.profiling.states import STATES, usual_gap
from reportgen.profiling.traits import Evidence, Trait, segment_spending, speaking_fields
from reportgen.values import Kind, Quantity, count, share, text

Facts = dict[str, Quantity]

_PLURAL = re.compile(r"[^iusIUS]s$")  # "web purchases" takes another phrase than "income"
_KINDS: Mapping[FieldKind, Kind] = {"money": "money", "days": "days", "share": "share"}
_THRESHOLD = 1.2  # a free-delivery or gift threshold lies a fifth above the order value
_OFFER_CAP = 0.1  # a win-back offer costs at most a tenth of one order
_CROSS_FROM = 0.05  # a category worth proposing takes at least this share of all customers' spend


def gather_facts(evidence: Evidence, names: tuple[Naming, ...], place: int, rule: Rule | None) -> Facts:
    """Collect every printable figure of a segment under the placeholder names of the phrases."""
    profile, naming = evidence.profiles[place], names[place]
    if profile.size < CENTRE_FROM:
        return {}
    facts: Facts = {"members": count(profile.size), "share": share(profile.share)}
    if evidence.spending is not None:
        facts |= _money(evidence, place)
        facts |= {} if evidence.spending.dominated else _categories(evidence, place)
    facts |= _timing(evidence, naming, place)
    facts |= _columns(evidence, naming, place)
    facts |= _neighbour(evidence, names, place)
    facts |= _unknown(evidence)
    if profile.two_humps:
        facts["humps_label"] = text(evidence.words.inner(profile.two_humps[0]))
    if naming.few_large:
        facts["few_large"] = text("yes")
    moved = [trait for trait in naming.traits if trait not in naming.used]
    if evidence.spending is not None and moved and not naming.used:
        facts["moved_trait"] = text(_said(evidence, moved[0]))
    if rule is not None:
        facts |= _rule(evidence, rule)
    return facts


def as_quantity(value: float, kind: FieldKind, unit: str, currency: str) -> Quantity:
    """Return a value of a field as the quantity that prints it."""
    shown = _KINDS.get(kind, "number")
    return Quantity(float(value), shown, currency if kind == "money" else "" if shown != "number" else unit)


def _bare(value: float, kind: FieldKind, unit: str, currency: str) -> Quantity:
    """Return the lower end of a range, without the unit that its upper end carries."""
    full = as_quantity(value, kind, unit, currency)
    if full.kind == "days":
        return Quantity(round(value), "number")
    return Quantity(full.value, full.kind, "" if full.kind == "number" else full.unit)


def _money(evidence: Evidence, place: int) -> Facts:
    assert evidence.spending is not None
    segment, base = evidence.spending.segments[place], evidence.spending.base
    currency = evidence.spending.currency
    facts: Facts = _orders(segment, base)
    _put(facts, "spend_median", segment.spend_median, currency)
    _put(facts, "spend_low", segment.spend_q25, currency)
    _put(facts, "spend_high", segment.spend_q75, currency)
    if evidence.spending.dominated:
        return facts
    facts |= {"revenue_share": share(segment.revenue_share), "spend_mean": _amount(segment.spend_mean, currency)}
    if base.spend_mean > 0:
        facts["spend_ratio"] = Quantity(segment.spend_mean / base.spend_mean, "ratio")
    _put(facts, "order_value", segment.order_value, currency)
    if segment.order_value:
        facts["threshold"] = _amount(_round(_THRESHOLD * segment.order_value), currency)
        facts["offer_cap"] = _amount(_round(_OFFER_CAP * segment.order_value), currency)
    if segment.top_tenth_share is not None and segment.top_tenth_share >= 0.5:
        facts["top_tenth"] = share(segment.top_tenth_share)
    return facts


def _orders(segment: SegmentSpending, base: SegmentSpending) -> Facts:
    facts: Facts = {}
    if segment.orders_per_customer is not None:
        facts["orders"] = Quantity(segment.orders_per_customer, "number", decimals=1)
    if segment.repeat_rate is not None and base.repeat_rate is not None:
        facts["repeat_rate"], facts["base_repeat_rate"] = share(segment.repeat_rate), share(base.repeat_rate)
        facts["repeat_everyone" if segment.repeat_rate >= 0.995 else "repeat_part"] = text("yes")
    return facts


def _amount(value: float, currency: str) -> Quantity:
    return Quantity(value, "money", currency)


def _put(facts: Facts, name: str, value: float | None, currency: str) -> None:
    if value is not None:
        facts[name] = _amount(value, currency)


def _round(value: float) -> float:
    """Round to two significant figures, halves away from zero."""
    exact = Decimal(repr(value))
    return float(exact.quantize(Decimal(1).scaleb(exact.adjusted() - 1), ROUND_HALF_UP))


def _categories(evidence: Evidence, place: int) -> Facts:
    """The category that stands out most, and a large one in which the segment spends least of its money."""
    assert evidence.spending is not None
    usable = [
        category
        for category in evidence.spending.segments[place].categories
        if category.index is not None
        and category.category != "Other"
        and not is_banned(evidence.banned, category.category)
    ]
    facts: Facts = {}
    strong = [category for category in usable if category.index is not None and category.index >= 120]
    weak = [c for c in usable if c.index is not None and c.index <= 80 and c.base_share >= _CROSS_FROM]
    if strong:
        facts |= _category("category", max(strong, key=_index_then_name))
    if weak:
        facts |= _category("other_category", min(weak, key=_index_then_name))
    return facts


def _index_then_name(category: CategoryShare) -> tuple[float, str]:
    return (category.index or 0.0, category.category)


def _category(name: str, category: CategoryShare) -> Facts:
    return {
        name: text(category.category),
        f"{name}_share": share(category.share),
        f"{name}_base": share(category.base_share),
    }


def _timing(evidence: Evidence, naming: Naming, place: int) -> Facts:
    facts: Facts = {}
    spending = evidence.spending
    if spending is not None and spending.segments[place].recency_median is not None:
        facts["recency"] = Quantity(spending.segments[place].recency_median, "days")
    limits = usual_gap(evidence.customers)
    if limits is None:
        return facts
    gap, lapse = limits
    for name, days in (("usual_gap", gap), ("lapse_limit", lapse), ("half_gap", gap / 2), ("double_gap", 2 * gap)):
        facts[name] = Quantity(float(round(days)), "days", decimals=0)
    facts["own_gap"] = Quantity(_own_gap(evidence, place) or gap, "days")
    facts |= _state(evidence, naming, place)
    if spending is not None:
        drifting = spending.segments[place].drifting
        if drifting is not None and drifting >= 10:
            facts["drifting"] = count(drifting)
    return facts


def _own_gap(evidence: Evidence, place: int) -> float | None:
    frame = evidence.customers.frame
    if "gap_days" not in frame:
        return None
    members = evidence.segmentation.assignment.label == place
    gaps = frame["gap_days"].to_numpy(dtype=np.float64)[members]
    gaps = gaps[~np.isnan(gaps)]
    return max(1.0, float(np.median(gaps))) if len(gaps) >= 30 else None


def _state(evidence: Evidence, naming: Naming, place: int) -> Facts:
    if naming.state is None or evidence.spending is None:
        return {}
    if naming.state not in STATES:
        return {"mixed": text("yes")}
    key = f"state_{naming.state.lower().replace('-', '_')}"
    printable = dict(evidence.spending.segments[place].states)
    if naming.state in printable:
        return {key: share(printable[naming.state])}
    return {f"{key}_most": text("most")}


def _columns(evidence: Evidence, naming: Naming, place: int) -> Facts:
    """What a customer table says: up to three fields that set the segment apart, or that formed it."""
    facts: Facts = {}
    named = {evidence.customers.fields[trait.place].name for trait in naming.used if trait.noun}
    fields = sorted(speaking_fields(evidence, place), key=lambda trait: trait.field not in named)
    for name, trait in zip(("first", "second", "third"), _in_file_order(evidence, fields, named), strict=False):
        facts |= _column(evidence, name, trait)
    strong = [trait for trait in fields if trait.stands_out and not evidence.customers.field(trait.field).role]
    above = [trait for trait in strong if trait.effect > 0]
    bought = [trait for trait in above if trait.kind == "money"]  # what a plain number means is unknown
    acted = [trait for trait in above if trait.kind == "count" and mentions(trait.label, "order")]
    missing = [trait for trait in strong if trait.effect < 0 and trait.kind == "money"]
    for name, found in (("high", bought), ("high2", bought[1:]), ("high_count", acted), ("low", missing)):
        if found and (column := _column(evidence, name, found[0])):
            facts |= column | {f"{name}_label": text(_thing(evidence, found[0].label))}
    if not strong and "category" not in facts:
        facts["plain"] = text("yes")
    facts |= _outcome(evidence, naming, place)
    return facts


def _thing(evidence: Evidence, label: str) -> str:
    """Name what is bought: "spend on wines" is wines."""
    return evidence.words.inner(label.removeprefix("Spend on "))


def _outcome(evidence: Evidence, naming: Naming, place: int) -> Facts:
    """What customers did (spend, or a spending score) and what they could do (income): each high, low or middle."""
    facts: Facts = {}
    currency = evidence.customers.currency
    roles = {field.name: field.role for field in evidence.customers.fields}
    for trait in speaking_fields(evidence, place):
        name = {"spending_score": "outcome", "income": "capacity"}.get(roles.get(trait.field) or "")
        if name is not None and trait.median is not None:
            level = ("high" if trait.effect > 0 else "low") if trait.stands_out else "middle"
            facts |= _column(evidence, name, trait) | {f"{name}_{level}": text(level)}
            if trait.base_q75 > trait.median:
                facts[f"{name}_high_end"] = as_quantity(trait.base_q75, trait.kind, trait.unit, currency)
    segment = segment_spending(evidence, place)
    if naming.value is not None and segment is not None and segment.spend_median is not None:
        word = naming.value.word
        level = "high" if word in ("Top", "High") else "low" if word in ("Low", "Minimal") else "middle"
        facts = {name: value for name, value in facts.items() if not name.startswith("outcome")}
        facts |= {f"outcome_{level}": text(level)}
        facts |= _spend_as_outcome(evidence, segment)
    return facts


def _spend_as_outcome(evidence: Evidence, segment: SegmentSpending) -> Facts:
    assert evidence.spending is not None
    base, currency = evidence.spending.base, evidence.spending.currency
    facts: Facts = {"outcome_label": text(evidence.words.inner(evidence.words.phrases["field.spend"]))}
    _put(facts, "outcome_value", segment.spend_median, currency)
    _put(facts, "outcome_base", base.spend_median, currency)
    if (base.spend_q75 or 0.0) > (segment.spend_median or 0.0):
        _put(facts, "outcome_high_end", base.spend_q75, currency)
    return facts


def _in_file_order(evidence: Evidence, traits: list[NumericTrait], named: set[str]) -> list[NumericTrait]:
    """Return three traits: those in the name first, in the order of the file."""
    order = [field.name for field in evidence.customers.fields]
    return sorted(traits[:3], key=lambda trait: (trait.field not in named, order.index(trait.field)))


def _column(evidence: Evidence, name: str, trait: NumericTrait) -> Facts:
    currency = evidence.customers.currency
    if trait.median is None:
        return {}
    facts = {
        f"{name}_label": text(evidence.words.inner(trait.label)),
        f"{name}_value": as_quantity(trait.median, trait.kind, trait.unit, currency),
        f"{name}_base": as_quantity(trait.base_median, trait.kind, trait.unit, currency),
    }
    if _PLURAL.search(trait.label):
        facts[f"{name}_plural"] = text("yes")
    if trait.q25 is not None and trait.q75 is not None:
        facts[f"{name}_from"] = _bare(trait.q25, trait.kind, trait.unit, currency)
        facts[f"{name}_to"] = as_quantity(trait.q75, trait.kind, trait.unit, currency)
    return facts


def _neighbour(evidence: Evidence, names: tuple[Naming, ...], place: int) -> Facts:
    fits = evidence.segmentation.fits
    if place >= len(fits) or fits[place].neighbour is None:
        return {}
    fit = fits[place]
    assert fit.neighbour is not None
    facts: Facts = {"neighbour": text(names[fit.neighbour].name)}
    if fit.borderline == 0:
        facts["no_borderline"] = text("none")
    else:
        facts["borderline"] = Quantity(fit.borderline, "count", suppressed=fit.borderline < 10)
    return facts


def _unknown(evidence: Evidence) -> Facts:
    """What the file can't tell."""
    facts = evidence.customers.order_facts
    if facts is not None:
        return {} if evidence.customers.wallet is not None else {"no_categories": text("none")}
    return {"no_money_no_dates" if evidence.customers.spend is None else "no_dates": text("none")}


def _said(evidence: Evidence, trait: Trait) -> str:
    if trait.kind == "category":
        return trait.word
    return evidence.words.level(trait.word, trait.noun) if trait.noun else evidence.words.trait(trait.word)


def _rule(evidence: Evidence, rule: Rule) -> Facts:
    if not rule.conditions:
        return {}
    words, currency = evidence.words, evidence.customers.currency
    number = len(rule.conditions)
    facts: Facts = {"rule_matched": count(rule.matched)} if rule.matched >= 10 else {}
    facts["rule_catch"], facts["rule_purity"] = (share(part, 0) for part in rule.shown)
    floor, ceiling = rule.conditions[0], rule.conditions[-1]
    if number == 2 and floor.field == ceiling.field:
        facts["between_label"] = text(words.inner(floor.label))
        facts["between_low"] = _bare(floor.limit, floor.kind, floor.unit, currency)
        facts["between_high"] = as_quantity(ceiling.limit, ceiling.kind, ceiling.unit, currency)
        return facts
    for place, condition in enumerate(rule.conditions, 1):
        name = f"rule{number}_{place}"
        limit = as_quantity(condition.limit, condition.kind, condition.unit, currency)
        facts[f"{name}_label"] = text(words.inner(condition.label))
        facts[f"{name}_comparison"] = text(words.comparison(condition.comparison))
        facts[f"{name}_limit"] = Quantity(limit.value, limit.kind, limit.unit, decimals=_decimals(condition.limit))
    return facts


def _decimals(limit: float) -> int:
    """Limits are exact: as many decimals as the limit has."""
    return max(0, -int(Decimal(repr(limit)).normalize().as_tuple().exponent))
