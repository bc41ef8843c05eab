"""The mails of one run: the letter of the run, put into the envelope of each reader."""

from __future__ import annotations

import hashlib
from functools import cached_property

from reportgen.delivery.edition import Edition
from reportgen.delivery.letter import Letter, preview_page
from reportgen.delivery.message import Kind, Stamp, build, message_id
from reportgen.delivery.outbox import Record
from reportgen.errors import ReportgenError
from reportgen.mail_settings import EmailConfig

_MEGABYTE = 1_000_000
_ROOM = 0.98  # of what the server says that it takes; relays add lines of their own


class Mailing:
    """One run with the settings of the day; its letter is read here, so a run without one is told at once."""

    def __init__(self, edition: Edition, config: EmailConfig) -> None:
        self.edition = edition
        self.config = config
        self._pdf = edition.pdf if config.attach_pdf else None
        self._letter = edition.letter

    @cached_property
    def _with_pdf(self) -> Letter:
        return self._noted(self._letter.attached)

    @cached_property
    def _without_pdf(self) -> Letter:
        return self._noted(self._letter.left_out if self._pdf is not None else "")

    def _noted(self, about_pdf: str) -> Letter:
        return self._letter.with_notes(about_pdf, self.edition.made_up)

    def record(self, recipient: str, built_at: str, replaces: str = "") -> Record:
        """Return the record of a mail that is to be sent."""
        edition, config = self.edition, self.config
        return Record(
            report_id=config.report_id,
            period=edition.label,
            revision=edition.revision,
            edition=edition.name,
            recipient=recipient,
            message_id=message_id(edition.name, recipient, config),
            built_at=built_at,
            replaces=replaces if self._letter.corrected else "",
        )

    def fitting(self, record: Record, limit: int | None) -> tuple[bytes, bool]:
        """Return the mail, and whether it went without the PDF because that would be too large.

        A mail that may go out again only as it was is rebuilt exactly so. ReportgenError where that is impossible.
        """
        if record.exact:
            return self.exact(record), False
        if self._pdf is not None:
            whole = self.full(record.stamp)
            if self.fits(whole, limit):
                return whole, False
        return self.lean(record.stamp), True

    def fits(self, message: bytes, limit: int | None) -> bool:
        """Tell whether a mail is small enough for the settings and for what the server takes."""
        return len(message) <= min(self.config.max_mb * _MEGABYTE, _ROOM * limit if limit else float("inf"))

    def full(self, stamp: Stamp, kind: Kind = "mail") -> bytes:
        """Return the mail with the PDF, where there is one."""
        letter = self._with_pdf if self._pdf is not None else self._without_pdf
        return build(letter, stamp, self.config, self._pdf, kind)

    def lean(self, stamp: Stamp, kind: Kind = "mail") -> bytes:
        """Return the mail without the PDF, saying so."""
        return build(self._without_pdf, stamp, self.config, None, kind)

    def exact(self, record: Record) -> bytes:
        """Return the mail with the hash of the record. ReportgenError where letter or settings have changed."""
        for message in (self.full(record.stamp), self.lean(record.stamp)):
            if sha256_of_mail(message) == record.eml_sha256:
                return message
        raise ReportgenError(
            f"the mail to {record.recipient} would not be the same as the first time: the settings have changed",
            f"To send a new one: reportgen send {self.edition.run} --resolve pending --to {record.recipient}",
        )

    def preview(self) -> str:
        """Return the mail as a page for a browser."""
        return preview_page(self._with_pdf if self._pdf is not None else self._without_pdf)


def sha256_of_mail(message: bytes) -> str:
    """Return the hash that proves what was sent."""
    return hashlib.sha256(message).hexdigest()
