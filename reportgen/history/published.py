"""A published run as it is on disk: whether all of it is there, unchanged."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reportgen.errors import OutputError
from reportgen.history.record import MANIFEST, SCHEMA, sha256_of

PRUNED = "pruned.json"  # names and hashes of files that were removed because they were old
_REVISION = re.compile(r"\.r(\d+)$")
_MONTHLY = {"period", "revision", "run_id", "model"}


@dataclass(frozen=True)
class PublishedRun:
    """A complete run of one month: its folder and its manifest."""

    folder: Path
    manifest: Mapping[str, Any]

    @property
    def period(self) -> str:
        """The month, YYYY-MM."""
        return str(self.manifest["period"])

    @property
    def revision(self) -> int:
        """Which edition of the month: 1, then higher."""
        return revision_of(self.folder)

    @property
    def run_id(self) -> str:
        """What went in, in 16 letters: equal for two runs of the same input, settings, model and program."""
        return str(self.manifest["run_id"])

    @property
    def as_of(self) -> str:
        """The last day of the month, ISO."""
        return str(self.manifest["as_of"])

    @property
    def mode(self) -> str:
        """How its segments came about: first, frozen or refit."""
        return str(self.manifest["model"]["mode"])

    @property
    def model_id(self) -> str:
        """The id of the model that scored it."""
        return str(self.manifest["model"]["id"])

    @property
    def reference(self) -> dict[str, Any]:
        """How a later run names it."""
        return {"period": self.period, "revision": self.revision, "run_id": self.run_id}

    def text(self, name: str) -> str:
        """Return the text of one of its files."""
        return (self.folder / name).read_text(encoding="utf-8")

    def has(self, name: str) -> bool:
        """Tell whether a file is still there: some are removed when they are old."""
        return (self.folder / name).is_file()


def revision_of(folder: Path) -> int:
    """Return N of a folder called LABEL.rN, 0 for other names."""
    match = _REVISION.search(folder.name)
    return int(match.group(1)) if match else 0


def read_run(folder: Path) -> PublishedRun | None:
    """Return a monthly run whose files are all there, unchanged; None for anything else.

    Raises OutputError for a run written by a newer version of the program, and OSError for one that can't be read:
    neither is damaged.
    """
    manifest = _parsed(folder / MANIFEST)
    if _too_new(manifest.get("schema")):
        raise OutputError(
            f"{folder} was written by a newer reportgen ({manifest.get('tool_version')})",
            "Update reportgen, or write to another folder with --output.",
        )
    if manifest.get("schema") != SCHEMA or not set(manifest) >= _MONTHLY or not complete(folder, manifest):
        return None
    return PublishedRun(folder, manifest)


def model_of(folder: Path) -> str:
    """Return the id of the model that a run says it was scored with, "" for none, without looking at its files."""
    model = _parsed(folder / MANIFEST).get("model")
    return str(model.get("id", "")) if isinstance(model, dict) else ""


def complete(folder: Path, manifest: Mapping[str, Any]) -> bool:
    """Tell whether every file of the manifest is there with its hash, or was removed on purpose.

    Raises OSError where a file is there and can't be read.
    """
    removed = _parsed(folder / PRUNED).get("files", {})
    try:
        return all(
            removed.get(name) == digest if not (folder / name).exists() else sha256_of(folder / name) == digest
            for name, digest in manifest["files"].items()
        )
    except (IsADirectoryError, KeyError, AttributeError, TypeError):
        return False


def _parsed(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _too_new(schema: Any) -> bool:
    kind, _, major = str(schema).partition("/")
    ours, _, known = SCHEMA.partition("/")
    return kind == ours and major.isdigit() and int(major) > int(known)
