"""What the status of an order means: sold, not sold, refunded; in many languages."""

from __future__ import annotations

import functools
import re
import unicodedata

from reportgen.inputs.words import word_set

MEANINGS = ("not_sold", "refund_rows", "refunded_orders", "sold")
_LISTED = ("partly_refunded", *MEANINGS)
_NOT = frozenset({"not", "nicht", "non", "no", "niet", "nie", "nao", "nem", "ikke", "inte", "ej", "pas", "не"})
_FOLDED = str.maketrans({"ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ı": "i", "ß": "ss"})


@functools.cache
def status_meaning(status: str) -> str:
    """Return one of MEANINGS, or "" where a status says nothing known.

    Whole statuses that are listed come first, then the beginnings of words: "Order cancelled by shop" is not sold.
    What happened to a part of an order leaves it sold. Only whole statuses such as "Refund" make rows of their own
    that take money back; "Refund requested" is said of an order.
    """
    plain = plain_status(status)
    listed = ("sold" if name == "partly_refunded" else name for name in _LISTED if plain in _folded(name))
    return next(listed, None) or ("sold" if _begins(plain, "partly") else _by_words(plain))


def _by_words(plain: str) -> str:
    found = [name for name in ("not_sold", "refunded_orders", "sold") if _begins(plain, name)]
    if _NOT & set(plain.split()):
        return "not_sold" if found == ["sold"] else ""
    return found[0] if found else ""


def plain_status(status: str) -> str:
    """Return a status in lower case with spaces and without accents, without WooCommerce's prefix."""
    folded = unicodedata.normalize("NFKD", status).casefold().translate(_FOLDED)
    folded = unicodedata.normalize("NFC", re.sub("[\u0300-\u036f]", "", folded))
    return " ".join(re.sub(r"[\W_]+", " ", folded).removeprefix("wc ").split())


@functools.cache
def _folded(name: str) -> frozenset[str]:
    return frozenset(map(plain_status, word_set(name)))


def _begins(plain: str, name: str) -> bool:
    """Whether a word has one of the listed beginnings; Chinese and Japanese don't part words."""
    return any(_holds(plain, stem) for stem in _folded(f"{name}_stems"))


def _holds(plain: str, stem: str) -> bool:
    return f" {stem}" in f" {plain}" or (stem > "\u3000" and stem in plain)
