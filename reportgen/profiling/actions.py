"""Recommended actions: their type from state and value, their words from what the file knows (domain.md 6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from reportgen.inputs.customers import OrderFacts
from reportgen.profiling.choosing import first_known, known, values_of
from reportgen.profiling.facts import Facts
from reportgen.profiling.naming import Naming
from reportgen.profiling.spending import SegmentSpending
from reportgen.values import Quantity, Statement, count, share, statement

RATE, _LOW, _HIGH = 0.10, 0.05, 0.15  # assumed share of members who respond (domain.md 6.4)
_FEWEST = 10


@dataclass(frozen=True)
class Value:
    """What an action may be worth (domain.md 6.4); the sentence carries the assumption."""

    code: str  # "V1", "V2", "V3"
    amount: float
    low: float | None
    high: float | None
    sentence: Statement


@dataclass(frozen=True)
class Action:
    """One recommended action with the figure to watch."""

    title: Statement
    detail: Statement
    kpi: Statement


@dataclass(frozen=True)
class Plan:
    """What to do with a segment."""

    type: str
    objective: Statement
    actions: tuple[Action, ...]
    avoid: Statement
    timing: Statement


def plan(naming: Naming, facts: Facts, actions: Mapping[str, Any]) -> Plan:
    """Choose the plan of a segment from the catalogue ``actions``."""
    code = action_type(naming, actions)
    entry = actions["types"][code]
    objective = first_known(entry["objective"], facts, "action.objective")
    timing = first_known(entry["timing"], facts, "action.timing")
    return Plan(
        type=code,
        objective=objective or Statement("action.objective.tiny"),
        actions=_actions(entry["actions"], facts, actions["most_actions"]),
        avoid=Statement(f"action.avoid.{entry['avoid']}"),
        timing=timing or Statement("action.timing.none"),
    )


def action_type(naming: Naming, actions: Mapping[str, Any]) -> str:
    """Return "A1" to "A10" from state and value word; no value word counts as Mid, no state is A10."""
    by_value = actions["select"].get(naming.state)
    if by_value is None:
        return "A10"
    word = naming.value.word if naming.value else "Mid"
    return str(by_value["hi" if word in ("Top", "High") else "lo" if word in ("Low", "Minimal") else "mid"])


def _actions(options: list[Mapping[str, Any]], facts: Facts, most: int) -> tuple[Action, ...]:
    chosen: dict[str, Action] = {}
    for option in options:
        if option["group"] not in chosen and known(option, facts):
            key, values = f"action.{option['key']}", values_of(option, facts)
            chosen[option["group"]] = Action(
                *(Statement(f"{key}.{part}", values) for part in ("title", "detail", "kpi"))
            )
    return tuple(chosen.values())[:most]


def value_at_stake(
    code: str | None, segment: SegmentSpending | None, facts: OrderFacts | None, currency: str
) -> Value | None:
    """Return V1 (members who return), V2 (one more order) or V3 (revenue that rests on the segment), or None.

    Only a log of orders can tell. Reach is unknown, so every member counts.
    """
    if code is None or segment is None or facts is None:
        return None
    if code == "V3":
        return _exposure(segment, facts, currency)
    if code == "V2":
        if segment.order_value is None or segment.customers < _FEWEST:
            return None
        aov = Quantity(segment.order_value, "money", currency)
        return _estimate(code, segment.customers * segment.order_value, segment.customers, currency, aov)
    if segment.spend_own_year is None or segment.drifting is None or segment.drifting < _FEWEST:
        return None
    return _estimate(code, segment.spend_own_year, segment.drifting, currency)


def _estimate(code: str, everything: float, members: int, currency: str, order_value: Quantity | None = None) -> Value:
    amounts = {
        name: Quantity(rate * everything, "money", currency)
        for name, rate in (("amount", RATE), ("low", _LOW), ("high", _HIGH))
    }
    rates = {"rate": share(RATE, 0), "low_rate": share(_LOW, 0), "high_rate": share(_HIGH, 0)}
    more = {} if order_value is None else {"order_value": order_value}
    sentence = statement(f"value.{code.lower()}", members=count(members), **amounts, **rates, **more)
    return Value(code, RATE * everything, _LOW * everything, _HIGH * everything, sentence)


def _exposure(segment: SegmentSpending, facts: OrderFacts, currency: str) -> Value | None:
    if segment.spend_last_year is None or segment.spend_last_year <= 0:
        return None
    whole_year = facts.first_day <= facts.as_of - timedelta(days=365)
    key = "value.v3" if whole_year else "value.v3_short"
    amount = Quantity(segment.spend_last_year, "money", currency)
    first_day = Quantity(facts.first_day.isoformat(), "date")
    last_day = Quantity(facts.last_day.isoformat(), "date")
    sentence = statement(
        key, amount=amount, **({"last_day": last_day} if whole_year else {"first_day": first_day, "last_day": last_day})
    )
    return Value("V3", segment.spend_last_year, None, None, sentence)
