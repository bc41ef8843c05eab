"""What a monthly report remembers of a table of customers."""

from __future__ import annotations

import datetime as dt

from reportgen.inputs.customers import Field
from reportgen.inputs.intake import Intake, RowsOf, columns_seen, fingerprint
from reportgen.inputs.schema import Schema
from reportgen.inputs.sql import Engine, identifier

_EVENTS = ("signup_date", "first_order_date", "last_order_date")  # dates that can't lie after the day of the file


def intake_of_table(engine: Engine, schema: Schema, fields: tuple[Field, ...], as_of: dt.date) -> Intake:
    """Count and fingerprint the rows of a table, and measure its columns."""
    used = {field.name: field for field in fields}
    cells = [identifier(column.name) for column in sorted(schema.columns, key=lambda column: column.name)]
    engine.name_rows("prints", f"SELECT {fingerprint(cells)} AS print FROM {{source}}")
    rows, prints = map(int, engine.ask("SELECT count(*), coalesce(sum(print), 0) FROM {prints}")[0])
    events = {column.role: identifier(column.name) for column in schema.columns if column.role in _EVENTS}
    late = " OR ".join(f"coalesce({cell}::DATE > DATE '{as_of}', FALSE)" for cell in events.values())
    newest = f"max({events['last_order_date']}::DATE)" if "last_order_date" in events else "NULL::DATE"
    ahead, last = engine.ask(f"SELECT count_if({late or 'FALSE'}), {newest} FROM {{source}}")[0]
    numbers = [column.name for column in schema.columns if column.kind == "number"]
    medians = {
        name: engine.ask(f"SELECT median({identifier(name)}) FROM {{source}} WHERE {identifier(name)} > 0")[0][0]
        for name in numbers
        if name in used and used[name].kind == "money"
    }
    return Intake(
        columns=columns_seen(schema),
        months=(RowsOf("", rows, prints),),
        last_day=last,
        usual_break=0,
        medians={name: float(value) for name, value in medians.items() if value is not None},
        missing={
            column.name: 1 - column.filled / rows
            for column in schema.columns
            if rows and (column.role or (column.name in used and used[column.name].candidate))
        },
        ahead=int(ahead),
    )
