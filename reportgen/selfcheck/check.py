"""The self-check: every reference result that the data at hand allow, computed again and compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from reportgen.errors import InputError, ReportgenError
from reportgen.progress import Listener, silent
from reportgen.segments.algorithms import single_thread
from reportgen.selfcheck import clusters, orders
from reportgen.selfcheck.bench import Bench
from reportgen.selfcheck.datasets import KNOWN, SHIPPED, WORKED, recognise
from reportgen.selfcheck.references import Reference, all_references

State = Literal["ok", "differs", "skipped"]
_MEASURES: dict[str, Any] = {**clusters.MEASURES, **orders.MEASURES}


@dataclass(frozen=True)
class Outcome:
    """What became of one reference result; ``why`` says what a skipped one needs, or what went wrong."""

    reference: Reference
    state: State
    computed: Any = None
    why: str = ""


@dataclass(frozen=True)
class SelfCheck:
    """All outcomes, and the files that are none of the known data sets."""

    outcomes: tuple[Outcome, ...]
    unknown: tuple[Path, ...]

    @property
    def agrees(self) -> bool:
        """Whether nothing that was computed differs."""
        return all(outcome.state != "differs" for outcome in self.outcomes)

    def count(self, state: State) -> int:
        """Count the outcomes of one kind."""
        return sum(outcome.state == state for outcome in self.outcomes)


def self_check(given: Sequence[str | Path] = (), full: bool = False, progress: Listener = silent) -> SelfCheck:
    """Compute the reference results again: on shipped data, and on the data sets recognised among ``given``.

    ``full`` includes the slow ones, which resample. Raises InputError where a path does not exist, or where nothing
    that was given is a known data set.
    """
    found, unknown = recognise(given)
    if given and not found:
        raise InputError(
            f"no reference results are known for {Path(given[0]).name}" + (" and the rest" if len(given) > 1 else ""),
            "`reportgen selfcheck --list` shows the data sets that are known, as published, unchanged.",
        )
    bench = Bench(found)
    outcomes = []
    with single_thread():  # as in a report
        for place, reference in enumerate(all_references()):
            progress(reference.data, place / len(all_references()))
            outcomes.append(examine(reference, bench, full))
    progress("done", 1.0)
    return SelfCheck(tuple(outcomes), unknown)


def examine(reference: Reference, bench: Bench, full: bool) -> Outcome:
    """Compute one reference result and compare, unless its data are absent or it is slow and ``full`` is not set."""
    data = reference.data
    if reference.slow and not full:
        return Outcome(reference, "skipped", why="slow: needs --full")
    if data not in (*SHIPPED, WORKED, *bench.given):
        return Outcome(reference, "skipped", why=f"needs {KNOWN[data].title}")
    try:
        if data in bench.given and (rows := rows_of(bench, data)) != KNOWN[data].rows:
            return Outcome(reference, "skipped", why=f"{data}: {rows:,} rows instead of {KNOWN[data].rows:,}")
        computed = _MEASURES[reference.measure](bench, reference)
    except ReportgenError as error:
        return Outcome(reference, "differs", why=error.message)
    return Outcome(reference, "ok" if reference.agrees(computed) else "differs", computed)


def rows_of(bench: Bench, data: str) -> int:
    """Return how many rows a data set of the user holds."""
    lines = bench.customers(data).quality.reconciliation
    return next(line.rows or 0 for line in lines if line.code == "read")
