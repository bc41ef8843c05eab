"""A table with one row per customer, made into typed fields."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import narwhals as nw
import pandas as pd

from reportgen.config import Config
from reportgen.errors import InputError
from reportgen.findings import Finding
from reportgen.inputs.category_amounts import Amounts, as_money, category_spend, derived_spend, find_amounts
from reportgen.inputs.customers import Customers, Field
from reportgen.inputs.fields import FEW, Draft, draft_field, finish
from reportgen.inputs.keys import clean_keys
from reportgen.inputs.quality import Quality, Reconciled, lines_read, lines_without_data, one_currency
from reportgen.inputs.row_findings import prospects, repeated, without_key
from reportgen.inputs.schema import Column, Schema
from reportgen.inputs.spark_rows import at_home
from reportgen.inputs.sql import Engine, engine_over
from reportgen.inputs.table import Origin, Table
from reportgen.inputs.table_intake import intake_of_table
from reportgen.inputs.whole_table import NUMBER, complete, hold_whole, several_rows
from reportgen.inputs.words import counted

_NO_AS_OF = ("P_birth_date", "prediction")


@dataclass
class _Rows:
    """The rows still in, with what was noticed and taken away on the way."""

    frame: pd.DataFrame
    lines: list[Reconciled] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def drop(self, away: pd.Series, code: str, label: str) -> int:
        """Take rows away and keep the line of the reconciliation; return how many."""
        count = int(away.sum())
        if count:
            self.frame = self.frame[~away.to_numpy()].reset_index(drop=True)
            self.lines.append(Reconciled(code, label, "-", count, customers=count))
        return count


def customers_from_table(table: Table, typed: nw.LazyFrame[Any], schema: Schema, config: Config) -> Customers:
    """Return one row per customer from a table that has one.

    Without an id column the customers are named by their row number and sorted by their values, so that the order
    of the file does not matter. Raises InputError if ids repeat with different values, or nothing is left to segment.
    """
    key = schema.role("customer_id") or schema.role("customer_email")
    whole = hold_whole(engine_over(typed), table, schema, key, config)
    engine = whole.engine if whole else Engine(at_home(typed))
    rows = _Rows(whole.sample() if whole else engine.frame("SELECT * FROM {source}"))
    rows.lines.extend(_lines_read(table.origin))
    frame = _with_keys(rows, key, table.origin.name)
    as_of = config.input.as_of or _last_day(whole.days() if whole else frame, schema)
    _refuse_mixed_money(rows.frame, schema, table.origin.name)
    drafts = _drafts(rows, schema, key, as_of)
    _drop_prospects(rows, drafts)
    _note_twins(rows, drafts, key)
    amounts = find_amounts(drafts, schema, config)
    drafts = as_money(drafts, amounts)
    fields = _with_spend(rows, drafts, finish(drafts, rows.frame, config), amounts)
    _refuse_hopeless(rows.frame, fields, table.origin.name)
    rows.lines.append(Reconciled("used", "In this report", "=", len(rows.frame), customers=len(rows.frame)))
    customers = Customers(
        frame=rows.frame[["customer", *(item.name for item in fields)]],
        fields=fields,
        kind="customers",
        schema=schema,
        quality=Quality(tuple(rows.lines), (*table.origin.findings, *schema.findings, *rows.findings)),
        key=key.name if key else None,
        currency=config.input.currency or _currency(fields),
        spend=_named(fields, "total_spent"),
        orders=_named(fields, "n_orders"),
        recency=_named(fields, "recency_days") or _named(fields, "last_order_date"),
        order_facts=None,
        category_amounts=category_spend(rows.frame, amounts),
        intake=intake_of_table(engine, schema, fields, as_of) if config.input.period and as_of else None,
    )
    return complete(whole, customers, drafts, amounts) if whole else customers


def _lines_read(origin: Origin) -> list[Reconciled]:
    files = lines_read(origin)
    label, sign = ("Read from all files", "=") if files else ("Read from file", "")
    return [
        *files,
        Reconciled("read", label, sign, origin.rows, customers=origin.rows),
        *(Reconciled(code, name, "-", n, customers=n) for code, name, n in lines_without_data(origin)),
    ]


def _with_keys(rows: _Rows, key: Column | None, source: str) -> pd.DataFrame:
    """Add the column "customer", drop rows without a key or repeated ones, and sort."""
    if key is None:
        return _numbered(rows)
    columns = [name for name in rows.frame.columns if name != key.name]
    rows.frame = (
        rows.frame[columns]
        .rename(columns={"customer": "customer_"})
        .assign(customer=clean_keys(rows.frame[key.name]).to_numpy())
    )
    missing = rows.drop(rows.frame["customer"].isna(), "no_key", f"Without {key.name}")
    if missing:
        rows.findings.append(without_key(missing, key.name))
    copies = rows.drop(rows.frame.duplicated(), "duplicates", "Identical rows")
    if copies:
        rows.findings.append(repeated(copies))
    twice = rows.frame["customer"].duplicated(keep=False)
    if twice.any():
        some = Counter(rows.frame.loc[twice, "customer"])
        raise several_rows(key.name, source, len(some), min(some.items(), key=lambda item: (-item[1], item[0])))
    rows.frame = rows.frame.sort_values("customer", key=lambda keys: keys.map(str.encode)).reset_index(drop=True)
    return rows.frame


def _numbered(rows: _Rows) -> pd.DataFrame:
    rows.frame = rows.frame.rename(columns={"customer": "customer_", NUMBER: "customer"})
    columns = [name for name in rows.frame.columns if name != "customer"]
    if "customer" not in rows.frame:
        rows.frame["customer"] = [str(number) for number in range(1, len(rows.frame) + 1)]
    rows.frame = rows.frame.sort_values(columns, kind="stable", na_position="last").reset_index(drop=True)
    rows.findings.append(
        Finding("no_id", "No column names the customer, so customers are numbered by their row in the file.")
    )
    return rows.frame


def _last_day(frame: pd.DataFrame, schema: Schema) -> dt.date | None:
    """Return the day after the last date of the file; birth dates and forecasts don't count."""
    days = [
        frame[column.name].max()
        for column in schema.columns
        if column.kind == "date" and column.role not in _NO_AS_OF and column.name in frame
    ]
    known = [day for day in days if not pd.isna(day)]
    return (max(known) + pd.Timedelta(days=1)).date() if known else None


