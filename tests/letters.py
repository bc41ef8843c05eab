"""Letters of many kinds to look at: with and without money, of months, of many segments, with names from hell."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from analyses import log_like, mall_like
from shared import MALL

from reportgen.analysis import Analysis, analyse
from reportgen.config import Config, load_config
from reportgen.report.letter import write_letter
from reportgen.report.model import Report
from reportgen.report.sections import compose

LINK = {"email__link": "https://reports.example.com/{run}/report.html", "email__owner": "owner@example.com"}
HOSTILE = (
    "<b>Bold</b>", "</td></tr></table><script>alert(1)</script>", "&lt;script&gt;", "{{ 7*7 }}", "{% raw %}",
    "a --> b", "<![endif]-->", "<!--[if mso]>", "]]>", "</style><style>td{display:none}", "nul\x00byte",
    "vertical\x0btab", "line\u2028separator", "line\nfeed", "carriage\rreturn", "العملاء الدائمون", "לקוחות קבועים",
    "👩‍👩‍👧 families", "W" * 200, "Donaudampfschifffahrtsgesellschaftskapitänsmütze", "=SUM(A1:A9)",
    "%%ATTACHMENT_NOTE%%",
    "%%RUN%%", "顧客セグメントの名前がとても長い場合はどうなるのでしょうか", "\"quotes\" and 'more'", "back\\slash",
    "%(percent)s %d", "ﷺ" * 12, "zero\u200bwidth", "right\u202eto left", "\ud800 surrogate", "é" + "\u0301" * 40,
)  # fmt: skip


def letter_of(report: Report, folder: Path, config: Config, **more: Any) -> Path:
    """Write a letter into a folder that may not be there yet, and return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    write_letter(report, folder, config, **more)
    return folder


@cache
def many_segments(k: int = 25) -> Analysis:
    return analyse(str(MALL), load_config(segments__k=k, segments__min_size=2))


def named(analysis: Analysis, names: Sequence[str]) -> Analysis:
    """Return an analysis whose segments have other names."""
    found = analysis.segmentation
    refs = tuple(dataclasses.replace(ref, name=name) for ref, name in zip(found.model.segments, names, strict=False))
    model = dataclasses.replace(found.model, segments=(*refs, *found.model.segments[len(refs) :]))
    return dataclasses.replace(analysis, segmentation=dataclasses.replace(found, model=model))


def report_of(kind: str, config: Config) -> Report:
    made = {"mall": mall_like, "log": log_like, "many": many_segments}[kind]()
    return compose(made, config)


def about(folder: Path) -> Any:
    return json.loads((folder / "email.json").read_text(encoding="utf-8"))


class Page(HTMLParser):
    """What a reader sees of a page: its words, cell by cell, and the words of its pictures."""

    def __init__(self, folder: Path) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.words: list[str] = []
        self.alts: list[str] = []
        self._silent = 0
        self.feed((folder / "email.html").read_text(encoding="utf-8"))
        self.close()

    @property
    def text(self) -> str:
        return " ".join((*self.words, *self.alts))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._silent += tag in ("style", "title")
        self.alts += [value or "" for name, value in attrs if name == "alt"]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("style", "title")

    def handle_data(self, data: str) -> None:
        if not self._silent and data.strip():
            self.words.append(data)
