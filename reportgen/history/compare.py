"""What changed since the month before: movement, its causes, whether it is more than chance, drift."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from reportgen.analysis import Analysis
from reportgen.history.carry_on import MonthPlan, Predecessor
from reportgen.history.dominance import NOTHING_DOMINATED, Dominance, dominance_of
from reportgen.history.drift import ColumnDrift, Shift, refit_advice, shift_since_fit, shift_since_last
from reportgen.history.identity import SAME, match_segments
from reportgen.history.memory import Memory
from reportgen.history.migration import (
    UNSCORED,
    Migration,
    Split,
    Totals,
    check_identities,
    migrate,
    split_movement,
)
from reportgen.history.past_list import name_nobody
from reportgen.history.periods import months_after
from reportgen.history.significance import Homogeneity, holm, mcnemar, stuart_maxwell
from reportgen.history.spend_change import GoneQuiet, SpendChange, gone_quiet, spend_changes, worth_of
from reportgen.history.this_month import engine_of_month
from reportgen.history.trend import MonthFigures
from reportgen.history.two_months import Labels, TwoMonths, meet
from reportgen.inputs.sql import Engine
from reportgen.segments.model import SegmentRef
from reportgen.values import Statement

SURE = 0.01
NOTABLE = 0.005  # of the same customers
FEWEST_TOLD = 10  # members without which nothing is said of a segment

LineageWord = Literal["same", "changed", "new", "retired", "empty", "split", "merged"]


@dataclass(frozen=True)
class SizeChange:
    """One segment among the customers scored in both months, by the model of the earlier one.

    ``p`` is adjusted for testing all segments, ``members`` are the fewer of the two months.
    """

    id: str
    members: int
    share_then: float
    share_now: float
    p: float

    @property
    def real(self) -> bool:
        """Whether it is more than chance, and large enough to be said."""
        return self.members >= FEWEST_TOLD and self.p < SURE and abs(self.share_now - self.share_then) >= NOTABLE


@dataclass(frozen=True)
class Lineage:
    """What became of a segment in a new fit; ``others`` are the ids that it came from or went into."""

    word: LineageWord
    id: str
    others: tuple[str, ...] = ()
    jaccard: float | None = None


@dataclass(frozen=True)
class Change:
    """Everything that changed between two months. ``names`` are the segments of either month by id."""

    period: str
    previous: str
    mode: Literal["frozen", "refit"]
    names: Mapping[str, SegmentRef]
    migration: Migration
    split: Split
    idle: int | None  # truly moved without a purchase in the month; None for a table without dates of orders
    homogeneity: Homogeneity
    sizes: tuple[SizeChange, ...]
    drift: tuple[ColumnDrift, ...]
    advice: tuple[Statement, ...]
    lineage: tuple[Lineage, ...]
    has_money: bool
    spend: tuple[SpendChange, ...] = ()
    quiet: GoneQuiet | None = None
    months: tuple[MonthFigures, ...] = ()  # of earlier months, oldest first
    dominance: Dominance = NOTHING_DOMINATED

    @property
    def gap(self) -> int:
        """Months without a report between the two."""
        return months_after(self.previous, self.period) - 1

    @property
    def sizes_changed(self) -> bool:
        """Whether sizes changed beyond chance for the same customers."""
        return self.homogeneity.judged and self.homogeneity.p < SURE


@dataclass(frozen=True, eq=False)
class MonthHistory:
    """One month after another: {now} of the ``engine`` beside {past}, and what changed (None in the first month)."""

    engine: Engine
    change: Change | None = None


def first_month(analysis: Analysis, plan: MonthPlan) -> MonthHistory:
    """Begin the history: everybody is new."""
    engine = engine_of_month(analysis, plan)
    name_nobody(engine)
    return MonthHistory(engine)


def compare_months(
    analysis: Analysis, plan: MonthPlan, before: Predecessor, listed: Path, memory: Memory
) -> MonthHistory:
    """Compare a month with the run before, whose list is given.

    Raises InputError where a list can't be read, ArithmeticError where the counts do not add up.
    """
    customers, found = analysis.customers, analysis.segmentation
    baseline = found.whole_model.baseline
    months = meet(engine_of_month(analysis, plan, memory.lists), listed, baseline)
    moves, labels = months.moves(), months.labels()
    migration = migrate(moves, [ref.id for ref in found.whole_model.segments])
    check_identities(migration, months.totals(), _totals(analysis, months))
    same_ruler = _crosstab(labels, [ref.id for ref in before.model.segments])
    bins = tuple(months.bins())
    drift = _drift(analysis, months, bins, _since_year(analysis, plan, memory), plan.mode == "frozen")
    spent = plan.mode == "frozen" and customers.spend is not None
    change = Change(
        period=plan.period,
        previous=before.run.period,
        mode="refit" if plan.mode == "refit" else "frozen",
        names={ref.id: ref for ref in (*before.model.segments, *found.whole_model.segments)},
        migration=migration,
        split=split_movement((one.then, one.relabelled, one.now, one.customers) for one in labels),
        idle=sum(one.idle for one in labels if one.then != one.relabelled) if customers.order_facts else None,
        homogeneity=stuart_maxwell(same_ruler),
        sizes=_size_changes([ref.id for ref in before.model.segments], same_ruler),
        drift=drift,
        advice=refit_advice(found, plan.period, months.far(), _drifting_on(analysis, drift, memory)),
        lineage=_lineage(analysis, before, months) if plan.mode == "refit" else (),
        has_money=customers.spend is not None,
        spend=spend_changes(*worth_of(months), memory.months) if spent else (),
        quiet=gone_quiet(analysis, months, _figures_of(before, memory)),
        months=memory.months,
        dominance=dominance_of(migration, moves),
    )
    return MonthHistory(months.engine, change)


def _totals(analysis: Analysis, months: TwoMonths) -> Totals:
    """Return this month's customers as they were counted where they got their segments."""
    found = analysis.segmentation
    sizes = {ref.id: fit.size for ref, fit in zip(found.model.segments, found.fits, strict=True)}
    return Totals(sizes | {UNSCORED: found.unsegmented}, months.cents())


