"""Judged rows summed up to orders, and orders to one row per customer."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pandas as pd

from reportgen.inputs.order_columns import MONEY, OrderColumns
from reportgen.inputs.order_measures import Measures
from reportgen.inputs.order_rows import DUPLICATE, KEPT, TOTALS, one_by_one
from reportgen.inputs.sql import Engine

OTHER = "Other"
_OPTIONAL = ("refund", "tax", "shipping", "discount", "units")  # what many logs don't tell
_FRAME = (
    "recency",
    "orders",
    "spend",
    "order_value",
    "tenure_days",
    "gap_days",
    "order_days",
    "units_per_order",
    "lines_per_order",
    "returned_share",
    "weekend_share",
    "spend_last_year",
    "spend_own_year",
)
_MOST_CATEGORIES = 10
_ENOUGH_GAPPED = 30  # customers behind the usual gap (domain.md section 0)
_ENOUGH_GAPS = 200


def keep_orders(engine: Engine, columns: OrderColumns, measures: Measures, as_of: dt.date) -> None:
    """Keep {orders}: one row per order, {people}: one per customer, and {base}: those who count.

    The base are the customers with a positive order and positive net spend. Guests are one row of {people}, without a
    name. The orders of a large log pass by on their way to their customers, who are told which of their orders may hold
    identical rows.
    """
    odd = int(engine.ask(f"SELECT coalesce(sum(n), 0) FROM {{fates}} WHERE NOT (fate = {KEPT} AND sale)")[0][0])
    absent = _absent(columns, measures)
    (engine.name if measures.every > 1 else engine.keep)(
        "orders", _orders(absent, not odd, "{lines}", one_by_one(measures))
    )
    engine.keep("people", _people(absent, as_of, not odd, "{orders}", one_by_one(measures)))
    named = "customer IS NOT NULL AND spend > 0 AND orders > 0"
    engine.name("base", f"SELECT *, sold - amount + refund AS returned FROM {{people}} WHERE {named}")


def people_of(columns: OrderColumns, measures: Measures, as_of: dt.date, lines: str) -> str:
    """Return SQL of {people} from judged rows."""
    absent = _absent(columns, measures)
    return _people(absent, as_of, False, f"({_orders(absent, False, lines, False)})", False)


def _orders(absent: set[str], plain: bool, lines: str, doubt: bool) -> str:
    net = "amount" if absent >= {"refund", "tax"} else "amount - refund - tax"
    return f"SELECT *, {net} AS net FROM ({_sums(absent, plain, lines, doubt)})"


def _sums(absent: set[str], plain: bool, lines: str, doubt: bool) -> str:
    """Return SQL of one row per order; of ``plain`` lines every one counts, and is a sale.

    With ``doubt`` each order says whether its rows may not all differ: two parts of their fingerprints, of 64 values
    each, mark fewer places than there are rows.
    """
    kept = "" if plain else f"FILTER (fate = {KEPT})"
    sold = "" if plain else f"FILTER (fate = {KEPT} AND amount > 0)"
    money = [
        f"0::{MONEY} AS {name}"
        if name in absent
        else f"coalesce(sum({name}) {sold if name == 'units' else kept}, 0) AS {name}"
        for name in _OPTIONAL
    ]
    clean = "" if plain else f"FILTER (fate IN ({DUPLICATE}, {KEPT}) AND amount > 0)"
    day = "min(day)" if plain else f"coalesce(min(day) {sold}, min(day) {kept})"
    fate = KEPT if plain else "max(fate)"
    marks = (f"bit_count(bit_or(1::UBIGINT << ((h >> {shift}) & 63))) < count(*)" for shift in (0, 6))
    doubted = f"{' AND '.join(marks)} AS doubted, " if doubt else ""
    return f"""SELECT customer, order_key, {doubted}{fate} AS fate, count(*) {kept} AS rows, {day} AS day,
        coalesce(sum(amount) {kept}, 0) AS amount, coalesce(sum(amount) {sold}, 0) AS sold,
        count(*) {sold} AS lines, count(*) {clean} AS clean, {", ".join(money)}
        FROM {lines} GROUP BY customer, order_key"""


def _absent(columns: OrderColumns, measures: Measures) -> set[str]:
    """Return which amounts are nothing in every row."""
    absent = {name for name in _OPTIONAL if not columns.has(name)}
    return absent - {"refund"} if measures.statuses.refunded_orders else absent


def _people(absent: set[str], as_of: dt.date, plain: bool, orders: str, doubt: bool) -> str:
    """Return SQL of {people}; in a ``plain`` log every row is a sale that counts.

    Then no order is worth nothing or less, unless something is taken off.
    """
    plain = plain and absent >= {"refund", "tax"}
    amount, sold, lines, clean = ("net", "net", "rows", "rows") if plain else ("amount", "sold", "lines", "clean")
    last, doubted = KEPT if plain else "max(fate)", "list(order_key) FILTER (doubted) AS doubted, " if doubt else ""
    kept, good = ("TRUE", "TRUE") if plain else (f"fate = {KEPT}", f"fate = {KEPT} AND net > 0")
    back = "FALSE" if plain else f"fate = {KEPT} AND net <= 0 AND sold - amount + refund > 0"
    empty = "FALSE" if plain else f"fate = {KEPT} AND net = 0 AND amount = 0"
    lost = f"list(fate::SMALLINT) FILTER (fate BETWEEN {TOTALS + 1} AND {KEPT - 1})"
    sums = {name: kept if name != "units" else good for name in _OPTIONAL}
    money = [f"0::TINYINT AS {n}" if n in absent else f"sum({n}) {_only(test)} AS {n}" for n, test in sums.items()]
    return f"""SELECT customer, {doubted}{last}::SMALLINT AS last, {"NULL::SMALLINT[]" if plain else lost} AS lost,
        {_count(kept, "kept")}, {_count(good, "orders")}, {_count(back, "back")}, {_count(empty, "empty")},
        sum(net) {_only(kept)} AS spend, sum({amount}) {_only(kept)} AS amount, sum({sold}) {_only(kept)} AS sold,
        sum(net) FILTER ({kept} AND day > DATE '{as_of.isoformat()}' - 365) AS last_year, {", ".join(money)},
        min(day) {_only(good)} AS first_day, max(day) {_only(good)} AS last_day,
        min(day) {_only(kept)} AS first_kept, max(day) {_only(kept)} AS last_kept,
        (sum({lines}) {_only(good)})::INTEGER AS lines, sum({clean})::INTEGER AS clean,
        count(*) FILTER ({good} AND isodow(day) > 5)::INTEGER AS weekend
        FROM {orders} GROUP BY customer"""


def _only(test: str) -> str:
    return "" if test == "TRUE" else f"FILTER ({test})"


def _count(test: str, name: str) -> str:
    """Count orders, and their rows under the same name with "_rows" behind."""
    if test == "FALSE":
        return f"0::INTEGER AS {name}, 0::INTEGER AS {name}_rows"
    rows = f"coalesce(sum(rows) {_only(test)}, 0)::INTEGER AS {name}_rows"
    return f"(count(*) {_only(test)})::INTEGER AS {name}, {rows}"


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
    told = customer_measures(as_of) | {"gap_days": "gap_days::DOUBLE", "order_days": "order_days::DOUBLE"}
    told["spend_own_year"] = "spend_own_year::DOUBLE"
    frame = engine.frame(
        f"""WITH spans AS (
            SELECT customer, count(*) AS order_days, median(gap) AS gap_days FROM {{gaps}} GROUP BY customer),
        years AS (SELECT customer, sum(net) FILTER (day > last_day - 365 AND day <= last_day) AS spend_own_year
            FROM {{orders}} JOIN (SELECT customer, last_day FROM {{base}}) USING (customer) WHERE fate = {KEPT}
            GROUP BY customer)
        SELECT customer, {", ".join(f"{told[name]} AS {name}" for name in _FRAME)}
        FROM {{base}} JOIN spans USING (customer) JOIN years USING (customer) ORDER BY customer"""
    )
    return frame.assign(customer=frame["customer"].astype(object))


def customer_measures(as_of: dt.date) -> dict[str, str]:
    """Return what {base} tells of each customer, as SQL by the name of the column."""
    date = f"DATE '{as_of.isoformat()}'"
    return {
        "recency": f"({date} - last_day)::DOUBLE",
        "orders": "orders::DOUBLE",
        "spend": "spend::DOUBLE",
        "order_value": "spend::DOUBLE / orders",
        "tenure_days": f"({date} - first_day)::DOUBLE",
        "units_per_order": "units::DOUBLE / orders",
        "lines_per_order": "lines::DOUBLE / orders",
        "returned_share": "CASE WHEN sold > 0 THEN least(1, returned::DOUBLE / sold::DOUBLE) END",
        "weekend_share": "weekend::DOUBLE / orders",
        "spend_last_year": "coalesce(last_year, 0)::DOUBLE",
    }


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
