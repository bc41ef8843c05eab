"""The columns of an order log under one set of names, whatever the file calls them."""

from __future__ import annotations

from dataclasses import dataclass

from reportgen.errors import InputError
from reportgen.inputs.schema import Column, Schema
from reportgen.inputs.sql import Engine, identifier, words_in
from reportgen.inputs.words import word_set

MONEY = "DECIMAL(18,6)"  # exact sums in any order; up to a trillion per row
_AMOUNTS = {
    "total": "order_total",
    "line": "line_amount",
    "price": "unit_price",
    "refund": "refund_amount",
    "tax": "tax",
    "shipping": "shipping",
    "discount": "discount",
}
_TEXTS = {
    "id": "customer_id",
    "mail": "customer_email",
    "phone": "customer_phone",
    "order_id": "order_id",
    "line_id": "line_id",
    "status": "order_status",
    "currency": "currency",
    "category": "category",
    "product": "product_name",
}
_OTHERS = {"units": "quantity", "cancelled": "cancelled_at"}
ROLES = _AMOUNTS | _TEXTS | _OTHERS  # our name: role
_MOST_DESCRIBING, _ENOUGH_WORDS, _FEW_WORDS = 8, 250, 30  # columns; words with and without a role
_DESCRIBING = (
    "country",
    "channel",
    "store",
    "loyalty_tier",
    "existing_segment",
    "P_gender",
    "P_marital",
    "P_education",
)


@dataclass(frozen=True)
class OrderColumns:
    """Which of our names the file can fill, and which columns describe its customers."""

    present: frozenset[str]
    describing: tuple[Column, ...]

    def has(self, *names: str) -> bool:
        """Tell whether the file has all of these."""
        return self.present.issuperset(names)


def map_columns(schema: Schema, source: str) -> OrderColumns:
    """Find the columns of a log; InputError if customer, date or amount are missing."""
    roles = {column.role for column in schema.columns if column.role and column.kind != "empty"}
    present = {name for name, role in ROLES.items() if role in roles}
    missing = []
    if not present & {"id", "mail", "phone"}:
        missing.append("column that names the customer (customer_id)")
    if "order_date" not in roles:
        missing.append("date (order_date)")
    if not (present & {"total", "line"} or present >= {"units", "price"}):
        missing.append("amount (order_total)")
    if missing:
        raise InputError(
            f"{source} reads like a log of orders but has no {', and no '.join(missing)}; "
            f"its columns are {', '.join(column.name for column in schema.columns[:30])}",
            "Name the columns with --map ROLE=HEADER, for example --map order_date=Created; "
            "or say --kind customers if each row is one customer.",
        )
    describing = [column for column in schema.columns if _describes(column)]
    return OrderColumns(frozenset(present), tuple(describing[:_MOST_DESCRIBING]))


def _describes(column: Column) -> bool:
    """Tell whether a column holds few words that say something about customers, or about nothing we know."""
    if column.kind != "text" or column.personal or column.distinct < 2:
        return False
    most = _ENOUGH_WORDS if column.role in _DESCRIBING else _FEW_WORDS if column.role is None else 0
    return column.distinct <= most


def keep_raw(engine: Engine, schema: Schema, columns: OrderColumns, large: bool = False) -> None:
    """Keep {raw}: every row of the file under our names, with ``h``, a fingerprint of the whole row.

    A ``large`` log is not copied: its rows are read anew by each question, and only the columns that it is about.
    """
    by_role = {column.role: column for column in reversed(schema.columns) if column.role and column.kind != "empty"}
    chosen = [f"{_text(by_role.get(role))} AS {name}" for name, role in _TEXTS.items()]
    chosen += [f"{_money(by_role.get(role))} AS {name}" for name, role in _AMOUNTS.items()]
    chosen += [
        f"{_money(by_role.get('quantity'))} AS units",
        f"{_stamp(by_role.get('order_date'))} AS stamp",
        f"{_cancelled(by_role.get('cancelled_at'))} AS cancelled",
        f"{'FALSE' if large and _all_dated(engine, schema) else _totals_row(schema)} AS totals_row",
        f"hash({', '.join(identifier(column.name) for column in schema.columns)}) AS h",
    ]
    chosen += [f"{identifier(column.name)} AS d{place}" for place, column in enumerate(columns.describing)]
    (engine.name if large else engine.keep_rows)("raw", f"SELECT {', '.join(chosen)} FROM {{source}}")


def _text(column: Column | None) -> str:
    if column is None:
        return "NULL::VARCHAR"
    cell = identifier(column.name)
    return f"{cell}::BIGINT::VARCHAR" if column.kind == "number" else f"{cell}::VARCHAR"


def _money(column: Column | None) -> str:
    if column is None or column.kind != "number":
        return f"NULL::{MONEY}"
    return f"TRY_CAST({identifier(column.name)} AS {MONEY})"


def _stamp(column: Column | None) -> str:
    return (
        f"{identifier(column.name)}::TIMESTAMP" if column is not None and column.kind == "date" else "NULL::TIMESTAMP"
    )


def _cancelled(column: Column | None) -> str:
    """A date of cancellation, or a yes."""
    if column is None:
        return "FALSE"
    cell = identifier(column.name)
    if column.kind == "number":
        return f"coalesce({cell} <> 0, FALSE)"
    if column.kind == "text":
        return f"coalesce(lower({cell}) NOT IN {words_in(['', '0', *sorted(word_set('no'))])}, FALSE)"
    return f"({cell} IS NOT NULL)"


def _all_dated(engine: Engine, schema: Schema) -> bool:
    """Tell whether no row can be one of totals, so that its other cells need not be read to find out."""
    date = schema.role("order_date")
    return date is not None and bool(
        engine.ask(f"SELECT count(*) = count({identifier(date.name)}) FROM {{source}}")[0][0]
    )


def _totals_row(schema: Schema) -> str:
    """True where any text cell says "Total" and nothing else; only counts for rows without a date."""
    cells = [identifier(column.name) for column in schema.columns if column.kind == "text"]
    said = " OR ".join(f"rtrim(lower({cell}), ' :.') IN {words_in(sorted(word_set('totals')))}" for cell in cells)
    date = schema.role("order_date")
    dated = f"{identifier(date.name)} IS NOT NULL" if date else "FALSE"
    return f"CASE WHEN {dated} THEN FALSE ELSE coalesce({said}, FALSE) END" if said else "FALSE"
