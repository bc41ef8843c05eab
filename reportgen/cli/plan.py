"""``reportgen plan``: what a run will read and cost, before it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from reportgen.cli.options import input_options, load

if TYPE_CHECKING:
    from reportgen.estimate import Estimate

_NOT_TOLD = "not told by the first rows; `reportgen check` asks what it needs to know"


@click.command("plan")
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@input_options
def plan_command(files: tuple[str, ...], config_file: str | None, **flags: Any) -> None:
    """Say how large the input is, what a run will read, and the time and memory it needs here. Makes no report.

    Time and memory are spans: from runs of many sizes that were measured, and a short measurement of this machine.
    Of those runs nine in ten were within their span. A database is asked for the number of its rows, and the first.
    """
    from reportgen.estimate import estimate_run

    for line in plan_lines(estimate_run(files, load(config_file, flags))):
        click.echo(line)


def plan_lines(plan: Estimate) -> list[str]:
    """Return the lines to print."""
    kind = {"customers": "a customer table", "orders": "a log of orders", "": _NOT_TOLD}[plan.kind]
    files = f"{plan.files:,} files, " if plan.files > 1 else "one file, "
    where = f"{files}{_size(plan.size / 2**20)}, {plan.form}" if plan.files else plan.form
    lines = [
        f"Input    {where}: {kind}",
        f"Rows     {'' if plan.exact else 'about '}{plan.rows:,} with {plan.columns} columns",
        *(f"{'Reads' if place == 0 else '':<8} {read}" for place, read in enumerate(plan.reads)),
        f"Time     {_span(plan.seconds)} of processor time; by the clock no more, if nothing else is at work",
        f"Memory   {_size(plan.memory[0])} to {_size(plan.memory[1])}"
        + (f" of the {_size(plan.machine)} of this machine" if plan.machine else ""),
    ]
    if plan.move:
        lines.append("Spark    this machine may be too small: --engine spark, or an address of Spark, shares the work")
    else:
        lines.append("Spark    not needed; this machine is large enough")
    return lines


def _span(seconds: tuple[float, float]) -> str:
    low, high = seconds
    unit, size = ("hours", 3600.0) if high > 7200 else ("minutes", 60.0) if high > 120 else ("seconds", 1.0)
    return f"{_figure(low / size)} to {_figure(high / size)} {unit}"


def _size(mebibytes: float) -> str:
    big = mebibytes >= 1000
    return f"{_figure(mebibytes / 1024)} GiB" if big else f"{_figure(max(mebibytes, 0.1))} MiB"


def _figure(value: float) -> str:
    """Two digits say enough of an estimate."""
    return f"{float(f'{value:.2g}'):,.15g}"
