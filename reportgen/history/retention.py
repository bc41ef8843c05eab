"""What of old months is removed: lists of customers first, pages later, numbers never."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

from reportgen.archive_settings import ArchiveConfig
from reportgen.history.archive import OUTBOX, Archive, sync
from reportgen.history.list_forms import is_list
from reportgen.history.periods import months_after
from reportgen.history.published import PRUNED, PublishedRun, model_of

SCHEMA = "reportgen.pruned/1"
_LOST = "lost.csv"
_PAGES = (".html", ".pdf", ".xlsx", ".png", ".svg", ".txt")
_OPEN = {"pending", "sending", "unknown"}  # states of a mail that is not settled
_YEAR = 12


def prune(archive: Archive, settings: ArchiveConfig) -> int:
    """Remove files of old months and editions that were replaced; return how many bytes. The lock must be held.

    Left alone are the newest run, the one before it, those of a year before the two, the run whose model is in use, and
    every run with a mail that is not settled. Numbers (report.json, model, manifest, tables) are kept for ever.
    """
    newest = archive.newest()
    if newest is None:
        return 0
    freed = 0
    protected = _protected(archive, newest)
    for period in archive.periods():
        age = months_after(period, newest.period)
        if not any(_has_old(folder, age, settings) for folder in archive.revisions(period)):
            continue  # nothing to do, which is cheaper to see than whether the run is complete
        run = archive.current(period)
        if run is None:
            continue
        if age >= settings.customers_months:
            freed += sum(_discard(archive, folder) for folder in _replaced(archive, run))
        if period not in protected and not _mail_open(archive, run.folder.name):
            freed += _thin(run, age, settings)
    return freed


def _protected(archive: Archive, newest: PublishedRun) -> set[str]:
    """Return the months that the newest run and the next one need."""
    before = next(archive.before(newest.period), None)
    kept = {newest.period} | ({before.period} if before else set())
    kept |= {period for period in archive.periods() if months_after(period, newest.period) in (_YEAR - 1, _YEAR)}
    models = {period: model_of(archive.revisions(period)[-1]) for period in archive.periods()}
    return kept | {next(period for period, model in models.items() if model == newest.model_id)}


def _replaced(archive: Archive, run: PublishedRun) -> Iterator[Path]:
    for folder in archive.revisions(run.period):
        if folder != run.folder and not _mail_open(archive, folder.name):
            yield folder


def _discard(archive: Archive, folder: Path) -> int:
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    archive.discard(folder)
    return size


def _has_old(folder: Path, age: int, settings: ArchiveConfig) -> bool:
    names = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return any(_is_old(name, age, settings) for name in names)


def _is_old(name: str, age: int, settings: ArchiveConfig) -> bool:
    if is_list(name) or name == _LOST:
        return age >= settings.customers_months
    return name.endswith(_PAGES) and age >= settings.pages_months


def _thin(run: PublishedRun, age: int, settings: ArchiveConfig) -> int:
    """Note the files and their hashes first: a run of which a noted file is missing is complete."""
    gone = [name for name in run.manifest["files"] if run.has(name) and _is_old(name, age, settings)]
    if not gone:
        return 0
    noted = json.loads(run.text(PRUNED))["files"] if run.has(PRUNED) else {}
    noted |= {name: run.manifest["files"][name] for name in gone}
    draft = run.folder / f".{PRUNED}"
    draft.write_text(json.dumps({"schema": SCHEMA, "files": noted}, indent=1) + "\n", encoding="utf-8")
    sync(draft)
    os.replace(draft, run.folder / PRUNED)
    sync(run.folder)
    freed = 0
    for name in gone:
        path = run.folder / name
        freed += path.stat().st_size
        path.unlink()
        for folder in list(path.parents)[: name.count("/")]:
            with contextlib.suppress(OSError):  # it holds something else
                folder.rmdir()
    return freed


def _mail_open(archive: Archive, name: str) -> bool:
    """Tell whether a mail of a run is not settled, or its record can't be read."""
    for path in (archive.root / OUTBOX / name).glob("*.json"):
        try:
            said = json.loads(path.read_text(encoding="utf-8"))
            if said["state"] in _OPEN and not said.get("superseded"):
                return True
        except (OSError, ValueError, KeyError, TypeError):
            return True
    return False
