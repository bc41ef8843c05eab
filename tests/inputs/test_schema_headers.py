"""Headers in many languages, and the exports of known shops."""

from __future__ import annotations

import datetime as dt
import random

import pytest
from shop_exports import EXPORTS
from small_tables import roles, schema_of, text_table, values

from reportgen.errors import InputError
from reportgen.inputs.headers import normalise, split_unit, vocabulary
from reportgen.inputs.platforms import recognise

N = 60
_RANDOM = random.Random(7)
_CUSTOMERS = [f"K{i % 19:03}" for i in range(N)]
_ORDERS = [f"R-{1000 + i}" for i in range(N)]
_DAYS = [dt.date(2024, 1, 1) + dt.timedelta(days=_RANDOM.randrange(300)) for _ in range(N)]
_AMOUNTS = [_RANDOM.randrange(500, 90000) for _ in range(N)]
_LOG = ["customer_id", "order_id", "order_date", "order_total", "quantity", "category"]
_TABLE = ["customer_id", "P_gender", "P_age", "total_spent", "n_orders", "last_order_date", "customer_email"]


def log_of(headers: list[str], date: str = "%d.%m.%Y", decimal: str = ",") -> dict[str, list[str | None]]:
    amounts = [f"{amount / 100:.2f}".replace(".", decimal) for amount in _AMOUNTS]
    units, kinds = [str(1 + i % 5) for i in range(N)], [("Rot", "Blau", "Grün")[i % 3] for i in range(N)]
    cells = [_CUSTOMERS, _ORDERS, [day.strftime(date) for day in _DAYS], amounts, units, kinds]
    return dict(zip(headers, cells, strict=True))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "headers",
    [
        ["Kunden-Nr.", "Rechnungsnummer", "Rechnungsdatum", "Betrag (EUR)", "Stückzahl", "Warengruppe"],
        ["Kundennummer", "Bestell-Nr.", "Kaufdatum", "Umsatz in €", "Menge", "Kategorie"],
        ["N° client", "N° commande", "Date de commande", "Montant TTC", "Quantité", "Catégorie"],
        ["ID Cliente", "Nº pedido", "Fecha de pedido", "Importe total", "Cantidad", "Categoría"],
        ["Codice cliente", "Numero ordine", "Data ordine", "Importo", "Quantità", "Categoria"],
        ["Código do cliente", "Número do pedido", "Data do pedido", "Valor total", "Quantidade", "Categoria"],
        ["Klantnummer", "Ordernummer", "Orderdatum", "Bedrag", "Aantal", "Productgroep"],
        ["Nr klienta", "Numer zamówienia", "Data zamówienia", "Wartość", "Ilość", "Kategoria"],
        ["Kundnummer", "Ordernummer", "Orderdatum", "Belopp (kr)", "Antal", "Kategori"],
        ["顧客番号", "注文番号", "注文日", "金額", "数量", "カテゴリ"],
        ["客户编号", "订单号", "订单日期", "订单金额", "数量", "类别"],
        ["ID клиента", "Номер заказа", "Дата заказа", "Сумма", "Количество", "Категория"],
        ["Müşteri No", "Sipariş No", "Sipariş Tarihi", "Tutar", "Adet", "Kategori"],
        ["Kundenummer", "Ordrenummer", "Ordredato", "Beløb", "Antal", "Kategori"],
        ["cust_id", "order_no", "order_dt", "amt", "qty", "dept"],
        ["User", "Invoice", "Timestamp", "Amount Paid", "Items", "Category"],
        ["CUSTOMER ID", "Receipt No", "Date", "Total", "Units", "Product Category"],
    ],
)
def test_logs_in_many_languages(headers: list[str]) -> None:
    schema = schema_of(text_table(log_of(headers)))
    assert schema.kind == "orders"
    assert list(roles(schema).values()) == _LOG


@pytest.mark.parametrize(
    "headers",
    [
        ["Kundennummer", "Anrede", "Alter", "Umsatz", "Anzahl Bestellungen", "Letzter Kauf", "Mail-Adresse"],
        ["Code client", "Civilité", "Âge", "CA total", "Nombre de commandes", "Dernière commande", "Courriel"],
        ["Cliente", "Sexo", "Edad", "Gasto total", "Número de pedidos", "Última compra", "Correo electrónico"],
        ["Cliente", "Sesso", "Età", "Totale speso", "Numero ordini", "Ultimo acquisto", "E-mail"],
        ["Cliente", "Sexo", "Idade", "Total gasto", "Número de pedidos", "Última compra", "E-mail"],
        [
            "Klant",
            "Geslacht",
            "Leeftijd",
            "Totale uitgaven",
            "Aantal bestellingen",
            "Laatste bestelling",
            "E-mailadres",
        ],
        ["Klient", "Płeć", "Wiek", "Łączne wydatki", "Liczba zamówień", "Ostatnie zamówienie", "e-mail"],
        ["Kund", "Kön", "Ålder", "Omsättning", "Antal order", "Senaste köp", "e-post"],
        ["会員ID", "性別", "年齢", "累計購入金額", "購入回数", "最終購入日", "メールアドレス"],
        ["会员ID", "性别", "年龄", "累计消费", "购买次数", "最后购买日期", "邮箱"],
        ["Клиент ID", "Пол", "Возраст", "Общая сумма покупок", "Количество заказов", "Дата последней покупки", "Почта"],
        ["Müşteri ID", "Cinsiyet", "Yaş", "Toplam Harcama", "Sipariş Sayısı", "Son Sipariş", "E-posta"],
        ["id", "Sex", "age", "revenue", "orders", "last_order", "email"],
    ],
)
def test_customer_tables_in_many_languages(headers: list[str]) -> None:
    cells = [
        [str(1000 + i) for i in range(N)],
        ["mw"[i % 2] for i in range(N)],
        [str(18 + i) for i in range(N)],
        [f"{amount / 100:.2f}" for amount in _AMOUNTS],
        [str(1 + i % 30) for i in range(N)],
        [day.isoformat() for day in _DAYS],
        [f"a{i}@example.com" for i in range(N)],
    ]
    schema = schema_of(text_table(dict(zip(headers, cells, strict=True))))  # type: ignore[arg-type]
    assert schema.kind == "customers"
    assert list(roles(schema).values()) == _TABLE
    assert [c.name for c in schema.columns if c.protected] == headers[1:3]
    assert [c.name for c in schema.columns if c.personal] == [headers[0], headers[6]]


