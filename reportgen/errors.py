"""Errors that say what happened in one sentence, with a way out."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from enum import IntEnum


class ExitCode(IntEnum):
    """What the command line returns."""

    GOOD = 0
    FAILED = 1  # the data or the run
    USAGE = 2  # the command line or the configuration
    HELD_BACK = 3  # a doubtful or changed input: nothing was published
    MAIL_OPEN = 4  # published, but not every mail is sent
    TOO_OLD = 6  # the newest run is older than it may be
    IO = 74  # the disk is full, or the folder can't be written
    BUSY = 75  # another process is at work; try again later
    INTERRUPTED = 130  # Ctrl-C
    TERMINATED = 143  # SIGTERM


class ReportgenError(Exception):
    """Base of all errors meant for the user: one sentence, and one hint that is a way out."""

    exit_code = ExitCode.FAILED

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class InputError(ReportgenError):
    """The file can't be read, or no honest report can be made from it."""


class ConfigError(ReportgenError):
    """The configuration or the command line is wrong; the message lists every mistake."""

    exit_code = ExitCode.USAGE


class OutputError(ReportgenError):
    """The results can't be written: disk full, no permission, the folder belongs to something else."""

    exit_code = ExitCode.IO


class HeldBack(ReportgenError):  # noqa: N818 - nothing went wrong: a person is asked
    """The input is doubtful, or differs from what was published: a person decides; nothing was published.

    ``reasons`` name what stopped it, ``details`` are lines of plain text for the owner, without data of customers.
    """

    exit_code = ExitCode.HELD_BACK

    def __init__(self, message: str, hint: str, reasons: tuple[str, ...] = (), details: tuple[str, ...] = ()) -> None:
        super().__init__(message, hint)
        self.reasons = reasons
        self.details = details


class BusyError(ReportgenError):
    """Another process works on the same folder."""

    exit_code = ExitCode.BUSY


class Terminated(KeyboardInterrupt):
    """The system asks the process to end; it cleans up as for Ctrl-C."""


def did_you_mean(wrong: str, known: Iterable[str]) -> str:
    """Return `` (did you mean 'x'?)`` for the closest known word, or an empty string."""
    folded = {word.casefold(): word for word in known}
    close = difflib.get_close_matches(wrong.casefold(), folded, n=1, cutoff=0.6)
    return f" (did you mean '{folded[close[0]]}'?)" if close else ""
