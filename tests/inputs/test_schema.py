from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from shared import MALL, shared_data
from small_tables import roles, schema_of, text_table, typed_table, values

from reportgen.config import Config
from reportgen.errors import ConfigError, InputError
from reportgen.inputs.dates import DateFormat
from reportgen.inputs.numbers import NumberFormat
from reportgen.inputs.schema import Schema, infer_schema
from reportgen.inputs.table import Table, open_table

Cells = dict[str, list[str | None]]


def log(**cells: list[str]) -> Cells:
    """A small log of orders, with columns replaced or added."""
    base: dict[str, list[str]] = {
        "customer_id": ["7", "8", "9"] * 4,
        "order_date": ["2024-03-01", "2024-04-13", "2024-05-14", "2024-06-15"] * 3,
        "amount": ["10.50", "20.25", "3.00", "7.75"] * 3,
    }
    return {name: list(column) for name, column in (base | cells).items()}


def people(**cells: list[str]) -> Cells:
    """A small customer table, with columns replaced or added."""
    base = {
        "customer_id": [str(i) for i in range(100, 112)],
        "income": [f"{1000 + 7 * i}.5" for i in range(12)],
        "visits": [str(i % 5) for i in range(12)],
    }
    return {name: list(column) for name, column in (base | cells).items()}


def read(name: str) -> tuple[Table, Schema]:
    table = open_table(MALL if name == "mall" else shared_data(name))
    return table, infer_schema(table, Config())


# real files


def test_mall() -> None:
    table, schema = read("mall")
    assert (schema.kind, schema.platform) == ("customers", "Mall customers")
    assert list(roles(schema).values()) == ["customer_id", "P_gender", "P_age", "income", "spending_score"]
    assert [column.protected for column in schema.columns] == [False, True, True, False, False]
    assert [column.unit for column in schema.columns] == ["", "", "", "k$", ""]
    assert sorted(values(table, schema)["Annual Income (k$)"])[:2] == [15, 15]


def test_marketing_campaign_is_the_same_in_its_three_dialects() -> None:
    names = ["marketing_campaign.csv", "variant_semicolon_bom_iso_crlf.csv", "variant_quoted_comma_mdy.csv"]
    read_all = [read(f"marketing_campaign/{name}") for name in names]
    described = [[(c.name, c.role, c.kind, c.filled, c.distinct, c.protected) for c in s.columns] for _, s in read_all]
    assert described[0] == described[1] == described[2]
    rows = [sorted(zip(*values(*each).values(), strict=True), key=lambda row: int(row[0])) for each in read_all]
    assert rows[0] == rows[1] == rows[2]
    assert len(rows[0]) == 2240
    found = roles(read_all[0][1])
    assert {"Kidhome", "Teenhome"} == {name for name, role in found.items() if role == "P_children"}
    assert (found["Year_Birth"], found["Dt_Customer"], found["ID"]) == ("P_birth_date", "signup_date", "customer_id")


def test_german_superstore() -> None:
    table, schema = read("eu_format/superstore_de_cp1252.csv.gz")
    found = {role: name for name, role in roles(schema).items() if role}
    assert schema.kind == "orders"
    assert found == {
        "order_id": "Bestellnummer", "order_date": "Bestelldatum", "customer_id": "Kundennummer",
        "customer_name": "Kundenname", "country": "Country/Region", "postcode": "Postal Code",
        "product_id": "Product ID",
        "category": "Warengruppe", "product_name": "Product Name", "order_total": "Umsatz (€)", "quantity": "Stückzahl",
        "discount": "Rabatt", "profit": "Gewinn (€)",
    }  # fmt: skip
    assert schema.role("order_total").unit == "€"
    typed = values(table, schema, "Umsatz (€)", "Bestelldatum")
    assert (len(typed["Umsatz (€)"]), typed["Umsatz (€)"].count(None)) == (10194, 0)
    assert (max(typed["Umsatz (€)"]), min(typed["Bestelldatum"])) == (22638.48, dt.datetime(2019, 1, 3))


