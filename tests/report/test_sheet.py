"""What WeasyPrint is given: any page of HTML, read the quick way only where that means the same."""

from __future__ import annotations

import dataclasses
import io

import handmade_reports as samples
import pytest
import weasyprint
from pypdf import PdfReader

from reportgen.report import sheet
from reportgen.report.pdf import render_pdf
from reportgen.report.sheet import PrintSheet

LOOSE = '<html lang="en"><title>t</title><body><p>One<br>two &amp; three&nbsp;four<ul><li>five<li>six</ul>'
STRICT = '<html lang="en"><head><title>t</title></head><body><p>One<br>two &amp; three&nbsp;four</p></body></html>'
DRAWN = '<html><body><svg viewBox="0 0 9 9" width="9"><path d="M0 0h9v9z"/></svg><p>after</p></body></html>'
QUIET = "<html><head><style><!-- p { color: red } --></style></head><body><p>One</p></body></html>"
NOTED = '<html><body><p>Said<span style="float: footnote">Proved</span></p></body></html>'


def text_of(pdf: bytes) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages]


@pytest.mark.parametrize(
    "page", [LOOSE, STRICT, DRAWN, QUIET, NOTED], ids=["loose", "strict", "drawn", "quiet", "noted"]
)
def test_a_page_of_any_kind_prints_as_weasyprint_prints_it(page: str) -> None:
    ours = PrintSheet(page, weasyprint.URLFetcher(), plain=False).write_pdf()
    theirs = weasyprint.HTML(string=page).write_pdf()
    assert text_of(ours or b"") == text_of(theirs or b"")


def test_our_template_prints_the_same_through_the_html_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    report = samples.mall()
    short = dataclasses.replace(report, sections=(*report.sections[:2], report.sections[4], report.sections[-1]))
    quick = render_pdf(short)
    with monkeypatch.context() as patch:
        patch.setattr(sheet, "_tree", lambda page: None)
        slow = render_pdf(short)
    assert text_of(quick) == text_of(slow)
