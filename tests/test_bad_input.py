"""Bad input from end to end: a finding, or one sentence with a way out; nothing half-written, nothing that runs."""

from __future__ import annotations

import csv
import json
import re
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import bad_tables as bad
import numpy as np
import pandas as pd
import pypdf
import pytest

from reportgen.cli.main import run_cli
from reportgen.config import Config, load_config
from reportgen.errors import ExitCode, InputError
from reportgen.pipeline import run

IDS = [f"C{i}" for i in range(60)]
NUMBERS = "no column of numbers that tell customers apart"


def double(frame: pd.DataFrame) -> pd.Series:
    return frame["spend"] * 2


def fifth(frame: pd.DataFrame) -> pd.Series:
    return frame["spend"] / 5


REFUSED: dict[str, tuple[bad.Maker, str, str]] = {  # name: file, words of the sentence, words of the way out
    "absent": (bad.absent, "there is no file", "path"),
    "empty": (bad.content(b""), "in.csv is empty", "export it again"),
    "blank lines": (bad.content(b"\n\n\n"), "only blank lines", "export it again"),
    "header only": (bad.lines("customer_id,spend,orders"), "no rows", "export"),
    "one row": (bad.lines("customer_id,spend,orders", "A,1,2"), "always the same", "one row per customer"),
    "nine rows": (bad.changed(9), "9 usable customers; a report needs at least 10", "more customers"),
    "one column": (bad.table(bad.customers()[["spend"]]), "1 column of numbers", "--map"),
    "one column and an id": (bad.table(bad.customers()[["customer_id", "spend"]]), "1 column of numbers", "--map"),
    "no numbers": (
        bad.table(pd.DataFrame({"customer_id": IDS, "town": ["Rome", "Oslo"] * 30, "plan": ["a", "b", "c"] * 20})),
        NUMBERS,
        "--map",
    ),
    "all constant": (bad.changed(spend=5, orders=3, visits=9), "spend (number, always the same)", "numbers about each"),
    "all missing": (bad.changed(spend="", orders="NA", visits="-"), "spend (empty)", "numbers about each"),
    "two distinct points": (
        bad.changed(spend=[1, 9] * 30, orders=[2, 8] * 30, visits=[3, 7] * 30),
        "only one column can form segments",
        "--features",
    ),
    "collinear only": (
        bad.table(bad.customers()[["customer_id", "spend"]].assign(net=double, tax=fifth)),
        "rank customers alike",
        "--features",
    ),
    "sparse counts only": (
        bad.table(bad.sparse_counts().assign(customer_id=range(1000, 1300))),
        "zero for 8",
        "--features",
    ),
    "ids twice": (
        bad.table(pd.concat([bad.customers(), bad.customers(30)]).assign(spend=range(90))),
        "several rows that differ",
        "--kind orders",
    ),
    "dates that are none": (
        bad.table(bad.orders().assign(order_date="soon")),
        "'order_date' is named like one, but its values say no",
        "--map order_date",
    ),
    "refunds only": (bad.table(bad.orders().assign(amount=-5.5)), "only refunds", "--map"),
    "guests only": (bad.table(bad.orders().assign(customer_id="")), "the customer", "--map customer_id"),
    "five buyers": (bad.table(bad.orders(buyers=5)), "5 customers have bought", "reportgen check"),
    "two currencies": (
        bad.table(bad.orders().assign(currency=["EUR", "USD"] * 150)),
        "several currencies",
        "one file per currency",
    ),
    "folder": (bad.empty_folder, "is a folder that holds no table", "path of a file"),
    "binary": (bad.content(bytes(range(256)) * 40), "binary data", "CSV"),
    "nulls in every line": (
        bad.content(b"customer_id,spend\n" + b"".join(b"C%d\0,%d\n" % (i, i) for i in range(60))),
        "binary data",
        "CSV",
    ),
    "picture": (bad.content(b"\x89PNG\r\n\x1a\n" + bytes(400)), "PNG picture", "not a picture"),
    "cut-off gzip": (bad.cut_off, "damaged gzip", "again"),
    "damaged Excel": (bad.content(b"PK\x03\x04" + b"x" * 500, "in.xlsx"), "damaged", "again"),
    "damaged Parquet": (bad.content(b"PAR1" + b"x" * 500 + b"PAR1", "in.parquet"), "damaged Parquet", "again"),
    "cut-off JSON lines": (bad.content(b'{"a": 1}\n{"a":\n', "in.jsonl"), "not valid JSON in line", "again"),
}  # fmt: skip

