"""Mails of plain text to the owner: notices, which are not part of a run."""

from __future__ import annotations

import hashlib

from reportgen.config import Config
from reportgen.delivery.answers import Outcome
from reportgen.delivery.message import Stamp, build_plain
from reportgen.delivery.outbox import now
from reportgen.delivery.rounds import open_transport
from reportgen.delivery.secrets import read_secret
from reportgen.mail_settings import require_mail


def send_plain(config: Config, subject: str, text: str) -> Outcome:
    """Send a text to ``email.owner``, one attempt; return what the server said.

    Raises ConfigError where mail is not set up (see ``mail_settings.mail_is_set_up``) and MailError where the server
    can't be used.
    """
    require_mail(config.email, config.smtp)
    owner, at = config.email.owner, now()
    name = hashlib.sha256(f"{subject}\0{text}\0{at}".encode()).hexdigest()[:16]
    stamp = Stamp(owner, f"notice.{name}", f"<notice.{name}@{config.email.id_domain}>", at)
    message = build_plain(config.email, subject, text, stamp)
    with open_transport(config.smtp, read_secret(config.smtp)) as transport:
        return transport.hand_over(config.email.bounce_to or owner, owner, message, lambda: None)
