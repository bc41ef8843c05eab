"""What a monthly report remembers of a log of orders."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from reportgen.inputs.intake import Intake, RowsOf, columns_seen, fingerprint
from reportgen.inputs.months import LOOK_BACK, longest_break
from reportgen.inputs.order_columns import ROLES, OrderColumns
from reportgen.inputs.order_measures import Measures
from reportgen.inputs.order_rows import KEPT, rows_filled
from reportgen.inputs.schema import Column, Schema
from reportgen.inputs.sql import Engine


def intake_of_log(engine: Engine, schema: Schema, columns: OrderColumns, measures: Measures, as_of: dt.date) -> Intake:
    """Count and fingerprint the rows of every month up to ``as_of``, and measure those of its own month."""
    month = f"{as_of:%Y-%m}"
    names = sorted(columns.present)
    described = [f"d{place}" for place, column in enumerate(columns.describing) if column.role]
    cells = ["epoch_us(stamp)", *names, *described]
    engine.name("filled", rows_filled(measures))
    engine.name_rows("prints", f"SELECT stamp, {fingerprint(cells)} AS print FROM {{filled}}")
    counted = engine.ask(
        f"""SELECT strftime(stamp, '%Y-%m'), count(*), coalesce(sum(print), 0) FROM {{prints}}
        WHERE stamp IS NOT NULL AND stamp::DATE <= DATE '{as_of}' GROUP BY 1 ORDER BY 1"""
    )
    paid = f"FROM {{orders}} WHERE fate = {KEPT} AND net > 0"
    month_of_day = f"day >= DATE '{month}-01'"  # later orders count for nothing
    by_day = engine.ask(
        f"""SELECT day, median(net) FILTER ({month_of_day})::DOUBLE {paid}
        GROUP BY GROUPING SETS ((day), ()) ORDER BY day NULLS FIRST"""
    )
    typical, days = by_day[0][1], [row[0] for row in by_day[1:]]
    return Intake(
        columns=columns_seen(schema),
        months=tuple(RowsOf(str(one), int(n), int(prints)) for one, n, prints in counted),
        last_day=days[-1] if days else None,
        usual_break=longest_break([day for day in days if day > days[-1] - LOOK_BACK], but=1),
        medians={"": float(typical)} if typical is not None else {},
        missing=_missing(engine, {name: schema.role(ROLES[name]) for name in names}, month),
    )


def _missing(engine: Engine, columns: Mapping[str, Column | None], month: str) -> dict[str, float]:
    """Return the share of empty cells by header among the rows of a month."""
    headers = {name: column.name for name, column in columns.items() if column is not None}
    counts = engine.ask(
        f"SELECT count(*), {', '.join(f'count({name})' for name in headers)} FROM {{filled}} "
        f"WHERE strftime(stamp, '%Y-%m') = '{month}'"
    )[0]
    total = int(counts[0])
    return {
        header: 1 - int(filled) / total for header, filled in zip(headers.values(), counts[1:], strict=True) if total
    }
