"""One connection to a mail server: opened when needed, each step on its own, so that each answer is judged rightly."""

from __future__ import annotations

import contextlib
import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Self

from reportgen.delivery.answers import (
    MailError,
    Outcome,
    TooLargeError,
    judge_data,
    judge_recipient,
    judge_sender,
    plain_answer,
    refuse_connection,
    set_up_error,
    unreachable,
)
from reportgen.delivery.login import log_in, offered_logins
from reportgen.delivery.secrets import Secret
from reportgen.errors import ConfigError
from reportgen.mail_settings import SmtpConfig

Commit = Callable[[], None]


class _LostError(Exception):
    """The connection ended before anything of the mail was handed over."""


class SmtpSession:
    """Hands over mails one by one; a lost connection is opened again for the next mail."""

    def __init__(self, smtp: SmtpConfig, secret: Secret | None) -> None:
        self._smtp = smtp
        self._secret = secret
        self._client: smtplib.SMTP | None = None
        self._context = _context(smtp)
        self.mechanism = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._client is not None and kind is None:
            with contextlib.suppress(OSError):  # every answer that matters is in
                self._patience(min(5.0, self._smtp.timeouts[1]))
                self._client.docmd("QUIT")
        self._drop()

    def limit(self) -> int | None:
        """Return the size in bytes that the server takes, None where it does not say."""
        said = self._opened().esmtp_features.get("size", "")
        return int(said) if said.isdigit() and int(said) > 0 else None

    def certificate(self) -> dict[str, Any]:
        """Return the server's certificate, verified; empty without TLS."""
        sock = self._opened().sock
        return dict(sock.getpeercert() or {}) if isinstance(sock, ssl.SSLSocket) else {}

    def encryption(self) -> str:
        """Return the version of TLS, "" without."""
        sock = self._opened().sock
        return str(sock.version() or "") if isinstance(sock, ssl.SSLSocket) else ""

    def mechanisms(self) -> tuple[str, ...]:
        """Return the logins that the server offers."""
        return offered_logins(self._opened())

    def hand_over(self, sender: str, recipient: str, message: bytes, commit: Commit) -> Outcome:
        """Offer one mail; ``commit`` is called when the server waits for it, before the first byte goes out.

        Raises UnreachableError when no connection can be opened, SetUpError where trying again would not help,
        TooLargeError where the server takes no mail of this size.
        """
        self._opened()
        try:
            outcome = self._offer(sender, recipient, len(message))
            if outcome is None:
                outcome = self._ask_for_data() or self._send(message, commit)
        except _LostError as lost:
            return Outcome("pending", "connection", None, str(lost))
        except TooLargeError as error:
            self._reset(error.outcome)
            raise
        except BaseException:
            self._drop()
            raise
        if outcome.state != "sent":
            self._reset(outcome)
        return outcome

    def try_recipients(self, sender: str, recipients: tuple[str, ...]) -> Iterator[tuple[str, Outcome | None]]:
        """Ask whether the server would take a mail, and send none; yield each address with what speaks against it."""
        for recipient in recipients:
            self._opened()
            try:
                outcome = self._offer(sender, recipient, 0)
            except _LostError as lost:
                outcome = Outcome("pending", "connection", None, str(lost))
            yield recipient, outcome
            self._reset(outcome)

    def _offer(self, sender: str, recipient: str, size: int) -> Outcome | None:
        client = self._opened()
        options = [f"SIZE={size}"] if size and client.has_extn("size") else []
        outcome = judge_sender(*self._ask(lambda: client.mail(sender, options)))
        return outcome or judge_recipient(*self._ask(lambda: client.rcpt(recipient)))

    def _ask_for_data(self) -> Outcome | None:
        client = self._opened()
        code, text = self._ask(lambda: client.docmd("DATA"))
        if code == 354:
            return None
        return judge_data("DATA", code, text) if code // 100 in (4, 5) else Outcome("pending", "DATA", code, text)

    def _send(self, message: bytes, commit: Commit) -> Outcome:
        """Hand over the mail itself. From here on a lost connection means that nobody knows."""
        client = self._opened()
        commit()
        try:
            self._patience(self._smtp.timeouts[2])
            client.send(re.sub(rb"(?m)^\.", b"..", message) + b".\r\n")
            code, text = client.getreply()
        except Exception as error:
            self._drop()
            return Outcome("unknown", "end of the mail", None, _why(error))
        return judge_data("end of the mail", code, plain_answer(text))

    def _ask(self, command: Callable[[], tuple[int, bytes]]) -> tuple[int, str]:
        try:
            self._patience(self._smtp.timeouts[1])
            code, text = command()
        except OSError as error:
            self._drop()
            raise _LostError(_why(error)) from None
        return code, plain_answer(text)

    def _reset(self, outcome: Outcome | None) -> None:
        if outcome is not None and outcome.code == 421:
            self._drop()
        client = self._client
        if client is not None:
            with contextlib.suppress(_LostError):
                self._ask(client.rset)

    def _opened(self) -> smtplib.SMTP:
        if self._client is None:
            self._client = self._open()
        return self._client

    def _open(self) -> smtplib.SMTP:
        smtp, connect_patience = self._smtp, self._smtp.timeouts[0]
        client: smtplib.SMTP | None = None
        try:
            with self._explained("connection"):
                client = self._connect(connect_patience)
            with self._explained("EHLO"):
                self._hello(client)
            if smtp.tls == "starttls":
                with self._explained("STARTTLS"):
                    client.starttls(context=self._context)
                    self._hello(client)
            if self._secret is not None:
                with self._explained("login"):
                    self.mechanism = log_in(client, smtp, self._secret)
        except BaseException:
            if client is not None:
                client.close()
            raise
        return client

    def _connect(self, patience: float) -> smtplib.SMTP:
        smtp, name = self._smtp, _own_name()
        if smtp.tls == "implicit":
            return smtplib.SMTP_SSL(smtp.host, smtp.real_port, name, timeout=patience, context=self._context)
        return smtplib.SMTP(smtp.host, smtp.real_port, name, timeout=patience)

    @staticmethod
    def _hello(client: smtplib.SMTP) -> None:
        code, text = client.ehlo()
        if code != 250:
            raise smtplib.SMTPHeloError(code, text)

    @contextlib.contextmanager
    def _explained(self, phase: str) -> Iterator[None]:
        """Turn what goes wrong before a mail is offered into an error with a way out."""
        smtp = self._smtp
        try:
            yield
        except MailError:
            raise
        except ssl.SSLCertVerificationError as error:
            raise set_up_error(
                phase, None, f"the certificate of {smtp.host} is not valid: {error.verify_message}",
                "Give smtp.host as it stands in the certificate; a private authority with smtp.ca_file.",
            ) from None  # fmt: skip
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError) as error:
            raise unreachable(phase, None, _why(error)) from None
        except ssl.SSLError as error:
            raise set_up_error(
                phase, None, f"{smtp.host}:{smtp.real_port} does not speak TLS: {_why(error)}",
                "Set smtp.tls and smtp.port: 'starttls' (587) or 'implicit' (465).",
            ) from None  # fmt: skip
        except smtplib.SMTPNotSupportedError:
            raise set_up_error(
                phase, None, "the server offers no encryption",
                "Use a server that does, or smtp.tls = 'implicit' on its port; nothing was sent in the open.",
            ) from None  # fmt: skip
        except smtplib.SMTPResponseException as error:
            text = plain_answer(error.smtp_error)
            raise refuse_connection(phase, error.smtp_code, text) from None
        except OSError as error:
            raise unreachable(phase, None, f"{smtp.host}:{smtp.real_port}: {_why(error)}") from None

    def _patience(self, seconds: float) -> None:
        if self._client is not None and self._client.sock is not None:
            self._client.sock.settimeout(seconds)

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()


def _context(smtp: SmtpConfig) -> ssl.SSLContext | None:
    """Always a context of our own: the library's default does not verify."""
    if smtp.tls == "none":
        return None
    try:
        return ssl.create_default_context(cafile=smtp.ca_file or None)
    except (OSError, ssl.SSLError) as error:
        why = _why(error)
        raise ConfigError(
            f"smtp.ca_file {smtp.ca_file} can't be used: {why}", "Give the certificate of the authority as PEM."
        ) from None


def _own_name() -> str:
    """Return the name to greet with; asking the network for a full one can take minutes."""
    name = socket.gethostname()
    return name if re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?", name) else "localhost"


def _why(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, ssl.SSLError):
        return plain_answer((error.reason or "connection closed").replace("_", " ").lower())
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return "no answer in time" if "timed out" in str(error) else "the server closed the connection"
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return plain_answer(text[:1].lower() + text[1:])
