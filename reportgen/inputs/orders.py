"""A log of orders, made into one row per customer."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from dataclasses import replace
from typing import Any

import narwhals as nw
import pandas as pd

from reportgen.config import Config
from reportgen.errors import ConfigError, InputError
from reportgen.inputs.customers import Customers, OrderFacts
from reportgen.inputs.fields import FEW
from reportgen.inputs.labels import readable
from reportgen.inputs.ledger import reconcile
from reportgen.inputs.month_bridge import revenue_bridge
from reportgen.inputs.months import order_months
from reportgen.inputs.order_columns import OrderColumns, keep_raw, map_columns
from reportgen.inputs.order_copies import settle_copies
from reportgen.inputs.order_fields import make_fields
from reportgen.inputs.order_findings import money_memo, tell_findings
from reportgen.inputs.order_intake import intake_of_log
from reportgen.inputs.order_measures import Measures, measure
from reportgen.inputs.order_rows import KEPT, keep_fates, keep_lines
from reportgen.inputs.order_sample import LogPart, log_of_sample
from reportgen.inputs.order_summary import (
    category_spend,
    customer_frame,
    describing_words,
    keep_gaps,
    keep_orders,
    usual_gap,
)
from reportgen.inputs.purchase_history import summarise_purchases
from reportgen.inputs.quality import Quality
from reportgen.inputs.schema import Schema
from reportgen.inputs.sql import Engine, engine_over
from reportgen.inputs.table import Table

_FAR = 60  # days after which a last date that stands alone is more likely a slip (domain.md section 0)
_LARGE = 25  # rows per customer of a sample from which a log is not copied
_WITHOUT_TAX = re.compile(r"\b(gross sales|net|nett|netto\w*|ht|netwr|subtotal|excl\w*|exkl\w*)\b")


def customers_from_orders(table: Table, typed: nw.LazyFrame[Any], schema: Schema, config: Config) -> Customers:
    """Return one row per customer of the base (domain.md section 0) from a log of orders or order lines.

    Raises InputError where columns are missing, currencies are mixed, no order or no customer is left.
    """
    engine = engine_over(typed)
    customers = None
    try:
        customers = _build(engine, table, schema, config)
        return customers
    finally:
        if customers is None or customers.everyone is None:  # else everyone lives in its tables
            engine.close()


def _build(engine: Engine, table: Table, schema: Schema, config: Config) -> Customers:
    source = table.origin.name
    if config.input.category_amounts:
        raise ConfigError(
            f"input.category_amounts names columns of a customer table, and {source} is a log of orders",
            "Remove it; in a log, --map category=HEADER names the column that holds the category.",
        )
    columns = map_columns(schema, source)
    every = _every(table, config)
    keep_raw(engine, schema, columns, large=every > 1 and engine.at_hand)
    measures = measure(engine, columns, source, every)
    if not engine.at_hand:
        measures = replace(measures, every=1)  # what is read anew by each question elsewhere is kept in Spark
    keep_lines(engine, columns, measures, config.input.as_of, taxed=_taxed(schema, measures))
    keep_fates(engine)
    as_of = config.input.as_of or _day_after_last(engine, source)
    keep_orders(engine, columns, measures, as_of)
    settle_copies(engine, columns, measures, as_of, config.input.sample)
    _refuse_hopeless(engine, source, as_of)
    part = log_of_sample(engine, columns, measures, as_of, config)
    keep_gaps(part.engine)
    frame = customer_frame(part.engine, as_of)
    facts = _facts(part, frame, schema, columns, as_of)
    if config.input.period and part.whole is not None:
        months = order_months(part.whole)  # what two reports say of a month must not depend on who is in a sample
        facts = replace(facts, months=months, bridge=revenue_bridge(part.whole, months))
    frame, fields = make_fields(frame, describing_words(part.engine, columns), facts, columns, config)
    findings = tell_findings(engine, columns, measures, facts)
    part.close()
    return Customers(
        frame=frame,
        fields=fields,
        kind="orders",
        schema=schema,
        quality=Quality(
            reconcile(engine, measures, table.origin), (*table.origin.findings, *schema.findings, *findings)
        ),
        key=_key_header(schema),
        currency=config.input.currency or _currency(schema, measures),
        spend="spend",
        orders="orders",
        recency="recency",
        order_facts=facts,
        everyone=part.everyone,
        intake=replace(intake_of_log(engine, schema, columns, measures, as_of), goes_on=table.origin.goes_on)
        if config.input.period
        else None,
    )


def _every(table: Table, config: Config) -> int:
    """Return one order in how many tells about all orders of the log; 1: the log can be copied and asked as a whole."""
    rows, most = table.origin.rows, config.input.sample
    return 1 if rows < _LARGE * most else rows // most


def _taxed(schema: Schema, measures: Measures) -> bool:
    """Tell whether amounts include tax: a total does unless its header says net."""
    total = schema.role("order_total")
    return measures.amount == "total" and total is not None and not _WITHOUT_TAX.search(readable(total.name).lower())


def _day_after_last(engine: Engine, source: str) -> dt.date:
    days: list[dt.date] = [
        row[0] for row in engine.ask(f"SELECT DISTINCT day FROM {{fates}} WHERE fate = {KEPT} ORDER BY day DESC")
    ]
    if not days:
        raise InputError(
            f"{source}: no row with a readable date, an amount and a status that counts is left",
            "`reportgen check FILE` shows which rows were left out and why; --map ROLE=HEADER corrects a column.",
        )
    gaps = [(later - day).days for later, day in itertools.pairwise(days)]
    if gaps and gaps[0] > max(_FAR, *gaps[1:], 0):
        raise InputError(
            f"{source}: the last date, {days[0]:%Y-%m-%d}, lies {gaps[0]} days after the one before it, "
            f"{days[1]:%Y-%m-%d}; it may be a typing error",
            f"Say from which day to look back: --as-of {days[1]:%Y-%m-%d} leaves it out, "
            f"--as-of {days[0] + dt.timedelta(days=1):%Y-%m-%d} keeps it.",
        )
    return days[0] + dt.timedelta(days=1)


def _refuse_hopeless(engine: Engine, source: str, as_of: dt.date) -> None:
    """Raise InputError with the reason where too few customers are left."""
    base = int(engine.ask("SELECT count(*) FROM {base}")[0][0])
    if base >= FEW:
        return
    kept, named, positive, first = engine.ask(
        """SELECT sum(kept), sum(kept) FILTER (customer IS NOT NULL), sum(orders), (SELECT min(day) FROM {fates})
        FROM {people}"""
    )[0]
    hint = "`reportgen check FILE` shows which rows were left out and why; --map ROLE=HEADER corrects a column."
    if first is not None and first > as_of:
        what, hint = f"every order lies after the as-of date {as_of} (the first on {first})", "Give a later --as-of."
    elif not kept:
        what = "no row with a readable date, an amount and a status that counts is left"
    elif not positive:
        what = "there are only refunds and orders worth nothing"
    elif not named:
        what = "no order names its customer: all are guests"
        hint = "Name the column that tells customers apart: --map customer_id=HEADER."
    else:
        what = f"{base} customer{'s have' if base != 1 else ' has'} bought something; a report needs at least {FEW}"
    raise InputError(f"{source}: {what}", hint)


def _facts(part: LogPart, frame: pd.DataFrame, schema: Schema, columns: OrderColumns, as_of: dt.date) -> OrderFacts:
    engine, whole = part.engine, part.whole or part.engine
    first, last = whole.ask("SELECT min(first_kept), max(last_kept) FROM {people}")[0]
    gap, limit = usual_gap(engine, frame)
    categories, spend = category_spend(engine, columns, frame["customer"])
    header = schema.role("category")
    months = order_months(engine)
    return OrderFacts(
        as_of=as_of,
        first_day=first,
        last_day=last,
        usual_gap=gap,
        lapse_limit=limit,
        months=part.of_all(months),
        category_label=header.name if header is not None and categories else "",
        categories=categories,
        category_spend=spend,
        purchases=summarise_purchases(engine, frame["customer"], as_of),
        memo=money_memo(whole, columns),
        bridge=revenue_bridge(engine, months),
    )


def _key_header(schema: Schema) -> str | None:
    column = schema.role("customer_id") or schema.role("customer_email") or schema.role("customer_phone")
    return column.name if column else None


def _currency(schema: Schema, measures: Measures) -> str:
    """Return the code in the currency column, else the sign found at the amounts."""
    if measures.currency:
        return measures.currency
    roles = {"total": "order_total", "line": "line_amount", "product": "unit_price"}
    column = schema.role(roles[measures.amount])
    return column.unit if column else ""
