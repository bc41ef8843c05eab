"""Exports of known shops and tools, recognised by their headers."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from typing import Literal

from reportgen.inputs.headers import normalise


@dataclass(frozen=True)
class Platform:
    """One kind of export: the headers that give it away, and what they mean."""

    name: str
    kind: Literal["customers", "orders"]
    signature: frozenset[str]
    roles: dict[str, str]  # normalised header -> role
    amounts: frozenset[str] = frozenset()  # normalised headers of columns with what customers spent on one category


def recognise(headers: Iterable[str]) -> Platform | None:
    """Return the platform all of whose signature headers are there (domain.md 13.1), or None."""
    present = set(map(normalise, headers))
    return next((platform for platform in _platforms() if platform.signature <= present), None)


@functools.cache
def _platforms() -> tuple[Platform, ...]:
    raw = json.loads(resources.files(__package__).joinpath("platforms.json").read_text("utf-8"))
    return tuple(
        Platform(
            entry["name"],
            entry["kind"],
            frozenset(map(normalise, entry["signature"])),
            {normalise(header): role for role, header in entry["map"].items()},
            frozenset(map(normalise, entry.get("amounts", ()))),
        )
        for entry in raw
    )
