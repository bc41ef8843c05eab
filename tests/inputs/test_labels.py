"""Headers made readable."""

import pytest

from reportgen.inputs.labels import readable, short_word


@pytest.mark.parametrize(
    ("header", "label", "short"),
    [
        ("Annual Income (k$)", "Annual income", "income"),
        ("Spending Score (1-100)", "Spending score", "spending score"),
        ("Age", "Age", "age"),
        ("total_spent", "Total spent", "spent"),
        ("TOTAL_ORDERS", "Total orders", "orders"),
        ("AvgBasketValue", "Average basket value", "basket value"),
        ("MntWines", "Spend on wines", "spend on wines"),
        ("NumWebPurchases", "Web purchases", "web purchases"),
        ("Detergents_Paper", "Detergents paper", "detergents paper"),
        ("AcceptedCmp3", "Accepted campaign 3", "accepted campaign 3"),
        ("AOV", "AOV", "AOV"),
        ("Umsatz (€)", "Umsatz", "umsatz"),
        ("(€)", "(€)", "(€)"),
        ("顧客ランク", "顧客ランク", "顧客ランク"),
    ],
)
def test_a_header_becomes_words(header: str, label: str, short: str) -> None:
    assert (readable(header), short_word(readable(header))) == (label, short)
