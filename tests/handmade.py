"""Tables and schemas made by hand, and the law that every row and cent of a log is accounted for."""

from __future__ import annotations

from typing import Any

import duckdb
import narwhals as nw
import pandas as pd
import pytest

from reportgen.inputs.customers import Customers
from reportgen.inputs.quality import Reconciled
from reportgen.inputs.schema import Column, Schema, TableKind
from reportgen.inputs.table import Origin, Part, Table


def made_table(frame: pd.DataFrame, name: str = "made.csv") -> Table:
    connection = duckdb.connect()
    connection.register("made", frame)
    connection.execute("CREATE TABLE kept AS SELECT * FROM made")
    relation = connection.table("kept")
    return Table(nw.from_native(relation), Origin(name, (Part(name, len(frame)),)))


def made_schema(frame: pd.DataFrame, kind: TableKind, roles: dict[str, str], **units: str) -> Schema:
    """A schema in which ``roles`` maps headers to roles and kinds follow the types of the frame."""
    columns = tuple(_column(str(name), frame[name], roles.get(str(name)), units) for name in frame.columns)
    return Schema(kind, columns, None, "made by hand")


def _column(name: str, values: pd.Series, role: str | None, units: dict[str, str]) -> Column:
    kind: Any = "text"
    if pd.api.types.is_datetime64_any_dtype(values):
        kind = "date"
    elif pd.api.types.is_numeric_dtype(values):
        kind = "number"
    return Column(
        name=name, role=role, kind=kind, format=None, unit=units.get(role or "", ""),
        protected=(role or "").startswith("P_"), personal=role in _PERSONAL,
        filled=int(values.notna().sum()), distinct=int(values.nunique()), passing=1.0, why="made by hand",
    )  # fmt: skip


_PERSONAL = ("customer_email", "customer_phone", "customer_name", "first_name", "last_name", "P_birth_date")


def line(customers: Customers, code: str) -> Reconciled:
    return next(line for line in customers.quality.reconciliation if line.code == code)


def finding(customers: Customers, code: str) -> str:
    return next(f.message for f in customers.quality.findings if f.code == code)


def assert_adds_up(customers: Customers) -> None:
    lines = customers.quality.reconciliation
    away = [line for line in lines if line.sign == "-"]
    read, used = line(customers, "read"), line(customers, "used")
    for name in ("rows", "orders", "customers"):
        assert getattr(read, name) - sum(getattr(line, name) for line in away) == getattr(used, name), name
    assert read.revenue is not None
    assert used.revenue is not None
    assert read.revenue - sum(line.revenue or 0 for line in away) == pytest.approx(used.revenue, abs=0.005)
    frame, facts = customers.frame, customers.order_facts
    assert facts is not None
    assert (used.customers, used.orders) == (len(frame), frame["orders"].sum())
    assert used.revenue == pytest.approx(frame["spend"].sum(), abs=0.005)
    assert used.revenue == pytest.approx(sum(month.revenue for month in facts.months), abs=0.005)
    assert used.orders == sum(month.orders for month in facts.months)
