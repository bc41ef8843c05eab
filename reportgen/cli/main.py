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

_PROGRAM_OPTIONS = ("-q", "--quiet", "--debug")


def run_cli(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code. Errors are one sentence and one hint on stderr."""
    arguments = _program_options_first(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in arguments
    if not debug:
        warnings.simplefilter("ignore")  # a user can do nothing about another library's deprecation
        logging.getLogger("reportgen").propagate = False
        logging.getLogger("matplotlib").setLevel(logging.ERROR)  # it names fonts that lack a weight
    with _stopping() as stopped:
        code = _run(arguments, debug, stopped)
    if code == ExitCode.GOOD or not (stopped or code == ExitCode.INTERRUPTED):
        return code
    code = 128 + stopped[0] if stopped else code  # whatever it became on its way: some libraries make it an error
    return _say("stopped; what was not finished is not published", "", code)


def _program_options_first(arguments: Sequence[str]) -> list[str]:
    """Let what holds for every command stand behind one, too: `reportgen run FILE -q`."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    ours = [word for word in arguments[:end] if word in _PROGRAM_OPTIONS]
    return [*ours, *(word for word in arguments[:end] if word not in _PROGRAM_OPTIONS), *arguments[end:]]


def _run(arguments: Sequence[str], debug: bool, stopped: Sequence[int]) -> int:
    try:
        result = commands.main(arguments, prog_name="reportgen", standalone_mode=False)
        return result if isinstance(result, int) else ExitCode.GOOD
    except click.ClickException as error:
        error.show()
        return ExitCode.USAGE
    except BrokenPipeError:  # `reportgen check … | head` closes our output
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.GOOD
    except (click.Abort, KeyboardInterrupt):
        return ExitCode.INTERRUPTED
    except Exception as error:
        if debug:
            raise
        return ExitCode.INTERRUPTED if stopped else _explain(error)


@contextlib.contextmanager
def _stopping() -> Iterator[list[int]]:
    """Let SIGTERM unwind the program as Ctrl-C does; yield the signals that came."""
    came: list[int] = []

    def stop(number: int, _: object) -> None:
        came.append(number)
        raise Terminated if number == signal.SIGTERM else KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield came
        return
    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield came
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _explain(error: Exception) -> int:
    if isinstance(error, ReportgenError):
        return _say(error.message, error.hint, error.exit_code)
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
