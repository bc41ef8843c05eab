"""Judged rows summed up to orders, and orders to one row per customer."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pandas as pd

from reportgen.inputs.order_columns import OrderColumns
from reportgen.inputs.order_rows import KEPT
from reportgen.inputs.sql import Engine

OTHER = "Other"
_MOST_CATEGORIES = 10
_ENOUGH_GAPPED = 30  # customers behind the usual gap (domain.md section 0)
_ENOUGH_GAPS = 200


def keep_orders(engine: Engine) -> None:
    """Keep {orders}: one row per order, and {base}: customers with a positive order and positive net spend."""
    kept = f"FILTER (fate = {KEPT})"
    sold = f"FILTER (fate = {KEPT} AND amount > 0)"
    engine.keep(
        "sums",
        f"""SELECT customer, order_key, max(fate) AS fate, count(*) {kept} AS rows,
            coalesce(min(day) {sold}, min(day) {kept}) AS day,
            coalesce(sum(amount) {kept}, 0) AS amount, coalesce(sum(refund) {kept}, 0) AS refund,
            coalesce(sum(tax) {kept}, 0) AS tax, coalesce(sum(amount) {sold}, 0) AS sold,
            coalesce(sum(shipping) {kept}, 0) AS shipping, coalesce(sum(discount) {kept}, 0) AS discount,
            coalesce(sum(units) {sold}, 0) AS units, count(*) {sold} AS lines
        FROM {{lines}} GROUP BY customer, order_key""",
    )
    engine.keep("orders", "SELECT *, amount - refund - tax AS net FROM {sums}")
    good = "FILTER (net > 0)"
    engine.keep(
        "base",
        f"""SELECT customer, sum(net) AS spend, count(*) {good} AS orders, min(day) {good} AS first_day,
            max(day) {good} AS last_day, sum(sold) AS sold, sum(sold - amount + refund) AS returned,
            sum(units) {good} AS units, sum(lines) {good} AS lines,
            count(*) FILTER (net > 0 AND isodow(day) > 5) AS weekend
        FROM {{orders}} WHERE fate = {KEPT} AND customer IS NOT NULL
        GROUP BY customer HAVING sum(net) > 0 AND count(*) {good} > 0""",
    )


def keep_gaps(engine: Engine) -> None:
    """Keep {gaps}: days between consecutive order-days of one customer (null for the first)."""
    engine.keep(
        "gaps",
        f"""SELECT customer, day - lag(day) OVER (PARTITION BY customer ORDER BY day) AS gap FROM (
            SELECT DISTINCT customer, day FROM {{orders}} SEMI JOIN {{base}} USING (customer)
            WHERE fate = {KEPT} AND net > 0)""",
    )


def customer_frame(engine: Engine, as_of: dt.date) -> pd.DataFrame:
    """Return one row per customer of {base}, sorted by key; amounts as float64 of exact sums."""
    date = f"DATE '{as_of.isoformat()}'"
    frame = engine.frame(
        f"""WITH spans AS (
            SELECT customer, count(*) AS order_days, median(gap) AS gap_days FROM {{gaps}} GROUP BY customer),
        years AS (SELECT customer, sum(net) FILTER (day > {date} - 365) AS spend_last_year,
            sum(net) FILTER (day > last_day - 365 AND day <= last_day) AS spend_own_year
            FROM {{orders}} JOIN {{base}} USING (customer) WHERE fate = {KEPT} GROUP BY customer)
        SELECT customer, ({date} - last_day)::DOUBLE AS recency, orders::DOUBLE AS orders, spend::DOUBLE AS spend,
            spend::DOUBLE / orders AS order_value, ({date} - first_day)::DOUBLE AS tenure_days,
            gap_days::DOUBLE AS gap_days, order_days::DOUBLE AS order_days, units::DOUBLE / orders AS units_per_order,
            lines::DOUBLE / orders AS lines_per_order,
            CASE WHEN sold > 0 THEN least(1, returned::DOUBLE / sold::DOUBLE) END AS returned_share,
            weekend::DOUBLE / orders AS weekend_share,
            coalesce(spend_last_year, 0)::DOUBLE AS spend_last_year, spend_own_year::DOUBLE AS spend_own_year
        FROM {{base}} JOIN spans USING (customer) JOIN years USING (customer) ORDER BY customer"""
    )
    return frame.assign(customer=frame["customer"].astype(object))


def usual_gap(engine: Engine, frame: pd.DataFrame) -> tuple[float | None, float | None]:
    """Return the usual gap G and the lapse limit D in days (domain.md section 0); None where too few come back."""
    gaps = frame.loc[frame["order_days"] >= 3, "gap_days"]
    if len(gaps) < _ENOUGH_GAPPED:
        gaps = frame.loc[frame["order_days"] >= 2, "gap_days"]
    if len(gaps) < _ENOUGH_GAPPED:
        return None, None
    usual = max(1.0, float(np.median(gaps)))
    count, late = engine.ask("SELECT count(gap), quantile_cont(gap, 0.9) FROM {gaps}")[0]
    return usual, max(float(math.ceil(late)), 2 * usual) if count >= _ENOUGH_GAPS else 2 * usual


def category_spend(engine: Engine, columns: OrderColumns, customers: pd.Series) -> tuple[tuple[str, ...], pd.DataFrame]:
    """Return the ten largest categories (then "Other") and what each customer spent net on them.

    Shipping, fees and gift cards are no category; rows without one are "Other".
    """
    if not columns.has("category"):
        return (), pd.DataFrame(index=range(len(customers)))
    sums = engine.frame(
        f"""WITH mix AS (SELECT customer, coalesce(category, '') AS category, sum(own - refund - tax) AS spend
            FROM {{lines}} SEMI JOIN {{base}} USING (customer) WHERE fate = {KEPT} AND NOT extra AND own IS NOT NULL
            GROUP BY ALL),
        top AS (SELECT category, sum(spend) AS spent FROM mix WHERE category NOT IN ('', '{OTHER}')
            GROUP BY category HAVING sum(spend) > 0
            ORDER BY spent DESC, category LIMIT {_MOST_CATEGORIES})
        SELECT customer, CASE WHEN category IN (SELECT category FROM top) THEN category ELSE '{OTHER}' END AS category,
            sum(spend)::DOUBLE AS spend FROM mix GROUP BY 1, 2 ORDER BY 1, 2"""
    )
    if sums["category"].nunique() < 2:
        return (), pd.DataFrame(index=range(len(customers)))
    wide = sums.pivot(index="customer", columns="category", values="spend").reindex(customers).fillna(0.0)
    totals = {str(name): float(wide[name].sum()) for name in wide.columns}
    names = sorted(totals, key=lambda name: (name == OTHER, -totals[name], name))
    return tuple(names), pd.DataFrame(wide[names].to_numpy(), columns=pd.Index(names, dtype=object))


def describing_words(engine: Engine, columns: OrderColumns) -> pd.DataFrame:
    """Return the most frequent word of each describing column per customer of {base}, sorted by key."""
    frame = engine.frame("SELECT customer FROM {base} ORDER BY customer").astype(object)
    for place, column in enumerate(columns.describing):
        words = engine.frame(
            f"""SELECT customer, d{place} AS word FROM {{lines}} SEMI JOIN {{base}} USING (customer)
            WHERE fate = {KEPT} AND d{place} IS NOT NULL GROUP BY customer, d{place}
            QUALIFY row_number() OVER (PARTITION BY customer ORDER BY count(*) DESC, d{place}) = 1"""
        )
        known = words.set_index("customer")["word"].astype(object)
        frame[column.name] = pd.Series([known.get(customer) for customer in frame["customer"]], dtype=object)
    return frame
