"""How the command line shows mails: a line for each reader, and for each step of a check."""

from __future__ import annotations

from collections.abc import Iterable

import click

from reportgen.delivery.check import Step
from reportgen.delivery.outbox import Record
from reportgen.delivery.send import Delivery
from reportgen.errors import ExitCode


def show_delivery(delivery: Delivery | None) -> ExitCode:
    """Print a line per reader, what is left to do, and return the exit code; good where nothing was to be mailed."""
    if delivery is None:
        return ExitCode.GOOD
    for note in delivery.notes:
        click.echo(f"Note: {note}", err=True)
    show_records(delivery.records)
    if delivery.problem is not None:
        click.echo(f"Error: {delivery.problem.message}\nHint: {delivery.problem.hint}", err=True)
    elif any(record.open for record in delivery.owed):
        click.echo(f"Hint: the pending ones go on with: reportgen send {delivery.run} --retry", err=True)
    if any(record.state == "unknown" for record in delivery.records):
        click.echo(
            "Hint: nobody knows whether the unknown ones arrived, so they are not sent again by themselves. Ask the "
            f"reader, then: reportgen send {delivery.run} --to ADDRESS --resolve sent (or pending), or --resend",
            err=True,
        )
    return delivery.exit_code


def show_records(records: Iterable[Record]) -> None:
    """Print state, address and what the server said last."""
    for record in records:
        said = str(record.attempts[-1]) if record.attempts else ""
        state = "superseded" if record.superseded else record.state
        click.echo(f"{state:10} {record.recipient}  {said}".rstrip(), err=True)


def show_steps(steps: Iterable[Step]) -> bool:
    """Print steps as they are done; return whether all went well."""
    good = True
    for step in steps:
        click.echo(f"{step.state:6} {step.what:14} {step.told}")
        if step.hint and step.state != "ok":
            click.echo(f"{'':21} {step.hint}")
        good = good and step.state != "failed"
    return good
