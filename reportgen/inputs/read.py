"""From any source to one typed row per customer."""

from __future__ import annotations

from typing import Any

from reportgen.config import Config
from reportgen.inputs.customer_table import customers_from_table
from reportgen.inputs.customers import Customers
from reportgen.inputs.cutoff import rows_until
from reportgen.inputs.orders import customers_from_orders
from reportgen.inputs.schema import infer_schema
from reportgen.inputs.steady import unchanged
from reportgen.inputs.table import Table, open_table
from reportgen.inputs.typed import type_table
from reportgen.progress import Listener, silent

_DEFAULTS = Config()


def read_customers(source: Any, config: Config = _DEFAULTS, progress: Listener = silent) -> Customers:
    """Open a source (or take an open Table), decide what it is, and return one row per customer, sorted by key.

    Raises InputError, with a way out, where no honest report can be made from the source.
    """
    progress("reading the input", 0.0)
    table = source if isinstance(source, Table) else open_table(source, config.input)
    with unchanged(table.files):
        return _read(table, config, progress)


def _read(table: Table, config: Config, progress: Listener) -> Customers:
    rows = f"{table.origin.rows:,} rows"
    progress(f"recognising columns of {rows}", 0.0)
    schema = infer_schema(table, config)
    if config.input.period and config.input.as_of and schema.kind == "orders":
        table = rows_until(table, schema, config.input.as_of, config.schedule.delay_hours)
        schema = infer_schema(table, config)
    typed = type_table(table, schema)
    progress(f"building one row per customer from {rows}", 0.15)
    build = customers_from_orders if schema.kind == "orders" else customers_from_table
    return build(table, typed, schema, config)
