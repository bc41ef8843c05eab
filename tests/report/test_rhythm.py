"""RFM groups in the report: no hidden count follows from a printed one."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from reportgen.profiling.rfm import _GRID, GROUPS, RfmCell, RfmCuts, RfmGroup, RfmView
from reportgen.report.rhythm import hidden_parts

_CELLS = list(itertools.product((5, 4, 3, 2, 1), (1, 2, 3, 4, 5)))


def view_of(counts: list[int]) -> RfmView:
    cells = tuple(RfmCell(r, f, _GRID[r][f - 1], n, None) for (r, f), n in zip(_CELLS, counts, strict=True))
    sums = {name: sum(cell.customers for cell in cells if cell.group == name) for name in GROUPS}
    total = max(sum(counts), 1)
    groups = tuple(RfmGroup(name, n, n / total, n / total) for name, n in sums.items() if n)
    return RfmView(RfmCuts((), (), ()), cells, groups, np.zeros((0, 3), dtype=np.int64))


@given(st.lists(st.integers(0, 40), min_size=25, max_size=25))
def test_small_cells_and_groups_never_follow_from_the_rest(counts: list[int]) -> None:
    view = view_of(counts)
    groups, cells = hidden_parts(view, 10)
    assert all(group.name in groups for group in view.groups if group.customers < 10)
    assert len(groups) != 1 or len(view.groups) == 1
    for group in view.groups:
        own = [cell for cell in view.cells if cell.group == group.name and cell.customers]
        off = [cell for cell in own if (cell.recency, cell.frequency) in cells]
        assert all(cell in off for cell in own if cell.customers < 10)
        if off and group.name not in groups and len(own) > 1:
            assert len(off) > 1, "the one hidden cell is the group's total less the others"
            assert sum(cell.customers for cell in off) >= 10


def test_large_parts_are_all_shown() -> None:
    groups, cells = hidden_parts(view_of([12] * 25), 10)
    assert (groups, cells) == (set(), set())
