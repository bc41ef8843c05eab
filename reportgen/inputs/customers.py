"""One typed row per customer: the table that segments are made from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import narwhals as nw
import pandas as pd

from reportgen.inputs.intake import Intake
from reportgen.inputs.quality import Quality
from reportgen.inputs.schema import Schema, TableKind
from reportgen.inputs.sql import Engine

FieldKind = Literal["money", "count", "days", "share", "number", "score", "category", "flag"]


@dataclass(frozen=True)
class Field:
    """One column of the customer frame.

    ``money`` is in the file's currency; ``share`` is 0..1; ``flag`` is 0/1; ``category`` holds str or None;
    everything else is float64 with NaN for missing.
    """

    name: str  # column of Customers.frame
    label: str  # what people read, e.g. "Annual income"
    short: str  # lower-case word for names and sentences, e.g. "income"
    kind: FieldKind
    unit: str  # "k$", "days", "" …
    role: str | None
    protected: bool
    candidate: bool  # may form segments; features.py still tests it
    why: str  # why it may or may not


@dataclass(frozen=True)
class Month:
    """One calendar month of an order log."""

    month: str  # "2011-11"
    buyers: int
    orders: int
    revenue: float
    returning: int  # buyers who had ordered before this month
    complete: bool


@dataclass(frozen=True)
class BridgePart:
    """Customers behind one step between the revenue of two months, and what it adds, in cents.

    ``dominated``: one customer makes up over half of it, or two over 85%.
    """

    customers: int
    cents: int
    dominated: bool = False


@dataclass(frozen=True)
class RevenueBridge:
    """From the revenue of one month to that of the next, in cents; the steps add up to the difference (domain.md 10.3).

    ``new`` bought for the first time ever, ``returned`` had bought before but not in the earlier month, ``gone`` bought
    in the earlier month alone, ``kept`` in both: more orders (``kept_orders``) and dearer ones (the rest of it).
    ``refunds`` are of customers who bought in neither.
    """

    earlier: str
    later: str
    before: int
    after: int
    new: BridgePart
    returned: BridgePart
    gone: BridgePart
    kept: BridgePart
    kept_orders: int
    refunds: BridgePart


@dataclass(frozen=True)
class PurchaseHistory:
    """One row per customer, aligned with Customers.frame.

    ``frame`` holds, in days and money, for all the data: ``repeats`` purchase days after the first, ``span`` from the
    first to the last of them, ``age`` from the first to the as-of date, ``value`` mean amount of the repeat days (NaN
    without any). The same with ``known_`` in front for the days before ``cut`` (NaN where the customer came later), and
    ``later`` purchase days from ``cut`` on.
    """

    frame: pd.DataFrame
    cut: dt.date
    days: int  # from the first order to the as-of date
    days_later: int  # from ``cut`` to the as-of date


@dataclass(frozen=True)
class CategorySpend:
    """What each customer spent on each category."""

    names: tuple[str, ...]  # at most 10, by revenue, then "Other" where needed
    spend: pd.DataFrame  # customers x categories, money, aligned with Customers.frame
    columns: tuple[str, ...] = ()  # fields of a customer table that hold the amounts


@dataclass(frozen=True)
class OrderFacts:
    """What only a log of orders can tell."""

    as_of: dt.date
    first_day: dt.date
    last_day: dt.date
    usual_gap: float | None  # G of domain.md section 0, days
    lapse_limit: float | None  # D, days
    months: tuple[Month, ...]
    category_label: str  # header of the category column, "" when there is none
    categories: tuple[str, ...]  # at most 10, by revenue, then "Other" where needed
    category_spend: pd.DataFrame  # customers x categories, money, aligned with Customers.frame
    memo: tuple[tuple[str, float], ...]  # ("shipping", 1234.5), ("discounts", …): shown beside the reconciliation
    purchases: PurchaseHistory | None = None  # what the estimate of future value needs
    bridge: RevenueBridge | None = None  # between the two newest months; None where one of them is not complete


@dataclass(frozen=True, eq=False)
class Everyone:
    """All customers of a table too large to be looked at one by one, in the engine; rows in no order.

    ``frame`` has the column "customer" and those of ``Customers.frame`` that an engine can tell of everyone: measures
    as DOUBLE, words as VARCHAR. ``share`` is the part of the customers that the sample holds. ``orders`` has a row per
    order that counts: customer, day and net amount; None for a customer table. All live in tables of ``engine``.
    ``questions`` are aggregates, as SQL by name, that are told of each segment as soon as all customers are counted.
    """

    frame: nw.LazyFrame[Any] = field(repr=False)  # the words for a relation would be its rows
    rows: int
    share: float
    engine: Engine = field(repr=False)
    orders: nw.LazyFrame[Any] | None = field(default=None, repr=False)
    questions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Customers:
    """One row per customer, sorted by key; column "customer" holds the key as text.

    Where ``everyone`` is given, ``frame`` and what is aligned with it hold a sample, chosen by the customers' keys.

    A file without keys is sorted by its values, and the key is the number of the row in the file. A column of personal
    data, ids or free text has a Field that says why it is left out, and a column of the frame that holds nothing.

    ``spend``, ``orders`` and ``recency`` name the fields that hold net spend, number of orders and days since the
    last order, or are None when the file has no such thing. In a log every customer has all three, and the frame also
    holds these columns (with or without a Field): ``order_days`` distinct days with an order, ``tenure_days`` days
    since the first order, ``gap_days`` median days between order-days (NaN below two), ``spend_last_year`` net spend
    in the 365 days before the as-of date, ``spend_own_year`` net spend in the 365 days up to the customer's last order.
    """

    frame: pd.DataFrame
    fields: tuple[Field, ...]
    kind: TableKind
    schema: Schema
    quality: Quality
    key: str | None  # header of the id column; None: rows were numbered
    currency: str  # ISO code or symbol, "" when unknown
    spend: str | None
    orders: str | None
    recency: str | None
    order_facts: OrderFacts | None
    category_amounts: CategorySpend | None = None  # only for a customer table with a column of money per category
    everyone: Everyone | None = None  # None: ``frame`` holds all customers
    intake: Intake | None = None  # only for a monthly report: what the next month is held against

    @property
    def wallet(self) -> CategorySpend | None:
        """What each customer spent on each category, whichever kind of file tells it; None where none does."""
        facts = self.order_facts
        if facts is not None:
            return CategorySpend(facts.categories, facts.category_spend) if facts.categories else None
        return self.category_amounts

    @property
    def count(self) -> int:
        """Number of all customers."""
        return self.everyone.rows if self.everyone else len(self.frame)

    def field(self, name: str) -> Field:
        """Return the field of this name; KeyError if there is none."""
        for candidate in self.fields:
            if candidate.name == name:
                return candidate
        raise KeyError(name)
