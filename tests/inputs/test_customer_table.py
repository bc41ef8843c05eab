"""A table with one row per customer."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from handmade import made_schema, made_table
from shared import MALL

from reportgen.config import Config
from reportgen.errors import InputError
from reportgen.inputs.customer_table import customers_from_table
from reportgen.inputs.customers import Customers
from reportgen.inputs.read import read_customers
from reportgen.settings import InputConfig, PrivacyConfig

DEFAULTS = Config()
MALL_ROLES = {
    "CustomerID": "customer_id",
    "Gender": "P_gender",
    "Age": "P_age",
    "Annual Income (k$)": "income",
    "Spending Score (1-100)": "spending_score",
}


def build(frame: pd.DataFrame, roles: dict[str, str], config: Config = DEFAULTS, **units: str) -> Customers:
    table = made_table(frame)
    return customers_from_table(table, table.frame, made_schema(frame, "customers", roles, **units), config)


def people(n: int = 12, **columns: Any) -> pd.DataFrame:
    base = {"id": [f"c{i:02d}" for i in range(n)], "visits": [float(3 * i % 7) for i in range(n)]}
    return pd.DataFrame(base | columns)


def why(customers: Customers, name: str) -> tuple[bool, str]:
    field = customers.field(name)
    return field.candidate, field.why


def codes(customers: Customers) -> set[str]:
    return {finding.code for finding in customers.quality.findings}


def test_the_mall_file_has_two_candidates_and_two_protected_descriptors() -> None:
    frame = pd.read_csv(MALL, dtype={"CustomerID": str})
    customers = build(frame, MALL_ROLES, income="k$")
    assert len(customers.frame) == 200
    assert [field.name for field in customers.fields if field.candidate] == [
        "Annual Income (k$)",
        "Spending Score (1-100)",
    ]
    income = customers.field("Annual Income (k$)")
    assert (income.label, income.short, income.unit, income.kind) == ("Annual income", "income", "k$", "number")
    assert customers.field("Spending Score (1-100)").kind == "score"
    assert customers.field("Age").protected
    assert customers.field("Age").unit == "years"
    assert customers.frame["customer"].tolist() == sorted(frame["CustomerID"])
    assert (customers.spend, customers.orders, customers.recency, customers.key) == (None, None, None, "CustomerID")
    assert [(line.code, line.rows) for line in customers.quality.reconciliation] == [("read", 200), ("used", 200)]


def test_protected_columns_form_segments_only_on_request() -> None:
    frame = people(Age=[float(20 + i) for i in range(12)])
    assert not build(frame, {"id": "customer_id", "Age": "P_age"}).field("Age").candidate
    asked = Config(privacy=PrivacyConfig(protected="use"))
    assert build(frame, {"id": "customer_id", "Age": "P_age"}, asked).field("Age").candidate


def test_the_order_of_rows_does_not_matter() -> None:
    frame = pd.read_csv(MALL, dtype={"CustomerID": str})
    plain, shuffled = (build(f, MALL_ROLES) for f in (frame, frame.sample(frac=1, random_state=3)))
    pd.testing.assert_frame_equal(plain.frame, shuffled.frame)
    numbered = frame.drop(columns="CustomerID")
    roles = {name: role for name, role in MALL_ROLES.items() if name != "CustomerID"}
    plain, shuffled = (build(f, roles) for f in (numbered, numbered.sample(frac=1, random_state=3)))
    pd.testing.assert_frame_equal(plain.frame.drop(columns="customer"), shuffled.frame.drop(columns="customer"))


def test_without_an_id_customers_carry_their_row_number() -> None:
    customers = build(people().drop(columns="id"), {})
    assert customers.key is None
    assert "no_id" in codes(customers)
    values = dict(zip(customers.frame["customer"], customers.frame["visits"], strict=True))
    assert (values["1"], values["2"], values["12"]) == (0.0, 3.0, 5.0)


def test_keys_are_text_and_keep_leading_zeros() -> None:
    frame = people()
    frame.loc[[0, 1], "id"] = ["007", " 7"]
    assert {"007", "7"} <= set(build(frame, {"id": "customer_id"}).frame["customer"])


def test_rows_without_a_key_are_left_out_and_counted() -> None:
    frame = people(14)
    frame.loc[[2, 5], "id"] = None
    customers = build(frame, {"id": "customer_id"})
    lines = [(line.code, line.sign, line.rows) for line in customers.quality.reconciliation]
    assert lines == [("read", "", 14), ("no_key", "-", 2), ("used", "=", 12)]
    assert "no_key" in codes(customers)


def test_identical_rows_are_dropped_but_a_repeated_id_is_refused() -> None:
    frame = people()
    customers = build(pd.concat([frame, frame.head(2)]), {"id": "customer_id"})
    assert len(customers.frame) == 12
    assert "duplicate_rows" in codes(customers)
    with pytest.raises(InputError, match="'c01' in 2") as caught:
        build(pd.concat([frame, frame.iloc[[1]].assign(visits=99.0)]), {"id": "customer_id"})
    assert "--kind orders" in caught.value.hint


def test_customers_that_equal_others_are_only_reported() -> None:
    frame = people(visits=[float(i % 6) for i in range(12)], town=["Ulm"] * 12)
    customers = build(frame, {"id": "customer_id"})
    assert len(customers.frame) == 12
    assert next(f.rows for f in customers.quality.findings if f.code == "twin_rows") == 6


def test_codes_and_flags_are_not_numbers() -> None:
    frame = people(Channel=[1.0, 2.0] * 6, Response=[0.0, 1.0] * 6, rating=[float(i % 4) for i in range(12)])
    customers = build(frame, {"id": "customer_id"})
    assert customers.field("Channel").kind == "category"
    assert set(customers.frame["Channel"]) == {"1", "2"}
    assert customers.field("Response").kind == "flag"
    assert not customers.field("Channel").candidate
    assert not customers.field("Response").candidate
    assert customers.field("rating").candidate


def test_a_survey_of_yes_and_no_forms_segments() -> None:
    answers = {f"q{i}": [float((row >> (i % 4)) & 1) for row in range(12)] for i in range(5)}
    customers = build(pd.DataFrame({"id": [f"c{i:02d}" for i in range(12)]} | answers), {"id": "customer_id"})
    assert all(field.candidate for field in customers.fields)


def test_sentinels_become_missing_with_a_finding() -> None:
    income = [20_000.0 + 1000 * i for i in range(11)] + [666_666.0]
    pdays = [float(i) for i in range(1, 11)] + [-1.0, -1.0]
    born = [1893.0, *(1960.0 + i for i in range(11))]
    frame = people(
        Income=income, pdays=pdays, Year_Birth=born, last=pd.to_datetime(["2014-06-29"] * 11 + ["2014-06-01"])
    )
    customers = build(frame, {"id": "customer_id", "Income": "income", "Year_Birth": "P_birth_date"})
    missing = {name: int(customers.frame[name].isna().sum()) for name in ("Income", "pdays", "Year_Birth")}
    assert missing == {"Income": 1, "pdays": 2, "Year_Birth": 1}
    found = {f.column: f for f in customers.quality.findings if f.code == "sentinel"}
    assert found["Income"].message.startswith("Fewer than 10 values of Income")
    assert "666666" not in found["Income"].message  # it may be the figure of one customer
    assert "1893" not in found["Year_Birth"].message  # single protected values are never printed
    age = customers.field("Year_Birth")
    assert (age.label, age.unit, age.protected) == ("Age", "years", True)
    assert customers.frame["Year_Birth"].max() == 2014 - 1960


def test_dates_count_days_back_from_the_as_of_date() -> None:
    joined = pd.to_datetime(pd.Series(pd.date_range("2024-01-01", periods=12)))
    customers = build(people(joined=joined), {"id": "customer_id", "joined": "signup_date"})
    assert customers.frame["joined"].tolist() == [float(12 - i) for i in range(12)]
    assert customers.field("joined").label == "Days as customer"
    fixed = Config(input=InputConfig(as_of=dt.date(2024, 2, 1)))
    assert build(people(joined=joined), {"id": "customer_id"}, fixed).frame["joined"].max() == 31


def test_personal_columns_ids_and_free_text_leave_no_values_behind() -> None:
    frame = people(
        mail=[f"p{i}@x.org" for i in range(12)],
        note=[f"words {i}" for i in range(12)],
        no=[float(i) for i in range(12)],
    )
    customers = build(frame, {"id": "customer_id", "mail": "customer_email"})
    for name in ("mail", "note", "no"):
        assert customers.frame[name].isna().all()
        assert not customers.field(name).candidate
    assert why(customers, "mail")[1] == "personal data"


def test_existing_segments_and_predictions_never_form_segments() -> None:
    frame = people(cluster=[float(i % 3) for i in range(12)], churn=[i / 20 for i in range(12)])
    customers = build(frame, {"id": "customer_id", "cluster": "existing_segment", "churn": "prediction"})
    assert not why(customers, "cluster")[0]
    assert not why(customers, "churn")[0]
    assert customers.field("cluster").kind == "category"


def test_prospects_are_counted_and_left_out() -> None:
    frame = people(14, spent=[0.0, 0.0, *(10.0 * i for i in range(1, 13))])
    customers = build(frame, {"id": "customer_id", "spent": "total_spent"})
    assert len(customers.frame) == 12
    assert customers.spend == "spent"
    assert customers.field("spent").kind == "money"
    assert [(x.code, x.rows) for x in customers.quality.reconciliation][1:] == [("prospects", 2), ("used", 12)]


def test_labels_of_the_configuration_win() -> None:
    customers = build(people(), {"id": "customer_id"}, Config(labels={"visits": "Annual store visits"}))
    assert (customers.fields[0].label, customers.fields[0].short) == ("Annual store visits", "store visits")


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (people(1), "1 usable customer;"),
        (people(0), "0 usable customers;"),
        (people().drop(columns="visits"), "no column holds numbers"),
        (people(visits=[4.0] * 12), "the same for every customer"),
        (people(visits=[np.nan] * 12), "no column holds numbers"),
    ],
)
def test_hopeless_tables_are_refused(frame: pd.DataFrame, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        build(frame, {"id": "customer_id"})
    assert caught.value.hint


def test_yes_and_no_in_any_language_is_a_flag() -> None:
    customers = build(people(Newsletter=["Ja", "nein"] * 6, tier=["gold", "no"] * 6), {"id": "customer_id"})
    assert customers.field("Newsletter").kind == "flag"
    assert customers.frame["Newsletter"].tolist() == [1.0, 0.0] * 6
    assert customers.field("tier").kind == "category"


def test_money_in_several_currencies_is_refused() -> None:
    frame = people(spent=[float(i + 1) for i in range(12)], Currency=["EUR", "USD"] * 6)
    with pytest.raises(InputError, match="EUR, USD"):
        build(frame, {"id": "customer_id", "spent": "total_spent", "Currency": "currency"})


def test_dates_after_the_as_of_date_are_missing() -> None:
    joined = pd.to_datetime(pd.Series(pd.date_range("2024-01-01", periods=12)))
    config = Config(input=InputConfig(as_of=dt.date(2024, 1, 6)))
    customers = build(people(joined=joined), {"id": "customer_id"}, config)
    assert int(customers.frame["joined"].isna().sum()) == 6
    assert "future_dates" in codes(customers)


def test_infinities_are_no_numbers_whatever_the_file(tmp_path: Path) -> None:
    spend = [math.inf, -math.inf, math.nan, *(float(10 + i * 7 % 90) for i in range(57))]
    frame = pd.DataFrame(
        {"customer_id": [f"C{i}" for i in range(60)], "score": spend, "points": [5 + i % 9 for i in range(60)]}
    )
    frame.to_parquet(tmp_path / "table.parquet", index=False)
    frame.to_csv(tmp_path / "table.csv", index=False)
    typed, text = (read_customers(str(tmp_path / name)) for name in ("table.parquet", "table.csv"))
    assert typed.frame["score"].isna().sum() == 3
    pd.testing.assert_frame_equal(typed.frame, text.frame)
