"""Findings: what was noticed about the data that a reader should know, without being an error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["note", "warning"]


@dataclass(frozen=True)
class Finding:
    """One plain sentence about the input; ``code`` is stable and machine-readable (``duplicate_rows``)."""

    code: str
    message: str
    severity: Severity = "note"
    column: str | None = None
    rows: int | None = None
