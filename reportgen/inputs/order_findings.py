"""What a reader of an order log should know, one sentence each, with figures."""

from __future__ import annotations

import itertools
import math
from decimal import Decimal
from typing import Any

from reportgen.findings import Finding
from reportgen.inputs.customers import OrderFacts
from reportgen.inputs.order_columns import OrderColumns
from reportgen.inputs.order_measures import Measures
from reportgen.inputs.order_rows import BAD_DEBT, CANCELLED, DUPLICATE, FIRST_STATUS, FUTURE, GIFT, KEPT, UNREADABLE
from reportgen.inputs.sql import Engine
from reportgen.inputs.words import counted

_MUCH = 0.05  # share of revenue from which a loss is a warning


def money_memo(engine: Engine, columns: OrderColumns) -> tuple[tuple[str, float], ...]:
    """Return amounts shown beside the reconciliation: sales and refunds (which make up net spend), shipping, discounts.

    The last amount is what is commonly called clean sales: positive rows of known customers, copies included.
    """
    sales, negative, refund, tax, shipping, discount = engine.ask(
        "SELECT sum(sold), sum(amount - sold), sum(refund), sum(tax), sum(shipping), sum(discount) FROM {base}"
    )[0]
    memo = [("sales before refunds and tax", sales), ("refunds and returns", negative - refund), ("tax", -tax)]
    if columns.has("shipping"):
        memo.append(("shipping", shipping))
    if columns.has("discount") and not _is_rate(engine):
        memo.append(("discounts", discount))
    memo.append(("sales rows of known customers before duplicates and refunds", _clean_sales(engine)[2]))
    return tuple((name, float(amount)) for name, amount in memo if amount)


def tell_findings(engine: Engine, columns: OrderColumns, measures: Measures, facts: OrderFacts) -> tuple[Finding, ...]:
    """Return the findings of a log in the order of a reader's interest."""
    found = [
        *_clean(engine),
        *_guests(engine),
        *_dropped(engine, measures),
        *_refunds(engine, measures),
        *_copies(engine, columns),
        *_levels(engine, measures),
        *_extras(engine, columns),
        *_largest(engine),
        *_several_ids(engine, columns),
        *_months(facts),
    ]
    return tuple(found)


def _is_rate(engine: Engine) -> bool:
    return bool(engine.ask("SELECT coalesce(max(discount), 0) <= 1 FROM {fates}")[0][0])


def _clean_sales(engine: Engine) -> tuple[Any, ...]:
    rows, money = engine.ask(
        f"""SELECT coalesce(sum(n), 0)::BIGINT, coalesce(sum(amount), 0) FROM {{fates}}
        WHERE NOT guest AND sale AND fate IN ({DUPLICATE}, {KEPT})"""
    )[0]
    customers = engine.ask("SELECT count(*) FROM {people} WHERE customer IS NOT NULL AND clean > 0")[0][0]
    return rows, customers, money


def _clean(engine: Engine) -> list[Finding]:
    rows, customers, money = _clean_sales(engine)
    what = counted(rows, "row is a sale", "rows are sales")
    whom = counted(customers, "known customer", "known customers")
    text = f"{what} to {whom}, {money:,.2f} in all, before duplicates are dropped and refunds netted."
    return [Finding("sales_rows", text, rows=int(rows))]


def _guests(engine: Engine) -> list[Finding]:
    rows, money, total = engine.ask(
        """SELECT coalesce(sum(kept_rows) FILTER (customer IS NULL), 0),
        coalesce(sum(spend) FILTER (customer IS NULL), 0), sum(spend) FROM {people}"""
    )[0]
    if not rows:
        return []
    share = float(money / total) if total > 0 else 0.0
    who = counted(rows, "row names no customer", "rows name no customer")
    text = f"{who} ({share:.1%} of net revenue): guests, who form no segment."
    return [Finding("guests", text, "warning" if share > _MUCH else "note", rows=int(rows))]


def _dropped(engine: Engine, measures: Measures) -> list[Finding]:
    counts: dict[int, tuple[int, Decimal]] = {
        int(fate): (int(rows), money)
        for fate, rows, money in engine.ask(
            f"SELECT fate, sum(n), coalesce(sum(amount), 0) FROM {{fates}} WHERE fate < {KEPT} GROUP BY fate"
        )
    }
    statuses = {FIRST_STATUS + i: f"status “{status[:40]}”" for i, status in enumerate(measures.statuses.not_sold)}
    reasons = {
        UNREADABLE: ("unreadable_rows", "no readable date or amount"),
        DUPLICATE: ("duplicate_rows", "copies of rows that count already"),
        BAD_DEBT: ("bad_debt", "corrections of bad debts, with order numbers that start with A"),
        CANCELLED: ("cancelled", "cancelled orders"),
        GIFT: ("gift_cards", "sales of gift cards, which count when they are redeemed"),
        FUTURE: ("future_rows", "dated after the as-of date"),
    }
    found = []
    for fate, (rows, money) in sorted(counts.items()):
        if fate in reasons or fate in statuses:
            code, why = reasons.get(fate) or ("status_dropped", statuses.get(fate, ""))
            text = f"{counted(rows, 'row is', 'rows are')} left out ({money:,.2f}): {why}."
            found.append(Finding(code, text, "warning" if fate == UNREADABLE else "note", rows=rows))
    if measures.statuses.unknown:
        shown = ", ".join(f"“{status[:40]}”" for status in measures.statuses.unknown[:5])
        text = f"The meaning of these statuses is unknown, so their orders count: {shown}."
        found.append(Finding("unknown_status", text, "warning"))
    return found


