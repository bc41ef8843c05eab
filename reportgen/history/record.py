"""The manifest of a run: what went in, what came out, and the hash of every file."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from reportgen.analysis import Analysis
from reportgen.config import Config

MANIFEST = "manifest.json"


def make_manifest(analysis: Analysis, config: Config, folder: Path, tool_version: str) -> dict[str, Any]:
    """Describe the files in ``folder``; nothing in it depends on the clock, the machine or absolute paths."""
    customers = analysis.customers
    facts = customers.order_facts
    files = {path.name: _sha256(path) for path in sorted(folder.iterdir()) if path.name != MANIFEST}
    return {
        "schema": "reportgen.manifest/1",
        "tool_version": tool_version,
        "kind": customers.kind,
        "source": analysis.source,
        "as_of": facts.as_of.isoformat() if facts else None,
        "config": _digest(config.model_dump(mode="json", exclude={"output"})),
        "customers": len(customers.frame),
        "segments": {segment.id: segment.name for segment in analysis.segments},
        "row_counts": [
            {"code": line.code, "sign": line.sign, "rows": line.rows} for line in customers.quality.reconciliation
        ],
        "findings": [finding.code for finding in customers.quality.findings],
        "files": files,
    }


def manifest_text(manifest: dict[str, Any]) -> str:
    """Return the manifest as it is written: stable order, readable."""
    return json.dumps(manifest, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
