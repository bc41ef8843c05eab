"""The report as an accessible, archivable PDF."""

from __future__ import annotations

import csv
import datetime as dt
import io
import logging
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import weasyprint
from markupsafe import Markup
from weasyprint.formatting_structure import boxes
from weasyprint.text.fonts import FontConfiguration

from reportgen.config import Config
from reportgen.errors import OutputError
from reportgen.history.cells import harmless
from reportgen.report.box_styles import PrintFonts
from reportgen.report.branding import theme_of
from reportgen.report.canvas import Canvas
from reportgen.report.charts import draw_all
from reportgen.report.html import UNDATED, fill_template
from reportgen.report.model import Figure, Grid, Report, Section
from reportgen.report.pdf_file import finish
from reportgen.report.plate import Plate, Type
from reportgen.report.rules import join_rules
from reportgen.report.sheet import PrintSheet
from reportgen.report.svg import title_of
from reportgen.report.theme import Theme
from reportgen.report.walk import blocks_of, grids_of

_CLOSEST = 3  # the closest way to set a sheet
_SHORT = 0.3  # a last page filled less than this, its head included, holds leftovers
_LINE = 0.1  # where a section has no table, closer setting gains room for a line or two
_LOG = logging.getLogger("reportgen.pdf")


def render_pdf(report: Report, config: Config | None = None, drawings: Mapping[str, Canvas] | None = None) -> bytes:
    """Return the report as PDF, conforming to PDF/UA-1 and PDF/A-3a; equal reports give equal bytes.

    ``drawings`` are the charts by figure name (``charts.draw_all``) where another writer has drawn them already.
    Raises ConfigError for a template that can't be used, OutputError where a picture or font can't be laid out.
    """
    theme = theme_of(config or Config())
    shared = draw_all(report, theme) if drawings is None else drawings

    def lay_out(part: Report, tight: Mapping[str, int], missing: Collection[str] = ()) -> Any:
        absent = dict.fromkeys(map(ord, missing), "□")
        fonts = FontConfiguration() if theme.folder else PrintFonts()
        plates: dict[str, Plate] = {}
        letters = Type(fonts, part.language, absent)

        def picture(figure: Figure) -> Markup:
            address = f"chart:{len(plates)}"
            plates[address] = Plate(shared[figure.name], letters)
            alt = title_of(shared[figure.name]) or figure.name
            return Markup('<img src="{}" alt="{}">').format(address, alt)

        page = fill_template(part, theme, "print", picture, tight).translate(absent)
        sheet = PrintSheet(page, _Fetcher(theme), plain=not theme.folder)
        return sheet.render(fonts, cache=plates)

    with _watched() as found:
        document = lay_out(report, {})
        if tight := _tightened(report, document, lay_out):
            document = lay_out(report, tight)
        pdf = _written(document, report)
        if found.missing:
            _warn_of(found.missing)
            pdf = _written(lay_out(report, tight, found.missing), report)
    return pdf


def _tightened(report: Report, document: Any, lay_out: Callable[[Report, Mapping[str, int]], Any]) -> dict[str, int]:
    """Return how closely each section must be set whose last page would hold a few leftover lines, 1 to 3.

    The sections concerned are tried alone, which costs little beside a layout of everything; a section that closer
    setting does not make shorter stays as it is.
    """
    tight: dict[str, int] = {}
    pages = _pages(document, report.sections)
    open_ = [section for section in report.sections if _spills(section, pages)]
    for level in range(1, _CLOSEST + 1):
        if not open_:
            break
        tight |= {section.id: level for section in open_}
        tried = _pages(lay_out(replace(report, sections=tuple(open_)), tight), open_)
        if level == 1:
            for section in open_:
                if section.kind != "segment" and len(tried[section.id]) >= len(pages[section.id]):
                    del tight[section.id]
        open_ = [section for section in open_ if section.kind == "segment" and _spills(section, tried)]
    return tight


def _pages(document: Any, sections: Collection[Section]) -> dict[str, list[Any]]:
    """Return the pages of every section by its id: from the one with its anchor to the next section's."""
    pages: dict[str, list[Any]] = {section.id: [] for section in sections}
    current: list[str] = []
    for page in document.pages:
        current = [anchor for anchor in page.anchors if anchor in pages] or current
        for section in current:
            pages[section].append(page)
    return pages


