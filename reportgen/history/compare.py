"""What changed since the month before: movement, its causes, whether it is more than chance, drift."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from reportgen.analysis import Analysis
from reportgen.history.carry_on import MonthPlan, Predecessor, match_with, old_labels
from reportgen.history.customer_list import PastList, Stay, roll_of
from reportgen.history.dominance import NOTHING_DOMINATED, Dominance, dominance_of
from reportgen.history.drift import (
    ColumnDrift,
    Shift,
    median_of,
    refit_advice,
    shift_since_fit,
    shift_since_last,
)
from reportgen.history.identity import SAME, Matching, crosswalk_of
from reportgen.history.memory import Memory
from reportgen.history.migration import (
    Migration,
    Roll,
    Split,
    cause_of,
    check_identities,
    migrate,
    pair_up,
    split_movement,
)
from reportgen.history.periods import last_day, months_after
from reportgen.history.significance import Homogeneity, holm, mcnemar, stuart_maxwell
from reportgen.history.spend_change import GoneQuiet, SpendChange, gone_quiet, spend_changes
from reportgen.history.trend import MonthFigures
from reportgen.segments.baseline import Bins
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


@dataclass(frozen=True)
class MonthHistory:
    """One month after another: every customer's stay, and what changed (None in the first month)."""

    stays: tuple[Stay, ...]
    change: Change | None
    past: PastList | None
    gone: tuple[int, ...]  # places in the past list of those who are no longer there


def first_month(analysis: Analysis, period: str) -> MonthHistory:
    """Begin the history: everybody is new."""
    day = last_day(period).isoformat()
    roll = roll_of(analysis)
    return MonthHistory(tuple(_begins(one, "new", day) for one in roll.segments), None, None, ())


def compare_months(
    analysis: Analysis, plan: MonthPlan, before: Predecessor, past: PastList, memory: Memory
) -> MonthHistory:
    """Compare a month with the run before. Raises ArithmeticError where the counts do not add up."""
    roll, customers = roll_of(analysis), analysis.customers
    relabelled = roll.segments if plan.mode == "frozen" else old_labels(before.model, customers)
    seen = _seen_before(analysis, roll, before.run.as_of, {*past.roll.keys, *memory.keys})
    segments = {ref.id: ref for ref in (*before.model.segments, *analysis.segmentation.whole_model.segments)}
    found = migrate(past.roll, roll, seen, [ref.id for ref in analysis.segmentation.whole_model.segments])
    check_identities(found, past.roll, roll)
    old, new = pair_up(past.roll, roll)
    both = [
        (i, j) for i, j in zip(old, new, strict=True) if past.roll.segments[i] and roll.segments[j] and relabelled[j]
    ]
    a, b, c = ([past.roll.segments[i] for i, _ in both], [relabelled[j] for _, j in both],
               [roll.segments[j] for _, j in both])  # fmt: skip
    split = split_movement(a, b, c)
    sides = [ref.id for ref in before.model.segments]
    places = [np.array([sides.index(one) for one in labels], dtype=np.int64) for labels in (a, b)]
    same_ruler = crosswalk_of(places[0], places[1], (len(sides), len(sides)))
    moved = np.array([j for (_, j), one, other in zip(both, a, b, strict=True) if one != other], dtype=np.int64)
    drift = _drift(analysis, past, (old, new), memory, plan.mode == "frozen")
    change = Change(
        period=plan.period,
        previous=before.run.period,
        mode="refit" if plan.mode == "refit" else "frozen",
        names=segments,
        migration=found,
        split=split,
        idle=_idle(analysis, moved, plan.period),
        homogeneity=stuart_maxwell(same_ruler),
        sizes=_size_changes(sides, same_ruler),
        drift=drift,
        advice=refit_advice(analysis.segmentation, plan.period, _drifting_on(analysis, drift, memory)),
        lineage=_lineage(analysis, before) if plan.mode == "refit" else (),
        has_money=customers.spend is not None,
        spend=spend_changes(past.roll, roll, memory.months) if customers.spend and plan.mode == "frozen" else (),
        quiet=gone_quiet(analysis, past.roll, (old, new), _figures_of(before, memory)),
        months=memory.months,
        dominance=dominance_of(found, past.roll, roll, seen),
    )
    stays = _stays(past, roll, relabelled, seen, plan.period)
    return MonthHistory(stays, change, past, tuple(sorted(set(range(len(past.roll.keys))) - set(old.tolist()))))


