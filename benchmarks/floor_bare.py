"""What a script without a report costs: pandas reads a table, scikit-learn fits k = 2..8 on all customers."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.preprocessing import StandardScaler


def main(source: str, kind: str) -> None:
    table = pd.read_parquet(source) if source.endswith(".parquet") else pd.read_csv(source)
    if kind == "orders":
        table["spend"] = table["quantity"] * table["unit_price"]
        table["order_date"] = pd.to_datetime(table["order_date"])
        people = table.groupby("customer_id").agg(
            orders=("order_id", "nunique"), spend=("spend", "sum"), last=("order_date", "max")
        )
        recency = (people["last"].max() - people["last"]).dt.days
        table = pd.DataFrame({"recency": recency, "orders": np.log(people["orders"]), "spend": np.log(people["spend"])})
    scaled = StandardScaler().fit_transform(table.select_dtypes("number"))
    for k in range(2, 9):
        KMeans(k, n_init=10, random_state=1).fit(scaled)


if __name__ == "__main__":
    main(*sys.argv[1:])
