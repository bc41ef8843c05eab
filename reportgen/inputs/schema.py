"""What a table is and what each column means: inferred from values and headers, corrected by configuration."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from reportgen.config import Config
from reportgen.findings import Finding
from reportgen.inputs.dates import DateFormat
from reportgen.inputs.facts import Facts, gather
from reportgen.inputs.headers import split_unit, vocabulary
from reportgen.inputs.numbers import Decimal, NumberFormat
from reportgen.inputs.platforms import Platform, recognise
from reportgen.inputs.readings import Reading, ValueKind, read_cells, spoken
from reportgen.inputs.refusals import ask_about, one_currency, refuse_customers, refuse_log
from reportgen.inputs.roles import (
    AMOUNTS,
    CUSTOMER_KEYS,
    Casting,
    Given,
    TableKind,
    cast_roles,
    headerless,
    is_log,
    personal_headers,
)
from reportgen.inputs.table import Table
from reportgen.inputs.value_tests import is_dates, passes, payment_cards

__all__ = ["Column", "DateFormat", "NumberFormat", "Schema", "TableKind", "ValueKind", "infer_schema"]

_DECIMALS: dict[str, Decimal] = {"comma": ",", "point": "."}
_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?[eE]\+\d+")


@dataclass(frozen=True)
class Column:
    """One column of the file and what was decided about it."""

    name: str
    role: str | None
    kind: ValueKind
    format: NumberFormat | DateFormat | None
    unit: str  # "€", "k$", "%", "years", "" (read from the header or the values)
    protected: bool
    personal: bool
    filled: int  # non-empty cells; where numbers or dates are expected, "n/a" and its like are empty
    distinct: int  # distinct non-empty values (exact)
    passing: float  # share of filled cells that pass the value test of the role or kind
    why: str  # one sentence for the appendix
    whole: bool = False  # numbers kept as text that were written as 17850.0, and are read as 17850


@dataclass(frozen=True)
class Schema:
    """What the table is and what each column means, in file order."""

    kind: TableKind
    columns: tuple[Column, ...]
    platform: str | None  # "Shopify orders", … when a signature matched
    why: str  # why this kind of table, one sentence
    findings: tuple[Finding, ...] = ()

    def role(self, name: str) -> Column | None:
        """Return the column that has this role, or None."""
        return next((column for column in self.columns if column.role == name), None)


def infer_schema(table: Table, config: Config) -> Schema:
    """Decide what a table is and what each of its columns means.

    Formats are decided by all rows. Raises InputError, with the way out, where the user must say how numbers or dates
    are written, which column is which, or that all amounts are in one currency; ConfigError for mistakes in input.map.
    """
    settings = config.input
    order = None if settings.dates == "auto" else settings.dates
    facts = gather(table, _DECIMALS.get(settings.decimal), order)
    platform = recognise(f.name for f in facts)
    casting, why = _cast(facts, config, platform)
    readings = {f.position: read_cells(f, casting.given.get(f.position), settings.timezone) for f in facts}
    _refuse(casting, table.origin.name, readings, config)
    relevant = [f for f in facts if _matters(f, casting, readings[f.position])]
    for f in facts:
        if readings[f.position].doubt and f in relevant:
            raise ask_about(f, readings[f.position], table.origin.name)
    currency = one_currency(casting, table.origin.name, relevant, config)
    columns = tuple(_column(f, casting, readings[f.position], currency) for f in facts)
    findings = (*_findings(casting, readings), *_hidden(columns))
    named = platform.name if platform and platform.kind == casting.kind else None
    return Schema(casting.kind, columns, named, why, findings)


def _cast(facts: tuple[Facts, ...], config: Config, platform: Platform | None) -> tuple[Casting, str]:
    """Give roles for both kinds of table as far as needed, and choose the kind (domain.md 13.6.3)."""
    wanted = config.input.map
    log = cast_roles(facts, "orders", wanted, platform)
    _price_is_amount(log)
    kind, why = _kind(log, config, platform)
    return (log, why) if kind == "orders" else (cast_roles(facts, "customers", wanted, platform), why)


def _kind(log: Casting, config: Config, platform: Platform | None) -> tuple[TableKind, str]:
    if config.input.kind != "auto":
        return config.input.kind, "You said so."
    tables = {vocabulary()[role].table for role in config.input.map}
    if len(tables - {"both"}) == 1:
        return ("orders" if "transactions" in tables else "customers"), "The roles that you named belong to it."
    if platform is not None:
        return platform.kind, f"Its headers are those of {platform.name}."
    return _guessed_kind(log)


def _guessed_kind(log: Casting) -> tuple[TableKind, str]:
    if is_log(log):
        key = next(key for key in map(log.column, CUSTOMER_KEYS) if key)
        repeat = f"customers repeat in '{key.name}'" if key.repeats else "there is an order number"
        return "orders", f"It has dates and amounts, and {repeat}."
    repeating = next((key for key in map(log.column, CUSTOMER_KEYS) if key and key.distinct < 0.9 * key.filled), None)
    if repeating and (log.has("order_id", "order_date")):
        return "orders", f"Customers repeat in '{repeating.name}', with dates or order numbers."
    dated = log.has("order_date") and (log.has(*AMOUNTS) or headerless(log.facts))
    lines = log.has("order_id") or (headerless(log.facts) and any(f.repeats for f in log.facts if is_dates(f)))
    if dated and lines and not log.has(*CUSTOMER_KEYS):
        return "orders", "It has dates, amounts and order numbers."
    return "customers", "It has no order dates with amounts for customers that repeat."


def _price_is_amount(log: Casting) -> None:
    """A price without a quantity or any total is the amount of the line."""
    if not log.has("order_total", "line_amount", "quantity"):
        for position, given in log.given.items():
            if given.role == "unit_price":
                log.given[position] = replace(given, role="line_amount")


def _refuse(casting: Casting, source: str, readings: Mapping[int, Reading], config: Config) -> None:
    if casting.kind == "orders":
        refuse_log(casting, source, readings)
    else:
        refuse_customers(casting, source, readings, config)


def _matters(facts: Facts, casting: Casting, reading: Reading) -> bool:
    """Whether the numbers or dates of a column enter any result."""
    given = casting.given.get(facts.position)
    if reading.kind == "date":  # of a birth date only the year counts
        return given is not None and given.role != "P_birth_date"
    return reading.kind == "number" and facts.numbers > 1 and (given is not None or casting.kind == "customers")


def _column(facts: Facts, casting: Casting, reading: Reading, currency: str) -> Column:
    given = casting.given.get(facts.position)
    role = vocabulary()[given.role] if given else None
    kind, why = reading.kind, reading.why
    if reading.doubt and not _matters(facts, casting, reading) and not (given and given.role == "P_birth_date"):
        kind, why = "text", "It can be read in two ways and is not needed, so it is left as text."
    measured = kind in ("number", "date")
    money = role is not None and role.values == "amount"
    unit = split_unit(facts.name)[1] or _value_unit(facts, reading) or (currency if money else "")
    return Column(
        name=facts.name,
        role=role.name if role else None,
        kind=kind,
        format=reading.format if measured else None,
        unit=unit if kind == "number" else "",
        protected=role is not None and role.protected,
        personal=personal_headers(facts, {role.name} if role else ()) or payment_cards(facts),
        filled=facts.known if measured else facts.filled,
        distinct=facts.numbers if kind == "number" else facts.distinct,
        passing=min(1.0, reading.passing),
        why=why,
        whole=reading.whole,
    )


def _value_unit(facts: Facts, reading: Reading) -> str:
    if isinstance(reading.format, NumberFormat) and reading.format.percent:
        return "%"
    return facts.signs[0] if len(facts.signs) == 1 else ""


def _findings(casting: Casting, readings: Mapping[int, Reading]) -> Iterator[Finding]:
    for f in casting.facts:
        given, reading = casting.given.get(f.position), readings[f.position]
        if f.position in casting.rejected and given is None:
            role = spoken(casting.rejected[f.position])
            message = f"'{f.name}' is named like {role}, but its values are not; it is not used as such."
            yield Finding("header_contradicted", message, "warning", f.name)
        if given is not None and given.how == "map" and not passes(vocabulary()[given.role].values, f):
            message = (
                f"'{f.name}' was named as {spoken(given.role)}, but only {given.share:.0%} of its cells suit that."
            )
            yield Finding("map_doubtful", message, "warning", f.name)
        if reading.kind in ("number", "date") and reading.passing < 1:
            bad = round(f.known * (1 - reading.passing))
            yield Finding(
                "unreadable_cells",
                f"{bad:,} cells of '{f.name}' are no {reading.kind} and are read as empty.",
                column=f.name,
                rows=bad,
            )
        yield from _id_findings(f, given)


def _id_findings(f: Facts, given: Given | None) -> Iterator[Finding]:
    if payment_cards(f):
        message = f"'{f.name}' may hold payment card numbers; it is not used as an id."
        yield Finding("payment_cards", message, "warning", f.name)
    if given is not None and vocabulary()[given.role].values == "id":
        damaged = sum(n for value, n in f.sample if _SCIENTIFIC.fullmatch(value))
        if damaged:
            message = (
                f"'{f.name}' holds ids such as 1.23E+12: a spreadsheet has cut them, so different ones may look equal."
            )
            yield Finding("damaged_ids", message, "warning", f.name, damaged)


def _hidden(columns: tuple[Column, ...]) -> Iterator[Finding]:
    personal = [column.name for column in columns if column.personal]
    if personal:
        message = f"Personal columns appear in no report: {', '.join(personal)}."
        yield Finding("personal_columns", message)