def test_online_retail_with_decimal_comma_is_the_same_as_with_points() -> None:
    comma, point = read("eu_format/online_retail_2011-01_decimal_comma.csv.gz"), read("online_retail/2011-01.csv.gz")
    names = ("InvoiceNo", "UnitPrice", "Quantity", "CustomerID", "InvoiceDate")
    left, right = values(*comma, *names), values(*point, *names)
    assert left["CustomerID"].count(None) == 35147 - 21912
    for name in names:
        assert sorted(map(str, left[name])) == sorted(map(str, right[name])), name
    assert point[1].role("customer_id").whole


def test_files_without_header() -> None:
    _, schema = read("purchases/purchases.txt")
    assert (schema.kind, list(roles(schema).values())) == ("orders", ["customer_id", "order_total", "order_date"])
    table, schema = read("cdnow/CDNOW_master.txt")
    assert (schema.kind, list(roles(schema).values())) == (
        "orders",
        ["customer_id", "order_date", "quantity", "order_total"],
    )
    typed = values(table, schema)
    assert "00001" in typed["customer_id"]
    assert (min(typed["date"]), max(typed["date"])) == (dt.datetime(1997, 1, 1), dt.datetime(1998, 6, 30))
    assert sum(round(100 * x) for x in typed["dollar_value"]) == 250031563


def test_wholesale_codes_are_labels() -> None:
    _, schema = read("wholesale/Wholesale_customers_data.csv")
    assert [column.kind for column in schema.columns] == ["text", "text", *["number"] * 6]
    assert schema.role("customer_id") is None


def test_empty_trailing_columns() -> None:
    _, schema = read("altered/wholesale_trailing_columns_nbsp.csv")
    assert [column.kind for column in schema.columns][:8] == ["text", "text", *["number"] * 6]
    assert all(column.kind == "empty" for column in schema.columns[8:])


# numbers and dates: decided by all rows, asked about only where it matters


def test_the_last_row_decides() -> None:
    count = 20_000
    days = [f"{1 + i % 12}/{1 + i % 11}/2011" for i in range(count)]
    cells: Cells = {"customer_id": [str(i % 500) for i in range(count)], "order_date": [*days[:-1], "13/11/2011"]}
    cells["amount"] = [*["1.234"] * (count - 1), "1.234,5"]
    table = text_table(cells)
    schema = schema_of(table)
    assert schema.role("order_date").format == DateFormat("%d/%m/%Y")
    assert schema.role("order_total").format == NumberFormat(",", ".")
    typed = values(table, schema)
    assert (max(typed["order_date"]), max(typed["amount"])) == (dt.datetime(2011, 11, 13), 1234.5)
    assert None not in typed["order_date"] + typed["amount"]


def test_thousands_or_decimals_is_asked() -> None:
    cells = log(amount=["1.234", "5", "7.500"] * 4)
    with pytest.raises(InputError, match=r"'amount' can be read in two ways, e\.g\. 1\.234") as caught:
        schema_of(text_table(cells))
    assert "--decimal" in caught.value.hint
    table = text_table(cells)
    assert values(table, schema_of(table, decimal="comma"))["amount"][0] == 1234
    assert values(table, schema_of(table, decimal="point"))["amount"][0] == 1.234


def test_other_columns_and_the_semicolon_answer_it() -> None:
    amounts = ["1.234", "5", "7.500"] * 4
    table = text_table(log(amount=amounts, tax=["0,25", "1,5"] * 6))
    assert values(table, schema_of(table))["amount"][0] == 1234
    table = text_table(log(amount=amounts), delimiter="semicolon")
    assert values(table, schema_of(table))["amount"][0] == 1234
    table = text_table(log(amount=amounts, tax=["0.25", "1.5"] * 6), delimiter="semicolon")
    assert values(table, schema_of(table))["amount"][0] == 1.234


