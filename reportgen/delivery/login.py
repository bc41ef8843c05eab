"""Logging in to a mail server: one mechanism, one attempt, in UTF-8 (RFC 4616, RFC 4954)."""

from __future__ import annotations

import base64
import smtplib

from reportgen.delivery.answers import plain_answer, refuse_connection, set_up_error
from reportgen.delivery.secrets import Secret
from reportgen.mail_settings import SmtpConfig


def offered_logins(client: smtplib.SMTP) -> tuple[str, ...]:
    """Return the mechanisms that the server named."""
    return tuple(client.esmtp_features.get("auth", "").upper().split())


def log_in(client: smtplib.SMTP, smtp: SmtpConfig, secret: Secret) -> str:
    """Log in; return the mechanism. Raises SetUpError where it is refused, UnreachableError where only for now.

    The library's own login is not used: it tries each mechanism in turn, which locks accounts, and keeps the password
    in the errors that it raises.
    """
    mechanism = _choose(smtp, offered_logins(client))
    first, *rest = _answers(mechanism, smtp.user, secret)
    code, text = _say(client, f"AUTH {mechanism} {first}".rstrip())
    for answer in rest:
        if code == 334:
            code, text = _say(client, answer)
    if code != 235:
        told = secret.hide_in(text.decode("utf-8", "replace"), first, *rest)  # before anything is cut off
        raise refuse_connection(f"login ({mechanism})", max(code, 400), plain_answer(told))
    return mechanism


def _answers(mechanism: str, user: str, secret: Secret) -> tuple[str, ...]:
    """Return what is said with AUTH, then whenever the server asks for more."""
    if mechanism == "XOAUTH2":
        bearer = f"user={user}\x01auth=Bearer {secret.reveal()}\x01\x01"
        return _packed(bearer), ""  # a refusal comes as a question with its details
    if mechanism == "PLAIN":
        return (_packed(f"\0{user}\0{secret.reveal()}"),)
    return "", _packed(user), _packed(secret.reveal())


def _choose(smtp: SmtpConfig, offered: tuple[str, ...]) -> str:
    wanted = ("XOAUTH2",) if smtp.login == "xoauth2" else ("PLAIN", "LOGIN")
    found = next((name for name in wanted if name in offered), None)
    if found is None:
        named = ", ".join(offered) or "no login at all"
        raise set_up_error(
            "login", None, f"the server offers {named}", "Set smtp.auth to what the server offers, or another port."
        )
    return found


def _packed(text: str) -> str:
    return base64.b64encode(text.encode("utf-8", "surrogateescape")).decode("ascii")


def _say(client: smtplib.SMTP, line: str) -> tuple[int, bytes]:
    client.putcmd(line)
    return client.getreply()
