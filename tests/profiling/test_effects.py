"""Effect sizes, gates, concentration and densities against worked figures."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reportgen.profiling.concentration import concentrate, top_share
from reportgen.profiling.density import even_grid, smooth, two_humps, wants_logarithm
from reportgen.profiling.effects import bimodality, numeric_effect, reference, share_effect, skewness
from reportgen.profiling.gates import effect_large_enough, holm


def test_share_effect_of_the_worked_example():
    h, z = share_effect(30, 100, 200, 1000)
    assert h == pytest.approx(0.232, abs=0.0005)
    assert z == pytest.approx(2.63, abs=0.005)


def test_numeric_effect_by_hand():
    values = np.array([1.0, 2.0, 3.0, 4.0] * 50)
    d, z = numeric_effect(values, values >= 3)
    assert d == pytest.approx(1 / math.sqrt(1.25))
    assert z == pytest.approx(d * math.sqrt(100) / math.sqrt(100 / 199))


def test_nothing_varies_and_everyone_is_a_member_have_no_effect():
    assert numeric_effect(np.ones(50), np.arange(50) < 5)[0] == 0
    assert math.isnan(numeric_effect(np.arange(50.0), np.ones(50, dtype=bool))[1])


def test_one_giant_does_not_make_an_effect():
    values = np.append(np.tile([1.0, 2.0, 3.0], 100), 1e9)
    assert reference(values).high == 3
    assert abs(numeric_effect(values, np.arange(301) >= 200)[0]) < 0.1


@given(st.permutations(list(range(60))))
def test_effects_do_not_depend_on_row_order(order):
    values = np.random.default_rng(1).lognormal(3, 1, 60)
    members = np.arange(60) % 3 == 0
    assert numeric_effect(values[order], members[order]) == numeric_effect(values, members)


def test_holm_lets_one_row_pass_at_two_and_is_stricter_with_more():
    assert holm([2.0]) == [True]
    assert holm([1.99]) == [False]
    assert holm([2.0, 0.1, 0.1]) == [False, False, False]
    assert holm([5.0, math.nan, 2.1, 0.1]) == [True, False, False, False]


@pytest.mark.parametrize(
    ("n", "effect", "passes"),
    [
        (9, 3.0, False),
        (10, 0.8, True),
        (29, 0.79, False),
        (30, 0.5, True),
        (99, 0.49, False),
        (100, -0.2, True),
        (100, 0.19, False),
    ],
)
def test_smaller_groups_need_larger_effects(n, effect, passes):
    assert effect_large_enough(n, effect) is passes


def test_concentration_of_the_worked_example():
    spread = concentrate(np.array([10.0, 20, 30, 40, 100]))
    assert spread.gini == pytest.approx(0.50)
    assert spread.top20_share == pytest.approx(0.50)
    assert spread.customers_for_80 == pytest.approx(3 / 5)
    assert spread.lorenz[0] == (0.0, 0.0)
    assert spread.lorenz[-1] == (1.0, 1.0)


def test_equal_spenders_and_no_spend_have_no_concentration():
    assert concentrate(np.full(10, 7.0)).gini == pytest.approx(0.0)
    assert top_share(np.full(10, 7.0), 0.2) == pytest.approx(0.2)
    assert concentrate(np.zeros(4)).gini == 0


@given(st.lists(st.floats(0.01, 1e6), min_size=2, max_size=60))
def test_lorenz_rises_below_the_diagonal(spend):
    points = concentrate(np.array(spend)).lorenz
    shares = [y for _, y in points]
    assert shares == sorted(shares)
    assert all(y <= x + 1e-9 for x, y in points)


def test_skewness_and_bimodality_know_their_references():
    random = np.random.default_rng(5)
    assert skewness(random.exponential(size=200_000)) == pytest.approx(2.0, abs=0.1)
    assert bimodality(random.exponential(size=200_000)) == pytest.approx(0.56, abs=0.01)
    assert bimodality(np.log(random.exponential(size=200_000))) == pytest.approx(0.43, abs=0.01)


def test_two_groups_are_seen_and_one_is_not():
    random = np.random.default_rng(2)
    mixture = np.append(random.lognormal(2, 0.3, 300), random.lognormal(5, 0.3, 200))
    assert two_humps(mixture)
    assert not two_humps(random.lognormal(3, 1, 500))
    assert not two_humps(random.uniform(30, 60, 500))


def test_density_covers_one_and_never_shows_the_extremes():
    values = np.append(np.random.default_rng(3).normal(50, 10, 2000), [500.0])
    grid = even_grid(values)
    assert np.trapezoid(smooth(values, grid), grid) == pytest.approx(1, abs=0.03)
    assert grid[-1] < 120
    assert even_grid(np.abs(values))[0] >= 0


def test_only_skewed_positive_fields_are_drawn_on_a_log_scale():
    random = np.random.default_rng(4)
    assert wants_logarithm(random.lognormal(3, 1, 500))
    assert not wants_logarithm(random.normal(50, 5, 500))
    assert not wants_logarithm(np.append(random.lognormal(3, 1, 500), np.zeros(200)))