def _crosstab(labels: Sequence[Labels], sides: Sequence[str]) -> NDArray[np.int64]:
    """Count customers scored in both months, by the model of the earlier one: rows then, columns now."""
    place = {side: i for i, side in enumerate(sides)}
    table = np.zeros((len(sides), len(sides)), dtype=np.int64)
    for one in labels:
        table[place[one.then], place[one.relabelled]] += one.customers
    return table


def _size_changes(sides: Sequence[str], table: NDArray[np.int64]) -> tuple[SizeChange, ...]:
    then, now, total = table.sum(axis=1), table.sum(axis=0), max(int(table.sum()), 1)
    stayed = np.diag(table)
    raw = [mcnemar(int(now[i] - stayed[i]), int(then[i] - stayed[i]))[1] for i in range(len(table))]
    return tuple(
        SizeChange(sides[i], int(min(then[i], now[i])), float(then[i] / total), float(now[i] / total), p)
        for i, p in enumerate(holm(raw))
    )


def _figures_of(before: Predecessor, memory: Memory) -> MonthFigures | None:
    return next((month for month in memory.months if month.period == before.run.period), None)


_Past = tuple[tuple[NDArray[np.int64] | None, float | None], ...]  # of each column: moves between bins, and the median


def _since_year(analysis: Analysis, plan: MonthPlan, memory: Memory) -> _Past:
    baseline = analysis.segmentation.whole_model.baseline
    if memory.year_ago is None:
        return ((None, None),) * len(baseline)
    months = meet(engine_of_month(analysis, plan), memory.year_ago, baseline, moves=False)
    found = _past_of(months, tuple(months.bins()))
    months.engine.close()
    return found


def _past_of(months: TwoMonths, bins: Sequence[NDArray[np.int64]]) -> _Past:
    medians = (months.median(one, "then") if one.name in months.kept else None for one in months.baseline)
    tables = (table if one.name in months.kept else None for one, table in zip(months.baseline, bins, strict=True))
    return tuple(zip(tables, medians, strict=True))


def _drift(
    analysis: Analysis, months: TwoMonths, tables: Sequence[NDArray[np.int64]], year: _Past, kept: bool
) -> tuple[ColumnDrift, ...]:
    baseline = analysis.segmentation.whole_model.baseline
    columns = len(baseline)
    now = [[int(n) for n in table[:, :-1].sum(axis=0)] for table in tables]

    def since(past: tuple[NDArray[np.int64] | None, float | None]) -> Shift | None:
        return None if past[0] is None else shift_since_last(past[0], past[1], columns)

    return tuple(
        ColumnDrift(
            name=bins.name,
            median=months.median(bins, "now"),
            since_fit=shift_since_fit(bins, current, columns) if kept else None,
            since_last=since(before),
            since_year=since(then),
        )
        for bins, current, before, then in zip(baseline, now, _past_of(months, tables), year, strict=True)
    )


def _drifting_on(analysis: Analysis, drift: Sequence[ColumnDrift], memory: Memory) -> tuple[str, ...]:
    """Return the labels of the columns that were strongly changed since the fit for three months in a row."""
    now = frozenset(one.name for one in drift if one.since_fit is not None and one.since_fit.word == "strong")
    names = memory.drifting_on(now, analysis.segmentation.whole_model.as_of[:7])
    return tuple(analysis.customers.field(name).short for name in names)


def _lineage(analysis: Analysis, before: Predecessor, months: TwoMonths) -> tuple[Lineage, ...]:
    old, new = before.model.segments, analysis.segmentation.model.segments
    rows, columns = ({ref.id: i for i, ref in enumerate(segments)} for segments in (old, new))
    crosswalk = np.zeros((len(old), len(new)), dtype=np.int64)
    for b, c, n in months.relabelled():
        if b and c:
            crosswalk[rows[b], columns[c]] += n
    matching = match_segments(crosswalk)
    found = [
        Lineage("same" if jaccard >= SAME else "changed", new[b].id, (), jaccard)
        for _, b, jaccard in sorted(matching.pairs, key=lambda pair: pair[1])
    ]
    found += [Lineage("new", new[b].id, tuple(old[a].id for a in origins)) for b, origins in matching.parents]
    found += [
        Lineage("empty" if a in matching.empty else "retired", old[a].id, () if b is None else (new[b].id,))
        for a, b in matching.retired
    ]
    found += [Lineage("split", old[a].id, tuple(new[b].id for b in parts)) for a, parts in matching.splits]
    found += [Lineage("merged", new[b].id, tuple(old[a].id for a in parts)) for b, parts in matching.merges]
    return tuple(found)
