"""``reportgen check``: show how the input is understood."""

from __future__ import annotations

from typing import Any

import click

from reportgen.cli.options import input_options, load


@click.command("check")
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@input_options
@click.pass_context
def check_command(context: click.Context, /, files: tuple[str, ...], config_file: str | None, **flags: Any) -> None:
    """Show how the input is understood: columns, findings, reconciliation. Makes no report."""
    from reportgen.inputs.read import read_customers
    from reportgen.terminal import listening, print_check

    config = load(config_file, flags)
    with listening(quiet=context.obj["quiet"]) as progress:
        customers = read_customers(files, config, progress)
    print_check(customers)
