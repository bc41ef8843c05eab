"""``reportgen send``: mail a published run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reportgen.cli.options import load
from reportgen.errors import ConfigError, ExitCode

if TYPE_CHECKING:
    from reportgen.config import Config
    from reportgen.delivery.edition import Edition

_ACTIONS = ("dry_run", "draft", "preview", "test", "retry", "resend", "resolve", "check")


@click.command("send")
@click.argument("run", required=False, metavar="[RUN]")
@click.option("-c", "--config", "config_file", metavar="FILE", help="Settings file with [email] and [smtp].")
@click.option("-o", "--output", "output", metavar="FOLDER", help="Folder that holds the runs.")
@click.option("--period", metavar="YYYY-MM", help="The run of this month; without it and RUN the newest run.")
@click.option("--to", "to", multiple=True, metavar="ADDRESS", help="Only to this address; repeatable.")
@click.option("--dry-run", metavar="FOLDER", help="Write the mails that would be sent now, to the byte; send none.")
@click.option("--draft", metavar="FOLDER", help="Write mails that a mail program opens ready to be sent by you.")
@click.option("--preview", metavar="FILE", help="Write the mail as one page for the browser.")
@click.option("--test", metavar="ADDRESS", help="Send it to one address, marked [Test]; it counts for nothing.")
@click.option("--retry", is_flag=True, help="Only go on with mails that are pending; nobody new.")
@click.option("--resend", is_flag=True, help="Send again, to the addresses given with --to.")
@click.option("--resolve", type=click.Choice(("sent", "pending")), help="Settle unknown mails, given with --to.")
@click.option("--check", is_flag=True, help="Connect, log in and ask for every address; send nothing.")
@click.option("--even-late", is_flag=True, help="Also where a newer month is published.")
@click.pass_context
def send_command(context: click.Context, /, **given: Any) -> int:
    """Mail a published run to the addresses of the settings, each once.

    RUN is the folder of a run or its month. A mail that is sent, or may be, is never sent again unless you say so. The
    exit code is 4 when a mail is pending, refused or unknown.
    """
    from reportgen.delivery.edition import find_edition
    from reportgen.delivery.recipients import typed_addresses

    _refuse_mixture(given)
    config = load(given["config_file"], {"output": given["output"]})
    to = typed_addresses(given["to"], "--to")
    if given["check"]:
        from reportgen.cli.mail_lines import show_steps
        from reportgen.delivery.check import check_mail

        return ExitCode.GOOD if show_steps(check_mail(config)) else ExitCode.MAIL_OPEN
    edition = find_edition(Path(config.output).expanduser(), given["period"] or given["run"] or "")
    if given["dry_run"] or given["draft"] or given["preview"]:
        return _write(edition, config, to, given)
    if given["resolve"] or given["test"]:
        return _by_hand(edition, config, to, given)
    return _send(edition, config, to, given, context.obj["quiet"])


def _refuse_mixture(given: dict[str, Any]) -> None:
    named = [f"--{name.replace('_', '-')}" for name in _ACTIONS if given[name]]
    if len(named) > 1:
        raise ConfigError(f"{named[0]} and {named[1]} don't go together", "Give one of them.")
    if given["run"] and given["period"]:
        raise ConfigError("RUN and --period both say which run", "Give one of them.")
    if (given["resend"] or given["resolve"]) and not given["to"]:
        raise ConfigError(f"{named[0]} needs an address", f"For example: {named[0]} --to anna@example.com")


def _write(edition: Edition, config: Config, to: tuple[str, ...], given: dict[str, Any]) -> int:
    from reportgen.delivery.on_disk import write_drafts, write_dry_run, write_preview

    if given["preview"]:
        write_preview(edition, config, Path(given["preview"]))
        click.echo(given["preview"])
        return ExitCode.GOOD
    if given["draft"]:
        files = write_drafts(edition, config, Path(given["draft"]), to)
    else:
        files = write_dry_run(edition, config, Path(given["dry_run"]), to)
    for file in files:
        click.echo(file)
    if not files:
        click.echo(f"Nothing of {edition.run} is to be sent.")
    return ExitCode.GOOD


def _by_hand(edition: Edition, config: Config, to: tuple[str, ...], given: dict[str, Any]) -> int:
    from reportgen.cli.mail_lines import show_records
    from reportgen.delivery.by_hand import resolve, send_test
    from reportgen.delivery.recipients import typed_addresses

    if given["resolve"]:
        show_records(resolve(edition, to, given["resolve"]))
        return ExitCode.GOOD
    record = send_test(edition, config, typed_addresses([given["test"]], "--test")[0])
    show_records([record])
    return ExitCode.GOOD if record.state == "sent" else ExitCode.MAIL_OPEN


def _send(edition: Edition, config: Config, to: tuple[str, ...], given: dict[str, Any], quiet: bool) -> int:
    from reportgen.cli.mail_lines import show_delivery
    from reportgen.delivery.by_hand import resend
    from reportgen.delivery.send import Choice, send_edition
    from reportgen.terminal import listening

    with listening(quiet=quiet) as progress:
        if given["resend"]:
            delivery = resend(edition, config, to, progress)
        else:
            choice = Choice(to, only_open=given["retry"], even_late=given["even_late"])
            delivery = send_edition(edition, config, choice, progress)
    if not delivery.records:
        click.echo(f"No mail of {edition.run} was ever asked for.")
    return show_delivery(delivery)
