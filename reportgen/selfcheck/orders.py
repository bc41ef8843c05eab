"""Measures of order logs and of the models of future purchases, by the product's own functions."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from reportgen.config import Config
from reportgen.inputs.customers import Customers
from reportgen.inputs.read import read_customers
from reportgen.inputs.schema import infer_schema
from reportgen.inputs.table import open_table
from reportgen.inputs.typed import type_table
from reportgen.profiling.effects import skewness
from reportgen.profiling.lifetime import (
    PurchaseModel,
    ValueModel,
    discounted_value,
    fit_purchases,
    fit_values,
)
from reportgen.segments.recipe import to_numbers
from reportgen.selfcheck.bench import Bench, Floats
from reportgen.selfcheck.references import Reference

_MONTH = 30.4375 / 7  # weeks in the product's month
SEGMENTS = (
    "inactive",
    "cold",
    "warm high value",
    "warm low value",
    "new warm",
    "active high value",
    "active low value",
    "new active",
)


def _purchases(reference: Reference) -> PurchaseModel:
    r, alpha, a, b = reference.settings["purchases"]
    return PurchaseModel(r, alpha, a, b, 0.0, True)


def _values(reference: Reference) -> ValueModel:
    p, q, v = reference.settings["values"]
    return ValueModel(p, q, v, 0.0, True)


def _given(reference: Reference, *names: str) -> list[Floats]:
    return [np.array(reference.settings[name], dtype=np.float64) for name in names]


def new_customer_days(_: Bench, reference: Reference) -> list[float]:
    """Expected repeat days of a new customer."""
    return _listed(_purchases(reference).expected_new(*_given(reference, "t")))


def expected_days(_: Bench, reference: Reference) -> list[float]:
    """Expected purchase days of known customers."""
    history = _given(reference, "x", "t_x", "age")
    return _listed(_purchases(reference).expected(reference.settings["t"], *history))


def alive(_: Bench, reference: Reference) -> list[float]:
    """Probability that known customers still buy."""
    return _listed(_purchases(reference).alive(*_given(reference, "x", "t_x", "age")))


def expected_value(_: Bench, reference: Reference) -> list[float]:
    """Expected value of a purchase day."""
    return _listed(_values(reference).expected(*_given(reference, "x", "z")))


def population_mean(_: Bench, reference: Reference) -> float:
    """Expected value of a purchase day of an unknown customer."""
    return _values(reference).population_mean


def twelve_months(_: Bench, reference: Reference) -> list[float]:
    """Discounted value of twelve months, for months of another length: time is measured in a unit that fits."""
    settings = reference.settings
    unit = _MONTH / settings["month"]
    r, alpha, a, b = settings["purchases"]
    x, t_x, age, z = _given(reference, "x", "t_x", "age", "z")
    history = (x, t_x * unit, age * unit, z)
    annual = (1 + settings["monthly_discount"]) ** 12 - 1
    model = PurchaseModel(r, alpha * unit, a, b, 0.0, True)
    return _listed(discounted_value(model, _values(reference), history, 12, annual))


def _summary(bench: Bench, reference: Reference) -> list[Floats]:
    frame = bench.table(reference.data)
    return [to_numbers(frame[name]) for name in ("x", "t_x", "T", "zbar")]


def _fitted(bench: Bench, reference: Reference) -> PurchaseModel:
    model = bench.once((reference.data, "purchases"), lambda: fit_purchases(*_summary(bench, reference)[:3]))
    assert isinstance(model, PurchaseModel)
    return model


def purchase_model(bench: Bench, reference: Reference) -> list[float]:
    """Fitted BG/NBD parameters."""
    model = _fitted(bench, reference)
    return [model.r, model.alpha, model.a, model.b]


def log_likelihood(bench: Bench, reference: Reference) -> float:
    """Log-likelihood of the BG/NBD fit."""
    return _fitted(bench, reference).log_likelihood


def most_expected(bench: Bench, reference: Reference) -> list[float]:
    """Largest expected purchase days, ascending."""
    days = _fitted(bench, reference).expected(reference.settings["t"], *_summary(bench, reference)[:3])
    return _listed(np.sort(days)[-len(reference.expected) :])


def mean_alive(bench: Bench, reference: Reference) -> float:
    """Mean probability that a customer still buys."""
    return float(_fitted(bench, reference).alive(*_summary(bench, reference)[:3]).mean())


def value_model(bench: Bench, reference: Reference) -> list[float]:
    """Fitted Gamma-Gamma parameters."""
    x, _, _, z = _summary(bench, reference)
    model = fit_values(x, z)
    return [model.p, model.q, model.v]


def log_counts(bench: Bench, reference: Reference) -> list[float | None]:
    """Transactions, customers, revenue and rows of worthless orders, as the reconciliation shows them."""
    customers = bench.customers(reference.data)
    read = next(line for line in customers.quality.reconciliation if line.code == "read")
    return [read.rows, read.customers, read.revenue, _rows(customers, "zero_orders")]


def _rows(customers: Customers, code: str) -> int | None:
    return next((finding.rows for finding in customers.quality.findings if finding.code == code), None)


def cells_read(bench: Bench, reference: Reference) -> list[int | None]:
    """Rows, invoices and customers of the reconciliation, and cells of the typed table."""
    read = next(line for line in bench.customers(reference.data).quality.reconciliation if line.code == "read")
    counts = (
        _typed(bench, reference.data)
        .select(nw.col("CustomerID").is_null().sum(), (nw.col("Quantity") <= 0).sum(), (nw.col("UnitPrice") <= 0).sum())
        .collect()
    )
    return [read.rows, read.orders, read.customers, *(int(value) for value in counts.row(0))]


def _typed(bench: Bench, data: str) -> nw.LazyFrame[Any]:
    table = open_table([str(path) for path in bench.given[data]])
    return type_table(table, infer_schema(table, Config()))


def _sales(bench: Bench, data: str) -> Customers:
    """Read a log from which everything but sales to known customers was taken away, as the public analyses do."""

    def read() -> Customers:
        sales = _typed(bench, data).filter(
            ~nw.col("CustomerID").is_null(),
            ~nw.col("InvoiceNo").str.starts_with("C"),
            nw.col("Quantity") > 0,
            nw.col("UnitPrice") > 0,
        )
        return read_customers(sales.to_native())

    customers = bench.once((data, "sales"), read)
    assert isinstance(customers, Customers)
    return customers


def sales_alone(bench: Bench, reference: Reference) -> list[float | None]:
    """Rows, customers, orders and revenue of the log of sales."""
    read = _sales(bench, reference.data).quality.reconciliation[0]
    return [read.rows, read.customers, read.orders, read.revenue]


def means_of_sales(bench: Bench, reference: Reference) -> list[float]:
    """Means over customers of the log of sales."""
    return [float(values.mean()) for values in _columns_of_sales(bench, reference)]


def skewness_of_sales(bench: Bench, reference: Reference) -> list[list[float]]:
    """Skewness over customers of the log of sales, of the values and of log(1 + value)."""
    columns = _columns_of_sales(bench, reference)
    return [[skewness(values) for values in columns], [skewness(np.log1p(values)) for values in columns]]


def _columns_of_sales(bench: Bench, reference: Reference) -> list[Floats]:
    frame = _sales(bench, reference.data).frame
    return [to_numbers(frame[name]) for name in reference.settings["columns"]]


def sales_rows(bench: Bench, reference: Reference) -> list[float | None]:
    """Rows and revenue of sales to known customers, before duplicates are dropped and refunds netted."""
    customers = bench.customers(reference.data)
    assert customers.order_facts is not None
    return [_rows(customers, "sales_rows"), dict(customers.order_facts.memo)[_SALES_MEMO]]


_SALES_MEMO = "sales rows of known customers before duplicates and refunds"


def table_counts(bench: Bench, reference: Reference) -> list[int]:
    """Customers, columns and missing cells of one column of a customer table."""
    customers = bench.customers(reference.data)
    missing = int(customers.frame[reference.settings["column"]].isna().sum())
    return [len(customers.frame), len(customers.schema.columns), missing]


def managerial_segments(bench: Bench, reference: Reference) -> list[int]:
    """Customers per segment of the course's rules."""
    counts = _segments_at(bench, reference, reference.settings["as_of"]).value_counts()
    return [int(counts.get(name, 0)) for name in SEGMENTS]


