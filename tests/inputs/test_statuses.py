"""Statuses of orders in many languages."""

from __future__ import annotations

import pytest
from small_tables import roles, schema_of, text_table

from reportgen.inputs.statuses import MEANINGS, status_meaning
from reportgen.inputs.words import word_set


@pytest.mark.parametrize(
    ("meaning", "statuses"),
    [
        (
            "sold",
            "Payée|Zrealizowane|Tamamlandı|TESLİM EDİLDİ|Выполнен|完了|已完成|Gennemført|wc-completed",
        ),
        (
            "not_sold",
            "ANNULÉE|Annullato|Cancelado|İptal Edildi|Отменён|キャンセル済み|Order cancelled by customer",
        ),
        ("not_sold", "Payment failed|nicht bezahlt|Zahlung ausstehend|en attente de paiement|交易关闭|wc-failed"),
        (
            "refunded_orders",
            "Remboursée|Rimborsato|İade Edildi|返金済み|Возврат|Zwrócone|fully refunded|Refund requested",
        ),
        ("refund_rows", "Gutschrift|Refund|Remboursement|Devolución|İade|返品"),
        ("sold", "partially refunded|Teilweise erstattet|partially_cancelled|Partiellement remboursée"),
        ("", "on the moon|not cancelled|VIP|wichtig|new|returning"),
    ],
)
def test_meanings(meaning: str, statuses: str) -> None:
    assert {status: status_meaning(status) for status in statuses.split("|")} == dict.fromkeys(
        statuses.split("|"), meaning
    )


@pytest.mark.parametrize("meaning", MEANINGS)
def test_listed_statuses_keep_their_meaning(meaning: str) -> None:
    assert {status_meaning(word) for word in word_set(meaning)} == {meaning}


def test_a_status_column_is_one_although_a_word_is_unknown() -> None:
    cells = {
        "order_id": [str(n) for n in range(40)],
        "customer_id": [f"c{n % 9}" for n in range(40)],
        "order_date": [f"2025-01-{1 + n % 28:02}" for n in range(40)],
        "total": [f"{n}.50" for n in range(40)],
        "Statut": ["Payée"] * 30 + ["Annulée"] * 4 + ["À voir"] * 6,
    }
    assert roles(schema_of(text_table(cells)))["Statut"] == "order_status"
    cells["Statut"] = ["OK", "OR", "TX", "NY", "CA"] * 8
    cells["state"] = cells.pop("Statut")
    assert roles(schema_of(text_table(cells)))["state"] is None
