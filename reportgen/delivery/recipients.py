"""Who gets the report: the addresses of the settings and of a file, each once."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pydantic_core import PydanticCustomError

from reportgen.delivery.message import recipient_key
from reportgen.errors import ConfigError
from reportgen.mail_settings import EmailConfig, named_address

_HINT = "Correct it in the settings; nothing was sent."


def recipients_of(config: EmailConfig) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the addresses of ``email.to`` and ``email.to_file``, with a note for each that is there twice.

    Raises ConfigError where there is none, too many, or the file can't be read.
    """
    addresses, repeated = _once(_listed(config))
    if not addresses:
        raise ConfigError("email.to is empty", "Name who gets the report: to = ['anna@example.com']")
    if len(addresses) > config.max_recipients:
        raise ConfigError(
            f"email.to has {len(addresses)} addresses, more than email.max_recipients = {config.max_recipients}",
            "Raise email.max_recipients if that is meant.",
        )
    return addresses, tuple(f"{address} is named twice; it gets one mail" for address in repeated)


def still_listed(config: EmailConfig) -> frozenset[str]:
    """Return the keys (``recipient_key``) of all addresses that the settings name now."""
    return frozenset(recipient_key(address) for address in _listed(config))


def typed_addresses(texts: Iterable[str], option: str) -> tuple[str, ...]:
    """Return addresses given by hand with an option, checked like those of the settings."""
    return _once(_checked(text, option) for text in texts)[0]


def _listed(config: EmailConfig) -> tuple[str, ...]:
    return (*config.to, *_from_file(config.to_file))


def _once(addresses: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    known: dict[str, str] = {}
    repeated: dict[str, str] = {}
    for address in addresses:
        key = recipient_key(address)
        (repeated if key in known else known).setdefault(key, address)
    return tuple(known.values()), tuple(repeated.values())


def _from_file(name: str) -> list[str]:
    if not name:
        return []
    try:
        lines = Path(name).expanduser().read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        why = (error.strerror or "no such file").lower()
        raise ConfigError(f"email.to_file {name} can't be read: {why}", _HINT) from None
    except UnicodeDecodeError:
        raise ConfigError(f"email.to_file {name} is not UTF-8 text", _HINT) from None
    told = ((number, line.partition("#")[0].strip()) for number, line in enumerate(lines, 1))
    return [_checked(line, f"email.to_file line {number}") for number, line in told if line]


def _checked(text: str, where: str) -> str:
    try:
        return named_address(text, where)[1]
    except PydanticCustomError as error:
        raise ConfigError(error.message(), _HINT) from None
