"""Where the difference between the revenue of two months comes from (domain.md 10.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reportgen.inputs.customers import BridgePart, Month, RevenueBridge
from reportgen.inputs.order_rows import KEPT
from reportgen.inputs.sql import Engine

_PARTS = ("new", "returned", "gone", "kept", "refunds")


def revenue_bridge(engine: Engine, months: Sequence[Month]) -> RevenueBridge | None:
    """Compare the last month with the one before it; None where either is not complete.

    Revenue is the net spend of the base in the month. The steps are exact to the cent: what rounding leaves is part of
    the value of the orders of those who bought in both.
    """
    if len(months) < 2 or not all(month.complete for month in months[-2:]):
        return None
    earlier, later = (month.month for month in months[-2:])
    rows = {row[0]: _Kind(*(int(value) for value in row[1:])) for row in engine.ask(_query(earlier, later))}
    found = {name: rows.get(name, _Kind()) for name in _PARTS}
    return RevenueBridge(
        earlier=earlier,
        later=later,
        before=sum(part.before for part in found.values()),
        after=sum(part.after for part in found.values()),
        **{name: BridgePart(part.customers, part.step, part.dominated) for name, part in found.items()},
        kept_orders=found["kept"].orders_step,
    )


@dataclass(frozen=True)
class _Kind:
    """The customers of one kind: revenue in cents and orders in both months, the two largest weights in cents."""

    customers: int = 0
    before: int = 0
    after: int = 0
    orders_before: int = 0
    orders_after: int = 0
    largest: int = 0
    second: int = 0

    @property
    def step(self) -> int:
        """What they add from month to month."""
        return self.after - self.before

    @property
    def dominated(self) -> bool:
        """Whether the step gives one customer away (domain.md 11.4)."""
        whole = abs(self.before) + abs(self.after)
        return self.largest > 0.5 * whole or self.largest + self.second > 0.85 * whole

    @property
    def orders_step(self) -> int:
        """What more orders of the value they had would have brought: (O1 - O0) x A0."""
        value = self.before / self.orders_before if self.orders_before else 0.0
        return round((self.orders_after - self.orders_before) * value)


def _query(earlier: str, later: str) -> str:
    """Return kind, customers, cents and orders in both months, and the largest and second largest weight in cents."""
    return f"""WITH mine AS (
        SELECT customer, first(strftime(first_day, '%Y-%m')) AS born,
            {_sum("net", earlier)} AS r0, {_sum("net", later)} AS r1,
            count(*) FILTER (net > 0 AND strftime(day, '%Y-%m') = '{earlier}') AS o0,
            count(*) FILTER (net > 0 AND strftime(day, '%Y-%m') = '{later}') AS o1
        FROM {{orders}} JOIN {{base}} USING (customer)
        WHERE fate = {KEPT} AND strftime(day, '%Y-%m') IN ('{earlier}', '{later}') GROUP BY customer),
    kinds AS (
        SELECT CASE WHEN o0 > 0 AND o1 > 0 THEN 'kept' WHEN o0 > 0 THEN 'gone'
            WHEN o1 > 0 AND born = '{later}' THEN 'new' WHEN o1 > 0 THEN 'returned' ELSE 'refunds' END AS kind,
            r0, r1, o0, o1, abs(r0) + abs(r1) AS weight FROM mine)
    SELECT kind, count(*), sum(r0), sum(r1), sum(o0)::BIGINT, sum(o1)::BIGINT,
        max(weight), coalesce(max(weight, 2)[2], 0) FROM kinds GROUP BY kind"""


def _sum(column: str, month: str) -> str:
    return f"round(coalesce(sum({column}) FILTER (strftime(day, '%Y-%m') = '{month}'), 0) * 100)::BIGINT"
