"""Every row of a log judged: whose it is, what it is worth, and whether it counts (domain.md 13.3)."""

from __future__ import annotations

import datetime as dt

from reportgen.inputs.order_columns import MONEY, OrderColumns
from reportgen.inputs.order_measures import Measures
from reportgen.inputs.sql import Engine, literal, words_in
from reportgen.inputs.words import word_set

# Fates of rows, in the order in which rows leave; an order leaves with the last of its rows.
TOTALS, UNREADABLE, DUPLICATE, BAD_DEBT, CANCELLED, FIRST_STATUS, GIFT, FUTURE, KEPT = 1, 2, 3, 4, 5, 10, 900, 901, 999
_KEY = "coalesce(order_id, customer || ' ' || day, 'row ' || h || '-' || {nth}) AS order_key"
_GUEST_MAIL = "^(no-?reply|do-?not-?reply|guest|gast|invite|ospite|invitado)([.+_-].*)?@"


def keep_lines(engine: Engine, columns: OrderColumns, measures: Measures, as_of: dt.date | None, taxed: bool) -> None:
    """Keep {lines}: every row of {raw} with customer, order, day, amount, deductions and fate.

    ``taxed`` says that amounts include the tax column. ``amount`` has the sign it counts with; ``refund`` and ``tax``
    are taken off it; ``own`` is what the row is worth by itself, for the mix of categories. Rows of a large log that
    are judged one by one are judged anew by each question, and taken as if no two were identical: {once}, with their
    fingerprint. {keyed} are the rows with the key of their order. Of those that are then kept as {near}, {again} and
    {before} judge the {doubted} orders with and without a look for identical rows, {others} the rest.
    """
    judged = _judged(columns, measures, as_of)

    def lines(source: str, identical: bool) -> str:
        steps = (
            ("filled", rows_filled(measures).replace("{raw}", source)),
            ("named", _named(columns, measures)),
            ("counted", _counted(columns, measures, identical)),
            ("valued", _valued(measures)),
            ("netted", _netted(measures, taxed)),
        )
        chain = ", ".join(f"{name} AS ({sql})" for name, sql in steps)
        return f"WITH {chain} {judged}"

    if one_by_one(measures):
        key = _KEY.format(nth=1)
        engine.name("keyed", f"WITH named AS ({_named(columns, measures, '{raw}')}) SELECT *, {key} FROM named")
        engine.name("once", lines("{raw}", False))
        engine.name("lines", "FROM {once}")
        of_near = "(SELECT * EXCLUDE (customer, day, order_key) FROM {near} {which} JOIN {doubted} USING (order_key))"
        engine.name("before", lines(of_near.replace("{which}", "SEMI"), False))
        engine.name("again", lines(of_near.replace("{which}", "SEMI"), True))
        engine.name("others", lines(of_near.replace("{which}", "ANTI"), False))
    else:
        engine.keep("repeated", "SELECT h FROM {raw} GROUP BY h HAVING count(*) > 1")
        identical = bool(engine.ask("SELECT count(*) > 0 FROM {repeated}")[0][0])
        engine.keep("lines", lines("{raw}", identical))


def one_by_one(measures: Measures) -> bool:
    """Tell whether the rows of a large log can be judged without the others of their order."""
    return measures.every > 1 and not measures.once and not measures.fill_down


def keep_fates(engine: Engine) -> None:
    """Keep {fates}: the rows of {lines} counted and added up by day and by what became of them."""
    engine.keep("fates", fates_of("{lines}"))


def fates_of(lines: str) -> str:
    """Return SQL that counts judged rows and adds them up."""
    return f"""SELECT fate, day, customer IS NULL AS guest, extra, copy, amount > 0 AS sale,
        coalesce(amount < 0 OR refund > 0, FALSE) AS back, count(*) AS n, sum(amount) AS amount,
        sum(refund - least(amount, 0)) AS returned, max(discount) AS discount FROM {lines} GROUP BY ALL"""


def rows_filled(measures: Measures) -> str:
    """Return SQL of {raw} in which what stands on the first row of an order stands on its other rows too."""
    if not measures.fill_down:
        return "SELECT * FROM {raw}"
    cells = [f"coalesce({n}, max({n}) OVER of_order) AS {n}" for n in ("id", "mail", "phone", "status", "stamp")]
    return (
        f"SELECT * REPLACE ({', '.join(cells)}, bool_or(cancelled) OVER of_order AS cancelled) "
        "FROM {raw} WINDOW of_order AS (PARTITION BY coalesce(order_id, h::VARCHAR))"
    )


def _named(columns: OrderColumns, measures: Measures, rows: str = "filled") -> str:
    """Find the customer by id, else e-mail, else phone; placeholders and nothing at all are guests (null)."""
    keys = []
    if columns.has("id"):
        keys.append(_known_id(measures))
    if columns.has("mail"):
        mail = "lower(trim(mail))"
        keys.append(f"CASE WHEN mail LIKE '%@%' AND NOT regexp_matches({mail}, '{_GUEST_MAIL}') THEN {mail} END")
    if columns.has("phone"):
        digits = "regexp_replace(phone, '[^0-9]', '', 'g')"
        keys.append(f"CASE WHEN length({digits}) >= 7 AND NOT regexp_full_match({digits}, '0+|9+') THEN {digits} END")
    return f"SELECT *, coalesce({', '.join(keys)}) AS customer, stamp::DATE AS day FROM {rows}"


def _known_id(measures: Measures) -> str:
    if measures.guests is None:
        return f"CASE WHEN lower(id) NOT IN {words_in([*sorted(word_set('guests')), *measures.nines])} THEN id END"
    nobody = [*measures.guests, *measures.nines]
    return f"CASE WHEN id NOT IN {words_in(nobody)} THEN id END" if nobody else "id"


