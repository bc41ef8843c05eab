"""What the command line shows: a line of progress or one per step, and the results as tables."""

from __future__ import annotations

import contextlib
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click
from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table as Grid
from rich.text import Text

from reportgen.analysis import Analysis
from reportgen.findings import Finding
from reportgen.history.listing import Listed
from reportgen.inputs.customers import Customers
from reportgen.inputs.quality import Reconciled
from reportgen.outlook import Outlook
from reportgen.pipeline import FailedMonth, Run
from reportgen.progress import Listener, silent
from reportgen.selfcheck.check import Outcome, SelfCheck
from reportgen.selfcheck.references import Reference

_REFRESHED = 2  # times a second


@contextlib.contextmanager
def listening(quiet: bool) -> Iterator[Listener]:
    """Yield a listener that keeps a line up to date on a terminal and writes one plain line per step into a log."""
    if quiet:
        yield silent
    elif sys.stderr.isatty():
        outlook = Outlook()
        with Live(
            get_renderable=lambda: Text(outlook.line(), no_wrap=True, overflow="ellipsis"),
            console=Console(stderr=True),
            refresh_per_second=_REFRESHED,
            transient=True,
        ):
            yield outlook.listen
    else:
        seen = ""

        def line(step: str, done: float) -> None:
            nonlocal seen
            if step != seen:
                seen = step
                click.echo(f"{done:4.0%} {step}", err=True)

        yield line


def print_run(run: Run) -> None:
    """Say what was found in a few lines, then where the files are, what is to be read first."""
    for note in run.notes:
        click.echo(f"Note: {note}.", err=True)
    if run.analysis is not None:
        _print_segments(run.analysis)
    click.echo("" if run.new else "Nothing changed since the last run with this input.")
    for path in sorted(run.files, key=lambda path: path.stem != "report"):
        click.echo(f"  {path}")


def print_runs(runs: Sequence[Listed], mails: Mapping[str, str]) -> None:
    """List runs, the one written last first; ``mails`` says how the mails of a run stand, for those that have any."""
    grid = Grid(*("Run", "Mode", "Compared with"), box=None, header_style="bold", pad_edge=False)
    for name in ("Customers", "Segments", "MB"):
        grid.add_column(name, justify="right")
    for name in ("State", *(["Mail"] if mails else [])):
        grid.add_column(name)
    for run in runs:
        counts = ("–" if number is None else f"{number:,}" for number in (run.customers, run.segments))
        cells = (run.name, run.mode or "–", run.previous[0] or "–", *counts, f"{run.size / 1e6:,.1f}", _state(run))
        told = [mails.get(run.name, "not asked")] if mails else []
        grid.add_row(*(escape(_plain(cell)) for cell in (*cells, *told)))
    Console(highlight=False, width=None if sys.stdout.isatty() else 120).print(grid)
    for run in runs:
        if run.stale:
            click.echo(
                f"{run.period} is compared with a run that is not the newest before it. To compare it anew: "
                f'reportgen run FILE --period {run.period} --revise "compared anew"'
            )


def _state(run: Listed) -> str:
    if run.damaged:
        return "damaged"
    told = {"replaced": run.replaced, "stale comparison": run.stale, "old files removed": run.thinned}
    return ", ".join(word for word, holds in told.items() if holds) or "complete"


def print_failure(month: FailedMonth) -> None:
    """Say why a month of several has no report."""
    click.echo(f"Error: {month.period}: {month.error.message}\nHint: {month.error.hint}", err=True)


def _print_segments(analysis: Analysis) -> None:
    sizes = {segment.name: fit.size for segment, fit in zip(analysis.segments, analysis.segmentation.fits, strict=True)}
    click.echo(f"{analysis.customers.count:,} customers in {len(sizes)} segments:")
    for name, size in sizes.items():
        click.echo(f"  {size:>9,}  {_plain(name)}")
    _print_warnings(analysis.customers.quality.findings)


