"""A log up to the end of a month: by the day of the order, and by when a row was recorded."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import pytest

from reportgen.config import load_config
from reportgen.inputs.cutoff import rows_until
from reportgen.inputs.schema import infer_schema
from reportgen.inputs.sql import Engine
from reportgen.inputs.table import Table, open_table

END = dt.date(2024, 10, 31)
ROWS = [
    ("early", "2024-10-31", "2024-10-31 23:59:59"),
    ("midnight", "2024-10-31", "2024-11-01 00:00:00"),
    ("an hour later", "2024-10-31", "2024-11-01 01:00:00"),
    ("nobody knows", "2024-10-30", ""),
    ("next month", "2024-11-01", "2024-10-31 10:00:00"),
    *((f"usual {i}", "2024-10-01", "2024-10-02 10:00:00") for i in range(20)),
]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "orders.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("customer_id", "order_date", "order_total", "entered"))
        writer.writerows((f"{name}", day, f"{10 + i}.50", entered) for i, (name, day, entered) in enumerate(ROWS))
    return path


def kept(path: Path, delay_hours: int = 0, **given: object) -> tuple[set[str], Table]:
    config = load_config(None, input__kind="orders", **given)
    table = open_table(str(path), config.input)
    left = rows_until(table, infer_schema(table, config), END, delay_hours)
    names = {row[0] for row in Engine(left.frame).ask("SELECT customer_id FROM {source}")}
    return {name for name in names if not name.startswith("usual")}, left


def test_rows_of_later_months_are_not_there(log: Path) -> None:
    names, left = kept(log)
    assert names == {"early", "midnight", "an hour later", "nobody knows"}
    assert (left.origin.rows, left.origin.goes_on) == (24, True)


@pytest.mark.parametrize(
    ("hours", "names"),
    [
        (0, {"early", "nobody knows"}),
        (1, {"early", "midnight", "nobody knows"}),
        (2, {"early", "midnight", "an hour later", "nobody knows"}),
    ],
)
def test_what_was_recorded_too_late_is_not_there_either(log: Path, hours: int, names: set[str]) -> None:
    found, left = kept(log, hours, input__map={"recorded_at": "entered"})
    assert found == names
    assert left.origin.rows == 20 + len(names)