@pytest.mark.parametrize(("platform", "cells", "expected"), EXPORTS, ids=[name for name, *_ in EXPORTS])
def test_exports_of_known_shops(platform: str, cells: dict[str, list[str | None]], expected: dict[str, str]) -> None:
    schema = schema_of(text_table(cells))
    assert schema.platform == platform
    found = {role: column.name for role in expected if (column := schema.role(role)) is not None}
    assert found == expected


def test_signatures_exclude_each_other() -> None:
    for name, cells, _ in EXPORTS:
        platform = recognise(cells)
        assert platform is not None
        assert platform.name == name


def test_what_shops_wrap_around_values_is_taken_off() -> None:
    cells = dict(EXPORTS[1][1])
    table = text_table(cells)
    assert values(table, schema_of(table))["Customer ID"][:2] == ["60", "61"]
    table = text_table(EXPORTS[10][1])
    typed = values(table, schema_of(table))
    assert typed["KUNNR"][0] == "0000001234"
    assert typed["NETWR"][:2] == [-302.35, 1234.56]
    assert typed["ERDAT"][:2] == [dt.datetime(2026, 1, 2), dt.datetime(2026, 2, 15)]


def test_predictions_are_no_spend() -> None:
    schema = schema_of(text_table(EXPORTS[9][1]))
    predicted = [column.name for column in schema.columns if column.role == "prediction"]
    assert predicted == ["Predicted Customer Lifetime Value", "Total Customer Lifetime Value", "Churn Risk Prediction"]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("CustomerID", "customer_id"),
        ("Customer Id", "\ufeffCUSTOMER-ID "),
        ("Straße", "STRASSE"),
        ("Łódź", "lodz"),
        ("Catégorie", "categorie"),
        ("İsim", "isim"),
        ('"Total"', "total"),
    ],
)
def test_spellings_of_one_header_are_equal(left: str, right: str) -> None:
    assert normalise(left) == normalise(right)


def test_voicing_marks_and_different_words_stay_different() -> None:
    assert normalise("カテゴリ") != normalise("カテコリ")
    assert normalise("order id") != normalise("order")


@pytest.mark.parametrize(
    ("header", "unit"),
    [
        ("Annual Income (k$)", "k$"),
        ("Umsatz (€)", "€"),
        ("Betrag in EUR", "EUR"),
        ("Umsatz in Tsd. €", "Tsd. €"),
        ("revenue_usd", "USD"),
        ("Rabatt %", "%"),
        ("Recency (days)", "days"),
        ("Belopp (kr)", "kr"),
        ("Umsatz (T€)", "T€"),
        ("Spending Score (1-100)", ""),
        ("Grand Total (Base)", ""),
        ("Net all", ""),
        ("Total", ""),
        ("(€)", ""),
    ],
)
def test_units_in_headers(header: str, unit: str) -> None:
    assert split_unit(header)[1] == unit


def test_a_word_is_strong_in_one_role_only() -> None:
    owners: dict[str, str] = {}
    for role in vocabulary().values():
        for word in role.strong:
            assert owners.setdefault(word, role.name) == role.name, word


def test_where_customers_live_never_forms_segments() -> None:
    cells = {
        "Email Address": [f"a{i}@x.com" for i in range(N)],
        "LATITUDE": [f"48.{i:02}" for i in range(N)],
        "LONGITUDE": [f"11.{i:02}" for i in range(N)],
        "TOTAL_SPENT": [f"{i}.50" for i in range(1, N + 1)],
        "ORDERS": [str(1 + i % 7) for i in range(N)],
    }
    columns = {column.name: column for column in schema_of(text_table(cells)).columns}  # type: ignore[arg-type]
    assert [columns[name].role for name in ("LATITUDE", "LONGITUDE")] == ["coordinates"] * 2
    assert [columns[name].personal for name in ("LATITUDE", "LONGITUDE")] == [True, True]


def test_guids_are_named_by_their_header() -> None:
    schema = schema_of(text_table(log_of(["CustomerGuid", "OrderGuid", "OrderDate", "OrderTotal", "Qty", "Category"])))
    assert list(roles(schema).values()) == _LOG


def test_a_log_with_names_only_is_told_how_to_go_on() -> None:
    cells = log_of(["Customer name", "Order", "Order date", "Amount", "Qty", "Category"])
    cells["Customer name"] = [("Anna Abel", "Ben Busch", "Carla Cohn")[i % 3] for i in range(N)]
    with pytest.raises(InputError) as refused:
        schema_of(text_table(cells))
    assert "customer_id='Customer name'" in refused.value.hint
