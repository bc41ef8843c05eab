from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from customer_tables import make_customers, mall, wholesale
from sklearn.datasets import load_iris, load_wine

from reportgen.config import load_config
from reportgen.errors import ConfigError, InputError
from reportgen.segments.fit import fit_segments, letters

THREE = ("Age", "Annual Income (k$)", "Spending Score (1-100)")
RNG = np.random.default_rng(4)


def groups(sizes: tuple[int, ...], spend: bool = False) -> pd.DataFrame:
    """Well separated round groups."""
    label = np.repeat(np.arange(len(sizes)), sizes)
    frame = pd.DataFrame(
        {"a": label * 10 + RNG.normal(0, 1, len(label)), "b": label**2 * 5 + RNG.normal(0, 1, len(label))}
    )
    return frame.assign(spend=1000 - label * 100.0 + RNG.uniform(0, 1, len(label))) if spend else frame


def fit(frame: pd.DataFrame, **settings):
    about = {"spend": "spend"} if "spend" in frame else {}
    return fit_segments(make_customers(frame, **about), load_config(**settings))


def test_the_mall_gives_the_five_well_known_segments():
    found = fit_segments(mall(), load_config())
    assert found.k == 5
    assert [one.size for one in found.fits] == [81, 39, 35, 23, 22]
    assert found.silhouette_raw == pytest.approx(0.553931997444648, abs=1e-10)
    assert found.inertia_raw == pytest.approx(44448.45544793371, rel=1e-10)
    assert found.silhouette == pytest.approx(0.5546571631111091, abs=1e-9)
    expected = [[55.2963, 49.5185], [86.5385, 82.1282], [88.2, 17.1143], [26.3043, 20.9130], [25.7273, 79.3636]]
    assert np.array(found.centres_raw) == pytest.approx(np.array(expected), abs=1e-4)


def test_the_mall_in_raw_units_agrees_with_flexclust():
    found = fit_segments(mall(), load_config(segments__scale="none", segments__k=5))
    by_size = [0.45207873, 0.51014044, 0.48855452, 0.51844531, 0.42491366]
    assert [one.shadow for one in found.fits] == pytest.approx(by_size, abs=1e-7)
    assert sum(one.borderline for one in found.fits) == 8
    assert found.silhouette == found.silhouette_raw


def test_three_mall_columns_in_raw_units_give_the_published_solution():
    found = fit_segments(mall(), load_config(segments__scale="none", segments__features=THREE, segments__k=6))
    assert found.silhouette_raw == pytest.approx(0.4523443947724053, abs=1e-9)
    assert found.inertia_raw == pytest.approx(58300.44332159069, rel=1e-9)


def test_three_mall_columns_give_the_z_scored_optimum():
    found = fit_segments(mall(), load_config(segments__features=THREE, segments__k=6))
    assert found.silhouette == pytest.approx(0.42742814991580175, abs=1e-9)
    assert found.choice.forced


def test_iris_and_wine_give_the_published_partitions():
    settings = {"segments__k": 3, "segments__transform": "none"}
    iris = pd.DataFrame(load_iris().data, columns=["sl", "sw", "pl", "pw"])
    raw = fit(iris, **settings, segments__scale="none", segments__features=("sl", "sw", "pl", "pw"))
    assert sorted(one.size for one in raw.fits) == [38, 50, 62]
    assert raw.inertia_raw == pytest.approx(78.85144142614601, rel=1e-9)
    assert raw.silhouette == pytest.approx(0.5528190123564095, abs=1e-8)
    wine = pd.DataFrame(load_wine().data, columns=[f"c{i:02d}" for i in range(13)])
    found = fit(wine, **settings)
    assert sorted(one.size for one in found.fits) == [51, 62, 65]
    assert found.silhouette == pytest.approx(0.28486, abs=2e-3)  # caps limit a few extreme values


def test_wholesale_divides_in_two():
    found = fit_segments(wholesale(), load_config(segments__k=2))
    assert found.silhouette == pytest.approx(0.29, abs=0.03)
    assert min(one.size for one in found.fits) > 150


def test_segments_come_in_the_order_of_their_spend():
    found = fit(groups((15, 50, 30), spend=True), segments__k=3, segments__features=("a", "b"))
    assert [one.size for one in found.fits] == [50, 30, 15]
    assert [ref.letter for ref in found.model.segments] == ["A", "B", "C"]
    assert np.bincount(found.assignment.label).tolist() == [50, 30, 15]


