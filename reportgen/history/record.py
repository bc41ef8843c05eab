"""The manifest of a run: what went in, what came out, and the hash of every file."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from reportgen.analysis import Analysis
from reportgen.config import Config

MANIFEST = "manifest.json"
SCHEMA = "reportgen.manifest/1"


@dataclass(frozen=True)
class MonthRecord:
    """What the manifest of a monthly report says besides: which model scored, and which run it is compared with."""

    period: str
    mode: str  # first, frozen or refit
    model: str  # id of the model in the folder
    previous: str | None  # name of the folder of the run before


def make_manifest(
    analysis: Analysis, config: Config, folder: Path, tool_version: str, month: MonthRecord | None = None
) -> dict[str, Any]:
    """Describe the files in ``folder``; nothing in it depends on the clock, the machine or absolute paths."""
    customers = analysis.customers
    facts = customers.order_facts
    files = hashes_of(folder)
    monthly = {} if month is None else asdict(month) | {"as_of": config.input.as_of and config.input.as_of.isoformat()}
    manifest = {
        "schema": SCHEMA,
        "tool_version": tool_version,
        "kind": customers.kind,
        "source": analysis.source,
        "as_of": facts.as_of.isoformat() if facts else None,
        "config": _digest(config.model_dump(mode="json", exclude={"output", "email", "smtp"})),
        "customers": len(customers.frame),
        "segments": {segment.id: segment.name for segment in analysis.segments},
        "row_counts": [
            {"code": line.code, "sign": line.sign, "rows": line.rows} for line in customers.quality.reconciliation
        ],
        "findings": [finding.code for finding in customers.quality.findings],
        "files": files,
    } | monthly
    return manifest | {"run_id": _digest(manifest)[:16]}


def manifest_text(manifest: dict[str, Any]) -> str:
    """Return the manifest as it is written: stable order, readable."""
    return json.dumps(manifest, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def hashes_of(folder: Path) -> dict[str, str]:
    """Return the hash of every file below a run's folder but the manifest, by its path with forward slashes."""
    paths = (path for path in folder.rglob("*") if path.is_file())
    names = {path.relative_to(folder).as_posix(): path for path in paths}
    return {name: sha256_of(names[name]) for name in sorted(names) if name != MANIFEST}


def sha256_of(path: Path) -> str:
    """Return the hash of a file."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