def test_what_is_not_needed_is_not_asked() -> None:
    odd = ["1.234", "1.235", "7.500"] * 4
    schema = schema_of(text_table(log(amount=["10", "20", "30"] * 4, customer_id=odd, weight=odd)))
    assert roles(schema) == {
        "customer_id": "customer_id",
        "order_date": "order_date",
        "amount": "order_total",
        "weight": None,
    }
    assert [column.kind for column in schema.columns] == ["text", "date", "number", "text"]


def test_day_or_month_is_asked() -> None:
    cells = log(order_date=["1/2/2024", "3/4/2024", "5/6/2024"] * 4)
    with pytest.raises(InputError, match=r"'order_date' can be read in two ways, e\.g\. 1/2/2024") as caught:
        schema_of(text_table(cells))
    assert all(word in caught.value.hint for word in ("--dates dmy", "mdy", "ymd"))
    table = text_table(cells)
    assert values(table, schema_of(table, dates="mdy"))["order_date"][0] == dt.datetime(2024, 1, 2)
    shipped = log(order_date=cells["order_date"], shipped=["1/14/2024", "3/15/2024", "5/6/2024"] * 4)  # type: ignore[arg-type]
    table = text_table(shipped)
    assert values(table, schema_of(table))["order_date"][0] == dt.datetime(2024, 1, 2)


def test_words_for_nothing_and_unreadable_cells() -> None:
    table = text_table(log(amount=["10.50", "n/a", "-", "unknown"] + [str(i) for i in range(100, 254)], **_long(158)))
    schema = schema_of(table)
    column = schema.role("order_total")
    assert column is not None
    assert (column.filled, column.passing) == (155, 1.0)
    cells = [*[f"{i}.5" for i in range(99)], "broken"]
    table = text_table(log(amount=cells, **_long(100)))
    schema = schema_of(table)
    assert schema.role("order_total").passing == pytest.approx(0.99)
    assert [(f.code, f.rows) for f in schema.findings if f.column == "amount"] == [("unreadable_cells", 1)]
    assert values(table, schema)["amount"].count(None) == 1


def _long(count: int) -> dict[str, list[str]]:
    return {"customer_id": [str(i % 9) for i in range(count)], "order_date": ["2024-03-01"] * count}


def test_dates_with_offset_are_converted() -> None:
    table = text_table(log(order_date=["2024-03-01 23:30:00 +0000", "2024-07-01T23:30:00Z"] * 6))
    berlin = values(table, schema_of(table, timezone="Europe/Berlin"))["order_date"]
    assert berlin[:2] == [dt.datetime(2024, 3, 2, 0, 30), dt.datetime(2024, 7, 2, 1, 30)]


# roles


def test_map_wins_and_doubtful_answers_are_reported() -> None:
    cells = log(who=["ann", "bob", "cy"] * 4)
    schema = schema_of(text_table(cells), map={"customer_id": "who", "order_total": "amount"})
    assert schema.role("customer_id").name == "who"
    schema = schema_of(text_table(cells), map={"discount": "who"})
    assert [f.code for f in schema.findings if f.column == "who"] == ["map_doubtful"]


def test_map_names_columns_of_a_headerless_file_by_number() -> None:
    cells: Cells = {f"column_{i + 1}": list(column) for i, column in enumerate(log().values())}
    wanted = {"customer_id": "column_1", "order_date": "column_2", "order_total": "column_3"}
    assert list(roles(schema_of(text_table(cells), map=wanted)).values()) == list(wanted)


def test_mistakes_in_map_are_told_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        schema_of(text_table(log()), map={"custmer_id": "customer_id", "order_total": "amuont"})
    assert "did you mean 'customer_id'" in caught.value.message
    assert "did you mean 'amount'" in caught.value.message


