"""Handing over mails in rounds: everyone once, then again whom the server put off."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from reportgen.delivery.answers import MailError, Outcome, SetUpError, TooLargeError, UnreachableError
from reportgen.delivery.mailing import Mailing, sha256_of_mail
from reportgen.delivery.outbox import Outbox, Record, now
from reportgen.delivery.secrets import Secret
from reportgen.delivery.sendmail import SendmailCommand
from reportgen.delivery.smtp import SmtpSession
from reportgen.errors import ExitCode, ReportgenError, Terminated
from reportgen.mail_settings import SmtpConfig
from reportgen.progress import Listener

Sleep = Callable[[float], None]


def open_transport(smtp: SmtpConfig, secret: Secret | None) -> SmtpSession | SendmailCommand:
    """Return the way out that the settings name."""
    return SendmailCommand(smtp) if smtp.transport == "sendmail" else SmtpSession(smtp, secret)


class StoppedError(ReportgenError):
    """Somebody pressed Ctrl-C, or the system ends the process."""

    def __init__(self, run: str, terminated: bool) -> None:
        super().__init__("stopped while mailing", f"Go on with: reportgen send {run} --retry")
        self.exit_code = ExitCode.TERMINATED if terminated else ExitCode.INTERRUPTED


class Post:
    """The rounds of one call."""

    def __init__(self, outbox: Outbox, mailing: Mailing, smtp: SmtpConfig, secret: Secret | None) -> None:
        self._outbox = outbox
        self._mailing = mailing
        self._smtp = smtp
        self._secret = secret

    def send(self, due: Sequence[Record], progress: Listener, sleep: Sleep) -> ReportgenError | None:
        """Try all, then again those that the server put off; return what stopped it, None where nothing did."""
        try:
            return self._rounds(due, progress, sleep)
        except KeyboardInterrupt as stop:
            self._outbox.settle()
            return StoppedError(self._mailing.edition.run, isinstance(stop, Terminated))

    def _rounds(self, due: Sequence[Record], progress: Listener, sleep: Sleep) -> MailError | None:
        problem: MailError | None = None
        for wait in (0.0, *self._smtp.retry_minutes):
            if not due:
                break
            if wait:
                why = f"{problem.message}; " if problem is not None else ""
                progress(f"{why}{len(due)} still to be mailed, next try in {wait:g} min", 0.9)
                self._note_next_try(due, wait)
                sleep(wait * 60)
            try:
                due, problem = self._round(due, progress)
            except SetUpError as error:
                return error
        return problem

    def _round(self, due: Sequence[Record], progress: Listener) -> tuple[list[Record], MailError | None]:
        """Try each once; return those to try again."""
        again: list[Record] = []
        with open_transport(self._smtp, self._secret) as transport:
            for place, record in enumerate(due):
                progress(f"mailing {place + 1} of {len(due)}", 0.9)
                try:
                    record, more = self._one(transport, record)  # noqa: PLW2901  # the record as it stands now
                except MailError as error:
                    rest = [self._note(one, error.outcome) for one in due[place:]]
                    if isinstance(error, UnreachableError):
                        return [*again, *rest], error
                    raise
                again += [record] if more else []
        return again, None

    def _one(self, transport: SmtpSession | SendmailCommand, record: Record) -> tuple[Record, bool]:
        """Hand over one mail. The record says *sending* on the disk before the first byte is out."""
        current = record
        try:
            message, lean = self._mailing.fitting(record, transport.limit())
        except MailError:
            raise
        except ReportgenError as error:  # only this mail can't be made
            return self._note(record, Outcome("pending", "building the mail", None, error.message)), False

        def commit() -> None:
            nonlocal current
            current = replace(record, state="sending", eml_sha256=sha256_of_mail(message), next_try_at="")
            self._outbox.write(self._mailing.edition.run, current)

        sender = self._mailing.config.bounce_to or self._mailing.config.owner
        try:
            outcome = transport.hand_over(sender, record.recipient, message, commit)
        except TooLargeError:
            if lean or record.exact:
                raise
            message = self._mailing.lean(record.stamp)
            outcome = transport.hand_over(sender, record.recipient, message, commit)
        current = self._note(current, outcome)
        return current, current.open and outcome.again

    def _note(self, record: Record, outcome: Outcome) -> Record:
        noted = record.after(outcome, now())
        self._outbox.write(self._mailing.edition.run, noted)
        return noted

    def _note_next_try(self, due: Sequence[Record], minutes: float) -> None:
        later = now(minutes)
        for record in due:
            self._outbox.write(self._mailing.edition.run, replace(record, next_try_at=later))
