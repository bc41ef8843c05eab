"""Mixtures: likelihood never falls, planted groups are found, and the rule that is stored is the density."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal
from shared import shared_data

from reportgen.segments.algorithms import adjusted_rand, crosstab
from reportgen.segments.mixtures import Answers, bernoulli_mixture, expectation_maximisation, gaussian_mixture
from reportgen.segments.scoring import costs

RNG = np.random.default_rng(21)
SAYS_YES = np.array([[0.9] * 4 + [0.1] * 4, [0.1] * 4 + [0.9] * 4, [0.1, 0.9] * 4])


def survey(n: int = 900) -> tuple[np.ndarray, np.ndarray]:
    group = np.arange(n) % 3
    return (RNG.uniform(size=(n, 8)) < SAYS_YES[group]).astype(float), group


def agreement(z: np.ndarray, rule, group: np.ndarray) -> float:
    k = int(group.max()) + 1
    return adjusted_rand(crosstab(group, costs(z, rule).argmin(axis=1), k, k))


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), k=st.integers(2, 5), p=st.integers(2, 6))
def test_the_likelihood_never_falls(seed, k, p):
    rng = np.random.default_rng(seed)
    answers = Answers.count(rng.uniform(size=(60, p)) < rng.uniform(size=p))
    trail, classes = expectation_maximisation(answers, rng.dirichlet(np.ones(k), len(answers.times)))
    assert all(later >= earlier - 1e-9 for earlier, later in itertools.pairwise(trail))
    assert classes.weights.sum() == pytest.approx(1)


def test_planted_classes_of_answers_are_found_with_their_shares_of_yes():
    z, group = survey()
    found = bernoulli_mixture(z, 3, seed=1)
    assert agreement(z, found.rule, group) > 0.85  # a class that is known answers for itself in 95% of the cases
    by_first = np.argsort(found.rule.centres[:, 0] * 2 + found.rule.centres[:, 1])
    assert np.abs(found.rule.centres[by_first] - SAYS_YES[[1, 2, 0]]).max() < 0.08
    assert found.bic == pytest.approx(-2 * found.log_likelihood + (3 * 8 + 2) * np.log(900))
    lowest = min(range(1, 6), key=lambda k: bernoulli_mixture(z, k, 1, 5).bic)
    assert lowest == 3


def test_the_rule_of_a_class_is_its_probability_on_any_scale():
    z, _ = survey(300)
    plain, moved = bernoulli_mixture(z, 3, 1, 5), bernoulli_mixture(z - z.mean(axis=0), 3, 1, 5)
    cost, yes = costs(z, plain.rule), plain.rule.centres
    assert costs(z - z.mean(axis=0), moved.rule) == pytest.approx(cost, abs=1e-6)
    left = cost + 2 * (z @ np.log(yes).T + (1 - z) @ np.log(1 - yes).T)  # -2 ln(share of the class), and a constant
    assert left == pytest.approx(np.tile(left[0], (300, 1)), abs=1e-8)
    weights = np.exp(-left[0] / 2) / np.exp(-left[0] / 2).sum()
    members = np.exp(-cost / 2) / np.exp(-cost / 2).sum(axis=1, keepdims=True)
    assert members.mean(axis=0) == pytest.approx(weights, abs=1e-3)


def test_a_single_class_has_the_likelihood_of_independent_answers():
    z, _ = survey(300)
    share = z.mean(axis=0)
    expected = 300 * float((share * np.log(share) + (1 - share) * np.log(1 - share)).sum())
    assert bernoulli_mixture(z, 1, 1, 1).log_likelihood == pytest.approx(expected, rel=1e-9)


def test_an_ellipse_is_the_density_of_its_component():
    z = np.concatenate([RNG.normal(0, 1, (200, 2)) @ [[3, 2.5], [0, 0.6]], RNG.normal(8, 1, (100, 2))])
    found = gaussian_mixture(z, 2, seed=1)
    cost = costs(z, found.rule)
    labels = cost.argmin(axis=1)
    big = int(np.bincount(labels).argmax())
    weights = np.array([np.mean(labels == q) for q in range(2)])
    density = [
        np.log(weights[q]) + multivariate_normal(z[labels == q].mean(axis=0), np.cov(z[labels == q].T)).logpdf(z)
        for q in range(2)
    ]
    difference = (cost[:, big] - cost[:, 1 - big]) / -2
    assert difference == pytest.approx(density[big] - density[1 - big], rel=0.1, abs=0.5)
    assert found.bic < gaussian_mixture(z, 2, 1, 3, "spherical").bic


@pytest.mark.parametrize(("k", "likelihood"), [(2, -7610.836), (3, -7311.478), (4, -7111.108)])
def test_the_classes_of_mcdonalds_customers_reach_the_published_likelihood(k, likelihood):
    frame = pd.read_csv(shared_data("mcdonalds/mcdonalds.csv"))
    answers = (frame.iloc[:, :11] == "Yes").to_numpy(float)
    assert bernoulli_mixture(answers, k, seed=1).log_likelihood == pytest.approx(likelihood, abs=0.2)
