"""How often the index of drift cries wolf where nothing drifted, and whether it hears one that came."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from reportgen.history.drift import shift_since_fit
from reportgen.segments.baseline import bin_counts, bins_of
from reportgen.segments.recipe import Feature, FeatureRecipe

RECIPE = FeatureRecipe((Feature("x", "x", "", 0.0, "none", 1.0, None, None, 0.0, 1.0, 0, 0),))
Draw = Callable[[np.random.Generator, int], np.ndarray]


def amounts(rng: np.random.Generator, n: int) -> np.ndarray:
    return rng.lognormal(3, 1, n)


def tied_counts(rng: np.random.Generator, n: int) -> np.ndarray:
    return 1.0 + rng.poisson(2.0, n)


def with_gaps(rng: np.random.Generator, n: int) -> np.ndarray:
    return np.where(rng.random(n) < 0.02, np.nan, rng.lognormal(3, 1, n))


def share_noticed(draw: Draw, sizes: tuple[int, int], runs: int, shift: float = 0.0) -> float:
    rng, noticed = np.random.default_rng([len(draw.__name__), *sizes]), 0
    for _ in range(runs):
        bins = bins_of("x", pd.Series(draw(rng, sizes[0])), words=False)
        now = pd.Series(draw(rng, sizes[1]) * np.exp(shift))
        found = shift_since_fit(bins, bin_counts(bins, now), columns=1)
        assert found.psi is not None
        assert found.bound is not None
        noticed += found.psi > found.bound
    return noticed / runs


@pytest.mark.slow
@pytest.mark.parametrize(
    ("draw", "sizes"),
    [(amounts, (500, 500)), (amounts, (2000, 600)), (tied_counts, (500, 2000)), (with_gaps, (2000, 2000))],
    ids=["amounts", "amounts, fewer now", "counts with ties", "2 % missing"],
)
def test_without_drift_one_month_in_a_hundred_is_noticed(draw: Draw, sizes: tuple[int, int]) -> None:
    assert 0.004 <= share_noticed(draw, sizes, 2000) <= 0.018


def test_a_shift_of_a_fifth_of_a_deviation_is_noticed_among_ten_thousand() -> None:
    assert share_noticed(amounts, (10_000, 10_000), 40, shift=0.2) == 1.0
