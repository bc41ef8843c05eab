"""Which amounts of a movement would give one customer away, and may not be told: domain.md 11.4."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reportgen.history.migration import UNSCORED, Amounts, Migration, Moves, added


@dataclass(frozen=True)
class Dominance:
    """Cells of the whole table of moves (sides, new, returned by sides, lost) and groups of it, by name."""

    cells: frozenset[tuple[int, int]] = frozenset()
    groups: frozenset[str] = frozenset()


NOTHING_DOMINATED = Dominance()


def dominance_of(found: Migration, moves: Sequence[Moves]) -> Dominance:
    """Return where one customer holds over half of the money, then or now, or two hold over 85% of it.

    A group is judged by how much each customer's money changed.
    """
    place, m = {side: i for i, side in enumerate(found.sides)}, len(found.sides)
    cells: set[tuple[int, int]] = set()
    groups: dict[str, list[Amounts]] = {}
    for one in moves:
        row = m + one.seen if one.origin is None else place[one.origin]
        if one.of_then.dominated or one.of_now.dominated:
            cells.add((row, m if one.target is None else place[one.target]))
        groups.setdefault(_group(one), []).append(one.change)
    return Dominance(frozenset(cells), frozenset(name for name, changes in groups.items() if added(changes).dominated))


def _group(one: Moves) -> str:
    if one.origin is None:
        return "returned" if one.seen else "new"
    if one.target is None:
        return "lost"
    if UNSCORED in (one.origin, one.target):
        neither = one.origin == one.target
        return "unscored_both" if neither else "fell_out" if one.target == UNSCORED else "rescored"
    return "stayed" if one.origin == one.target else "moved"
