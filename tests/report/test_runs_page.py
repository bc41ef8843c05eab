"""The list of runs: newest first, damaged ones marked, nothing becomes markup, written whole or not at all."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from shared import MALL

from reportgen.config import Config
from reportgen.history.listing import list_runs
from reportgen.pipeline import run
from reportgen.report.runs_page import render_runs_page, write_runs_page
from reportgen.settings import ReportConfig


def make_run(root: Path, name: str, second: int, headline: str = "Two groups", **manifest: object) -> Path:
    folder = root / "runs" / name
    folder.mkdir(parents=True)
    (folder / "report.html").write_text("<p>" + "x" * 2_000_000)
    (folder / "report.json").write_text(json.dumps({"title": headline}))
    text = {"as_of": "2024-06-01", "customers": 1200, "segments": {"s01": "A", "s02": "B"}} | manifest
    files = {"report.html": "", "report.json": ""}
    (folder / "manifest.json").write_text(json.dumps({"files": files} | text))
    os.utime(folder / "manifest.json", (second, second))
    return folder


def test_runs_are_listed_with_headline_and_size_the_last_written_first(tmp_path: Path) -> None:
    make_run(tmp_path, "shop-2024-05.r1", 100, "Old finding")
    make_run(tmp_path, "shop-2024-06.r1", 200, "New finding", as_of=None)
    page = write_runs_page(tmp_path, Config()).read_text()
    assert page.index("New finding") < page.index("Old finding")
    assert 'href="runs/shop-2024-05.r1/report.html"' in page
    for shown in ("1,200", "2.0 MB", "1 Jun 2024"):
        assert shown in page
    assert {path.name for path in tmp_path.iterdir()} == {"runs", "index.html"}


@pytest.mark.parametrize(
    "harm", ["no manifest", "broken manifest", "no report", "broken report", "odd manifest", "odd date"]
)
def test_a_damaged_run_is_listed_as_such(tmp_path: Path, harm: str) -> None:
    folder = make_run(tmp_path, "shop.r1", 100, "Sound")
    if harm == "no manifest":
        (folder / "manifest.json").unlink()
    elif harm == "no report":
        (folder / "report.html").unlink()
    elif harm == "broken report":
        (folder / "report.json").write_text("{")
    else:
        text = {"broken manifest": "\x00{", "odd manifest": "[]"}.get(harm) or json.dumps(
            {"files": {}, "as_of": "soon", "customers": 1, "segments": {}}
        )
        (folder / "manifest.json").write_text(text)
    make_run(tmp_path, "shop.r2", 200, "Whole")
    runs = {run.name: run for run in list_runs(tmp_path / "runs")}
    assert runs["shop.r1"].damaged
    assert not runs["shop.r2"].damaged
    page = render_runs_page(tuple(runs.values()), Config())
    assert page.count("Damaged:") == 1
    assert "Whole" in page


def test_what_a_run_says_never_becomes_markup(tmp_path: Path) -> None:
    make_run(tmp_path, "a&b <i>.r1", 100, "<script>alert(1)</script>")
    page = render_runs_page(list_runs(tmp_path / "runs"), Config())
    assert "<script" not in page
    assert 'href="runs/a%26b%20%3Ci%3E.r1/report.html"' in page
    assert not re.search(r"https?://", page)


def test_an_archive_without_runs_says_so_and_speaks_the_language_of_the_report(tmp_path: Path) -> None:
    page = render_runs_page(list_runs(tmp_path / "runs"), Config(report={"language": "de"}))
    assert "Es gibt noch keinen Bericht." in page
    assert '<html lang="de">' in page


def test_a_page_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "index.html").mkdir()
    with pytest.raises(IsADirectoryError):
        write_runs_page(tmp_path, Config())
    assert [path.name for path in tmp_path.iterdir()] == ["index.html"]


def test_a_finished_run_stands_though_the_list_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full_disk(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("reportgen.pipeline.write_runs_page", full_disk)
    done = run(str(MALL), Config(output=str(tmp_path), report=ReportConfig(formats=("json",))))
    assert (done.folder / "report.json").is_file()
    assert not (tmp_path / "index.html").exists()
    assert "the list of runs was not written: disk full" in caplog.text


def test_a_run_brings_the_list_up_to_date(tmp_path: Path) -> None:
    done = run(str(MALL), Config(output=str(tmp_path), report=ReportConfig(formats=("json",))))
    page = (tmp_path / "index.html").read_text()
    assert done.folder.name in page
    assert json.loads((done.folder / "report.json").read_text())["title"].split("&")[0] in page
