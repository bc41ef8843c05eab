"""natural, reproducible, constructed or none: grids without chance, public tables, planted groups and pure noise."""

from __future__ import annotations

import numpy as np
import pytest
from shared import shared_data

from reportgen.segments.choose import Chosen, choose_k
from reportgen.settings import SegmentsConfig

from .grids import by_row, grid, grid_four, grid_three_unequal, iris, mall, normal_points, planted, standard, wine


def chosen(z: np.ndarray, k_max: int = 8, forced: int | None = None) -> Chosen:
    return choose_k(by_row(z), SegmentsConfig(), k_max=k_max, forced=forced)


def test_grid_four_is_natural():
    found = chosen(grid_four(), 6)
    assert (found.choice.k, found.verdict.kind) == (4, "natural")
    assert found.choice.dependable


def test_grid_three_unequal_is_natural():
    found = chosen(grid_three_unequal(), 6)
    assert (found.choice.k, found.verdict.kind) == (3, "natural")


@pytest.mark.slow
def test_a_uniform_square_is_cut_reproducibly_but_holds_no_groups():
    u = np.arange(30) / 29
    found = chosen(grid(u, u), 6)
    assert (found.choice.k, found.verdict.kind) == (4, "reproducible")


def test_a_round_cloud_holds_nothing_dependable():
    found = chosen(grid(normal_points(30), normal_points(30)), 6)
    assert found.verdict.kind == "constructed"
    assert not found.choice.dependable
    assert not any(evidence.dependable for evidence in found.choice.evidence)
    assert found.choice.reasons[0].key == "choice.none_dependable"
    assert found.choice.alternatives == ()


@pytest.mark.slow
def test_a_long_cloud_is_cut_reproducibly_but_holds_no_groups():
    found = chosen(grid(3 * normal_points(40), normal_points(25)), 6)
    assert found.choice.k in (2, 3)
    assert found.verdict.kind == "reproducible"


def test_mall_income_and_score():
    found = chosen(standard(mall(2)))
    verdict = found.verdict
    assert (found.choice.k, verdict.kind) == (5, "natural")
    assert found.choice.reasons[0].key == "choice.agree"
    assert verdict.silhouette == pytest.approx(0.555, abs=0.02)
    assert verdict.null_silhouette == pytest.approx(0.338, abs=0.02)
    assert verdict.null_silhouette_max == pytest.approx(0.371, abs=0.02)
    ratios = [valley.ratio for valley in verdict.valleys]
    assert ratios == pytest.approx([0.15151515151515152, 0.23076923076923078, 0.28, 0.6363636363636364], abs=0.06)
    assert [segment.grade for segment in found.stability] == ["A"] * 5


def test_mall_with_age_where_silhouette_alone_would_say_six():
    found = chosen(standard(mall(3)))
    assert (found.choice.k, found.verdict.kind) == (4, "natural")
    assert found.verdict.silhouette == pytest.approx(0.404, abs=0.02)
    assert found.verdict.null_silhouette == pytest.approx(0.251, abs=0.02)
    assert found.verdict.null_silhouette_max == pytest.approx(0.29, abs=0.02)
    assert found.verdict.valleys[-1].ratio == pytest.approx(0.586, abs=0.02)
    assert found.choice.reasons[0].key == "choice.finer_not_repeated"
    assert dict(found.choice.reasons[0].values)["other"].value == 6


def test_iris_has_two_natural_groups_and_no_gap_between_the_halves_of_one():
    assert chosen(iris(), forced=2).verdict.kind == "natural"
    three = chosen(iris(), forced=3).verdict
    assert three.kind != "natural"
    assert three.valleys[-1].ratio == pytest.approx(1.09, abs=0.06)


def test_wine_has_three_natural_groups():
    found = chosen(wine())
    assert (found.choice.k, found.verdict.kind) == (3, "natural")
    assert [valley.ratio for valley in found.verdict.valleys] == pytest.approx([0.21, 0.49], abs=0.06)


def test_wholesale_is_reproducible():
    data = np.loadtxt(shared_data("wholesale/Wholesale_customers_data.csv"), delimiter=",", skiprows=1)[:, 2:]
    found = chosen(standard(np.log(data)))
    assert (found.choice.k, found.verdict.kind) == (2, "reproducible")
    assert found.verdict.null_silhouette == pytest.approx(0.24, abs=0.03)
    assert found.verdict.null_silhouette_max == pytest.approx(0.272, abs=0.03)
    assert found.verdict.valleys[-1].ratio == pytest.approx(0.878, abs=0.03)
    assert found.choice.evidence[0].prediction_strength == pytest.approx(0.837, abs=0.03)


@pytest.mark.parametrize("k", [3, pytest.param(8, marks=pytest.mark.slow)])
def test_planted_groups_are_found_and_called_natural(k):
    found = chosen(planted(k, 100 * k, 4, 6.0, seed=k))
    assert (found.choice.k, found.verdict.kind) == (k, "natural")


@pytest.mark.parametrize("seed", range(3))
def test_one_planted_group_and_pure_noise_are_never_natural(seed):
    rng = np.random.default_rng(seed)
    assert chosen(rng.normal(size=(300, 3)), 5).verdict.kind == "constructed"
    assert chosen(standard(rng.random((300, 3))), 5).verdict.kind != "natural"


def yes_no(profiles: list[list[float]], n: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    answers = np.array(profiles)[rng.integers(len(profiles), size=n)]
    return (rng.random(answers.shape) < answers).astype(float)


def test_yes_no_answers_of_two_kinds_of_people_are_natural():
    found = chosen(yes_no([[0.85] * 5 + [0.15] * 5, [0.15] * 5 + [0.85] * 5], 500, seed=1), 5)
    assert (found.choice.k, found.verdict.kind) == (2, "natural")


def test_yes_no_answers_that_share_one_tendency_are_not():
    rng = np.random.default_rng(1)
    answers = (rng.normal(size=(500, 1)) + rng.normal(size=(500, 10)) > 0).astype(float)
    assert chosen(answers, 5).verdict.kind != "natural"


STRUCTURELESS = {
    "sphere": lambda rng: rng.normal(size=(500, 3)),
    "long": lambda rng: rng.normal(size=(500, 3)) * [3, 1, 1],
    "correlated": lambda rng: standard(rng.normal(size=(500, 1)) + 0.7 * rng.normal(size=(500, 4))),
    "uniform": lambda rng: rng.random((500, 2)),
    "logged counts": lambda rng: standard(np.log1p(rng.poisson(rng.gamma(1, 3, (500, 1)) * [1, 2, 0.5]))),
    "ratings": lambda rng: np.clip(np.round(3 + rng.normal(size=(500, 1)) + rng.normal(size=(500, 8))), 1, 5),
    "yes/no": lambda rng: (rng.normal(size=(500, 1)) + rng.normal(size=(500, 8)) > 0).astype(float),
}


@pytest.mark.slow
def test_error_rates_of_natural():
    """worked.valley_calibration, smaller: at most 3% of structureless and at least 90% of separated sets."""
    false = sum(
        chosen(make(np.random.default_rng(seed)), 5).verdict.kind == "natural"
        for make in STRUCTURELESS.values()
        for seed in range(5)
    )
    true = sum(
        (found.choice.k, found.verdict.kind) == (k, "natural")
        for k in (2, 3, 5)
        for seed in range(4)
        for found in [chosen(planted(k, 150 * k, 3, 5.0, seed), 6)]
    )
    assert false <= 1
    assert true >= 11
