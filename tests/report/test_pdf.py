"""A PDF that conforms to PDF/UA-1 and PDF/A-3a, the same bytes every time, and one page per segment."""

from __future__ import annotations

import dataclasses
import io
import logging
from collections import Counter
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import handmade_reports as samples
import numpy as np
import pandas as pd
import pytest
from pypdf import PdfReader

from reportgen.analysis import analyse
from reportgen.config import Config
from reportgen.errors import OutputError
from reportgen.report import pdf_file
from reportgen.report.model import Report, Section
from reportgen.report.pdf import render_pdf
from reportgen.report.sections import compose
from reportgen.settings import ReportConfig, SegmentsConfig

SLOW_SHOPS = [pytest.param(k, marks=pytest.mark.slow) for k in (2, 12, 25)]


@pytest.fixture(scope="module")
def mall() -> bytes:
    return render_pdf(samples.mall())


def reader(pdf: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(pdf))


def pages_by_section(pdf: bytes) -> Mapping[str, int]:
    """Return the page on which every bookmark stands."""
    document = reader(pdf)
    outline: list[Any] = document.outline
    return {item.title: document.get_destination_page_number(item) for item in outline if not isinstance(item, list)}


def small(*sections: Section) -> Report:
    report = samples.mall()
    return dataclasses.replace(report, sections=sections or report.sections[:2])


def hostile() -> Report:
    report = samples.hostile()
    return dataclasses.replace(report, sections=(report.sections[0], report.sections[-1]))


@pytest.mark.parametrize("report", ["mall", "letter", "hostile"])
def test_it_conforms_to_both_standards(report: str, mall: bytes, tmp_path: Path) -> None:
    page = pytest.importorskip("page", reason="page-validation is not installed: PDF/UA and PDF/A are not checked")
    made = {"letter": lambda: dataclasses.replace(small(), paper="Letter"), "hostile": hostile}
    pdf = mall if report == "mall" else render_pdf(made[report]())
    (tmp_path / "report.pdf").write_bytes(pdf)
    for profile in (page.ValidationProfile.PDF_UA_1, page.ValidationProfile.PDF_A_3A):
        result = page.validate_pdf(str(tmp_path / "report.pdf"), profile=profile)
        assert [(failure.rule_id, failure.message) for failure in result.failures] == []


