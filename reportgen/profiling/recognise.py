"""Short rules that find the members of a segment in a CRM."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Condition:
    """One comparison in the file's own units."""

    field: str
    label: str
    unit: str
    comparison: str  # "at least" or "below"
    limit: float


@dataclass(frozen=True)
class Rule:
    """Up to three conditions; catch and purity measured after rounding. No conditions: no short rule exists."""

    conditions: tuple[Condition, ...]
    catch: float
    purity: float
