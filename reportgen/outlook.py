"""How far a run has come and about how long it will go on, as one line that changes while it waits."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

_SOON = 5.0  # seconds: before so many nobody has waited, and nobody counts them


class Outlook:
    """Takes it that the rest will last as long, compared with what is done, as the library says that it is of the run.

    The longer a step lasts, the less of what is left is taken for done: a step that is longer than thought comes to no
    end that is none.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._start = self._begun = clock()
        self._step, self._done, self._rest, self._shown = "starting", 0.0, 0.0, 0.0

    def listen(self, step: str, done: float) -> None:
        """Hear that a step begins, and which share of the run is done."""
        self._begun = self._clock()
        forward = done > self._done  # a step that brings nothing forward is a wait
        self._rest = (self._begun - self._start) * (1 - done) / done if forward else 0.0
        self._step, self._done = step, done

    def line(self) -> str:
        """Return the step, the share done by now and the time left; what is not known yet is left out."""
        now = self._clock()
        fade = math.exp((self._begun - now) / self._rest) if self._rest > 0 else 1.0
        self._shown = max(self._shown, 1 - (1 - self._done) * fade)
        left = self._rest * fade
        worth_telling = now - self._start >= _SOON <= left
        told = (self._step, f"{self._shown:.0%}".replace("%", " %"), _about(left) if worth_telling else "")
        return " · ".join(part for part in told if part)


def _about(seconds: float) -> str:
    if seconds < 50:
        return f"about {5 * round(seconds / 5)} s left"
    minutes = max(1, round(seconds / 60))
    return f"about {minutes} min left" if minutes < 90 else f"about {round(minutes / 60)} h left"