def print_check(customers: Customers) -> None:
    """Show columns, findings and the reconciliation."""
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
    schema = customers.schema
    console.print(f"[bold]{'Order log' if schema.kind == 'orders' else 'Customer table'}[/bold]: {escape(schema.why)}")
    console.print(_columns(customers))
    console.print(_reconciliation(customers.quality.reconciliation, customers.currency))
    for finding in customers.quality.findings:
        console.print(f"- {escape(_plain(finding.message))}")
    console.print(f"{customers.count:,} customers can be segmented.")


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


def print_self_check(checked: SelfCheck) -> None:
    """Show every result that was computed, then what was skipped and how many agree."""
    done = [outcome for outcome in checked.outcomes if outcome.state != "skipped"]
    grid = Grid("What", "Source", "Reference", "Computed", "Tolerance", "", box=None, header_style="bold")
    for outcome in done:
        grid.add_row(*(escape(cell) for cell in _outcome_cells(outcome)))
    _wide_console().print(grid)
    for why, many in Counter(outcome.why for outcome in checked.outcomes if outcome.state == "skipped").items():
        click.echo(f"Skipped {many}: {_plain(why)}")
    for path in checked.unknown:
        click.echo(f"Not a known data set: {_plain(str(path))}")
    click.echo(f"{checked.count('ok')} of {len(done)} results agree.")


def _outcome_cells(outcome: Outcome) -> tuple[str, ...]:
    reference = outcome.reference
    published = reference.expected if reference.published is None else reference.published
    computed = _plain(outcome.why) if outcome.computed is None and outcome.why else _value(outcome.computed)
    return (*_what_cells(reference), _value(published), computed, _tolerance(reference), outcome.state)


def _what_cells(reference: Reference) -> tuple[str, str]:
    settings = reference.settings
    where = [] if reference.data == "worked" else [reference.data.replace("_", " ")]
    if "columns" in settings:
        where.append(f"{len(settings['columns'])} columns")
    if settings.get("scale") == "standard":
        where.append("z-scores")
    if "k" in settings:
        where.append(f"k={settings['k']}")
    return ": ".join(part for part in (", ".join(where), reference.what) if part), reference.source


def print_references(references: Sequence[Reference]) -> None:
    """List every reference result with its source and its value."""
    grid = Grid("What", "Source", "Value", "Kind", box=None, header_style="bold")
    for reference in references:
        kind = f"{reference.kind}, slow" if reference.slow else reference.kind
        cells = (*_what_cells(reference), _value(reference.expected), kind)
        grid.add_row(*(escape(cell) for cell in cells))
    _wide_console().print(grid)


def _wide_console() -> Console:
    """Return a console as wide as the terminal; a file or a pipe gets lines that don't wrap a table to pieces."""
    return Console(highlight=False) if sys.stdout.isatty() else Console(highlight=False, width=200)


def _value(value: Any) -> str:
    if isinstance(value, dict):
        text = ", ".join(f"{name} {_value(part)}" for name, part in value.items())
    elif isinstance(value, list):
        text = " ".join(_value(part) for part in value)
    elif isinstance(value, float):
        text = f"{value:.10g}"
    else:
        text = "none" if value is None else str(value)
    return text if len(text) <= 60 else text[:59] + "…"


def _tolerance(reference: Reference) -> str:
    mode, limit = reference.tolerance["mode"], reference.tolerance["value"]
    if mode == "abs":
        return "equal" if limit == 0 else f"± {limit:g}"
    return f"± {limit:.2g} ×" if mode == "rel" else f"≤ +{limit:.1%}"


def _print_warnings(findings: tuple[Finding, ...]) -> None:
    for finding in findings:
        if finding.severity == "warning":
            click.echo(f"  Note: {_plain(finding.message)}")


def _plain(text: str) -> str:
    """Return text from data without control characters, which a terminal would obey, and not too long."""
    clean = "".join(character if character.isprintable() else " " for character in text)
    return clean if len(clean) <= 200 else clean[:199] + "…"
