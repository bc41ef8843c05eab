"""Drift of columns and who is which segment after a new fit: laws and limits."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reportgen.history.drift import judge, psi, psi_bound, shift_since_fit, shift_since_last
from reportgen.history.identity import continue_ids, match_segments, retire
from reportgen.history.periods import last_day, months_after, months_between
from reportgen.segments.baseline import Bins, bin_counts, bin_places, bins_of
from reportgen.segments.model import SegmentModel, SegmentRef, from_json, to_json
from reportgen.segments.recipe import Feature, FeatureRecipe

COUNTS = st.lists(st.integers(0, 500), min_size=2, max_size=12).filter(sum)


def feature(name: str, level: str | None = None) -> Feature:
    return Feature(name, name, "", 0.0, "none", 1.0, None, None, 0.0, 1.0, 0, 0, level)


def model(ids: tuple[str, ...]) -> SegmentModel:
    refs = tuple(SegmentRef(one, "ABCDEFGHIJ"[int(one[1:]) - 1], int(one[1:]) - 1, f"Name {one}") for one in ids)
    centres = tuple((float(3 * place), float(place % 2)) for place in range(len(ids)))
    return SegmentModel(FeatureRecipe((feature("x"), feature("y"))), centres, refs, 1, 100, 1.0)


@given(COUNTS, st.data())
def test_psi_is_symmetric_and_zero_only_without_a_difference(counts: list[int], data: st.DataObject) -> None:
    other = data.draw(st.lists(st.integers(0, 500), min_size=len(counts), max_size=len(counts)).filter(sum))
    assert psi(counts, other) == pytest.approx(psi(other, counts))
    assert psi(counts, other) >= 0
    assert psi(counts, counts) == 0


def test_bins_empty_in_both_months_do_not_count() -> None:
    assert psi([10, 20, 0, 0], [20, 10, 0, 0]) == psi([10, 20], [20, 10])
    assert psi_bound([10, 20, 0], [20, 10, 0], 0.01) == psi_bound([10, 20], [20, 10], 0.01)
    assert psi([30, 0], [10, 0]) == 0
    assert psi_bound([30, 0], [10, 0], 0.01) == 0


@pytest.mark.parametrize(
    ("value", "bound", "changes", "word"),
    [
        (0.25, 0.2, None, "strong"),
        (0.249, 0.2, None, "changed"),
        (0.10, 0.05, None, "changed"),
        (0.099, 0.05, None, "small"),
        (0.04, 0.05, None, "none"),
        (0.09, 0.10, None, "few"),
        (0.09, 0.10, 19, "few"),
        (0.09, 0.10, 20, "none"),
    ],
)
def test_every_verdict_on_both_sides_of_its_limit(value: float, bound: float, changes: int | None, word: str) -> None:
    assert judge(value, bound, value > bound, changes) == word


def test_a_value_on_an_edge_goes_right_and_missing_has_a_bin() -> None:
    bins = Bins("x", (1.0, 2.0), (), (1, 1, 1, 1), (1.0, 1.5, 2.0))
    assert bin_places(bins, pd.Series([0.5, 1.0, 1.9, 2.0, np.nan])).tolist() == [0, 1, 1, 2, 3]


def test_unknown_words_are_other() -> None:
    bins = bins_of("w", pd.Series(["a", "b", "b", None]), words=True)
    assert (bins.levels, bins.counts, bins.quartiles) == (("a", "b"), (1, 2, 0, 1), None)
    assert bin_counts(bins, pd.Series(["c", "a", None, "b"])) == (1, 1, 1, 1)


def moves_of(bins: Bins, then: pd.Series, now: pd.Series) -> np.ndarray:
    """The same customers by bin then and now; none came, none left."""
    size = len(bins.counts) + 1
    table = np.zeros((size, size), dtype=np.int64)
    np.add.at(table, (bin_places(bins, then), bin_places(bins, now)), 1)
    return table


def test_the_same_month_twice_has_not_drifted() -> None:
    values = pd.Series(np.random.default_rng(1).lognormal(3, 1, 600))
    bins = bins_of("x", values, words=False)
    assert bins.customers == 600
    for shift in (
        shift_since_fit(bins, bin_counts(bins, values), 3),
        shift_since_last(moves_of(bins, values, values), float(values.median()), 3),
    ):
        assert (shift.psi, shift.word) == (0.0, "none")
        assert shift.median == pytest.approx(values.median())
    assert shift_since_fit(bins, bin_counts(bins, values * 3), 3).word == "strong"
    assert shift_since_fit(bins, bin_counts(bins, values[:49]), 3).psi is None


def test_the_same_customers_changing_are_noticed_below_the_bound() -> None:
    values = pd.Series(np.arange(1000.0))
    bins = bins_of("x", values, words=False)
    moved = values.where(values % 10 > 0, values + 100)  # a tenth climbs one decile
    shift = shift_since_last(moves_of(bins, values, moved), None, 1)
    assert shift.psi is not None
    assert shift.bound is not None
    assert shift.psi < shift.bound
    assert shift.word == "small"


PLANTED = {
    "renumbered": ([[0, 90, 5], [80, 3, 0], [0, 4, 70]], {0: 1, 1: 0, 2: 2}, set(), set()),
    "split": ([[50, 50, 0], [0, 0, 80]], {0: 0, 1: 2}, {0}, set()),
    "split 65 to 35": ([[65, 35, 0], [0, 0, 80]], {0: 0, 1: 2}, {0}, set()),
    "merge": ([[60, 0], [40, 0], [0, 70]], {0: 0, 2: 1}, set(), {0}),
    "scattered": ([[90, 0, 0], [0, 90, 0], [0, 0, 90], [20, 20, 20]], {0: 0, 1: 1, 2: 2}, set(), set()),
    "newcomer": ([[90, 0, 8], [0, 90, 9]], {0: 0, 1: 1}, set(), set()),
}


@pytest.mark.parametrize("name", PLANTED)
def test_planted_events_are_found_and_nothing_else(name: str) -> None:
    table, pairs, splits, merges = PLANTED[name]
    found = match_segments(np.array(table))
    assert {old: new for old, new, _ in found.pairs} == pairs
    assert {old for old, _ in found.splits} == splits
    assert {new for new, _ in found.merges} == merges


def test_ids_are_never_reused_over_many_fits() -> None:
    rng, old = np.random.default_rng(3), model(("s01", "s02", "s03"))
    ever = {ref.id for ref in old.segments}
    for _ in range(6):
        k = int(rng.integers(2, 5))
        fresh = model(tuple(f"s{place + 1:02d}" for place in range(k)))
        matching = match_segments(rng.integers(0, 40, (len(old.segments), k)) ** 2)
        segments = continue_ids(fresh, old, matching)
        gone = retire(old, segments, matching)
        now = {ref.id for ref in segments}
        assert not now & {one.id for one in gone}
        assert {ref.id for ref in old.segments} <= now | {one.id for one in gone}
        added = now - {ref.id for ref in old.segments}
        assert not added & ever
        ever |= added
        assert all(ref in old.segments or ref.id in added for ref in segments), "name, letter and colour are kept"
        old = dataclasses.replace(fresh, segments=segments, retired=gone)
        assert from_json(to_json(old)) == old


@given(st.integers(12_000, 36_000), st.integers(0, 40))
def test_months_count(start: int, length: int) -> None:
    first, last = (f"{n // 12:04d}-{n % 12 + 1:02d}" for n in (start, start + length))
    months = months_between(first, last)
    assert (len(months), months[0], months[-1], months_after(first, last)) == (length + 1, first, last, length)


def test_months_end_in_leap_years_too() -> None:
    assert [last_day(month).day for month in ("2023-02", "2024-02", "1900-02", "2024-12")] == [28, 29, 28, 31]
