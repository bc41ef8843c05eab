"""Small stand-ins for monthly runs: whatever the archive looks at, and nothing that takes time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from reportgen.history.archive import Archive
from reportgen.history.record import MANIFEST, SCHEMA, hashes_of, manifest_text

FILES = ("report.html", "report.pdf", "report.json", "model.json", "customers.csv", "lost.csv", "images/map.png")


def fill(
    archive: Archive,
    folder: Path,
    period: str,
    *,
    data: str = "",
    model: str = "m1",
    size: int = 100,
    more: tuple[str, ...] = (),
) -> None:
    """Write the files of a run, its manifest last."""
    for name in (*FILES, *more):
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_text("{}" if name.endswith(".json") else f"{name} {period} {data}".ljust(size, "."))
    before = next(archive.before(period), None)
    manifest: dict[str, Any] = {
        "schema": SCHEMA,
        "period": period,
        "revision": archive.next_number(period),
        "run_id": f"{period}{data}",
        "as_of": f"{period}-28",
        "customers": 400,
        "segments": {"s01": "Core", "s02": "Rest"},
        "model": {"id": model, "mode": "frozen" if before else "first"},
        "previous": before.reference if before else None,
        "files": hashes_of(folder),
        "volatile": {"started_at": "2025-01-02T06:17:00+00:00"},
    }
    (folder / MANIFEST).write_text(manifest_text(manifest))


def publish(archive: Archive, period: str, **told: Any) -> Path:
    """Publish a month as the pipeline does."""
    with archive.locked(period), archive.building() as folder:
        fill(archive, folder, period, **told)
        return archive.publish(folder, period)[0]
