"""Names, descriptions and actions, by rules kept as data."""

from __future__ import annotations

from dataclasses import dataclass

from reportgen.profiling.naming import NameWord
from reportgen.values import Statement


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
class Persona:
    """Who a segment is, in words that the numbers carry."""

    name: str  # at most 28 characters unless overridden
    generated_name: str
    subtitle: Statement
    description: tuple[Statement, ...]
    value_word: str | None  # Top, High, Mid, Low, Minimal
    state: str | None  # New, One-time, Active, Slowing, Lapsed, Mixed
    traits: tuple[str, ...]
    action_type: str  # "A1" … "A10"
    objective: Statement
    actions: tuple[Action, ...]
    avoid: Statement
    timing: Statement
    value: Value | None  # None: not estimated
    audit: tuple[NameWord, ...]
