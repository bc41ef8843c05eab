"""Hide small cells of a table of counts so that no hidden count follows from the totals (domain.md 11)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def hide_small_cells(counts: NDArray[np.int64], least: int) -> NDArray[np.bool_]:
    """Return which cells of a table whose row and column totals are known must not be printed.

    Hidden are counts from 1 to ``least`` - 1, then in every line the next smallest non-zero cells until at least two
    cells are hidden that hold ``least`` customers together. Ties go to the first cell of the line.
    """
    hidden = (counts > 0) & (counts < least)
    changed = True
    while changed:
        changed = False
        for line_counts, line_hidden in [*zip(counts, hidden, strict=True), *zip(counts.T, hidden.T, strict=True)]:
            changed |= _complete(line_counts, line_hidden, least)
    return hidden


def _complete(counts: NDArray[np.int64], hidden: NDArray[np.bool_], least: int) -> bool:
    """Hide more cells of one line, in place; return whether anything changed."""
    changed = False
    while hidden.any() and (hidden.sum() < 2 or counts[hidden].sum() < least):
        left = np.flatnonzero(~hidden & (counts > 0))
        if not len(left):
            break
        hidden[left[np.argmin(counts[left])]] = True
        changed = True
    return changed
