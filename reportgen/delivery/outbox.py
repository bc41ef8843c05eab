"""What was mailed to whom: one small file per mail, changed in one step, so that no mail goes out twice."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from reportgen.delivery.answers import Outcome, State
from reportgen.delivery.message import Stamp, recipient_key
from reportgen.errors import ReportgenError
from reportgen.history.archive import explain_io
from reportgen.history.circumstances import now as clock
from reportgen.history.lock import locked

SCHEMA = "reportgen.outbox/1"
_EVERYONE = "everyone"  # stands in the folder of a run once every configured address has its record
_TESTS = "tests"
_CUT_OFF = Outcome("unknown", "handing over", None, "the program was stopped in the middle")
_OUT = ("sent", "unknown")  # a mail that did or may have reached its reader


@dataclass(frozen=True)
class Attempt:
    """One try to hand a mail over."""

    at: str
    phase: str
    code: int | None
    text: str

    def __str__(self) -> str:
        return " ".join(str(part) for part in (f"{self.phase}:", self.code, self.text) if part not in (None, ""))


@dataclass(frozen=True)
class Record:
    """The state of one mail. Id and ``built_at`` never change, so every attempt sends the same bytes.

    ``edition`` is label, revision and run (``2026-10.r1.1f3a9c00``); ``eml_sha256`` the hash of what was handed over
    last; ``exact``: only those bytes may go out again. ``superseded``: a newer revision took its place before it was
    sent. ``copies``: how often it was sent again. ``by_hand``: the reader was named in a command, not in the settings.
    """

    report_id: str
    period: str
    revision: int
    edition: str
    recipient: str
    message_id: str
    built_at: str
    replaces: str = ""
    state: State = "pending"
    eml_sha256: str = ""
    attempts: tuple[Attempt, ...] = ()
    next_try_at: str = ""
    exact: bool = False
    superseded: bool = False
    copies: int = 0
    by_hand: bool = False

    @property
    def stamp(self) -> Stamp:
        """What the mail is built from."""
        return Stamp(self.recipient, self.edition, self.message_id, self.built_at, self.replaces)

    @property
    def open(self) -> bool:
        """Whether it still is to be sent."""
        return self.state == "pending" and not self.superseded

    @property
    def out(self) -> bool:
        """Whether it did or may have reached its reader, now or before it was sent again."""
        return self.state in _OUT or self.exact or self.copies > 0

    def after(self, outcome: Outcome, at: str) -> Record:
        """Return the record with one more attempt, in the state that it ended with.

        A pending mail may still change (the PDF left out), so no hash stays; one that is sent again keeps its hash.
        """
        attempts = (*self.attempts, Attempt(at, outcome.phase, outcome.code, outcome.text))
        told = self.eml_sha256 if outcome.state != "pending" or self.exact else ""
        return replace(self, state=outcome.state, attempts=attempts, next_try_at="", eml_sha256=told)


@dataclass(frozen=True)
class Tally:
    """How many mails of a run are in which state."""

    sent: int = 0
    refused: int = 0
    unknown: int = 0
    pending: int = 0


class Outbox:
    """The folder ``outbox`` of an archive: ``PERIOD.rN/RECIPIENT.json``."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "outbox"

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the outbox; a mail that a killed sender was handing over becomes unknown.

        Raises BusyError where another process holds it, OutputError where it can't be written.
        """
        with explain_io(self.folder):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with explain_io(self.folder), locked(self.folder / ".lock", what="the outbox"):
            for left in self.folder.glob(".tmp-*"):
                shutil.rmtree(left, ignore_errors=True)
            for half in self.folder.glob("*/.new-*"):
                half.unlink()
            self.settle()
            yield

    def settle(self) -> None:
        """Call unknown what a sender that is gone was handing over. The lock must be held."""
        for name in self.runs():
            for record in self.records(name):
                if record.state == "sending":
                    self.write(name, record.after(_CUT_OFF, now()))

    def runs(self) -> tuple[str, ...]:
        """Return the names of the runs that have records."""
        if not self.folder.is_dir():
            return ()
        return tuple(sorted(path.name for path in self.folder.iterdir() if path.is_dir() and _revision(path.name)))

    def records(self, run: str) -> tuple[Record, ...]:
        """Return the records of a run in the order of their addresses. ReportgenError where one can't be read."""
        found = [_read(path) for path in sorted((self.folder / run).glob("*.json"))]
        return tuple(sorted(found, key=lambda record: record.recipient))

    def everyone_asked(self, run: str) -> bool:
        """Whether the configured addresses have their records; addresses added later are asked for by hand."""
        return (self.folder / run / _EVERYONE).exists()

    def create(self, run: str, records: Iterable[Record], everyone: bool) -> None:
        """Add records, those of a new run all at once; a record that exists stays as it is."""
        target = self.folder / run
        if not target.exists():
            new = Path(tempfile.mkdtemp(prefix=".tmp-", dir=self.folder))
            self._fill(new, records, everyone)
            new.rename(target)
            _flush(self.folder)
        else:
            self._fill(target, records, everyone)

    def _fill(self, folder: Path, records: Iterable[Record], everyone: bool) -> None:
        for record in records:
            path = folder / f"{recipient_key(record.recipient)}.json"
            if not path.exists():
                _write(path, _text(record))
        if everyone:
            _write(folder / _EVERYONE, "")

    def write(self, run: str, record: Record) -> None:
        """Replace a record in one step; when this returns, it is on the disk."""
        _write(self.folder / run / f"{recipient_key(record.recipient)}.json", _text(record))

    def tests(self, run: str) -> int:
        """Return how many tests of a run were noted."""
        return len(list((self.folder / _TESTS).glob(f"{run}.*.json")))

    def note_test(self, run: str, number: int, record: Record) -> None:
        """Note a test apart from the mails that count."""
        (self.folder / _TESTS).mkdir(mode=0o700, exist_ok=True)
        _write(self.folder / _TESTS / f"{run}.{number}.json", _text(record))

    def earlier(self, label: str, revision: int) -> tuple[Record, ...]:
        """Return the records of the earlier revisions of a run, the newest revision first."""
        names = {name: _revision(name) for name in self.runs() if name.rpartition(".r")[0] == label}
        older = sorted((name for name in names if names[name] < revision), key=lambda name: -names[name])
        return tuple(record for name in older for record in self.records(name))

    def supersede(self, label: str, revision: int) -> None:
        """Mark what is still to be sent of earlier revisions, so that it never is."""
        for record in self.earlier(label, revision):
            if record.open:
                self.write(f"{label}.r{record.revision}", replace(record, superseded=True, next_try_at=""))

    def tally(self, run: str) -> Tally:
        """Count the mails of a run by state; one in the middle of being sent counts as unknown."""
        records = [record for record in self.records(run) if not record.superseded]
        counts = Counter("unknown" if record.state == "sending" else record.state for record in records)
        return Tally(counts["sent"], counts["refused"], counts["unknown"], counts["pending"])

    def told(self) -> dict[str, str]:
        """Return how the mails of every run stand, in words; a run that nobody was to get is not among them."""
        return {run: self._words(run) for run in self.runs()}

    def _words(self, run: str) -> str:
        try:
            counts = asdict(self.tally(run))
        except ReportgenError:
            return "can't be read"
        return ", ".join(f"{number} {state}" for state, number in counts.items() if number) or "superseded"


