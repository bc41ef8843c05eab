"""Cells of any type as text: what a column is judged by."""

from __future__ import annotations

from reportgen.inputs.sql import identifier

NUMERIC = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE", "DECIMAL", "BOOLEAN", "UTINYINT",
           "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT")  # fmt: skip
TEMPORAL = ("DATE", "TIMESTAMP")


def as_text(name: str, sql_type: str) -> str:
    """Return SQL for a column as text, with NaN as null."""
    cell = identifier(name)
    if sql_type in ("FLOAT", "DOUBLE"):
        return f"CASE WHEN NOT isnan({cell}) THEN CAST({cell} AS VARCHAR) END"
    return cell if sql_type == "VARCHAR" else f"CAST({cell} AS VARCHAR)"
