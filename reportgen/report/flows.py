"""Flows of customers between segments, with small numbers hidden so that none follows from another: domain.md 11.3."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reportgen.history.migration import Migration
from reportgen.profiling.suppression import determined
from reportgen.values import Quantity

Counts = NDArray[np.int64]
Cells = NDArray[np.bool_]
Cell = tuple[int, int]

_SHOWN_FIRST = 5


@dataclass(frozen=True)
class ShownMoves:
    """The whole table of moves: sides then, new and returned (rows) by sides now and lost (columns); what is hidden.

    ``open_rows`` and ``open_columns`` are the lines whose totals may not be told either.
    """

    counts: Counts  # (m + 2, m + 1)
    hidden: Cells
    open_rows: Cells
    open_columns: Cells
    least: int

    @property
    def hides_moves(self) -> bool:
        """Whether a move between two segments is hidden."""
        sides = self.counts.shape[1] - 1
        return bool((self.hidden[:sides, :sides] & ~np.eye(sides, dtype=bool)).any())

    def cell(self, row: int, column: int) -> Quantity:
        """Return one cell; a small one as "<10", one that would give it away as a dash."""
        return self.quantity(int(self.counts[row, column]), bool(self.hidden[row, column]))

    def row_total(self, row: int) -> Quantity:
        """Return the total of one row."""
        return self.quantity(int(self.counts[row].sum()), bool(self.open_rows[row]))

    def column_total(self, column: int) -> Quantity:
        """Return the total of one column."""
        return self.quantity(int(self.counts[:, column].sum()), bool(self.open_columns[column]))

    def total(self) -> Quantity:
        """Return the number of all; a dash where any number is hidden, which it would help to find."""
        small = (self.counts > 0) & (self.counts < self.least)
        return self.quantity(int(self.counts.sum()), bool((self.hidden | small).any()))

    def quantity(self, value: int, hidden: bool = False) -> Quantity:
        """Return a count as it may be printed."""
        small = 0 < value < self.least
        return Quantity(None if hidden and not small else value, "count", suppressed=small)


@dataclass(frozen=True)
class Flow:
    """The flow of one segment, in customers; None: may not be told, or only together with the others."""

    before: int
    new: int | None
    returned: int | None
    arrived: int | None
    joined: int | None  # the three together
    moved_out: int | None
    lost: int | None
    left: int | None  # the two together
    now: int

    @property
    def told(self) -> str:
        """How much may be told: full, joined, net or still."""
        if None not in (self.new, self.returned, self.arrived, self.moved_out, self.lost):
            return "full"
        if self.joined is not None and self.left is not None:
            return "joined"
        return "net" if abs(self.now - self.before) >= 10 else "still"


def shown_moves(found: Migration, least: int) -> ShownMoves:
    """Return the table of moves with small cells and those that would give them away marked as hidden.

    The sizes of all segments in both months are known from the two reports. Where something has to be hidden beside a
    small cell it is the number of those who stayed, so that the moves themselves can be shown.
    """
    m = len(found.sides)
    counts = np.zeros((m + 2, m + 1), dtype=np.int64)
    counts[:m, :m], counts[:m, m] = found.table, found.lost
    counts[m, :m], counts[m + 1, :m] = found.new, found.returned
    lines = _open_lines(counts, m, least)
    kept: list[Cell] = []
    for move in _largest(counts, m, least):
        if _closed(counts, lines, least, [*kept, move]) is not None:
            kept.append(move)
    hidden = _closed(counts, lines, least, kept)
    assert hidden is not None  # with nothing kept everything may be hidden
    return ShownMoves(counts, hidden, *lines, least)


def _largest(counts: Counts, m: int, least: int) -> list[Cell]:
    """Return the largest moves between two segments, which are to be shown if possible."""
    cells = [(i, j) for i in range(m) for j in range(m) if i != j and counts[i, j] >= least]
    return sorted(cells, key=lambda cell: (-int(counts[cell]), cell))[:_SHOWN_FIRST]


def _closed(counts: Counts, lines: tuple[Cells, Cells], least: int, kept: list[Cell]) -> Cells | None:
    """Return which cells are hidden so that no small one follows; None where that takes one that is kept."""
    hidden = (counts > 0) & (counts < least)
    while places := _given_away(counts, hidden, lines, least):
        found = (_beside(counts, hidden, place, kept) for place in places)
        cell = next((cell for cell in found if cell is not None), None)
        if cell is None:
            return None if kept else hidden
        hidden[cell] = True
    for cell in _by_interest(counts, hidden, least):
        hidden[cell] = False
        if _given_away(counts, hidden, lines, least):
            hidden[cell] = True
    return hidden


def _by_interest(counts: Counts, hidden: Cells, least: int) -> list[Cell]:
    """Return the hidden cells that are not small, the most interesting first, then the largest."""
    cells = [(int(row), int(column)) for row, column in np.argwhere(hidden & (counts >= least))]
    return sorted(cells, key=lambda cell: (-_interest(counts, cell), -int(counts[cell]), cell))


def _open_lines(counts: Counts, m: int, least: int) -> tuple[Cells, Cells]:
    """Return which of new, returned and lost have no printed total: small ones, and never one of them alone."""
    totals = {"new": int(counts[m].sum()), "returned": int(counts[m + 1].sum()), "lost": int(counts[:, m].sum())}
    closed = [name for name, total in totals.items() if 0 < total < least]
    others = [name for name, total in totals.items() if total >= least]
    if len(closed) == 1:
        closed += sorted(others, key=lambda name: (totals[name], name))[:1]
    rows, columns = np.zeros(m + 2, dtype=bool), np.zeros(m + 1, dtype=bool)
    rows[m], rows[m + 1], columns[m] = (name in closed for name in totals)
    return rows, columns


def _given_away(counts: Counts, hidden: Cells, lines: tuple[Cells, Cells], least: int) -> list[Cell]:
    """Return the hidden cells that follow from what is printed, or of which a line holds too few customers."""
    places = [(int(row), int(column)) for row, column in np.argwhere(_known(hidden, lines))]
    for axis, is_open in ((1, lines[0]), (0, lines[1])):
        sums = (counts * hidden).sum(axis=axis)
        for line in np.flatnonzero((sums > 0) & (sums < least) & ~is_open):
            cell = int(np.flatnonzero(hidden[line] if axis else hidden[:, line])[0])
            places.insert(0, (int(line), cell) if axis else (cell, int(line)))
    return places


def _known(hidden: Cells, lines: tuple[Cells, Cells]) -> Cells:
    """Return which hidden cells follow from the totals that are printed; totals that are not are cells of their own."""
    rows, columns = lines
    wide = np.zeros((hidden.shape[0] + 1, hidden.shape[1] + 1), dtype=bool)
    wide[:-1, :-1], wide[:-1, -1], wide[-1, :-1] = hidden, rows, columns
    wide[-1, -1] = bool(rows.any() and columns.any())
    return determined(wide)[:-1, :-1]


def _beside(counts: Counts, hidden: Cells, place: Cell, kept: list[Cell]) -> Cell | None:
    """Return a cell in the row or column of a hidden one: the least interesting, then the smallest."""
    row, column = place
    around = [(row, j) for j in range(counts.shape[1])] + [(i, column) for i in range(counts.shape[0])]
    free = [cell for cell in around if counts[cell] and not hidden[cell] and cell not in kept]
    return min(free, key=lambda cell: (_interest(counts, cell), int(counts[cell]), cell), default=None)


def flow_of(found: Migration, shown: ShownMoves, place: int) -> Flow:
    """Return the flow of one side; parts are told where no cell behind them is hidden."""
    others = np.arange(len(shown.counts)) != place
    hidden_in = shown.hidden[others, place].any()
    hidden_out = shown.hidden[place, others[: shown.counts.shape[1]]].any()
    stayed_known = not shown.hidden[place, place]
    joined = int(found.arrived[place] + found.new[place] + found.returned[place])
    left = int(found.left[place] + found.lost[place])

    def tell(value: int, allowed: bool) -> int | None:
        return int(value) if allowed and not 0 < value < shown.least else None

    return Flow(
        before=int(found.then[place]),
        new=tell(found.new[place], not hidden_in),
        returned=tell(found.returned[place], not hidden_in),
        arrived=tell(found.arrived[place], not hidden_in),
        joined=tell(joined, stayed_known),
        moved_out=tell(found.left[place], not hidden_out),
        lost=tell(found.lost[place], not hidden_out),
        left=tell(left, stayed_known),
        now=int(found.now[place]),
    )


def _interest(counts: Counts, cell: Cell) -> int:
    """Rank what a reader would miss: moves between segments most, those who stayed least."""
    row, column = cell
    if row == column:
        return 0
    return 2 if max(row, column) < counts.shape[1] - 1 else 1
