"""Headers that no list holds, understood by their parts: "total" and "turnover" make what a customer has spent."""

from __future__ import annotations

import functools
import json
from importlib import resources

from reportgen.inputs.headers import normalise, spellings, vocabulary

_LONGEST = 40  # letters of a header that may be made of parts
_VAGUE = {"worth", "sum"}  # "total value spent" is "total spent"


@functools.cache
def _meanings() -> dict[str, frozenset[str]]:
    """Return what each part, normalised, can mean; "" is a part without meaning."""
    found: dict[str, set[str]] = {}
    for meaning, parts in _data()["parts"].items():
        for part in parts.split():
            found.setdefault(normalise(part), set()).add(meaning)
    return {part: frozenset(meanings) for part, meanings in found.items()}


@functools.cache
def _roles() -> dict[frozenset[str], frozenset[str]]:
    found: dict[frozenset[str], set[str]] = {}
    for role, ways in _data()["roles"].items():
        for way in ways:
            found.setdefault(frozenset(way.split()), set()).add(role)
    return {meanings: frozenset(roles) for meanings, roles in found.items()}


@functools.cache
def _data() -> dict[str, dict[str, str]]:
    data: dict[str, dict[str, str]] = json.loads(
        resources.files(__package__).joinpath("header_parts.json").read_text("utf-8")
    )
    return data


@functools.cache
def composed(header: str) -> frozenset[str]:
    """Return the roles that a header names by its parts, all of which must be known: "N° de commande" is order_id.

    A header that is known as a whole is not taken apart, but what a log calls its total is what a customer has spent.
    """
    written = [spelling for spelling in spellings(header) if len(spelling) <= _LONGEST]
    if any(not role.strong.isdisjoint(written) for role in vocabulary().values() if role.name != "order_total"):
        return frozenset()
    ways = {way - _VAGUE if "money" in way else way for spelling in written for way in _readings(spelling)}
    return frozenset(role for way in ways for role in _roles().get(way, ()))


def mentions(label: str, meaning: str) -> bool:
    """Whether one word of a label can mean this: "web purchases" mentions an order."""
    return any(meaning in _meanings().get(normalise(word), ()) for word in label.split())


@functools.cache
def _readings(text: str) -> frozenset[frozenset[str]]:
    """Return every set of meanings that a normalised text can be cut into without a rest."""
    if not text:
        return frozenset({frozenset()})
    found = set()
    for end in range(1, len(text) + 1):
        meanings = _meanings().get(text[:end])
        if meanings:
            found |= {rest | {meaning} if meaning else rest for rest in _readings(text[end:]) for meaning in meanings}
    return frozenset(found)
