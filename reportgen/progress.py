"""A silent progress channel: the library reports steps, whoever listens draws them."""

from __future__ import annotations

import logging
from collections.abc import Callable

logger = logging.getLogger("reportgen")
logger.addHandler(logging.NullHandler())

Listener = Callable[[str, float], None]
"""Called with the name of the step that begins and the share of the run (0..1) done so far."""


def silent(step: str, done: float) -> None:
    """Listen to nothing; the library's default."""


def part(listener: Listener, start: float, end: float) -> Listener:
    """Return a listener for one part of the run, whose own 0..1 is mapped to start..end."""

    def inner(step: str, done: float) -> None:
        listener(step, start + (end - start) * min(max(done, 0.0), 1.0))

    return inner
