"""Spend per category in a customer table: recognised where it is meant, and nowhere else."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from shared import MALL, shared_data

from reportgen.config import Config
from reportgen.errors import ConfigError
from reportgen.inputs.read import read_customers

N = 60


def table(*headers: str, high: float = 500.0, **columns: object) -> pd.DataFrame:
    rng = np.random.default_rng(4)
    frame = pd.DataFrame({"customer_id": [f"k{row:03d}" for row in range(N)], "visits": rng.integers(1, 40, N)})
    for header in headers:
        frame[header] = np.round(rng.gamma(2.0, high / 4, N), 2)
    return frame.assign(**columns)


def settings(*headers: str, **more: object) -> Config:
    return Config.model_validate({"input": {"category_amounts": headers}} | more)


@pytest.mark.parametrize(
    ("headers", "names"),
    [
        (("MntTea", "MntRum", "MntGoldProds"), {"Tea", "Rum", "Gold products"}),
        (("spend_tea", "spend_rum", "spend_fine_wine"), {"Tea", "Rum", "Fine wine"}),
        (("Spend on tea", "Spend on rum", "Spend on wine"), {"Tea", "Rum", "Wine"}),
        (("Umsatz Tee", "Umsatz Rum", "Umsatz Wein"), {"Tee", "Rum", "Wein"}),
        (("tea_sales", "rum_sales", "wine_sales"), {"Tea", "Rum", "Wine"}),
        (("Dépenses thé", "Dépenses rhum", "Dépenses vin"), {"Thé", "Rhum", "Vin"}),
    ],
)
def test_columns_alike_by_their_headers_are_a_mix(headers: tuple[str, ...], names: set[str]) -> None:
    frame = table(*headers)
    customers = read_customers(frame)
    assert customers.wallet is not None
    assert set(customers.wallet.names) == names
    assert customers.spend == "spend"
    spend = customers.field("spend")
    assert (spend.kind, spend.role, spend.candidate) == ("money", "total_spent", False)
    assert "derived" in spend.why
    assert customers.frame["spend"].to_numpy() == pytest.approx(frame[list(headers)].sum(axis=1).to_numpy())
    assert all(customers.field(header).kind == "money" for header in headers)
    assert [finding.code for finding in customers.quality.findings].count("derived_spend") == 1


@pytest.mark.parametrize(
    "headers",
    [
        ("spend_tea", "spend_rum"),  # two are no mix
        ("spend_2021", "spend_2022", "spend_2023"),  # years
        ("spend_jan", "spend_feb", "spend_mar"),  # months
        ("spend_last_month", "spend_last_year", "spend_average"),
        ("sales_calls", "sales_visits", "sales_emails"),
        ("avg_sales", "min_sales", "max_sales"),
        ("spend_food", "spend_food_fresh", "spend_tea"),  # one part holds another
        ("height", "width", "depth"),
        ("credit_amount", "loan_amount", "rate_amount"),
        ("Fresh", "Milk", "Grocery"),  # a known file needs all its headers
    ],
)
def test_other_columns_are_left_alone(headers: tuple[str, ...]) -> None:
    customers = read_customers(table(*headers))
    assert customers.wallet is None
    assert customers.spend is None


def test_grades_shares_negatives_and_mixed_units_are_no_amounts() -> None:
    rng = np.random.default_rng(5)
    names = ["spend_tea", "spend_rum", "spend_wine"]
    grades = table(**{name: rng.integers(1, 6, N) for name in names})
    parts = rng.dirichlet([2, 2, 2], N) * 100
    shares = table(**dict(zip(names, parts.T, strict=True)))
    negative = table(*names)
    negative.loc[3, "spend_tea"] = -4.0
    units = table("spend tea (EUR)", "spend rum (USD)", "spend wine (EUR)")
    for frame in (grades, shares, negative, units):
        assert read_customers(frame).wallet is None


def test_a_total_in_the_file_wins_and_the_mix_stays() -> None:
    frame = table("spend_tea", "spend_rum", "spend_wine", "total_spent")
    customers = read_customers(frame)
    assert customers.spend == "total_spent"
    assert customers.wallet is not None
    assert [f.code for f in customers.quality.findings].count("derived_spend") == 0


def test_the_settings_name_columns_that_no_header_gives_away() -> None:
    frame = table("Fresh", "Milk", "Grocery")
    config = settings("Fresh", "milk", labels={"Milk": "Dairy"})
    customers = read_customers(frame, config)
    assert customers.wallet is not None
    assert set(customers.wallet.columns) == {"Fresh", "Milk"}
    assert set(customers.wallet.names) == {"Fresh", "Dairy"}
    assert customers.frame["spend"].to_numpy() == pytest.approx((frame["Fresh"] + frame["Milk"]).to_numpy())


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        (("Fresh", "Mlk"), "'Mlk' is no column"),
        (("Fresh", "customer_id"), "is no column"),
        (("Fresh", "town"), "'town' holds no amounts"),
        (("Fresh",), "a single column"),
    ],
)
def test_mistakes_in_the_settings_are_told(headers: tuple[str, ...], words: str) -> None:
    frame = table("Fresh", "Milk", town=["Ulm", "Rom", "Ely"] * (N // 3))
    with pytest.raises(ConfigError, match=words):
        read_customers(frame, settings(*headers))


def test_a_log_of_orders_has_no_such_columns() -> None:
    log = pd.DataFrame(
        {
            "customer_id": [f"k{row % 20:02d}" for row in range(200)],
            "order_id": range(1000, 1200),
            "order_date": pd.date_range("2024-01-01", periods=200),
            "order_total": np.arange(200) + 5.5,
        }
    )
    with pytest.raises(ConfigError, match="a log of orders"):
        read_customers(log, settings("order_total", "x"))


def test_missing_amounts_are_nothing_spent_and_are_counted() -> None:
    frame = table("spend_tea", "spend_rum", "spend_wine")
    frame.loc[2, "spend_tea"] = np.nan
    frame.loc[4, ["spend_tea", "spend_rum", "spend_wine"]] = np.nan
    customers = read_customers(frame)
    assert customers.frame["spend"].isna().sum() == 1
    assert customers.frame.loc[2, "spend"] == frame.loc[2, ["spend_rum", "spend_wine"]].sum()
    assert any("4 empty amounts" in finding.message for finding in customers.quality.findings)


def test_more_than_ten_categories_keep_the_largest_and_the_sum() -> None:
    headers = [f"spend_{letter}aa" for letter in "abcdefghijklm"]
    customers = read_customers(table(*headers))
    wallet = customers.wallet
    assert wallet is not None
    assert len(wallet.names) == 11
    assert wallet.names[-1] == "Other"
    assert wallet.spend.sum(axis=1).to_numpy() == pytest.approx(customers.frame["spend"].to_numpy())


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_neither_the_order_of_columns_nor_of_rows_changes_a_bit(seed: int) -> None:
    rng = np.random.default_rng(seed)
    headers, rows = rng.permutation(["spend_tea", "spend_rum", "spend_wine", "spend_ale"]), rng.permutation(N)
    frame = table("spend_tea", "spend_rum", "spend_wine", "spend_ale")
    plain = read_customers(frame)
    mixed = read_customers(frame[["customer_id", "visits", *headers]].iloc[rows])
    assert mixed.frame["spend"].tolist() == plain.frame["spend"].tolist()
    assert plain.wallet is not None
    assert mixed.wallet is not None
    assert mixed.wallet.names == plain.wallet.names
    assert mixed.wallet.spend.equals(plain.wallet.spend)


def test_mall_is_not_about_money() -> None:
    customers = read_customers(MALL)
    assert (customers.spend, customers.wallet) == (None, None)


def test_wholesale_is_known_by_its_headers() -> None:
    customers = read_customers(shared_data("wholesale/Wholesale_customers_data.csv"))
    assert customers.frame["spend"].sum() == 14_619_500
    assert customers.wallet is not None
    assert customers.wallet.names == ("Fresh", "Grocery", "Milk", "Frozen", "Detergents paper", "Delicassen")


@pytest.mark.parametrize(
    "name", ["marketing_campaign.csv", "variant_quoted_comma_mdy.csv", "variant_semicolon_bom_iso_crlf.csv"]
)
def test_marketing_campaign_in_every_dialect(name: str) -> None:
    customers = read_customers(shared_data(f"marketing_campaign/{name}"))
    assert customers.frame["spend"].sum() == 1_356_988
    assert customers.wallet is not None
    assert customers.wallet.names[:2] == ("Wines", "Meat products")


def test_the_altered_mall_file_has_a_total_and_no_mix() -> None:
    customers = read_customers(shared_data("altered/mall_with_rfm_columns_altered.csv"))
    assert customers.wallet is None
    assert customers.spend != "spend"
