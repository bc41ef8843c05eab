"""The group that all commands belong to."""

from __future__ import annotations

import click

import reportgen
from reportgen.cli.check import check_command
from reportgen.cli.completion import completion_command
from reportgen.cli.doctor import doctor_command
from reportgen.cli.init import init_command
from reportgen.cli.plan import plan_command
from reportgen.cli.run import run_command
from reportgen.cli.runs import runs_command
from reportgen.cli.schedule import schedule_command
from reportgen.cli.selfcheck import selfcheck_command
from reportgen.cli.send import send_command

_HELP = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
_COMMANDS = (
    run_command,
    runs_command,
    check_command,
    plan_command,
    init_command,
    send_command,
    schedule_command,
    doctor_command,
    selfcheck_command,
    completion_command,
)


@click.group(context_settings=_HELP)
@click.version_option(reportgen.__version__, prog_name="reportgen")
@click.option("--debug", is_flag=True, help="Show the full traceback of an error.")
@click.option("-q", "--quiet", is_flag=True, help="Print results and errors only, no progress.")
@click.pass_context
def commands(context: click.Context, debug: bool, quiet: bool) -> None:
    """Turn a customer table, or a log of orders, into a customer-segmentation report."""
    context.obj = {"quiet": quiet, "debug": debug}


for _command in _COMMANDS:
    commands.add_command(_command)
