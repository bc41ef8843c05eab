"""The money side: accounting identities, states and what a gate keeps back."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from profiling.people import customers, field, mall, segmentation, shop

from reportgen.profiling.concentration import concentrate
from reportgen.profiling.spending import spending_profiles
from reportgen.profiling.states import STATES, customer_states, usual_gap


@pytest.fixture(scope="module")
def spending():
    return spending_profiles(*shop())


def test_a_table_without_spend_has_no_money_side():
    assert spending_profiles(*mall()) is None


def test_customers_revenue_and_orders_add_up(spending):
    segments, base = spending.segments, spending.base
    assert sum(s.customers for s in segments) == base.customers == 900
    assert sum(s.revenue for s in segments) == pytest.approx(base.revenue)
    assert sum(s.revenue_share for s in segments) == pytest.approx(1)
    assert sum(s.orders for s in segments) == base.orders
    assert base.index == pytest.approx(100)
    for s in (*segments, base):
        assert s.spend_mean == pytest.approx(s.orders_per_customer * s.order_value)
        assert s.spend_q25 <= s.spend_median <= s.spend_q75
        assert sum(c.share for c in s.categories) == pytest.approx(1)


def test_states_follow_the_usual_gap_and_the_lapse_limit(spending):
    best, once, lapsed = spending.segments
    assert dict(best.states)["Active"] == dict(once.states)["One-time"] == dict(lapsed.states)["Lapsed"] == 1
    assert (best.drifting, once.drifting, lapsed.drifting) == (0, 0, 300)
    assert lapsed.spend_own_year == pytest.approx(lapsed.revenue)
    assert best.spend_own_year == 0


def test_state_limits_belong_to_the_earlier_state():
    people, _ = shop(n=9)
    frame = people.frame.assign(order_days=[1, 1, 2, 2, 2, 2, 2, 2, 2], recency=[30, 31, 30, 31, 80, 81, 0, 500, 29.0])
    states = customer_states(dataclasses.replace(people, frame=frame))
    words = [STATES[state] for state in states]
    assert words == ["New", "One-time", "Active", "Slowing", "Slowing", "Lapsed", "Active", "Lapsed", "Active"]


def test_without_a_usual_gap_there_are_no_states():
    people, found = shop()
    facts = dataclasses.replace(people.order_facts, usual_gap=None, lapse_limit=None)
    spending = spending_profiles(dataclasses.replace(people, order_facts=facts), found)
    assert all(s.states == () and s.drifting is None for s in spending.segments)


def test_a_gap_column_of_a_customer_table_gives_the_usual_gap():
    frame = pd.DataFrame({"last": [5.0] * 40, "gap": [20.0] * 40})
    people = customers(frame, (field("last", "days"), field("gap", "days", role="gap_days")), recency="last")
    assert usual_gap(people) == (20, 40)
    assert usual_gap(dataclasses.replace(people, frame=frame.head(29).assign(customer=""))) is None


def test_few_states_are_not_printed():
    people, found = shop()
    recency = people.frame["recency"].to_numpy().copy()
    recency[:5] = 60  # five of the best are Slowing
    spending = spending_profiles(dataclasses.replace(people, frame=people.frame.assign(recency=recency)), found)
    assert "Slowing" not in dict(spending.segments[0].states)
    assert "Active" not in dict(spending.segments[0].states)  # 295 of 300 would give the five away


def test_few_buyers_have_no_index_and_few_repeaters_no_rate():
    people, found = shop()
    spend = people.frame["spend"].to_numpy()
    garden = np.where(np.arange(900) < 5, spend, 0.0)
    garden[300:] = spend[300:] / 2
    wallet = pd.DataFrame({"Kitchen": spend - garden, "Garden": garden})
    facts = dataclasses.replace(people.order_facts, category_spend=wallet)
    best = spending_profiles(dataclasses.replace(people, order_facts=facts), found).segments[0]
    assert best.categories[1].suppressed
    assert best.categories[1].index is None
    orders = people.frame["orders"].to_numpy().copy()
    orders[300:303] = 2
    once = spending_profiles(dataclasses.replace(people, frame=people.frame.assign(orders=orders)), found).segments[1]
    assert once.repeat_rate is None


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.permutations(range(60)))
def test_row_order_changes_nothing(seed, order):
    random = np.random.default_rng(seed)
    frame = pd.DataFrame({"spend": random.lognormal(3, 1, 60), "orders": random.integers(1, 9, 60).astype(float)})
    fields = (field("spend", "money", role="total_spent"), field("orders", "count", role="n_orders"))
    label = np.arange(60) % 3
    order = list(order)

    def measure(rows):
        people = customers(frame.iloc[rows].reset_index(drop=True), fields, spend="spend", orders="orders")
        return spending_profiles(people, segmentation(people, label[rows], ("spend",)))

    assert measure(order) == measure(list(range(60)))


@pytest.mark.parametrize("n", [12, 60, 437])
def test_no_step_of_the_curve_holds_fewer_than_ten_customers(n):
    points = concentrate(np.random.default_rng(n).lognormal(4, 1, n)).lorenz
    assert points[0] == (0.0, 0.0)
    assert points[-1] == (1.0, pytest.approx(1.0))
    assert min(b[0] - a[0] for a, b in itertools.pairwise(points)) * n >= 10 - 1e-9


@pytest.mark.parametrize(("n", "told"), [(45, False), (200, True)])
def test_the_share_of_the_largest_fifth_is_told_of_ten_customers_and_more(n, told):
    frame = pd.DataFrame({"spend": np.random.default_rng(1).lognormal(4, 0.5, n)})
    people = customers(frame, [field("spend", "money")], spend="spend")
    found = spending_profiles(people, segmentation(people, np.arange(n) % 2, ["spend"]))
    assert (found.concentration is not None) == told
