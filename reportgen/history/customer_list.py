"""The list of customers of a run: every customer with its segment, and since when; read again a month later."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Sequence
from pathlib import Path

import narwhals as nw

from reportgen.analysis import Analysis
from reportgen.history.cells import harmless, harmless_sql
from reportgen.history.everyone_list import write_everyone
from reportgen.history.list_forms import write_cells, write_list
from reportgen.history.past_list import FEATURE
from reportgen.history.periods import last_day
from reportgen.history.stays import stay_cells
from reportgen.inputs.sql import Engine, identifier, literal

HEADER = ("customer", "segment", "segment_name", "second_segment", "second_segment_name", "margin")
_LOST = ("customer", "last_segment", "last_segment_name", "last_as_of")
_TYPES = {"margin": "DOUBLE", "as_of": "DATE", "changed_on": "DATE", "months_in_segment": "INTEGER"}


def write_assignments(analysis: Analysis, path: str | Path) -> None:
    """Write the list: every customer with its segment, the next nearest one and the margin between them.

    customers.csv is UTF-8, comma, CRLF. Cells that a spreadsheet would run as a formula get an apostrophe in front;
    plain numbers and phone numbers such as -5 or +49 30 1234 stay as they are. Parquet (customers.parquet, or a folder
    by segment) keeps text as it is, and has typed columns. Customers without a segment have empty cells. Customers
    that the engine holds are written by it, sorted likewise, with LF.
    """
    path = Path(path)
    if analysis.customers.everyone is not None:
        write_everyone(analysis, path, HEADER)
        return
    clean = harmless if path.suffix == ".csv" else str
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
    if path.suffix == ".csv":
        _write(path, HEADER, rows)
    else:
        write_cells(dict(zip(HEADER, zip(*rows, strict=True), strict=True)), _TYPES, path)


def write_month_list(engine: Engine, analysis: Analysis, path: Path, period: str) -> None:
    """Write the list of a month, in the form of the path: {now} of ``engine`` beside {past}.

    To what other lists have it adds each customer's stay, its spend and the raw values of the active columns.
    """
    sheet = path.suffix == ".csv"
    cells = {**_segment_cells(analysis, sheet), **_monthly_cells(analysis, period, sheet)}
    listed = ", ".join(f"{cell} AS {identifier(name)}" for name, cell in cells.items())
    rows = f"SELECT {listed} FROM {{now}} n LEFT JOIN {{past}} p ON n.key = p.key"
    if sheet:
        whole = analysis.customers.everyone is not None
        _write_rows(engine, f"{rows} ORDER BY n.nth", tuple(cells), path, whole)
    else:
        relation = Engine(nw.from_native(engine.relation(rows)).lazy())
        write_list(relation, ", ".join(map(identifier, cells)), path)
        relation.close()


def write_lost(engine: Engine, as_of: str, path: Path, whole: bool) -> None:
    """Write lost.csv: customers of {past} who are not in {now}; ``whole``: the engine holds them."""
    cells = ("p.written", "nullif(p.a, '')", harmless_sql("nullif(p.a_name, '')"), literal(as_of))
    listed = ", ".join(f"{cell} AS {name}" for cell, name in zip(cells, _LOST, strict=True))
    rows = f"SELECT {listed} FROM {{past}} p ANTI JOIN {{now}} n ON n.key = p.key ORDER BY p.nth"
    _write_rows(engine, rows, _LOST, path, whole)


def _segment_cells(analysis: Analysis, sheet: bool) -> dict[str, str]:
    ids = [ref.id for ref in analysis.segments]
    names = [harmless(ref.name) if sheet else ref.name for ref in analysis.segments]
    second = "CASE WHEN n.c <> '' AND n.second >= 0 THEN [{}][n.second + 1] END"
    margin = "CASE WHEN n.c <> '' AND isfinite(n.margin) THEN n.margin::DECIMAL(5, 4)::VARCHAR END"
    own = " ".join(f"WHEN {literal(one)} THEN {literal(name)}" for one, name in zip(ids, names, strict=True))
    others = (second.format(", ".join(map(literal, words))) for words in (ids, names))
    key = harmless_sql("n.customer") if sheet else "n.customer"
    cells = (key, "nullif(n.c, '')", f"CASE n.c {own} END", *others, _typed("margin", margin, sheet))
    return dict(zip(HEADER, cells, strict=True))


def _monthly_cells(analysis: Analysis, period: str, sheet: bool) -> dict[str, str]:
    recipe, day = analysis.segmentation.model.recipe, last_day(period).isoformat()
    stay = {name: _typed(name, f"nullif({cell}, '')", sheet) for name, cell in stay_cells(day).items()}
    if sheet:
        stay["previous_segment_name"] = harmless_sql(stay["previous_segment_name"])
    features = {f"{FEATURE}{name}": f"n.{identifier(FEATURE + name)}" for name in recipe.names}
    words = {f"{FEATURE}{name}" for name in recipe.words}
    if sheet:
        features = {
            name: f"nullif({harmless_sql(cell)}, '')" if name in words else _digits(cell)
            for name, cell in features.items()
        }
    spend = _digits("n.spend") if sheet else "n.spend"
    as_of = _typed("as_of", literal(day), sheet)
    return {"period": literal(period), "as_of": as_of, **stay, "spend": spend, **features}


def _typed(name: str, cell: str, sheet: bool) -> str:
    return cell if sheet or name not in _TYPES else f"CAST({cell} AS {_TYPES[name]})"


def _digits(cell: str) -> str:
    """Return SQL for the shortest digits that read back as a number."""
    return f"regexp_replace({cell}::VARCHAR, '\\.0$', '')"


def _write_rows(engine: Engine, rows: str, header: tuple[str, ...], path: Path, whole: bool) -> None:
    if whole:
        engine.write(rows, path)
    else:
        _write(path, header, engine.ask(rows))


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[str | None]]) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)  # customers are for nobody but the owner of the files
    path.write_text(out.getvalue(), encoding="utf-8", newline="")
