"""Data without chance, and the public tables, that the tests of evidence share."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri
from shared import MALL
from sklearn.datasets import load_iris, load_wine

Matrix = NDArray[np.float64]


def normal_points(n: int) -> Matrix:
    """n points whose distribution is standard normal: quantiles of (i - .5) / n."""
    return ndtri((np.arange(1, n + 1) - 0.5) / n)


def grid(a: Matrix, b: Matrix) -> Matrix:
    """All pairs."""
    return np.stack(np.meshgrid(a, b, indexing="ij"), axis=2).reshape(-1, 2)


def by_row(z: Matrix) -> Matrix:
    return z[np.lexsort(z.T[::-1])]


def standard(z: Matrix) -> Matrix:
    return (z - z.mean(axis=0)) / z.std(axis=0)


def mall(columns: int) -> Matrix:
    """Income and spending score, or age as well."""
    return pd.read_csv(MALL).iloc[:, 5 - columns : 5].to_numpy(float)


def iris() -> Matrix:
    return np.asarray(load_iris().data)


def wine() -> Matrix:
    return standard(np.asarray(load_wine().data))


def grid_four() -> Matrix:
    square = grid(normal_points(15), normal_points(15))
    return np.concatenate([square + shift for shift in ((0, 0), (6, 0), (0, 6), (6, 6))])


def grid_three_unequal() -> Matrix:
    return np.concatenate([grid(q := normal_points(n), q) + s for n, s in ((25, (0, 0)), (10, (6, 0)), (7, (0, 6)))])


def planted(k: int, n: int, p: int, apart: float, seed: int) -> Matrix:
    """k round groups of about n/k members whose centres are at least ``apart`` standard deviations from each other."""
    rng = np.random.default_rng(seed)
    centres = np.zeros((0, p))
    while len(centres) < k:
        point = rng.uniform(-1.5 * apart, 1.5 * apart, p)
        if all(np.linalg.norm(point - other) >= apart for other in centres):
            centres = np.vstack([centres, point])
    return by_row(standard(centres[rng.integers(k, size=n)] + rng.normal(size=(n, p))))
