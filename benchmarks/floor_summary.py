"""The floor of a log: the order summary as one would write it by hand for the engine, distinct orders counted."""

from __future__ import annotations

import sys

import duckdb

if __name__ == "__main__":
    con = duckdb.connect(config={"preserve_insertion_order": False})
    con.execute(f"""CREATE TEMP TABLE s AS
        SELECT customer_id, count(DISTINCT order_id) AS orders, sum((quantity * unit_price)::DECIMAL(18, 6)) AS spend,
            min(order_date) AS first, max(order_date) AS last
        FROM '{sys.argv[1]}' GROUP BY customer_id""")
