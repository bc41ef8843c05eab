"""What came in for one month, as the manifest keeps it for the months that follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from reportgen.inputs.customers import Customers

_UNUSABLE = ("unreadable_rows", "no_key")  # lines of the reconciliation
_REPEATED = ("duplicates",)


@dataclass(frozen=True)
class Received:
    """Plain facts about the input of one month; days and months are ISO text.

    ``rows`` and ``digest`` are of all rows up to the end of the month (log) or in the file (table), ``dated`` is the
    number of a log's rows inside the month, ``since`` its first month. Of all rows ``read``, so many have a date
    ``ahead`` of the month's end (table), are ``repeated`` or ``unusable``.
    """

    period: str
    kind: str  # orders or customers
    columns: Mapping[str, tuple[str, str]]  # header: (role or "", kind)
    rows: int
    digest: str
    dated: int
    since: str
    customers: int
    newest: str | None
    usual_break: int
    medians: Mapping[str, float]
    missing: Mapping[str, float]
    currency: str
    read: int
    ahead: int
    repeated: int
    unusable: int


def receive(customers: Customers, period: str) -> Received:
    """Sum up what came in for a month."""
    intake = customers.intake
    assert intake is not None, "a monthly report measures its input"
    rows, digest = intake.until(period)
    months = [one.month for one in intake.months if one.month]
    return Received(
        period=period,
        kind=customers.kind,
        columns=intake.columns,
        rows=rows,
        digest=digest,
        dated=intake.rows_in(period),
        since=months[0] if months else "",
        customers=customers.count,
        newest=intake.last_day.isoformat() if intake.last_day else None,
        usual_break=intake.usual_break,
        medians=intake.medians,
        missing=intake.missing,
        currency=customers.currency,
        read=_rows(customers, ("read",)),
        ahead=intake.ahead,
        repeated=_rows(customers, _REPEATED),
        unusable=_rows(customers, _UNUSABLE),
    )


def _rows(customers: Customers, codes: tuple[str, ...]) -> int:
    return sum(line.rows or 0 for line in customers.quality.reconciliation if line.code in codes)


def to_manifest(received: Received) -> dict[str, Any]:
    """Return the facts as the manifest holds them."""
    return asdict(received)


def from_manifest(manifest: Mapping[str, Any]) -> Received | None:
    """Read the facts of an earlier run; None where its manifest has none, or not all of them."""
    kept = manifest.get("received")
    names = [field.name for field in fields(Received)]
    if not isinstance(kept, Mapping) or not set(names) <= set(kept):
        return None
    known = {name: kept[name] for name in names}
    columns = {header: (str(role), str(kind)) for header, (role, kind) in known["columns"].items()}
    return Received(**known | {"columns": columns})
