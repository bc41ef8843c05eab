"""What an answer of a mail server means for a mail: RFC 5321, with enhanced codes of RFC 3463."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from reportgen.delivery.headers import header_text
from reportgen.errors import ExitCode, ReportgenError

State = Literal["pending", "sending", "sent", "refused", "unknown"]
_LOGIN_CODES = (530, 534, 535, 538)
_ENHANCED = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})(?=\s|$)")


@dataclass(frozen=True)
class Outcome:
    """How handing over one mail ended: at which step, and what the server said. ``again``: worth another round now."""

    state: State
    phase: str
    code: int | None
    text: str
    again: bool = True

    def __str__(self) -> str:
        said = " ".join(str(part) for part in (self.code, self.text) if part not in (None, ""))
        return f"{self.phase}: {said}" if said else self.phase


class MailError(ReportgenError):
    """No mail could be handed over; the states stay as they are."""

    exit_code = ExitCode.MAIL_OPEN

    def __init__(self, outcome: Outcome, hint: str) -> None:
        super().__init__(f"mail server, {outcome}", hint)
        self.outcome = outcome


class SetUpError(MailError):
    """The settings or the server need a person: trying again would not help."""


class UnreachableError(MailError):
    """The server can't be reached for now."""


class TooLargeError(SetUpError):
    """The server takes no mail of this size."""


def plain_answer(text: bytes | str) -> str:
    """Return what a server said as one short line."""
    return header_text(text.decode("utf-8", "replace") if isinstance(text, bytes) else text, 200)


def set_up_error(phase: str, code: int | None, text: str, hint: str = "") -> SetUpError:
    """Return the error that a person must act on, with what to do where that is known."""
    return SetUpError(Outcome("pending", phase, code, text, again=False), hint or _advice(code, text))


def unreachable(phase: str, code: int | None, text: str) -> UnreachableError:
    """Return the error of a server that does not answer for now."""
    return UnreachableError(
        Outcome("pending", phase, code, text),
        "Nothing was sent. Where smtp.host and smtp.port are right, try later: reportgen send --retry.",
    )


def refuse_connection(phase: str, code: int, text: str) -> MailError:
    """Return the error of an answer before any mail was offered (greeting, EHLO, STARTTLS, login)."""
    return set_up_error(phase, code, text) if code // 100 == 5 else unreachable(phase, code, text)


def judge_sender(code: int, text: str) -> Outcome | None:
    """Judge the answer to MAIL FROM; None where the server goes on."""
    if code // 100 == 2:
        return None
    if code == 552:
        hint = "Lower email.max_mb, or leave the PDF out: email.attach_pdf = false."
        raise TooLargeError(Outcome("pending", "MAIL FROM", code, text, again=False), hint)
    if code // 100 == 5:
        raise set_up_error("MAIL FROM", code, text)
    return Outcome("pending", "MAIL FROM", code, text)


def judge_recipient(code: int, text: str) -> Outcome | None:
    """Judge the answer to RCPT TO; None where the server goes on.

    A policy that refuses (5.7.x) says nothing about the address: the mail stays pending for a person to see to it.
    """
    if code // 100 == 2:
        return None
    if code in _LOGIN_CODES:
        raise set_up_error("RCPT TO", code, text)
    if code // 100 != 5:
        return Outcome("pending", "RCPT TO", code, text)
    enhanced = _ENHANCED.match(text)
    if enhanced and enhanced[1] == "5" and enhanced[2] == "7":
        return Outcome("pending", "RCPT TO", code, text, again=False)
    return Outcome("refused", "RCPT TO", code, text)


def judge_data(phase: str, code: int, text: str) -> Outcome:
    """Judge the answer to DATA, or to the mail itself."""
    states: dict[int, State] = {2: "sent", 4: "pending", 5: "refused"}
    return Outcome(states.get(code // 100, "unknown"), phase, code, text)


def _advice(code: int | None, text: str) -> str:
    enhanced = _ENHANCED.match(text)
    if enhanced and enhanced[0] in ("5.7.57", "5.7.139"):
        return "Microsoft 365 takes no passwords here: set smtp.auth = 'xoauth2' with a token_command."
    if code == 530:
        return "The server wants a login: set smtp.auth, smtp.user and where the password is."
    if code in _LOGIN_CODES:
        return "Check smtp.user and the password; `reportgen doctor` tries the login again and sends nothing."
    return "Correct the tables [email] and [smtp] of the settings; `reportgen doctor` shows every step."
