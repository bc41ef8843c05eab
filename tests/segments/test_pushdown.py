from __future__ import annotations

from types import MappingProxyType

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import pytest
from customer_tables import make_customers, mall, wholesale

from reportgen.config import load_config
from reportgen.segments.fit import fit_segments
from reportgen.segments.model import assign
from reportgen.segments.pushdown import PLACE, add_segments

RNG = np.random.default_rng(11)


def with_losses():
    frame = pd.DataFrame({"profit": np.sinh(RNG.normal(0, 2.5, 300)) * 40, "visits": RNG.poisson(9, 300) * 1.0})
    frame["empty"] = np.where(RNG.uniform(0, 1, 300) < 0.2, np.nan, RNG.normal(5, 1, 300))
    return make_customers(frame, {"visits": {"kind": "count"}})


TABLES = MappingProxyType({"mall": mall, "wholesale": wholesale, "losses and gaps": with_losses})


def strange(names: tuple[str, ...]) -> pd.DataFrame:
    """Rows that no fit has seen: missing, infinite, huge, negative, zero."""
    odd = [np.nan, np.inf, -np.inf, 1e12, -1e12, 1e200, 0.0, -0.0]
    return pd.DataFrame({name: np.roll(odd * 4, place * 3) for place, name in enumerate(names)})


@pytest.mark.parametrize("engine", ["duckdb", "pandas", "polars"])
@pytest.mark.parametrize("table", TABLES)
def test_every_engine_gives_the_same_segments(table, engine):
    customers = TABLES[table]()
    model = fit_segments(customers, load_config(segments__k=4, segments__k_max=4)).model
    names = model.recipe.names
    rows = pd.concat([customers.frame[list(names)].astype(float), strange(names)], ignore_index=True)
    want = assign(model, rows).label
    assert (want == -1).any()
    native: object = rows.assign(row=range(len(rows)))
    if engine == "duckdb":
        connection = duckdb.connect()
        connection.register("rows", native)
        native = connection.table("rows")
    elif engine == "polars":
        native = pytest.importorskip("polars").from_pandas(native, nan_to_null=True)
    labelled = add_segments(nw.from_native(native).lazy(), model).sort("row").collect()
    assert labelled.columns == [*names, "row", PLACE]
    assert labelled[PLACE].to_list() == want.tolist()