WRONG_SETTINGS: dict[str, tuple[bad.Maker, list[str], str, str]] = {
    "k beyond the distinct customers": (
        bad.changed(spend=[1, 2, 3] * 20, orders=[5, 9, 1] * 20, visits=[7, 8, 99] * 20),
        ["-k", "6"],
        "k = 6, but only 3 customers differ",
        "at most 3",
    ),
    "k beyond the customers": (bad.changed(12), ["-k", "20"], "only 12 customers differ", "at most 12"),
    "unknown feature": (bad.changed(), ["--features", "spnd,orders"], "no column 'spnd'", "'orders'"),
    "feature without spread": (bad.changed(fee=7), ["--features", "fee,orders,spend"], "no spread", "Leave them out"),
    "unknown encoding": (bad.changed(), ["--encoding", "nonsense"], "not a known encoding", "utf-8"),
}

ACCEPTED: dict[str, tuple[bad.Maker, str]] = {  # name: file, words of the finding, shown in the report
    "broken encoding": (bad.broken_encoding, "can't be read as UTF-8"),
    "headers twice": (
        bad.lines(
            "customer_id,spend,spend,orders,",
            *(f"C{i},{90 + 200 * (i % 3) + i},{1 + i * 7 % 31},{3 + i * 11 % 9}," for i in range(60)),
        ),
        "this one is called",
    ),
    "rows too long": (
        bad.lines(
            "customer_id,spend,orders",
            *(f"C{i},{i * 7 % 50 + 1},{i % 7 + 1}{',x' * (i % 9 == 0)}" for i in range(80)),
        ),
        "more cells than the header",
    ),
    "one giant": (bad.changed(120, spend=lambda d: [1e12, *d.spend[1:]]), "extreme values"),
    "mostly missing": (bad.changed(200, rare=["5", "7"] + [""] * 198), "Missing for 99% of the customers"),
    "collinear": (bad.changed(120, net=double, tax=fifth), "rank customers alike"),
    "categories without end": (bad.changed(120, town=[f"Town {i}" for i in range(120)]), "Town"),
    "not finite": (bad.not_finite, "no spend or no order"),
    "few customers": (bad.changed(60), "60 customers are too few"),
}  # fmt: skip


def report(source: Path, folder: Path, *options: str) -> int:
    return run_cli(["-q", "run", str(source), "-o", str(folder / "out"), "--format", "html,json", *options])


def refused(capsys: pytest.CaptureFixture[str], folder: Path, message: str, hint: str) -> None:
    shown = capsys.readouterr()
    assert shown.out == ""
    error, way_out, *more = shown.err.splitlines()
    assert not more, "more than a sentence and a hint"
    assert error.startswith("Error: ")
    assert message in error
    assert way_out.startswith("Hint: ")
    assert hint in way_out
    assert "Traceback" not in shown.err
    assert "mistake of its own" not in shown.err
    assert not [path for path in (folder / "out").rglob("*") if path.is_file()], "something half-written was left"


