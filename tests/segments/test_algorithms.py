"""k-means finds the best known solutions and says how hard that was."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from shared import MALL

from reportgen.errors import InputError
from reportgen.segments.algorithms import kmeans


def mall(*columns: str) -> np.ndarray:
    return pd.read_csv(MALL)[list(columns)].to_numpy(float)


def test_mall_income_and_score_give_the_canonical_five_segments():
    fit = kmeans(mall("Annual Income (k$)", "Spending Score (1-100)"), 5, seed=1)
    assert fit.inertia == pytest.approx(44448.45544793371, rel=1e-8)
    assert fit.sizes.tolist() == [22, 23, 81, 39, 35]


def test_more_segments_than_different_customers_are_refused():
    z = np.repeat([[0.0, 0.0], [1.0, 1.0]], 50, axis=0)
    with pytest.raises(InputError, match="only 2 customers differ"):
        kmeans(z, 3, seed=1)
    assert kmeans(z, 2, seed=1).inertia == 0
