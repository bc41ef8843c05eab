"""The same rows with typed columns, computed by the engine while it streams."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals as nw

from reportgen.inputs.cells import NUMERIC, as_text
from reportgen.inputs.dates import DateFormat, parse_date
from reportgen.inputs.numbers import NO_TEXT, NumberFormat, blank_free, is_missing, is_tidy, parse_number
from reportgen.inputs.schema import Column, Schema
from reportgen.inputs.spark_rows import is_spark, wrapped
from reportgen.inputs.sql import identifier, literal
from reportgen.inputs.table import Table

_LARGE = 1_000_000  # rows from which a look at all cells pays


def type_table(table: Table, schema: Schema) -> nw.LazyFrame[Any]:
    """Return the same columns and rows, each column as the schema says.

    Numbers are Float64, exactly what ``parse_number`` promises; dates are Datetime without zone, in the shop's zone;
    text is String without blanks at its ends; empty columns are String. Cells that can't be read are null.
    """
    relation = table.frame.to_native()
    kinds = dict(zip(relation.columns, map(str, relation.types), strict=True))
    cells = {column.name: _value(column, kinds[column.name]) for column in schema.columns}
    if table.origin.rows >= _LARGE and not is_spark(table.frame):
        cells |= {name: identifier(name) for name in _untouched(table, schema, cells, kinds)}
    frame: nw.LazyFrame[Any] = wrapped(
        relation.project(", ".join(f"{cell} AS {identifier(name)}" for name, cell in cells.items()))
    )
    return frame


def _untouched(table: Table, schema: Schema, cells: Mapping[str, str], kinds: Mapping[str, str]) -> list[str]:
    """Return the columns that typing leaves as they are, in every row, so that it need not be done.

    A column that is DOUBLE in the table was brought to numbers that can be counted with when it was opened.
    """
    numbers = [column.name for column in schema.columns if column.kind == "number" and kinds[column.name] == "DOUBLE"]
    texts = [column for column in schema.columns if column.kind == "text" and kinds[column.name] == "VARCHAR"]
    known = [column.name for column in texts if column.name in table.tidy and not column.whole]
    asked = [column.name for column in texts if column.name not in known]
    same = ", ".join(f"bool_and(({cells[name]}) IS NOT DISTINCT FROM {identifier(name)})" for name in asked)
    found = table.frame.to_native().aggregate(same).fetchall()[0] if asked else ()
    return [*numbers, *known, *(name for name, alike in zip(asked, found, strict=True) if alike)]


def date_cell(table: Table, column: Column) -> str:
    """Return the SQL of a column of dates, read from the rows of the table as they stand in the file."""
    relation = table.frame.to_native()
    kinds = dict(zip(relation.columns, map(str, relation.types), strict=True))
    return _date(column, identifier(column.name), kinds[column.name])


def _value(column: Column, sql_type: str) -> str:
    cell = identifier(column.name)
    if column.kind == "number":
        return _number(column, cell, sql_type)
    if column.kind == "date":
        return _date(column, cell, sql_type)
    raw = as_text(column.name, sql_type)
    text = blank_free(raw)
    if column.whole:
        text = f"regexp_replace({text}, '[.]0+$', '')"
    if column.role is not None:  # some shops export '123 so that spreadsheets keep ids and phone numbers as text
        text = f"regexp_replace({text}, '^''([+0-9])', '\\1')"
    plain = f"WHEN {is_tidy(raw)} THEN {raw} " if not column.whole else ""
    return f"CASE {plain}WHEN NOT {is_missing(text, NO_TEXT)} THEN {text} END"


def _number(column: Column, cell: str, sql_type: str) -> str:
    if sql_type.startswith(NUMERIC):
        number = f"CAST({cell} AS DOUBLE)"
        return f"CASE WHEN abs({number}) < 1e100 THEN {number} END"
    assert isinstance(column.format, NumberFormat)
    return parse_number(as_text(column.name, sql_type), column.format)


def _date(column: Column, cell: str, sql_type: str) -> str:
    assert isinstance(column.format, DateFormat)
    if sql_type == "TIMESTAMP WITH TIME ZONE":
        return f"timezone({literal(column.format.zone or 'UTC')}, {cell})"
    if column.format.pattern == "native":
        return parse_date(cell, column.format)
    return parse_date(as_text(column.name, sql_type), column.format)
