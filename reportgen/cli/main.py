"""The process of one command: its exit code, and how errors are told."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import signal
import sys
import threading
import warnings
from collections.abc import Iterator, Sequence

import click

from reportgen.cli.group import commands
from reportgen.errors import ExitCode, ReportgenError, Terminated


def run_cli(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code. Errors are one sentence and one hint on stderr."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in arguments
    if not debug:
        warnings.simplefilter("ignore")  # a user can do nothing about another library's deprecation
        logging.getLogger("reportgen").propagate = False
        logging.getLogger("matplotlib").setLevel(logging.ERROR)  # it names fonts that lack a weight
    try:
        with _cleaning_up_when_terminated():
            result = commands.main(arguments, prog_name="reportgen", standalone_mode=False)
        return result if isinstance(result, int) else ExitCode.GOOD
    except click.ClickException as error:
        error.show()
        return ExitCode.USAGE
    except (click.Abort, KeyboardInterrupt) as stop:
        terminated = isinstance(stop.__cause__ or stop, Terminated)  # the command line's library wraps what stops it
        code = ExitCode.TERMINATED if terminated else ExitCode.INTERRUPTED
        return _say("stopped; what was not finished is not published", "", code)
    except ReportgenError as error:
        if debug:
            raise
        return _say(error.message, error.hint, error.exit_code)
    except BrokenPipeError:  # `reportgen check … | head` closes our output
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.GOOD
    except Exception as error:
        if debug:
            raise
        return _unexpected(error)


@contextlib.contextmanager
def _cleaning_up_when_terminated() -> Iterator[None]:
    """Let SIGTERM unwind the program as Ctrl-C does, once: what comes while it cleans up is ignored."""

    def stop(*_: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise Terminated

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _unexpected(error: Exception) -> int:
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return _say("the disk is full", "Free some space and run again.", ExitCode.IO)
    if isinstance(error, MemoryError):
        return _say("there is not enough memory for this table", "Close other programs or use fewer columns.", 1)
    what = f"{type(error).__name__}: {error}".splitlines()[0][:300]
    return _say(f"reportgen made a mistake of its own ({what})", "Run again with --debug and report it.", 1)


def _say(message: str, hint: str, code: int) -> int:
    click.echo(f"Error: {message}", err=True)
    if hint:
        click.echo(f"Hint: {hint}", err=True)
    return int(code)