@pytest.mark.parametrize("name", REFUSED)
def test_what_no_report_can_be_made_of_is_refused(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make, message, hint = REFUSED[name]
    assert report(make(tmp_path), tmp_path) == ExitCode.FAILED
    refused(capsys, tmp_path, message, hint)


@pytest.mark.parametrize("name", WRONG_SETTINGS)
def test_settings_that_the_data_contradict(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make, options, message, hint = WRONG_SETTINGS[name]
    assert report(make(tmp_path), tmp_path, *options) == ExitCode.USAGE
    refused(capsys, tmp_path, message, hint)


@pytest.mark.parametrize("name", ACCEPTED)
def test_a_defect_is_said_in_the_report(name: str, tmp_path: Path) -> None:
    make, finding = ACCEPTED[name]
    assert report(make(tmp_path), tmp_path) == ExitCode.GOOD
    (folder,) = (tmp_path / "out" / "runs").iterdir()
    assert finding in words_of(folder / "report.html")
    strict_json(folder / "report.json")


@pytest.mark.slow
def test_forty_sparse_counts_beside_good_columns_only_describe(tmp_path: Path) -> None:
    frame = pd.concat([bad.customers(300), bad.sparse_counts()], axis=1)
    finished = run(str(bad.table(frame)(tmp_path)), config(tmp_path, "html"))
    used = finished.analysis.segmentation.model.recipe.names
    assert set(used) <= {"spend", "orders", "visits"}
    assert finished.analysis.segmentation.k == 3


@pytest.mark.slow
def test_five_thousand_categories_are_no_crash(tmp_path: Path) -> None:
    frame = bad.customers(5_000).assign(town=[f"Town {i}" for i in range(5_000)], plan=["a", "b"] * 2_500)
    finished = run(str(bad.table(frame)(tmp_path)), config(tmp_path, "html,json"))
    assert "Town 4999" not in (finished.folder / "report.html").read_text(encoding="utf-8")


def test_noise_gets_no_praise(tmp_path: Path) -> None:
    noise = pd.DataFrame(np.random.default_rng(3).normal(size=(150, 3)), columns=["a", "b", "c"])
    finished = run(str(bad.table(noise.assign(customer_id=range(5_000, 5_150)))(tmp_path)), config(tmp_path, "html"))
    shown = words_of(finished.folder / "report.html")
    assert finished.analysis.segmentation.verdict.kind == "constructed"
    assert "other groups came back" in shown
    assert "each segment came back" not in shown


@pytest.mark.parametrize(
    "sources",
    [42, [[1, 2]], {}, None, pd.Series([1, 2]), [], ""],
    ids=lambda value: f"{type(value).__name__}{value}"[:20],
)
def test_what_is_no_table_at_all_is_refused_by_the_library(sources: object, tmp_path: Path) -> None:
    with pytest.raises(InputError):
        run(sources, config(tmp_path, "html"))
    assert not [path for path in (tmp_path / "out").rglob("*") if path.is_file()]


@pytest.fixture(scope="module", params=["csv", "parquet"])
def harmless(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run over hostile ids, cells and headers."""
    folder = tmp_path_factory.mktemp("hostile")
    frame, source = bad.hostile(), folder / f"in.{request.param}"
    if request.param == "csv":  # no CSV can carry a NUL
        frame.map(lambda cell: cell.replace("\0", "") if isinstance(cell, str) else cell).to_csv(source, index=False)
    else:
        frame.to_parquet(source)
    finished = run(str(source), config(folder, "html,json,pdf,xlsx"))
    return finished.folder


class Tags(HTMLParser):
    """Collects what a browser would act on, and the text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.active: list[str] = []
        self.words: list[str] = []
        self.quiet = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.quiet += tag in ("style", "script")
        names = [name for name, value in attrs if name.startswith("on") or (value or "").startswith("javascript:")]
        if tag in ("script", "img", "iframe", "object", "link") or names:
            self.active.append(f"{tag} {attrs}")

    def handle_endtag(self, tag: str) -> None:
        self.quiet -= tag in ("style", "script")

    def handle_data(self, data: str) -> None:
        if not self.quiet:
            self.words.append(data)


def parsed(page: Path) -> Tags:
    tags = Tags()
    tags.feed(page.read_text(encoding="utf-8"))
    return tags


def words_of(page: Path) -> str:
    return " ".join(" ".join(parsed(page).words).split())


def strict_json(path: Path) -> object:
    def reject(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    return json.loads(path.read_text(encoding="utf-8"), parse_constant=reject)


@pytest.mark.slow
def test_no_tag_of_the_data_reaches_the_page(harmless: Path) -> None:
    page = parsed(harmless / "report.html")
    assert page.active == []
    assert not re.search("[\0-\x08\x0b\x0c\x0e-\x1f]", (harmless / "report.html").read_text(encoding="utf-8"))
    shown = " ".join(page.words)
    for text in ("<script>alert(1)</script>", "<script>alert(9)</script>", "{{town}} <img src=x>"):
        assert text in shown, "cells and headers are shown as they are"


@pytest.mark.slow
def test_no_cell_of_the_workbook_is_a_formula(harmless: Path) -> None:
    with zipfile.ZipFile(harmless / "segments.xlsx") as parts:
        sheets = [parts.read(name) for name in parts.namelist() if name.startswith("xl/worksheets/sheet")]
        assert sheets
        assert not any(re.search(rb"<f[ >]|<hyperlink ", sheet) for sheet in sheets)
        assert not [name for name in parts.namelist() if "externalLink" in name or "vba" in name.lower()]


@pytest.mark.slow
def test_every_cell_of_the_customer_list_is_text_to_a_spreadsheet(harmless: Path) -> None:
    with (harmless / "customers.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert len(rows) == 1 + 108
    assert len({len(row) for row in rows}) == 1
    assert not [cell for row in rows for cell in row if cell[:1] in "=+-@\t\r" and cell]


@pytest.mark.slow
def test_json_and_pdf_are_intact(harmless: Path) -> None:
    for name in ("report.json", "model.json", "manifest.json"):
        assert strict_json(harmless / name)
    document = pypdf.PdfReader(harmless / "report.pdf")
    assert len(document.pages) >= 3
    assert "/JavaScript" not in str(document.trailer["/Root"])
    assert b"/JavaScript" not in (harmless / "report.pdf").read_bytes()


def config(folder: Path, formats: str) -> Config:
    return load_config(output=str(folder / "out"), report__formats=tuple(formats.split(",")))
