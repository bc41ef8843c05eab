"""The reconciliation of an order log: from the file's total to the report's, to the cent (domain.md 13.8)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from reportgen.inputs.order_measures import Measures
from reportgen.inputs.order_rows import (
    BAD_DEBT,
    CANCELLED,
    DUPLICATE,
    FIRST_STATUS,
    FUTURE,
    GIFT,
    KEPT,
    TOTALS,
    UNREADABLE,
)
from reportgen.inputs.quality import Reconciled, lines_read, lines_without_data
from reportgen.inputs.sql import Engine
from reportgen.inputs.table import Origin

_FATES = {
    TOTALS: ("totals_row", "Totals rows"),
    UNREADABLE: ("unreadable_rows", "Rows without a readable date or amount"),
    DUPLICATE: ("duplicates", "Duplicate rows"),
    BAD_DEBT: ("bad_debt", "Bad-debt corrections"),
    CANCELLED: ("cancelled", "Cancelled orders"),
    GIFT: ("gift_cards", "Gift cards sold (they count when redeemed)"),
    FUTURE: ("future", "Dated after the as-of date"),
}
_CLASSES = {
    "guests": "Guests: no customer named",
    "customers": "Customers without positive net spend",
    "zero": "Orders worth nothing",
    "refunds": "Refunds and returns, netted against their customers",
    "tax": "Tax",
}


@dataclass(frozen=True)
class _Sums:
    """What one line of the reconciliation stands for; money stays exact until the end."""

    rows: int = 0
    orders: int = 0
    money: Decimal = Decimal(0)
    customers: int = 0

    def __add__(self, other: _Sums) -> _Sums:
        return _Sums(
            self.rows + other.rows,
            self.orders + other.orders,
            self.money + other.money,
            self.customers + other.customers,
        )

    def line(self, code: str, label: str, sign: str) -> Reconciled:
        return Reconciled(code, label, sign, self.rows, self.orders, float(self.money), self.customers)


def reconcile(engine: Engine, measures: Measures, origin: Origin) -> tuple[Reconciled, ...]:
    """Return the walk from everything read to what the report rests on.

    For rows, orders, customers and revenue alike, the line "read" minus all lines with "-" is the line "used". An
    order leaves with the last of its rows, a customer with the last of its orders. Refunds written as rows are
    already negative in the total read, so their line takes away rows and orders, and money only where a refund stood
    in a column of its own.
    """
    no_data = [(code, label, _Sums(rows)) for code, label, rows in lines_without_data(origin)]
    removed = [*no_data, *_dropped(engine, measures), *_left_out(engine)]
    used = _used(engine)
    read = sum((sums for _, _, sums in removed), start=used)
    several = len(origin.parts) > 1
    return (
        *lines_read(origin),
        read.line("read", "Read from all files" if several else "Read from file", "=" if several else ""),
        *(sums.line(code, label, "-") for code, label, sums in removed),
        used.line("used", "In this report", "="),
    )


def _dropped(engine: Engine, measures: Measures) -> list[tuple[str, str, _Sums]]:
    """Return what single rows were dropped for."""
    rows = engine.ask(f"SELECT fate, sum(n), sum(amount) FROM {{fates}} WHERE fate < {KEPT} GROUP BY fate ORDER BY 1")
    orders = dict(engine.ask("SELECT fate, count(*) FROM (SELECT unnest(lost) AS fate FROM {people}) GROUP BY 1"))
    customers = dict(
        engine.ask(
            f"""SELECT last, count(*) FROM {{people}} WHERE customer IS NOT NULL
            AND last BETWEEN {TOTALS + 1} AND {KEPT - 1} GROUP BY 1"""
        )
    )
    found = []
    for fate, count, money in rows:
        code, label = _FATES.get(fate) or ("status", f"Status “{measures.statuses.not_sold[fate - FIRST_STATUS]}”")
        sums = _Sums(int(count), int(orders.get(fate, 0)), money or Decimal(0), int(customers.get(fate, 0)))
        found.append((code, label, sums))
    return found


def _left_out(engine: Engine) -> list[tuple[str, str, _Sums]]:
    """Return which kept orders don't count, and the deductions from those that do."""
    rows = engine.ask(
        """SELECT customer IS NULL, sum(kept_rows), sum(kept), sum(amount), count(*) FROM {people}
        WHERE kept > 0 AND (customer IS NULL OR NOT (spend > 0 AND orders > 0)) GROUP BY 1"""
    )
    sums = {
        "guests" if guest else "customers": _Sums(int(n), int(orders), money, 0 if guest else int(people))
        for guest, n, orders, money, people in rows
    }
    back, back_rows, zero, zero_rows, refund, tax = engine.ask(
        """SELECT sum(back), sum(back_rows), sum(kept - orders - back), sum(kept_rows - orders_rows - back_rows),
        sum(refund), sum(tax) FROM {base}"""
    )[0]
    if back or refund:
        sums["refunds"] = _Sums(int(back_rows or 0), int(back or 0), Decimal(refund or 0))
    if zero:
        sums["zero"] = _Sums(int(zero_rows), int(zero))
    if tax:
        sums["tax"] = _Sums(money=Decimal(tax))
    return [(name, label, sums[name]) for name, label in _CLASSES.items() if name in sums]


def _used(engine: Engine) -> _Sums:
    row = engine.ask("SELECT sum(orders_rows), sum(orders), sum(spend), count(*) FROM {base}")[0]
    return _Sums(int(row[0] or 0), int(row[1] or 0), Decimal(row[2] or 0), int(row[3]))
