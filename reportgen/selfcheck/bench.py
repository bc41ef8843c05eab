"""Data sets and fits of one self-check, each read or computed once."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reportgen.config import load_config
from reportgen.inputs.customers import Customers, Field
from reportgen.inputs.read import read_customers
from reportgen.segments.algorithms import KMeansFit, kmeans
from reportgen.segments.recipe import LearningRules, apply_feature, learn_feature, to_numbers
from reportgen.selfcheck.datasets import mall_file, shipped_table
from reportgen.selfcheck.references import Reference

SEED = 1
Floats = NDArray[np.float64]
_Made = TypeVar("_Made")


class Bench:
    """What the measures of one self-check share. ``given`` holds the user's files by data set."""

    def __init__(self, given: Mapping[str, tuple[Path, ...]]) -> None:
        self.given = given
        self._made: dict[Hashable, Any] = {}

    def once(self, key: Hashable, make: Any) -> Any:
        """Return what ``make`` returned the first time for this key."""
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]

    def customers(self, data: str, **settings: Any) -> Customers:
        """Read a data set of the user as a report run would read it."""
        made = self.once(
            (data, *sorted(settings.items())),
            lambda: read_customers([str(path) for path in self.given[data]], load_config(None, **settings)),
        )
        assert isinstance(made, Customers)
        return made

    def table(self, data: str) -> pd.DataFrame:
        """Return a customer table with its columns of numbers."""
        if data in self.given:
            frame = self.customers(data).frame
        elif data == "mall":
            frame = self.once(data, lambda: read_customers(str(mall_file()))).frame
        else:
            frame = self.once(data, lambda: shipped_table(data))
        assert isinstance(frame, pd.DataFrame)
        return frame

    def column(self, reference: Reference) -> Floats:
        """Return the column ``of``, (n,)."""
        return to_numbers(self.table(reference.data)[reference.settings["of"]])

    def matrix(self, reference: Reference, scale: str | None = None) -> Floats:
        """Return the columns of a reference, (n, p), scaled as it says, or as ``scale`` says."""
        settings = reference.settings
        scale = scale or settings.get("scale", "none")
        key = (reference.data, tuple(settings.get("columns", ())), scale, settings.get("log"), "matrix")
        made = self.once(key, lambda: self._matrix(reference, scale == "standard"))
        return np.asarray(made)

    def _matrix(self, reference: Reference, standard: bool) -> Floats:
        table, settings = self.table(reference.data), reference.settings
        without = {str(row + 1) for row in settings.get("without_rows", ())}  # customers without id: number of the row
        if without:
            table = table[~table["customer"].isin(without)]
        names = settings.get("columns") or [name for name in table.columns if name != "species"]
        columns = [to_numbers(table[name]) for name in names]
        if settings.get("log"):
            columns = [np.log(values) for values in columns]
        return np.column_stack([_scaled(values, standard) for values in columns])

    def fit(self, reference: Reference, k: int | None = None, scale: str | None = None) -> KMeansFit:
        """Return the k-means solution that a report would show, segments in the reference's order."""
        wanted = k or int(reference.settings["k"])
        z = self.matrix(reference, scale)
        key = (reference.data, z.shape, float(z.sum()), wanted, "fit")
        fit = self.once(key, lambda: kmeans(z, wanted, seed=SEED))
        assert isinstance(fit, KMeansFit)
        return fit

    def order(self, reference: Reference, fit: KMeansFit) -> list[int]:
        """Return the labels of ``fit`` in the order in which the reference counts its segments."""
        by = reference.settings.get("order")
        if by is None:
            return list(range(fit.k))  # centres sorted column by column
        if by in ("size", "-size"):
            return [int(q) for q in np.argsort(fit.sizes if by == "size" else -fit.sizes, kind="stable")]
        values = to_numbers(self.table(reference.data)[by])
        return [int(q) for q in np.argsort([values[fit.labels == q].mean() for q in range(fit.k)])]


def _scaled(values: Floats, standard: bool) -> Floats:
    field = Field("", "", "", "number", "", None, False, True, "")
    rules = LearningRules(transform=False, cap=False, scale="standard" if standard else "none")
    feature = learn_feature(field, values, rules)
    assert feature is not None  # no reference has a constant column
    return apply_feature(feature, values)
