"""The list of customers of a run: every customer with its segment, and since when; read again a month later."""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from reportgen.analysis import Analysis
from reportgen.errors import InputError
from reportgen.history.cells import harmless
from reportgen.history.everyone_list import write_everyone
from reportgen.history.list_forms import read_cells, write_cells
from reportgen.history.migration import Roll
from reportgen.history.periods import last_day
from reportgen.segments.baseline import Bins
from reportgen.segments.recipe import to_numbers

HEADER = ("customer", "segment", "segment_name", "second_segment", "second_segment_name", "margin")
_MONTHLY = (
    "period",
    "as_of",
    "status",
    "previous_segment",
    "previous_segment_name",
    "changed_on",
    "change_cause",
    "months_in_segment",
    "spend",
)
_FEATURE = "f_"
_TYPES = {
    "margin": "DOUBLE",
    "as_of": "DATE",
    "changed_on": "DATE",
    "months_in_segment": "INTEGER",
    "spend": "DOUBLE",
}


@dataclass(frozen=True)
class Stay:
    """How long one customer has been in its segment, and where it was before ("" where nowhere)."""

    status: str  # new, returned, stayed, moved, rescored, unscored
    previous: str  # id of the most recent different segment
    previous_name: str
    changed_on: str  # as-of date of the month in which the present segment began
    cause: str  # first, behaviour, model, both, rescored
    months: int


@dataclass(frozen=True)
class PastList:
    """The list of an earlier month: the roll, the names, every customer's stay, and the active columns' raw values."""

    roll: Roll
    names: tuple[str, ...]
    stays: tuple[Stay, ...]
    features: pd.DataFrame

    def column(self, bins: Bins) -> pd.Series:
        """Return the values that an active column had: numbers, or words with None for missing."""
        cells = self.features[bins.name]
        return cells.where(cells != "", None) if bins.quartiles is None else pd.to_numeric(cells, errors="coerce")


def write_assignments(analysis: Analysis, path: str | Path, period: str = "", stays: Sequence[Stay] = ()) -> None:
    """Write the list: every customer with its segment, the next nearest one and the margin between them.

    customers.csv is UTF-8, comma, CRLF. Cells that a spreadsheet would run as a formula get an apostrophe in front;
    plain numbers and phone numbers such as -5 or +49 30 1234 stay as they are. Parquet (customers.parquet, or a folder
    by segment) keeps text as it is, and has typed columns. Customers without a segment have empty cells. A monthly
    report adds each customer's stay, its spend and the raw values of the columns that form segments. Customers that
    the engine holds are written by it, sorted likewise, with LF.
    """
    path = Path(path)
    if analysis.customers.everyone is not None:
        write_everyone(analysis, path, HEADER)
        return
    clean = harmless if path.suffix == ".csv" else str
    rows = _rows(analysis, clean)
    header: tuple[str, ...] = HEADER
    if period:
        more, cells = _monthly(analysis, period, stays, clean)
        header = (*header, *more)
        rows = [(*row, *extra) for row, extra in zip(rows, cells, strict=True)]
    if path.suffix == ".csv":
        _write(path, header, rows)
    else:
        recipe = analysis.segmentation.model.recipe
        numbers = [f"{_FEATURE}{name}" for name in recipe.names if name not in recipe.words]
        columns = dict(zip(header, zip(*rows, strict=True), strict=True))
        write_cells(columns, _TYPES | dict.fromkeys(numbers, "DOUBLE"), path)


def _rows(analysis: Analysis, clean: Callable[[str], str]) -> list[tuple[str, ...]]:
    assignment = analysis.segmentation.assignment
    names = [(ref.id, clean(ref.name)) for ref in analysis.segments]
    customers = analysis.customers.frame["customer"]
    rows: list[tuple[str, ...]] = []
    for customer, label, second, margin in zip(
        customers, assignment.label, assignment.second, assignment.margin, strict=True
    ):
        own = names[label] if label >= 0 else ("", "")
        nearest = names[second] if label >= 0 and second >= 0 else ("", "")
        shown = f"{margin:.4f}" if label >= 0 and math.isfinite(margin) else ""
        rows.append((clean(str(customer)), *own, *nearest, shown))
    return rows