def test_kind_can_be_said() -> None:
    assert schema_of(text_table(log(order_id=[str(i) for i in range(12)]))).kind == "orders"
    single = people(created_at=["2024-03-01", "2024-04-13"] * 6, total=[f"{i}.25" for i in range(12)])
    assert roles(schema_of(text_table(single)))["created_at"] == "signup_date"
    schema = schema_of(text_table(single), kind="orders")
    assert (schema.kind, roles(schema)["created_at"]) == ("orders", "order_date")


def test_values_outrank_headers() -> None:
    cells = log(email=["red", "blue", "red"] * 4, status=["paid", "refunded", "paid"] * 4, order_no=["x"] * 12)
    schema = schema_of(text_table(cells))
    assert roles(schema)["email"] is None
    assert roles(schema)["order_no"] is None
    assert roles(schema)["status"] == "order_status"
    assert {f.column for f in schema.findings if f.code == "header_contradicted"} == {"email", "order_no"}


def test_found_by_values_alone() -> None:
    cells: Cells = {
        "contact point": ["a@x.com", "b@x.com", "c@x.com"] * 4,
        "happened": ["2024-03-01", "2024-04-13"] * 6,
        "amount": ["10.50", "20.25", "3.00"] * 4,
        "what": ["EUR"] * 12,
    }
    schema = schema_of(text_table(cells))
    assert list(roles(schema).values()) == ["customer_email", "order_date", "order_total", "currency"]
    assert schema.columns[0].personal
    assert schema.role("order_total").unit == "EUR"


def test_name_is_an_order_number_or_a_person() -> None:
    numbered = log(Name=[f"#{i}" for i in range(1000, 1012)])
    assert roles(schema_of(text_table(numbered)))["Name"] == "order_id"
    assert roles(schema_of(text_table(log(Name=["Ann Lee", "Bob Ray", "Cy Orr"] * 4))))["Name"] == "customer_name"


def test_a_key_that_repeats_is_preferred_in_a_log() -> None:
    cells = log(customer_number=[str(i) for i in range(12)])
    assert schema_of(text_table(cells)).role("customer_id").name == "customer_id"


@pytest.mark.parametrize("header", ["uuid", "Respondent ID", "PersonKey"])
def test_guids_and_unique_numbers_named_like_ids_are_keys(header: str) -> None:
    guids = [str(uuid.UUID(int=i * 10**30 + 7)) for i in range(12)]
    keys = guids if header == "uuid" else [str(50 + 3 * i) for i in range(12)]
    cells: Cells = {header: list(keys), "income": people()["income"], "visits": people()["visits"]}
    table = text_table(cells)
    schema = schema_of(table)
    assert schema.role("customer_id").name == header
    assert values(table, schema)[header] == keys


def test_leading_zeros_stay() -> None:
    cells = people(customer_id=[f"{i:05}" for i in range(12)], shoe=[f"0{30 + i}" for i in range(12)])
    typed = values(table := text_table(cells), schema_of(table))
    assert (typed["customer_id"][3], typed["shoe"][0]) == ("00003", "030")


def test_ids_damaged_by_a_spreadsheet_are_reported() -> None:
    schema = schema_of(text_table(log(customer_id=["1.23E+12", "1.24E+12", "1.25E+12"] * 4)))
    assert "damaged_ids" in [finding.code for finding in schema.findings]


def test_payment_cards_are_no_key() -> None:
    cards = [_luhn(f"41111111111{i:04}") for i in range(12)]
    schema = schema_of(text_table(people(card_number=cards)))
    assert roles(schema)["card_number"] is None
    assert next(c for c in schema.columns if c.name == "card_number").personal
    assert "payment_cards" in [finding.code for finding in schema.findings]


def _luhn(digits: str) -> str:
    total = sum(sum(divmod(int(d) * (2 if i % 2 == 0 else 1), 10)) for i, d in enumerate(reversed(digits)))
    return digits + str(-total % 10)


