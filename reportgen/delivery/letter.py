"""The letter as it lies in the folder of a run: rendered before publishing, read back for sending."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

from reportgen.errors import InputError
from reportgen.report.letter_text import wrap

NOTE_SLOT = "%%ATTACHMENT_NOTE%%"
RUN_SLOT = "%%RUN%%"  # in the link to the full report: the name of the run's folder, known once it is published
_MOST_MONTHS = 12  # that are named
_CAN_BE_MAILED = (
    "Runs have a letter where [email] is set up before they are made; make it again, a month that is published with "
    '--revise "to be mailed".'
)


@dataclass(frozen=True)
class Picture:
    """A picture inside of the mail."""

    cid: str
    name: str
    png: bytes


@dataclass(frozen=True)
class Letter:
    """Everything of a mail that the run itself decides.

    ``attached`` and ``left_out`` are what to say about the PDF, ``made_up`` is what to say of earlier {months} that
    were made up, ``link`` the address of a report, with the name of its {run}.
    """

    html: str
    text: str
    subject: str
    preheader: str
    pictures: tuple[Picture, ...]
    corrected: bool
    attached: str
    left_out: str
    lang: str
    made_up: str = ""
    link: str = ""

    def with_notes(self, about_pdf: str, made_up: Sequence[str] = ()) -> Letter:
        """Return the letter with the sentences that are known on sending: about the PDF, and runs that were made up."""
        page, plain = self._told_of(made_up[-_MOST_MONTHS:]) if self.made_up and made_up else ("", "")
        text = self.text.replace(NOTE_SLOT, plain + about_pdf)
        return replace(self, html=self.html.replace(NOTE_SLOT, page + html.escape(about_pdf)), text=text)

    def _told_of(self, runs: Sequence[str]) -> tuple[str, str]:
        links = {run.rpartition(".r")[0]: self.link.replace("{run}", quote(run)) for run in runs}
        linked = "{run}" in self.link
        before, _, after = self.made_up.partition("{months}")
        names = [f'<a href="{html.escape(link)}">{month}</a>' if linked else month for month, link in links.items()]
        plain = [wrap(before + ", ".join(links) + after), *(links.values() if linked else ())]
        return f"{html.escape(before)}{', '.join(names)}{html.escape(after)}<br>", "\n".join((*plain, "", ""))


def read_letter(run: Path) -> Letter:
    """Read the letter of a published run; InputError where it has none."""
    try:
        said = json.loads((run / "email.json").read_text(encoding="utf-8"))
        return Letter(
            html=_text(run, "email.html"),
            text=_text(run, "email.txt"),
            subject=str(said["subject"]),
            preheader=str(said["preheader"]),
            pictures=tuple(_picture(run, one) for one in said["images"]),
            corrected=bool(said["corrected"]),
            attached=str(said["attached"]),
            left_out=str(said["left_out"]),
            lang=str(said["lang"]),
            made_up=str(said.get("made_up", "")),
            link=str(said.get("link", "")),
        )
    except FileNotFoundError as error:
        raise InputError(f"{run.name} has no letter: {Path(error.filename).name} is missing", _CAN_BE_MAILED) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"the letter of {run.name} can't be read ({type(error).__name__})", _CAN_BE_MAILED) from None


def _text(run: Path, name: str) -> str:
    return (run / name).read_text(encoding="utf-8").replace(RUN_SLOT, quote(run.name))


def _picture(run: Path, said: dict[str, str]) -> Picture:
    path = run / said["file"]
    return Picture(str(said["cid"]), path.name, path.read_bytes())


def preview_page(letter: Letter) -> str:
    """Return the mail as one page for a browser: pictures inside, the plain text below."""
    page = letter.html
    for picture in letter.pictures:
        data = base64.b64encode(picture.png).decode()
        page = page.replace(f"cid:{picture.cid}", f"data:image/png;base64,{data}")
    text = f'<pre style="margin:24px auto;max-width:600px;white-space:pre-wrap">{html.escape(letter.text)}</pre>'
    head, body, tail = page.rpartition("</body>")
    return f"{head}{text}{body}{tail}" if body else page + text
