"""Make the big tables that the benchmarks read: planted customers, or a log of orders, written by the engine."""

from __future__ import annotations

import argparse
from pathlib import Path

import duckdb

SEGMENTS = 6
FEATURES = 10


def customers(rows: int, features: int = FEATURES) -> str:
    """Return SQL of customers around six planted centres: id, spend, orders and more measurements.

    Three uniform numbers from a hash of the row make a bell-shaped deviation; nothing depends on threads or on a clock.
    """
    deviation = " + ".join(f"(hash(i, {{f}}, {n}) % 1000003) / 1000003.0" for n in range(3))
    cells = []
    for f in range(features):
        centre = f"(hash(s, {f}, 'centre') % 997) / 997.0 * 6"
        z = f"({centre} + 1.6 * ({deviation.format(f=f)} - 1.5))"
        name, value = f"measure_{f}", f"round(50 + 10 * {z}, 3)"
        if f == 0:
            name, value = "total_spent", f"round(exp(4 + 0.4 * {z}), 2)"
        if f == 1:
            name, value = "orders", f"1 + floor(exp(0.4 * {z}))::BIGINT"
        cells.append(f"{value} AS {name}")
    return (
        f"SELECT 'C' || lpad(i::VARCHAR, 9, '0') AS customer_id, {', '.join(cells)} "
        f"FROM (SELECT i, hash(i, 'segment') % {SEGMENTS} AS s FROM range({rows}) t(i))"
    )


def orders(rows: int, more: int = 0) -> str:
    """Return SQL of order lines of three years: about ten lines per customer, two per order; and ``more`` columns."""
    people = max(rows // 10, 1)
    kind = "hash(c, 'kind') % 3"  # frequent and recent, seldom, lapsed
    days = f"CASE {kind} WHEN 0 THEN hash(o, 'd') % 1095 WHEN 1 THEN hash(o, 'd') % 900 ELSE hash(o, 'd') % 500 END"
    others = "".join(f", 'note ' || (hash(i, {n}) % 1000) AS note_{n}" for n in range(more))
    return f"""SELECT 'O' || lpad(o::VARCHAR, 10, '0') AS order_id, 'K' || lpad(c::VARCHAR, 9, '0') AS customer_id,
        DATE '2023-01-01' + ({days})::INTEGER AS order_date, 'P' || (hash(i, 'p') % 2000) AS product_name,
        (['Garden', 'Kitchen', 'Tools', 'Toys', 'Books'])[1 + (hash(i, 'p') % 5)::BIGINT] AS category,
        1 + (hash(i, 'q') % 3)::INTEGER AS quantity,
        round((3 + hash(i, 'p') % 2000 / 50.0) * CASE {kind} WHEN 0 THEN 2 ELSE 1 END, 2) AS unit_price{others}
        FROM (SELECT i, i // 2 AS o, (power((hash(i // 2, 'c') % 1000003) / 1000003.0, 1.5) * {people})::BIGINT AS c
            FROM range({rows}) t(i))"""


def write(kind: str, rows: int, path: Path, columns: int = 0) -> None:
    """Write a table of ``rows`` rows as Parquet or CSV, as the suffix says; ``columns``: as many as that."""
    if kind == "customers":
        query = customers(rows, columns - 1 if columns else FEATURES)
    else:
        query = orders(rows, max(0, columns - 7))
    con = duckdb.connect(config={"memory_limit": "2GB", "threads": 2, "preserve_insertion_order": False})
    form = "FORMAT parquet" if path.suffix == ".parquet" else "FORMAT csv, HEADER"
    con.execute(f"COPY ({query}) TO '{path}' ({form})")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=("customers", "orders"))
    parser.add_argument("rows", type=int)
    parser.add_argument("path", type=Path)
    given = parser.parse_args()
    write(given.kind, given.rows, given.path)
