"""Real files from path to customers: the figures that others have published, or that can be counted by hand."""

from __future__ import annotations

import pandas as pd
import pytest
from handmade import assert_adds_up, finding, line
from shared import MALL, shared_data

from reportgen.config import Config
from reportgen.inputs.read import read_customers
from reportgen.inputs.table import open_table


def test_the_mall_file_by_path_table_and_frame() -> None:
    steps: list[str] = []
    by_path = read_customers(MALL, progress=lambda step, done: steps.append(step))
    assert (by_path.kind, by_path.key, len(by_path.frame)) == ("customers", "CustomerID", 200)
    assert [field.label for field in by_path.fields if field.candidate] == ["Annual income", "Spending score"]
    assert by_path.field("Annual Income (k$)").unit == "k$"
    assert len(steps) == 3
    pd.testing.assert_frame_equal(by_path.frame, read_customers(open_table(MALL)).frame)
    pd.testing.assert_frame_equal(by_path.frame, read_customers(pd.read_csv(MALL)).frame)


def test_cdnow() -> None:
    customers = read_customers(shared_data("cdnow/CDNOW_master.txt"))
    read, used = line(customers, "read"), line(customers, "used")
    assert (read.rows, read.customers, read.revenue) == (69_659, 23_570, 2_500_315.63)
    assert (used.customers, used.revenue) == (23_502, 2_500_315.63)  # 68 people only ever got something for nothing
    assert "00001" in set(customers.frame["customer"])
    assert_adds_up(customers)


def test_purchases_without_header() -> None:
    customers = read_customers(shared_data("purchases/purchases.txt"))
    assert (line(customers, "read").rows, len(customers.frame)) == (51_243, 18_417)
    assert customers.order_facts is not None
    assert str(customers.order_facts.as_of) == "2016-01-01"
    assert_adds_up(customers)


def test_online_retail_in_german_notation_gives_the_same_customers() -> None:
    plain = read_customers(shared_data("online_retail/2011-01.csv.gz"))
    german = read_customers(shared_data("eu_format/online_retail_2011-01_decimal_comma.csv.gz"))
    pd.testing.assert_frame_equal(plain.frame, german.frame, check_exact=True)
    assert plain.quality.reconciliation == german.quality.reconciliation
    assert_adds_up(german)


def test_superstore_in_german() -> None:
    customers = read_customers(shared_data("eu_format/superstore_de_cp1252.csv.gz"))
    assert (len(customers.frame), customers.currency) == (804, "€")
    assert (line(customers, "used").orders, line(customers, "used").revenue) == (5_117, 2_326_534.09)
    assert customers.order_facts is not None
    assert customers.order_facts.categories == ("Technology", "Furniture", "Office Supplies")
    assert customers.order_facts.category_spend.sum().sum() == pytest.approx(2_326_534.09, abs=0.01)
    assert_adds_up(customers)


@pytest.mark.slow
def test_thirteen_months_of_online_retail_reconcile_to_the_commonly_cleaned_figures() -> None:
    folder = shared_data("online_retail")
    customers = read_customers([str(path) for path in sorted(folder.glob("*.csv.gz"))])
    assert sum(1 for item in customers.quality.reconciliation if item.code == "file") == 13
    read = line(customers, "read")
    assert (read.rows, read.orders, read.customers) == (541_909, 25_900, 4_372)
    assert read.revenue == pytest.approx(9_747_747.93, abs=0.005)
    assert finding(customers, "sales_rows").startswith(
        "397,884 rows are sales to 4,338 known customers, 8,911,407.90 in all"
    )
    assert line(customers, "guests").rows == 135_076
    assert customers.order_facts is not None
    memo = dict(customers.order_facts.memo)
    used = line(customers, "used")
    assert (used.customers, used.orders) == (4_317, 18_508)
    assert used.revenue == pytest.approx(memo["sales before refunds and tax"] + memo["refunds and returns"], abs=0.005)
    assert [month.month for month in customers.order_facts.months if not month.complete] == ["2011-12"]
    assert_adds_up(customers)


def test_wholesale_has_codes_and_no_id() -> None:
    customers = read_customers(shared_data("wholesale/Wholesale_customers_data.csv"))
    assert customers.key is None
    assert [field.name for field in customers.fields if field.kind == "category"] == ["Channel", "Region"]
    assert sum(field.candidate for field in customers.fields) == 6
    assert sorted(customers.frame["customer"], key=int) == [str(number) for number in range(1, 441)]
    altered = read_customers(shared_data("altered/wholesale_trailing_columns_nbsp.csv"))
    assert len(altered.frame) == 440


def test_three_dialects_of_the_marketing_file_are_the_same_customers() -> None:
    names = ("marketing_campaign", "variant_semicolon_bom_iso_crlf", "variant_quoted_comma_mdy")
    first, *others = (read_customers(shared_data(f"marketing_campaign/{name}.csv")) for name in names)
    for other in others:
        pd.testing.assert_frame_equal(first.frame, other.frame, check_exact=True)
        assert first.fields == other.fields
    assert int(first.frame["Income"].isna().sum()) == 25  # 24 missing and one of 666666
    assert int(first.frame["Year_Birth"].isna().sum()) == 3  # born 1893, 1899, 1900
    assert finding(first, "twin_rows").startswith("182 customers")
    constant = [field.name for field in first.fields if field.why == "the same for every customer"]
    assert constant == ["Z_CostContact", "Z_Revenue"]
    assert first.recency == "Recency"


def test_the_altered_mall_file_has_money() -> None:
    customers = read_customers(shared_data("altered/mall_with_rfm_columns_altered.csv"), Config())
    assert (customers.spend, customers.orders, customers.recency, customers.currency) == (
        "Monetary ($)",
        "Frequency (visits)",
        "Recency (days)",
        "$",
    )
