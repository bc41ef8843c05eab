"""Input gates: what about the file of a month is doubtful enough to note, or to stop before anyone sees a report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from reportgen.gate_settings import GatesConfig
from reportgen.history.periods import last_day, months_after
from reportgen.history.received import Received
from reportgen.values import Quantity, Statement, count, share, statement, text

Verdict = Literal["pass", "warn", "stop"]
_GRADES: tuple[Verdict, ...] = ("pass", "warn", "stop")
_YOUNG = 12  # months of a log in which its number of customers only grows
_MOST_NAMED = 3  # columns in one sentence
_SEASONAL = "gate.rows_log"  # customers add up over the years, orders of a month do not


@dataclass(frozen=True)
class Gate:
    """One question about the input. ``said`` is the sentence about it, None where there is nothing to say."""

    name: str
    verdict: Verdict = "pass"
    value: float | str | None = None
    reference: float | str | None = None  # what it was before
    limit: float | None = None  # what the value was held against
    said: Statement | None = None
    accepted: bool = False

    @property
    def stops(self) -> bool:
        """Whether nothing may be published."""
        return self.verdict == "stop" and not self.accepted


@dataclass(frozen=True)
class LateRows:
    """What happened to the rows of earlier months since they were reported on."""

    until: str  # the month of the earlier report
    rows: int  # more than there were then
    changed: bool  # as many as then, but not the same

    @property
    def said(self) -> Statement | None:
        """The sentence about them; None where there is nothing to say, or rows are gone (a gate tells)."""
        month = Quantity(self.until, "date")
        if self.rows > 0:
            return statement("gate.late", rows=count(self.rows), month=month)
        return statement("gate.changed", month=month) if self.changed else None


@dataclass(frozen=True)
class Case:
    """What is judged: the input of a month, that of the last one and of the same month a year ago.

    ``recount`` is the number and digest of the rows up to the last month, as this input has them; ``goes_on`` says that
    it holds rows of the month after, too.
    """

    now: Received
    last: Received | None = None
    year_ago: Received | None = None
    recount: tuple[int, str] | None = None
    goes_on: bool = False

    @property
    def log(self) -> bool:
        """Whether the input is a log of orders."""
        return self.now.kind == "orders"

    @property
    def period(self) -> Quantity:
        """The month that is judged."""
        return Quantity(self.now.period, "date")


def judge(case: Case, limits: GatesConfig | None = None, accept: Collection[str] = ()) -> tuple[Gate, ...]:
    """Ask all gates (months.md 8). Those in ``accept`` may stop nothing; they stay in the result."""
    limits = limits or GatesConfig()
    found = []
    for name, ask in _GATES.items():
        gates = [replace(gate, name=name) for gate in ask(case, limits)]
        told = [gate for gate in gates if gate.said is not None] or gates[:1]
        found += [replace(gate, accepted=gate.verdict == "stop" and name in accept) for gate in told]
    return tuple(found)


def late_rows(case: Case) -> LateRows | None:
    """Compare the rows of earlier months with those that were there when they were reported on; None for tables."""
    if not case.log or case.last is None or case.recount is None:
        return None
    rows, digest = case.recount
    more = rows - case.last.rows
    return LateRows(case.last.period, more, more == 0 and digest != case.last.digest)


def _empty(case: Case, limits: GatesConfig) -> Iterator[Gate]:
    stop, note = limits.customers_least
    now = case.now.customers
    verdict = _GRADES[(now < note) + (now < stop)]
    limit = stop if now < stop else note
    said = statement("gate.few", customers=count(now), limit=count(int(limit)))
    yield _gate(verdict, now, None, limit, said)


def _columns(case: Case, limits: GatesConfig) -> Iterator[Gate]:
    if case.last is None:
        return
    now, before = case.now.columns, case.last.columns
    roles = {role for role, _ in now.values()}
    mapped = {header: (role, kind) for header, (role, kind) in before.items() if role}
    gone = [header for header, (role, _) in mapped.items() if header not in now and role not in roles]
    other = [header for header, (_, kind) in mapped.items() if header in now and now[header][1] != kind]
    new = [header for header in now if header not in before]
    month = Quantity(case.last.period, "date")
    yield Gate("")
    told: tuple[tuple[list[str], str, Verdict], ...] = (
        (gone, "gone", "stop"),
        (other, "other", "stop"),
        (new, "new", "warn"),
    )
    for headers, key, verdict in told:
        if headers:
            said = statement(f"gate.columns_{key}", columns=_listed(headers), month=month)
            yield Gate("", verdict, ", ".join(headers), said=said)


def _customers(case: Case, limits: GatesConfig) -> Iterator[Gate]:
    """A log that is younger than a year grows by every new customer: there more customers are noted, not more."""
    band = limits.customers
    if case.log and case.now.since and months_after(case.now.since, case.now.period) < _YOUNG:
        band = (*band[:3], float("inf"))
    yield from _compared(case, lambda one: one.customers, band, "gate.customers")


def _rows(case: Case, limits: GatesConfig) -> Iterator[Gate]:
    if not case.log:
        yield from _compared(case, lambda one: one.rows, limits.table_rows, "gate.rows_table")
    elif case.now.dated:  # none at all is for another gate
        yield from _compared(case, lambda one: one.dated, limits.log_rows, _SEASONAL)


def _history(case: Case, limits: GatesConfig) -> Iterator[Gate]:
    if not case.log or case.last is None or case.recount is None or not case.last.rows:
        return
    now, before, month = case.recount[0], case.last.rows, Quantity(case.last.period, "date")
    stop, note = limits.history
    verdict: Verdict = "stop" if now / before < stop else "warn" if now / before > note else "pass"
    gone = statement("gate.gone", rows=count(before - now), before=count(before), month=month)
    late = statement("gate.late", rows=count(now - before), month=month)
    yield _gate(verdict, now, before, stop if now < before else note, gone if now < before else late)


def _stale(case: Case, limits: GatesConfig) -> Iterator[Gate]:
    """Count the last days of the month without a row; where nobody orders for as many days now and then, allow more.

    A log that goes on in the month after did not break off: its days without a row are noted.
    """
    if case.now.newest is None:
        return
    newest = dt.date.fromisoformat(case.now.newest)
    days = (last_day(case.now.period) - newest).days
    note, stop = (max(limit, case.now.usual_break) for limit in limits.stale_days)
    told = Quantity(max(days, 0), "days", decimals=0)
    said = statement("gate.stale", day=Quantity(case.now.newest, "date"), days=told, period=case.period)
    stops = days > stop and not case.goes_on
    yield _gate(_GRADES[(days > note) + stops], days, None, stop if stops else note, said)


def _same(case: Case, limits: GatesConfig) -> Iterator[Gate]:
    if case.log:
        none = case.now.dated == 0
        yield _gate(
            "stop" if none else "pass", case.now.dated, None, None, statement("gate.no_rows", period=case.period)
        )
    elif case.last is not None:
        same = case.now.digest == case.last.digest
        said = statement("gate.same", month=Quantity(case.last.period, "date"))
        yield _gate("stop" if same else "pass", case.now.digest[:16], case.last.digest[:16], None, said)


def _future(case: Case, limits: GatesConfig) -> Iterator[Gate]:
    if not case.log:
        yield _part(case, case.now.ahead, limits.future, "gate.future")


def _duplicates(case: Case, limits: GatesConfig) -> Iterator[Gate]:
    yield _part(case, case.now.repeated, limits.duplicates, "gate.duplicates")


def _scale(case: Case, limits: GatesConfig) -> Iterator[Gate]:
    if case.last is None:
        return
    note, stop = limits.scale
    yield Gate("")
    month = Quantity(case.last.period, "date")
    for column, now in sorted(case.now.medians.items()):
        before = case.last.medians.get(column, 0.0)
        if before <= 0 or now <= 0:
            continue
        times = max(now / before, before / now)
        amounts = {
            name: Quantity(value, "money", case.now.currency, 2) for name, value in (("now", now), ("before", before))
        }
        if column:
            said = statement("gate.scale_column", column=text(column), month=month, **amounts)
        else:
            said = statement("gate.scale_order", period=case.period, month=month, **amounts)
        yield _gate(_GRADES[(times >= note) + (times >= stop)], now, before, stop if times >= stop else note, said)


def _currency(case: Case, limits: GatesConfig) -> Iterator[Gate]:
    if case.last is None or not (case.now.currency and case.last.currency):
        return
    now, before = case.now.currency, case.last.currency
    said = statement("gate.currency", now=text(now), before=text(before), month=Quantity(case.last.period, "date"))
    yield _gate("stop" if now != before else "pass", now, before, None, said)


def _dropped(case: Case, limits: GatesConfig) -> Iterator[Gate]:
    gate = _part(case, case.now.unusable, limits.dropped, "gate.dropped")
    if case.last is None:
        yield gate
        return
    now, before = case.now.unusable / max(case.now.read, 1), case.last.unusable / max(case.last.read, 1)
    most = before + limits.dropped_more
    if now > most and gate.verdict != "stop":
        month = Quantity(case.last.period, "date")
        said = statement("gate.dropped_more", share=share(now), before=share(before), month=month)
        yield Gate("", "stop", now, before, most, said)
    else:
        yield replace(gate, reference=before)


def _missing(case: Case, limits: GatesConfig) -> Iterator[Gate]:
    if case.last is None:
        return
    yield Gate("")
    month = Quantity(case.last.period, "date")
    for column, now in sorted(case.now.missing.items()):
        before = case.last.missing.get(column)
        if before is None:
            continue
        said = statement("gate.missing", column=text(column), share=share(now), before=share(before), month=month)
        rise = _above(now - before, limits.missing, said)
        yield replace(rise, value=now, reference=before, limit=before + (rise.limit or 0))


_GATES: Mapping[str, Callable[[Case, GatesConfig], Iterator[Gate]]] = {
    "empty": _empty,
    "columns": _columns,
    "customers": _customers,
    "rows": _rows,
    "history": _history,
    "stale": _stale,
    "same": _same,
    "future": _future,
    "duplicates": _duplicates,
    "scale": _scale,
    "currency": _currency,
    "dropped": _dropped,
    "missing": _missing,
}
NAMES = tuple(_GATES)


def _gate(
    verdict: Verdict, value: float | str, reference: float | str | None, limit: float | None, said: Statement
) -> Gate:
    return Gate("", verdict, value, reference, limit, None if verdict == "pass" else said)


def _part(case: Case, rows: int, limits: tuple[float, float], key: str) -> Gate:
    """Hold a part of the rows against two limits."""
    said = statement(key, rows=count(rows), read=count(case.now.read), period=case.period)
    return _above(rows / max(case.now.read, 1), limits, said)


def _above(value: float, limits: tuple[float, float], said: Statement) -> Gate:
    note, stop = limits
    verdict = _GRADES[(value > note) + (value > stop)]
    return _gate(verdict, value, None, stop if value > stop else note, said)


def _compared(
    case: Case, measure: Callable[[Received], int], band: tuple[float, float, float, float], key: str
) -> Iterator[Gate]:
    """Compare a number with last month's; what has seasons also passes if it is as in the same month last year."""
    if case.last is None or not measure(case.last):
        return
    now, before = measure(case.now), measure(case.last)
    grade = _grade(now / before, band)
    if key == _SEASONAL and case.year_ago is not None and measure(case.year_ago):
        grade = min(grade, _grade(now / measure(case.year_ago), band))
    ratio = now / before
    low = ratio < 1
    limit = (band[0] if low else band[3]) if grade == 2 else (band[1] if low else band[2])
    said = statement(
        key,
        now=count(now),
        before=count(before),
        ratio=share(ratio, 0),
        month=Quantity(case.last.period, "date"),
        period=case.period,
    )
    yield _gate(_GRADES[grade], now, before, limit, said)


def _grade(ratio: float, band: tuple[float, float, float, float]) -> int:
    stop_below, note_below, note_above, stop_above = band
    return (ratio < note_below or ratio > note_above) + (ratio < stop_below or ratio > stop_above)


def _listed(headers: list[str]) -> Quantity:
    more = f" + {len(headers) - _MOST_NAMED}" if len(headers) > _MOST_NAMED else ""
    return text(", ".join(headers[:_MOST_NAMED]) + more)
