"""The engine's SQL in Spark's dialect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reportgen.inputs.extras import needed

_CALLED = {"hash": "XXHASH64", "fsum": "SUM"}


def in_spark_words(sql: str, tables: Mapping[str, Sequence[str]]) -> str:
    """Translate a query; ``tables`` are the columns of the tables that it may read.

    What the translator leaves to the reader is settled here: differences of dates are days, a division is one of
    floats, letters of a text are counted from one, patterns match in full, named windows are written out, the largest
    few of a group are a list.
    """
    sqlglot = needed("sqlglot", "spark", "Spark")
    exp = sqlglot.exp
    tree = sqlglot.parse_one(sql, read="duckdb")
    for select in list(tree.find_all(exp.Select)):
        _write_out_windows(select, exp)
        _write_out_replacements(select, tables, exp)
    for node in reversed(list(tree.bfs())):  # what a node consists of is settled before it
        settled = _settled(node, exp)
        if settled is not node:
            node.replace(settled)
    translated: str = tree.sql(dialect="spark")
    return translated


def _settled(node: Any, exp: Any) -> Any:
    settled = node
    match type(node).__name__:
        case "RegexpFullMatch":
            whole = exp.Literal.string(f"^(?:{node.expression.this})$")
            settled = exp.RegexpLike(this=node.this, expression=whole)
        case "PercentileCont":
            settled = exp.Anonymous(this="PERCENTILE", expressions=[node.this, node.expression])
        case "DayOfWeekIso":
            settled = exp.paren(exp.Anonymous(this="WEEKDAY", expressions=[node.this]) + 1)
        case "Max" if node.args.get("count") is not None:  # the largest few
            most = [node.this, node.this.copy(), node.args["count"]]
            settled = exp.Anonymous(this="MAX_BY", expressions=most)
        case "Bracket" if isinstance(node.this, exp.Anonymous):
            settled = exp.Anonymous(this="GET", expressions=[node.this, node.expressions[0]])
        case "Bracket":
            place = exp.Literal.number(int(node.expressions[0].this) + 1)
            settled = exp.Substring(this=node.this, start=place, length=exp.Literal.number(1))
        case "Div":
            settled = exp.Div(this=exp.cast(node.this, "double"), expression=exp.cast(node.expression, "double"))
        case "Sub" if _is_date(node.this, exp) and _is_date(node.expression, exp):
            settled = exp.DateDiff(this=node.this, expression=node.expression, unit=exp.var("DAY"))
        case "Anonymous" if node.name.lower() in _CALLED:
            settled = exp.Anonymous(this=_CALLED[node.name.lower()], expressions=node.expressions)
    return settled


def _is_date(node: Any, exp: Any) -> bool:
    """Tell dates by what they are called: ``day``, ``first_day``, ``first``, a literal, or the least of such."""
    if isinstance(node, exp.Paren | exp.Min | exp.Max | exp.Lag | exp.Lead | exp.Window):
        return _is_date(node.this, exp)
    if isinstance(node, exp.Column):
        return bool(node.name in ("day", "first") or node.name.endswith("_day"))
    return isinstance(node, exp.Cast) and node.to.is_type("date")


def _write_out_windows(select: Any, exp: Any) -> None:
    """Spark can't add an order to a window that has a name, and numbers rows in some order only."""
    named = {window.this.name: window for window in select.args.get("windows") or ()}
    if not named:
        return
    for window in select.find_all(exp.Window):
        alias = window.args.get("alias")
        if alias is not None and alias.name in named and window.parent_select is select:
            window.set("partition_by", [part.copy() for part in named[alias.name].args.get("partition_by") or ()])
            window.set("alias", None)
            if isinstance(window.this, exp.RowNumber) and not window.args.get("order"):
                window.set("order", exp.Order(expressions=[part.copy() for part in window.args["partition_by"]]))
    select.set("windows", None)


def _write_out_replacements(select: Any, tables: Mapping[str, Sequence[str]], exp: Any) -> None:
    """Spark knows no ``SELECT * REPLACE``."""
    star = select.expressions[0] if select.expressions else None
    if not (isinstance(star, exp.Star) and star.args.get("replace")):
        return
    replaced = {item.alias: item for item in star.args["replace"]}
    columns = tables[select.args["from_"].this.name]
    cells = [replaced.get(name, exp.column(name, quoted=True)) for name in columns]
    select.set("expressions", [*cells, *select.expressions[1:]])