def _counted(columns: OrderColumns, measures: Measures, identical: bool) -> str:
    """Mark duplicates: identical rows whose line id repeats, or whose whole order is repeated equally often.

    Without order ids, identical rows are duplicates only if they carry a time of day. ``place`` numbers the rows of
    an order, copies last.
    """
    copies = "count(*) OVER same AS copies, row_number() OVER same AS nth" if identical else "1 AS copies, 1 AS nth"
    copied = f"(SELECT *, {copies} FROM named WINDOW same AS (PARTITION BY h))"
    repeated = "min(copies) OVER of_order = max(copies) OVER of_order"
    if columns.has("line_id") or (measures.timed and not columns.has("order_id")):
        repeated = "TRUE"
    elif not columns.has("order_id"):
        repeated = "FALSE"
    place = "row_number() OVER (of_order ORDER BY nth, h)" if measures.once else "1"
    return (
        f"SELECT *, nth > 1 AS copy, nth > 1 AND {repeated if identical else 'FALSE'} AS duplicate, {place} AS place "
        f"FROM {copied} WINDOW of_order AS (PARTITION BY coalesce(order_id, h::VARCHAR))"
    )


def _valued(measures: Measures) -> str:
    """Bring amounts of orders to the first row of the order, and give returns their sign."""
    product = f"TRY_CAST(units * price AS {MONEY})"
    worth = {"total": "total", "line": "line", "product": product}
    by_order = measures.amount in measures.once
    own = worth[measures.line_worth or measures.amount]
    amount = f"CASE WHEN place = 1 THEN max({measures.amount}) OVER of_order ELSE 0 END" if by_order else own
    cells = [f"CASE WHEN {_is_return(measures, not by_order)} THEN -abs({amount}) ELSE {amount} END AS amount"]
    for name in ("refund", "tax", "shipping", "discount"):
        if by_order or name in measures.once:
            whole = f"{'max' if name in measures.once else 'sum'}(abs({name})) OVER of_order"
            cells.append(f"CASE WHEN place = 1 THEN CAST({whole} AS {MONEY}) END AS {name}_")
        else:
            cells.append(f"abs({name}) AS {name}_")
    known = measures.line_worth or not by_order
    line = f"CASE WHEN {_is_return(measures, True)} THEN -abs({own}) ELSE {own} END" if known else f"NULL::{MONEY}"
    return (
        f"SELECT *, {', '.join(cells)}, {line} AS own "
        "FROM counted WINDOW of_order AS (PARTITION BY coalesce(order_id, h::VARCHAR))"
    )


def _is_return(measures: Measures, by_line: bool) -> str:
    tests = ["coalesce(units < 0, FALSE)"] if by_line else []
    if measures.statuses.refund_rows:
        tests.append(f"coalesce(status IN {words_in(measures.statuses.refund_rows)}, FALSE)")
    if measures.cancel_prefix:
        tests.append("coalesce(order_id[1] IN ('C', 'c'), FALSE)")
    return f"({' OR '.join(tests)})" if tests else "FALSE"


def _netted(measures: Measures, taxed: bool) -> str:
    """Take refunds and tax off; an order marked refunded without an amount is refunded as a whole."""
    whole = f"coalesce(status IN {words_in(measures.statuses.refunded_orders)}, FALSE) AND coalesce(refund_, 0) = 0"
    refund = f"CASE WHEN amount < 0 THEN 0 WHEN {whole} THEN amount ELSE coalesce(refund_, 0) END"
    share = "CASE WHEN amount = 0 THEN 1 ELSE 1 - refunded / amount END"  # tax of what was refunded went back too
    tax = f"sign(amount) * coalesce(tax_, 0) * ({share})" if taxed else "0"
    return (
        f"SELECT * EXCLUDE (refund, tax), refunded AS refund, CAST({tax} AS {MONEY}) AS tax "
        f"FROM (SELECT *, CAST({refund} AS {MONEY}) AS refunded FROM valued)"
    )


def _judged(columns: OrderColumns, measures: Measures, as_of: dt.date | None) -> str:
    fates = [f"WHEN totals_row THEN {TOTALS}", f"WHEN day IS NULL OR amount IS NULL THEN {UNREADABLE}",
             f"WHEN duplicate THEN {DUPLICATE}"]  # fmt: skip
    if measures.debt_prefix:
        fates.append(f"WHEN order_id[1] IN ('A', 'a') THEN {BAD_DEBT}")
    fates.append(f"WHEN cancelled THEN {CANCELLED}")
    for place, status in enumerate(measures.statuses.not_sold):
        fates.append(f"WHEN status = {literal(status)} THEN {FIRST_STATUS + place}")
    called = "coalesce(product IN {0} OR category IN {0}, FALSE)"
    if measures.gifts and measures.amount not in measures.once:
        fates.append(f"WHEN {called.format(words_in(measures.gifts))} THEN {GIFT}")
    if as_of is not None:
        fates.append(f"WHEN day > DATE '{as_of.isoformat()}' THEN {FUTURE}")
    extra = (
        called.format(words_in([*measures.extras, *measures.gifts])) if measures.extras or measures.gifts else "FALSE"
    )
    fingerprint = ", h" if one_by_one(measures) else ""
    described = "".join(f", d{place}" for place in range(len(columns.describing)))
    return (
        f"SELECT customer, {_KEY.format(nth='nth')}, day, amount, refund{fingerprint}, "
        "tax, tax_ AS tax_paid, shipping_ AS shipping, discount_ AS discount, units, own, category, copy, "
        f"{extra} AS extra{described}, "
        f"CASE {' '.join(fates)} ELSE {KEPT} END AS fate FROM netted"
    )
