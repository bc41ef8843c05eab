"""When, where and how fast a run was made: the part of a manifest that two equal runs do not share."""

from __future__ import annotations

import datetime as dt
import os
import platform
import re
import socket
import sys
import time
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from reportgen.inputs.addresses import masked
from reportgen.progress import Listener

_LIBRARIES = ("numpy", "pandas", "scikit-learn")
_SECRET = re.compile(r"password|token|secret|api-?key", re.IGNORECASE)


def now() -> dt.datetime:
    """Return the time, in UTC; SOURCE_DATE_EPOCH overrides the clock."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    return dt.datetime.fromtimestamp(int(epoch), dt.UTC) if epoch.isdigit() else dt.datetime.now(dt.UTC)


class Stopwatch:
    """A listener that passes on what it hears, and keeps how long each step took."""

    def __init__(self, listener: Listener) -> None:
        self.started = now()
        self._listener = listener
        self._step, self._since = "", time.monotonic()
        self._seconds: dict[str, float] = {}

    def __call__(self, step: str, done: float) -> None:
        """Begin a step."""
        self._end_step()
        self._step = step
        self._listener(step, done)

    def told(self, sources: Iterable[Any]) -> dict[str, Any]:
        """Return the circumstances of a run of these sources, up to now."""
        self._end_step()
        paths = [Path(one) for one in sources if isinstance(one, str | os.PathLike)]
        return {
            "started_at": self.started.isoformat(timespec="seconds"),
            "seconds": {step: round(spent, 2) for step, spent in self._seconds.items()},
            "host": socket.gethostname(),
            "python": platform.python_version(),
            "libraries": {name: version(name) for name in _LIBRARIES},
            "command": without_secrets(sys.argv),
            "files": [{"path": str(path), "bytes": path.stat().st_size} for path in paths if path.is_file()],
        }

    def _end_step(self) -> None:
        spent, self._since = time.monotonic() - self._since, time.monotonic()
        if self._step:
            self._seconds[self._step] = self._seconds.get(self._step, 0.0) + spent


def without_secrets(arguments: Iterable[str]) -> list[str]:
    """Return a command line without passwords in addresses and without the values of options called like a secret."""
    told, hide = [], False
    for argument in arguments:
        name, equals, _ = argument.partition("=")
        secret = argument.startswith("-") and _SECRET.search(name) is not None
        told.append("***" if hide else f"{name}=***" if secret and equals else masked(argument, argument))
        hide = secret and not equals
    return told
