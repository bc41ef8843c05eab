"""What must be known about a whole log before its rows can be judged: levels, statuses, number patterns."""

from __future__ import annotations

from dataclasses import dataclass

from reportgen.inputs.order_columns import OrderColumns
from reportgen.inputs.quality import one_currency
from reportgen.inputs.sql import Engine, words_in
from reportgen.inputs.statuses import MEANINGS, status_meaning
from reportgen.inputs.words import word_set

_ENOUGH = 20  # orders with several rows, from which their values decide what an amount belongs to (domain.md 13.6.7)
_ONCE = 0.99  # share of them in which an order's amount is constant or stands on one row only
_ORDER_LEVEL = ("total", "line", "refund", "tax", "shipping", "discount")


@dataclass(frozen=True)
class Statuses:
    """The written statuses of a log by what they mean."""

    not_sold: tuple[str, ...] = ()
    refund_rows: tuple[str, ...] = ()
    refunded_orders: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True)
class Measures:
    """Facts about all rows of a log that the rules for single rows depend on."""

    amount: str  # "total", "line" or "product" (units x price): what a row is worth
    once: frozenset[str]  # money columns that hold one value per order, repeated or on its first row
    line_worth: str | None  # what a row is worth by itself where ``amount`` belongs to the order
    fill_down: bool  # order columns stand on the first row of each order only
    timed: bool  # dates carry a time of day
    cancel_prefix: bool  # order numbers that start with C cancel others
    debt_prefix: bool  # order numbers that start with A correct bad debts
    nines: tuple[str, ...]  # ids such as 9999 that stand for many people
    statuses: Statuses
    currency: str  # ISO code, "" when no column tells
    extras: tuple[str, ...]  # products or categories that are shipping, fees and the like
    gifts: tuple[str, ...]  # products or categories that are gift cards
    guests: tuple[str, ...] | None = None  # ids of a large log that name nobody, as written; None: compare each id
    every: int = 1  # of a large log one order in so many was looked at for its levels and number patterns


def measure(engine: Engine, columns: OrderColumns, source: str, every: int = 1) -> Measures:
    """Ask {raw} the few questions; InputError if amounts are in several currencies.

    With ``every`` one order in so many, chosen by its number, tells what amounts belong to and how numbers are made.
    """
    if every > 1:
        engine.keep_rows("seen", _seen(engine, columns, every))
    else:
        engine.name("seen", "SELECT * FROM {raw}")
    called = _lines_called(engine, columns)
    once, fill_down = _levels(engine, columns)
    timed, cancel, debt = _patterns(engine, columns)
    amount = "total" if columns.has("total") else "line" if columns.has("line") else "product"
    return Measures(
        amount=amount,
        once=once,
        line_worth=_line_worth(columns, amount, once),
        fill_down=fill_down,
        timed=timed,
        cancel_prefix=cancel,
        debt_prefix=debt,
        nines=_nines(engine, columns),
        statuses=_statuses(engine, columns),
        currency=_currency(engine, columns, source),
        extras=called["extras"],
        gifts=called["gift_cards"],
        guests=_guests(engine, columns) if every > 1 else None,
        every=every,
    )


def _seen(engine: Engine, columns: OrderColumns, every: int) -> str:
    """Return SQL of the orders of a large log that tell about all; of none where the range of their numbers says all.

    Numbers with letters before them stand out only among plain ones.
    """
    levels = [name for name in _ORDER_LEVEL if columns.has(name)]
    low, high = engine.ask("SELECT min(order_id), max(order_id) FROM {raw}")[0]
    undated = engine.ask("SELECT count(*) > count(stamp) FROM {raw}")[0][0]
    telling = low is not None and (levels or undated or (low < ":" and high >= "A"))
    which = f"hash(order_id) % {every} = 0" if telling else "FALSE"
    return f"SELECT {', '.join(['order_id', 'stamp', *levels])} FROM {{raw}} WHERE {which}"


def _line_worth(columns: OrderColumns, amount: str, once: frozenset[str]) -> str | None:
    """Say what a row is worth by itself where the amount belongs to its order; None where nothing tells."""
    if amount not in once:
        return None
    if amount == "total" and columns.has("line") and "line" not in once:
        return "line"
    return "product" if columns.has("units", "price") else None


def _levels(engine: Engine, columns: OrderColumns) -> tuple[frozenset[str], bool]:
    """Tell which money columns belong to the order, and whether order columns stand on first rows only."""
    if not columns.has("order_id"):
        return frozenset(), False
    names = [name for name in _ORDER_LEVEL if columns.has(name)]
    inner = "".join(f", max(abs({n})) > 0 AS {n}_any, min({n}) IS NOT DISTINCT FROM max({n}) AS {n}_one" for n in names)
    outer = "".join(f", count_if({n}_any), count_if({n}_any AND {n}_one)" for n in names)
    counts = engine.ask(
        f"SELECT count(*), count_if(dated BETWEEN 1 AND n - 1){outer} FROM "
        f"(SELECT count(*) AS n, count(stamp) AS dated{inner} FROM {{seen}} WHERE order_id IS NOT NULL "
        "GROUP BY order_id) WHERE n > 1"
    )[0]
    several, partly, *pairs = (int(count or 0) for count in counts)
    once = set()
    for name, filled, one in zip(names, pairs[::2], pairs[1::2], strict=True):
        belongs = filled > 0 and one >= _ONCE * filled
        if belongs and (filled >= _ENOUGH or name != "line"):
            once.add(name)
    if "total" in names and "total" not in once:
        once.clear()  # a log of lines: its other amounts belong to lines too
    return frozenset(once), partly > 0.5 * several


