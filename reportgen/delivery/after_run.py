"""Mailing a run right after it was published, or what is left of it when the same month is run again."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Literal

from reportgen.config import Config
from reportgen.delivery.edition import Edition, find_edition
from reportgen.delivery.notices import Notice, notify_owner
from reportgen.delivery.outbox import Outbox
from reportgen.delivery.recipients import recipients_of
from reportgen.delivery.secrets import read_secret
from reportgen.delivery.send import Choice, Delivery, send_edition, wanted
from reportgen.errors import ReportgenError
from reportgen.mail_settings import mail_is_set_up, require_mail
from reportgen.progress import Listener

Sending = Literal["", "newest", "all"]  # nothing; a run that is the newest of its months; any run


def check_settings(config: Config) -> None:
    """Raise ConfigError for what would stop the mail, before the work of a run begins. Nothing is connected."""
    require_mail(config.email, config.smtp)
    recipients_of(config.email)
    read_secret(config.smtp)


def mail_run(folder: Path, config: Config, progress: Listener, send: Sending = "") -> Delivery | None:
    """Mail a published run; where nobody asks for that, only go on with what was asked for when it was published.

    Return None where there is nothing to do. Never raises: the run stands whatever becomes of its mails.
    """
    try:
        edition = find_edition(folder.parent.parent, folder.name)
        if send or (mail_is_set_up(config.email, config.smtp) and _left_over(edition, config)):
            choice = Choice(only_open=not (send or edition.mail_requested), even_late=send == "all")
            delivery = send_edition(edition, config, choice, progress)
            _tell_owner(edition, config, delivery)
            return delivery
    except ReportgenError as error:
        return Delivery(folder.name, (), problem=error)
    return None


def _tell_owner(edition: Edition, config: Config, delivery: Delivery) -> None:
    """Let the owner know of readers without the mail, once; not where the mail server is the reason."""
    left = [record for record in delivery.records if record.state != "sent" and record.recipient in delivery.tried]
    if not left or delivery.problem is not None:
        return
    states = [f"{record.recipient} {record.state}" for record in left]
    key = f"{edition.run}-mail-{hashlib.sha256(' '.join(states).encode()).hexdigest()[:8]}"
    lines = [f"  {record.recipient}: {record.state} ({record.attempts[-1]})" for record in left if record.attempts]
    text = "\n".join(
        [
            f"The report {edition.run} is published, but {len(left)} of {len(delivery.records)} mails were not sent:",
            "",
            *lines,
            "",
            f"Pending ones go on with: reportgen send {edition.run} --retry",
            "Unknown ones may have arrived; ask the reader, then settle them: reportgen send --help",
            "",
        ]
    )
    notify_owner(edition.root, config, Notice(key, f"Not every mail of {edition.run} is sent", text))


def _left_over(edition: Edition, config: Config) -> bool:
    """Tell whether a mail is open, or a killed program had not even noted who was to get it."""
    outbox = Outbox(edition.root)
    if edition.mail_requested and not outbox.everyone_asked(edition.run):
        return True
    records = outbox.records(edition.run)
    if any(record.state == "sending" for record in records):
        return True
    return bool(wanted([record for record in records if record.open], config.email))