def write_lost(past: PastList, gone: Iterable[int], as_of: str, path: Path) -> None:
    """Write lost.csv: customers of last month's list that are in it no more, by their places there."""
    rows = ((past.roll.keys[i].partition("\0")[0], past.roll.segments[i], harmless(past.names[i]), as_of) for i in gone)
    _write(path, ("customer", "last_segment", "last_segment_name", "last_as_of"), rows)


def roll_of(analysis: Analysis) -> Roll:
    """Return this month's customers, keyed as they are written to the list."""
    label = analysis.segmentation.assignment.label
    ids = [ref.id for ref in analysis.segments]
    spend = analysis.customers.spend
    amounts = analysis.customers.frame[spend] if spend else None
    keys = [harmless(str(customer)) for customer in analysis.customers.frame["customer"]]
    return Roll(
        _unique(keys),
        tuple(ids[place] if place >= 0 else "" for place in label),
        _cents(amounts, len(keys)),
    )


def read_list(path: Path) -> PastList:
    """Read the list of a monthly report in whatever form it is; InputError where it is something else."""
    try:
        frame = read_cells(path)
        stays = tuple(
            Stay(status, previous, name, changed_on, cause, int(months or 0))
            for status, previous, name, changed_on, cause, months in zip(
                *(frame[name] for name in _MONTHLY[2:8]), strict=True
            )
        )
        amounts = pd.to_numeric(frame["spend"]) if (frame["spend"] != "").any() else None
        roll = Roll(_unique(map(harmless, frame["customer"])), tuple(frame["segment"]), _cents(amounts, len(frame)))
        names = tuple(frame["segment_name"])
    except (OSError, KeyError, ValueError) as error:
        raise InputError(
            f"{path.parent.name}/{path.name} can't be read: {str(error).splitlines()[0]}",
            "It is needed to say what changed; put it back, or write to another folder with --output.",
        ) from None
    features = {name.removeprefix(_FEATURE): frame[name] for name in frame.columns if name.startswith(_FEATURE)}
    return PastList(roll, names, stays, pd.DataFrame(features))


def _monthly(
    analysis: Analysis, period: str, stays: Sequence[Stay], clean: Callable[[str], str]
) -> tuple[list[str], Iterable[tuple[str, ...]]]:
    frame, recipe = analysis.customers.frame, analysis.segmentation.model.recipe
    as_of = last_day(period).isoformat()
    spend = [""] * len(frame)
    if analysis.customers.spend:
        spend = [_number(value) for value in to_numbers(frame[analysis.customers.spend])]
    columns = [
        [("" if pd.isna(word) else clean(str(word))) for word in frame[name]]
        if name in recipe.words
        else [_number(value) for value in to_numbers(frame[name])]
        for name in recipe.names
    ]
    told = (
        (
            *(period, as_of, stay.status, stay.previous, clean(stay.previous_name), stay.changed_on, stay.cause),
            *(str(stay.months) if stay.months else "", money, *features),
        )
        for stay, money, *features in zip(stays, spend, *columns, strict=True)
    )
    return [*_MONTHLY, *(f"{_FEATURE}{name}" for name in recipe.names)], told


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)  # customers are for nobody but the owner of the files
    path.write_text(out.getvalue(), encoding="utf-8", newline="")


def _number(value: float) -> str:
    """Return the shortest digits that read back as this number."""
    return repr(float(value)).removesuffix(".0") if math.isfinite(value) else ""


def _cents(amounts: pd.Series | None, n: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    if amounts is None:
        return np.zeros(n, dtype=np.int64)
    return np.rint(np.nan_to_num(to_numbers(amounts)) * 100).astype(np.int64)


def _unique(keys: Iterable[str]) -> tuple[str, ...]:
    """Tell apart keys that are written alike, in their order."""
    seen: Counter[str] = Counter()
    found = []
    for key in keys:
        found.append(f"{key}\0{seen[key]}" if seen[key] else key)
        seen[key] += 1
    return tuple(found)
