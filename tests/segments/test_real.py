"""Real files from the source to segments."""

from __future__ import annotations

import pytest
from shared import MALL, shared_data

from reportgen.config import load_config
from reportgen.inputs.read import read_customers
from reportgen.segments.fit import Segmentation, fit_segments

CAMPAIGN = ("marketing_campaign.csv", "variant_semicolon_bom_iso_crlf.csv", "variant_quoted_comma_mdy.csv")
TWO = {"segments__k": 2, "segments__k_max": 2}


def segments(source: object, **settings) -> Segmentation:
    config = load_config(**settings)
    return fit_segments(read_customers(source, config), config)


def test_the_mall_file_gives_the_five_well_known_segments():
    found = segments(MALL)
    assert [one.size for one in found.fits] == [81, 39, 35, 23, 22]
    assert found.silhouette_raw == pytest.approx(0.553931997444648, abs=1e-10)


def test_the_mall_file_with_age_by_request():
    headers = ("Age", "Annual Income (k$)", "Spending Score (1-100)")
    found = segments(MALL, segments__features=headers, segments__k=6, segments__scale="none")
    assert found.silhouette_raw == pytest.approx(0.4523443947724053, abs=1e-10)
    assert found.inertia_raw == pytest.approx(58300.44332159069, rel=1e-10)


@pytest.mark.parametrize(
    "name", ["wholesale/Wholesale_customers_data.csv", "altered/wholesale_trailing_columns_nbsp.csv"]
)
def test_wholesale_is_segmented_by_its_six_amounts(name):
    found = segments(shared_data(name), **TWO)
    assert len(found.model.recipe.names) == 6
    assert [one.size for one in found.fits] == [188, 252]  # the smaller segment spends more, so it comes first


def test_columns_made_from_others_count_once():
    found = segments(shared_data("altered/mall_with_rfm_columns_altered.csv"), segments__k=5)
    assert found.model.recipe.names == ("Annual Income (k$)", "Monetary ($)")
    reasons = [decision.reason for decision in found.decisions if decision.code == "near_duplicate"]
    assert len(reasons) == 3
    assert all(reason.startswith("“Monetary” stands for it") for reason in reasons)


@pytest.mark.slow
def test_three_dialects_of_one_file_give_the_same_segments():
    one, *others = (segments(shared_data(f"marketing_campaign/{name}"), **TWO) for name in CAMPAIGN)
    assert len(one.model.recipe.names) == 14
    for other in others:
        assert other.model == one.model
        assert other.assignment.label.tobytes() == one.assignment.label.tobytes()


@pytest.mark.slow
def test_thirteen_months_of_orders_give_recency_orders_and_spend():
    months = sorted(shared_data("online_retail").glob("*.csv.gz"))
    found = segments(months, **TWO)
    assert found.model.recipe.names == ("recency", "orders", "spend")
    assert {feature.transform for feature in found.model.recipe.features} == {"log1p"}
    assert found.silhouette == pytest.approx(0.434, abs=0.003)