def test_protected_columns() -> None:
    cells = people(
        MF=["m", "f"] * 6, Alter=[str(20 + i) for i in range(12)], Genre=["Rock", "Jazz"] * 6, gender=["0", "1"] * 6,
        sex=[f"text {i}" for i in range(12)], **{"Age group": ["18-24", "25-34", "65+"] * 4},
    )  # fmt: skip
    schema = schema_of(text_table(cells))
    found = {c.name: c.role for c in schema.columns if c.protected}
    assert found == {"MF": "P_gender", "Alter": "P_age", "gender": "P_gender", "Age group": "P_age"}
    assert {c.name: c.kind for c in schema.columns}["Age group"] == "text"


def test_weak_words_name_customers_only_where_that_makes_sense() -> None:
    cells = people(contact=["phone", "mail"] * 6)
    del cells["customer_id"]
    assert roles(schema_of(text_table(cells)))["contact"] is None
    cells = people(client=[f"c{i}" for i in range(12)])
    del cells["customer_id"]
    assert roles(schema_of(text_table(cells)))["client"] == "customer_id"


# units and currencies


def test_units_come_from_header_or_values() -> None:
    cells = people(
        spend=["€ 10,50", "€ 3,25", "€ 7,00"] * 4, share=["12%", "3%", "9%"] * 4, income=["1,5"] * 11 + ["2,5"]
    )
    units = {column.name: column.unit for column in schema_of(text_table(cells)).columns}
    assert (units["spend"], units["share"], units["income"]) == ("€", "%", "")


@pytest.mark.parametrize(
    "extra", [{"currency": ["EUR", "USD", "EUR"] * 4}, {"amount": ["€10.50", "$3.25", "€7.00"] * 4}]
)
def test_two_currencies_are_never_added_up(extra: dict[str, list[str]]) -> None:
    with pytest.raises(InputError, match="EUR, USD") as caught:
        schema_of(text_table(log(**extra)))
    assert "--currency" in caught.value.hint
    assert schema_of(text_table(log(**extra)), currency="EUR").role("order_total").unit in ("EUR", "€")


def test_one_currency_under_two_names_is_one() -> None:
    assert schema_of(text_table(log(amount=["€10.50", "EUR 3.25", "7.00 eur"] * 4))).kind == "orders"


# refusals


def test_a_log_without_customers_asks_for_them() -> None:
    cells = log(invoice_no=[str(i) for i in range(12)])
    del cells["customer_id"]
    with pytest.raises(InputError, match="no column clearly holds the customer") as caught:
        schema_of(text_table(cells))
    assert "--map customer_id=HEADER" in caught.value.hint
    assert "order_date (date)" in caught.value.message


def test_a_log_without_amounts_asks_for_them() -> None:
    with pytest.raises(InputError, match="the amount") as caught:
        schema_of(text_table(log(amount=["big", "small", "big"] * 4)))
    assert "--map order_total=HEADER" in caught.value.hint


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"date": [f"2024-01-{i:02}" for i in range(1, 13)], "temp": [f"{i}.5" for i in range(12)],
          "rain": [f"{i}.25" for i in range(12)]}, "every row is a date"),
        ({"SKU": [f"A{i}" for i in range(12)], "price": [f"{i}.5" for i in range(12)], "stock": ["1", "2", "3"] * 4},
         "every row is a product"),
        ({"a": ["x", "y"] * 6, "b": ["some", "words"] * 6}, "no column of numbers"),
        ({"customer_id": [str(i) for i in range(12)], "income": [f"{i}.5" for i in range(12)]}, "1 column of numbers"),
    ],
)  # fmt: skip
def test_files_about_something_else_are_refused(cells: Cells, reason: str) -> None:
    with pytest.raises(InputError, match=reason) as caught:
        schema_of(text_table(cells))
    assert "seen: " in caught.value.message
    assert "--map" in caught.value.hint


