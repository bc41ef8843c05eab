"""The page that lists all runs of an archive, in the look of the reports."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from reportgen.config import Config
from reportgen.history.listing import Listed, list_runs
from reportgen.locales import phrases
from reportgen.report.branding import theme_of
from reportgen.report.html import fill, style_sheet
from reportgen.report.wording import format_quantity
from reportgen.values import Quantity, count

PAGE = "index.html"


def write_runs_page(root: Path, config: Config) -> Path:
    """Write ``root/index.html``, a list of the runs below ``root/runs``; it appears complete or not at all.

    Raises OSError where it can't be written and ConfigError for a template or brand that can't be used.
    """
    page = render_runs_page(list_runs(root / "runs"), config)
    draft, target = root / f".{PAGE}.{os.getpid()}.part", root / PAGE
    try:
        draft.write_text(page, encoding="utf-8", newline="\n")
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return target


def render_runs_page(runs: Sequence[Listed], config: Config) -> str:
    """Return the list of runs as a page that needs no network and no script."""
    theme, language = theme_of(config), config.report.voice
    return fill(
        theme,
        "runs.html.j2",
        runs=runs,
        organisation=config.report.organisation,
        language=language,
        css=style_sheet(theme, "screen"),
        word=lambda key: phrases(language)[f"layout.{key}"],
        number=lambda value: format_quantity(count(value), language),
        day=lambda date: format_quantity(Quantity(date, "date"), language),
        size=lambda size: format_quantity(Quantity(size / 1e6, "number", decimals=1), language) + " MB",
        address=lambda run: "runs/" + quote(f"{run.name}/{run.page}"),
    )
