"""``reportgen run``: make the report."""

from __future__ import annotations

from typing import Any

import click

from reportgen.cli.options import input_options, load, month_options, report_options, segment_options
from reportgen.errors import ConfigError


@click.command("run")
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@input_options
@month_options
@segment_options
@report_options
@click.pass_context
def run_command(context: click.Context, /, files: tuple[str, ...], config_file: str | None, **flags: Any) -> None:
    """Make the report: HTML, PDF, Excel, JSON, and the segment of every customer.

    FILE is CSV, Excel, Parquet or JSON lines; several files, or a quoted glob, are read as one table. In the name of a
    monthly file {period} stands for the month.
    """
    from reportgen import pipeline
    from reportgen.terminal import listening, print_run

    refit, first, last = flags.pop("refit"), flags.pop("first"), flags.pop("last")
    config = load(config_file, flags)
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
