"""The command line: reads words, calls the library, prints."""

from __future__ import annotations

import csv
import errno
import logging
import os
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

import reportgen
from reportgen.errors import ConfigError, ExitCode, OutputError, ReportgenError

_KINDS = ("auto", "customers", "orders")
_ALGORITHMS = ("kmeans", "auto", "gaussian", "ward", "prototypes", "bernoulli")
_PAPERS = ("A4", "Letter")
_HELP = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


def _overrides(**flags: Any) -> dict[str, Any]:
    """Turn flags into settings of the same names; a flag left unset is None and falls through to the file."""
    return {name: value for name, value in flags.items() if value not in (None, ())}


def _pairs(_: click.Context, __: click.Parameter, values: Sequence[str]) -> dict[str, str] | None:
    pairs = {}
    for value in values:
        role, equals, header = value.partition("=")
        if not (equals and role.strip() and header.strip()):
            raise click.BadParameter(f"'{value}' is not of the form role=header, e.g. customer_id=Kundennummer")
        pairs[role.strip()] = header.strip()
    return pairs or None


def _names(_: click.Context, __: click.Parameter, value: str | None) -> tuple[str, ...] | None:
    """Split 'A,B,"C, D"' as a line of CSV."""
    if value is None:
        return None
    return tuple(name.strip() for name in next(csv.reader([value], skipinitialspace=True), []) if name.strip())


def _input_options(command: Callable[..., Any]) -> Callable[..., Any]:
    options = [
        click.option("-c", "--config", "config_file", metavar="FILE", help="Settings file (see `reportgen init`)."),
        click.option("--kind", "input__kind", type=click.Choice(_KINDS), help="Customer table or order log."),
        click.option("--map", "input__map", multiple=True, metavar="ROLE=HEADER", callback=_pairs,
                     help="Say what a column is, e.g. customer_id=Kundennummer; repeatable."),
        click.option("--encoding", "input__encoding", metavar="NAME", help="Text encoding, e.g. cp1252."),
        click.option("--delimiter", "input__delimiter", metavar="CHAR", help="Column separator of text files."),
        click.option("--sheet", "input__sheet", metavar="NAME", help="Excel sheet."),
        click.option("--decimal", "input__decimal", type=click.Choice(("comma", "point")), help="Decimal mark."),
        click.option("--dates", "input__dates", type=click.Choice(("dmy", "mdy", "ymd")),
                     help="Order of day and month."),
        click.option("--timezone", "input__timezone", metavar="ZONE", help="Zone of the shop, e.g. Europe/Berlin."),
        click.option("--currency", "input__currency", metavar="CODE", help="ISO code of all amounts, e.g. EUR."),
        click.option("--as-of", "input__as_of", metavar="DATE", help="The day that the report looks back from."),
    ]  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def _month_options(command: Callable[..., Any]) -> Callable[..., Any]:
    options = [
        click.option("--period", "input__period", metavar="YYYY-MM",
                     help="Report on one month: later rows are left out, and the report says what changed."),
        click.option("--refit", is_flag=True, help="Form the segments anew in this month; else they are kept."),
        click.option("--from", "first", metavar="YYYY-MM", help="First of several months; those done are skipped."),
        click.option("--to", "last", metavar="YYYY-MM", help="Last of several months."),
    ]  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def _segment_options(command: Callable[..., Any]) -> Callable[..., Any]:
    options = [
        click.option("-k", "--k", "segments__k", type=int, metavar="N", help="Number of segments; else on evidence."),
        click.option("--features", "segments__features", metavar="A,B,…", callback=_names,
                     help="Columns that form the segments."),
        click.option("--exclude", "segments__exclude", metavar="A,B,…", callback=_names,
                     help="Columns that never form segments."),
        click.option("--scale", "segments__scale", type=click.Choice(("standard", "none")),
                     help="Make columns comparable (z-scores), or take their units as they are."),
        click.option("--algorithm", "segments__algorithm", type=click.Choice(_ALGORITHMS),
                     help="How segments are found; auto: by the columns, with a reason."),
        click.option("--seed", "segments__seed", type=int, metavar="N", help="Start value of all random numbers."),
    ]  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def _report_options(command: Callable[..., Any]) -> Callable[..., Any]:
    options = [
        click.option("--title", "report__title", metavar="TEXT", help="Title of the report."),
        click.option("--organisation", "report__organisation", metavar="TEXT", help="Name in the masthead."),
        click.option("--language", "report__language", metavar="CODE", help="Language of the report: en, de, fr, es."),
        click.option("--paper", "report__paper", type=click.Choice(_PAPERS), help="Paper of the PDF."),
        click.option("--format", "report__formats", metavar="A,B,…", callback=_names,
                     help="Files to write: html, pdf, xlsx, json."),
        click.option("-o", "--output", "output", metavar="FOLDER", help="Folder that receives the run's folder."),
    ]  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


@click.group(context_settings=_HELP)
@click.version_option(reportgen.__version__, prog_name="reportgen")
@click.option("--debug", is_flag=True, help="Show the full traceback of an error.")
@click.option("-q", "--quiet", is_flag=True, help="Print results and errors only, no progress.")
@click.pass_context
def commands(context: click.Context, debug: bool, quiet: bool) -> None:
    """Turn a customer table, or a log of orders, into a customer-segmentation report."""
    context.obj = {"quiet": quiet, "debug": debug}


