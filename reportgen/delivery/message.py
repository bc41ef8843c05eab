"""The e-mail of one recipient as bytes: equal for equal letters, records and settings."""

from __future__ import annotations

import datetime as dt
import email.message
import hashlib
import re
from dataclasses import dataclass
from email.utils import format_datetime
from typing import Literal
from urllib.parse import quote

from reportgen.delivery.headers import MAIL_POLICY, encoded, encoded_address, header_text, id_text
from reportgen.delivery.letter import Letter, Picture
from reportgen.mail_settings import EmailConfig

Kind = Literal["mail", "test", "draft"]


@dataclass(frozen=True)
class Stamp:
    """What makes the mail of one recipient this one: all of it is decided before the first attempt.

    ``edition`` is label, revision and run, as in ``2026-10.r1.1f3a9c00``; ``built_at`` an instant in UTC, ISO;
    ``replaces`` the id of the mail that a corrected one replaces, or "".
    """

    recipient: str
    edition: str
    message_id: str
    built_at: str
    replaces: str = ""

    @property
    def run8(self) -> str:
        """The first digits of the run's id."""
        return self.edition.rpartition(".")[2]


def recipient_key(address: str) -> str:
    """Return the 12 hex digits that stand for an address in ids and file names; upper and lower case are one."""
    return hashlib.sha256(address.lower().encode()).hexdigest()[:12]


def message_id(edition: str, recipient: str, email_config: EmailConfig) -> str:
    """Return ``<edition.recipient@domain>``."""
    return f"<{edition}.{recipient_key(recipient)}@{email_config.id_domain}>"


def build(letter: Letter, stamp: Stamp, config: EmailConfig, pdf: bytes | None, kind: Kind = "mail") -> bytes:
    """Return the complete mail: CRLF line ends, ASCII, no line longer than 998 characters.

    The letter has its note about the PDF (``Letter.with_notes``) already. A draft has neither id nor date: the program
    that sends it gives both.
    """
    mail = email.message.EmailMessage(policy=MAIL_POLICY)
    _address(mail, config, stamp)
    if kind == "draft":
        mail["X-Unsent"] = "1"
    else:
        _identify(mail, config, stamp)
        _say_automatic(mail, config, stamp)
    mail["Subject"] = encoded(("[Test] " if kind == "test" else "") + header_text(letter.subject))
    if kind == "test":
        mail["X-Reportgen-Test"] = "1"
    _fill(mail, letter, pdf, f"{id_text(config.report_id)}-{id_text(stamp.edition.split('.')[0])}.pdf")
    _settle(mail, stamp.run8)
    return mail.as_bytes()


def build_plain(config: EmailConfig, subject: str, text: str, stamp: Stamp) -> bytes:
    """Return a mail of plain text to one recipient, such as a notice to the owner."""
    mail = email.message.EmailMessage(policy=MAIL_POLICY)
    _address(mail, config, stamp)
    mail["Subject"] = encoded(header_text(subject))
    mail["Date"] = _date(stamp)
    mail["Message-ID"] = stamp.message_id
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = _SUPPRESS
    mail.set_content(clean_text(text), cte=_encoding(text))
    return mail.as_bytes()


_SUPPRESS = "DR, RN, NRN, OOF, AutoReply"  # not "All": that would suppress reports of mails that were not delivered


def _address(mail: email.message.EmailMessage, config: EmailConfig, stamp: Stamp) -> None:
    if config.sender:
        mail["From"] = _header_address(config.sender)
    mail["To"] = _header_address(stamp.recipient)
    if config.reply_to:
        mail["Reply-To"] = _header_address(config.reply_to)


def _header_address(text: str) -> str:
    name, bracket, rest = text.rpartition("<")
    return encoded_address(header_text(name), rest.rstrip(">")) if bracket else text


def _date(stamp: Stamp) -> str:
    return format_datetime(dt.datetime.fromisoformat(stamp.built_at))


def _identify(mail: email.message.EmailMessage, config: EmailConfig, stamp: Stamp) -> None:
    """Months hang together by a first mail that is never sent: no state is needed, a missing month breaks nothing."""
    series = hashlib.sha256(config.report_id.encode()).hexdigest()[:8]
    root = f"<root.{series}.{recipient_key(stamp.recipient)}@{config.id_domain}>"
    mail["Date"] = _date(stamp)
    mail["Message-ID"] = stamp.message_id
    mail["In-Reply-To"] = stamp.replaces or root
    mail["References"] = f"{root} {stamp.replaces}".strip()


def _say_automatic(mail: email.message.EmailMessage, config: EmailConfig, stamp: Stamp) -> None:
    name = header_text(config.report_name)
    stop = quote(f"stop {name or config.report_id}")
    phrase = re.sub(r"[^A-Za-z0-9 _-]", "", name).strip() if name.isascii() else ""
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = _SUPPRESS
    mail["List-Id"] = f"{phrase} <{config.report_id}.{config.id_domain}>".strip()
    mail["List-Unsubscribe"] = f"<mailto:{quote(config.owner, safe='@')}?subject={stop}>"
    mail["X-Reportgen-Run"] = stamp.edition


def _fill(mail: email.message.EmailMessage, letter: Letter, pdf: bytes | None, pdf_name: str) -> None:
    mail.set_content(clean_text(letter.text), cte=_encoding(letter.text))
    mail.add_alternative(clean_text(letter.html), subtype="html", cte=_encoding(letter.html))
    parts = mail.get_payload()
    for picture in letter.pictures:
        _embed(parts[1], picture)  # type: ignore[index,arg-type]  # the parts of a multipart
    if letter.pictures:
        parts[1].set_param("type", "text/html")  # type: ignore[index,union-attr]  # RFC 2387; the library leaves it out
    if pdf is not None:
        mail.add_attachment(pdf, "application", "pdf", filename=pdf_name)


def _embed(part: email.message.EmailMessage, picture: Picture) -> None:
    name = id_text(picture.name)
    part.add_related(picture.png, "image", "png", cid=f"<{picture.cid}>", disposition="inline", filename=name)


def _settle(mail: email.message.EmailMessage, run8: str) -> None:
    """Replace the random boundaries; ``=_`` can't occur in quoted-printable, nor ``_`` in base64."""
    whole = (part for part in mail.walk() if part.is_multipart())
    for number, part in enumerate(whole):
        part.set_boundary(f"=_rg_{run8}_{number}")


def _encoding(text: str) -> str:
    """Quoted-printable, unless base64 is shorter: more than a sixth of the bytes are not ASCII."""
    data = text.encode("utf-8", "replace")
    return "base64" if sum(byte > 127 for byte in data) * 6 > len(data) else "quoted-printable"


def clean_text(text: str) -> str:
    """Return text without characters that mail can't carry: control characters and halves of surrogate pairs."""
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]", "", text.replace("\r\n", "\n").replace("\r", "\n"))
