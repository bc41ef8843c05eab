"""Two months of a few customers side by side in the engine, as a monthly report has them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import narwhals as nw
import pyarrow as pa

from reportgen.history.migration import Totals
from reportgen.history.two_months import TwoMonths, stand_together
from reportgen.inputs.engine import connect
from reportgen.inputs.sql import Engine

Month = Mapping[str, tuple[str, int]]  # segment ("": none) and cents by key


def side_by_side(then: Month, now: Month, seen: Collection[str] = ()) -> TwoMonths:
    """Let the customers of two months meet; ``seen`` were there before, if not in the earlier month."""
    rows = [
        {"month": month, "key": key, "label": label, "cents": cents, "seen": key in seen}
        for month, customers in enumerate((then, now))
        for key, (label, cents) in customers.items()
    ]
    engine = engine_of(rows)
    told = "FALSE AS idle, FALSE AS quiet, FALSE AS far, NULL AS own_year, NULL AS last_year"
    engine.name("then", "SELECT key, label AS a, cents FROM {source} WHERE month = 0")
    engine.name("now", f"SELECT key, label AS b, label AS c, cents, seen, {told} FROM {{source}} WHERE month = 1")
    return stand_together(TwoMonths(engine))


def engine_of(rows: list[dict[str, Any]]) -> Engine:
    relation: Any = connect().from_arrow(pa.Table.from_pylist(rows))
    return Engine(nw.from_native(relation).lazy())


def totals(month: Month) -> Totals:
    sizes: dict[str, int] = {}
    for label, _ in month.values():
        sizes[label] = sizes.get(label, 0) + 1
    return Totals(sizes, sum(cents for _, cents in month.values()))
