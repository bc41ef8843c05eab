"""Mails as files instead of sending them: what would be sent, drafts, and a page for the browser."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from reportgen.config import Config
from reportgen.delivery.edition import Edition
from reportgen.delivery.headers import id_text
from reportgen.delivery.mailing import Mailing
from reportgen.delivery.message import Stamp, recipient_key
from reportgen.delivery.outbox import Outbox
from reportgen.delivery.recipients import recipients_of
from reportgen.delivery.send import new_records
from reportgen.errors import ConfigError, OutputError
from reportgen.mail_settings import require_sender


def write_dry_run(edition: Edition, config: Config, folder: Path, to: Sequence[str] = ()) -> tuple[Path, ...]:
    """Write one .eml per reader: the very bytes that would be sent now. No connection, nothing noted.

    Mails that are settled already are left out; an empty result means that nothing would be sent.
    """
    require_sender(config.email)
    mailing, outbox = Mailing(edition, config.email), Outbox(edition.root)
    known = {recipient_key(record.recipient): record for record in outbox.records(edition.run)}
    asked = to or (() if outbox.everyone_asked(edition.run) else recipients_of(config.email)[0])
    first = {recipient_key(record.recipient): record for record in new_records(outbox, mailing, asked)}
    wanted = {recipient_key(address) for address in to}
    due = [one for key, one in (first | known).items() if one.open and (not wanted or key in wanted)]
    mails = {_file_name(record.recipient): mailing.fitting(record, None)[0] for record in due}
    return _write_all(folder, mails)


def write_drafts(edition: Edition, config: Config, folder: Path, to: Sequence[str] = ()) -> tuple[Path, ...]:
    """Write one .eml per reader that a mail program opens ready to be sent by a person."""
    mailing = Mailing(edition, config.email)
    addresses = tuple(to) or recipients_of(config.email)[0]
    stamps = [Stamp(address, edition.name, "", "") for address in addresses]
    return _write_all(folder, {_file_name(stamp.recipient): mailing.full(stamp, "draft") for stamp in stamps})


def write_preview(edition: Edition, config: Config, file: Path) -> None:
    """Write the mail as one page: pictures inside, the plain text below."""
    page = Mailing(edition, config.email).preview()
    _write(file, page.encode("utf-8"))


def _file_name(address: str) -> str:
    return f"{id_text(address.replace('@', '.at.'), 80)}.{recipient_key(address)}.eml"


def _write_all(folder: Path, mails: dict[str, bytes]) -> tuple[Path, ...]:
    if folder.exists() and not folder.is_dir():
        raise ConfigError(f"{folder} is a file", "Name a folder.")
    for name, mail in mails.items():
        _write(folder / name, mail)
    return tuple(folder / name for name in mails)


def _write(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as error:
        why = (error.strerror or "no permission").lower()
        raise OutputError(f"{path} can't be written: {why}", "Name another place.") from None