def test_no_stream_ends_like_a_line_which_checkers_would_miscount(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[bytes] = []
    for ends in ((), (b"\r", b"\n"), tuple(bytes([last]) for last in range(128))):
        monkeypatch.setattr(pdf_file, "_LINE_ENDS", ends)
        made.append(render_pdf(small()))
    texts = [[page.extract_text() for page in reader(pdf).pages] for pdf in made]
    assert texts[0] == texts[1] == texts[2]
    index = made[2][made[2].rindex(b"/Type /ObjStm") :]
    assert len(made[2]) >= len(made[1])
    assert all(stream[-1] >= 128 for stream in index.split(b"\nendstream")[:-1])


def test_the_same_report_gives_the_same_bytes(mall: bytes) -> None:
    assert render_pdf(samples.mall()) == mall


def test_metadata_come_from_the_report(mall: bytes) -> None:
    document = reader(mall)
    assert document.metadata is not None
    assert document.metadata.title == samples.mall().title
    assert document.metadata.author == "Northgate Mall"
    assert str(document.metadata.creation_date_raw).startswith("D:20261123")
    assert document.trailer["/Root"]["/Lang"] == "en"


def test_every_section_has_a_bookmark_a_running_head_and_its_page_in_the_contents(mall: bytes) -> None:
    document = reader(mall)
    places = pages_by_section(mall)
    contents = " ".join(document.pages[1].extract_text().split())
    for section in samples.mall().sections[1:]:
        nav = section.nav or section.title
        bookmark = f"{section.segment.letter} {nav}" if section.segment else nav
        page = places[bookmark]
        assert bookmark in document.pages[page].extract_text()
        assert f"{page + 1}{nav}" in contents
    assert f"2 / {len(document.pages)}" in document.pages[1].extract_text()


def assert_one_page_each(pdf: bytes, report: Report) -> None:
    places = sorted(pages_by_section(pdf).values())
    starts = pages_by_section(pdf)
    for segment in report.segments:
        start = starts[f"{segment.letter} {segment.name}"]
        assert min(page for page in places if page > start) == start + 1, segment.name


def test_a_segment_is_one_page(mall: bytes) -> None:
    assert_one_page_each(mall, samples.mall())


@pytest.mark.parametrize("k", SLOW_SHOPS)
def test_a_segment_is_one_page_however_many_there_are(k: int) -> None:
    report = samples.shop(k)
    assert_one_page_each(render_pdf(report), report)


def test_a_full_segment_is_one_page_on_either_paper() -> None:
    for paper in ("A4", "Letter"):
        report = dataclasses.replace(small(*samples.fullest_sheets()), paper=paper)
        assert len(reader(render_pdf(report)).pages) == 1 + len(report.sections)


def test_the_segment_table_is_attached_as_data(mall: bytes) -> None:
    attached = reader(mall).attachments
    assert list(attached) == ["segments.csv"]
    lines = attached["segments.csv"][0].decode().splitlines()
    assert lines[0] == 'Segment,Customers,Share,Age,"Income, k$",Women,Spend ÷ size'
    assert lines[1].startswith('"Top-spend, High income",39,0.195,')
    assert len(lines) == 1 + 5 + 1


def test_paper_is_what_was_asked_for(mall: bytes) -> None:
    letter = render_pdf(dataclasses.replace(small(), paper="Letter"))
    sizes = {tuple(round(float(edge)) for edge in page.mediabox[2:]) for page in reader(letter).pages}
    assert sizes == {(612, 792)}
    assert {tuple(round(float(edge)) for edge in page.mediabox[2:]) for page in reader(mall).pages} == {(595, 842)}


def test_only_our_fonts_are_used_and_only_in_part(mall: bytes) -> None:
    names = set()
    for page in reader(mall).pages:
        names |= {str(font.get_object()["/BaseFont"]) for font in page["/Resources"]["/Font"].values()}  # type: ignore[index]
    assert {name.split("+")[1].split("-")[0] for name in names} == {"Reportgen"}
    assert all(len(name.split("+")[0]) == 7 for name in names)  # "/ABCDEF": a subset


def test_letters_without_a_font_are_reported_and_shown_as_boxes(caplog: pytest.LogCaptureFixture) -> None:
    private = "\U0010fffd"  # for private use: no font has it
    section = Section("x", "page", "", "Title", samples.say(f"Before {private} after"), ())
    with caplog.at_level(logging.WARNING, logger="reportgen"):
        pdf = render_pdf(small(section))
    assert "no font on this machine" in caplog.text
    assert "Before □ after" in reader(pdf).pages[-1].extract_text()


@pytest.mark.parametrize("address", ["file:///etc/hostname", "http://localhost:9/x.png", "data:image/svg+xml,<svg"])
def test_a_template_that_reaches_out_fails(tmp_path: Path, address: str) -> None:
    (tmp_path / "report.html.j2").write_text(
        f'<html lang="en"><title>t</title><p><img alt="x" src="{address}"></p></html>'
    )
    with pytest.raises(OutputError, match="incomplete"):
        render_pdf(small(), Config(report=ReportConfig(templates=str(tmp_path))))


def test_a_template_may_use_files_of_its_own_folder(tmp_path: Path) -> None:
    picture = tmp_path / "logo.svg"
    picture.write_text('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>')
    (tmp_path / "report.html.j2").write_text(
        f'<html lang="en"><title>t</title><p><img alt="logo" src="{picture.as_uri()}"></p></html>'
    )
    assert render_pdf(small(), Config(report=ReportConfig(templates=str(tmp_path)))).startswith(b"%PDF-1.7")


def test_every_header_cell_says_what_it_heads(mall: bytes) -> None:
    scopes: Counter[str] = Counter()

    def walk(node: Any) -> None:
        node = node.get_object()
        if isinstance(node, list):
            for child in node:
                walk(child)
        elif isinstance(node, dict):
            if node.get("/S") == "/TH":
                scopes[str(node["/A"]["/Scope"])] += 1
            if "/K" in node and not isinstance(node["/K"], int):
                walk(node["/K"])

    walk(reader(mall).trailer["/Root"]["/StructTreeRoot"]["/K"])
    assert set(scopes) == {"/Column", "/Row"}


def sheet_pages(pdf: bytes) -> list[int]:
    """Return how many pages each section fills, from one bookmark to the next."""
    document = reader(pdf)
    marks: list[Any] = document.outline
    starts = [document.get_destination_page_number(mark) or 0 for mark in marks if not isinstance(mark, list)]
    return [after - before for before, after in pairwise([*starts, len(document.pages)])]


@pytest.mark.slow
@pytest.mark.parametrize(("k", "columns"), [(2, 2), (2, 40), (25, 40)])
def test_a_sheet_is_one_page_whatever_the_number_of_segments_and_columns(k: int, columns: int) -> None:
    rng = np.random.default_rng(3)
    centres = rng.normal(0, 5, (k, columns))
    n = max(12 * k, 100)
    values = centres[np.arange(n) % k] + rng.normal(0, 1, (n, columns))
    names = [f"Average monthly number of visits to department {i:02d} incl. online" for i in range(columns)]
    frame = pd.DataFrame(np.round(50 + 5 * values, 1), columns=names)
    frame.insert(0, "customer_id", [f"c{i:05d}" for i in range(len(frame))])
    config = Config(segments=SegmentsConfig(k=k, k_max=max(k, 8)))
    report = compose(analyse(frame, config), config)
    lengths = sheet_pages(render_pdf(report, config))[2:]  # behind cover and contents
    sheets = [pages for section, pages in zip(report.sections[1:], lengths, strict=True) if section.kind == "segment"]
    assert sheets == [1] * k
