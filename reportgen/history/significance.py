"""Did sizes change beyond chance, for the same customers seen twice: months.md section 15."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest, chi2

FEWEST_MOVERS = 20
_FEWEST_FOR_CHI2 = 25
_ROUNDING = 1e-9  # of the largest eigenvalue


@dataclass(frozen=True)
class Homogeneity:
    """The Stuart-Maxwell test that rows and columns of a square table have the same totals; p = 1 without moves."""

    statistic: float
    df: int
    p: float
    movers: int

    @property
    def judged(self) -> bool:
        """Whether there are enough moves to judge."""
        return self.movers >= FEWEST_MOVERS


def stuart_maxwell(table: NDArray[np.int64]) -> Homogeneity:
    """Test (k, k) customers, rows then and columns now; handles empty and closed groups."""
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    movers = int(table.sum() - np.trace(table))
    difference = (rows - columns).astype(np.float64)
    variance = -(table + table.T).astype(np.float64)
    np.fill_diagonal(variance, rows + columns - 2 * np.diag(table))
    sizes, axes = np.linalg.eigh(variance)
    used = sizes > _ROUNDING * max(float(sizes.max(initial=0.0)), _ROUNDING)
    df = int(used.sum())
    if df == 0:
        return Homogeneity(0.0, 0, 1.0, movers)
    statistic = float(np.sum((axes.T[used] @ difference) ** 2 / sizes[used]))
    return Homogeneity(statistic, df, float(chi2.sf(statistic, df)), movers)


def mcnemar(arrived: int, left: int) -> tuple[float, float]:
    """Return the statistic and p of as many arriving in one segment as leaving it; exact below 25 moves."""
    moves = arrived + left
    statistic = (arrived - left) ** 2 / moves if moves else 0.0
    if moves < _FEWEST_FOR_CHI2:
        return statistic, float(binomtest(arrived, moves, 0.5).pvalue) if moves else 1.0
    return statistic, float(chi2.sf(statistic, 1))


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Return p values adjusted for testing all of them (Holm 1979), in the order given."""
    order = sorted(range(len(p_values)), key=lambda place: (p_values[place], place))
    adjusted, highest = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = highest
    return tuple(adjusted)
