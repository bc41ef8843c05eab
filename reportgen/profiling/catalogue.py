"""The catalogues of name words and actions, read from templates/personas."""

from __future__ import annotations

import json
import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from reportgen.config import Config
from reportgen.errors import ConfigError
from reportgen.inputs.customers import Customers
from reportgen.resources import template

Range = tuple[float, float]  # from, below


@dataclass(frozen=True)
class Word:
    """A word of a name with its limits on one metric."""

    word: str
    metric: str
    enter: Range
    keep: Range
    at_least: float = -math.inf  # second limits, on the segment's own figure
    at_most: float = math.inf


def read_catalogue(name: str, config: Config) -> Mapping[str, Any]:
    """Read ``names``, ``actions`` or ``descriptions``; the user's template folder wins.

    Raises ConfigError on broken TOML and on a file that lacks a table of the built-in one.
    """
    ours, theirs = (template(f"personas/{name}.toml", folder) for folder in ("", config.report.templates))
    known, tables = _read(ours), _read(theirs)
    missing = sorted(set(known) - set(tables))
    if missing:
        raise ConfigError(f"{theirs} lacks {', '.join(missing)}", f"Start from a copy of the built-in {ours.name}.")
    return tables


@cache
def _read(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{path} is not valid TOML: {error}", "Correct that place, or remove the file to use the built-in one."
        ) from None


def value_words(names: Mapping[str, Any]) -> tuple[Word, ...]:
    """Return the words for spend per customer, highest first."""
    return tuple(
        Word(entry["word"], "spend", _range(entry["enter"]), _range(entry["keep"])) for entry in names["value"]["words"]
    )


def trait_words(names: Mapping[str, Any]) -> tuple[Word, ...]:
    """Return the words for indexes of order value, orders, variety and tenure."""
    return tuple(
        Word(
            entry["word"],
            entry["metric"],
            _range(entry["enter"]),
            _range(entry["keep"]),
            entry.get("at_least", -math.inf),
            entry.get("at_most", math.inf),
        )
        for entry in names["trait"]
    )


def word_for(words: Iterable[Word], index: float) -> Word | None:
    """Return the first word whose enter range holds the index."""
    return next((word for word in words if holds(word.enter, index)), None)


def holds(limits: Range, index: float) -> bool:
    """Say whether an index lies in a range; a limit belongs to the side that is further from 100 (domain.md 4.2)."""
    low, below = limits
    above_low = index >= low if low > 100 else index > low
    return above_low and (index < below if below > 100 else index <= below)


def _range(pair: Iterable[float]) -> Range:
    low, below = (float(limit) for limit in pair)
    return low, below


def banned_pattern(names: Mapping[str, Any], customers: Customers) -> re.Pattern[str]:
    """Match words that may not name a segment: the catalogue's, protected headers, values of protected columns."""
    words = {*names["banned"]["words"], *_protected_terms()}
    for field in customers.fields:
        if field.protected:
            words |= {field.label, field.short, field.name}
            if field.kind == "category" and field.name in customers.frame:
                values = customers.frame[field.name].dropna().astype(str).unique()
                words |= {value for value in values if len(value) > 2 and not value.isdigit()}
    alternatives = sorted(
        {re.escape(_plain(word)) for word in words if _plain(word)}, key=lambda word: (-len(word), word)
    )
    return re.compile(rf"(?<!\w)(?:{'|'.join(alternatives)})(?!\w)")


def is_banned(pattern: re.Pattern[str], text: str) -> bool:
    """Say whether a text holds a banned word; hyphens and underscores part words."""
    return pattern.search(_plain(text)) is not None


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[\W_]+", " ", text.casefold()).split())


@cache
def _protected_terms() -> frozenset[str]:
    roles = json.loads(resources.files("reportgen.inputs").joinpath("header_synonyms.json").read_text(encoding="utf-8"))
    return frozenset(term for role, entry in roles.items() if role.startswith("P_") for term in entry["strong"])
