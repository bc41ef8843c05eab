"""BG/NBD and Gamma-Gamma against published figures and against planted customers."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from reportgen.profiling.lifetime import PurchaseModel, ValueModel, discounted_value, fit_purchases, fit_values

# CDNOW, weeks: Fader, Hardie & Lee (2005), with the digits of their spreadsheet
CDNOW = PurchaseModel(0.242593, 4.413532, 0.792886, 2.425752, -9582.4, True)
CDNOW_VALUE = ValueModel(6.248803, 3.744588, 15.447746, 0.0, True)


def one(value: float) -> np.ndarray:
    return np.array([float(value)])


def test_new_customers_buy_as_published() -> None:
    weeks = np.array([0.1429, 1, 3, 31.8571, 32, 78])
    assert_allclose(CDNOW.expected_new(weeks), [0.0078, 0.0532, 0.1506, 1.0405, 1.0437, 1.858], atol=5e-4)


def test_known_customers_buy_as_published() -> None:
    assert CDNOW.expected(39, one(2), one(30.43), one(38.86))[0] == pytest.approx(1.226, abs=5e-4)
    assert CDNOW.expected(39, one(1), one(10), one(30))[0] == pytest.approx(0.593539, abs=1e-5)
    assert CDNOW.alive(one(2), one(30.43), one(38.86))[0] == pytest.approx(0.726609, abs=1e-4)
    assert CDNOW.alive(one(0), one(0), one(38.86))[0] == 1


@pytest.mark.parametrize(
    ("model", "alive", "expected"),
    [((0.6, 60, 1.5, 3), 0.5081, 0.4110), ((0.24, 30.8, 0.79, 2.43), 0.6360, 0.5238)],
)
def test_worked_examples_in_days(model: tuple[float, ...], alive: float, expected: float) -> None:
    purchases = PurchaseModel(*model, 0.0, True)
    assert purchases.alive(one(3), one(200), one(300))[0] == pytest.approx(alive, abs=5e-5)
    assert purchases.expected(90, one(3), one(200), one(300))[0] == pytest.approx(expected, abs=5e-5)


@pytest.mark.parametrize("a", [1 - 1e-9, 1.0, 1 + 1e-9])
def test_the_closed_form_has_no_hole_at_a_equal_one(a: float) -> None:
    near, at = (PurchaseModel(0.6, 60, value, 3, 0, True) for value in (1.0001, a))
    customer = (one(3), one(200), one(300))
    assert at.expected(90, *customer)[0] == pytest.approx(near.expected(90, *customer)[0], rel=1e-3)


def test_values_are_as_published() -> None:
    expected = CDNOW_VALUE.expected(np.array([2.0, 1.0, 0.0]), np.array([22.35, 11.77, 0.0]))
    assert_allclose(expected, [24.658616, 18.911479, 35.171003], atol=1e-2)
    assert CDNOW_VALUE.population_mean == pytest.approx(35.171003, abs=2e-3)


def test_twelve_months_of_a_published_customer() -> None:
    history = (one(2), one(30.43), one(38.86), one(22.35))
    assert discounted_value(CDNOW, CDNOW_VALUE, history, 12, 0.126825)[0] == pytest.approx(36.28, abs=0.05)


def test_planted_parameters_are_found_again() -> None:
    rng = np.random.default_rng(5)
    n, r, alpha, a, b = 20_000, 0.8, 6.0, 1.2, 3.0
    rate, drop = rng.gamma(r, 1 / alpha, n), rng.beta(a, b, n)
    age = rng.uniform(30, 60, n)
    x, t_x = np.zeros(n), np.zeros(n)
    for i in range(n):
        now = 0.0
        while True:
            now += rng.exponential(1 / rate[i])
            if now > age[i]:
                break
            x[i] += 1
            t_x[i] = now
            if rng.random() < drop[i]:
                break
    model = fit_purchases(x, t_x, age)
    assert model.agreed
    assert_allclose([model.r, model.alpha, model.a, model.b], [r, alpha, a, b], rtol=0.15)
    z = np.array([rng.gamma(5.0 * max(count, 1), 1.0) for count in x]) / np.maximum(x, 1) / rng.gamma(4.0, 1 / 20.0, n)
    values = fit_values(x, z)
    assert values.agreed
    assert_allclose([values.p, values.q, values.v], [5.0, 4.0, 20.0], rtol=0.15)


def test_a_model_without_agreement_says_so() -> None:
    same = np.ones(50)
    assert not fit_values(same, same * 10).agreed
