"""A log of orders up to the end of a month: what came later is as if it were not there."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from reportgen.errors import InputError
from reportgen.inputs.schema import Schema
from reportgen.inputs.spark_rows import counted, wrapped
from reportgen.inputs.table import Part, Table
from reportgen.inputs.typed import date_cell


def rows_until(table: Table, schema: Schema, day: dt.date, delay_hours: int = 0) -> Table:
    """Return the rows dated up to ``day``, and those without a readable date; all files count as one.

    Where a column tells when a row was recorded, it must have been within ``delay_hours`` after that day.
    Neither rows nor whole files of later months leave a trace. InputError where no row is left.
    """
    column = schema.role("order_date")
    if column is None or column.kind != "date":
        return table
    relation = table.frame.to_native()
    cell, next_month = f"{date_cell(table, column)}::DATE", day + dt.timedelta(days=28)
    early = f"{cell} <= DATE '{day}'"
    kept = relation.filter(f"coalesce({early}, TRUE) AND {_known(table, schema, day, delay_hours)}")
    rows, dated = counted(kept, ("TRUE", early))
    first = table.origin.lasting
    if not dated:
        raise InputError(f"{first} holds no row dated on or before {day}", "Give a later --period.")
    later = f"{cell} > DATE '{day}' AND {cell} <= DATE '{next_month}'"
    everything, going_on = counted(relation, ("TRUE", later))
    parts = (Part(first, table.origin.rows - everything + rows),)
    origin = replace(table.origin, name=first, parts=parts, goes_on=going_on > 0)
    return replace(table, frame=wrapped(kept), origin=origin)


def _known(table: Table, schema: Schema, day: dt.date, delay_hours: int) -> str:
    """Return SQL for whether a row was there in time; a row of which nobody knows was."""
    column = schema.role("recorded_at")
    if column is None or column.kind != "date":
        return "TRUE"
    end = dt.datetime.combine(day, dt.time()) + dt.timedelta(days=1, hours=delay_hours)
    return f"coalesce({date_cell(table, column)}::TIMESTAMP < TIMESTAMP '{end}', TRUE)"