def managerial_moves(bench: Bench, reference: Reference) -> list[list[int]]:
    """Moves between the segments of the course's rules from one day (rows) to another (columns)."""
    before, after = (_segments_at(bench, reference, day) for day in reference.settings["as_of"])
    table = pd.crosstab(before, after.reindex(before.index)).reindex(index=SEGMENTS, columns=SEGMENTS, fill_value=0)
    return [[int(value) for value in row] for row in table.to_numpy()]


def _segments_at(bench: Bench, reference: Reference, day: str) -> pd.Series[str]:
    """Apply the rules: days since the last order, since the first, mean amount of a row."""
    frame = bench.customers(reference.data, input__as_of=day).frame
    last, first = frame["recency"], frame["tenure_days"]
    high = frame["spend"] / (frame["orders"] * frame["lines_per_order"]) >= 100
    rules = [last > 1095, last > 730, last > 365, pd.Series(True, frame.index)]
    warm = np.select([first <= 730, high], ["new warm", "warm high value"], "warm low value")
    active = np.select([first <= 365, high], ["new active", "active high value"], "active low value")
    chosen: Any = np.select(rules, ["inactive", "cold", warm, active], "")
    return pd.Series(chosen, index=frame["customer"])


def _listed(values: Floats) -> list[float]:
    return [float(value) for value in values]


MEASURES = {
    "alive": alive,
    "cells_read": cells_read,
    "discounted_value": twelve_months,
    "expected_days": expected_days,
    "expected_value": expected_value,
    "log_counts": log_counts,
    "log_likelihood": log_likelihood,
    "managerial_moves": managerial_moves,
    "managerial_segments": managerial_segments,
    "mean_alive": mean_alive,
    "means_of_sales": means_of_sales,
    "most_expected": most_expected,
    "new_customer_days": new_customer_days,
    "population_mean": population_mean,
    "purchase_model": purchase_model,
    "sales_alone": sales_alone,
    "sales_rows": sales_rows,
    "skewness_of_sales": skewness_of_sales,
    "table_counts": table_counts,
    "value_model": value_model,
}
"""Measures by the name that references.json gives them."""
