"""This month's customers with their segments, as the engine holds them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import narwhals as nw
import numpy as np
import pyarrow as pa

from reportgen.analysis import Analysis
from reportgen.history.carry_on import MonthPlan
from reportgen.history.cells import harmless_sql
from reportgen.history.past_list import CENTS, FEATURE, keep_known, name_keys
from reportgen.history.periods import last_day
from reportgen.inputs.customers import Customers, OrderFacts
from reportgen.inputs.engine import connect
from reportgen.inputs.spark_rows import at_home
from reportgen.inputs.sql import Engine, identifier, literal
from reportgen.segments.model import SegmentModel, assign
from reportgen.segments.pushdown import DISTANCE, MARGIN, PLACE, SECOND, add_assignments, add_both
from reportgen.segments.recipe import LARGEST, to_numbers

_OF_ORDERS = ("recency", "tenure_days", "order_days", "spend_own_year", "spend_last_year")
_OLD, _NTH = "__old", "__nth"  # place in the model of the month before; place in the frame


def engine_of_month(analysis: Analysis, plan: MonthPlan, earlier: Sequence[Path] = ()) -> Engine:
    """Return an engine in which {now} has a row per customer.

    Its columns: ``key`` as the list has it, ``nth`` to sort by, ``c`` and ``b`` the segments by this model and by that
    of the month before ("": none), place of the next nearest, margin, ``far`` beyond the limit of the fit, ``spend``
    and ``cents``, the raw values of the active columns after ``f_``, and what a log tells: ``seen`` before the month
    compared with, ``idle`` without a purchase this month, ``quiet`` since the usual gap but active at the end of that
    month, ``own_year`` and ``last_year``, the spend of two years. Without dates of orders, the lists of ``earlier``
    months tell who was seen.
    """
    before = plan.predecessor
    old = before.model if before is not None and plan.mode == "refit" else None
    engine = Engine(_assigned(analysis, old))
    everyone = analysis.customers.everyone is not None
    cells = _cells(analysis, plan, old, everyone)
    if earlier:
        keep_known(engine, earlier)
        cells["seen"] = f"{cells['key']} IN (SELECT key FROM {{known}})"
    told = ", ".join(f"{sql} AS {identifier(name)}" for name, sql in cells.items())
    name_keys(engine, "now", f"SELECT {told} FROM {{source}}", "nth")
    return engine


def _assigned(analysis: Analysis, old: SegmentModel | None) -> nw.LazyFrame[Any]:
    customers, found = analysis.customers, analysis.segmentation
    if customers.everyone is not None:
        known = set(customers.everyone.frame.collect_schema().names())
        recipes = [model.recipe.names for model in (old, found.model) if model is not None]
        names = dict.fromkeys(["customer", *(name for recipe in recipes for name in recipe), *_measures(customers)])
        frame = customers.everyone.frame.select(*(name for name in names if name in known))
        frame = add_assignments(frame, found.model) if old is None else add_both(frame, (old, found.model), _OLD)
        here: nw.LazyFrame[Any] = at_home(frame)
        return here
    label = found.assignment
    words = found.model.recipe.words
    used = {*found.model.recipe.names, *(name for name in _measures(customers) if name in customers.frame)}
    told: dict[str, Any] = {"customer": customers.frame["customer"].astype(str)}
    told |= {n: customers.frame[n] if n in words else to_numbers(customers.frame[n]) for n in sorted(used)}
    told |= {PLACE: label.label, SECOND: label.second, MARGIN: label.margin, DISTANCE: label.distance}
    told |= {_NTH: np.arange(len(customers.frame))}
    if old is not None:
        told[_OLD] = assign(old, customers.frame).label
    table = pa.table({name: pa.array(column, from_pandas=True) for name, column in told.items()})
    relation: Any = connect().from_arrow(table)
    held: nw.LazyFrame[Any] = nw.from_native(relation).lazy()
    return held


def _measures(customers: Customers) -> tuple[str, ...]:
    spend = (customers.spend,) if customers.spend else ()
    return (*spend, *_OF_ORDERS) if customers.order_facts is not None else spend


def _cells(analysis: Analysis, plan: MonthPlan, old: SegmentModel | None, everyone: bool) -> dict[str, str]:
    customers, found = analysis.customers, analysis.segmentation
    recipe, fit = found.model.recipe, found.whole_model.fit
    spend = _number(customers.spend) if customers.spend else "NULL::DOUBLE"
    cells = {
        "key": harmless_sql("customer"),
        "customer": "customer",
        "nth": "customer" if everyone else _NTH,
        "c": _id_of(found.model, PLACE),
        "b": _id_of(old, _OLD) if old is not None else _id_of(found.model, PLACE),
        "second": SECOND,
        "margin": MARGIN,
        "far": f"coalesce({DISTANCE} > '{fit.distance_quantiles[2]!r}'::DOUBLE, FALSE)" if fit else "FALSE",
        "spend": spend,
        "cents": CENTS.format(spend),
        **dict.fromkeys(("seen", "idle", "quiet"), "FALSE"),
        **dict.fromkeys(("own_year", "last_year"), "NULL::DOUBLE"),
        "last_day": "NULL::DATE",
    }
    if customers.order_facts is not None and plan.predecessor is not None:
        since = last_day(plan.predecessor.run.as_of[:7])
        cells |= told_by_orders(customers.order_facts, since, everyone)
    return cells | {
        f"{FEATURE}{name}": identifier(name) if name in recipe.words else _number(name) for name in recipe.names
    }


def told_by_orders(facts: OrderFacts, since: dt.date, everyone: bool) -> dict[str, str]:
    """Return cells that a log can tell of each customer, ``since`` the end of the month that is compared with."""
    days = (facts.as_of - since).days
    told = {
        "seen": f"tenure_days >= {days}",
        "idle": f"recency >= {facts.as_of.day}",
        "last_day": f"DATE '{facts.as_of}' - recency::INTEGER",
        "own_year": "NULL::DOUBLE" if everyone else "spend_own_year",
        "last_year": "spend_last_year",
    }
    if facts.usual_gap is not None:
        gap, again = facts.usual_gap, "tenure_days > recency" if everyone else "order_days > 1"
        told["quiet"] = f"recency >= {days} AND recency - {days} <= {gap!r} AND {again} AND recency > {gap!r}"
    return told


def _id_of(model: SegmentModel, place: str) -> str:
    ids = ", ".join(literal(ref.id) for ref in model.segments)
    return f"coalesce([{ids}][{place} + 1], '')"


def _number(name: str) -> str:
    cell = f"CAST({identifier(name)} AS DOUBLE)"
    return f"CASE WHEN abs({cell}) < {LARGEST!r} THEN {cell} END"
