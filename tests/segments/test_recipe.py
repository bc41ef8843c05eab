from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from customer_tables import make_field
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from reportgen.segments.recipe import (
    FeatureRecipe,
    LearningRules,
    apply_feature,
    apply_recipe,
    capped_rows,
    learn_feature,
    own_units,
    skewness,
    unscorable_rows,
)

LEVEL = np.array([1.0, 2, 3, 4, 5, 6, 7, 8, 9])
SKEWED = np.exp(np.linspace(0, 6, 50))


def test_a_plain_column_becomes_z_scores_with_the_population_sd():
    feature = learn_feature(make_field("x"), LEVEL, LearningRules())
    assert (feature.transform, feature.mean) == ("none", 5.0)
    assert feature.scale == pytest.approx(np.std(LEVEL, ddof=0), abs=1e-15)
    assert apply_feature(feature, LEVEL).std() == pytest.approx(1)


def test_missing_cells_take_the_median_before_mean_and_scale_are_learned():
    feature = learn_feature(make_field("x"), np.array([1.0, 2, 4, np.nan]), LearningRules())
    assert (feature.fill, feature.missing, feature.mean) == (2.0, 1, 2.25)
    assert apply_feature(feature, np.array([np.nan]))[0] == apply_feature(feature, np.array([2.0]))[0]


def test_a_skewed_amount_gets_a_logarithm_in_hundredths_of_the_typical_amount():
    feature = learn_feature(make_field("x", kind="money"), SKEWED, LearningRules())
    assert feature.transform == "log1p"
    assert feature.transform_unit == pytest.approx(np.median(SKEWED) / 100)


def test_a_skewed_count_gets_a_logarithm_in_ones():
    feature = learn_feature(make_field("x", kind="count"), np.round(SKEWED), LearningRules())
    assert (feature.transform, feature.transform_unit) == ("log1p", 1.0)


def test_a_skewed_column_with_negatives_gets_asinh():
    values = np.append(SKEWED, [-1.0, -2.0])
    feature = learn_feature(make_field("x"), values, LearningRules())
    assert feature.transform == "asinh"
    expected = np.arcsinh(values / np.median(np.abs(values)))
    lower, upper = np.quantile(expected, (0.25, 0.75))
    assert feature.high == pytest.approx(upper + 3 * (upper - lower))


def test_a_logarithm_that_does_not_help_is_not_taken():
    spike = np.append(np.full(60, 100.0), np.linspace(100, 101, 40) ** 2)  # as skewed after it as before
    assert learn_feature(make_field("x", kind="share"), spike, LearningRules()).transform == "none"
    assert learn_feature(make_field("x"), SKEWED, LearningRules(transform=False)).transform == "none"
    assert learn_feature(make_field("x"), -SKEWED[::-1] + 500, LearningRules()).transform == "none"


def test_one_giant_does_not_bend_the_scale_of_all_others():
    feature = learn_feature(
        make_field("x", kind="money"), np.append(np.linspace(20, 80, 99), 666_666.0), LearningRules()
    )
    assert (feature.transform, feature.capped) == ("none", 1)


def test_extreme_values_are_limited_to_three_interquartile_ranges():
    values = np.append(LEVEL, 1e6)
    feature = learn_feature(make_field("x"), values, LearningRules(transform=False))
    lower, upper = np.quantile(values, (0.25, 0.75))
    assert (feature.high, feature.capped) == (upper + 3 * (upper - lower), 1)
    recipe = FeatureRecipe((feature,))
    assert capped_rows(recipe, pd.DataFrame({"x": values})).tolist() == [False] * 9 + [True]
    assert apply_feature(feature, np.array([1e6]))[0] == apply_feature(feature, np.array([1e9]))[0]


@pytest.mark.parametrize("values", [[3.0, 3, 3], [np.nan, np.nan], [np.nan, 2, 2], [0.1 + 0.2, 0.3, 0.3]])
def test_a_column_without_spread_teaches_nothing(values):
    assert learn_feature(make_field("x"), np.array(values), LearningRules()) is None


def test_scale_none_keeps_the_unit_and_centre_keeps_the_spread():
    raw = learn_feature(make_field("x"), LEVEL, LearningRules(scale="none"))
    assert apply_feature(raw, LEVEL).tolist() == LEVEL.tolist()
    centred = learn_feature(make_field("x"), LEVEL, LearningRules(scale="centre"))
    assert apply_feature(centred, LEVEL).tolist() == (LEVEL - 5).tolist()


def test_rows_with_more_than_half_of_the_cells_missing_are_not_scored():
    gap = np.nan
    frame = pd.DataFrame({"a": [1, gap, gap, 1], "b": [1, 1, gap, 1], "c": [1, gap, gap, 1], "d": [1, 1, 1, gap]})
    assert unscorable_rows(("a", "b", "c", "d"), frame).tolist() == [False, False, True, False]


def test_values_too_large_to_be_measurements_count_as_missing():
    feature = learn_feature(make_field("x"), LEVEL, LearningRules())
    recipe = FeatureRecipe((feature,))
    frame = pd.DataFrame({"x": [np.inf, -np.inf, 1e300, np.nan, 5.0]})
    assert own_units(recipe, frame).ravel().tolist() == [5.0] * 5
    assert np.unique(apply_recipe(recipe, frame)).tolist() == [0.0]


@given(st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=30))
def test_skewness_is_the_bias_corrected_one(values):
    x = np.array(values)
    if np.std(x) > 1e-3 * max(1, np.max(np.abs(x))):
        assert skewness(x) == pytest.approx(float(stats.skew(x, bias=False)), abs=1e-6)


@given(st.permutations(list(np.append(SKEWED, [np.nan, 0.0]))))
def test_what_is_learned_does_not_depend_on_the_order_of_the_rows(shuffled):
    want = learn_feature(make_field("x"), np.append(SKEWED, [np.nan, 0.0]), LearningRules())
    assert learn_feature(make_field("x"), np.array(shuffled), LearningRules()) == want
