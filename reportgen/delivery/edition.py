"""Which published run is mailed."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from reportgen.delivery.headers import id_text
from reportgen.delivery.letter import Letter, read_letter
from reportgen.errors import HeldBack
from reportgen.history.archive import Archive
from reportgen.history.published import complete
from reportgen.history.record import MANIFEST, SCHEMA

_NAME = re.compile(r"(?P<label>.+)\.r(?P<revision>[1-9]\d*)")
_MONTH = re.compile(r"[1-9]\d{3}-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Edition:
    """A published run: its folder, and what its mails are called by (``2026-10.r1.1f3a9c00``)."""

    root: Path
    folder: Path
    label: str
    revision: int
    name: str

    @property
    def run(self) -> str:
        """The name of its folder."""
        return self.folder.name

    @property
    def monthly(self) -> bool:
        """Whether it is the report of a month."""
        return _MONTH.fullmatch(self.label) is not None

    @cached_property
    def letter(self) -> Letter:
        """What is written in the mail. InputError where the run has none."""
        return read_letter(self.folder)

    @cached_property
    def pdf(self) -> bytes | None:
        """The PDF, None where the run has none."""
        path = self.folder / "report.pdf"
        return path.read_bytes() if path.is_file() else None


def find_edition(root: Path, wanted: str = "") -> Edition:
    """Return a run by the name of its folder, its month, or its label; without a name the newest run.

    Of months the newest counts, of other runs the one written last. HeldBack where there is none, or where a newer
    revision has taken its place.
    """
    known = sorted(filter(None, (_read(root, path) for path in _folders(root))), key=lambda one: one.revision)
    current = {edition.label: edition for edition in known}  # the highest revision wins
    if not wanted:
        months = sorted(label for label, edition in current.items() if edition.monthly)
        newest = months[-1:] or sorted(current, key=lambda label: _written(current[label]))[-1:]
        if not newest:
            raise HeldBack(f"{root} has no published run", "Make one first: reportgen run FILE")
        return current[newest[0]]
    name = Path(wanted).name
    found = current.get(name) or next((edition for edition in known if edition.run == name), None)
    if found is None:
        raise HeldBack(f"{name} has no published run in {root}", "See what there is: reportgen runs")
    if current[found.label] != found:
        raise HeldBack(
            f"{found.run} was replaced by {current[found.label].run}", f"Send that one: reportgen send {found.label}"
        )
    return found


def is_late(edition: Edition) -> bool:
    """Tell whether a newer month is published: then nobody waits for this one."""
    return edition.monthly and any(period > edition.label for period in Archive(edition.root).periods())


def _folders(root: Path) -> list[Path]:
    runs = root / "runs"
    return [path for path in runs.iterdir() if not path.name.startswith(".")] if runs.is_dir() else []


def _read(root: Path, folder: Path) -> Edition | None:
    """Return the run in a folder; None where it is none, or a file is missing or changed."""
    match = _NAME.fullmatch(folder.name)
    try:
        data = (folder / MANIFEST).read_bytes()
        manifest = json.loads(data)
        if match is None or manifest["schema"] != SCHEMA:
            return None
        if not complete(folder, manifest):
            return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    label, revision = match["label"], int(match["revision"])
    run8 = str(manifest.get("run_id") or hashlib.sha256(data).hexdigest())[:8]
    return Edition(root, folder, label, revision, f"{id_text(label).replace('.', '-')}.r{revision}.{run8}")


def _written(edition: Edition) -> tuple[int, str]:
    return (edition.folder / MANIFEST).stat().st_mtime_ns, edition.run