def _seen_before(analysis: Analysis, roll: Roll, as_of: str, known: set[str]) -> NDArray[np.bool_]:
    """Tell who was there before: by the first order where orders are dated, else by all earlier lists."""
    facts = analysis.customers.order_facts
    if facts is None:
        return np.array([key in known for key in roll.keys], dtype=bool)
    days = (facts.as_of - last_day(as_of[:7])).days
    return np.asarray(analysis.customers.frame["tenure_days"].to_numpy(dtype=np.float64) >= days)


def _idle(analysis: Analysis, moved: NDArray[np.int64], period: str) -> int | None:
    facts = analysis.customers.order_facts
    if facts is None:
        return None
    recency = analysis.customers.frame["recency"].to_numpy(dtype=np.float64)[moved]
    return int((recency >= last_day(period).day).sum())


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


def _drift(
    analysis: Analysis,
    past: PastList,
    pairs: tuple[NDArray[np.int64], NDArray[np.int64]],
    memory: Memory,
    kept: bool,
) -> tuple[ColumnDrift, ...]:
    frame, baseline = analysis.customers.frame, analysis.segmentation.whole_model.baseline
    year = memory.year_ago
    year_pairs = pair_up(year.roll, roll_of(analysis)) if year is not None else pairs
    columns = len(baseline)

    def since(then: PastList | None, same: tuple[NDArray[np.int64], NDArray[np.int64]], bins: Bins) -> Shift | None:
        if then is None or bins.name not in then.features:
            return None
        return shift_since_last(bins, then.column(bins), frame[bins.name], same, columns)

    return tuple(
        ColumnDrift(
            name=bins.name,
            median=median_of(frame[bins.name]) if bins.quartiles else None,
            since_fit=shift_since_fit(bins, frame[bins.name], columns) if kept else None,
            since_last=since(past, pairs, bins),
            since_year=since(year, year_pairs, bins),
        )
        for bins in baseline
    )


def _drifting_on(analysis: Analysis, drift: Sequence[ColumnDrift], memory: Memory) -> tuple[str, ...]:
    """Return the labels of the columns that were strongly changed since the fit for three months in a row."""
    now = frozenset(one.name for one in drift if one.since_fit is not None and one.since_fit.word == "strong")
    names = memory.drifting_on(now, analysis.segmentation.whole_model.as_of[:7])
    return tuple(analysis.customers.field(name).short for name in names)


def _lineage(analysis: Analysis, before: Predecessor) -> tuple[Lineage, ...]:
    old, new = before.model.segments, analysis.segmentation.model.segments
    matching: Matching = match_with(before.model, analysis.segmentation, analysis.customers)
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


def _stays(
    past: PastList, roll: Roll, relabelled: Sequence[str], seen: NDArray[np.bool_], period: str
) -> tuple[Stay, ...]:
    place, day = {key: i for i, key in enumerate(past.roll.keys)}, last_day(period).isoformat()
    found = []
    for key, b, c, known in zip(roll.keys, relabelled, roll.segments, seen, strict=True):
        i = place.get(key)
        if i is None:
            found.append(_begins(c, "returned" if known else "new", day))
        else:
            found.append(_goes_on(past.stays[i], (past.roll.segments[i], past.names[i]), (b, c), day))
    return tuple(found)


def _begins(segment: str, status: str, day: str) -> Stay:
    return Stay(status, "", "", day, "first", 1) if segment else Stay("unscored", "", "", "", "", 0)


def _goes_on(last: Stay, was: tuple[str, str], labels: tuple[str, str], day: str) -> Stay:
    """Continue a customer's stay; an unscored customer keeps its last segment until it has one again."""
    (a, name), (b, c) = was, labels
    if not c:
        previous = (a, name) if a else (last.previous, last.previous_name)
        return Stay("unscored", *previous, "", "", 0)
    if not a:
        same = last.previous == c
        return Stay("rescored", "" if same else last.previous, "" if same else last.previous_name, day, "rescored", 1)
    if a == c:
        months = months_after(last.changed_on[:7], day[:7]) + 1
        return Stay("stayed", last.previous, last.previous_name, last.changed_on, last.cause, months)
    return Stay("moved", a, name, day, cause_of(a, b, c), 1)