def _refunds(engine: Engine, measures: Measures) -> list[Finding]:
    rows, money = engine.ask(
        f"""SELECT coalesce(sum(n) FILTER (back), 0)::BIGINT, sum(returned) FROM {{fates}}
        WHERE fate = {KEPT} AND NOT guest"""
    )[0]
    found = []
    if rows:
        how = " (order numbers that start with C)" if measures.cancel_prefix else ""
        what = counted(
            rows, "row of a known customer is a refund or return", "rows of known customers are refunds or returns"
        )
        text = f"{what}{how}: {money:,.2f} is netted against spend."
        found.append(Finding("refunds", text, rows=int(rows)))
    empty, none = engine.ask(
        "SELECT coalesce(sum(empty), 0), coalesce(sum(empty_rows), 0) FROM {people} WHERE customer IS NOT NULL"
    )[0]
    if empty:
        what = counted(empty, "order is worth nothing and doesn't", "orders are worth nothing and don't")
        text = f"{what} count ({counted(none, 'row', 'rows')})."
        found.append(Finding("zero_orders", text, rows=int(none)))
    return found


def _copies(engine: Engine, columns: OrderColumns) -> list[Finding]:
    rows = int(engine.ask(f"SELECT coalesce(sum(n), 0) FROM {{fates}} WHERE copy AND fate <> {DUPLICATE}")[0][0])
    if not rows:
        return []
    what = counted(rows, "row equals another in every cell and counts", "rows equal another in every cell and count")
    inside = "a line may stand twice in an order"
    why = inside if columns.has("order_id") else "nothing tells them apart from real repeats"
    return [Finding("equal_rows", f"{what}: {why}.", rows=rows)]


def _levels(engine: Engine, measures: Measures) -> list[Finding]:
    if measures.amount not in measures.once:
        return []
    found = [Finding("order_totals", "Amounts belong to whole orders and are counted once per order.")]
    total, lines, *others = engine.ask(
        f"""SELECT sum(amount), sum(own), coalesce(sum(shipping), 0), coalesce(sum(tax_paid), 0),
        -coalesce(sum(discount), 0) FROM {{lines}} WHERE fate = {KEPT}"""
    )[0]
    if lines and total and not _explained(total - lines, others, Decimal("0.01") * abs(total)):
        text = (
            f"Order totals add up to {total:,.2f}, the lines of the same orders to {lines:,.2f} "
            f"({(lines - total) / total:+.1%}); the order totals count."
        )
        found.append(Finding("totals_differ", text, "warning"))
    return found


def _explained(gap: Decimal, others: list[Decimal], tolerance: Decimal) -> bool:
    """Tell whether shipping, tax and discounts, or some of them, make up a gap."""
    parts = itertools.chain.from_iterable(itertools.combinations(others, n) for n in range(len(others) + 1))
    return any(abs(gap - sum(part)) <= tolerance for part in parts)


def _extras(engine: Engine, columns: OrderColumns) -> list[Finding]:
    if not engine.ask(f"SELECT count(*) FROM {{fates}} WHERE fate = {KEPT} AND extra")[0][0]:
        return []
    rows, money = engine.ask(
        f"SELECT count(*), coalesce(sum(own), 0) FROM {{lines}} SEMI JOIN {{base}} USING (customer) "
        f"WHERE fate = {KEPT} AND extra"
    )[0]
    if not rows:
        return []
    mix = ", but not in the category mix" if columns.has("category") else ""
    what = counted(rows, "row is", "rows are")
    text = f"{what} shipping, fees, discounts and the like ({money:,.2f}): part of revenue{mix}."
    return [Finding("not_products", text, rows=int(rows))]


def _largest(engine: Engine) -> list[Finding]:
    """Tell how much the top 0.1% bring, at least ten customers so that nobody can be singled out."""
    count, total = engine.ask("SELECT count(*), sum(spend) FROM {base}")[0]
    top = max(10, math.ceil(0.001 * count))
    money = engine.ask(f"SELECT sum(spend) FROM (SELECT spend FROM {{base}} ORDER BY spend DESC LIMIT {top})")[0][0]
    share = float(money / total)
    if count < 10 * top or share < 10 * top / count:
        return []
    text = (
        f"The {top:,} largest customers bring {share:.1%} of revenue; check whether they are businesses, marketplaces "
        "or staff. They stay in."
    )
    return [Finding("large_accounts", text)]


def _several_ids(engine: Engine, columns: OrderColumns) -> list[Finding]:
    if not columns.has("id", "mail"):
        return []
    mails = int(engine.ask(
        """SELECT count(*) FROM (SELECT lower(trim(mail)) FROM {raw} WHERE mail LIKE '%@%' AND id IS NOT NULL
        GROUP BY 1 HAVING count(DISTINCT id) > 1)"""
    )[0][0])  # fmt: skip
    if not mails:
        return []
    what = counted(mails, "e-mail address stands", "e-mail addresses stand")
    return [Finding("several_ids", f"{what} with several customer ids; no customers are merged.")]


def _months(facts: OrderFacts) -> list[Finding]:
    partial = [month.month for month in facts.months if not month.complete]
    if not partial:
        return []
    which = " and ".join(partial)
    verb = "is" if len(partial) == 1 else "are"
    return [Finding("partial_month", f"{which} {verb} covered only in part; figures for it are not a trend.")]
