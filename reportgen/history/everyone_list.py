"""The list of customers where they are too many to be held at once: written by the engine."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from reportgen.analysis import Analysis
from reportgen.history.cells import harmless, harmless_sql
from reportgen.history.list_forms import write_list
from reportgen.inputs.spark_rows import at_home
from reportgen.inputs.sql import Engine, literal
from reportgen.segments.pushdown import MARGIN, PLACE, SECOND, add_assignments


def write_everyone(analysis: Analysis, path: Path, header: Sequence[str]) -> None:
    """Write every customer with its segment, the next nearest one and the margin, sorted by key.

    Text of a CSV file is made harmless to spreadsheets; in Parquet it stays as it is.
    """
    everyone = analysis.customers.everyone
    assert everyone is not None
    sheet = path.suffix == ".csv"
    ids = [ref.id for ref in analysis.segments]
    names = [harmless(ref.name) if sheet else ref.name for ref in analysis.segments]
    margin = f"CAST({MARGIN} AS DECIMAL(5, 4))"
    cells = (
        harmless_sql("customer") if sheet else "customer",
        *(_told(place, words) for place in (PLACE, SECOND) for words in (ids, names)),
        f"CASE WHEN isfinite({MARGIN}) THEN {margin if sheet else f'CAST({margin} AS DOUBLE)'} END",
    )
    listed = ", ".join(f"{cell} AS {name}" for cell, name in zip(cells, header, strict=True))
    frame = add_assignments(
        everyone.frame.select("customer", *analysis.segmentation.model.recipe.names), analysis.segmentation.model
    )
    engine = Engine(at_home(frame.select("customer", PLACE, SECOND, MARGIN)))
    try:
        write_list(engine, listed, path)
    finally:
        engine.close()


def _told(place: str, words: Sequence[str]) -> str:
    cases = " ".join(f"WHEN {i} THEN {literal(word)}" for i, word in enumerate(words))
    return f"CASE {place} {cases} END"
