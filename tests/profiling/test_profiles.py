"""Profiles: what each segment is like against all customers."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from profiling.people import customers, field, mall, segmentation, shop

from reportgen.config import load_config
from reportgen.profiling.profiles import profile_segments
from reportgen.profiling.spending import spending_profiles


@pytest.fixture(scope="module")
def profiles():
    return profile_segments(*mall())


def trait(profile, name):
    return next(trait for trait in profile.numeric if trait.field == name)


def test_sizes_add_up_and_centres_are_the_published_ones(profiles):
    assert [profile.size for profile in profiles] == [81, 39, 35, 23, 22]
    assert sum(profile.share for profile in profiles) == pytest.approx(1)
    centres = [(round(trait(p, "income").mean, 2), round(trait(p, "score").mean, 2)) for p in profiles]
    assert centres == [(55.30, 49.52), (86.54, 82.13), (88.20, 17.11), (26.30, 20.91), (25.73, 79.36)]


def test_traits_come_by_effect_and_the_middle_group_has_none(profiles):
    assert not any(t.stands_out for t in profiles[0].numeric)
    assert [t.field for t in profiles[1].numeric if t.stands_out] == ["score", "income"]
    for profile in profiles:
        effects = [abs(t.effect) for t in profile.numeric]
        assert effects == sorted(effects, reverse=True)


def test_protected_fields_are_marked_never_active_and_can_be_hidden(profiles):
    age = trait(profiles[0], "age")
    assert age.protected
    assert not age.active
    assert {level.field for level in profiles[0].levels} == {"gender"}
    hidden = profile_segments(*mall(), load_config(privacy__protected="hide"))
    assert not any(t.protected for p in hidden for t in (*p.numeric, *p.levels))


def test_small_cells_of_gender_are_hidden_in_pairs(profiles):
    small = [level for profile in profiles[3:] for level in profile.levels]
    assert all(level.suppressed and level.n is None and level.share is None for level in small)
    assert all(not level.suppressed for profile in profiles[:3] for level in profile.levels)


def test_densities_share_a_grid_and_peak_at_one(profiles):
    for profile in profiles:
        assert [density.field for density in profile.densities] == ["income", "score", "age"]
        for density in profile.densities:
            assert len(density.grid) == len(density.segment) == len(density.base)
            assert max(*density.segment, *density.base) == 1


def test_any_row_order_gives_the_same_profiles():
    people, found = mall()
    order = np.random.default_rng(7).permutation(200)
    shuffled = dataclasses.replace(people, frame=people.frame.iloc[order].reset_index(drop=True))
    again = segmentation(shuffled, found.assignment.label[order], ("income", "score"))
    assert profile_segments(shuffled, again) == profile_segments(people, found)


def test_customers_outside_every_segment_are_left_out():
    people, found = mall()
    label = np.append(found.assignment.label[:-5], [-1] * 5)
    profiles = profile_segments(people, segmentation(people, label, ("income", "score")))
    assert sum(profile.size for profile in profiles) == 195
    assert sum(profile.share for profile in profiles) == pytest.approx(1)


def test_a_tiny_segment_prints_no_figure():
    people, _ = mall()
    label = np.array([0] * 194 + [1] * 6)
    tiny = profile_segments(people, segmentation(people, label, ("income", "score")))[1]
    assert all(t.mean is t.median is t.q25 is t.index is None and t.effect == 0 for t in tiny.numeric)
    assert not any(t.stands_out for t in tiny.numeric)
    assert tiny.densities == ()
    assert all(level.n is None or level.n == 0 for level in tiny.levels)


def test_a_hidden_column_is_not_drawn_and_three_at_most_are():
    people, found = mall(6, ("age", "income", "score"))
    hidden = profile_segments(*mall(), load_config(privacy__protected="hide"))
    assert [density.field for density in hidden[0].densities] == ["income", "score"]
    assert all(len(profile.densities) == 3 for profile in profile_segments(people, found))


def test_one_segment_has_no_effects_and_the_figures_of_everyone():
    people, _ = mall()
    (everyone,) = profile_segments(people, segmentation(people, [0] * 200, ("income", "score")))
    assert everyone.share == 1
    assert all(t.effect == 0 and not t.stands_out and t.mean == t.base_mean for t in everyone.numeric)


def test_missing_values_are_counted_and_an_index_needs_a_positive_base():
    frame = pd.DataFrame({"balance": [-5.0, 5.0] * 50, "visits": [np.nan] * 30 + [2.0, 4.0] * 35})
    people = customers(frame, (field("balance"), field("visits", "count")))
    label = np.array([0] * 60 + [1] * 40)
    first, second = profile_segments(people, segmentation(people, label, ("balance",)))
    assert trait(first, "visits").n == 30
    assert trait(second, "visits").n == 40
    assert trait(first, "balance").index is None
    assert trait(first, "visits").index == pytest.approx(100)


def test_rare_levels_and_a_flag():
    words = ["a"] * 60 + ["b"] * 33 + ["c"] * 4 + ["d"] * 3
    frame = pd.DataFrame({"word": words, "flag": [1.0, 0.0] * 50})
    people = customers(frame, (field("word", "category"), field("flag", "flag")))
    levels = profile_segments(people, segmentation(people, [0, 1] * 50, ()))[0].levels
    assert [(level.field, level.level) for level in levels] == [
        ("word", "a"),
        ("word", "Other"),  # c and d are too few together, so they take b along
        ("flag", "Yes"),
    ]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 5))
def test_printed_shares_never_exceed_one_and_hidden_ones_come_in_company(seed, k):
    random = np.random.default_rng(seed)
    n = int(random.integers(40, 200))
    frame = pd.DataFrame({"plan": random.choice(list("abcdef"), n, p=[0.5, 0.2, 0.15, 0.05, 0.05, 0.05])})
    people = customers(frame, (field("plan", "category"),))
    label = np.append(np.arange(k), random.integers(0, k, n - k))
    profiles = profile_segments(people, segmentation(people, label, ()))
    assert sum(profile.size for profile in profiles) == n
    for profile in profiles:
        printed = [level.share for level in profile.levels if level.share is not None]
        assert sum(printed) <= 1 + 1e-9
        assert all(level.n == 0 or level.n >= 10 for level in profile.levels if level.n is not None)
        off = sum(level.suppressed for level in profile.levels)
        assert off != 1 or all(level.n == 0 for level in profile.levels if not level.suppressed)
        assert off or sum(printed) == pytest.approx(1) or not profile.levels


def test_order_value_is_a_ratio_of_totals_as_in_the_spending_profile():
    people, segments = shop()
    spending = spending_profiles(people, segments)
    for profile, money in zip(profile_segments(people, segments), spending.segments, strict=True):
        assert trait(profile, "order_value").mean == pytest.approx(money.order_value)
        assert trait(profile, "order_value").base_mean == pytest.approx(spending.base.order_value)
        assert trait(profile, "spend").mean == pytest.approx(money.spend_mean)


def test_what_differs_one_way_per_customer_and_the_other_in_total_is_not_said():
    people, segments = shop()
    frame = people.frame.copy()
    members = segments.assignment.label == 0
    frame["order_value"] = np.where(members, np.where(np.arange(900) < 5, 10.0, 60.0), 50.0)
    frame.loc[:4, "orders"] = 100_000.0  # five giants with tiny orders
    first = profile_segments(dataclasses.replace(people, frame=frame), segments)[0]
    assert trait(first, "order_value").effect > 0.5
    assert trait(first, "order_value").index < 100
    assert not trait(first, "order_value").stands_out


def test_counts_are_drawn_as_one_hump():
    people, segments = shop()
    for profile in profile_segments(people, segments):
        orders = next(density for density in profile.densities if density.field == "orders")
        curve = np.array(orders.base)
        peaks = ((curve[1:-1] > curve[:-2]) & (curve[1:-1] > curve[2:])).sum()
        assert peaks <= 3  # one order, a few orders, many orders: not one peak for every number
