"""What only a person may ask for: to send again, to settle what nobody knows, to send a test."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from reportgen.config import Config
from reportgen.delivery.edition import Edition
from reportgen.delivery.mailing import Mailing
from reportgen.delivery.outbox import Outbox, Record, now
from reportgen.delivery.rounds import Post, Sleep, open_transport
from reportgen.delivery.secrets import read_secret
from reportgen.delivery.send import Delivery
from reportgen.errors import ConfigError
from reportgen.mail_settings import require_mail
from reportgen.progress import Listener, silent


def resend(
    edition: Edition, config: Config, to: Sequence[str], progress: Listener = silent, sleep: Sleep = time.sleep
) -> Delivery:
    """Send a run again to some addresses.

    Where nobody knows whether the mail arrived, it must be the same to the last byte, so that mail programs hide the
    second; where it was sent, it is marked as a copy; where it was refused, it is tried again.
    Raises ConfigError for an address that was never asked for.
    """
    require_mail(config.email, config.smtp)
    mailing, secret = Mailing(edition, config.email), read_secret(config.smtp)
    outbox = Outbox(edition.root)
    with outbox.locked():
        due = [_again(_record_of(outbox, edition, address), mailing) for address in to]
        for record in due:
            outbox.write(edition.run, record)
        problem = Post(outbox, mailing, config.smtp, secret).send(due, progress, sleep)
        after = tuple(_record_of(outbox, edition, address) for address in to)
    return Delivery(edition.run, after, frozenset(record.recipient for record in after), problem)


def _again(record: Record, mailing: Mailing) -> Record:
    again = replace(record, state="pending", superseded=False)
    if record.state == "unknown":
        mailing.exact(record)  # raises where it can't be made again
        return replace(again, exact=True)
    if record.state == "sent":
        name, _, domain = record.message_id.rpartition("@")
        name = f"{name.removesuffix(f'.copy{record.copies}')}.copy{record.copies + 1}"
        copy = replace(again, copies=record.copies + 1, message_id=f"{name}@{domain}", built_at=now())
        return replace(copy, eml_sha256="", exact=False)
    return replace(again, eml_sha256="", exact=False) if record.state == "refused" else again


def resolve(edition: Edition, to: Sequence[str], state: Literal["sent", "pending"]) -> tuple[Record, ...]:
    """Settle mails of which nobody knows whether they arrived, after a person has asked the reader.

    Raises ConfigError for a mail that is in another state.
    """
    outbox = Outbox(edition.root)
    with outbox.locked():
        found = [_record_of(outbox, edition, address) for address in to]
        for record in found:
            if record.state != "unknown":
                raise ConfigError(
                    f"the mail to {record.recipient} is {record.state}, not unknown",
                    f"To send it again: reportgen send {edition.run} --resend --to {record.recipient}",
                )
        settled = tuple(replace(record, state=state, eml_sha256="" if state == "pending" else record.eml_sha256,
                                exact=False) for record in found)  # fmt: skip
        for record in settled:
            outbox.write(edition.run, record)
    return settled


def send_test(edition: Edition, config: Config, address: str) -> Record:
    """Send the mail of a run to one address, marked as a test; it is noted apart and counts for nothing.

    Raises MailError where the server can't be used.
    """
    require_mail(config.email, config.smtp)
    mailing, secret = Mailing(edition, config.email), read_secret(config.smtp)
    outbox = Outbox(edition.root)
    with outbox.locked():
        number = outbox.tests(edition.run) + 1
        record = mailing.record(address, now())
        name, _, domain = record.message_id.rpartition("@")
        record = replace(record, message_id=f"{name}.test{number}@{domain}")
        with open_transport(config.smtp, secret) as transport:
            limit = transport.limit()
            message = mailing.full(record.stamp, "test")
            if not mailing.fits(message, limit):
                message = mailing.lean(record.stamp, "test")
            outbox.note_test(edition.run, number, record)
            sender = config.email.bounce_to or config.email.owner
            outcome = transport.hand_over(sender, address, message, lambda: None)
        record = record.after(outcome, now())
        outbox.note_test(edition.run, number, record)
    return record


def _record_of(outbox: Outbox, edition: Edition, address: str) -> Record:
    known = {record.recipient.lower(): record for record in outbox.records(edition.run)}
    if address.lower() not in known:
        raise ConfigError(
            f"no mail of {edition.run} to {address} was ever asked for",
            f"To send it a first time: reportgen send {edition.run} --to {address}",
        )
    return known[address.lower()]
