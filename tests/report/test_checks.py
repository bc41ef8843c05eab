"""Words against numbers: in the report itself, and in the HTML, PDF and JSON made of it."""

from __future__ import annotations

import dataclasses
import html
import json
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest
from analyses import log_like, mall_like
from shared import shared_data

from reportgen.analysis import analyse
from reportgen.report.checks import check_numbers, check_output, check_report
from reportgen.report.data import render_json
from reportgen.report.html import render_html
from reportgen.report.model import Report, Sentence
from reportgen.report.pdf import render_pdf
from reportgen.report.sections import compose
from reportgen.report.walk import sentences_of
from reportgen.values import Quantity, Statement, settled

REAL = {
    "mall": ("mall_customers.csv",),
    "two months": ("online_retail/2011-01.csv.gz", "online_retail/2011-02.csv.gz"),
    "wholesale": ("wholesale/Wholesale_customers_data.csv",),
}


@cache
def made(name: str) -> Report:
    if name in ("table", "log"):
        return compose(mall_like() if name == "table" else log_like())
    return compose(analyse([str(shared_data(file)) for file in REAL[name]]))


every_report = pytest.mark.parametrize(
    "name", ["table", "log", *(pytest.param(name, marks=pytest.mark.slow) for name in REAL)]
)


def words_of_page(page: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", re.sub(r"<style>.*?</style>|<svg.*?</svg>", "", page, flags=re.DOTALL)))


@every_report
def test_figures_in_sentences_are_those_of_tiles_and_tables(name: str) -> None:
    assert check_report(made(name)) == ()
    assert check_numbers(made(name)) == ()


@every_report
def test_the_page_says_what_the_report_says(name: str) -> None:
    assert check_output(made(name), words_of_page(render_html(made(name)))) == ()


@every_report
def test_the_print_says_what_the_report_says(name: str, tmp_path: Path) -> None:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) is not installed: the words of the PDF are not compared")
    file = tmp_path / "report.pdf"
    file.write_bytes(render_pdf(made(name)))
    text = subprocess.run(["pdftotext", "-raw", file, "-"], capture_output=True, check=True, text=True).stdout
    assert check_output(made(name), text) == ()


@every_report
def test_the_data_file_says_what_the_report_says(name: str) -> None:
    document = json.loads(render_json(made(name)))
    for section in made(name).sections:
        stored = document["sections"][section.id].get("sentences", [])
        assert [item["text"] for item in stored] == [sentence.text for sentence in sentences_of(section)]
        for item, sentence in zip(stored, sentences_of(section), strict=True):
            values = [dict(source.values) for source in sentence.sources]
            assert [
                {name: cell.get("value") for name, cell in source["values"].items()}
                for source in item.get("sources", [])
            ] == [{name: written(q) for name, q in source.items()} for source in values]


def written(quantity: Quantity) -> float | int | str | None:
    value = None if quantity.suppressed else quantity.value
    return settled(value) if isinstance(value, float) else value


def changed(report: Report, sentence: Sentence) -> Report:
    lede = dataclasses.replace(report.sections[1], lede=sentence)
    return dataclasses.replace(report, sections=(report.sections[0], lede, *report.sections[2:]))


def test_the_check_sees_a_figure_that_no_table_holds() -> None:
    wrong = Statement("summary.lede", (("k", Quantity(5, "number", decimals=0)), ("customers", Quantity(987, "count"))))
    report = changed(made("table"), Sentence("987 customers fall into 5 segments.", (wrong,)))
    assert [problem.split(" in ")[0] for problem in check_numbers(report)] == ["summary: customers = 987"]


def test_the_check_sees_a_page_that_says_another_figure_or_lacks_a_cell() -> None:
    report = made("table")
    page = words_of_page(render_html(report))
    share = "40%"
    assert share in page
    assert check_output(report, page.replace(share, "41%")) != ()
    assert check_output(report, page.replace("fall into", "fell into")) != ()
