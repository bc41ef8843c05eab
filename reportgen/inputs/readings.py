"""How the cells of each column are read: as numbers, dates or text, in which format, and why."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from reportgen.inputs.dates import DateFormat
from reportgen.inputs.facts import Facts
from reportgen.inputs.headers import vocabulary
from reportgen.inputs.numbers import NumberFormat
from reportgen.inputs.roles import Given
from reportgen.inputs.value_tests import is_dates
from reportgen.inputs.words import word_set

ValueKind = Literal["number", "date", "text", "empty"]

_NUMBERS = ("amount", "number", "integer")
_SMALL = 20  # rows; below this an unbroken sequence of numbers may be chance
_MOST_CODES = 10
_SPOKEN = {
    "n_orders": "number of orders",
    "aov": "average order value",
    "P_marital": "marital status",
    "gap_days": "days between orders",
    "recency_days": "days since the last order",
    "cancelled_at": "cancellation",
}


@dataclass(frozen=True)
class Reading:
    """The decision about one column; ``doubt`` is what only the user can settle."""

    kind: ValueKind
    why: str
    format: NumberFormat | DateFormat | None = None
    passing: float = 1.0
    whole: bool = False
    doubt: Literal["", "decimal", "dates"] = ""


def read_cells(facts: Facts, given: Given | None, zone: str) -> Reading:
    """Decide how a column is read, by its role where it has one, by its values otherwise."""
    if not facts.known:
        return Reading("empty", "It has no values.", passing=0.0)
    if given is None:
        return _by_values(facts, zone)
    why = _because(facts, given)
    test = vocabulary()[given.role].values
    if test in _NUMBERS or (test == "age" and facts.numeric >= 0.95) or (test == "birth" and facts.integral):
        return _number(facts, why)
    if test in ("date", "birth") or (test == "date_or_flag" and is_dates(facts)):
        return _date(facts, why, zone)
    if test == "any":
        return replace(_by_values(facts, zone), why=why)
    whole = facts.numeric == 1 and facts.whole == facts.known and facts.pointless
    return Reading("text", why, passing=given.share, whole=whole)


def _by_values(facts: Facts, zone: str) -> Reading:
    if is_dates(facts):
        return _date(facts, "Its cells are dates; no role goes with its header.", zone)
    if facts.numeric < 0.95:
        return Reading("text", "It is text without a known role.")
    if facts.counts.get("zeros"):
        return Reading("text", "Its numbers begin with zeros, so they are codes.")
    if facts.integral and facts.numbers <= _MOST_CODES and word_set("codes") & set(_words(facts.name)):
        return Reading("text", "Its few whole numbers are codes, by its name: a code has no distance.")
    if _counts_rows(facts):
        return Reading("text", "It numbers the rows.")
    return _number(facts, "Its cells are numbers; no role goes with its header.")


def _words(header: str) -> list[str]:
    return [word.casefold() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+", header)]


def _counts_rows(facts: Facts) -> bool:
    unbroken = facts.low is not None and facts.high is not None and facts.high - facts.low + 1 == facts.rows
    return unbroken and facts.integral and facts.numbers == facts.filled == facts.rows >= _SMALL


def _number(facts: Facts, why: str) -> Reading:
    choice = facts.number
    if choice is None:  # the user named this column although no cell is a number
        return Reading("text", why, passing=0.0)
    return Reading("number", why, choice.format, facts.numeric, doubt="decimal" if choice.ambiguous else "")


def _date(facts: Facts, why: str, zone: str) -> Reading:
    choice = facts.date
    if choice is None:
        return Reading("text", why, passing=0.0)
    return Reading(
        "date", why, replace(choice.format, zone=zone), facts.dated, doubt="dates" if choice.ambiguous else ""
    )


def _because(facts: Facts, given: Given) -> str:
    role = spoken(given.role)
    share = f"{given.share:.0%} of its cells suit that"
    match given.how:
        case "map":
            return f"You named it as {role}; {share}."
        case "platform":
            return f"Exports of this kind hold the {role} here; {share}."
        case "strong":
            return f"Its header is known for {role}; {share}."
        case "parts":
            return f"Its header speaks of {role}; {share}."
        case "weak":
            return f"Its header may mean {role}; {share}."
    return f"Its header says nothing, but its values suit {role}."


def spoken(role: str) -> str:
    """Return a role as words: ``P_birth_date`` is birth date."""
    return _SPOKEN.get(role) or role.removeprefix("P_").replace("_", " ")
