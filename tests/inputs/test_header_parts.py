"""Headers that are on no list, understood by their parts."""

from __future__ import annotations

import json
from importlib import resources

import pytest
from small_tables import roles, schema_of, text_table

from reportgen.inputs.header_parts import composed
from reportgen.inputs.headers import vocabulary


@pytest.mark.parametrize(
    ("header", "role"),
    [
        ("Chiffre d’affaires total", "total_spent"),
        ("Valor total gasto", "total_spent"),
        ("Total försäljning", "total_spent"),
        ("Сумма покупок", "total_spent"),
        ("Samlet køb", "total_spent"),
        ("Importe total", "total_spent"),
        ("Overall_Turnover__c", "total_spent"),
        ("Qtd pedidos", "n_orders"),
        ("Antal ordrer", "n_orders"),
        ("Anzahl Käufe gesamt", "n_orders"),
        ("Senaste order", "last_order_date"),
        ("Son Sipariş Tarihi", "last_order_date"),
        ("Seneste ordre", "last_order_date"),
        ("Datum der ersten Bestellung", "first_order_date"),
        ("Kund sedan", "signup_date"),
        ("N° de commande", "order_id"),
        ("Kundnr", "customer_id"),
        ("平均注文額", ""),  # known as a whole
        ("平均購入金額", "aov"),
    ],
)
def test_parts_name_a_role(header: str, role: str) -> None:
    assert (role in composed(header)) if role else not composed(header)


@pytest.mark.parametrize("header", ["Umsatz 2024", "Last order value", "Order notes", "Newsletter", "Datum", "Nummer"])
def test_a_part_that_is_unknown_or_missing_names_nothing(header: str) -> None:
    assert not composed(header)


def test_the_parts_make_known_roles() -> None:
    data = json.loads(resources.files("reportgen.inputs").joinpath("header_parts.json").read_text("utf-8"))
    assert set(data["roles"]) <= set(vocabulary())
    assert {part for ways in data["roles"].values() for way in ways for part in way.split()} <= set(data["parts"])


def test_money_is_no_number_of_orders() -> None:
    cells = {
        "Kundenummer": [str(n) for n in range(1, 31)],
        "Samlet køb": [f"{n} kr." for n in range(101, 131)],
        "Antal ordrer": [str(1 + n % 7) for n in range(30)],
        "Efternavn": ["Larsen", "Holm", "Juhl"] * 10,
    }
    found = roles(schema_of(text_table(cells)))
    assert found == {
        "Kundenummer": "customer_id",
        "Samlet køb": "total_spent",
        "Antal ordrer": "n_orders",
        "Efternavn": "last_name",
    }
