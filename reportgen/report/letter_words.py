"""What surrounds the letter: subject, preheader, banner of a correction, and the lines at its foot."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from reportgen.config import Config
from reportgen.report.model import Bullets, Report, Section
from reportgen.report.wording import format_quantity, month_name, say, shorten
from reportgen.values import Quantity, Statement, text

_SHORT_SUBJECT, _LONGEST_SUBJECT = 100, 120
_SHORTEST_PREHEADER, _LONGEST_PREHEADER = 40, 110
_OPENED, _CLOSED = "\u2068", "\u2069"  # around words that may run from right to left
PDF = "report.pdf"


@dataclass(frozen=True)
class Envelope:
    """Everything in a letter that is not the report: all of it words, ready to print.

    ``attached`` and ``left_out`` are the two sentences of which sending puts one in the place kept for it, before it
    ``made_up`` where earlier {months} were made up.
    """

    brand: str
    subject: str
    preheader: str
    link: str
    corrected: tuple[str, ...]
    footer: tuple[str, ...]
    attached: str
    left_out: str
    made_up: str


def words_around(
    report: Report, folder: Path, config: Config, run8: str, corrected: tuple[str, str] | None
) -> Envelope:
    """Return the words around a letter.

    ``corrected`` is the day on which the edition that this one replaces was mailed (ISO), with the reason.
    """
    letter, mail = _letter(report), config.email
    brand = shorten(mail.brand or report.organisation or _word(report, "letter.report"))
    called = shorten(mail.report_name or _word(report, "letter.report"))
    subject = (
        f"{called}{_word(report, 'format.colon')} {brand}"
        if mail.subject == "fixed"
        else _subject(report, called, _when(report, config), letter.title)
    )
    banner: tuple[str, ...] = ()
    if corrected is not None:
        subject = f"{_word(report, 'letter.corrected_subject')} {subject}"
        date, reason = Quantity(corrected[0], "date"), Quantity(corrected[1].strip().rstrip("."), "remark")
        banner = (_word(report, "letter.corrected", date=date),)
        banner += (_word(report, "letter.changed", what=reason),) if reason.value else ()
    return Envelope(
        brand=brand,
        subject=_cut(subject, _LONGEST_SUBJECT),
        preheader=_preheader(letter, mail.subject == "fixed"),
        link=mail.link,
        corrected=banner,
        footer=_footer(report, config, called, run8),
        attached=_word(report, "letter.attached") if (folder / PDF).is_file() else "",
        left_out=_left_out(report, folder / PDF),
        made_up=_word(report, "letter.made_up", months=text("{months}")),
    )


def _subject(report: Report, called: str, when: str, headline: str) -> str:
    """Return the subject: the name of the report, the month, and the headline where it is short enough.

    The month is said once where the headline begins with it.
    """
    start = f"{called}, {when}" if when else called
    named = called if when and headline.casefold().startswith(when.casefold()) else start
    whole = f"{named}{_word(report, 'format.colon')} {headline}"
    return whole if len(whole) <= _SHORT_SUBJECT else start


def _when(report: Report, config: Config) -> str:
    if config.input.period:
        return month_name(config.input.period, report.language)
    return format_quantity(Quantity(report.date, "date"), report.language, "prose") if report.date else ""


def _preheader(letter: Section, fixed: bool) -> str:
    """Return the first fact that the headline does not state; before it the month where the subject has none."""
    points = next((block for block in letter.blocks if isinstance(block, Bullets) and block.numbered), None)
    lede = letter.lede.text if letter.lede else ""
    items = zip(points.leads, points.items, strict=True) if points else ()
    said = _figures_in(letter.title)
    told = next((f"{shorten(lead)} {item.text}" for lead, item in items if not said & _figures_in(item.text)), lede)
    if len(told) < _SHORTEST_PREHEADER and told != lede:
        told = f"{told} {lede}"
    return _cut(f"{letter.kicker}. {told}" if fixed and letter.kicker else told, _LONGEST_PREHEADER)


def _figures_in(words: str) -> set[str]:
    """Return the figures in a sentence; years are none."""
    return set(re.findall(r"\d+(?:[.,]\d+)?", re.sub(r"\b(19|20)\d\d\b", "", words)))


def _footer(report: Report, config: Config, called: str, run8: str) -> tuple[str, ...]:
    as_of = _word(report, "letter.as_of", date=Quantity(report.date, "date")) if report.date else ""
    run = _word(report, "letter.run", run=text(run8))
    owner = config.email.owner
    stop = _word(report, "letter.stop", owner=text(owner)) if owner else _word(report, "letter.stop_reply")
    why = _word(report, "letter.why", report=text(called))
    return (" · ".join(line for line in (as_of, run) if line), f"{why} {stop}")


def _left_out(report: Report, pdf: Path) -> str:
    if not pdf.is_file():
        return ""
    size = Quantity(pdf.stat().st_size / 1e6, "number", decimals=1)
    return _word(report, "letter.left_out", size=size)


def _cut(words: str, longest: int) -> str:
    """Return words, cut after one of them where they are too long."""
    if len(words) <= longest:
        return words
    head = words[: longest - 2]
    at = head.rfind(" ")
    kept = re.sub(r"[\s.,;:–-]+$", "", head[:at] if at > longest // 2 else head)
    return kept + "…" + _CLOSED * (kept.count(_OPENED) - kept.count(_CLOSED))


def _word(report: Report, key: str, /, **values: Quantity) -> str:
    return say(Statement(key, tuple(values.items())), report.language).text


def _letter(report: Report) -> Section:
    assert report.letter is not None
    return report.letter
