"""The manifest of a run: what went in, what came out, and the hash of every file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from reportgen.analysis import Analysis
from reportgen.config import Config

MANIFEST = "manifest.json"
SCHEMA = "reportgen.manifest/1"
_SHAPING = {"input", "segments", "privacy", "report", "names", "labels"}  # tables that shape data, model or report


@dataclass(frozen=True)
class MonthRecord:
    """What the manifest of a monthly report says besides.

    ``model`` is {id, sha256, mode, later_than_period}, ``previous`` {period, revision, run_id} of the run that it is
    compared with, ``settings`` are those that count, ``judged`` is what was found before publishing, each under its own
    key: gates, late_rows, warnings. Two equal runs differ in nothing but ``volatile``.
    """

    period: str
    revision: int
    revised: str  # the reason to publish the month again, "" where there was none
    run_id: str
    input_identity: Mapping[str, str | None]
    settings: Mapping[str, Any]
    model: Mapping[str, Any]
    previous: Mapping[str, Any] | None
    judged: Mapping[str, Any] = field(default_factory=dict)
    volatile: Mapping[str, Any] = field(default_factory=dict)


def make_manifest(
    analysis: Analysis, config: Config, folder: Path, tool_version: str, month: MonthRecord | None = None
) -> dict[str, Any]:
    """Describe the files in ``folder``; only ``volatile`` depends on the clock, the machine or absolute paths."""
    customers = analysis.customers
    facts = customers.order_facts
    manifest = {
        "schema": SCHEMA,
        "tool_version": tool_version,
        "kind": customers.kind,
        "source": analysis.source,
        "as_of": facts.as_of.isoformat() if facts else None,
        "config": digest_of(settings_that_count(config)),
        "customers": customers.count,
        "segments": {segment.id: segment.name for segment in analysis.segments},
        "row_counts": [
            {"code": line.code, "sign": line.sign, "rows": line.rows} for line in customers.quality.reconciliation
        ],
        "findings": [finding.code for finding in customers.quality.findings],
        "files": hashes_of(folder),
    }
    return manifest if month is None else manifest | _monthly(analysis, config, month)


def _monthly(analysis: Analysis, config: Config, month: MonthRecord) -> dict[str, Any]:
    customers, intake = analysis.customers, analysis.customers.intake
    facts, as_of = customers.order_facts, config.input.as_of
    assert intake is not None
    rows, digest = intake.until(month.period)
    found = analysis.segmentation
    told = {
        "as_of": as_of.isoformat() if as_of else None,
        "timezone": config.input.timezone or None,
        "customers_scored": sum(fit.size for fit in found.fits),
        "customers_unscored": found.unsegmented,
        "inputs": [
            {
                "role": customers.kind,
                "columns": {column.role: column.name for column in customers.schema.columns if column.role},
                "rows": rows,
                "digest": digest,
                "first_day": facts.first_day.isoformat() if facts else None,
                "last_day": facts.last_day.isoformat() if facts else None,
            }
        ],
    }
    record = asdict(month)
    del record["judged"], record["volatile"]  # the first is told flat, the second comes last
    return {**told, **record, **month.judged, "volatile": dict(month.volatile)}


def manifest_text(manifest: dict[str, Any]) -> str:
    """Return the manifest as it is written: stable order, readable."""
    return json.dumps(manifest, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def settings_that_count(config: Config) -> dict[str, Any]:
    """Return the settings that shape data, model or report, those that differ from the default.

    Which formats a report and its list are written in changes nothing in any of them. Files that settings name stand
    for what is in them: a report does not depend on where they are.
    """
    found: dict[str, Any] = config.model_dump(
        mode="json",
        include=_SHAPING,
        exclude={"input": {"period", "as_of"}, "report": {"formats", "customers"}},
        exclude_defaults=True,
    )
    report = found.get("report", {})
    if "templates" in report:
        report["templates"] = _content_of(Path(config.report.templates))
    if "brand" in report:
        report["brand"] = _content_of(Path(config.report.brand).parent)
    return {name: value for name, value in found.items() if value != {}}


def digest_of(value: Any) -> str:
    """Return the sha256 of a value's canonical JSON."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _content_of(folder: Path) -> str:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    digests = {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}
    return digest_of(digests)


def hashes_of(folder: Path) -> dict[str, str]:
    """Return the hash of every file below a run's folder but the manifest, by its path with forward slashes."""
    paths = (path for path in folder.rglob("*") if path.is_file())
    names = {path.relative_to(folder).as_posix(): path for path in paths}
    return {name: sha256_of(names[name]) for name in sorted(names) if name != MANIFEST}


def sha256_of(path: Path) -> str:
    """Return the hash of a file."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
