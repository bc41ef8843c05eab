"""The fields of customers that come from a log of orders."""

from __future__ import annotations

import pandas as pd

from reportgen.config import Config
from reportgen.inputs.customers import Field, FieldKind, OrderFacts
from reportgen.inputs.labels import readable, short_word
from reportgen.inputs.order_columns import OrderColumns

_CORE_WHY = "what every customer of a log has: when, how often and how much"
_Number = tuple[str, str, FieldKind, str | None, str]
_NUMBERS: tuple[_Number, ...] = (
    ("recency", "Days since last order", "days", "recency_days", _CORE_WHY),
    ("orders", "Orders", "count", "n_orders", _CORE_WHY),
    ("spend", "Spend", "money", "total_spent", _CORE_WHY),
    ("order_value", "Average order value", "money", "aov", "follows from spend and orders"),
    ("tenure_days", "Days since first order", "days", None, "how long a customer is known, not what the customer does"),
    ("gap_days", "Usual days between orders", "days", "gap_days", "unknown for customers who ordered on one day only"),
    ("units_per_order", "Units per order", "number", None, "describes the basket"),
    ("lines_per_order", "Lines per order", "number", None, "describes the basket"),
    ("returned_share", "Share of sales returned", "share", None, "describes returns"),
    ("weekend_share", "Share of orders at weekends", "share", None, "describes when people order"),
)


def make_fields(
    frame: pd.DataFrame, words: pd.DataFrame, facts: OrderFacts, columns: OrderColumns, config: Config
) -> tuple[pd.DataFrame, tuple[Field, ...]]:
    """Return the frame with all its columns, and a field for each that people may read.

    ``words`` holds the describing words per customer. Recency, orders and spend may form segments, the rest describes.
    Shares of categories are named ``share of …``.
    """
    fields = [_number_field(frame, row, config) for row in _NUMBERS if row[0] in _known(columns)]
    for place, category in enumerate(facts.categories):
        name, label = f"share of {category}", f"Share of spend on {category}"
        total = facts.category_spend.clip(lower=0).sum(axis=1)
        share = facts.category_spend.iloc[:, place].clip(lower=0) / total.where(total > 0)
        frame = frame.assign(**{name: share.to_numpy()})
        fields.append(_describing(name, label, "share", "part of the category mix"))
    for column in columns.describing:
        name = column.name if column.name not in frame else f"{column.name}_"
        frame = frame.assign(**{name: words[column.name]})
        why = "words have no distance: it describes"
        if column.protected:
            why = "protected: describes segments, never forms them"
        label = config.labels.get(column.name, readable(column.name))
        fields.append(Field(name, label, short_word(label), "category", "", column.role, column.protected, False, why))
    return frame, tuple(fields)


def _known(columns: OrderColumns) -> set[str]:
    """Return which numbers this log can tell."""
    known = {name for name, *_ in _NUMBERS}
    if not columns.has("units"):
        known.discard("units_per_order")
    if not columns.has("order_id"):
        known.discard("lines_per_order")
    return known


def _number_field(frame: pd.DataFrame, number: _Number, config: Config) -> Field:
    name, label, kind, role, why = number
    label = config.labels.get(name, label)
    constant = frame[name].nunique() < 2
    return Field(
        name=name,
        label=label,
        short=short_word(label),
        kind=kind,
        unit="days" if kind == "days" else "",
        role=role,
        protected=False,
        candidate=why == _CORE_WHY and not constant,
        why="the same for every customer" if constant else why,
    )


def _describing(name: str, label: str, kind: FieldKind, why: str) -> Field:
    return Field(name, label, short_word(label), kind, "", None, False, False, why)
