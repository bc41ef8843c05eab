"""Sending a published run: every reader once, one after another, again later where the server asks for it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from reportgen.config import Config
from reportgen.delivery.edition import Edition, find_edition, is_late
from reportgen.delivery.mailing import Mailing
from reportgen.delivery.message import recipient_key
from reportgen.delivery.outbox import Outbox, Record, now, replaced_id
from reportgen.delivery.recipients import recipients_of, still_listed
from reportgen.delivery.rounds import Post, Sleep
from reportgen.delivery.secrets import read_secret
from reportgen.errors import ExitCode, ReportgenError
from reportgen.mail_settings import EmailConfig, require_mail
from reportgen.progress import Listener, silent

_LARGE = 5_000_000  # bytes of a mail from which on somebody should know


@dataclass(frozen=True)
class Delivery:
    """How the mails of one run stand after a call.

    ``problem``: why the call stopped before its end; ``gone``: readers who were taken off the list before they got it.
    """

    run: str
    records: tuple[Record, ...]
    tried: frozenset[str] = frozenset()
    problem: ReportgenError | None = None
    notes: tuple[str, ...] = ()
    gone: frozenset[str] = frozenset()

    @property
    def owed(self) -> tuple[Record, ...]:
        """The mails that are not sent, though they should be."""
        return tuple(one for one in self.records if one.state != "sent" and one.recipient not in self.gone)

    @property
    def exit_code(self) -> ExitCode:
        """Good only where every mail is sent that is owed."""
        if self.problem is not None:
            return self.problem.exit_code
        return ExitCode.MAIL_OPEN if self.owed else ExitCode.GOOD


@dataclass(frozen=True)
class Choice:
    """What is to be sent in one call.

    ``to``: only these addresses, asked for by hand; none: all that are configured. ``only_open``: nobody new.
    ``even_late``: also where a newer month is published.
    """

    to: tuple[str, ...] = ()
    only_open: bool = False
    even_late: bool = False


EVERYONE = Choice()


def send_edition(
    edition: Edition,
    config: Config,
    choice: Choice = EVERYONE,
    progress: Listener = silent,
    sleep: Sleep = time.sleep,
) -> Delivery:
    """Send what is to be sent of a run; nobody gets it twice.

    Raises ConfigError before anything is connected, BusyError where another process sends, InputError for a run
    without a letter, HeldBack for one that has been replaced. What the server says is in the Delivery, not raised.
    """
    require_mail(config.email, config.smtp)
    mailing, outbox = Mailing(edition, config.email), Outbox(edition.root)
    listed = not (choice.to or choice.only_open)
    everyone, notes = recipients_of(config.email) if listed else (choice.to, ())
    secret = read_secret(config.smtp)
    with outbox.locked():
        find_edition(edition.root, edition.run)  # HeldBack where it was replaced while this call waited
        outbox.supersede(edition.label, edition.revision)
        if not choice.only_open:
            _create(outbox, mailing, everyone, by_hand=bool(choice.to))
        chosen = _chosen(outbox, edition, choice.to)
        due, gone, late = _due(edition, config, choice, chosen)
        problem = Post(outbox, mailing, config.smtp, secret).send(due, progress, sleep)
        tried = frozenset(record.recipient for record in due)
        kept = [f"{one} is no longer in email.to: that mail stays unsent (--to sends it)" for one in sorted(gone)]
        told = (*notes, *late, *kept, *_large(mailing, due, config))
        return Delivery(edition.run, _chosen(outbox, edition, choice.to), tried, problem, told, gone)


def _due(
    edition: Edition, config: Config, choice: Choice, chosen: Sequence[Record]
) -> tuple[list[Record], frozenset[str], tuple[str, ...]]:
    """Return what is to be sent now, who was taken off the list since, and what to say where all of it is late."""
    waiting = [record for record in chosen if record.open]
    due = waiting if choice.to else wanted(waiting, config.email)
    gone = frozenset(record.recipient for record in waiting if record not in due)
    if due and is_late(edition) and not choice.even_late:
        told = f"{edition.label} is no longer the newest month: {len(due)} pending mails stay unsent (--even-late)"
        return [], gone, (told,)
    return due, gone, ()


def wanted(waiting: Sequence[Record], config: EmailConfig) -> list[Record]:
    """Return the mails that are still to be sent: to readers who are on the list, or were named in a command."""
    listed = still_listed(config) if waiting else ()
    return [one for one in waiting if one.by_hand or recipient_key(one.recipient) in listed]


def _large(mailing: Mailing, due: Sequence[Record], config: Config) -> tuple[str, ...]:
    """Tell of mails that go out and are large."""
    size = len(mailing.full(due[0].stamp)) if due else 0
    if not _LARGE < size <= config.email.max_mb * 1_000_000:
        return ()
    return (f"each mail has {size / 1e6:.1f} MB, which some servers refuse; without the PDF: email.attach_pdf = false",)


def _create(outbox: Outbox, mailing: Mailing, addresses: Sequence[str], by_hand: bool) -> None:
    """Note who is to get the mail before any connection; who was added later is asked for by hand."""
    edition = mailing.edition
    if not by_hand and outbox.everyone_asked(edition.run):
        return
    records = [replace(record, by_hand=by_hand) for record in new_records(outbox, mailing, addresses)]
    outbox.create(edition.run, records, everyone=not by_hand)


def new_records(outbox: Outbox, mailing: Mailing, addresses: Iterable[str]) -> list[Record]:
    """Return what the records of mails to some addresses are at first."""
    edition = mailing.edition
    earlier, at = outbox.earlier(edition.label, edition.revision), now()
    return [mailing.record(address, at, replaced_id(earlier, address)) for address in addresses]


def _chosen(outbox: Outbox, edition: Edition, to: Sequence[str]) -> tuple[Record, ...]:
    wanted = {address.lower() for address in to}
    return tuple(one for one in outbox.records(edition.run) if not wanted or one.recipient.lower() in wanted)
