"""A silent progress channel: the library reports steps, whoever listens draws them."""

from __future__ import annotations

import logging
from collections.abc import Callable

logger = logging.getLogger("reportgen")
logger.addHandler(logging.NullHandler())

_MANY = 3_000_000

Listener = Callable[[str, float], None]
"""Called with the name of the step that begins and the share of the run (0..1) done so far."""


def silent(step: str, done: float) -> None:
    """Listen to nothing; the library's default."""


def of_rows(rows: int, small: float, large: float) -> float:
    """Return which share of a run is done once its rows are read: ``small`` of a few, towards ``large`` of very many.

    Reading takes longer the more rows there are, while segments are formed of a sample. The middle, and the shares
    that are asked for, are those of timed runs.
    """
    return small + (large - small) * rows / (rows + _MANY)


def part(listener: Listener, start: float, end: float) -> Listener:
    """Return a listener for one part of the run, whose own 0..1 is mapped to start..end."""

    def inner(step: str, done: float) -> None:
        listener(step, start + (end - start) * min(max(done, 0.0), 1.0))

    return inner
