"""``reportgen runs``: what is in the archive."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from reportgen.cli.options import load
from reportgen.errors import ConfigError, ExitCode

if TYPE_CHECKING:
    from reportgen.history.listing import Listed

_AGE = re.compile(r"(\d+)\s*([dh])")


@click.command("runs")
@click.option("-c", "--config", "config_file", metavar="FILE", help="Settings file (see `reportgen init`).")
@click.option("-o", "--output", "output", metavar="FOLDER", help="Folder that holds the runs.")
@click.option("--verify", is_flag=True, help="Compare every file with its hash; the exit code is 1 if any differs.")
@click.option("--prune", "pruning", is_flag=True, help="Remove what is older than [archive] keeps.")
@click.option("--max-age", "age", default="", metavar="35d", help="Exit with 6 if the newest run is older: 35d, 48h.")
def runs_command(config_file: str | None, output: str | None, verify: bool, pruning: bool, age: str) -> int:
    """List the runs of an archive: how they were made, what they are compared with, whether they are complete."""
    from reportgen.delivery.outbox import Outbox
    from reportgen.history.archive import Archive
    from reportgen.history.listing import list_runs
    from reportgen.history.retention import prune
    from reportgen.terminal import print_runs

    limit = _limit(age)
    config = load(config_file, {"output": output})
    archive = Archive(config.output)
    if pruning and archive.runs.is_dir():
        with archive.locked():
            freed = prune(archive, config.archive)
        click.echo(f"{freed / 1e6:,.1f} MB removed.")
    runs = list_runs(archive.runs, verify=verify)
    if runs:
        print_runs(runs, Outbox(archive.root).told())
    else:
        click.echo(f"There are no runs in {archive.root}.")
    if verify and any(run.damaged for run in runs):
        return ExitCode.FAILED
    return _too_old(runs, limit) if limit is not None else ExitCode.GOOD


def _limit(age: str) -> dt.timedelta | None:
    match = _AGE.fullmatch(age)
    if age and match is None:
        raise ConfigError(f"'{age}' is no age", "Write a number of days or hours: --max-age 35d.")
    return dt.timedelta(hours=int(match[1]) * (24 if match[2] == "d" else 1)) if match else None


def _too_old(runs: Sequence[Listed], limit: dt.timedelta) -> int:
    from reportgen.history.circumstances import now

    newest = max((run.written for run in runs if run.written and not run.damaged), default=None)
    if newest is not None and now() - newest <= limit:
        return ExitCode.GOOD
    click.echo("There is no run." if newest is None else f"The newest run is of {newest:%Y-%m-%d %H:%M} UTC.", err=True)
    return ExitCode.TOO_OLD
