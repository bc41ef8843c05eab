"""Which columns go with the segments, how strongly, and, for columns that did not form them, whether beyond chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from reportgen.config import Config
from reportgen.findings import Finding
from reportgen.inputs.customers import Customers, Field
from reportgen.profiling.differences import (
    Labels,
    Outcome,
    Table,
    category_v,
    chi_square,
    cramers_v,
    eta_squared,
    holm_adjusted,
    kruskal_wallis,
    numeric_v,
)
from reportgen.profiling.effects import skewness
from reportgen.profiling.levels import count_levels, level_words
from reportgen.profiling.relatives import Relatives, find_relatives
from reportgen.profiling.suppression import hide_small_cells
from reportgen.segments.fit import Segmentation

Relation = Literal["describes", "follows", "formed"]
Size = Literal["none", "small", "medium", "large"]

BEYOND_CHANCE = 0.05  # adjusted p
_TESTED_FROM = 30  # customers with a value
_WARNED_FROM = 100
_ETA2_SIZES = (0.01, 0.06, 0.14)
_V_SIZES = (0.10, 0.30, 0.50)
_WARNING = {"eta2": 0.14, "cramers_v": 0.30}  # domain.md 11.6


@dataclass(frozen=True)
class Link:
    """How far one segment stands from all customers in a column, or in one level of it: a v-test."""

    place: int
    level: str  # "" for a column of numbers
    v: float


@dataclass(frozen=True)
class Association:
    """One column over all segments.

    ``relation``: it formed the segments, follows from columns that did (so that a difference proves nothing), or
    describes. Only the last has ``p`` and ``adjusted`` (Holm over all tested columns), and links only if adjusted p
    stays below .05; the links of the others are a ranking. ``effect`` is eta squared (of the ranks if ``by_rank``) or
    the bias-corrected Cramér's V.
    """

    field: str
    label: str
    relation: Relation
    measure: Literal["eta2", "cramers_v"]
    by_rank: bool
    n: int  # customers with a value
    effect: float
    size: Size
    test: Literal["kruskal", "chi2", "shuffled"] | None
    p: float | None
    adjusted: float | None
    protected: bool
    links: tuple[Link, ...]

    @property
    def beyond_chance(self) -> bool:
        """Whether the segments differ in it more than chance explains."""
        return self.adjusted is not None and self.adjusted < BEYOND_CHANCE


@dataclass(frozen=True)
class _Ground:
    """The segmented customers, their segments, and which columns follow from those that formed them."""

    customers: Customers
    inside: NDArray[np.bool_]
    labels: Labels
    k: int
    relatives: Relatives
    config: Config

    def relation(self, field: Field) -> Relation:
        if field.name in self.relatives.active:
            return "formed"
        return "follows" if field.name in self.relatives.following else "describes"


def associate(
    customers: Customers, segmentation: Segmentation, config: Config | None = None
) -> tuple[Association, ...]:
    """Measure how every column that may be shown goes with the segments (method.md 7): first those that describe.

    Within a relation the strongest comes first. Columns with a single value, or known for fewer than
    ``privacy.min_cell`` customers, are left out.
    """
    config = config or Config()
    inside = segmentation.assignment.label >= 0
    labels = segmentation.assignment.label[inside].astype(np.int64)
    relatives = find_relatives(customers, segmentation, inside)
    ground = _Ground(customers, inside, labels, segmentation.k, relatives, config)
    hidden = config.privacy.protected == "hide"
    shown = [f for f in customers.fields if f.name in customers.frame and not (hidden and f.protected)]
    found = [one for field in shown if (one := _measure(ground, field)) is not None]
    tested = [one for one in found if one.p is not None]
    adjusted = dict(zip((one.field for one in tested), holm_adjusted([one.p or 0.0 for one in tested]), strict=True))
    judged = [_judge(one, adjusted.get(one.field)) for one in found]
    order: dict[Relation, int] = {"describes": 0, "follows": 1, "formed": 2}
    return tuple(sorted(judged, key=lambda one: (order[one.relation], -round(one.effect, 9), one.field)))


def fairness_findings(associations: Sequence[Association]) -> tuple[Finding, ...]:
    """Return a warning for each protected column that goes closely with the segments (domain.md 11.6)."""
    close = [one for one in associations if one.protected and one.n >= _WARNED_FROM]
    return tuple(_warning(one) for one in close if one.effect >= _WARNING[one.measure])


def _warning(one: Association) -> Finding:
    measured = f"{'eta squared' if one.measure == 'eta2' else 'Cramér’s V'} {one.effect:.2f}"
    how = "and formed them" if one.relation == "formed" else "although it did not form them"
    message = (
        f"“{one.label}” is a protected characteristic and differs clearly between the segments, {how} ({measured}): "
        "treating segments differently means treating these people differently."
    )
    return Finding("protected_association", message, "warning", one.field)


def _judge(one: Association, adjusted: float | None) -> Association:
    one = replace(one, adjusted=adjusted)
    return one if one.relation != "describes" or one.beyond_chance else replace(one, links=())


def _measure(ground: _Ground, field: Field) -> Association | None:
    if field.kind in ("category", "flag"):
        return _measure_levels(ground, field)
    return _measure_numbers(ground, field)


def _measure_numbers(ground: _Ground, field: Field) -> Association | None:
    values = ground.customers.frame[field.name].to_numpy(dtype=np.float64, na_value=np.nan)[ground.inside]
    known = np.isfinite(values)
    values, labels = values[known], ground.labels[known]
    if len(values) < ground.config.privacy.min_cell or values.min() == values.max():
        return None
    by_rank = abs(skewness(values)) > 1
    ranked = rankdata(values) if by_rank else values
    effect = eta_squared(ranked, labels, ground.k)
    relation = ground.relation(field)
    test = kruskal_wallis(values, labels, ground.k) if relation == "describes" and len(values) >= _TESTED_FROM else None
    sizes = np.bincount(labels, minlength=ground.k)
    v = numeric_v(ranked, labels, ground.k)
    links = tuple(
        Link(place, "", float(v[place]))
        for place in range(ground.k)
        if sizes[place] >= ground.config.privacy.min_cell and np.isfinite(v[place])
    )
    return Association(
        field=field.name,
        label=field.label,
        relation=relation,
        measure="eta2",
        by_rank=by_rank,
        n=len(values),
        effect=effect,
        size=_size(effect, _ETA2_SIZES),
        test="kruskal" if test else None,
        p=test.p if test else None,
        adjusted=None,
        protected=field.protected,
        links=links,
    )


def _measure_levels(ground: _Ground, field: Field) -> Association | None:
    words = level_words(ground.customers.frame[field.name][ground.inside], field)
    names, table = count_levels(words, ground.labels, ground.k, ground.config.privacy.min_cell)
    if len(names) < 2:
        return None
    effect = cramers_v(table)[1]
    relation = ground.relation(field)
    tested = relation == "describes" and len(words) >= _TESTED_FROM
    test = chi_square(table, ground.config.segments.seed) if tested else None
    return Association(
        field=field.name,
        label=field.label,
        relation=relation,
        measure="cramers_v",
        by_rank=False,
        n=len(words),
        effect=effect,
        size=_size(effect, _V_SIZES),
        test=_test_name(test),
        p=test.p if test else None,
        adjusted=None,
        protected=field.protected,
        links=_level_links(names, table, ground.config.privacy.min_cell),
    )


def _test_name(test: Outcome | None) -> Literal["chi2", "shuffled"] | None:
    if test is None:
        return None
    return "shuffled" if test.shuffled else "chi2"


def _level_links(names: Sequence[str], table: Table, least: int) -> tuple[Link, ...]:
    """Return the v-test of every level in every segment whose count may be printed."""
    hidden, n, levels, sizes = hide_small_cells(table, least), int(table.sum()), table.sum(axis=1), table.sum(axis=0)
    return tuple(
        Link(place, name, category_v(n, int(levels[row]), int(sizes[place]), int(table[row, place]))[1])
        for place in range(table.shape[1])
        for row, name in enumerate(names)
        if sizes[place] >= least and not hidden[row, place]
    )


def _size(effect: float, limits: tuple[float, float, float]) -> Size:
    words: tuple[Size, ...] = ("none", "small", "medium", "large")
    return words[sum(effect >= limit for limit in limits)]
