"""The input of a month held against that of the months before, as the archive remembers them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

from reportgen.config import Config
from reportgen.errors import ConfigError, HeldBack, did_you_mean
from reportgen.history.archive import Archive
from reportgen.history.gates import NAMES, Case, Gate, LateRows, judge, late_rows
from reportgen.history.periods import year_before
from reportgen.history.received import Received, from_manifest, receive, to_manifest
from reportgen.inputs.customers import Customers


@dataclass(frozen=True)
class Checked:
    """The verdicts on the input of one month."""

    received: Received
    gates: tuple[Gate, ...]
    late: LateRows | None

    @property
    def stops(self) -> tuple[Gate, ...]:
        """The gates that keep the report from being published."""
        return tuple(gate for gate in self.gates if gate.stops)

    def record(self) -> dict[str, Any]:
        """Return what the manifest keeps: facts for later months, verdicts, late rows."""
        gates = tuple({name: value for name, value in asdict(gate).items() if name != "said"} for gate in self.gates)
        late = asdict(self.late) if self.late else None
        return {"received": to_manifest(self.received), "gates": gates, "late_rows": late}


def check_input(customers: Customers, archive: Archive, config: Config, accept: Collection[str] = ()) -> Checked:
    """Judge the input of the month in ``config.input.period``; gates in ``accept`` may stop nothing."""
    period = config.input.period
    now = receive(customers, period)
    before = next(archive.before(period), None)
    last = from_manifest(before.manifest) if before else None
    year_ago = archive.current(year_before(period))
    recount = customers.intake.until(last.period) if customers.intake and last else None
    goes_on = customers.intake is not None and customers.intake.goes_on
    case = Case(now, last, from_manifest(year_ago.manifest) if year_ago else None, recount, goes_on)
    return Checked(now, judge(case, config.gates, accept), late_rows(case))


def refuse_replay(customers: Customers, period: str, monthly: bool) -> None:
    """Raise HeldBack for a table of customers, which knows one day only, unless there is one per month."""
    if customers.kind != "orders" and not monthly:
        raise HeldBack(
            f"a customer table holds one day and can't be replayed for {period}",
            "Give a file per month and write {period} where its name has the month: 'customers-{period}.csv'.",
        )


def check_names(accept: Collection[str]) -> None:
    """Raise ConfigError where a gate of this name does not exist."""
    for name in accept:
        if name not in NAMES:
            raise ConfigError(
                f"there is no gate '{name}'{did_you_mean(name, NAMES)}", f"The gates are {', '.join(NAMES)}."
            )
