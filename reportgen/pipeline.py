"""One report run from top to bottom: read, analyse, compose, write, publish."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import reportgen
from reportgen.analysis import Analysis, analyse
from reportgen.config import Config, as_config
from reportgen.errors import ReportgenError
from reportgen.history.archive import Archive, run_label
from reportgen.history.record import MANIFEST, make_manifest, manifest_text
from reportgen.locales import phrases
from reportgen.progress import Listener, part, silent
from reportgen.report.branding import theme_of
from reportgen.report.data import write_assignments
from reportgen.report.runs_page import write_runs_page
from reportgen.report.sections import compose
from reportgen.report.writers import write
from reportgen.segments.model import to_json

_LOG = logging.getLogger("reportgen.pipeline")


@dataclass(frozen=True)
class Run:
    """A finished run: where its files are and what was found."""

    folder: Path
    files: tuple[Path, ...]
    analysis: Analysis
    new: bool  # False: the same files were there already


def run(
    sources: str | Sequence[str] | Any, config: Config | str | Path | None = None, progress: Listener = silent
) -> Run:
    """Make a report of one table and publish it as a folder below ``config.output``.

    Raises InputError, ConfigError or OutputError; then nothing is left behind.
    """
    config = as_config(config)
    theme_of(config)  # a brand, template folder or language that can't be used is told before the work begins
    phrases(config.report.voice)
    archive = Archive(config.output)
    with archive.building() as folder:
        analysis = analyse(sources, config, part(progress, 0.0, 0.6))
        progress("writing the report", 0.6)
        report = compose(analysis, config)
        names = [f"report.{suffix}" if suffix != "xlsx" else "segments.xlsx" for suffix in config.report.formats]
        write(report, *(folder / name for name in names), config=config, progress=part(progress, 0.65, 0.95))
        write_assignments(analysis, folder / "customers.csv")
        (folder / "model.json").write_text(to_json(analysis.segmentation.model), encoding="utf-8", newline="\n")
        manifest = make_manifest(analysis, config, folder, reportgen.__version__)
        (folder / MANIFEST).write_text(manifest_text(manifest), encoding="utf-8", newline="\n")
        target, new = archive.publish(folder, run_label(analysis.source, manifest["as_of"]))
    _list_runs(archive, config)
    progress("done", 1.0)
    return Run(target, tuple(sorted(target.iterdir())), analysis, new)


def _list_runs(archive: Archive, config: Config) -> None:
    """Bring the list of runs up to date; a finished run stands whether or not that works."""
    try:
        write_runs_page(archive.root, config)
    except (OSError, ReportgenError) as error:
        _LOG.warning("the list of runs was not written: %s", error)
