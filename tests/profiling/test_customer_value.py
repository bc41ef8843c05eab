"""Future value: estimated only behind its gates, with the reason otherwise, never per person."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from profiling.people import customers
from shared import shared_data

from reportgen.config import Config
from reportgen.inputs.customers import Customers, OrderFacts, PurchaseHistory
from reportgen.inputs.read import read_customers
from reportgen.profiling.customer_value import CustomerValue, estimate_value

DAY = dt.date(2024, 6, 1)


@pytest.fixture(scope="module")
def cdnow() -> Customers:
    return read_customers(str(shared_data("cdnow/CDNOW_master.txt")), Config())


def value_of(customers: Customers, k: int = 1) -> CustomerValue:
    spend = customers.frame["spend"].to_numpy()
    labels = (spend < np.median(spend)).astype(np.int64) if k == 2 else np.zeros(len(spend), dtype=np.int64)
    value = estimate_value(customers, labels, k, seed=1)
    assert value is not None
    return value


def reasons(value: CustomerValue) -> set[str]:
    return {item.key.removeprefix("lifetime.") for item in value.missing}


def cut_to(customers: Customers, rows: int) -> Customers:
    facts = customers.order_facts
    assert facts is not None
    assert facts.purchases is not None
    history = replace(facts.purchases, frame=facts.purchases.frame.head(rows))
    return replace(customers, frame=customers.frame.head(rows), order_facts=replace(facts, purchases=history))


@pytest.mark.slow
def test_cdnow_passes_every_gate_and_its_hold_out_is_met(cdnow: Customers) -> None:
    value = value_of(cdnow, k=2)
    assert value.estimated
    assert value.hold_out is not None
    assert 0.85 <= value.hold_out.ratio <= 1.15
    high, low = value.segments
    assert high.per_customer > 2 * low.per_customer
    for segment in value.segments:
        assert 0 < segment.low < segment.per_customer < segment.high
    sizes = np.bincount((cdnow.frame["spend"] < cdnow.frame["spend"].median()).astype(int))
    assert high.total == pytest.approx(high.per_customer * sizes[0])


def test_purchase_days_add_up_to_the_log(cdnow: Customers) -> None:
    facts = cdnow.order_facts
    assert facts is not None
    assert facts.purchases is not None
    frame = facts.purchases.frame
    assert len(frame) == len(cdnow.frame)
    assert (frame["repeats"] + 1 == cdnow.frame["order_days"]).all()
    known = frame["known_repeats"].fillna(-1) + 1
    assert (known + frame["later"] == frame["repeats"] + 1).all()
    assert (frame["span"] <= frame["age"]).all()


def test_too_few_customers_are_not_estimated(cdnow: Customers) -> None:
    value = value_of(cut_to(cdnow, 300))
    assert not value.estimated
    assert "few_customers" in reasons(value)
    assert value.segments == ()


def test_too_short_a_history_is_not_estimated(cdnow: Customers) -> None:
    facts = cdnow.order_facts
    assert facts is not None
    assert facts.purchases is not None
    short = replace(facts, purchases=replace(facts.purchases, days=364))
    assert reasons(value_of(replace(cdnow, order_facts=short))) == {"short_history"}


@pytest.mark.slow
def test_a_trade_that_ended_is_not_estimated(cdnow: Customers) -> None:
    """Nobody bought in the hold-out: the model predicts far too much, and the gate sees it."""
    facts = cdnow.order_facts
    assert facts is not None
    assert facts.purchases is not None
    frame: pd.DataFrame = facts.purchases.frame.assign(later=0.0)
    ended = replace(facts, purchases=replace(facts.purchases, frame=frame))
    assert "wrong_level" in reasons(value_of(replace(cdnow, order_facts=ended)))


def test_a_customer_table_has_no_such_estimate(cdnow: Customers) -> None:
    assert estimate_value(replace(cdnow, order_facts=None), np.zeros(len(cdnow.frame), dtype=np.int64), 1, 1) is None


def test_a_handful_of_returning_customers_is_not_counted_and_blames_no_history() -> None:
    frame = pd.DataFrame({"repeats": [1] * 4 + [0] * 600, "span": [30.0] * 4 + [0.0] * 600})
    facts = OrderFacts(DAY, DAY, DAY, None, None, (), "", (), pd.DataFrame(), (), PurchaseHistory(frame, DAY, 400, 90))
    people = customers(frame, [], order_facts=facts)
    value = estimate_value(people, np.zeros(604, dtype=np.int64), 1, seed=1)
    assert value is not None
    assert [reason.key for reason in value.missing] == ["lifetime.few_repeaters"]
    assert dict(value.missing[0].values)["customers"].suppressed
