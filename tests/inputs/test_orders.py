"""A log of orders: rows judged, customers summed up, every amount accounted for."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest
from handmade import assert_adds_up, finding, line, made_schema, made_table
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reportgen.config import Config
from reportgen.errors import InputError
from reportgen.inputs.customers import Customers
from reportgen.inputs.orders import customers_from_orders
from reportgen.settings import InputConfig

DEFAULTS = Config()
ROLES = {
    "who": "customer_id",
    "order": "order_id",
    "day": "order_date",
    "total": "order_total",
    "line": "line_amount",
    "price": "unit_price",
    "units": "quantity",
    "mail": "customer_email",
    "status": "order_status",
    "cancelled": "cancelled_at",
    "refund": "refund_amount",
    "tax": "tax",
    "shipping": "shipping",
    "discount": "discount",
    "currency": "currency",
    "kind": "category",
    "what": "product_name",
    "no": "line_id",
    "country": "country",
}


def build(frame: pd.DataFrame, config: Config = DEFAULTS) -> Customers:
    table = made_table(frame)
    roles = {name: ROLES[name] for name in frame.columns if name in ROLES}
    return customers_from_orders(table, table.frame, made_schema(frame, "orders", roles), config)


def log(*extra: dict[str, Any], **columns: Any) -> pd.DataFrame:
    """Twelve customers with one order of 100 each on 1 to 12 March, and extra rows."""
    base = [
        {"who": f"c{i:02d}", "order": f"{i}", "day": f"2024-03-{i:02d}", "total": 100.0} | columns for i in range(1, 13)
    ]
    frame = pd.DataFrame([*base, *extra])
    frame["day"] = pd.to_datetime(frame["day"], format="mixed")
    return frame


def row(who: str | None, order: str | None, day: str, total: float | None, **more: Any) -> dict[str, Any]:
    return {"who": who, "order": order, "day": day, "total": total} | more


def of(customers: Customers, who: str) -> pd.Series:
    return customers.frame.set_index("customer").loc[who]


def test_recency_orders_and_spend() -> None:
    customers = build(log(row("c01", "20", "2024-03-20", 50.0), row("c01", "21", "2024-03-20", 30.0)))
    assert customers.order_facts is not None
    assert customers.order_facts.as_of == dt.date(2024, 3, 21)
    first = of(customers, "c01")
    assert (first["recency"], first["orders"], first["spend"], first["order_value"]) == (1, 3, 180, 60)
    assert (first["order_days"], first["tenure_days"], first["gap_days"]) == (2, 20, 19)
    assert np.isnan(of(customers, "c02")["gap_days"])
    assert (customers.spend, customers.orders, customers.recency) == ("spend", "orders", "recency")
    assert [field.name for field in customers.fields if field.candidate] == ["recency", "orders", "spend"]
    assert_adds_up(customers)


def test_a_given_day_looks_back_and_drops_what_comes_after() -> None:
    config = Config(input=InputConfig(as_of=dt.date(2024, 3, 12)))
    customers = build(log(row("c01", "20", "2024-03-20", 50.0)), config)
    assert of(customers, "c12")["recency"] == 0
    assert line(customers, "future").revenue == 50
    assert_adds_up(customers)


def test_a_last_date_far_from_the_rest_is_asked_about() -> None:
    with pytest.raises(InputError, match="2042-03-01") as caught:
        build(log(row("c01", "20", "2042-03-01", 50.0)))
    assert "--as-of 2024-03-12" in caught.value.hint


def test_refunds_net_against_their_customer() -> None:
    customers = build(log(row("c01", "C1", "2024-03-20", -40.0), row("c02", "2", "2024-03-02", -100.0)))
    assert of(customers, "c01")["spend"] == 60
    assert of(customers, "c01")["orders"] == 1
    assert of(customers, "c01")["returned_share"] == pytest.approx(0.4)
    assert "c02" not in set(customers.frame["customer"])  # its only order is netted to nothing
    assert line(customers, "customers").customers == 1
    assert (line(customers, "refunds").rows, line(customers, "refunds").revenue) == (1, 0)
    assert_adds_up(customers)


def test_cancellation_numbers_and_negative_quantities_are_returns_even_if_written_positive() -> None:
    frame = log(units=2.0, price=50.0).drop(columns="total")
    extra = pd.DataFrame(
        [
            {"who": "c01", "order": "C30", "day": pd.Timestamp("2024-03-20"), "units": 1.0, "price": 10.0},
            {"who": "c02", "order": "31", "day": pd.Timestamp("2024-03-20"), "units": -1.0, "price": 20.0},
            {"who": "c03", "order": "A32", "day": pd.Timestamp("2024-03-20"), "units": 1.0, "price": 999.0},
        ]
    )
    many = pd.concat([frame, frame.assign(order=[str(1000 + i) for i in range(12)], who="c12")])
    many = pd.concat([many] + [many.assign(order=[str(2000 + 24 * k + i) for i in range(24)]) for k in range(8)])
    customers = build(pd.concat([many, extra]))
    assert of(customers, "c01")["spend"] == 9 * 100 - 10
    assert of(customers, "c02")["spend"] == 9 * 100 - 20
    assert of(customers, "c03")["spend"] == 9 * 100
    assert line(customers, "bad_debt").revenue == 999
    assert_adds_up(customers)


def test_statuses_drop_refund_or_stay() -> None:
    extra = [
        row("c01", "20", "2024-03-20", 50.0, status="wc-cancelled"),
        row("c01", "21", "2024-03-20", 50.0, status="Storniert"),
        row("c02", "22", "2024-03-20", 30.0, status="refunded"),
        row("c03", "23", "2024-03-20", 30.0, status="Gutschrift"),
        row("c04", "24", "2024-03-20", 30.0, status="on the moon"),
    ]
    customers = build(log(*extra, status="paid"))
    assert [of(customers, f"c0{i}")["spend"] for i in (1, 2, 3, 4)] == [100, 100, 70, 130]
    assert of(customers, "c02")["orders"] == 1
    statuses = [x.label for x in customers.quality.reconciliation if x.code == "status"]
    assert statuses == ["Status “Storniert”", "Status “wc-cancelled”"]
    assert line(customers, "refunds").revenue == 30  # the refunded order was positive in the file
    assert "on the moon" in finding(customers, "unknown_status")
    assert_adds_up(customers)


def test_a_date_of_cancellation_drops_the_order() -> None:
    customers = build(log(row("c01", "20", "2024-03-20", 50.0, cancelled=pd.Timestamp("2024-03-21")), cancelled=pd.NaT))
    assert of(customers, "c01")["spend"] == 100
    assert line(customers, "cancelled").orders == 1
    assert_adds_up(customers)


def test_refund_and_tax_columns_are_taken_off_once() -> None:
    customers = build(log(row("c01", "20", "2024-03-20", 120.0, refund=60.0, tax=20.0), refund=0.0, tax=0.0))
    assert of(customers, "c01")["spend"] == 100 + 60 - 10  # half of the order went back, and half of its tax
    assert line(customers, "refunds").revenue == 60
    assert line(customers, "tax").revenue == 10
    assert_adds_up(customers)


def test_guests_are_counted_never_a_customer() -> None:
    extra = [
        row(None, "20", "2024-03-20", 50.0),
        row("guest", "21", "2024-03-20", 50.0),
        row("0", "22", "2024-03-20", 100.0, mail="noreply@shop.example"),
        row(None, "23", "2024-03-20", 10.0, mail=" Ann@X.org "),
    ]
    customers = build(log(*extra, mail=None))
    assert len(customers.frame) == 13
    assert of(customers, "ann@x.org")["spend"] == 10
    guests = line(customers, "guests")
    assert (guests.rows, guests.orders, guests.revenue, guests.customers) == (3, 3, 200, 0)
    assert "14.2%" in finding(customers, "guests")
    assert_adds_up(customers)


def test_a_row_equal_inside_an_order_stays_but_a_repeated_order_goes() -> None:
    twice_inside = [
        row("c01", "20", "2024-03-20", 5.0),
        row("c01", "20", "2024-03-20", 5.0),
        row("c01", "20", "2024-03-20", 7.0),
    ]
    twice_whole = [row("c02", "21", "2024-03-20", x) for x in (5.0, 7.0, 5.0, 7.0)]
    customers = build(log(*twice_inside, *twice_whole))
    assert of(customers, "c01")["spend"] == 117
    assert of(customers, "c02")["spend"] == 112
    assert (line(customers, "duplicates").rows, line(customers, "duplicates").revenue) == (2, 12)
    assert finding(customers, "equal_rows").startswith("1 row equals")
    assert_adds_up(customers)


def test_without_order_ids_equal_rows_are_copies_only_if_they_carry_a_time() -> None:
    same = [row("c01", None, "2024-03-20", 5.0)] * 2
    plain = build(log(*same).drop(columns="order"))
    assert (of(plain, "c01")["spend"], of(plain, "c01")["orders"]) == (110, 2)  # one order per customer and day
    timed = build(log(*[row("c01", None, "2024-03-20 10:31", 5.0)] * 2).drop(columns="order"))
    assert of(timed, "c01")["spend"] == 105
    assert_adds_up(plain)
    assert_adds_up(timed)


def test_a_repeated_line_id_is_a_copy() -> None:
    lines = [
        row("c01", "20", "2024-03-20", 5.0, no="1"),
        row("c01", "20", "2024-03-20", 5.0, no="1"),
        row("c01", "20", "2024-03-20", 6.0, no="2"),
    ]
    customers = build(log(*lines, no="1"))
    assert of(customers, "c01")["spend"] == 111
    assert_adds_up(customers)


def test_an_order_total_repeated_on_its_lines_counts_once() -> None:
    lines = [
        row(f"c{i:02d}", f"2{i:02d}", "2024-03-20", 30.0, line=own, kind=kind)
        for i in range(1, 13)
        for own, kind in ((10.0, "Tea"), (20.0, "Rum"))
    ]
    customers = build(log(*lines, *(x | {"order": f"9{x['order']}"} for x in lines), line=100.0, kind="Tea"))
    assert set(customers.frame["spend"]) == {160}
    facts = customers.order_facts
    assert facts is not None
    assert facts.categories == ("Tea", "Rum")
    assert facts.category_spend.iloc[0].tolist() == [120, 40]
    assert of(customers, "c01")["share of Tea"] == 0.75
    assert_adds_up(customers)


def test_order_totals_are_compared_with_their_lines() -> None:
    def build_with(line: float) -> Customers:
        lines = [
            row(f"c{i:02d}", f"2{i:02d}", "2024-03-20", 100.0, price=line, units=1.0, what=w)
            for i in range(30)
            for w in "ab"
        ]
        return build(pd.DataFrame(lines).assign(day=pd.Timestamp("2024-03-20"), shipping=10.0))

    told = {finding.code for finding in build_with(45.0).quality.findings}
    assert "totals_differ" not in told  # two lines of 45 and 10 for shipping make 100
    assert "-20.0%" in finding(build_with(40.0), "totals_differ")


def test_order_columns_on_the_first_row_only_are_filled_down() -> None:
    lines = []
    for i in range(1, 25):
        lines.append(row(f"c{i % 12:02d}", f"9{i:02d}", "2024-03-20", 30.0, status="paid", units=1.0, price=10.0))
        lines.append(row(None, f"9{i:02d}", None, None, status=None, units=1.0, price=20.0))  # type: ignore[arg-type]
    frame = pd.DataFrame(lines)
    frame["day"] = pd.to_datetime(frame["day"])
    customers = build(frame)
    assert len(customers.frame) == 12
    assert set(customers.frame["spend"]) == {60}
    assert line(customers, "used").rows == 48
    assert_adds_up(customers)


def test_lines_that_differ_within_orders_are_added_up_whatever_the_header_says() -> None:
    customers = build(log(*(row("c01", "20", "2024-03-20", x) for x in (5.0, 7.0, 8.0))))
    assert of(customers, "c01")["spend"] == 120
    assert_adds_up(customers)


def test_shipping_lines_and_gift_cards_stay_out_of_the_mix() -> None:
    extra = [
        row("c01", "20", "2024-03-20", 5.0, kind="Shipping", what="Postage"),
        row("c01", "20", "2024-03-20", 50.0, kind="Vouchers", what="Gift Card - $50.00"),
        row("c01", "20", "2024-03-20", 40.0, kind="Rum", what="Rum"),
    ]
    customers = build(log(*extra, kind="Tea", what="Tea"))
    facts = customers.order_facts
    assert facts is not None
    assert facts.categories == ("Tea", "Rum")
    assert of(customers, "c01")["spend"] == 145
    assert line(customers, "gift_cards").revenue == 50
    assert_adds_up(customers)


def test_totals_rows_and_unreadable_rows_leave_first() -> None:
    total = row("Total", None, "NaT", 1200.0)
    customers = build(log(total, row("c01", "20", "NaT", 5.0), row("c01", "21", "2024-03-20", None)))
    assert (line(customers, "totals_row").rows, line(customers, "totals_row").revenue) == (1, 1200)
    assert (line(customers, "unreadable_rows").rows, line(customers, "unreadable_rows").orders) == (2, 2)
    assert_adds_up(customers)


def test_orders_worth_nothing_are_no_orders() -> None:
    customers = build(log(row("c01", "20", "2024-03-20", 0.0), row("free", "21", "2024-03-20", 0.0)))
    assert (of(customers, "c01")["orders"], of(customers, "c01")["recency"]) == (1, 20)
    assert "free" not in set(customers.frame["customer"])
    assert (line(customers, "zero").orders, line(customers, "customers").customers) == (1, 1)
    assert_adds_up(customers)


def test_months_name_the_partial_ones_and_the_returning() -> None:
    days = pd.date_range("2024-01-01", "2024-04-10", freq="2D")
    rows = [row(f"c{i % 12:02d}", f"{i}", str(day.date()), 10.0) for i, day in enumerate(days)]
    facts = build(pd.DataFrame(rows).assign(day=days)).order_facts
    assert facts is not None
    assert [(m.month, m.complete) for m in facts.months] == [
        ("2024-01", True),
        ("2024-02", True),
        ("2024-03", True),
        ("2024-04", False),
    ]
    assert [m.returning for m in facts.months] == [0, 12, 12, 5]


def test_the_usual_gap_and_the_lapse_limit() -> None:
    rows = [
        row(f"c{i:02d}", f"{i}-{k}", str(dt.date(2024, 1, 1) + dt.timedelta(days=10 * k)), 10.0)
        for i in range(40)
        for k in range(6)
    ]
    rows.append(row("c00", "late", "2024-03-30", 10.0))
    frame = pd.DataFrame(rows)
    frame["day"] = pd.to_datetime(frame["day"])
    facts = build(frame).order_facts
    assert facts is not None
    assert (facts.usual_gap, facts.lapse_limit) == (10, 20)
    few = build(log()).order_facts
    assert few is not None
    assert (few.usual_gap, few.lapse_limit) == (None, None)


def test_the_last_year_and_the_customers_own_last_year() -> None:
    extra = [
        row("c01", "20", "2022-05-01", 7.0),
        row("c01", "21", "2023-03-13", 5.0),
        row("c02", "22", "2023-03-02", 3.0),
    ]
    customers = build(log(*extra))  # as of 2024-03-13
    assert (of(customers, "c01")["spend_last_year"], of(customers, "c01")["spend_own_year"]) == (100, 105)
    assert (of(customers, "c02")["spend_last_year"], of(customers, "c02")["spend_own_year"]) == (100, 100)


def test_words_describe_customers_by_their_most_frequent_value() -> None:
    extra = [
        row("c01", "20", "2024-03-20", 5.0, country="France"),
        row("c01", "21", "2024-03-21", 5.0, country="France"),
    ]
    customers = build(log(*extra, country="Spain"))
    assert of(customers, "c01")["country"] == "France"
    assert of(customers, "c02")["country"] == "Spain"
    assert customers.field("country").kind == "category"


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (log().head(4), "4 customers have bought something"),
        (log().assign(who=None), "all are guests"),
        (log().assign(total=-5.0), "only refunds"),
        (log().assign(status="cancelled"), "no row with a readable date"),
        (log().drop(columns="total"), "no amount"),
        (log().drop(columns="day"), "no date"),
        (log().drop(columns="who"), "no column that names the customer"),
        (log().assign(currency=["EUR", "USD"] * 6), "several currencies"),
    ],
)
def test_hopeless_logs_are_refused(frame: pd.DataFrame, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        build(frame)
    assert caught.value.hint


def test_an_as_of_date_before_all_orders_is_refused() -> None:
    with pytest.raises(InputError, match="every order lies after"):
        build(log(), Config(input=InputConfig(as_of=dt.date(2020, 1, 1))))


ANY_ROW = st.fixed_dictionaries(
    {
        "who": st.sampled_from([None, "guest", "c01", "c02", "c03", "x1", "x2"]),
        "order": st.sampled_from([None, "1", "2", "50", "51", "52", "C53", "A54"]),
        "day": st.sampled_from(["2024-03-01", "2024-03-09", "2024-04-02", "NaT"]),
        "total": st.one_of(st.none(), st.integers(-20000, 20000).map(lambda cents: cents / 100)),
        "refund": st.sampled_from([0.0, 1.5, 30.0]),
        "tax": st.sampled_from([0.0, 0.19]),
        "status": st.sampled_from(["paid", "refunded", "refund", "cancelled", None]),
        "kind": st.sampled_from(["Tea", "Rum", None, "Shipping"]),
    }
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(ANY_ROW, max_size=25), st.randoms(use_true_random=False))
def test_every_row_order_customer_and_cent_is_accounted_for_in_any_order(
    rows: list[dict[str, Any]], chance: Any
) -> None:
    frame = log(*rows, refund=0.0, tax=0.0, status="paid", kind="Tea")
    customers = build(frame)
    assert_adds_up(customers)
    shuffled = build(frame.sample(frac=1, random_state=chance.randrange(2**31)))
    pd.testing.assert_frame_equal(customers.frame, shuffled.frame, check_exact=True)
    assert customers.quality == shuffled.quality


def test_labels_of_the_configuration_win() -> None:
    customers = build(log(), Config(labels={"spend": "Net revenue"}))
    assert (customers.field("spend").label, customers.field("spend").short) == ("Net revenue", "net revenue")


def test_amounts_and_keys_survive_extremes() -> None:
    extra = [
        row("Zoë “O'Brien”; DROP TABLE", "20", "2024-03-20", 0.01),
        row("0012", "21", "2024-03-20", 999_999_999_999.99),
        row("c01", "22", "2024-03-20", 1e15),  # beyond any shop: not readable as money
    ]
    customers = build(log(*extra))
    assert of(customers, "Zoë “O'Brien”; DROP TABLE")["spend"] == 0.01
    assert of(customers, "0012")["spend"] == 999_999_999_999.99
    assert of(customers, "c01")["spend"] == 100
    assert_adds_up(customers)
