"""Measure HTML and PDF for 2 to 25 segments against WeasyPrint's own time for a bare document of as many pages."""

from __future__ import annotations

import argparse
import gc
import io
import json
import re
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

import weasyprint
from markupsafe import Markup
from pypdf import PdfReader

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import handmade_reports  # noqa: E402  a folder of tests is no package

from reportgen.report.charts import draw_all  # noqa: E402
from reportgen.report.html import fill_template, render_html  # noqa: E402
from reportgen.report.pdf import render_pdf  # noqa: E402
from reportgen.report.theme import load_theme  # noqa: E402

SEGMENTS = (2, 5, 12, 25)
HEAD = ("segments", "pages", "CPU s", "bare s", "ratio", "plain s", "ratio", "ms/page", "MiB", "html kB", "pdf kB")


def ours(segments: int) -> dict[str, float]:
    """Write HTML and PDF of a report with that many segments."""
    report = handmade_reports.shop(segments)
    start = time.process_time()
    drawings = draw_all(report, load_theme())
    page = render_html(report, drawings=drawings)
    pdf = render_pdf(report, drawings=drawings)
    return {"seconds": time.process_time() - start, "pages": count(pdf), "html": len(page), "pdf": len(pdf)}


def bare(pages: int) -> dict[str, float]:
    """Write a bare document of as many pages: WeasyPrint's default style, each page filled once and not beyond.

    A page holds a heading, a table of 24 rows by 4 columns and 240 words of prose, which is what fits.
    """
    cells = "".join(f"<tr><td>row {i}<td>{i * 7}<td>{i * 13}<td>{i * 17}</tr>" for i in range(24))
    words = "some words of prose " * 60
    part = f"<section style='break-after:page'><h2>Page</h2><table>{cells}</table><p>{words}</p></section>"
    made = timed(part * pages)
    assert made["pages"] == pages, "the bare document must have as many pages"
    return made


def plain(segments: int) -> dict[str, float]:
    """Write the report's own words and tables in WeasyPrint's default style, without charts, on the pages they take.

    A harder floor than ``bare``: the same content, where ``bare`` has the same number of pages.
    """
    report = handmade_reports.shop(segments)
    page = fill_template(report, load_theme(), "print", lambda figure: Markup("<p>{}</p>").format(figure.title))
    page = re.sub(r'<img[^>]*>| style="[^"]*"| class="[^"]*"', "", page)
    return timed(re.sub(r"<style>.*</style>", "<style>section{break-after:page}</style>", page, flags=re.DOTALL))


def timed(page: str) -> dict[str, float]:
    """Have WeasyPrint write a page as PDF."""
    start = time.process_time()
    pdf = weasyprint.HTML(string=page).write_pdf()
    return {"seconds": time.process_time() - start, "pages": count(pdf or b"")}


def count(pdf: bytes) -> int:
    """Return the number of pages."""
    return len(PdfReader(io.BytesIO(pdf)).pages)


def measured(task: str, size: int) -> dict[str, float]:
    """Run one task in a process of its own; ``memory`` is its peak in MiB."""
    command = [sys.executable, __file__, "--task", task, str(size)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


def table(runs: int) -> None:
    """Print one line per number of segments, medians of the runs."""
    print(" ".join(f"{name:>8}" for name in HEAD))
    for segments in SEGMENTS:
        made = [measured("ours", segments) for _ in range(runs)]
        pages = round(made[0]["pages"])
        floor = statistics.median(measured("bare", pages)["seconds"] for _ in range(runs))
        content = statistics.median(measured("plain", segments)["seconds"] for _ in range(runs))
        seconds = statistics.median(item["seconds"] for item in made)
        memory = statistics.median(item["memory"] for item in made)
        sizes = f"{made[0]['html'] / 1000:8.0f} {made[0]['pdf'] / 1000:8.0f}"
        print(
            f"{segments:8} {pages:8} {seconds:8.2f} {floor:8.2f} {seconds / floor:8.2f} "
            f"{content:8.2f} {seconds / content:8.2f} {1000 * seconds / pages:8.0f} {memory:8.0f} {sizes}"
        )
    print("goal: at 5 segments 1.5 times the bare document at most; time and memory grow no faster than pages")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", "--runs", type=int, default=3)
    parser.add_argument("--task", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not options.task:
        return table(options.runs)
    gc.disable()  # as the command line does: a one-shot process
    found = {"ours": ours, "bare": bare, "plain": plain}[options.task[0]](int(options.task[1]))
    found["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(found))


if __name__ == "__main__":
    main()
