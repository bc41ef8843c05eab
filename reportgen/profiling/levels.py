"""Levels of categorical and yes/no fields: how common each is in a segment and among all customers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reportgen.config import Config
from reportgen.inputs.customers import Customers, Field
from reportgen.profiling.effects import share_effect
from reportgen.profiling.gates import is_small
from reportgen.profiling.suppression import hide_small_cells
from reportgen.segments.fit import Segmentation

_MOST_LEVELS = 8
Counts = tuple[list[str], NDArray[np.int64]]  # levels in order of their names; how many customers, levels x segments
NOTHING_COUNTED: Mapping[str, Counts] = {}
OTHER, MISSING, YES, NO = "Other", "Missing", "Yes", "No"


@dataclass(frozen=True)
class LevelTrait:
    """One level of a categorical or yes/no field; ``suppressed`` cells keep no figures."""

    field: str
    label: str
    level: str
    n: int | None
    share: float | None
    base_share: float
    index: float | None
    effect: float | None  # Cohen's h
    z: float | None
    protected: bool
    stands_out: bool
    small_group: bool
    suppressed: bool
    members: int = 0  # members of the segment with a known level


def level_traits(
    customers: Customers, segmentation: Segmentation, config: Config, counted: Mapping[str, Counts] = NOTHING_COUNTED
) -> tuple[tuple[LevelTrait, ...], ...]:
    """Return the levels of every categorical field for each segment; small cells and what gives them away are hidden.

    Levels with fewer than ``privacy.min_cell`` customers, and those beyond the eight most common, become "Other".
    Fields that are ``counted`` already, over customers that the frame does not hold, are not counted again.
    """
    label = segmentation.assignment.label
    inside = label >= 0
    found: list[list[LevelTrait]] = [[] for _ in range(segmentation.k)]
    for field in customers.fields:
        if field.kind not in ("category", "flag") or field.name not in customers.frame:
            continue
        if field.protected and config.privacy.protected == "hide":
            continue
        if field.name in counted:
            names, counts = most_common(counted[field.name], config.privacy.min_cell)
        else:
            words = level_words(customers.frame[field.name][inside], field)
            names, counts = count_levels(words, label[inside], segmentation.k, config.privacy.min_cell)
        hidden = hide_small_cells(counts, config.privacy.min_cell)
        if len(names) < 2:
            continue
        for place in range(segmentation.k):
            found[place] += _traits(field, names, counts, hidden, place)
    return tuple(tuple(traits) for traits in found)


def level_words(column: pd.Series[str], field: Field) -> NDArray[np.str_]:
    """Return the level of every customer; a missing one is a level of its own."""
    if field.kind == "flag":
        numbers = column.astype("float64")
        return np.where(numbers.isna(), MISSING, np.where(numbers > 0.5, YES, NO)).astype(str)
    return column.astype("object").where(column.notna(), MISSING).astype(str).to_numpy(dtype=str)


def count_levels(
    words: NDArray[np.str_], label: NDArray[np.int64], k: int, least: int
) -> tuple[list[str], NDArray[np.int64]]:
    """Return level names (most common first, "Other" last) and their counts, levels x segments.

    Levels with fewer than ``least`` customers, and those beyond the eight most common, are counted as "Other".
    """
    levels, codes = np.unique(words, return_inverse=True)
    counts = np.zeros((len(levels), k), dtype=np.int64)
    np.add.at(counts, (codes, label), 1)
    return most_common((levels.tolist(), counts), least)


def most_common(counted: Counts, least: int) -> tuple[list[str], NDArray[np.int64]]:
    """Return the names and counts of the levels that are shown, most common first, the others together as "Other"."""
    levels, counts = counted
    totals = counts.sum(axis=1)
    order = sorted(range(len(levels)), key=lambda row: (-totals[row], levels[row]))
    kept = [row for row in order[:_MOST_LEVELS] if totals[row] >= least and levels[row] != OTHER]
    rest = [row for row in order if row not in set(kept)]
    while rest and kept and totals[rest].sum() < least:
        rest.append(kept.pop())
    names = [str(levels[row]) for row in kept]
    table = counts[kept]
    if rest:
        names.append(OTHER)
        table = np.vstack([table, counts[rest].sum(axis=0)])
    return names, table


def _traits(
    field: Field, names: Sequence[str], counts: NDArray[np.int64], hidden: NDArray[np.bool_], place: int
) -> list[LevelTrait]:
    members, everyone = int(counts[:, place].sum()), int(counts.sum())
    traits = []
    for row, name in enumerate(names):
        if field.kind == "flag" and name == NO:
            continue
        n, base_n, off = int(counts[row, place]), int(counts[row].sum()), bool(hidden[row, place])
        base_share = base_n / everyone
        h, z = share_effect(n, members, base_n, everyone) if members else (0.0, float("nan"))
        traits.append(
            LevelTrait(
                field=field.name,
                label=field.label,
                level=name,
                n=None if off else n,
                share=None if off or not members else n / members,
                base_share=base_share,
                index=None if off or base_share < 0.01 or not members else 100 * n / members / base_share,
                effect=None if off else h,
                z=None if off else z,
                protected=field.protected,
                stands_out=False,
                small_group=is_small(members),
                suppressed=off,
                members=members,
            )
        )
    return traits
