"""Reference results: what is claimed, by whom, and when a computed value agrees with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("references.json")


@dataclass(frozen=True)
class Reference:
    """One result that is known from outside.

    ``published`` is the value as printed by ``source``, None where it was never printed; ``expected`` the same with all
    its digits, from an independent computation. ``measure`` names the function that computes it here, ``settings`` are
    its arguments. ``kind`` is exact (arithmetic), optimum (needs the best k-means or likelihood solution), monte_carlo
    (the tolerance covers the seeds) or verdict. ``slow`` ones resample.
    """

    id: str
    data: str
    what: str
    measure: str
    settings: Mapping[str, Any]
    published: Any
    source: str
    expected: Any
    tolerance: Mapping[str, Any]
    kind: str
    slow: bool

    def agrees(self, computed: Any) -> bool:
        """Tell whether a computed value lies within the tolerance of the expected one."""
        return _agrees(self.expected, computed, self.tolerance["mode"], self.tolerance["value"])


@cache
def all_references() -> tuple[Reference, ...]:
    """Return every reference result, by data set."""
    return tuple(Reference(**entry) for entry in json.loads(_FILE.read_text(encoding="utf-8")))


def _agrees(expected: Any, computed: Any, mode: str, tolerance: float) -> bool:
    if isinstance(expected, dict):
        return all(
            computed.get(name) in value if name == "k" and isinstance(value, list)  # either will do
            else _agrees(value, computed.get(name), mode, tolerance)
            for name, value in expected.items()
        )  # fmt: skip
    if isinstance(expected, list):
        same_length = isinstance(computed, list) and len(computed) == len(expected)
        return same_length and all(
            _agrees(value, other, mode, tolerance) for value, other in zip(expected, computed, strict=True)
        )
    if expected is None or isinstance(expected, str) or computed is None or isinstance(computed, str):
        return bool(expected == computed)
    if mode == "at_most_rel":
        return bool(computed <= expected * (1 + tolerance))
    limit = tolerance * abs(expected) if mode == "rel" else tolerance
    return bool(abs(computed - expected) <= limit)
