"""Rules and bars of printed tables: drawn together, they look as each drawn by itself."""

from __future__ import annotations

import re
import subprocess

import numpy as np
import pytest
import weasyprint
from weasyprint.text.fonts import FontConfiguration

from reportgen.report.rules import join_rules

MOST_APART = 100  # of 255: a rule drawn once fills the dots at its ends better than two clipped pieces
DOTS = 8  # per millimetre: all that is drawn starts and ends with a dot
STYLE = """@page { size: 60mm 60mm; margin: 4mm } table { border-spacing: 0; width: 100%; table-layout: fixed }
th, td { padding: 1mm 0; border-bottom: .5mm solid #c33; font-size: 3mm; line-height: 4mm }
thead th { border-bottom: 1mm solid #036 } .total td { border-top: .75mm solid #000; border-bottom: 0 }
.shaded { background: #def } .boxed { border: 1px solid }
.dotted { border-bottom-style: dotted } .hidden { visibility: hidden } .panel { background: #eee; padding: 2mm }
.apart { border-spacing: 2mm }"""
ROWS = "<thead><tr><th>a<th>b<tbody><tr><td>1<td>2<br>3<tr><td>4<td {}>5<tr class=total><td>6<td>7"


def document(table: str) -> weasyprint.Document:
    return weasyprint.HTML(string=f"<style>{STYLE}</style>{table}").render(FontConfiguration())


def pixels(pdf: bytes | None, dots: int = DOTS) -> np.ndarray:
    done = subprocess.run(["pdftoppm", "-r", str(dots * 25.4), "-"], input=pdf, capture_output=True, check=True)
    return np.frombuffer(done.stdout, np.uint8).astype(int)


def fills(laid_out: weasyprint.Document) -> int:
    pdf = laid_out.write_pdf(uncompressed_pdf=True) or b""
    return len(re.findall(rb"\nf\*?(?=\n)", pdf))


@pytest.mark.parametrize("look", ["", "class=shaded", "class=boxed", "class=dotted", "class=hidden"])
@pytest.mark.parametrize("around", ["<table>{}</table>", "<div class=panel><table class=apart>{}</table></div>"])
def test_a_table_looks_as_if_every_border_were_drawn_by_itself(look: str, around: str) -> None:
    page = around.format(ROWS.format(look))
    joined = document(page)
    join_rules(joined)
    apart = np.abs(pixels(joined.write_pdf()) - pixels(document(page).write_pdf()))
    assert apart.max() < MOST_APART


def test_rules_that_continue_each_other_are_one() -> None:
    many = "<table><tr>" + "<td>x" * 8 + "</table>"
    joined = document(many)
    join_rules(joined)
    assert fills(joined) == 1
    assert fills(document(many)) == 8


BARS = """<style>td {{ height: 8mm; color: #0a5; outline-color: #999; vertical-align: middle }}
div {{ background: #0a5 }}
.tick {{ width: 1%; height: 5.6mm; margin: 0 0 -4.1mm 49.5%; background: #999 }} .tick:last-child {{ height: 3mm;
margin: 0 0 0 49.5% }} .tick + .bar {{ margin-bottom: 1.5mm }} .bar {{ height: 2.6mm }}</style>
<table><tr><td>a<td {}<tr><td>b<td {}<tr><td>c<td {}</table>"""


@pytest.mark.parametrize("around", ["{}", "<style>tr {{ background: #eef }}</style>{}"], ids=["plain", "on a ground"])
def test_a_bar_looks_as_an_element_of_its_own(around: str) -> None:
    given = BARS.format('data-axis="50" data-bar="20 30">', 'data-axis="50">', 'data-bar="0 75">')
    element = '<div class="bar" style="margin-left: {}%; width: {}%"></div>'
    tick = '><div class="tick"></div>'
    apart = BARS.format(tick + element.format(20, 30), tick, ">" + element.format(0, 75))
    ours = document(around.format(given))
    join_rules(ours)
    drawn = [pixels(page.write_pdf(), 10) for page in (ours, document(around.format(apart)))]
    assert np.abs(drawn[0] - drawn[1]).max() < MOST_APART
    assert (drawn[0] == drawn[1]).mean() > 0.999
