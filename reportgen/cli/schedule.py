"""``reportgen schedule``: print what makes a scheduler run the report every month."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import click

from reportgen.cli.options import load

_KINDS = ("cron", "systemd", "github", "airflow")


@click.command("schedule")
@click.argument("kind", type=click.Choice(_KINDS))
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option("-c", "--config", "config_file", metavar="FILE", help="Settings file (see `reportgen init`).")
@click.option("--at", default="06:17", show_default=True, metavar="HH:MM", help="Time of day.")
def schedule_command(kind: str, files: tuple[str, ...], config_file: str | None, at: str) -> None:
    """Print a crontab line, systemd units, a GitHub workflow or an Airflow task.

    It runs every day with --due, which makes the months that are complete and missing, and does nothing on other days;
    with --send where mail is set up. FILE is what `reportgen run` gets. Paths are taken from the present folder; in a
    GitHub workflow they stay as they are.
    """
    from reportgen.schedules import Job, absolute, schedule_text

    folder = Path.cwd()
    config = load(config_file, {})
    paths, settings = files, config_file or ""
    if kind != "github":
        paths, (settings,) = absolute(files, folder), absolute([settings], folder)
    click.echo(schedule_text(kind, Job(_program(), paths, settings, folder, config, at)), nl=False)


def _program() -> tuple[str, ...]:
    """Return how this program is called from anywhere."""
    called = shutil.which(sys.argv[0]) if Path(sys.argv[0]).stem == "reportgen" else None
    return (str(Path(called).absolute()),) if called else (sys.executable, "-m", "reportgen")