@contextlib.contextmanager
def replacing(root: Path, label: str, revision: int, mails: bool = True) -> Iterator[str | None]:
    """Hold the outbox while a revision is published; yield the day (ISO) on which an earlier one was mailed to anybody.

    None where none was: a run whose earlier revision was mailed is a corrected one. Nothing goes out between that
    question and the end, where what is still to be sent of earlier revisions is marked, so that it never is.
    A run without ``mails``, in an archive that never had any, makes no outbox. Raises BusyError where another process
    sends.
    """
    outbox = Outbox(root)
    if revision == 1 or not (mails or outbox.folder.exists()):
        yield None
        return
    with outbox.locked():
        out = [record.built_at[:10] for record in outbox.earlier(label, revision) if record.out]
        yield max(out, default=None)
        outbox.supersede(label, revision)


def replaced_id(earlier: Iterable[Record], recipient: str) -> str:
    """Return the id of the newest mail of an earlier revision that this reader has or may have, else ""."""
    key = recipient_key(recipient)
    had = (one.message_id for one in earlier if recipient_key(one.recipient) == key and one.out)
    return next(had, "")


def now(minutes: float = 0) -> str:
    """Return this instant in UTC, or one some minutes later."""
    return (clock() + dt.timedelta(minutes=minutes)).isoformat(timespec="seconds")


def _revision(name: str) -> int:
    number = name.rpartition(".r")[2]
    return int(number) if number.isdigit() else 0


def _text(record: Record) -> str:
    return json.dumps({"schema": SCHEMA, **asdict(record)}, indent=1, ensure_ascii=False) + "\n"


def _read(path: Path) -> Record:
    try:
        said: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if said.pop("schema") != SCHEMA:
            raise ValueError("another version")
        return Record(**said | {"attempts": tuple(Attempt(**one) for one in said["attempts"])})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ReportgenError(
            f"the outbox record {path} can't be read ({type(error).__name__})",
            "Nothing is sent while it is unclear who has the mail; restore that file from a backup.",
        ) from None


def _write(path: Path, text: str) -> None:
    """Write beside, flush, rename, flush the folder: after a power cut there is the old record or the new one."""
    handle, name = tempfile.mkstemp(prefix=".new-", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(handle)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
    _flush(path.parent)


def _flush(folder: Path) -> None:
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
