"""Words: lists that tell codes, statuses and placeholders from the rest, and numbers with words that agree."""

from __future__ import annotations

import functools
import json
from importlib import resources


@functools.cache
def _lists() -> dict[str, list[str]]:
    lists: dict[str, list[str]] = json.loads(resources.files(__package__).joinpath("words.json").read_text("utf-8"))
    return lists


@functools.cache
def word_set(name: str) -> frozenset[str]:
    """Return one list of ``words.json``."""
    return frozenset(_lists()[name])


def counted(number: int, one: str, many: str) -> str:
    """Return "1 row repeats" or "1,234 rows repeat": the number with the words that agree with it."""
    return f"{number:,} {one if number == 1 else many}"
