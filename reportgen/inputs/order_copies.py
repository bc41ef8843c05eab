"""Identical rows of a large log: found in the orders that may hold some, which are then judged as a whole."""

from __future__ import annotations

import datetime as dt

from reportgen.inputs.order_columns import OrderColumns
from reportgen.inputs.order_measures import Measures
from reportgen.inputs.order_rows import DUPLICATE, fates_of, one_by_one
from reportgen.inputs.order_summary import people_of
from reportgen.inputs.sampling import chosen
from reportgen.inputs.sql import Engine

_MANY = 0.02  # orders in doubt per row from which identical rows are looked for among all
_AMPLE = 1.02  # of the sample, as customers may leave when rows are found to be copies


def settle_copies(engine: Engine, columns: OrderColumns, measures: Measures, as_of: dt.date, most: int) -> None:
    """Bring {lines}, {fates} and {people} of a log judged row by row to what identical rows make of them.

    {nearby} are then judged rows that were fetched on the same way: of customers with such orders, and of those from
    whom a sample of ``most`` can be taken, who are {close}.
    """
    if not one_by_one(measures):
        return
    base = int(engine.ask("SELECT count(*) FROM {base}")[0][0])
    share = _AMPLE * most / base if base > most else 0.0
    _keep_doubted(engine)
    whom = f"customer IN (SELECT customer FROM {{doubted}}) OR {chosen('customer', share)}"
    engine.keep("close", f"SELECT customer FROM {{people}} WHERE customer IS NOT NULL AND ({whom})")
    engine.keep(
        "near",
        """FROM {keyed} WHERE order_key IN (SELECT order_key FROM {doubted})
        OR customer IN (SELECT customer FROM {close})""",
    )
    engine.keep("apart", "FROM {again}")
    engine.name("nearby", "(FROM {others}) UNION ALL (FROM {apart})")
    copies = engine.ask("SELECT count(*) FROM {apart} WHERE copy")[0][0]
    if copies:
        engine.keep("settled", _settled_fates())
        engine.name("fates", "FROM {settled}")
        engine.name("lines", "(FROM {once} ANTI JOIN {doubted} USING (order_key)) UNION ALL (FROM {apart})")
        _replace_people(engine, columns, measures, as_of)


def _replace_people(engine: Engine, columns: OrderColumns, measures: Measures, as_of: dt.date) -> None:
    """Sum up customers anew who have copies that don't count; the rows of guests are looked for among all."""
    alone = "copy AND starts_with(order_key, 'row ')"  # an order of its own
    engine.keep("touched", f"SELECT DISTINCT customer FROM {{apart}} WHERE fate = {DUPLICATE} OR {alone}")
    count, known = engine.ask("SELECT count(*), count(customer) FROM {touched}")[0]
    if count:
        rows = "{nearby}" if count == known else "{lines}"
        theirs = "SEMI JOIN {touched} AS who ON one.customer IS NOT DISTINCT FROM who.customer"
        engine.replace(
            "people",
            f"SELECT one.rowid FROM {{people}} AS one {theirs}",
            people_of(columns, measures, as_of, f"(SELECT one.* FROM {rows} AS one {theirs})"),
        )


def _keep_doubted(engine: Engine) -> None:
    """Keep {doubted}: the orders that may hold identical rows, with their customers."""
    count, rows = engine.ask("SELECT coalesce(sum(len(doubted)), 0), sum(kept_rows) FROM {people}")[0]
    if count > _MANY * rows:
        engine.keep("repeated", "SELECT h FROM {raw} GROUP BY h HAVING count(*) > 1")
        engine.keep("doubted", "SELECT DISTINCT customer, order_key FROM {keyed} SEMI JOIN {repeated} USING (h)")
    else:
        engine.keep("doubted", "SELECT customer, unnest(doubted) AS order_key FROM {people}")


def _settled_fates() -> str:
    """Return SQL of {fates} with the rows that were judged again taken out and put back in."""
    cells = "fate, day, guest, extra, copy, sale, back"
    before = f"SELECT * REPLACE (-n AS n, -amount AS amount, -returned AS returned) FROM ({fates_of('{before}')})"
    return f"""SELECT {cells}, sum(n)::BIGINT AS n, sum(amount) AS amount, sum(returned) AS returned,
        max(discount) AS discount FROM (FROM {{fates}} UNION ALL {before} UNION ALL {fates_of("{apart}")})
        GROUP BY {cells} HAVING sum(n) <> 0"""
