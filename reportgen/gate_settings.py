"""Settings of the input gates: what about the input of a month is doubtful."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated

from pydantic import AfterValidator, Field

from reportgen.settings import Section


def _rising(limits: tuple[float, ...]) -> tuple[float, ...]:
    if any(low > high for low, high in pairwise(limits)):
        raise ValueError("write the limits from the lowest to the highest")
    return limits


Pair = Annotated[tuple[float, float], AfterValidator(_rising)]
Band = Annotated[tuple[float, float, float, float], AfterValidator(_rising)]


class GatesConfig(Section):
    """What stops a monthly report until a person has looked at its input; a milder limit only notes it."""

    customers_least: Pair = Field((50, 200), description="customers: fewer stop, fewer are noted")
    customers: Band = Field(
        (0.8, 0.9, 1.2, 1.5),
        description="customers as a multiple of last month's: stop below, note below, note above, stop above",
    )
    log_rows: Band = Field(
        (0.5, 0.8, 1.5, 2.0), description="rows of a log dated in the month, as a multiple of last month's"
    )
    table_rows: Band = Field((0.8, 0.9, 1.2, 1.5), description="rows of a table, as a multiple of last month's")
    history: Pair = Field(
        (0.99, 1.01), description="rows of earlier months, as a multiple of what was there: stop below, note above"
    )
    stale_days: Pair = Field(
        (0, 2), description="days without a row at the end of the month: more are noted, more stop"
    )
    future: Pair = Field((0, 0.01), description="share of customers with a date after the month: noted, stop")
    duplicates: Pair = Field((0, 0.01), description="share of rows that repeat others: noted, stop")
    scale: Pair = Field((3, 30), description="typical amounts, times or divided by last month's: noted, stop")
    dropped: Pair = Field((0.01, 0.05), description="share of rows that can't be used: noted, stop")
    dropped_more: float = Field(0.02, ge=0, le=1, description="rise of that share since last month that stops")
    missing: Pair = Field(
        (0.05, 0.2), description="rise of the share of empty cells in a column since last month: noted, stop"
    )
