"""What the archive remembers of the months before: figures, the list of a year ago, columns that drifted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from reportgen.history import drift_list
from reportgen.history.archive import Archive, PublishedRun
from reportgen.history.list_forms import list_of
from reportgen.history.periods import months_after, year_before
from reportgen.history.trend import MonthFigures, read_trend

IN_A_ROW = 3  # months after which a column that is strongly changed calls for a new fit


@dataclass(frozen=True)
class Memory:
    """What earlier months tell. ``months`` are oldest first, the one compared with last.

    ``lists`` are those of all months before that one, for a table that has no dates of orders. ``drifted``
    holds, for each of the months straight before this one, newest first, the columns strongly changed since the fit.
    """

    months: tuple[MonthFigures, ...] = ()
    lists: tuple[Path, ...] = ()
    year_ago: Path | None = None
    drifted: tuple[frozenset[str], ...] = ()

    def drifting_on(self, now: frozenset[str], fitted: str) -> tuple[str, ...]:
        """Return the columns strongly changed since the same fit in this month and the two straight before it."""
        past = self.drifted[: IN_A_ROW - 1]
        if len(past) < IN_A_ROW - 1 or any(month.fitted != fitted for month in self.months[-len(past) :]):
            return ()
        return tuple(sorted(now.intersection(*past)))


def look_back(archive: Archive, period: str, before: PublishedRun, by_list: bool) -> Memory:
    """Read the current runs of earlier months. ``by_list``: only the lists tell who was there before."""
    runs = (before, *archive.before(before.period))
    lists = [list_of(run) for run in runs[1:] if by_list]  # they are kept for some months only
    year = archive.current(year_before(period))
    year_ago = list_of(year) if year is not None else None
    return Memory(read_trend(runs), tuple(path for path in lists if path), year_ago, _drifted(runs, period))


def _drifted(runs: tuple[PublishedRun, ...], period: str) -> tuple[frozenset[str], ...]:
    found = []
    for place, run in enumerate(runs[: IN_A_ROW - 1], start=1):
        try:
            if months_after(run.period, period) != place:
                break
            found.append(drift_list.strong_columns(run.text(drift_list.FILE)))
        except (OSError, KeyError):
            break
    return tuple(found)
