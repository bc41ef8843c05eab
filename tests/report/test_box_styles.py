"""Styles that a printed document works out once: its boxes look as if WeasyPrint had asked each."""

from __future__ import annotations

import subprocess

import pytest
import weasyprint
from weasyprint.text.fonts import FontConfiguration

from reportgen.report.box_styles import PrintFonts

TABLE = "<table><thead><tr><th>a<th>b<tbody><tr><td>one<td>two<tr><td>three<td class=on>four</table>"
PAGES = {
    "lengths": "<div class=a>one<div class=a>two</div></div><div style='width: 30mm'><div class=a>three</div></div>",
    "percent": "<div class=b>one<div class=b>two</div></div><div style='width: 30mm'><div class=b>three</div></div>",
    "sums": "<div class=c>one<div class=c>two</div></div><div style='width: 30mm'><div class=c>three</div></div>",
    "border boxes": "<div class=d>one<div class=d>two</div></div>",
    "apart": TABLE + TABLE,
    "collapsed": f"<div class=e>{TABLE}{TABLE}</div>",
    "placed": "<div class=f><p class=g>one</p><p>two</p><p class=g>three</p></div><p class=h>four</p>",
    "round": "<div class=i>one</div><div class=i>two</div><span class=i>three</span>",
    "hidden": "<div class=j>one</div><div class=j>two</div><p>three</p>",
    "shadowed": "<div class=k>one</div><div class=k>two</div>",
    "bordered by a picture": "<div class=l>one</div><div class=l>two</div>",
}
STYLE = """@page { size: 90mm 120mm; margin: 5mm; @bottom-left { content: counter(page) } } p { margin: 0 }
.a { width: 40mm; margin: 1mm 2mm; padding: 1mm; border: .5mm solid; min-height: 9mm }
.b { width: 60%; margin: 1% 2%; padding: 3%; border: .5mm solid; max-width: 80% }
.c { width: calc(50% + 2mm); margin: calc(1mm + 1px); border: .5mm solid }
.d { box-sizing: border-box; width: 40mm; padding: 2mm; border: 1mm solid }
td, th { border: .3mm solid #c33; padding: 1mm } .on { background: #ccf } .e table { border-collapse: collapse }
.f { position: relative; height: 30mm } .g { position: absolute; right: 5%; top: 3mm; background: #cfc }
.h { float: right; width: 20mm; background: #fcc }
.i { border-radius: 2mm; background: #fc9; border: 1mm solid #963; padding: 1mm }
.j { visibility: hidden; background: red } .k { box-shadow: 1mm 1mm #999; margin: 3mm }
.l { border: 2mm solid; border-image: linear-gradient(red, blue) 1 }"""


@pytest.mark.parametrize("page", PAGES)
def test_boxes_look_as_if_each_had_been_asked(page: str) -> None:
    source = f"<html lang='en'><style>{STYLE}</style>{PAGES[page]}"
    drawn = [
        subprocess.run(
            ["pdftoppm", "-r", "100", "-"],
            input=weasyprint.HTML(string=source).render(fonts).write_pdf(),
            capture_output=True,
            check=True,
        ).stdout
        for fonts in (PrintFonts(), FontConfiguration())
    ]
    assert drawn[0] == drawn[1]
