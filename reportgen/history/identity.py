"""Which new segment is which old one after a new fit: months.md section 12."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from reportgen.segments.fit import letters
from reportgen.segments.model import RetiredSegment, SegmentModel, SegmentRef

LEAST, SAME = 0.30, 0.60  # Jaccard from which a segment goes on, and from which it is the same
GIVES, CONSISTS, TAKES = 0.30, 0.50, 0.50

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Matching:
    """Old places (rows) and new places (columns) that belong together, and what became of the rest."""

    pairs: tuple[tuple[int, int, float], ...]  # old, new, Jaccard
    parents: tuple[tuple[int, tuple[int, ...]], ...]  # new without pair, old ones it comes from
    retired: tuple[tuple[int, int | None], ...]  # old without pair, new one that took most of it
    splits: tuple[tuple[int, tuple[int, ...]], ...]  # old, new ones that consist of it
    merges: tuple[tuple[int, tuple[int, ...]], ...]  # new, old ones that went into it
    empty: frozenset[int]  # old places that nobody is in under the old model

    def old_of(self, new: int) -> int | None:
        """Return the old place that a new one continues."""
        return next((a for a, b, _ in self.pairs if b == new), None)


def match_segments(crosswalk: Counts) -> Matching:
    """Match by the customers that (old, new) segments share: assignment of the largest sum of Jaccard indices."""
    rows, columns = crosswalk.sum(axis=1), crosswalk.sum(axis=0)
    union = rows[:, None] + columns[None, :] - crosswalk
    jaccard = np.divide(crosswalk, union, out=np.zeros(crosswalk.shape), where=union > 0)
    jaccard[jaccard < LEAST] = 0.0
    chosen = zip(*linear_sum_assignment(jaccard, maximize=True), strict=True)
    pairs = tuple((int(a), int(b), float(jaccard[a, b])) for a, b in chosen if jaccard[a, b] > 0)
    gives = np.divide(crosswalk, rows[:, None], out=np.zeros(crosswalk.shape), where=rows[:, None] > 0)
    consists = np.divide(crosswalk, columns[None, :], out=np.zeros(crosswalk.shape), where=columns[None, :] > 0)
    old, new = range(crosswalk.shape[0]), range(crosswalk.shape[1])
    kept, known = {a for a, _, _ in pairs}, {b for _, b, _ in pairs}
    splits = {a: tuple(b for b in new if gives[a, b] >= GIVES and consists[a, b] >= CONSISTS) for a in old}
    merges = {b: tuple(a for a in old if gives[a, b] >= TAKES) for b in new}
    return Matching(
        pairs=pairs,
        parents=tuple((b, tuple(a for a in old if gives[a, b] >= GIVES)) for b in new if b not in known),
        retired=tuple((a, _taker(gives[a])) for a in old if a not in kept),
        splits=tuple((a, parts) for a, parts in splits.items() if len(parts) > 1),
        merges=tuple((b, parts) for b, parts in merges.items() if len(parts) > 1),
        empty=frozenset(a for a in old if rows[a] == 0),
    )


def _taker(gives: NDArray[np.float64]) -> int | None:
    return int(gives.argmax()) if gives.max() >= TAKES else None


def crosswalk_of(old: Counts, new: Counts, shape: tuple[int, int]) -> Counts:
    """Count (n,) customers by place under the old and the new model; -1 is not segmented by one of them."""
    table = np.zeros(shape, dtype=np.int64)
    both = (old >= 0) & (new >= 0)
    np.add.at(table, (old[both], new[both]), 1)
    return table


def continue_ids(fresh: SegmentModel, old: SegmentModel, matching: Matching) -> tuple[SegmentRef, ...]:
    """Return the segments of a new fit: id, letter, colour and name of the old one, or a number never used."""
    number, found = old.free_number, []
    for place in range(len(fresh.segments)):
        before = matching.old_of(place)
        if before is not None:
            found.append(old.segments[before])
        else:
            name = f"s{number:02d}"
            found.append(SegmentRef(name, letters(number - 1), number - 1, name))
            number += 1
    return tuple(found)


def retire(old: SegmentModel, segments: tuple[SegmentRef, ...], matching: Matching) -> tuple[RetiredSegment, ...]:
    """Return all segments that are no more, those of earlier fits first."""
    gone = (
        RetiredSegment(old.segments[a].id, old.segments[a].name, None if b is None else segments[b].id)
        for a, b in matching.retired
    )
    return (*old.retired, *gone)
