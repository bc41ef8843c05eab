"""Laws: what must not change when only the form of the table does."""

from __future__ import annotations

import numpy as np
import pandas as pd
from customer_tables import make_customers
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from reportgen.config import load_config
from reportgen.errors import ReportgenError
from reportgen.segments.fit import Segmentation, fit_segments

CONFIG = load_config(segments__k=3, segments__k_max=3)
ONLY_A_FEW = settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    """Rough customer tables: skewed money, counts, days with gaps, ties and repeated customers."""
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    n = draw(st.integers(40, 85))
    spend = np.round(np.exp(rng.normal(4, draw(st.floats(0.2, 1.5)), n)), 2)
    frame = pd.DataFrame(
        {
            "spend": spend,
            "orders": 1.0 + rng.poisson(draw(st.integers(2, 9)), n),
            "recency": np.round(rng.uniform(0, 365, n)),
            "visits": np.where(rng.uniform(0, 1, n) < 0.1, np.nan, np.round(rng.normal(20, 6, n))),
        }
    )
    return pd.concat([frame, frame.iloc[: draw(st.integers(0, 10))]], ignore_index=True)


def fit(frame: pd.DataFrame) -> Segmentation:
    kinds = {"spend": "money", "orders": "count", "recency": "days", "visits": "number"}
    fields = {name: {"kind": kind} for name, kind in kinds.items()}
    try:
        return fit_segments(make_customers(frame, fields, spend="spend"), CONFIG)
    except ReportgenError:
        assume(False)
        raise


@ONLY_A_FEW
@given(tables(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(frame, random):
    order = list(range(len(frame)))
    random.shuffle(order)
    one, two = fit(frame), fit(frame.iloc[order].reset_index(drop=True))
    assert one.model == two.model
    assert one.assignment.label[order].tolist() == two.assignment.label.tolist()
    assert one.projection.points.tobytes() == two.projection.points.tobytes()
    assert (one.silhouette, one.silhouette_raw, one.inertia_raw) == (
        two.silhouette,
        two.silhouette_raw,
        two.inertia_raw,
    )


@ONLY_A_FEW
@given(tables(), st.permutations(["spend", "orders", "recency", "visits"]))
def test_the_order_of_the_columns_changes_nothing(frame, columns):
    one, two = fit(frame), fit(frame[columns])
    assert one.assignment.label.tolist() == two.assignment.label.tolist()
    assert np.allclose(one.assignment.distance, two.assignment.distance, equal_nan=True)


@ONLY_A_FEW
@given(tables(), st.sampled_from([0.001, 0.01, 2.0, 100.0, 1000.0, 1024.0]))
def test_the_unit_of_money_changes_nothing(frame, factor):
    one, two = fit(frame), fit(frame.assign(spend=frame["spend"] * factor, visits=frame["visits"] * factor))
    assert one.assignment.label.tolist() == two.assignment.label.tolist()


@ONLY_A_FEW
@given(tables())
def test_sizes_add_up_and_equal_customers_share_a_segment(frame):
    found = fit(frame)
    assert sum(one.size for one in found.fits) + found.unsegmented == len(frame)
    labelled = frame.assign(label=found.assignment.label, margin=found.assignment.margin)
    groups = labelled.groupby(list(frame.columns), dropna=False)
    assert (groups["label"].nunique() == 1).all()
    assert (groups["margin"].nunique(dropna=False) == 1).all()


@ONLY_A_FEW
@given(tables(), st.integers(0, 10_000))
def test_other_ids_change_nothing(frame, seed):
    names = np.random.default_rng(seed).permutation([f"id{row}" for row in range(len(frame))])
    assert fit(frame).model == fit(frame.assign(customer=names)).model
