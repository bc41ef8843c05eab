"""The Nu HTML checker finds no error: set REPORTGEN_VNU to vnu.jar of the npm package `vnu-jar`."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import handmade_reports as samples
import pytest
from letters import letter_of, report_of
from shared import ROOT

from reportgen.config import Config
from reportgen.history.listing import Listed
from reportgen.report.html import render_html
from reportgen.report.runs_page import render_runs_page

JAR = Path(os.environ.get("REPORTGEN_VNU", ROOT / "tests/mail/node_modules/vnu-jar/build/dist/vnu.jar"))


def _letter(kind: str, folder: Path) -> str:
    config = Config()
    return (letter_of(report_of(kind, config), folder, config) / "email.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_nu_html_checker_finds_no_error(tmp_path: Path) -> None:
    if not JAR.is_file() or shutil.which("java") is None:
        remedy = "npm ci --prefix tests/mail; or REPORTGEN_VNU=…/vnu.jar"
        pytest.skip(f"HTML syntax is not checked: no {JAR}, or no Java ({remedy})")
    listed = (Listed("shop.r1", "Two <groups>", "2024-06-01", 12, 2, 9, "report.html"), Listed("x.r1", damaged=True))
    pages = {
        "mall": render_html(samples.mall()),
        "many": render_html(samples.shop(25)),
        "hostile": render_html(samples.hostile()),
        "runs": render_runs_page(listed, Config()),
        "no-runs": render_runs_page((), Config()),
        "letter": _letter("log", tmp_path / "log"),
        "letter-of-many": _letter("many", tmp_path / "many"),
    }
    for name, page in pages.items():
        (tmp_path / f"{name}.html").write_text(page, encoding="utf-8")
    command = ["java", "-jar", str(JAR), "--errors-only", *map(str, sorted(tmp_path.glob("*.html")))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.returncode == 0
