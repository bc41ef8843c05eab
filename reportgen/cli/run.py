"""``reportgen run``: make the report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from reportgen.cli.options import input_options, load, month_options, report_options, segment_options
from reportgen.errors import ConfigError, ExitCode

if TYPE_CHECKING:
    from reportgen.config import Config
    from reportgen.delivery.after_run import Sending
    from reportgen.pipeline import Decision


@click.command("run")
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@input_options
@month_options
@segment_options
@report_options
@click.option("--send", is_flag=True, help="Mail the report (see `reportgen send`); of several months the newest.")
@click.option("--send-all", is_flag=True, help="Mail every month that is run.")
@click.pass_context
def run_command(context: click.Context, /, files: tuple[str, ...], config_file: str | None, **flags: Any) -> int:
    """Make the report: HTML, PDF, Excel, JSON, and the segment of every customer.

    FILE is CSV, Excel, Parquet or JSON lines, a folder of such files, or the address of a database or object store;
    several, or a quoted glob, are read as one table. In the name of a monthly file {period} stands for the month.
    """
    from reportgen import pipeline
    from reportgen.cli.mail_lines import show_delivery
    from reportgen.terminal import listening, print_failure, print_run

    asked = {name: flags.pop(name) for name in ("first", "last", "due")}
    several = any(asked.values())
    given = {name: flags.pop(name) for name in ("refit", "accept", "revise", "keep_going", "send", "send_all")}
    decision = pipeline.Decision(**given | {"send": _whom(given.pop("send"), given.pop("send_all"), several)})
    config = load(config_file, flags)
    periods = _periods(config, decision, **asked)
    code, mailing, mailed = ExitCode.GOOD, ExitCode.GOOD, False
    with listening(quiet=context.obj["quiet"]) as progress:
        if periods is None:
            finished = pipeline.run(files, config, progress, decision)
        for month in pipeline.run_months(files, config, periods or (), progress, decision):
            if isinstance(month, pipeline.Run):
                print_run(month)
                mailing = show_delivery(month.delivery) or mailing
                mailed = mailed or month.delivery is not None
            else:
                print_failure(month)
                code = code or month.error.exit_code
        if decision.send and periods is not None and not mailed:
            mailing = show_delivery(pipeline.mail_newest(config, progress)) or mailing
    if periods is None:
        print_run(finished)
        mailing = show_delivery(finished.delivery)
    return code or mailing


def _whom(send: bool, send_all: bool, several: bool) -> Sending:
    """Return what to mail: a single run is mailed whatever its month is."""
    if send_all or (send and not several):
        return "all"
    return "newest" if send else ""


def _periods(
    config: Config, decision: Decision, first: str | None, last: str | None, due: bool
) -> tuple[str, ...] | None:
    """Return the months of --due, or of --from and --to, None for a single run.

    Raises ConfigError where they don't go together with the other options.
    """
    from reportgen.history.periods import months_between

    if not due and first is None and last is None:
        if decision.keep_going:
            raise ConfigError("--keep-going is for several months", "Add --from and --to, or --due.")
        return None
    if config.input.period or decision.refit or decision.revise or (due and (first or last)):
        raise ConfigError(
            f"{'--due stands' if due else '--from and --to stand'} alone, without --period, --refit, --revise",
            "For example: reportgen run FILE --from 2011-09 --to 2011-11.",
        )
    if not due and (first is None or last is None):
        raise ConfigError("--from and --to go together", "For example: --from 2011-09 --to 2011-11.")
    months = _due(config) if due else months_between(str(first), str(last))
    if not months or all(_done(config, month) for month in months):
        click.echo("Nothing is due." if due else "All of these months are done.")
    return months


def _due(config: Config) -> tuple[str, ...]:
    from reportgen.history.archive import Archive
    from reportgen.history.circumstances import now
    from reportgen.history.periods import complete_month, due_months

    newest = Archive(config.output).newest()
    complete = complete_month(now(), config.input.timezone, config.schedule.delay_hours)
    return due_months(newest.period if newest else None, complete)


def _done(config: Config, period: str) -> bool:
    from reportgen.history.archive import Archive

    return Archive(config.output).current(period) is not None
