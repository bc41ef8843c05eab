"""Trying out the way to the readers, step by step, without sending anything."""

from __future__ import annotations

import datetime as dt
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from reportgen.config import Config
from reportgen.delivery.answers import MailError
from reportgen.delivery.message import message_id
from reportgen.delivery.recipients import recipients_of
from reportgen.delivery.secrets import read_secret
from reportgen.delivery.sendmail import SendmailCommand
from reportgen.delivery.smtp import SmtpSession
from reportgen.mail_settings import require_mail

_SOON = dt.timedelta(days=14)
_LONG_ID = 70


@dataclass(frozen=True)
class Step:
    """One thing that was tried. ``note``: it works, but somebody should know."""

    state: Literal["ok", "note", "failed"]
    what: str
    told: str
    hint: str = ""


def check_mail(config: Config) -> Iterator[Step]:
    """Check the settings, connect, log in, and ask for each reader whether the server takes mail for them.

    Raises ConfigError for what can be told without connecting; what the server says is in the steps, the last of which
    has failed where it went no further.
    """
    require_mail(config.email, config.smtp)
    addresses, repeated = recipients_of(config.email)
    secret = read_secret(config.smtp)
    yield Step("ok", "mail settings", f"{len(addresses)} addresses, from {config.email.address}")
    yield from (Step("note", "addresses", told) for told in repeated)
    yield from _ids(config, addresses)
    try:
        if config.smtp.transport == "sendmail":
            SendmailCommand(config.smtp).check()
            yield Step("ok", "sendmail", " ".join(config.smtp.sendmail_command))
            return
        with SmtpSession(config.smtp, secret) as session:
            yield from _connection(config, session)
            yield from _readers(config, session, addresses)
    except MailError as error:
        yield Step("failed", "mail server", str(error.outcome), error.hint)


def _ids(config: Config, addresses: tuple[str, ...]) -> Iterator[Step]:
    longest = message_id("2026-10.r10.00000000", addresses[0], config.email)
    if len(longest) > _LONG_ID:
        yield Step("note", "ids", f"ids of mails have {len(longest)} characters", "Set a shorter email.domain.")
    account = config.smtp.user.rpartition("@")[2].lower() if "@" in config.smtp.user else ""
    sender = config.email.address.rpartition("@")[2]
    if account and account != sender and not sender.endswith(f".{account}"):
        yield Step(
            "note", "sender", f"mails come from {sender}, the account is of {account}",
            "Ask whoever runs the mail server whether SPF and DMARC allow that; else readers find the mail under spam.",
        )  # fmt: skip


def _connection(config: Config, session: SmtpSession) -> Iterator[Step]:
    size = session.limit()
    where, encryption = f"{config.smtp.host}:{config.smtp.real_port}", session.encryption()
    if encryption:
        yield Step("ok", "connection", f"{where}, {encryption}")
        yield _certificate(session.certificate())
    else:
        yield Step("note", "connection", f"{where}, not encrypted", "Readable on its way; use 'starttls' if offered.")
    yield Step("ok", "size", f"takes mails up to {size / 1e6:,.0f} MB" if size else "no limit named")
    offered = ", ".join(session.mechanisms()) or "none"
    yield Step("ok", "login", f"{session.mechanism or 'not needed'} (offered: {offered})")


def _certificate(found: dict[str, Any]) -> Step:
    names = dict(pair for group in found.get("subject", ()) for pair in group)
    name = names.get("commonName") or next((value for _, value in found.get("subjectAltName", ())), "without a name")
    ends = dt.datetime.fromtimestamp(ssl.cert_time_to_seconds(found["notAfter"]), dt.UTC)
    soon = ends - dt.datetime.now(dt.UTC) < _SOON
    return Step("note" if soon else "ok", "certificate", f"{name}, valid until {ends.date()}")


def _readers(config: Config, session: SmtpSession, addresses: tuple[str, ...]) -> Iterator[Step]:
    for address, outcome in session.try_recipients(config.email.bounce_to or config.email.owner, addresses):
        if outcome is None:
            yield Step("ok", "reader", address)
        else:
            yield Step("failed", "reader", f"{address}: {outcome}", "Correct the address, or ask the server's owner.")
