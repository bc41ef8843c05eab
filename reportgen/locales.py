"""The words of a language: one file per language, ours or the user's, read once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from reportgen.errors import ConfigError, did_you_mean
from reportgen.resources import template, template_names


class Language(str):
    """A language code that knows in which folder the user keeps words of their own ("" for none)."""

    __slots__ = ("folder",)
    folder: str

    def __new__(cls, code: str, folder: str = "") -> Language:
        """Make a code such as "de" or "de-AT"."""
        made = super().__new__(cls, code)
        made.folder = folder
        return made


def phrases(language: str = "en") -> Mapping[str, str]:
    """Return all phrases of a language by key, ``persona.subtitle`` being entry subtitle of table phrases.persona.

    Raises ConfigError for a language without a file.
    """
    return _phrases(str(language), folder_of(language))


def locale_file(language: str = "en") -> Mapping[str, Any]:
    """Return the file of a language: names, phrases, banned words. Raises ConfigError for a language without one."""
    return _locale_file(str(language), folder_of(language))


def formats_of(language: str = "en") -> str:
    """Return the code whose rules for numbers, dates and plurals a language follows: its own unless its file says."""
    return str(locale_file(language).get("formats", language))


def folder_of(language: str) -> str:
    """Return the folder of the user's words."""
    return language.folder if isinstance(language, Language) else ""


@cache
def _phrases(code: str, folder: str) -> Mapping[str, str]:
    flat: dict[str, str] = {}
    pending: list[tuple[str, Any]] = [("", _locale_file(code, folder)["phrases"])]
    while pending:
        prefix, node = pending.pop()
        for key, value in node.items():
            if isinstance(value, dict):
                pending.append((f"{prefix}{key}.", value))
            else:
                flat[f"{prefix}{key}"] = value
    return MappingProxyType(flat)


@cache
def _locale_file(code: str, folder: str) -> Mapping[str, Any]:
    shipped, known = template_names("locales"), template_names("locales", folder)
    if re.fullmatch(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", code):
        for name in (f"{code}.toml", f"{code.split('-', maxsplit=1)[0]}.toml"):
            if name in known:
                return _on_top(name, folder, name in shipped)
    codes = sorted(name.removesuffix(".toml") for name in known)
    raise ConfigError(
        f"there are no words for the language '{code}'{did_you_mean(code, codes)}",
        f"Known are {', '.join(codes)}; for another one put locales/{code}.toml into the folder of [report] templates, "
        "starting from a copy of en.toml.",
    )


def _on_top(name: str, folder: str, shipped: bool) -> Mapping[str, Any]:
    """Read a file of ours with the user's words on top; a language of the user's own must have every word."""
    path = template(f"locales/{name}", folder)
    words = _read(path)
    if shipped and path != template(f"locales/{name}"):
        return _merged(_read(template(f"locales/{name}")), words)
    if not shipped and (lacking := _lacking(_read(template("locales/en.toml")), words)):
        shown = ", ".join(lacking[:5]) + (f" and {len(lacking) - 5} more" if len(lacking) > 5 else "")
        raise ConfigError(f"{path} lacks {shown}", "Copy what is missing from the built-in en.toml.")
    return words


def _merged(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> Mapping[str, Any]:
    both = {key: _merged(ours[key], value) for key, value in theirs.items() if isinstance(ours.get(key), dict)}
    return {**ours, **theirs, **both}


def _lacking(full: Mapping[str, Any], part: Any, prefix: str = "") -> list[str]:
    lacking = []
    for key, value in full.items():
        if not isinstance(part, Mapping) or key not in part:
            lacking.append(f"{prefix}{key}")
        elif isinstance(value, Mapping):
            lacking += _lacking(value, part[key], f"{prefix}{key}.")
    return lacking


def _read(path: Any) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise ConfigError(f"{path} can't be used: {error}", "Correct that place, or remove the file.") from None