@commands.command("run")
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@_input_options
@_month_options
@_segment_options
@_report_options
@click.pass_context
def run_command(context: click.Context, /, files: tuple[str, ...], config_file: str | None, **flags: Any) -> None:
    """Make the report: HTML, PDF, Excel, JSON, and the segment of every customer.

    FILE is CSV, Excel, Parquet or JSON lines; several files, or a quoted glob, are read as one table. In the name of a
    monthly file {period} stands for the month.
    """
    from reportgen import pipeline
    from reportgen.terminal import listening, print_run

    refit, first, last = flags.pop("refit"), flags.pop("first"), flags.pop("last")
    config = _load(config_file, flags)
    periods = _periods(first, last, bool(config.input.period), refit)
    anything = False
    with listening(quiet=context.obj["quiet"]) as progress:
        if not periods:
            finished = pipeline.run(files, config, progress, refit=refit)
        for month in pipeline.run_months(files, config, periods, progress):
            print_run(month)
            anything = True
    if not periods:
        print_run(finished)
    elif not anything:
        click.echo("All of these months are done.")


def _periods(first: str | None, last: str | None, single: bool, refit: bool) -> tuple[str, ...]:
    """Return the months of --from and --to; ConfigError where they don't go together with the other options."""
    from reportgen.history.periods import months_between

    if first is None and last is None:
        return ()
    if first is None or last is None or single or refit:
        raise ConfigError(
            "--from and --to go together, and without --period or --refit",
            "For example: reportgen run FILE --from 2011-09 --to 2011-11.",
        )
    return months_between(first, last)


@commands.command("check")
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@_input_options
@click.pass_context
def check_command(context: click.Context, /, files: tuple[str, ...], config_file: str | None, **flags: Any) -> None:
    """Show how the input is understood: columns, findings, reconciliation. Makes no report."""
    from reportgen.inputs.read import read_customers
    from reportgen.terminal import listening, print_check

    config = _load(config_file, flags)
    with listening(quiet=context.obj["quiet"]) as progress:
        customers = read_customers(files, config, progress)
    print_check(customers)


@commands.command("init")
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@_input_options
@click.option("--to", "target", default="reportgen.toml", show_default=True, metavar="FILE", help="File to write.")
@click.option("--force", is_flag=True, help="Replace an existing file.")
def init_command(files: tuple[str, ...], config_file: str | None, target: str, force: bool, **flags: Any) -> None:
    """Write a commented settings file from what is detected in the input."""
    from reportgen.starter import settings_text

    config = _load(config_file, flags)
    path = Path(target)
    if path.exists() and not force:
        raise ConfigError(f"{path} exists already", "Replace it with --force, or name another file with --to.")
    text = settings_text(files, config)
    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise OutputError(
            f"{path} can't be written: {(error.strerror or 'no permission').lower()}", "Name another file with --to."
        ) from None
    click.echo(f"{path} written. Next: reportgen run {' '.join(files)} -c {path}")


@commands.command("selfcheck")
@click.argument("data", nargs=-1, metavar="[DATA]…")
@click.option("--full", is_flag=True, help="Include the slow ones, which resample: half a minute more.")
@click.option("--list", "only_list", is_flag=True, help="List what can be checked, and on which data; compute nothing.")
@click.pass_context
def selfcheck_command(context: click.Context, /, data: tuple[str, ...], full: bool, only_list: bool) -> int:
    """Compute published results again, and compare.

    DATA are files or folders: public data sets in them are recognised by their content. Without DATA the results on
    shipped data are checked. The exit code is 1 when something differs.
    """
    from reportgen.selfcheck.check import self_check
    from reportgen.selfcheck.references import all_references
    from reportgen.terminal import listening, print_references, print_self_check

    if only_list:
        print_references(all_references())
        return ExitCode.GOOD
    with listening(quiet=context.obj["quiet"]) as progress:
        checked = self_check(data, full, progress)
    print_self_check(checked)
    return ExitCode.GOOD if checked.agrees else ExitCode.FAILED


@commands.command("completion")
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
def completion_command(shell: str) -> None:
    """Print the completion script of a shell; put `eval "$(reportgen completion bash)"` into its start file."""
    from click.shell_completion import get_completion_class

    script = get_completion_class(shell)
    assert script is not None  # the choice above lists what click has
    click.echo(script(commands, {}, "reportgen", "_REPORTGEN_COMPLETE").source())


def _load(config_file: str | None, flags: dict[str, Any]) -> Any:
    from reportgen.config import load_config

    return load_config(config_file, **_overrides(**flags))


def run_cli(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code. Errors are one sentence and one hint on stderr."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in arguments
    if not debug:
        warnings.simplefilter("ignore")  # a user can do nothing about another library's deprecation
        logging.getLogger("reportgen").propagate = False
        logging.getLogger("matplotlib").setLevel(logging.ERROR)  # it names fonts that lack a weight
    try:
        result = commands.main(arguments, prog_name="reportgen", standalone_mode=False)
        return result if isinstance(result, int) else ExitCode.GOOD
    except click.ClickException as error:
        error.show()
        return ExitCode.USAGE
    except (click.Abort, KeyboardInterrupt):
        return _say("stopped; nothing was published", "", ExitCode.INTERRUPTED)
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
