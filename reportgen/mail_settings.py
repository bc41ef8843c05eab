"""Settings of the e-mail: who gets it, from whom, and which server takes it."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, field_validator, model_validator

from reportgen.errors import ConfigError
from reportgen.settings import Section, told

_NAMED = re.compile(r"(?:(?P<name>[^<>]*?)\s*<(?P<inner>[^<>]+)>|(?P<bare>[^<>]+))")
_PORTS = {"starttls": 587, "implicit": 465, "none": 25}
_SOURCES = ("password_env", "password_file", "password_command", "keyring")
Seconds = Annotated[float, Field(gt=0, le=86400)]


class EmailConfig(Section):
    """What is mailed to whom. Needed only where a report is mailed."""

    model_config = ConfigDict(populate_by_name=True)

    report_id: str = Field(
        "segments",
        pattern="^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$",
        description="short name of this series of mails; never change it: mail programs group the months by it",
    )
    report_name: str = Field("", max_length=60, description="how subjects begin; empty: the language's words for it")
    brand: str = Field("", max_length=60, description="name at the top of the mail; empty: that of the report")
    sender: str = Field("", alias="from", description="who sends: 'reports@example.com' or 'Reports <reports@…>'")
    reply_to: str = Field("", description="address for answers; empty: the sender")
    to: tuple[str, ...] = Field((), description="addresses that get the report, each its own mail")
    to_file: str = Field("", description="file with one more address per line")
    owner: str = Field("", description="address of who runs this: named in the mail, hears of runs held back")
    bounce_to: str = Field("", description="address for mails that can't be delivered; empty: the owner")
    domain: str = Field("", description="domain in the ids of the mails; empty: that of the sender")
    subject: Literal["month", "fixed"] = Field(
        "month", description="month: each month its own line in Gmail; fixed: the same subject, one conversation"
    )
    link: str = Field("", description="web address of the full report; {run} stands for the folder of the run")
    attach_pdf: bool = Field(True, description="attach the PDF where it fits")
    max_mb: float = Field(10, gt=0, le=100, description="largest mail in MB; the PDF is left out above")
    max_recipients: int = Field(200, ge=1, description="more addresses than this are taken for a mistake")

    @field_validator("report_name", "brand")
    @classmethod
    def _one_line(cls, text: str, info: Any) -> str:
        return one_line(text, f"email.{info.field_name}")

    @field_validator("sender", "reply_to", "owner", "bounce_to")
    @classmethod
    def _one_address(cls, text: str, info: Any) -> str:
        where = f"email.{'from' if info.field_name == 'sender' else info.field_name}"
        name, address = named_address(one_line(text, where).strip(), where) if text.strip() else ("", "")
        return f"{name} <{address}>" if name and info.field_name in ("sender", "reply_to") else address

    @field_validator("to", mode="before")
    @classmethod
    def _one_or_many(cls, given: Any) -> Any:
        """Take one text with commas for the list that it means."""
        return [part for part in re.split("[,;]", given) if part.strip()] if isinstance(given, str) else given

    @field_validator("to")
    @classmethod
    def _addresses(cls, texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(named_address(text, f"email.to[{place}]")[1] for place, text in enumerate(texts))

    @field_validator("domain")
    @classmethod
    def _a_domain(cls, text: str) -> str:
        return named_address(f"x@{text}", "email.domain")[1][2:] if text else ""

    @field_validator("link")
    @classmethod
    def _a_web_address(cls, text: str) -> str:
        if text and not re.match(r"https?://[^\s\"<>]+$", one_line(text, "email.link")):
            raise told("email.link must start with https:// or http:// and hold no blank or quote")
        return text

    @property
    def address(self) -> str:
        """The address of the sender without a name."""
        return named_address(self.sender, "email.from")[1] if self.sender else ""

    @property
    def id_domain(self) -> str:
        """The domain that ids of mails end with."""
        return self.domain or self.address.rpartition("@")[2]


class SmtpConfig(Section):
    """The server that takes the mails. Certificates are always verified."""

    transport: Literal["smtp", "sendmail", "none"] = Field(
        "smtp", description="smtp: a server; sendmail: a command of this machine; none: no mail"
    )
    host: str = Field("", description="name of the mail server, as in its certificate")
    port: int | None = Field(
        None, ge=1, le=65535, description="empty: 587 with starttls, 465 with implicit, 25 without"
    )
    tls: Literal["starttls", "implicit", "none"] = Field(
        "starttls", description="how the connection is encrypted; none is refused together with a password"
    )
    ca_file: str = Field("", description="certificate of a private authority (PEM)")
    auth: Literal["none", "password", "xoauth2"] = Field("password", description="how the server knows us")
    user: str = Field("", description="name of the account")
    password_env: str = Field("", description="environment variable that holds the password")
    password_file: str = Field("", description="file that holds the password, readable by its owner only")
    password_command: tuple[str, ...] = Field((), description="command that prints the password, word by word")
    keyring: str = Field("", description="service in the system's key ring (needs the library keyring)")
    token_command: tuple[str, ...] = Field((), description="command that prints the access token of xoauth2")
    sendmail_command: tuple[str, ...] = Field(("/usr/sbin/sendmail",), description="the command of sendmail")
    timeouts: tuple[Seconds, Seconds, Seconds] = Field(
        (30, 60, 600), description="seconds: to connect, for a command, from the mail to the last answer"
    )
    retry_minutes: tuple[Seconds, ...] = Field(
        (1, 5, 15), max_length=20, description="waits before trying again what a server refused for now"
    )

    @field_validator("password_env")
    @classmethod
    def _a_name(cls, text: str) -> str:
        if text and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", text):  # perhaps the password itself: not repeated
            raise told("smtp.password_env must be the name of an environment variable, not the password")
        return text

    @field_validator("password_command", "token_command", "sendmail_command", mode="before")
    @classmethod
    def _words(cls, given: Any, info: Any) -> Any:
        if isinstance(given, str):
            raise told(f"smtp.{info.field_name} must be a list of words, such as ['pass', 'show', 'mail']")
        return given

    @field_validator("host", "user")
    @classmethod
    def _plain(cls, text: str, info: Any) -> str:
        return one_line(text.strip(), f"smtp.{info.field_name}")

    @model_validator(mode="before")
    @classmethod
    def _no_password_in_the_open(cls, data: Any) -> Any:
        given = [key for key in ("password", "token") if isinstance(data, dict) and key in data]
        if given:
            raise told(
                f"smtp.{given[0]}: a settings file is no place for it; say where it is kept: {', '.join(_SOURCES)}"
            )
        return data

    @model_validator(mode="after")
    def _secrets_are_kept(self) -> Self:
        named = self.secret_sources
        if len(named) > 1:
            raise told(f"smtp.{named[0]} and smtp.{named[1]} both say where the password is; keep one")
        asked = "auth" in self.model_fields_set and self.auth != "none"
        if self.tls == "none" and self.transport == "smtp" and (named or self.token_command or asked):
            raise told("smtp.tls = 'none' would send the password in the open; use 'starttls' or 'implicit'")
        return self

    @property
    def secret_sources(self) -> tuple[str, ...]:
        """Names of the settings that say where the password is."""
        return tuple(name for name in _SOURCES if getattr(self, name))

    @property
    def login(self) -> Literal["none", "password", "xoauth2"]:
        """How to log in: not at all on a connection that anybody can read."""
        return "none" if self.tls == "none" else self.auth

    @property
    def real_port(self) -> int:
        """The port given, else the usual one."""
        return self.port or _PORTS[self.tls]


def mail_is_set_up(email: EmailConfig, smtp: SmtpConfig) -> bool:
    """Whether a mail can be sent at all: a sender, an owner and a way out are named."""
    return not _missing_names(email) and not _missing_way_out(smtp)


def require_sender(email: EmailConfig) -> None:
    """Raise ConfigError that names what is missing to write a mail."""
    _refuse(_missing_names(email))


def require_mail(email: EmailConfig, smtp: SmtpConfig) -> None:
    """Raise ConfigError that names every setting without which no mail can be sent."""
    _refuse(_missing_names(email) + _missing_way_out(smtp))


def _refuse(missing: list[str]) -> None:
    if missing:
        raise ConfigError(
            "; ".join(missing), "Write it into [email] and [smtp] of reportgen.toml, and give it with -c."
        )


def _missing_names(email: EmailConfig) -> list[str]:
    given = {"email.from": email.sender, "email.owner": email.owner}
    return [f"{name} is missing" for name, value in given.items() if not value]


def _missing_way_out(smtp: SmtpConfig) -> list[str]:
    if smtp.transport == "none":
        return ["smtp.transport is 'none', which switches mail off"]
    if smtp.transport == "sendmail":
        return [] if smtp.sendmail_command else ["smtp.sendmail_command is missing"]
    missing = [] if smtp.host else ["smtp.host is missing"]
    if smtp.login != "none" and not smtp.user:
        missing.append("smtp.user is missing (or say auth = 'none')")
    if smtp.login == "password" and not smtp.secret_sources:
        missing.append(f"smtp.{_SOURCES[0]} is missing (or one of {', '.join(_SOURCES[1:])})")
    if smtp.login == "xoauth2" and not smtp.token_command:
        missing.append("smtp.token_command is missing")
    return missing


def named_address(text: str, where: str) -> tuple[str, str]:
    """Split ``Name <a@b.c>``; return name and the address in ASCII, its domain in lower case.

    Raises a validation error that names the setting ``where`` the text comes from.
    """
    shown = f'{where}: "{_printable(text)}"'
    match = _NAMED.fullmatch(one_line(text, where).strip())
    if match is None:
        raise told(f"{shown} is not an e-mail address")
    address = (match["inner"] or match["bare"]).strip()
    if "@" in address and not address.rpartition("@")[0].isascii():
        raise told(f"{where}: needs SMTPUTF8, which is not supported; use an ASCII address")
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415  # only who mails pays for it

    try:
        found = validate_email(address, check_deliverability=False, allow_smtputf8=True, globally_deliverable=False)
    except EmailNotValidError:
        raise told(f"{shown} is not an e-mail address") from None
    return (match["name"] or "").strip().strip('"'), found.ascii_email or address


def one_line(text: str, where: str) -> str:
    """Return the text; a validation error where it has a line break or another character that would leave the line."""
    for character in text:
        kind = unicodedata.category(character)
        if kind in ("Cc", "Zl", "Zp", "Cs"):
            what = "a line break" if character in "\r\n\v\f\x85\u2028\u2029" else "a control character"
            raise told(f"{where} contains {what}")
    return text


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else "·" for character in text)[:100]
