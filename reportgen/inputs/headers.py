"""Headers as people write them: compared without case, accents, separators and units."""

from __future__ import annotations

import functools
import json
import re
import unicodedata
from dataclasses import dataclass
from importlib import resources
from typing import Literal

from reportgen.inputs.currencies import SIGNS, currency_code

RoleTable = Literal["transactions", "customers", "both"]

_LETTERS = str.maketrans({"ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ı": "i"})
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})
_UNIT_WORDS = """
    days day tage jours dias días giorni dagen dni dagar gün дней months years year jahre ans anos años anni jaar lata
    år weeks hours minutes visits orders points pts items units
"""
_UNITS = frozenset(_UNIT_WORDS.split())
_USUAL = (
    "EUR",
    "USD",
    "GBP",
    "CHF",
    "SEK",
    "NOK",
    "DKK",
    "PLN",
    "CZK",
    "HUF",
    "BRL",
    "CAD",
    "AUD",
    "JPY",
    "CNY",
    "INR",
)
_SCALE = r"(?:k|K|T|M|Mio\.? ?|Tsd\.? ?|thousand )?"
_MONEY = re.compile(
    rf"(?:in )?({_SCALE})({'|'.join(sorted(map(re.escape, SIGNS), key=len, reverse=True))}|[A-Za-z]{{3}})"
)
_BRACKETS = re.compile(r"\s*[(\[]([^()\[\]]*)[)\]]\s*$")
_CUSTOM = re.compile("(?<=.)__c$")  # Salesforce marks the fields that a company has added
_TAIL = re.compile(r"^(.*?[^\W_].*?)[\s_-]+(?:in[\s_]+)?((?:(?:Tsd|Mio)\.? )?\S{1,4})$")


@dataclass(frozen=True)
class Role:
    """What one role needs: a value test, a kind of table, and the headers it is known by (normalised)."""

    name: str
    values: str
    table: RoleTable
    personal: bool
    protected: bool
    priority: tuple[str, ...]
    strong: frozenset[str]
    weak: frozenset[str]


def normalise(header: str) -> str:
    """Return what the spellings of a header share (domain.md 13.4): ``Customer_Id`` and ``CustomerID`` are equal."""
    text = unicodedata.normalize("NFKD", header.replace("\ufeff", "").strip(" \t\"'"))
    text = re.sub("[\u0300-\u036f]", "", text).casefold().translate(_LETTERS)
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFC", text))


def split_unit(header: str) -> tuple[str, str]:
    """Split a header into its words and its unit: ``Umsatz (€)`` into ``Umsatz`` and ``€``; the unit may be empty."""
    bracket = _BRACKETS.search(header)
    if bracket and bracket.start():
        return header[: bracket.start()], _unit(bracket.group(1).strip(), strict=False)
    tail = _TAIL.match(header)
    unit = _unit(tail.group(2), strict=True) if tail else ""
    return (tail.group(1), unit) if tail and unit else (header, "")


def _unit(text: str, strict: bool) -> str:
    if text in ("%", "‰"):
        return text
    money = _MONEY.fullmatch(text)
    doubtful = strict and text.isalpha() and not text.isupper() and text.upper() not in _USUAL  # "order tl", "Net all"
    if money and currency_code(money.group(2)) and not doubtful:
        scale, currency = money.groups()
        return scale + (currency.upper() if len(currency) == 3 and currency.isalpha() else currency)
    return text if not strict and text.casefold() in _UNITS else ""


@functools.cache
def vocabulary() -> dict[str, Role]:
    """Return all roles by name, in their order of precedence."""
    raw = json.loads(resources.files(__package__).joinpath("header_synonyms.json").read_text("utf-8"))
    return {name: _role(name, entry) for name, entry in raw.items()}


def _role(name: str, entry: dict[str, object]) -> Role:
    words = {key: [normalise(word) for word in entry[key]] for key in ("priority", "strong", "weak")}  # type: ignore[attr-defined]
    return Role(
        name=name,
        values=str(entry["values"]),
        table=entry["table"],  # type: ignore[arg-type]
        personal=bool(entry["personal"]),
        protected=bool(entry["protected"]),
        priority=tuple(words["priority"]),
        strong=frozenset(words["strong"]),
        weak=frozenset(words["weak"]),
    )


@functools.cache
def spellings(header: str) -> tuple[str, ...]:
    """Return the normalised header, whole and without its unit, with umlauts in all their spellings."""
    header = _CUSTOM.sub("", header)
    bare = split_unit(header)[0]
    without = _BRACKETS.sub("", header) or header
    plain = [normalise(text) for text in (header, bare, without)]
    spelled = [normalise(text.translate(_UMLAUTS)) for text in (header, bare)]  # Stückzahl, Stueckzahl, Stuckzahl
    return tuple(dict.fromkeys((*plain, *spelled, *(re.sub("([aou])e(?=[^aeiou])", r"\1", text) for text in plain))))
