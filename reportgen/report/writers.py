"""Write a report to files, the format by suffix; a file appears complete or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from reportgen.config import Config, as_config
from reportgen.errors import ConfigError, OutputError
from reportgen.progress import Listener, silent
from reportgen.report.model import Report

Drawings = Mapping[str, Any]  # canvases by the name of their figure
Writer = Callable[[Report, Path, Config, Drawings], None]
ILLUSTRATED = (".html", ".pdf")
FILES = {
    "html": "report.html", "pdf": "report.pdf", "xlsx": "segments.xlsx", "json": "report.json", "email": "email.html",
}  # fmt: skip


def write(
    report: Report, *paths: str | Path, config: Config | None = None, progress: Listener = silent
) -> tuple[Path, ...]:
    """Write a report to every path: .html, .pdf, .xlsx or .json; return the paths.

    Each file is written beside its place and moved there when it is complete; what is half-written is deleted.
    Raises ConfigError for an unknown suffix (before anything is written) and OutputError when a file can't be written.
    """
    if not paths:
        raise ConfigError("no file was named to write", "Name at least one: rg.write(report, 'segments.html').")
    targets = tuple(Path(path) for path in paths)
    for target in targets:
        if target.suffix.lower() not in WRITERS:
            known = ", ".join(WRITERS)
            raise ConfigError(f"{target.name}: no writer for '{target.suffix}'", f"Use one of {known}.")
    config = as_config(config)
    illustrated = any(target.suffix.lower() in ILLUSTRATED for target in targets)
    drawings = _draw(report, config) if illustrated else {}
    for place, target in enumerate(targets):
        progress(f"writing {target.name}", place / len(targets))
        _write_one(report, target, config, drawings)
    return targets


def _draw(report: Report, config: Config) -> Drawings:
    """Draw the charts once for all writers that show them."""
    from reportgen.report.branding import theme_of
    from reportgen.report.charts import draw_all

    return draw_all(report, theme_of(config))


def _write_one(report: Report, target: Path, config: Config, drawings: Drawings) -> None:
    draft = target.with_name(f".{target.name}.part")
    try:
        WRITERS[target.suffix.lower()](report, draft, config, drawings)
        os.replace(draft, target)
    except OSError as error:
        why = error.strerror or str(error)
        raise OutputError(f"{target} can't be written: {why}", "Check free space and permissions.") from error
    finally:
        draft.unlink(missing_ok=True)


def _html(report: Report, path: Path, config: Config, drawings: Drawings) -> None:
    from reportgen.report.html import render_html

    path.write_text(render_html(report, config, drawings), encoding="utf-8", newline="\n")


def _pdf(report: Report, path: Path, config: Config, drawings: Drawings) -> None:
    from reportgen.report.pdf import render_pdf

    path.write_bytes(render_pdf(report, config, drawings))


def _xlsx(report: Report, path: Path, config: Config, drawings: Drawings) -> None:
    from reportgen.report.branding import theme_of
    from reportgen.report.workbook import write_workbook

    write_workbook(report, path, theme_of(config))


def _json(report: Report, path: Path, config: Config, drawings: Drawings) -> None:
    from reportgen.report.data import render_json

    path.write_text(render_json(report), encoding="utf-8", newline="\n")


WRITERS: dict[str, Writer] = {".html": _html, ".pdf": _pdf, ".xlsx": _xlsx, ".json": _json}
"""Writers by suffix; each is imported when it is asked for, so that a JSON file needs no PDF library."""
