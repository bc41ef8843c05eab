"""Lines that a printed document keeps: they look as if WeasyPrint had set each anew."""

from __future__ import annotations

import io
import subprocess

import pytest
import weasyprint
from pypdf import PdfReader
from weasyprint.text.fonts import FontConfiguration

from reportgen.report.lines import PrintFonts

SAME = "<p>Average revenue of all customers, by segment</p>"
PAGES = {
    "twice": SAME + SAME,
    "wide, then narrow": f"{SAME}<div style='width: 25mm'>{SAME}</div><div style='width: 12mm'>{SAME}</div>",
    "narrow, then wide": f"<div style='width: 12mm'>{SAME}</div><div style='width: 25mm'>{SAME}</div>{SAME}",
    "two sizes": f"{SAME}<div style='font-size: 5mm'>{SAME}</div><b>{SAME}</b>",
    "spaced": f"{SAME}<div style='letter-spacing: 1mm'>{SAME}</div><div style='word-spacing: 2mm'>{SAME}</div>",
    "justified": f"<div style='text-align: justify; width: 40mm'>{SAME}{SAME}</div>{SAME}",
    "underlined": f"{SAME}<u>{SAME}</u>",
    "hyphenated": f"<div style='hyphens: auto; width: 16mm'>{SAME}</div><div style='width: 16mm'>{SAME}</div>",
    "breaking anywhere": f"<div style='overflow-wrap: break-word; width: 6mm'>{SAME}</div>{SAME}",
    "kept breaks": "<pre>one\ntwo\n\nthree</pre><pre>one\ntwo</pre><p>one\u2028two</p>",
    "right to left": "<p dir='rtl'>متوسط الإيرادات ١٢</p><p>متوسط الإيرادات ١٢</p>",
    "in an automatic table": f"<table><tr><td>{SAME}<td>{SAME}<tr><td>a<td>{SAME}</table>",
}


@pytest.mark.parametrize("page", PAGES)
def test_kept_lines_look_as_lines_set_anew(page: str) -> None:
    source = f"<html lang='en'><style>@page {{ size: 90mm 120mm; margin: 5mm }} p {{ margin: 0 }}</style>{PAGES[page]}"
    kept, anew = (
        weasyprint.HTML(string=source).render(fonts).write_pdf() or b"" for fonts in (PrintFonts(), FontConfiguration())
    )
    drawn = [
        subprocess.run(["pdftoppm", "-r", "100", "-"], input=pdf, capture_output=True, check=True).stdout
        for pdf in (kept, anew)
    ]
    assert drawn[0] == drawn[1]
    texts = [[part.extract_text() for part in PdfReader(io.BytesIO(pdf)).pages] for pdf in (kept, anew)]
    assert texts[0] == texts[1]


def test_equal_words_in_one_look_are_set_once() -> None:
    fonts = PrintFonts()
    weasyprint.HTML(string="<p>seven words<p>seven words<p>other<p><b>other</b>").render(fonts)
    alone = [words for words in fonts.lines if words[0] in ("seven words", "other") and words[-1] == "none"]
    assert len(alone) == 3
