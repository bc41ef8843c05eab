"""Purchase days per customer, whole and up to a hold-out, for the estimate of what customers will still spend."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from reportgen.inputs.customers import PurchaseHistory
from reportgen.inputs.order_rows import KEPT
from reportgen.inputs.sql import Engine

HELD_OUT = 0.225  # share of the time span at its end that is kept for checking (method.md section 10: 20 to 25%)


def summarise_purchases(engine: Engine, customers: pd.Series, as_of: dt.date) -> PurchaseHistory:
    """Sum the kept orders of {orders} to purchase days; a day counts when its net amount is positive."""
    engine.keep(
        "purchase_days",
        f"""SELECT customer, day, sum(net)::DOUBLE AS amount FROM {{orders}} SEMI JOIN {{base}} USING (customer)
        WHERE fate = {KEPT} GROUP BY customer, day HAVING sum(net) > 0""",
    )
    first: dt.date = engine.ask("SELECT min(day) FROM {purchase_days}")[0][0]
    days = (as_of - first).days
    cut = as_of - dt.timedelta(days=round(days * HELD_OUT))
    whole = _summary(engine, as_of, "<=")  # a month is looked back on from its last day, which belongs to it
    known = _summary(engine, cut, "<").add_prefix("known_")
    later = engine.frame(
        f"SELECT customer, count(*)::DOUBLE AS later FROM {{purchase_days}} WHERE day >= {_date(cut)} GROUP BY customer"
    ).set_index("customer")
    frame = whole.join(known).join(later).reindex(customers).reset_index(drop=True)
    return PurchaseHistory(frame.fillna({"later": 0.0}), cut, days, (as_of - cut).days)


def _summary(engine: Engine, until: dt.date, before: str) -> pd.DataFrame:
    return engine.frame(
        f"""WITH seen AS (SELECT *, min(day) OVER (PARTITION BY customer) AS first FROM {{purchase_days}}
            WHERE day {before} {_date(until)})
        SELECT customer, (count(*) - 1)::DOUBLE AS repeats, (max(day) - min(day))::DOUBLE AS span,
            ({_date(until)} - min(day))::DOUBLE AS age,
            avg(amount) FILTER (day > first) AS value
        FROM seen GROUP BY customer"""
    ).set_index("customer")


def _date(day: dt.date) -> str:
    return f"DATE '{day.isoformat()}'"