def _spills(section: Section, pages: Mapping[str, list[Any]]) -> bool:
    """Tell whether a sheet has more than one page, or the last of several pages of another section is nearly empty."""
    own = pages.get(section.id, [])
    if len(own) < 2 or section.kind == "segment":
        return len(own) > 1
    return _filled(own[-1]) < (_SHORT if any(isinstance(block, Grid) for block in blocks_of(section)) else _LINE)


def _filled(page: Any) -> float:
    """Return the part of a page's height above its last line or picture."""
    content = page._page_box.children[0].descendants()
    ends = [box.position_y + box.height for box in content if isinstance(box, (boxes.LineBox, boxes.ReplacedBox))]
    return float(max(ends, default=0.0) / page.height)


def _written(document: Any, report: Report) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # WeasyPrint leaves its colour profile open
        join_rules(document)
        attachments = [_attached(grid, report) for grid in _segment_table(report)]
        return bytes(document.write_pdf(finisher=finish, attachments=attachments, pdf_variant="pdf/a-3a") or b"")


def _segment_table(report: Report) -> tuple[Grid, ...]:
    """Return the widest table with one row per segment, the one that readers want to calculate with."""
    found = [
        grid
        for grid in grids_of(report)
        if {row.segment for row in grid.rows if row.segment} >= set(report.segments) and len(grid.columns) > 1
    ]
    return tuple(sorted(found, key=lambda grid: -len(grid.columns))[:1]) if report.segments else ()


def _attached(grid: Grid, report: Report) -> Any:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(harmless(column.label) for column in grid.columns)
    for row in grid.rows:
        values = [None if cell.suppressed else cell.value for cell in row.cells]
        writer.writerow(harmless(value) if isinstance(value, str) else value for value in values)
    day = dt.datetime.fromisoformat(report.date or UNDATED)
    return weasyprint.Attachment(
        string=out.getvalue(), name="segments.csv", description=grid.title or grid.name,
        created=day, modified=day, relationship="Data",
    )  # fmt: skip


def _warn_of(missing: Collection[str]) -> None:
    letters = "".join(sorted(missing))
    _LOG.warning(
        "no font on this machine has the letters %s; the PDF shows □ in their place. Install a font that has them, "
        "such as Noto Sans CJK, and run again.",
        letters[:40] + ("…" if len(letters) > 40 else ""),
    )


class _Fetcher(weasyprint.URLFetcher):  # type: ignore[misc]
    """Opens data URIs and files of the template folders, nothing else: no network, no other file."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(allowed_protocols={"data", "file"}, allow_redirects=False)
        folders = [theme.file("report.html.j2").parent, *(face.path.parent for face in theme.faces)]
        self._folders = [folder.resolve() for folder in (*folders, *([Path(theme.folder)] if theme.folder else []))]

    def fetch(self, url: str, headers: Any = None) -> Any:
        parts = urlsplit(url)
        if parts.scheme == "file":
            path = Path(unquote(parts.path)).resolve()
            if not any(path.is_relative_to(folder) for folder in self._folders):
                raise ValueError(f"{url} lies outside the template folder")
        return super().fetch(url, headers)


class _Watcher(logging.Handler):
    """Collects what WeasyPrint only logs: pictures left out, letters that no font has."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.errors: list[str] = []
        self.missing: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.ERROR:
            self.errors.append(record.getMessage())
        elif isinstance(record.args, tuple) and record.args and ".notdef" in str(record.msg):
            self.missing.add(str(record.args[0]))


@contextmanager
def _watched() -> Iterator[_Watcher]:
    logger = logging.getLogger("weasyprint")
    watcher = _Watcher()
    logger.addHandler(watcher)
    propagate, logger.propagate = logger.propagate, False
    try:
        yield watcher
    finally:
        logger.propagate = propagate
        logger.removeHandler(watcher)
    if watcher.errors:
        raise OutputError(
            f"the PDF would be incomplete: {watcher.errors[0][:300]}",
            "If you use a template folder of your own, check what it refers to; otherwise please report this.",
        )
