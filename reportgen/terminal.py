"""What the command line shows: a progress bar or plain lines, and the results as tables."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table as Grid

from reportgen.findings import Finding
from reportgen.inputs.customers import Customers
from reportgen.inputs.quality import Reconciled
from reportgen.pipeline import Run
from reportgen.progress import Listener, silent


@contextlib.contextmanager
def listening(quiet: bool) -> Iterator[Listener]:
    """Yield a listener that draws a bar on a terminal and writes one plain line per step into a log."""
    if quiet:
        yield silent
    elif sys.stderr.isatty():
        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("starting", total=1.0)
            yield lambda step, done: bar.update(task, description=escape(step), completed=done)
    else:
        seen = ""

        def line(step: str, done: float) -> None:
            nonlocal seen
            if step != seen:
                seen = step
                click.echo(f"{done:4.0%} {step}", err=True)

        yield line


def print_run(run: Run) -> None:
    """Say what was found in two lines, then where the files are."""
    analysis = run.analysis
    sizes = {segment.name: fit.size for segment, fit in zip(analysis.segments, analysis.segmentation.fits, strict=True)}
    click.echo(f"{len(analysis.customers.frame):,} customers in {len(sizes)} segments:")
    for name, size in sizes.items():
        click.echo(f"  {size:>9,}  {_plain(name)}")
    _print_warnings(analysis.customers.quality.findings)
    click.echo("" if run.new else "Nothing changed since the last run with this input.")
    for path in run.files:
        click.echo(f"  {path}")


def print_check(customers: Customers) -> None:
    """Show columns, findings and the reconciliation."""
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
    schema = customers.schema
    console.print(f"[bold]{'Order log' if schema.kind == 'orders' else 'Customer table'}[/bold]: {escape(schema.why)}")
    console.print(_columns(customers))
    console.print(_reconciliation(customers.quality.reconciliation, customers.currency))
    for finding in customers.quality.findings:
        console.print(f"- {escape(_plain(finding.message))}")
    console.print(f"{len(customers.frame):,} customers can be segmented.")


def _columns(customers: Customers) -> Grid:
    grid = Grid("Column", "Role", "Kind", "Why", box=None, header_style="bold", pad_edge=False)
    for column in customers.schema.columns:
        cells = (_plain(column.name), column.role or "–", column.kind, _plain(column.why))
        grid.add_row(*(escape(cell) for cell in cells))
    return grid


def _reconciliation(lines: tuple[Reconciled, ...], currency: str) -> Grid:
    grid = Grid(box=None, header_style="bold", pad_edge=False)
    grid.add_column("Reconciliation")
    for name in ("Rows", "Orders", f"Revenue {currency}".strip(), "Customers"):
        grid.add_column(name, justify="right")
    for line in lines:
        revenue = "" if line.revenue is None else f"{line.revenue:,.2f}"
        counts = ["" if value is None else f"{value:,}" for value in (line.rows, line.orders, line.customers)]
        grid.add_row(escape(f"{line.sign} {line.label}".strip()), counts[0], counts[1], revenue, counts[2])
    return grid


def _print_warnings(findings: tuple[Finding, ...]) -> None:
    for finding in findings:
        if finding.severity == "warning":
            click.echo(f"  Note: {_plain(finding.message)}")


def _plain(text: str) -> str:
    """Return text from data without control characters, which a terminal would obey, and not too long."""
    clean = "".join(character if character.isprintable() else " " for character in text)
    return clean if len(clean) <= 200 else clean[:199] + "…"
