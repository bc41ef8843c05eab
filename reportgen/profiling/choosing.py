"""Choose sentences from a catalogue: the first option whose figures are all known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from reportgen.profiling.facts import Facts
from reportgen.values import Quantity, Statement

Option = Mapping[str, Any]


def known(option: Option, facts: Facts) -> bool:
    """Say whether every figure that an option needs is known."""
    return all(_name(option, need) in facts for need in option["needs"])


def first_known(options: Iterable[Option], facts: Facts, table: str) -> Statement | None:
    """Return the statement of the first usable option under phrases.``table``, or None."""
    option = next((option for option in options if known(option, facts)), None)
    return None if option is None else Statement(f"{table}.{option['key']}", values_of(option, facts))


def values_of(option: Option, facts: Facts) -> tuple[tuple[str, Quantity], ...]:
    """Return the figures of an option under the names its phrase uses."""
    return tuple((need, facts[_name(option, need)]) for need in option["needs"])


def from_slots(slots: Sequence[Option], facts: Facts, table: str, most: int) -> tuple[Statement, ...]:
    """Return one statement from each slot that has a usable option, at most ``most``."""
    found = (first_known(slot["options"], facts, table) for slot in slots)
    return tuple(statement for statement in found if statement is not None)[:most]


def _name(option: Option, need: str) -> str:
    """``as = "first"`` reads "label" from the figure "first_label"."""
    return f"{option['as']}_{need}" if "as" in option else need
