"""Quantities that keep their value and kind until a writer formats them, and statements built from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "count",  # whole customers, orders, rows
    "money",  # in the report's currency; unit holds the ISO code, "" when unknown
    "share",  # 0..1, printed as a percentage
    "change",  # relative, -1..: printed as a percentage with its sign
    "points",  # difference of two shares, -1..1, printed in percentage points
    "index",  # 100 = average of all customers
    "ratio",  # segment / base; in prose "18% more than average", in a table "1.2×"
    "days",  # whole days
    "number",  # anything else numeric; unit holds what follows it ("k$", "years")
    "score",  # a statistic between -1 and 1 (silhouette), two decimals
    "date",  # a day or a month as ISO text
    "text",  # words from the data: in prose the first 60 characters
    "remark",  # words of a person, printed as they are up to a limit
]


def settled(value: float) -> float:
    """Return a number to 14 significant digits: later ones may depend on where in memory its data lay."""
    return float(f"{value:.14g}")


@dataclass(frozen=True)
class Quantity:
    """A value with its kind and unit; ``None`` is "not available" and prints as a dash.

    ``decimals`` fixes the digits in tables; None lets the kind decide. ``suppressed`` marks a cell with
    1 to 9 customers behind it: it prints as "<10" (counts) or a dash (everything derived).
    """

    value: float | int | str | None
    kind: Kind
    unit: str = ""
    decimals: int | None = None
    suppressed: bool = False


@dataclass(frozen=True)
class Statement:
    """A sentence before it has words: a key into the locale's phrases, with the values it states."""

    key: str
    values: tuple[tuple[str, Quantity], ...] = ()


def statement(key: str, **values: Quantity) -> Statement:
    """Build a statement; the keyword names are the placeholders of the phrase."""
    return Statement(key, tuple(values.items()))


def count(value: int) -> Quantity:
    """Return a count of customers, orders or rows."""
    return Quantity(int(value), "count")


def share(value: float | None, decimals: int | None = None) -> Quantity:
    """Return a share between 0 and 1."""
    return Quantity(value, "share", decimals=decimals)


def text(value: str) -> Quantity:
    """Return words that stand as they are."""
    return Quantity(value, "text")
