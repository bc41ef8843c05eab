"""Notices to the owner of a report: why a month was not published, told once."""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import reportgen
from reportgen.config import Config
from reportgen.delivery.plain import send_plain
from reportgen.errors import HeldBack, ReportgenError
from reportgen.history.circumstances import now, without_secrets
from reportgen.mail_settings import mail_is_set_up
from reportgen.report.wording import month_name

FOLDER = "notices"
_AGAIN = dt.timedelta(days=7)
_SENT, _FAILED = "Told: ", "Not mailed: "
_LOG = logging.getLogger("reportgen.delivery")


@dataclass(frozen=True)
class Notice:
    """Plain text for the owner; ``key`` is the same for the same month and reasons. No data of customers."""

    key: str
    subject: str
    text: str


def make_notice(period: str, stop: ReportgenError, newest: str | None, command: Sequence[str]) -> Notice:
    """Say what stopped a month, what was not changed, and what can be done.

    ``newest`` is the newest month that is published, ``command`` the words of the command line. Messages of other
    errors than HeldBack may quote cells of the file, so they are left to the terminal.
    """
    held = isinstance(stop, HeldBack)
    reasons = (stop.reasons if isinstance(stop, HeldBack) else ()) or ("input",)
    again = " again" if "changed" in reasons else ""
    month = month_name(period)
    what = stop.message if held else "the input can't be used; the reason was printed where the program runs"
    details = stop.details if isinstance(stop, HeldBack) else ()
    remains = f"{month_name(newest)} remains the newest report." if newest else "There is no report yet."
    todo = stop.hint if held else "Run the command by hand to see the reason."
    lines = [
        f"The report on {month} was not published{again}{'.' if details else f': {what}'}",
        *(["", "What was found:", *(f"  {line}" for line in details)] if details else []),
        "",
        f"Nothing was published, changed or mailed. {remains}",
        "",
        todo,
        "",
        *_command_lines(command),
        f"reportgen {reportgen.__version__}",
    ]
    key = f"{period}-{hashlib.sha256(' '.join(sorted(reasons)).encode()).hexdigest()[:8]}"
    return Notice(key, f"{month} was not published{again} ({', '.join(reasons)})", "\n".join(lines) + "\n")


def _command_lines(command: Sequence[str]) -> list[str]:
    """Say how the program was called; nothing where another program called the library."""
    if not command or Path(command[0]).name not in ("reportgen", "reportgen.exe", "__main__.py"):
        return []
    return [f"The command was: reportgen {shlex.join(without_secrets(command[1:]))}"]


def notify_owner(root: Path, config: Config, notice: Notice) -> bool:
    """Keep a notice in ``root``/notices and mail it where mail is set up; return whether this was news.

    The same notice is told again after seven days only, or where its mail failed. Never raises: why a month was not
    published matters more than who could be told.
    """
    path, moment = root / FOLDER / f"{notice.key}.txt", now()
    if _told_lately(path, moment):
        return False
    told = _SENT if _mailed(config, notice) else _FAILED
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # it names readers
        unfinished = path.with_suffix(".new")
        head = f"{told}{moment.isoformat(timespec='seconds')}\nSubject: {notice.subject}\n\n"
        unfinished.write_text(head + notice.text, encoding="utf-8", newline="\n")
        unfinished.replace(path)
    except OSError as error:
        _LOG.warning("the notice to the owner was not kept: %s", error)
    return True


def _told_lately(path: Path, moment: dt.datetime) -> bool:
    try:
        first = path.read_text(encoding="utf-8").partition("\n")[0]
        return abs(moment - dt.datetime.fromisoformat(first.removeprefix(_SENT))) < _AGAIN
    except (OSError, ValueError, TypeError):
        return False


def _mailed(config: Config, notice: Notice) -> bool:
    """Mail a notice where mail is set up; return False where that failed."""
    if not (config.email.owner and mail_is_set_up(config.email, config.smtp)):
        return True
    try:
        outcome = send_plain(config, notice.subject, notice.text)
    except (ReportgenError, OSError) as error:
        _LOG.warning("the notice to the owner was not mailed: %s", error)
        return False
    return outcome.state == "sent"
