"""Small cells stay hidden, and so does whatever would give them away."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from reportgen.profiling.suppression import determined, hide_small_cells

tables = st.tuples(st.integers(1, 5), st.integers(1, 6)).flatmap(
    lambda shape: arrays(np.int64, shape, elements=st.sampled_from([0, 0, 1, 4, 9, 10, 12, 30, 200]))
)


def test_a_single_small_cell_takes_the_next_smallest_of_its_row_and_column_along():
    counts = np.array([[3, 40, 50], [60, 70, 80], [90, 100, 95]])
    assert hide_small_cells(counts, 10).tolist() == [[True, True, False], [True, True, False], [False, False, False]]


def test_zeros_and_tables_without_small_cells_are_printed():
    assert not hide_small_cells(np.array([[0, 40], [60, 10]]), 10).any()


def test_two_hidden_cells_of_a_line_that_hold_too_few_customers_take_a_third():
    hidden = hide_small_cells(np.array([[2, 3, 80, 90], [50, 60, 70, 75]]), 10)
    assert hidden[0].tolist() == [True, True, True, False]


def test_a_hidden_cell_that_links_two_closed_groups_is_found():
    # two hidden squares joined by the cell (1, 2): every line hides two, yet that cell follows from the totals
    hidden = np.array([[1, 1, 0, 0], [1, 1, 1, 0], [0, 0, 1, 1], [0, 0, 1, 1]], dtype=bool)
    assert np.argwhere(determined(hidden)).tolist() == [[1, 2]]


@given(tables)
def test_no_small_cell_is_printed_and_none_follows_from_the_totals(counts):
    hidden = hide_small_cells(counts, 10)
    small = (counts > 0) & (counts < 10)
    assert hidden[small].all()
    assert not hidden[counts == 0].any()
    for lines, flags in ((counts, hidden), (counts.T, hidden.T)):
        for line, off in zip(lines, flags, strict=True):
            assert not off.any() or (off.sum() >= 2 and line[off].sum() >= 10) or (line[~off] == 0).all()
    known = determined(hidden)
    for row, column in np.argwhere(known):  # only where nothing is left to hide beside it
        assert (counts[row][~hidden[row]] == 0).all()
        assert (counts[:, column][~hidden[:, column]] == 0).all()
