"""Customer tables made by hand, for tests of the rooms that come after the input."""

from __future__ import annotations

from typing import Any

import pandas as pd
from shared import MALL, shared_data

from reportgen.inputs.customers import Customers, Field
from reportgen.inputs.quality import Quality
from reportgen.inputs.schema import Schema


def make_field(name: str, **properties: Any) -> Field:
    """A field that may form segments, unless the properties say otherwise."""
    known = {"label": name.capitalize(), "short": name.lower(), "kind": "number", "unit": "", "role": None}
    known |= {"protected": False, "candidate": True, "why": "numeric"}
    return Field(name=name, **(known | properties))


def make_customers(frame: pd.DataFrame, fields: dict[str, dict[str, Any]] | None = None, **about: Any) -> Customers:
    """Customers from a frame of numbers (and words: they become categories); ``fields``: properties per column."""
    names = [name for name in frame.columns if name != "customer"]
    words = [name for name in names if not pd.api.types.is_numeric_dtype(frame[name])]
    given = {name: {"kind": "category", "candidate": False} for name in words}
    for name, properties in (fields or {}).items():
        given[name] = given.get(name, {}) | properties
    if "customer" not in frame:
        frame = frame.assign(customer=[f"{row:07d}" for row in range(len(frame))])
    known = {"kind": "customers", "currency": "", "key": "customer", "order_facts": None}
    known |= {"spend": None, "orders": None, "recency": None}
    return Customers(
        frame=frame,
        fields=tuple(make_field(name, **given.get(name, {})) for name in names),
        schema=Schema(about.get("kind", "customers"), (), None, ""),
        quality=Quality((), ()),
        **(known | about),
    )


def mall() -> Customers:
    """The mall file: income and spending score may form segments, gender and age are protected."""
    frame = pd.read_csv(MALL).rename(columns={"CustomerID": "customer"})
    protected = {"protected": True, "candidate": False}
    return make_customers(
        frame,
        {
            "Gender": {"label": "Gender", "short": "gender", "role": "P_gender", **protected},
            "Age": {"label": "Age", "short": "age", "unit": "years", "role": "P_age", **protected},
            "Annual Income (k$)": {"label": "Annual income", "short": "income", "unit": "k$", "role": "income"},
            "Spending Score (1-100)": {"label": "Spending score", "short": "spending score", "kind": "score"},
        },
    )


def wholesale() -> Customers:
    """The wholesale file: six amounts, and two codes that may not form segments."""
    frame = pd.read_csv(shared_data("wholesale/Wholesale_customers_data.csv"))
    fields = {name: {"kind": "money"} for name in frame.columns}
    fields["Channel"] = fields["Region"] = {"candidate": False, "why": "a code"}
    return make_customers(frame, fields)
