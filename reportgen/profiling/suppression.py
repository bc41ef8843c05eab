"""Hide small cells of a table of counts so that no hidden count follows from the totals (domain.md 11)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
Cells = NDArray[np.bool_]


def hide_small_cells(counts: Counts, least: int) -> Cells:
    """Return which cells of a table whose row and column totals are known must not be printed.

    Hidden are counts from 1 to ``least`` - 1, then in every line the next smallest non-zero cells until at least two
    cells are hidden that hold ``least`` customers together, then more until no hidden cell is the only solution of the
    totals. Ties go to the first cell of the line.
    """
    hidden = (counts > 0) & (counts < least)
    while True:
        while any(_complete(*line, least) for line in _lines(counts, hidden)):
            pass
        given_away = np.argwhere(determined(hidden))
        if not any(_hide_beside(counts, hidden, int(row), int(column)) for row, column in given_away):
            return hidden


def determined(hidden: Cells) -> Cells:
    """Return which hidden cells follow exactly from row and column totals and the cells that are shown.

    A cell is determined when it is zero in every direction that leaves all totals unchanged (the null space).
    """
    known = np.zeros_like(hidden)
    cells = np.argwhere(hidden)
    if not len(cells):
        return known
    totals = np.zeros((hidden.shape[0] + hidden.shape[1], len(cells)))
    totals[cells[:, 0], np.arange(len(cells))] = 1
    totals[hidden.shape[0] + cells[:, 1], np.arange(len(cells))] = 1
    _, sizes, directions = np.linalg.svd(totals)
    free = directions[int((sizes > 1e-9).sum()) :]
    known[cells[:, 0], cells[:, 1]] = np.abs(free).max(axis=0, initial=0.0) < 1e-9
    return known


def _lines(counts: Counts, hidden: Cells) -> list[tuple[Counts, Cells]]:
    return [*zip(counts, hidden, strict=True), *zip(counts.T, hidden.T, strict=True)]


def _complete(counts: Counts, hidden: Cells, least: int) -> bool:
    """Hide more cells of one line, in place; return whether anything changed."""
    changed = False
    while hidden.any() and (hidden.sum() < 2 or counts[hidden].sum() < least):
        if not _hide_smallest(counts, hidden):
            break
        changed = True
    return changed


def _hide_beside(counts: Counts, hidden: Cells, row: int, column: int) -> bool:
    """Hide one more cell in the row or column of a cell that is given away."""
    return _hide_smallest(counts[row], hidden[row]) or _hide_smallest(counts[:, column], hidden[:, column])


def _hide_smallest(counts: Counts, hidden: Cells) -> bool:
    left = np.flatnonzero(~hidden & (counts > 0))
    if len(left):
        hidden[left[np.argmin(counts[left])]] = True
    return bool(len(left))
