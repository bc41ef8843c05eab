from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from customer_tables import make_field, mall
from sklearn.datasets import load_iris, load_wine

from reportgen.config import load_config
from reportgen.segments.fit import fit_segments
from reportgen.segments.projection import principal_axes, project
from reportgen.segments.recipe import FeatureRecipe, LearningRules, learn_feature

THREE = ("Age", "Annual Income (k$)", "Spending Score (1-100)")


def scaled(x: np.ndarray) -> np.ndarray:
    return (x - x.mean(axis=0)) / x.std(axis=0)


def some_map(n: int, p: int):
    """A projection of n points in p columns with three segments of very different size."""
    rng = np.random.default_rng(5)
    labels = np.sort(np.where(np.arange(n) < 3, 2, np.arange(n) % 2))
    own = rng.normal(0, 1, (n, p)) + labels[:, None] * 3
    fields = [make_field(f"c{i}") for i in range(p)]
    features = tuple(learn_feature(field, own[:, i], LearningRules()) for i, field in enumerate(fields))
    return project(FeatureRecipe(features), (scaled(own), own), labels, 1), labels


def test_published_variance_shares():
    assert principal_axes(load_iris().data)[0] == pytest.approx([0.92462, 0.05307, 0.01710, 0.00521], abs=1e-5)
    shares = principal_axes(scaled(load_wine().data))[0]
    assert shares[:4] == pytest.approx([0.3619884810, 0.1920749026, 0.1112363054, 0.0706903018], abs=1e-9)


def test_the_largest_entry_of_an_axis_is_positive_and_the_first_of_equals_decides():
    rng = np.random.default_rng(2)
    for _ in range(20):
        axes = principal_axes(rng.normal(0, 1, (50, 4)))[1]
        assert (axes[np.abs(axes).argmax(axis=0), range(4)] > 0).all()
    x = rng.normal(0, 1, 100)
    opposed = principal_axes(scaled(np.column_stack([x, -x + rng.normal(0, 0.1, 100)])))[1]
    assert opposed[0, 0] > 0 > opposed[1, 0]


def test_two_columns_are_their_own_map():
    projection = fit_segments(mall(), load_config(segments__k=5)).projection
    assert projection.kind == "columns"
    assert projection.axis_labels == ("Annual income", "Spending score")
    assert projection.axis_units == ("k$", "")
    assert projection.averages == pytest.approx((60.56, 50.2))
    assert {tuple(point) for point in projection.points} == {tuple(row) for row in mall().frame.iloc[:, 3:5].to_numpy()}
    assert projection.centres[0] == pytest.approx((55.2963, 49.5185), abs=1e-4)
    assert np.diag(projection.loadings) == pytest.approx([1, 1])


def test_three_mall_columns_agree_with_the_reference():
    projection = fit_segments(mall(), load_config(segments__features=THREE, segments__k=6)).projection
    assert projection.kind == "pca"
    assert projection.shares == pytest.approx([0.4426616720824504, 0.33308378461522425, 0.22425454330232536], abs=1e-9)
    assert projection.chance == pytest.approx([0.403, 0.349, 0.320], abs=0.02)
    assert projection.axes_above_chance == 1
    assert projection.separation == pytest.approx(0.81, abs=0.005)


def test_loadings_are_correlations_of_columns_with_the_axes():
    people = mall()
    found = fit_segments(people, load_config(segments__features=THREE, segments__k=6))
    z = scaled(people.frame[list(THREE)].to_numpy(float))
    scores = z @ found.projection.axes
    expected = np.corrcoef(np.column_stack([z, scores]).T)[:3, 3:]
    assert found.projection.loadings == pytest.approx(expected, abs=1e-9)


def test_large_tables_show_two_thousand_points_with_every_segment_in_its_share():
    projection, labels = some_map(10_000, 3)
    assert len(projection.points) <= 2_000
    shown = np.bincount(projection.labels)
    assert shown[2] >= 1
    assert shown[0] / shown.sum() == pytest.approx((labels == 0).mean(), abs=0.01)
    again, _ = some_map(10_000, 3)
    assert projection.points.tobytes() == again.points.tobytes()


def test_small_tables_show_everybody():
    projection, labels = some_map(300, 4)
    assert projection.labels.tolist() == labels.tolist()
    assert projection.centres[2] == pytest.approx(projection.points[labels == 2].mean(axis=0))
    assert pd.Series(projection.shares).sum() == pytest.approx(1)


def test_a_map_that_is_kept_neither_turns_nor_flips_when_the_customers_change():
    rng = np.random.default_rng(7)
    own = rng.normal(0, 1, (200, 4)) * (4, 3, 1, 1)
    labels = np.arange(200) % 2
    recipe = FeatureRecipe(tuple(learn_feature(make_field(f"c{i}"), own[:, i], LearningRules()) for i in range(4)))
    first = project(recipe, (own, own), labels, 1)
    later = own.copy()
    later[50:] *= (0.5, 3, 1, 1)  # now the second column spreads most
    again = project(recipe, (later, later), labels, 1, first.frame)
    assert again.points[:50] == pytest.approx(first.points[:50], abs=1e-9), (
        "who stayed as they were stay where they were"
    )
    assert (again.axes == first.axes).all()
    assert (again.loadings == first.loadings).all(), "the axes keep their words"
    assert sum(again.shares) == pytest.approx(1.0)
    assert again.shares[1] > again.shares[0], "how much each axis holds is that of the customers now"
    anew = project(recipe, (later, later), labels, 1)
    assert np.abs(anew.points[:50] - first.points[:50]).max() > 1, "a map drawn anew would have turned"


def test_a_new_map_with_its_own_frame_is_the_same_map():
    projection, _ = some_map(100, 4)
    again, _ = some_map(100, 4)
    assert projection.frame == again.frame
    assert projection.averages == pytest.approx((0, 0), abs=1e-12)