def _patterns(engine: Engine, columns: OrderColumns) -> tuple[bool, bool, bool]:
    """Tell whether dates carry times, and what the letters C and A before order numbers mean."""
    timed = bool(engine.ask("SELECT coalesce(bool_or(stamp <> date_trunc('day', stamp)), FALSE) FROM {raw}")[0][0])
    if not columns.has("order_id"):
        return timed, False, False
    counts = engine.ask(
        "SELECT count_if(p = 'N'), count_if(p = 'C'), count_if(p = 'A'), count_if(p = '') "
        "FROM (SELECT DISTINCT order_id, CASE WHEN regexp_full_match(order_id, '[0-9]+') THEN 'N' WHEN "
        "regexp_full_match(order_id, '[CcAa][0-9]+') "
        "THEN upper(order_id[1]) ELSE '' END AS p FROM {seen} WHERE order_id IS NOT NULL)"
    )[0]
    digits, cancelled, debts, rest = (int(count or 0) for count in counts)
    plain = digits > 0.5 * (digits + cancelled + debts + rest)  # an A or C stands out only among plain numbers
    return timed, plain and cancelled > 0, plain and 0 < debts < 0.01 * digits


def _currency(engine: Engine, columns: OrderColumns, source: str) -> str:
    if not columns.has("currency"):
        return ""
    rows = engine.ask("SELECT DISTINCT currency FROM {raw} WHERE currency IS NOT NULL ORDER BY 1 LIMIT 100")
    return one_currency((str(row[0]) for row in rows), source, "order_total")


def _guests(engine: Engine, columns: OrderColumns) -> tuple[str, ...]:
    if not columns.has("id"):
        return ()
    low, high = engine.ask("SELECT coalesce(min(id), ''), coalesce(max(id), '') FROM {raw}")[0]
    words = [word for word in sorted(word_set("guests")) if _between(low, word, high)]
    if not words:
        return ()
    rows = engine.ask(
        f"SELECT DISTINCT id FROM {{raw}} WHERE length(id) < 40 AND lower(id) IN {words_in(words)} ORDER BY 1"
    )
    return tuple(str(row[0]) for row in rows)


def _between(low: str, word: str, high: str) -> bool:
    """Tell whether a word, in large or small letters, may lie in a range of texts."""
    alike = next((i for i, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), len(low))
    begins = word.startswith(low[:alike].lower())
    letters = {word[alike : alike + 1], word[alike : alike + 1].upper()}
    return begins and any(low[alike : alike + 1] <= one <= high[alike : alike + 1] for one in letters)


def _nines(engine: Engine, columns: OrderColumns) -> tuple[str, ...]:
    """Find ids such as 9999 that carry far more rows than any customer would."""
    if not columns.has("id"):
        return ()
    nines = "(id BETWEEN '-99' AND '-9:' OR id BETWEEN '99' AND '9:') AND regexp_full_match(id, '-?99+')"
    if not engine.ask(f"SELECT id FROM {{raw}} WHERE {nines} GROUP BY id HAVING count(*) >= 30"):
        return ()
    rows = engine.ask(
        "WITH counted AS (SELECT id, count(*) AS n FROM {raw} WHERE id IS NOT NULL GROUP BY id) "
        "SELECT id FROM counted WHERE regexp_full_match(id, '-?99+') AND n >= 30 AND n > "
        "3 * (SELECT max(n) FROM counted WHERE NOT regexp_full_match(id, '-?99+')) ORDER BY 1"
    )
    return tuple(str(row[0]) for row in rows)


def _lines_called(engine: Engine, columns: OrderColumns) -> dict[str, tuple[str, ...]]:
    """Find the products and categories called so, with or without an amount behind it ("Gift card - $50.00")."""
    plain = "rtrim(regexp_replace(lower(said), '[-–:( ]*[$€£]? ?[0-9.,]+ ?[$€£]?\\)?$', ''))"
    kinds = ("extras", "gift_cards")
    asked = ", ".join(f"plain IN {words_in(sorted(word_set(kind)))}" for kind in kinds)
    found: dict[str, set[str]] = {kind: set() for kind in kinds}
    for name in ("product", "category"):
        if columns.has(name):
            rows = engine.ask(
                f"SELECT said, {asked} FROM (SELECT said, {plain} AS plain FROM (SELECT DISTINCT {name} AS said "
                f"FROM {{raw}})) WHERE plain IN {words_in(sorted(set.union(*(set(word_set(kind)) for kind in kinds))))}"
            )
            for said, *fits in rows:
                for kind, fit in zip(kinds, fits, strict=True):
                    found[kind] |= {str(said)} if fit else set()
    return {kind: tuple(sorted(names)) for kind, names in found.items()}


def _statuses(engine: Engine, columns: OrderColumns) -> Statuses:
    if not columns.has("status"):
        return Statuses()
    written = [
        str(row[0]) for row in engine.ask("SELECT DISTINCT status FROM {raw} WHERE status IS NOT NULL ORDER BY 1")
    ]
    found: dict[str, list[str]] = {name: [] for name in (*MEANINGS, "")}
    for status in written:
        found[status_meaning(status)].append(status)
    return Statuses(
        tuple(found["not_sold"]), tuple(found["refund_rows"]), tuple(found["refunded_orders"]), tuple(found[""])
    )
