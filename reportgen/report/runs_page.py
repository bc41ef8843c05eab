"""The page that lists all runs of an archive, in the look of the reports."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from reportgen.config import Config
from reportgen.history.archive import Archive
from reportgen.history.listing import Listed, list_runs
from reportgen.history.trend import MonthFigures, read_trend
from reportgen.report.branding import theme_of
from reportgen.report.charts import draw_all
from reportgen.report.html import drawer, fill, page_functions, style_sheet
from reportgen.report.model import Report, Section
from reportgen.report.trend_lines import archive_trends
from reportgen.report.wording import format_quantity
from reportgen.values import Quantity, count

PAGE = "index.html"


def write_runs_page(root: Path, config: Config) -> Path:
    """Write ``root/index.html``, a list of the runs below ``root/runs``; it appears complete or not at all.

    Raises OSError where it can't be written and ConfigError for a template or brand that can't be used.
    """
    archive = Archive(root)
    months = read_trend(run for run in map(archive.current, reversed(archive.periods())) if run is not None)
    page = render_runs_page(list_runs(root / "runs"), config, months)
    draft, target = root / f".{PAGE}.{os.getpid()}.part", root / PAGE
    try:
        draft.write_text(page, encoding="utf-8", newline="\n")
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return target


def render_runs_page(runs: Sequence[Listed], config: Config, months: Sequence[MonthFigures] = ()) -> str:
    """Return the list of runs, and the trend of their months, as a page that needs no network and no script."""
    theme, language = theme_of(config), config.report.voice
    page = _trend_page(months, config)
    return fill(
        theme,
        "runs.html.j2",
        runs=runs,
        figures=page.sections[0].blocks,
        **page_functions(page, theme, drawer(page, theme, draw_all(page, theme))),
        organisation=config.report.organisation,
        language=language,
        report=page,
        mode="screen",
        css=style_sheet(theme, "screen"),
        number=lambda value: format_quantity(count(value), language),
        day=lambda date: format_quantity(Quantity(date, "date"), language),
        size=lambda size: format_quantity(Quantity(size / 1e6, "number", decimals=1), language) + " MB",
        address=lambda run: "runs/" + quote(f"{run.name}/{run.page}"),
    )


def _trend_page(months: Sequence[MonthFigures], config: Config) -> Report:
    """Return the figures of the trend as a report of one section, which the charts are drawn for."""
    language = config.report.voice
    trend = Section("trend", "page", "", "", None, archive_trends(months, language))
    return Report("", config.report.organisation, "", language, "", config.report.paper, "", (), (trend,), ())
