"""How header lines of a mail are written: the same under every Python, and read back equal by every program."""

from __future__ import annotations

import base64
import re
import unicodedata
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import formataddr
from typing import Any

_OURS = ("from", "to", "reply-to", "subject", "message-id", "in-reply-to", "references", "list-id", "list-unsubscribe")
_WORD = 39  # bytes in an encoded word: 64 characters with what surrounds it


class _Verbatim(UnstructuredHeader, BaseHeader):
    """A header whose words stay as they are: folded at blanks only, where the library would encode long ones."""

    max_count = 1

    @classmethod
    def parse(cls, value: str, kwds: dict[str, Any]) -> None:
        """Keep the text as it was given, encoded words and all."""
        super().parse(value, kwds)
        kwds["decoded"] = value

    def fold(self, *, policy: Any) -> str:
        """Return the header in lines of at most ``policy.max_line_length``, unless one word alone is longer."""
        first, *others = str(self).split() or [""]
        lines = [f"{self.name}: {first}"]
        for word in others:
            if len(lines[-1]) + 1 + len(word) > policy.max_line_length:
                lines.append("")
            lines[-1] += f" {word}"
        return "".join(line + policy.linesep for line in lines)


def _policy() -> EmailPolicy[EmailMessage]:
    registry = HeaderRegistry()
    for name in _OURS:
        registry.map_to_type(name, _Verbatim)
    return SMTP.clone(header_factory=registry)


MAIL_POLICY = _policy()


def encoded(text: str) -> str:
    """Return text as words that a header may hold: itself where it is plain, else encoded (RFC 2047)."""
    if text.isascii() and "=?" not in text:
        return text
    words, word = [], b""
    for character in text:
        data = character.encode("utf-8", "replace")
        if len(word) + len(data) > _WORD:
            words.append(word)
            word = b""
        word += data
    return " ".join(f"=?utf-8?b?{base64.b64encode(one).decode('ascii')}?=" for one in (*words, word))


def encoded_address(name: str, address: str) -> str:
    """Return an address with the name that goes before it."""
    shown = encoded(name)
    return formataddr((shown, address)) if shown == name else f"{shown} <{address}>"


def header_text(text: str, limit: int = 120) -> str:
    """Return text that fits one header line: no control characters, no line breaks, cut at a word."""
    kept = (" " if unicodedata.category(c) in ("Cc", "Zl", "Zp", "Cs") else c for c in text)
    clean = " ".join("".join(kept).split())
    if len(clean) <= limit:
        return clean
    head = clean[: limit - 1]
    return (head[: head.rfind(" ")] if " " in head[limit // 2 :] else head).rstrip(" ,;:–-") + "…"


def id_text(text: str, limit: int = 40) -> str:
    """Return text that may stand in a message id or the name of an attached file."""
    return re.sub(r"[^A-Za-z0-9_.]+", "-", text).strip("-._")[:limit].strip("-._") or "report"