def _drafts(rows: _Rows, schema: Schema, key: Column | None, as_of: dt.date | None) -> list[Draft]:
    drafts = []
    for column in schema.columns:
        if key is not None and column.name == key.name:
            continue
        name = "customer_" if column.name == "customer" else column.name
        draft = draft_field(name, column, rows.frame[name], as_of)
        rows.frame[name] = draft.values
        rows.findings.extend(draft.findings)
        drafts.append(draft)
    return drafts


def _drop_prospects(rows: _Rows, drafts: list[Draft]) -> None:
    """Leave out customers without any spend or order: prospects belong to the count, not to segments."""
    names = [draft.name for draft in drafts if draft.column.role in ("total_spent", "n_orders")]
    if not names:
        return
    away = ~(rows.frame[names] > 0).all(axis=1)
    count = rows.drop(away, "prospects", "Without any spend or order (prospects)")
    if count:
        rows.findings.append(prospects(count))


def _with_spend(rows: _Rows, drafts: list[Draft], fields: tuple[Field, ...], amounts: Amounts) -> tuple[Field, ...]:
    """Add net spend where only the amounts per category are known; a column that holds the total wins."""
    if not amounts.columns or _named(fields, "total_spent"):
        return fields
    field, values, finding = derived_spend(rows.frame, drafts, amounts)
    rows.frame[field.name] = values
    rows.findings.append(finding)
    return (*fields, field)


def _note_twins(rows: _Rows, drafts: list[Draft], key: Column | None) -> None:
    names = [draft.name for draft in drafts]
    twins = int(rows.frame.duplicated(subset=names).sum()) if names else 0
    if twins and len(names) > 1:
        but = " but the id" if key else ""
        who = counted(twins, "customer equals", "customers equal")
        message = f"{who} another one in everything{but} and may be entered twice; nobody is left out."
        rows.findings.append(Finding("twin_rows", message, rows=twins))


def _refuse_mixed_money(frame: pd.DataFrame, schema: Schema, source: str) -> None:
    column = schema.role("currency")
    if column is not None and (schema.role("total_spent") or schema.role("aov")):
        one_currency(frame[column.name].dropna().astype(str).unique(), source, "total_spent")


def _refuse_hopeless(frame: pd.DataFrame, fields: tuple[Field, ...], source: str) -> None:
    if len(frame) < FEW:
        raise InputError(
            f"{source} has {len(frame)} usable customer{'' if len(frame) == 1 else 's'}; a report needs at least {FEW}",
            "Give a file with more customers; `reportgen check FILE` shows which rows were left out and why.",
        )
    if any(item.candidate for item in fields):
        return
    numeric = [item for item in fields if item.kind not in ("category", "flag") and not item.protected]
    what = "the numbers are the same for every customer" if numeric else "no column holds numbers to segment by"
    raise InputError(
        f"{source}: {what} (columns: {', '.join(item.name for item in fields) or 'none'})",
        "Segments need at least one column of numbers that differ; `reportgen check FILE` shows how each was read.",
    )


def _named(fields: tuple[Field, ...], role: str) -> str | None:
    return next((item.name for item in fields if item.role == role), None)


def _currency(fields: tuple[Field, ...]) -> str:
    return next((item.unit for item in fields if item.kind == "money" and item.unit), "")
