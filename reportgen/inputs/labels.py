"""Headers made readable: a label for tables and a short word for sentences."""

from __future__ import annotations

import re

_UNIT = re.compile(r"\s*[(\[](?!\d+[)\]])[^()\[\]]*[)\]]\s*$")  # "spend (2)" is the second of that name: no unit
_CAMEL = re.compile(r"(?<=[a-zà-ÿ0-9])(?=[A-ZÀ-Þ])|(?<=[A-ZÀ-Þ])(?=[A-ZÀ-Þ][a-zà-ÿ]{2})|(?<=[a-z])(?=[0-9])")
_WORDS = {
    "amt": "amount", "avg": "average", "cat": "category", "cmp": "campaign", "cust": "customer", "dt": "date",
    "freq": "frequency", "prods": "products", "qty": "quantity", "tot": "total", "txn": "transaction", "yr": "year",
}  # fmt: skip
_COUNTED = {"cnt", "count", "n", "nb", "nbr", "no", "num", "number"}  # "NumWebPurchases" counts web purchases
_SPENT = {"mnt"}  # "MntWines" is money spent on wines
_LEADING = re.compile(r"^(annual|yearly|monthly|total|average|number of) (?=\w)")


def strip_unit(header: str) -> str:
    """Return the header without a unit in brackets at its end: "Annual Income (k$)" is "Annual Income"."""
    return _UNIT.sub("", header).removesuffix("__c").strip() or header.strip()


def split_words(header: str) -> list[str]:
    """Split snake_case, kebab-case and CamelCase into words as written."""
    return _CAMEL.sub(" ", re.sub(r"[_.\s]+", " ", strip_unit(header))).split()


def readable(header: str) -> str:
    """Return a label in sentence case; words in capitals stay (acronyms) unless the whole header is in capitals."""
    written = split_words(header)
    if not written:
        return header.strip() or "Column"
    shouting = len(written) > 1 and all(word.isupper() or word.isdigit() for word in written)
    words = [_plain(word, shouting) for word in written]
    if len(words) > 1 and words[0].lower() in _COUNTED:
        words = words[1:]
    elif len(words) > 1 and words[0].lower() in _SPENT:
        words = ["spend", "on", *words[1:]]
    return words[0][:1].upper() + words[0][1:] + "".join(f" {word}" for word in words[1:])


def short_word(label: str) -> str:
    """Return the words for names and sentences: "Annual income" is "income", "Spending score" stays."""
    first, *rest = label.split(" ")
    lowered = " ".join([first if _is_acronym(first) else first[:1].lower() + first[1:], *rest])
    return _LEADING.sub("", lowered)


def _plain(word: str, shouting: bool) -> str:
    if _is_acronym(word) and not shouting:
        return word
    lowered = word.lower()
    return _WORDS.get(lowered, lowered)


def _is_acronym(word: str) -> bool:
    return len(word) > 1 and word.isupper() and any(letter.isalpha() for letter in word)
