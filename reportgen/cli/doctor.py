"""``reportgen doctor``: try out what a run and its mail need."""

from __future__ import annotations

import click

from reportgen.cli.options import load
from reportgen.errors import ExitCode


@click.command("doctor")
@click.option("-c", "--config", "config_file", metavar="FILE", help="Settings file (see `reportgen init`).")
@click.option("-o", "--output", "output", metavar="FOLDER", help="Folder that holds the runs.")
def doctor_command(config_file: str | None, output: str | None) -> int:
    """Try out fonts, PDF, output folder and the way to the mail server. Makes no report and sends nothing."""
    from reportgen.cli.mail_lines import show_steps
    from reportgen.doctor import examine

    config = load(config_file, {"output": output})
    return ExitCode.GOOD if show_steps(examine(config)) else ExitCode.FAILED