def test_an_unclear_headerless_log_is_asked_about() -> None:
    cells: Cells = {
        "column_1": [str(i % 9) for i in range(60)],
        "column_2": [str(i % 8) for i in range(60)],
        "column_3": ["2024-03-01", "2024-04-13"] * 30,
        "column_4": [f"{i}.25" for i in range(60)],
    }
    with pytest.raises(InputError, match="the customer") as caught:
        schema_of(text_table(cells))
    assert "--map customer_id=HEADER" in caught.value.hint


# typed sources


def test_typed_columns_keep_their_values() -> None:
    table = typed_table(
        """SELECT (i % 5)::DOUBLE AS customer_id,
        TIMESTAMPTZ '2024-03-01 23:30:00+00' + to_days(i::INTEGER) AS order_date,
        CASE WHEN i = 3 THEN 'nan'::DOUBLE ELSE i + 0.25 END AS amount, i::DECIMAL(9, 2) AS tax, i % 2 = 0 AS paid,
        DATE '2024-01-01' AS shipped, 20240101 + i AS day FROM range(20) t(i)"""
    )
    schema = schema_of(table, timezone="Europe/Berlin")
    typed = values(table, schema)
    assert typed["customer_id"][:2] == ["0", "1"]
    assert typed["order_date"][0] == dt.datetime(2024, 3, 2, 0, 30)
    assert typed["amount"][2:5] == [2.25, None, 4.25]
    assert typed["tax"][:2] == [0.0, 1.0]
    assert typed["shipped"][0] == dt.datetime(2024, 1, 1)
    assert typed["day"][0] == dt.datetime(2024, 1, 1)


def test_row_order_does_not_matter() -> None:
    cells = log(amount=[f"{i}.25" for i in range(12)], color=[f"c{i}" for i in range(12)])
    backwards: Cells = {name: column[::-1] for name, column in cells.items()}
    assert schema_of(text_table(cells)) == schema_of(text_table(backwards))


def test_names_that_are_hard_for_sql() -> None:
    cells: Cells = {'a"b': ["1", "2"] * 6, "a'b": ["3", "4"] * 6, "select": ["x"] * 12, "値段{x}": ["1", "2", "5"] * 4}
    table = text_table(cells)
    typed: dict[str, list[Any]] = values(table, schema_of(table))
    assert list(typed) == list(cells)
    assert typed['a"b'][:2] == [1, 2]


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"station_id": ["A", "B"], "datetime": ["2024-01-01 10:00", "2024-01-02 10:00"]}, "a date in 'datetime'"),
        ({"Symbol": ["X", "Y"], "Datum": ["13.01.2024", "14.01.2024"]}, "a date in 'Datum'"),
        ({"country": ["Peru", "Chile"]}, "a country in 'country'"),
        ({"Monat": ["2024-01", "2024-02"]}, "a period in 'Monat'"),
        ({"Filiale": ["Nord", "Süd"]}, "a store in 'Filiale'"),
    ],
)
def test_rows_that_are_no_customers_are_refused(cells: dict[str, list[str | None]], reason: str) -> None:
    unique = any(word in reason for word in ("country", "period", "store"))
    columns = {
        name: [f"{value} {i}" if unique and value and "-" not in value else value for i in range(6) for value in pair]
        for name, pair in cells.items()
    }
    if "Monat" in columns:
        columns["Monat"] = [f"2024-{i:02}" for i in range(1, 13)]
    columns |= {name: [f"{i * step}.5" for i in range(12)] for name, step in (("high", 3), ("low", 2))}
    with pytest.raises(InputError, match=reason):
        schema_of(text_table(columns))
    assert schema_of(text_table(columns), kind="customers").kind == "customers"


def test_a_log_of_one_customer_is_refused_for_what_it_is() -> None:
    table = text_table(log(order_id=[f"O{i}" for i in range(12)], customer_id=["7"] * 12))
    with pytest.raises(InputError, match="holds the orders of a single customer: 'customer_id' is the same") as caught:
        infer_schema(table, Config())
    assert "--map customer_id=HEADER" in (caught.value.hint or "")
