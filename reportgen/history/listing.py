"""The runs in an archive as a list, from their manifests and reports alone; a damaged run is listed as such."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reportgen.history.record import MANIFEST

_PAGES = ("report.html", "report.pdf", "segments.xlsx", MANIFEST)  # what a reader wants to open, best first


@dataclass(frozen=True)
class Listed:
    """One run. ``size`` is in bytes; ``page`` is the file to open, "" where none is left."""

    name: str
    headline: str = ""
    as_of: str = ""
    customers: int | None = None
    segments: int | None = None
    size: int = 0
    page: str = ""
    damaged: bool = False


def list_runs(runs: Path) -> tuple[Listed, ...]:
    """Return all runs in a folder, the one written last first."""
    found = [path for path in runs.glob("*.r*") if path.is_dir()] if runs.is_dir() else []
    return tuple(_read(path) for path in sorted(found, key=_newest_first))


def _newest_first(folder: Path) -> tuple[int, str]:
    try:
        return -(folder / MANIFEST).stat().st_mtime_ns, folder.name
    except OSError:
        return 0, folder.name


def _read(folder: Path) -> Listed:
    files = (path for path in folder.rglob("*") if path.is_file())
    present = {path.relative_to(folder).as_posix(): path.stat().st_size for path in files}
    page = next((name for name in _PAGES if name in present), "")
    size = sum(present.values())
    try:
        manifest = _parsed(folder / MANIFEST)
        complete = set(manifest["files"]) <= set(present)
        report = _parsed(folder / "report.json") if "report.json" in present else {}
        return Listed(
            name=folder.name,
            headline=str(report.get("title", "")),
            as_of=dt.date.fromisoformat(manifest["as_of"]).isoformat() if manifest["as_of"] else "",
            customers=int(manifest["customers"]),
            segments=len(manifest["segments"]),
            size=size,
            page=page,
            damaged=not complete,
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Listed(folder.name, size=size, page=page, damaged=True)


def _parsed(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
