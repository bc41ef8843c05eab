"""Notes on the data of a monthly report: what was doubtful about its input and what became of earlier months' rows."""

from __future__ import annotations

from dataclasses import dataclass

from reportgen.errors import HeldBack
from reportgen.history.doubts import Checked
from reportgen.history.gates import Gate
from reportgen.report.wording import month_name, say
from reportgen.values import Quantity, Statement, count, statement


@dataclass(frozen=True)
class Note:
    """One sentence; ``accepted`` says that it would have stopped the report, ``first`` that it belongs on page 1."""

    said: Statement
    accepted: bool = False
    first: bool = False


def notes_of(checked: Checked, edition: int = 1, correction: str = "") -> tuple[Note, ...]:
    """Return what a reader should know: why an earlier edition is replaced, what was accepted, what was noted."""
    said = []
    if correction:
        what = Quantity(correction, "remark")
        said.append(Note(statement("trust.corrected", edition=count(edition), what=what), first=True))
    said += [Note(gate.said, gate.accepted) for gate in checked.gates if gate.said is not None]
    if checked.late is not None and checked.late.said is not None:
        said.append(Note(checked.late.said))
    return tuple(sorted(dict.fromkeys(said), key=lambda note: not (note.first or note.accepted)))


def refuse_doubtful(checked: Checked) -> None:
    """Raise HeldBack, which lists all gates that stop and says how to let them pass; nothing where none does."""
    if not checked.stops:
        return
    names = tuple(dict.fromkeys(gate.name for gate in checked.stops))
    said = " ".join(say(gate.said).text for gate in checked.stops if gate.said is not None)
    accept = " ".join(f"--accept {name}" for name in names)
    raise HeldBack(
        f"the input for {month_name(checked.received.period)} is doubtful, so nothing was published. {said}",
        f"Correct the input and run again; if it is right as it is, run again with {accept}",
        names,
        tuple(_line(gate) for gate in checked.gates if gate.verdict != "pass"),
    )


def _line(gate: Gate) -> str:
    said = say(gate.said).text if gate.said else ""
    verdict = "accepted" if gate.accepted else {"stop": "stopped", "warn": "noted"}[gate.verdict]
    limit = "" if gate.limit is None else f" (limit {round(gate.limit, 3):g})"
    return f"{gate.name:<11} {verdict:<9} {said}{limit}"
