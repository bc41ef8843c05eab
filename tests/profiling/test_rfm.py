"""The RFM view: every cell named once, ties share a score, order does not matter."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from reportgen.profiling.rfm import _GRID, GROUPS, RfmCuts, learn_cuts, score


def scores_of(*, recency: float = 1, orders: float = 1, spend: float = 1, cuts: RfmCuts) -> tuple[int, int, int]:
    r, f, m = score(np.array([float(recency)]), np.array([float(orders)]), np.array([float(spend)]), cuts)[0]
    return int(r), int(f), int(m)


def test_published_checks_of_the_scores() -> None:
    cuts = RfmCuts((60, 120, 240, 365), (1, 1, 1, 3), (10, 20, 30, 40))
    assert [scores_of(orders=n, cuts=cuts)[1] for n in (1, 2, 3, 4, 5, 6)] == [1, 2, 3, 4, 5, 5]
    assert [scores_of(recency=n, cuts=cuts)[0] for n in (60, 61, 366)] == [5, 4, 1]
    assert [scores_of(spend=n, cuts=cuts)[2] for n in (10, 10.01, 41)] == [1, 2, 5]


def test_every_cell_has_exactly_one_group() -> None:
    assert sorted(_GRID) == [1, 2, 3, 4, 5]
    assert all(len(row) == 5 for row in _GRID.values())
    assert {name for row in _GRID.values() for name in row} == set(GROUPS)


people = st.lists(st.tuples(st.integers(0, 900), st.integers(1, 40), st.floats(0.01, 1e5)), min_size=5, max_size=80)


@given(people, st.randoms())
def test_equal_customers_share_scores_and_order_is_irrelevant(rows, random) -> None:  # type: ignore[no-untyped-def]
    table = np.array(rows, dtype=float)
    cuts = learn_cuts(*table.T)
    scores = score(*table.T, cuts)
    by_value: dict[tuple[float, ...], set[tuple[int, ...]]] = {}
    for row, got in zip(map(tuple, table), map(tuple, scores), strict=True):
        by_value.setdefault(row, set()).add(got)
    assert all(len(found) == 1 for found in by_value.values())
    random.shuffle(order := list(range(len(table))))
    shuffled = table[order]
    assert learn_cuts(*shuffled.T) == cuts
    assert (score(*shuffled.T, cuts) == scores[order]).all()
    assert set(scores.ravel()) <= {1, 2, 3, 4, 5}


@given(people)
def test_one_order_never_counts_as_frequent(rows) -> None:  # type: ignore[no-untyped-def]
    table = np.array(rows, dtype=float)
    table[0, 1] = 1
    assert score(*table.T, learn_cuts(*table.T))[0, 1] == 1


def test_money_cuts_have_two_digits() -> None:
    values = np.linspace(1, 12345, 500)
    cuts = learn_cuts(values, values, values)
    assert all(float(f"{cut:.2g}") == cut for cut in cuts.monetary)
