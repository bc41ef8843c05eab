"""The sample of a table too large to be looked at one by one: the same customers whatever the order of rows."""

from __future__ import annotations

_DIGITS = 12  # of a hash of 32; enough to tell a share of any table exactly


def chosen(key: str, share: float) -> str:
    """Return SQL that is true for ``share`` of all keys, by a hash that every engine computes alike."""
    return f"md5({key}) < '{round(share * 16**_DIGITS):0{_DIGITS}x}'" if share < 1 else "TRUE"
