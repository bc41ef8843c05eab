"""How the active columns were distributed when a model was fitted: bins that live as long as the model."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reportgen.inputs.customers import Customers, Everyone
from reportgen.inputs.sql import engine_over, identifier, literal
from reportgen.segments.recipe import LARGEST, FeatureRecipe, to_numbers

TENTHS = 10


@dataclass(frozen=True)
class Bins:
    """The bins of one column and the customers in each; the last bin holds missing values.

    A column of numbers is cut at ``edges`` (a value on an edge goes right); a column of words has a bin per level and
    one for all other words. ``quartiles`` are None for words.
    """

    name: str
    edges: tuple[float, ...]
    levels: tuple[str, ...]
    counts: tuple[int, ...]
    quartiles: tuple[float, float, float] | None

    @property
    def customers(self) -> int:
        """All customers of the month of the fit."""
        return sum(self.counts)


def learn_baseline(recipe: FeatureRecipe, customers: Customers) -> tuple[Bins, ...]:
    """Return the bins of every active column: at the deciles of the values, or at the levels of words.

    Where the frame is a sample the limits are those of the sample, and everyone is counted.
    """
    learned = tuple(bins_of(name, customers.frame[name], name in recipe.words) for name in recipe.names)
    return learned if customers.everyone is None else tuple(_counted(bins, customers.everyone) for bins in learned)


def _counted(bins: Bins, everyone: Everyone) -> Bins:
    engine = engine_over(everyone.frame.select(bins.name))
    rows = engine.ask(f"SELECT {bin_sql(bins, identifier(bins.name))} AS bin, count(*) FROM {{source}} GROUP BY 1")
    engine.close()
    found = {int(place): int(n) for place, n in rows}
    return replace(bins, counts=tuple(found.get(place, 0) for place in range(len(bins.counts))))


def bin_places(bins: Bins, values: pd.Series) -> NDArray[np.int64]:
    """Return the bin of each of (n,) values, 0 to the number of bins - 1."""
    if bins.quartiles is None:
        known = {level: place for place, level in enumerate(bins.levels)}
        other, missing = len(known), len(known) + 1
        words = [missing if pd.isna(word) else known.get(str(word), other) for word in values]
        return np.array(words, dtype=np.int64)
    numbers = to_numbers(values)
    places = np.searchsorted(np.array(bins.edges), numbers, side="right")
    return np.where(np.isfinite(numbers), places, len(bins.edges) + 1).astype(np.int64)


def bin_counts(bins: Bins, values: pd.Series) -> tuple[int, ...]:
    """Return the customers in each bin."""
    return tuple(int(n) for n in np.bincount(bin_places(bins, values), minlength=len(bins.counts)))


def bin_sql(bins: Bins, cell: str) -> str:
    """Return SQL for what ``bin_places`` makes of a column: of numbers as DOUBLE, or of words."""
    last = len(bins.counts) - 1
    if bins.quartiles is None:
        levels = " ".join(f"WHEN {cell} = {literal(level)} THEN {place}" for place, level in enumerate(bins.levels))
        return f"CASE WHEN {cell} IS NULL THEN {last} {levels} ELSE {last - 1} END"
    passed = " + ".join(f"({cell} >= '{edge!r}'::DOUBLE)::INT" for edge in bins.edges)
    return f"CASE WHEN abs({cell}) < {LARGEST!r} THEN {passed} ELSE {last} END"


def bins_of(name: str, values: pd.Series, words: bool) -> Bins:
    """Return the bins of one column, learned from (n,) values: numbers, or ``words``."""
    edges: tuple[float, ...] = ()
    levels: tuple[str, ...] = ()
    quartiles: tuple[float, float, float] | None = None
    if words:
        levels = tuple(sorted({str(word) for word in values.dropna()}))
    else:
        numbers = to_numbers(values)
        present = numbers[np.isfinite(numbers)]
        deciles = np.quantile(present, np.arange(1, TENTHS) / TENTHS)
        edges = tuple(float(edge) for edge in np.unique(deciles))
        low, middle, high = (float(value) for value in np.quantile(present, (0.25, 0.5, 0.75)))
        quartiles = (low, middle, high)
    empty = Bins(name, edges, levels, (0,) * (max(len(edges), len(levels)) + 2), quartiles)
    return Bins(name, edges, levels, bin_counts(empty, values), quartiles)
