"""How revenue is spread over customers: Lorenz curve, Gini coefficient, top shares (domain.md 7.2)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reportgen.profiling.effects import Floats

_POINTS = 100
_LEAST = 10  # customers between two points of the curve: fewer would show what single customers spend


@dataclass(frozen=True)
class Concentration:
    """How revenue is spread over customers."""

    lorenz: tuple[tuple[float, float], ...]  # (share of customers, share of revenue), ascending, at most 100 steps
    gini: float
    top20_share: float
    customers_for_80: float


def concentrate(spend: Floats) -> Concentration:
    """Measure concentration of spend over customers; negative spend counts as 0, zero spenders are in.

    The Gini coefficient carries the small-sample factor N/(N-1).
    """
    ascending = np.sort(np.maximum(spend, 0.0))
    n, everything = len(ascending), float(ascending.sum())
    if n < 2 or everything <= 0:
        return Concentration(((0.0, 0.0), (1.0, 1.0)), 0.0, 0.2, 0.8)
    x = np.arange(n + 1) / n
    y = np.append(0.0, np.cumsum(ascending)) / everything
    gini = 2 * float((np.arange(1, n + 1) * ascending).sum()) / (n * everything) - (n + 1) / n
    descending = np.cumsum(ascending[::-1])
    enough = int(np.searchsorted(descending, 0.8 * everything * (1 - 1e-12))) + 1
    grid = np.linspace(0.0, 1.0, max(1, min(_POINTS, n // _LEAST)) + 1)
    return Concentration(
        lorenz=tuple((float(a), float(b)) for a, b in zip(grid, np.interp(grid, x, y), strict=True)),
        gini=gini * n / (n - 1),
        top20_share=top_share(spend, 0.2),
        customers_for_80=enough / n,
    )


def concentrate_groups(counts: Floats, sums: Floats) -> Concentration:
    """Measure concentration of spend over groups of customers who spend alike, in ascending order of their spend."""
    n, everything = float(counts.sum()), float(sums.sum())
    if n < 2 or everything <= 0:
        return Concentration(((0.0, 0.0), (1.0, 1.0)), 0.0, 0.2, 0.8)
    x, y = np.append(0.0, np.cumsum(counts)) / n, np.append(0.0, np.cumsum(sums)) / everything
    gini = 1 - float(((x[1:] - x[:-1]) * (y[1:] + y[:-1])).sum())
    grid = np.linspace(0.0, 1.0, max(1, min(_POINTS, int(n) // _LEAST)) + 1)
    return Concentration(
        lorenz=tuple((float(a), float(b)) for a, b in zip(grid, np.interp(grid, x, y), strict=True)),
        gini=gini * n / (n - 1),
        top20_share=float(1 - np.interp(0.8, x, y)),
        customers_for_80=float(1 - np.interp(0.2, y, x)),
    )


def dominated(values: Floats) -> bool:
    """Whether a total gives one customer away: one holds over half of it, or two over 85% (domain.md 11.4)."""
    largest = np.sort(values)[::-1]
    everything = float(largest.sum())
    return everything > 0 and bool(largest[0] > 0.5 * everything or largest[:2].sum() > 0.85 * everything)


def top_share(spend: Floats, part: float) -> float:
    """Return the share of revenue from the top ``part`` of customers, 1 - L(1 - part)."""
    ascending = np.sort(np.maximum(spend, 0.0))
    n = len(ascending)
    y = np.append(0.0, np.cumsum(ascending)) / ascending.sum()
    return float(1 - np.interp(1 - part, np.arange(n + 1) / n, y))
