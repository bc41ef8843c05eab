"""The runs in an archive as a list, from their manifests and reports alone; a damaged run is listed as such."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from reportgen.history.published import PRUNED, complete, revision_of
from reportgen.history.record import MANIFEST

_PAGES = ("report.html", "report.pdf", "segments.xlsx", MANIFEST)  # what a reader wants to open, best first


@dataclass(frozen=True)
class Listed:
    """One run. ``size`` is in bytes; ``page`` is the file to open, "" where none is left.

    ``period``, ``mode``, ``run_id`` and ``previous`` (month and run id) are "" for a run that is no month; ``stale``
    says that it is compared with a run that is no longer the newest before it, ``replaced`` that there is a newer
    edition, ``thinned`` that old files were removed. ``written`` is None where nothing tells it.
    """

    name: str
    headline: str = ""
    as_of: str = ""
    customers: int | None = None
    segments: int | None = None
    size: int = 0
    page: str = ""
    damaged: bool = False
    written: dt.datetime | None = None
    period: str = ""
    mode: str = ""
    run_id: str = ""
    previous: tuple[str, str] = ("", "")
    stale: bool = False
    replaced: bool = False
    thinned: bool = False

    @property
    def revision(self) -> int:
        """Its number among the runs of the same name."""
        return revision_of(Path(self.name))


def list_runs(runs: Path, *, verify: bool = False) -> tuple[Listed, ...]:
    """Return all runs in a folder, the one written last first; ``verify`` compares the hash of every file."""
    found = [path for path in runs.glob("[!.]*.r*") if path.is_dir()] if runs.is_dir() else []
    return _related([_read(path, verify) for path in sorted(found, key=_newest_first)])


def _related(runs: list[Listed]) -> tuple[Listed, ...]:
    """Say which months have a newer edition, and which are compared with a run that is not the newest before them."""
    current: dict[str, Listed] = {}
    for run in sorted((run for run in runs if run.period and not run.damaged), key=lambda run: run.revision):
        current[run.period] = run
    told = []
    for run in runs:
        newest = current.get(run.period)
        if newest is None or run.damaged:
            told.append(run)
        elif newest.name != run.name:
            told.append(replace(run, replaced=True))
        else:
            before = max((period for period in current if period < run.period), default="")
            expected = (before, current[before].run_id) if before else ("", "")
            told.append(replace(run, stale=run.previous != expected))
    return tuple(told)


def _newest_first(folder: Path) -> tuple[int, str]:
    try:
        return -(folder / MANIFEST).stat().st_mtime_ns, folder.name
    except OSError:
        return 0, folder.name


def _read(folder: Path, verify: bool) -> Listed:
    files = (path for path in folder.rglob("*") if path.is_file())
    present = {path.relative_to(folder).as_posix(): path.stat().st_size for path in files}
    page = next((name for name in _PAGES if name in present), "")
    size = sum(present.values())
    try:
        manifest = _parsed(folder / MANIFEST)
        removed = _parsed(folder / PRUNED)["files"] if PRUNED in present else {}
        whole = set(manifest["files"]) <= {*present, *removed} and (not verify or complete(folder, manifest))
        report = _parsed(folder / "report.json") if "report.json" in present else {}
        listed = Listed(
            name=folder.name,
            headline=str(report.get("title", "")),
            as_of=dt.date.fromisoformat(manifest["as_of"]).isoformat() if manifest["as_of"] else "",
            customers=int(manifest["customers"]),
            segments=len(manifest["segments"]),
            size=size,
            page=page,
            damaged=not whole,
            written=_written(folder, manifest),
            thinned=bool(removed),
        )
        return _with_month(listed, manifest) if "period" in manifest else listed
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Listed(folder.name, size=size, page=page, damaged=True)


def _with_month(listed: Listed, manifest: Mapping[str, Any]) -> Listed:
    before = manifest["previous"] or {"period": "", "run_id": ""}
    return replace(
        listed,
        period=str(manifest["period"]),
        mode=str(manifest["model"]["mode"]),
        run_id=str(manifest["run_id"]),
        previous=(str(before["period"]), str(before["run_id"])),
    )


def _written(folder: Path, manifest: Mapping[str, Any]) -> dt.datetime:
    """Return when a run was made: as it says itself, else when its manifest was written."""
    if "volatile" in manifest:
        return dt.datetime.fromisoformat(manifest["volatile"]["started_at"])
    return dt.datetime.fromtimestamp((folder / MANIFEST).stat().st_mtime, dt.UTC)


def _parsed(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
