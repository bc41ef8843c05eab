"""The letter as the files of a run: HTML, plain text, pictures, and what sending needs to know of them."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import replace
from pathlib import Path

from reportgen.config import Config
from reportgen.errors import ReportgenError
from reportgen.report.branding import theme_of
from reportgen.report.letter_checks import LARGEST, WARN, check_letter
from reportgen.report.letter_images import LARGEST_TOGETHER, draw_png
from reportgen.report.letter_page import Letter, Picture, render_page, render_text
from reportgen.report.letter_words import words_around
from reportgen.report.model import Block, Bullets, Figure, Report
from reportgen.report.theme import Theme
from reportgen.report.walk import sentences_of

PAGE, TEXT, ABOUT, IMAGES = "email.html", "email.txt", "email.json", "images"
_LOG = logging.getLogger("reportgen.letter")


def write_letter(
    report: Report,
    folder: Path,
    config: Config,
    *,
    run_id: str = "",
    corrected: tuple[str, str] | None = None,
) -> tuple[Path, ...]:
    """Write ``email.html``, ``email.txt``, ``email.json`` and ``images/`` beside the files of a run; return the paths.

    ``run_id`` is the id of the run (hexadecimal), by default a hash of what the report says. ``corrected`` is the day
    on which the edition that this one replaces was mailed (ISO), and the reason for it.
    Raises ConfigError for a template that can't be used, ReportgenError for a letter that mail programs won't show.
    """
    assert report.letter is not None
    theme, drawn = theme_of(config), _drawn(report, theme_of(config))
    run8 = (run_id or _own_id(report, drawn))[:8]
    pictures = {
        figure.name: Picture(f"{IMAGES}/{figure.name}.png", f"{figure.name}.{run8}@reportgen", figure.alt, png)
        for figure, png in drawn
    }
    around = words_around(report, folder, config, run8, corrected)
    letter = Letter(report, report.letter.blocks, around, pictures)
    html = _fitting(letter, theme)
    files: dict[str, bytes] = {
        PAGE: html.encode(),
        TEXT: render_text(letter, theme).encode(),
        ABOUT: _about(letter, run8, corrected is not None).encode(),
        **{one.file: one.png for one in letter.pictures.values()},
    }
    for name, content in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    return tuple(folder / name for name in files)


def _own_id(report: Report, drawn: list[tuple[Figure, bytes]]) -> str:
    """Return a hash of what a letter says and shows."""
    assert report.letter is not None
    words = [report.title, report.date, *(sentence.text for sentence in sentences_of(report.letter))]
    return hashlib.sha256("\n".join(words).encode() + b"".join(png for _, png in drawn)).hexdigest()


def _drawn(report: Report, theme: Theme) -> list[tuple[Figure, bytes]]:
    """Draw the charts; one that would be too large for a mail is left out, the bars of the table say the same."""
    assert report.letter is not None
    found: list[tuple[Figure, bytes]] = []
    room = LARGEST_TOGETHER
    for figure in report.letter.blocks:
        if not isinstance(figure, Figure):
            continue
        png = draw_png(figure, theme, report.language)
        if not png or len(png) > room:
            _LOG.warning("the chart %s is too large for the mail and was left out of it", figure.name)
            continue
        room -= len(png)
        found.append((figure, png))
    return found


def _fitting(letter: Letter, theme: Theme) -> str:
    """Return the HTML, without the lines on who the segments are where it would be too long for Gmail."""
    html = render_page(letter, theme)
    if len(html.encode()) > LARGEST:
        html = render_page(replace(letter, blocks=tuple(b for b in letter.blocks if not _is_who(b, letter))), theme)
    if len(html.encode()) > WARN:
        _LOG.warning("the mail has %d kB of HTML; Gmail cuts off what is beyond 102 kB", len(html.encode()) // 1000)
    if problems := check_letter(html, [one.cid for one in letter.pictures.values()]):
        raise ReportgenError(
            f"mail programs would not show the mail as it is meant: {'; '.join(problems[:5])}",
            "Correct mail.html.j2 and mail.css in the folder of [report] templates, or delete them to use ours.",
        )
    return html


def _is_who(block: Block, letter: Letter) -> bool:
    names = {segment.name for segment in letter.report.segments}
    return isinstance(block, Bullets) and bool(block.leads) and set(block.leads) <= names


def _about(letter: Letter, run8: str, corrected: bool) -> str:
    around = letter.around
    said = {
        "run": run8,
        "subject": around.subject,
        "preheader": around.preheader,
        "lang": letter.report.language,
        "corrected": corrected,
        "attached": around.attached,
        "left_out": around.left_out,
        "made_up": around.made_up,
        "link": around.link,
        "images": [{"cid": one.cid, "file": one.file, "alt": one.alt} for one in letter.pictures.values()],
    }
    return json.dumps(said, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
