"""Which amounts of a movement would give one customer away, and may not be told: domain.md 11.4."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reportgen.history.migration import Migration, Roll, pair_up

_ONE, _TWO = 0.5, 0.85  # of an amount

Counts = NDArray[np.int64]
_GROUPS = ("stayed", "moved", "rescored", "fell_out", "unscored_both", "new", "returned", "lost")


@dataclass(frozen=True)
class Dominance:
    """Cells of the whole table of moves (sides, new, returned by sides, lost) and groups of it, by name."""

    cells: frozenset[tuple[int, int]] = frozenset()
    groups: frozenset[str] = frozenset()


NOTHING_DOMINATED = Dominance()


def dominance_of(found: Migration, then: Roll, now: Roll, seen_before: NDArray[np.bool_]) -> Dominance:
    """Return where one customer holds over half of the money, then or now, or two hold over 85% of it.

    A group is judged by how much each customer's money changed.
    """
    place = {side: i for i, side in enumerate(found.sides)}
    m = len(place)
    a, c = (np.array([place[one] for one in roll.segments], dtype=np.int64) for roll in (then, now))
    old, new = pair_up(then, now)
    came, gone = np.ones(len(c), dtype=bool), np.ones(len(a), dtype=bool)
    came[new], gone[old] = False, False
    rows = np.concatenate((a[old], np.where(seen_before[came], m + 1, m), a[gone]))
    columns = np.concatenate((c[new], c[came], np.full(int(gone.sum()), m)))
    money_then = np.concatenate((then.cents[old], np.zeros(int(came.sum()), dtype=np.int64), then.cents[gone]))
    money_now = np.concatenate((now.cents[new], now.cents[came], np.zeros(int(gone.sum()), dtype=np.int64)))
    places = rows * (m + 1) + columns
    cells = {*_dominated(places, money_then), *_dominated(places, money_now)}
    groups = _dominated(_group(rows, columns, m), money_now - money_then)
    return Dominance(
        frozenset((cell // (m + 1), cell % (m + 1)) for cell in cells), frozenset(_GROUPS[place] for place in groups)
    )


def _group(rows: Counts, columns: Counts, m: int) -> Counts:
    """Return the place in ``_GROUPS`` of every customer."""
    none = m - 1  # the side of customers without a segment
    neither = (rows == none) & (columns == none)
    conditions = [rows == m, rows == m + 1, columns == m, neither, columns == none, rows == none]
    names = ("new", "returned", "lost", "unscored_both", "fell_out", "rescored")
    stays = np.where(rows == columns, _GROUPS.index("stayed"), _GROUPS.index("moved"))
    return np.asarray(np.select(conditions, [_GROUPS.index(name) for name in names], stays), dtype=np.int64)


def _dominated(labels: Counts, cents: Counts) -> list[int]:
    """Return the labels whose money is mostly that of one or two."""
    weights = np.abs(cents)
    order = np.lexsort((-weights, labels))
    found, starts, sizes = np.unique(labels[order], return_index=True, return_counts=True)
    sums = np.add.reduceat(weights[order], starts) if len(starts) else starts
    first = weights[order][starts]
    second = np.where(sizes > 1, weights[order][np.minimum(starts + 1, len(order) - 1)], 0) if len(starts) else starts
    return [int(label) for label in found[(first > _ONE * sums) | (first + second > _TWO * sums)]]
