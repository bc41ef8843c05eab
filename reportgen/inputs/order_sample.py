"""The part of a log that is looked at customer by customer: all of it, or the orders of a sample of its customers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import narwhals as nw

from reportgen.config import Config
from reportgen.inputs.customers import Everyone, Month
from reportgen.inputs.order_columns import OrderColumns
from reportgen.inputs.order_measures import Measures
from reportgen.inputs.order_rows import KEPT, keep_fates
from reportgen.inputs.order_summary import customer_measures, keep_orders
from reportgen.inputs.sampling import chosen
from reportgen.inputs.sql import Engine


@dataclass(frozen=True, eq=False)
class LogPart:
    """{lines}, {orders}, {people} and {base} of the customers of a sample, in an ``engine`` of their own.

    ``everyone`` is None where the part is the whole.
    """

    engine: Engine
    everyone: Everyone | None = None
    whole: Engine | None = None  # None: ``engine`` is that of the whole log

    def close(self) -> None:
        """Drop the tables of the sample."""
        if self.whole is not None:
            self.engine.close()

    def of_all(self, months: Sequence[Month]) -> tuple[Month, ...]:
        """Return the months of the sample brought up to the customers and the revenue of all."""
        if self.everyone is None or self.whole is None:
            return tuple(months)
        spend = [float(engine.ask("SELECT sum(spend) FROM {base}")[0][0]) for engine in (self.whole, self.engine)]
        people, money = 1 / self.everyone.share, spend[0] / spend[1]
        return tuple(
            replace(
                month,
                buyers=round(month.buyers * people),
                orders=round(month.orders * people),
                returning=round(month.returning * people),
                revenue=month.revenue * money,
            )
            for month in months
        )


def _rows_of_picked(engine: Engine) -> str:
    """Return which judged rows hold all of the sample: those that were fetched before, or those of the log."""
    if not engine.knows("nearby"):
        return "{lines}"
    return (
        "{lines}"
        if engine.ask("SELECT customer FROM {picked} ANTI JOIN {close} USING (customer) LIMIT 1")
        else "{nearby}"
    )


def log_of_sample(engine: Engine, columns: OrderColumns, measures: Measures, as_of: dt.date, config: Config) -> LogPart:
    """Return the part of a judged log that ``config`` allows to look at one by one."""
    base = int(engine.ask("SELECT count(*) FROM {base}")[0][0])
    many = base > config.input.sample
    if not many and measures.every == 1:
        return LogPart(engine)
    engine.forget_order()
    share = min(1.0, config.input.sample / base)
    engine.keep("picked", f"SELECT customer FROM {{base}} WHERE {chosen('customer', share)}")
    part = Engine(engine.here(f"SELECT * FROM {_rows_of_picked(engine)} SEMI JOIN {{picked}} USING (customer)"))
    part.keep("lines", "FROM {source}")
    if engine.knows("near"):
        engine.drop("near")
    keep_fates(part)
    keep_orders(part, columns, replace(measures, every=1), as_of)
    if not many:
        return LogPart(part, whole=engine)
    told = ", ".join(f"{sql} AS {name}" for name, sql in customer_measures(as_of).items())
    frame: nw.LazyFrame[Any] = nw.from_native(engine.relation(f"SELECT customer, {told} FROM {{base}}")).lazy()
    sampled = int(engine.ask("SELECT count(*) FROM {picked}")[0][0])
    orders = nw.from_native(engine.relation(f"SELECT customer, day, net FROM {{orders}} WHERE fate = {KEPT}")).lazy()
    return LogPart(part, Everyone(frame, base, sampled / base, engine, orders), engine)
