"""``reportgen selfcheck``: compute published results again."""

from __future__ import annotations

import click

from reportgen.errors import ExitCode


@click.command("selfcheck")
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
