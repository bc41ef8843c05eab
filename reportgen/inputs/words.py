"""Word lists that tell codes, counts, statuses and placeholders from the rest; the words themselves are data."""

from __future__ import annotations

import functools
import json
from importlib import resources


@functools.cache
def _lists() -> dict[str, list[str]]:
    lists: dict[str, list[str]] = json.loads(resources.files(__package__).joinpath("words.json").read_text("utf-8"))
    return lists


@functools.cache
def words(name: str) -> frozenset[str]:
    """Return one list of ``words.json``."""
    return frozenset(_lists()[name])
