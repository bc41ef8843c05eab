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
from reportgen.history.published import complete, revision_of
from reportgen.history.record import MANIFEST, SCHEMA

_NAME = re.compile(r"(?P<label>.+)\.r(?P<revision>[1-9]\d*)")
_MONTH = re.compile(r"[1-9]\d{3}-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Edition:
    """A published run: its folder, and what its mails are called by (``2026-10.r1.1f3a9c00``).

    ``mail_requested``: it was published with the order to mail it. ``made_up``: runs of earlier months that were made
    in the same call, and are not mailed.
    """

    root: Path
    folder: Path
    label: str
    revision: int
    name: str
    mail_requested: bool = False
    made_up: tuple[str, ...] = ()

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
    known = _by_label(root)
    name = Path(wanted).name if wanted else _newest(known)
    if not name:
        raise HeldBack(f"{root} has no published run", "Make one first: reportgen run FILE")
    label = name if name in known else name.rpartition(".r")[0]
    folders = known.get(label, [])
    current = next(filter(None, (_read(root, folder) for folder in folders)), None)
    if current is None or name not in (label, *(folder.name for folder in folders)):
        raise HeldBack(f"{name} has no published run in {root}", "See what there is: reportgen runs")
    if name not in (label, current.run):
        raise HeldBack(f"{name} was replaced by {current.run}", f"Send that one: reportgen send {label}")
    return current


def is_late(edition: Edition) -> bool:
    """Tell whether a newer month is published: then nobody waits for this one."""
    return edition.monthly and any(period > edition.label for period in Archive(edition.root).periods())


def _by_label(root: Path) -> dict[str, list[Path]]:
    """Return the folders of every label, the highest revision first."""
    runs = root / "runs"
    found: dict[str, list[Path]] = {}
    for path in sorted(runs.iterdir()) if runs.is_dir() else ():
        if _NAME.fullmatch(path.name) and not path.name.startswith("."):
            found.setdefault(path.name.rpartition(".r")[0], []).append(path)
    return {label: sorted(paths, key=revision_of, reverse=True) for label, paths in found.items()}


def _newest(known: dict[str, list[Path]]) -> str:
    months = [label for label in known if _MONTH.fullmatch(label)]
    return max(months) if months else max(known, key=lambda label: _written(known[label][0]), default="")


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
    run8 = str(manifest.get("run_id") or _id_in_letter(folder) or hashlib.sha256(data).hexdigest())[:8]
    name = f"{id_text(label).replace('.', '-')}.r{revision}.{run8}"
    volatile = manifest.get("volatile", {})
    made_up = tuple(map(str, volatile.get("made_up", ())))
    return Edition(root, folder, label, revision, name, volatile.get("email_requested") is True, made_up)


def _id_in_letter(folder: Path) -> str:
    """Return how the letter of a run that is no month calls that run."""
    try:
        found = json.loads((folder / "email.json").read_text(encoding="utf-8"))["run"]
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return found if isinstance(found, str) and re.fullmatch("[0-9a-f]{8}", found) else ""


def _written(folder: Path) -> tuple[int, str]:
    try:
        return (folder / MANIFEST).stat().st_mtime_ns, folder.name
    except OSError:
        return 0, folder.name
