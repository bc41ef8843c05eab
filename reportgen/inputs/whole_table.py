"""A customer table too large to be looked at one by one: a sample of its rows, and everyone as expressions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import narwhals as nw
import pandas as pd

from reportgen.config import Config
from reportgen.errors import InputError
from reportgen.inputs.category_amounts import Amounts
from reportgen.inputs.customers import Customers, Everyone
from reportgen.inputs.fields import Draft
from reportgen.inputs.quality import Reconciled
from reportgen.inputs.row_findings import prospects, repeated, without_key
from reportgen.inputs.sampling import chosen
from reportgen.inputs.schema import Column, Schema
from reportgen.inputs.sql import Engine, identifier
from reportgen.inputs.table import Table
from reportgen.inputs.words import counted

NUMBER = "reportgen_key"
_KEY = NUMBER
_FIRST = 100_000  # rows that tell whether it is worth while to look whether all come in the order of their keys
_TOLD_OF_ALL = ("no_key", "duplicate_rows", "prospects", "twin_rows")  # findings that a sample can't tell


@dataclass(frozen=True, eq=False)
class WholeTable:
    """All rows with a key, each once, as {rows} of ``engine``; counts of what was left out on the way."""

    engine: Engine
    schema: Schema
    key: Column | None  # None: rows are numbered in the order of the file
    customers: int
    keyless: int
    repeated: int
    share: float  # of the customers that the sample holds

    def sample(self) -> pd.DataFrame:
        """Return the rows of the sample as they are in the typed table, the key as text; numbers of rows as ``NUMBER``.

        Rows without a key are chosen by their values, so that the order of the file does not matter.
        """
        columns = [identifier(name) for name in self.engine.source.columns if self.key is None or name != self.key.name]
        if self.key is None:
            test = chosen(f"concat_ws(chr(31), {', '.join(columns)})", self.share)
            return self.engine.frame(f"SELECT * FROM {{rows}} WHERE {test} ORDER BY {_KEY}::BIGINT")
        cells = ", ".join([*columns, f"{_KEY} AS {identifier(self.key.name)}"])
        return self.engine.frame(f"SELECT {cells} FROM {{rows}} WHERE {chosen(_KEY, self.share)}")

    def days(self) -> pd.DataFrame:
        """Return the last day in each column of dates, in one row."""
        dates = [identifier(column.name) for column in self.schema.columns if column.kind == "date"]
        last = ", ".join(f"max({date}) AS {date}" for date in dates)
        return self.engine.frame(f"SELECT {last} FROM {{rows}}") if dates else pd.DataFrame()


def hold_whole(engine: Engine, table: Table, schema: Schema, key: Column | None, config: Config) -> WholeTable | None:
    """Return the table as one that stays in the engine; None where a report can hold all its customers.

    Raises InputError where rows with the same id differ.
    """
    most = config.input.sample
    if table.origin.rows <= most:
        return None
    if key is None:
        return _hold_numbered(engine, schema, most)
    text = _key_text(key)
    every, filled, distinct = _count_keys(engine, text)
    if distinct <= most:
        return None
    engine.forget_order()
    others = [identifier(name) for name in engine.source.columns if name != key.name]
    rows = f"SELECT {', '.join([f'{text} AS {_KEY}', *others])} FROM {{source}}"
    if filled < every:  # a condition costs as much as reading, in every query
        rows += f" WHERE {text} IS NOT NULL"
    if distinct < filled:
        engine.name_rows("known", rows)
        engine.keep("rows", "SELECT DISTINCT * FROM {known}")
        _refuse_several(engine, key.name, table.origin.name)
    elif _is_text(table, schema):
        engine.keep_rows("rows", rows)  # numbers and dates are read from text once, not in every query
    else:
        engine.name_rows("rows", rows)
    gone = every - filled, filled - distinct
    return WholeTable(engine, schema, key, distinct, *gone, share=most / distinct)


def _hold_numbered(engine: Engine, schema: Schema, most: int) -> WholeTable | None:
    """Number the rows of a table that names no customer; None where rows have no order."""
    if not engine.at_hand:
        return None
    engine.keep_order()
    engine.keep("rows", f"SELECT (row_number() OVER ())::VARCHAR AS {_KEY}, * FROM {{source}}")
    rows = int(engine.ask("SELECT count(*) FROM {rows}")[0][0])
    if rows <= most:
        return None
    engine.forget_order()
    return WholeTable(engine, schema, None, rows, 0, 0, share=most / rows)


def _count_keys(engine: Engine, text: str) -> tuple[int, int, int]:
    """Count rows, those with a key, and different keys.

    In a table in order, whose first rows are, each key need only be held against the one before; in whatever order
    the rows come, keys that ascend all the way are different.
    """
    keys = f"SELECT {text} AS k FROM {{source}}"
    pairs = "SELECT count(*), count(k), count_if(k > before) FROM (SELECT k, lag(k) OVER () AS before FROM ({}))"
    for part in (f"{keys} LIMIT {_FIRST}", keys) if engine.at_hand else ():
        rows, filled, ascending = engine.ask(pairs.format(part))[0]
        if rows == 0 or ascending < rows - 1:
            break
        if part is keys:
            return int(rows), int(filled), int(filled)
    rows, filled, distinct = engine.ask(f"SELECT count(*), count(k), count(DISTINCT k) FROM ({keys})")[0]
    return int(rows), int(filled), int(distinct)


def complete(whole: WholeTable, customers: Customers, drafts: Sequence[Draft], amounts: Amounts) -> Customers:
    """Return the customers of the sample together with everyone, and what was left out of the table as a whole."""
    known = {draft.name for draft in drafts}
    cells = [f"{_cell(draft)} AS {identifier(draft.name)}" for draft in drafts]
    cells += [
        f"{_sum(amounts, drafts)} AS {identifier(item.name)}" for item in customers.fields if item.name not in known
    ]
    (whole.engine.name if whole.engine.at_hand else whole.engine.keep_rows)(
        "typed", f"SELECT {', '.join([f'{_KEY} AS customer', *cells])} FROM {{rows}}"
    )
    spent = [identifier(draft.name) for draft in drafts if draft.column.role in ("total_spent", "n_orders")]
    bought = " AND ".join(f"coalesce({name} > 0, FALSE)" for name in spent) or "TRUE"
    used = int(whole.engine.ask(f"SELECT count_if({bought}) FROM {{typed}}")[0][0]) if spent else whole.customers
    relation = whole.engine.relation("SELECT * FROM {typed}" + (f" WHERE {bought}" if used < whole.customers else ""))
    return replace(
        _told_of_all(whole, customers, drafts, used),
        everyone=Everyone(nw.from_native(relation).lazy(), used, len(customers.frame) / used, whole.engine),
    )


def _told_of_all(whole: WholeTable, customers: Customers, drafts: Sequence[Draft], used: int) -> Customers:
    """Count what was left out in the whole table, and say which findings rest on the sample."""
    bought, header = whole.customers - used, whole.key.name if whole.key else ""
    away = (
        ("no_key", f"Without {header}", whole.keyless, without_key(whole.keyless, header)),
        ("duplicates", "Identical rows", whole.repeated, repeated(whole.repeated)),
        ("prospects", "Without any spend or order (prospects)", bought, prospects(bought)),
    )
    codes = {"used", *(code for code, *_ in away)}
    quality = customers.quality
    lines = [line for line in quality.reconciliation if line.code not in codes]
    lines += [Reconciled(code, label, "-", count, customers=count) for code, label, count, _ in away if count]
    lines.append(Reconciled("used", "In this report", "=", used, customers=used))
    of_values = {id(finding) for draft in drafts for finding in draft.findings}
    where = f"Among the {len(customers.frame):,} customers of the sample: "
    findings = [
        replace(one, message=where + one.message) if id(one) in of_values or one.code == "derived_spend" else one
        for one in quality.findings
        if one.code not in _TOLD_OF_ALL
    ]
    findings += [finding for _, _, count, finding in away if count]
    return replace(customers, quality=replace(quality, reconciliation=tuple(lines), findings=tuple(findings)))


def _cell(draft: Draft) -> str:
    return f"CAST({draft.sql} AS {'VARCHAR' if draft.kind == 'category' else 'DOUBLE'})"


def _sum(amounts: Amounts, drafts: Sequence[Draft]) -> str:
    """Return net spend that is derived from the amounts per category, null where none is known."""
    cells = [_cell(draft) for draft in drafts if draft.name in amounts.columns]
    total = " + ".join(f"coalesce({cell}, 0)" for cell in cells)
    return f"CASE WHEN coalesce({', '.join(cells)}) IS NOT NULL THEN {total} END"


def several_rows(header: str, source: str, values: int, most: tuple[str, int]) -> InputError:
    """Return the refusal of a table in which rows with one id differ; ``most`` is the id with most rows."""
    return InputError(
        f"{source}: {counted(values, 'value', 'values')} of {header} found in several rows that differ, "
        f"such as {most[0]!r} in {most[1]}",
        "If this is a log of orders, say --kind orders; otherwise keep one row per customer, "
        "or name the right id with --map customer_id=HEADER.",
    )


def _refuse_several(engine: Engine, header: str, source: str) -> None:
    found = engine.ask(
        f"""SELECT count(*) OVER (), {_KEY}, n FROM (SELECT {_KEY}, count(*) AS n FROM {{rows}} GROUP BY {_KEY}
        HAVING count(*) > 1) ORDER BY n DESC, {_KEY} LIMIT 1"""
    )
    if found:
        raise several_rows(header, source, int(found[0][0]), (str(found[0][1]), int(found[0][2])))


def _is_text(table: Table, schema: Schema) -> bool:
    """Tell whether numbers or dates are written as text."""
    relation = table.frame.to_native()
    kinds = dict(zip(relation.columns, map(str, relation.types), strict=True))
    return any(kinds[column.name] == "VARCHAR" and column.kind in ("number", "date") for column in schema.columns)


def _key_text(key: Column) -> str:
    cell = identifier(key.name)
    if key.kind == "number":
        return f"CASE WHEN {cell} = floor({cell}) THEN {cell}::BIGINT::VARCHAR ELSE {cell}::VARCHAR END"
    if key.kind == "text":  # has no blanks at its ends
        return cell
    return f"nullif(trim({cell}::VARCHAR), '')"
