"""Whether a month that is published is run again: by what went in then, and what would go in now."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from reportgen.config import Config
from reportgen.errors import HeldBack
from reportgen.history.carry_on import MonthPlan
from reportgen.history.published import PublishedRun
from reportgen.history.record import digest_of, settings_that_count
from reportgen.inputs.customers import Customers


@dataclass(frozen=True)
class Identity:
    """What decides the bytes of a month's report, together with the program's version.

    ``names`` are digests of data and config; model is frozen:ID, refit:PARENT:SEED or first:SEED; previous is the id of
    the run that the month is compared with, None where there is none.
    """

    names: Mapping[str, str | None]
    settings: Mapping[str, Any]
    rows: int

    def run_id(self, config: Config, tool_version: str) -> str:
        """Return 16 letters that name this input in this month."""
        when = config.input.model_dump(mode="json", include={"period", "as_of", "timezone"})
        return digest_of({**when, **self.names, "tool_version": tool_version})[:16]


def identify(customers: Customers, config: Config, plan: MonthPlan) -> Identity:
    """Say what goes into a month. Rows of later months and the order of rows do not count."""
    intake, seed = customers.intake, config.segments.seed
    assert intake is not None  # reading for a month makes one
    rows, digest = intake.until(plan.period)
    read = [line.rows for line in customers.quality.reconciliation if line.code == "read"]  # with those undated
    settings = settings_that_count(config)
    scored = {
        "first": f"first:{seed}",
        "frozen": f"frozen:{plan.kept_id}",
        "refit": f"refit:{plan.kept_id}:{seed}",
    }
    names = {
        "data": digest_of([sorted(intake.columns.items()), digest, read]),
        "config": digest_of(settings),
        "model": scored[plan.mode],
        "previous": plan.predecessor.run.run_id if plan.predecessor else None,
    }
    return Identity(names, settings, rows)


def already_done(done: PublishedRun | None, now: Identity, revise: str, files: Iterable[str] = ()) -> bool:
    """Tell whether a month is published with this very input; ``revise`` is a reason to publish it again all the same.

    Raises HeldBack where it is published with another input, or without one of the ``files`` that are asked for, and
    there is no reason given to replace it.
    """
    if done is None or revise:
        return False
    then = done.manifest["input_identity"]
    if then == now.names:
        _refuse_lacking(done, files)
        return True
    told = {
        "data": _rows_told(done.manifest["inputs"][0]["rows"], now.rows),
        "config": "the settings differ: " + _settings_told(done.manifest["settings"], now.settings),
        "model": f"its segments came from {then['model']} and would come from {now.names['model']}",
        "previous": f"it was compared with run {then['previous']} and would be with {now.names['previous']}",
    }
    reasons = [why for name, why in told.items() if then[name] != now.names[name]]
    raise HeldBack(
        f"{done.period} is published ({done.folder.name}), and what goes into it has changed: {'; '.join(reasons)}",
        f'Publish a corrected edition beside it: --period {done.period} --revise "the reason".',
        ("changed",),
    )


def _refuse_lacking(done: PublishedRun, files: Iterable[str]) -> None:
    """A published run is never changed, so a file that it lacks needs another edition."""
    there = {part for name in done.manifest["files"] for part in (name, name.partition("/")[0])}
    lacking = [name for name in files if name not in there]
    if lacking:
        raise HeldBack(
            f"{done.period} is published ({done.folder.name}) without {' and '.join(lacking)}, and stays as it is",
            f'Publish an edition that has it: --period {done.period} --revise "with {lacking[0]}".',
            ("changed",),
        )


def _rows_told(then: int, now: int) -> str:
    return "rows of the input were changed" if then == now else f"the input had {then:,} rows and has {now:,} now"


def _settings_told(then: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    old, new = _flat(then), _flat(now)
    names = sorted(name for name in {*old, *new} if old.get(name) != new.get(name))
    return ", ".join(f"{name} was {_said(old, name)} and is {_said(new, name)}" for name in names)


def _flat(settings: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in settings.items():
        found |= _flat(value, f"{before}{name}.") if isinstance(value, dict) else {f"{before}{name}": value}
    return found


def _said(settings: Mapping[str, Any], name: str) -> str:
    return json.dumps(settings[name], ensure_ascii=False)[:60] if name in settings else "the default"
