"""How many customers a figure needs before it may be printed, and which differences may be spoken of."""

from __future__ import annotations

import math
from collections.abc import Sequence

CENTRE_FROM = 10  # mean and median; below 30 the trait is marked "small group"
QUARTILES_FROM = 20  # five members in each quarter
SMALL_BELOW = 30
LARGE_FROM = 100
HOLM_LEVEL = math.erfc(2 / math.sqrt(2))  # 0.0455, so that one single row means |z| >= 2


def holm(z_values: Sequence[float]) -> list[bool]:
    """Return which |z| survive Holm's correction over one segment's candidate rows (NaN never does)."""
    pairs = [(math.erfc(abs(z) / math.sqrt(2)), place) for place, z in enumerate(z_values) if not math.isnan(z)]
    kept = [False] * len(z_values)
    for rank, (p, place) in enumerate(sorted(pairs)):
        if p * (len(pairs) - rank) > HOLM_LEVEL:
            break
        kept[place] = True
    return kept


def effect_large_enough(n: int, effect: float, least: float = 0.2) -> bool:
    """Say whether a standardised difference (or Cohen's h) may be spoken of for n members.

    100 and more: ``least``; 30 to 99: 0.5; 10 to 29: 0.8; fewer: never (domain.md 5.6, extended downwards).
    """
    if n < CENTRE_FROM:
        return False
    if n < SMALL_BELOW:
        return abs(effect) >= 0.8
    return abs(effect) >= (least if n >= LARGE_FROM else 0.5)


def is_small(n: int) -> bool:
    """Say whether statements about n members carry the mark "small group"."""
    return n < LARGE_FROM