def test_a_small_segment_with_the_largest_spend_comes_first():
    frame = groups((20, 70), spend=True)
    frame.loc[frame["spend"] > 950, "spend"] *= 100
    assert [one.size for one in fit(frame, segments__k=2, segments__features=("a", "b")).fits] == [20, 70]


def test_equal_sizes_are_ordered_by_the_first_column():
    found = fit(groups((30, 30, 30)), segments__k=3)
    first = [centre[0] for centre in found.centres_raw]
    assert first == sorted(first, reverse=True)


def test_every_field_is_filled_and_the_accounts_close():
    frame = groups((40, 30, 25))
    frame.loc[[5, 60], ["a", "b"]] = np.nan
    found = fit(frame, segments__k=3)
    assert found.unsegmented == 2
    assert sum(one.size for one in found.fits) + found.unsegmented == len(frame)
    assert np.bincount(found.assignment.label[found.assignment.label >= 0]).tolist() == [one.size for one in found.fits]
    assert [finding.code for finding in found.findings][:1] == ["unsegmented"]
    assert found.model.fit is not None
    assert sum(found.model.fit.shares) == pytest.approx(1)
    assert len(found.agreement) == len(frame)
    assert found.projection.labels.shape == (93,)
    assert all(one.neighbour is not None for one in found.fits)


def test_letters_go_on_after_z():
    assert [letters(place) for place in (0, 25, 26, 27, 51, 52)] == ["A", "Z", "AA", "AB", "AZ", "BA"]


@pytest.mark.parametrize(
    ("frame", "settings", "error", "says"),
    [
        (pd.DataFrame({"a": np.full(50, 2.0), "b": np.full(50, 3.0)}), {}, InputError, "no column can form segments"),
        (pd.DataFrame({"a": [1.0, 2] * 25, "b": [5.0, 9] * 25}), {}, InputError, "only 2 kinds of customers"),
        (
            pd.DataFrame({"a": [1.0, 2, 2, 1] * 20, "b": [5.0, 9, 5, 9] * 20}),
            {"segments__k": 5},
            ConfigError,
            "k = 5, but only 4 customers differ",
        ),
    ],
)
def test_customers_that_do_not_differ_are_refused_with_a_way_out(frame, settings, error, says):
    with pytest.raises(error, match=says) as caught:
        fit(frame, **settings, segments__features=() if says.startswith("no") else ("a", "b"))
    assert caught.value.hint


def test_four_kinds_of_customers_can_be_four_segments():
    frame = pd.DataFrame({"a": [1.0, 2, 2, 1] * 20, "b": [5.0, 9, 5, 9] * 20})
    found = fit(frame, segments__k=4)
    assert [one.size for one in found.fits] == [20] * 4
    assert found.assignment.margin == pytest.approx(1)


def test_one_giant_customer_does_not_become_a_segment_and_is_reported():
    frame = groups((40, 30, 25))
    frame.loc[0, "a"] = 1e15
    found = fit(frame, segments__k_max=5)
    assert min(one.size for one in found.fits) >= 15
    assert max(abs(value) for centre in found.centres_raw for value in centre[1:]) < 100
    unusual = next(finding for finding in found.findings if finding.code == "unusual_customers")
    assert unusual.message.startswith("Fewer than 10 customers have extreme values")  # one customer can be recognised
    assert unusual.rows is None
    assert "fewer than 10 customers limited" in found.decisions[0].reason


def test_numbers_at_the_edge_of_floating_point_do_not_break_the_fit():
    frame = groups((40, 30, 25))
    frame.loc[0, "a"] = 1e308
    assert all(math.isfinite(value) for centre in fit(frame, segments__k=3).model.centres for value in centre)


def test_filled_related_and_protected_columns_are_remarked_upon():
    frame = groups((40, 30, 25)).assign(c=lambda table: table["a"] + RNG.normal(0, 6, 95))
    frame.loc[:20, "b"] = np.nan
    people = make_customers(frame, {"c": {"protected": True}})
    found = fit_segments(people, load_config(segments__features=("a", "b", "c"), segments__k=3))
    assert {finding.code for finding in found.findings} >= {"filled", "related_columns", "protected_used"}
