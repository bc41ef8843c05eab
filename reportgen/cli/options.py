"""The options that commands share."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from typing import Any

import click

_KINDS = ("auto", "customers", "orders")
_ALGORITHMS = ("kmeans", "auto", "gaussian", "ward", "prototypes", "bernoulli")
GATES = ("empty", "columns", "customers", "rows", "history", "stale", "same", "future", "duplicates", "scale",
          "currency", "dropped", "missing")  # fmt: skip
_PAPERS = ("A4", "Letter")
_LISTS = ("csv", "parquet", "folder")


def overrides(**flags: Any) -> dict[str, Any]:
    """Turn flags into settings of the same names; a flag left unset is None and falls through to the file."""
    return {name: value for name, value in flags.items() if value not in (None, ())}


def _pairs(_: click.Context, __: click.Parameter, values: Sequence[str]) -> dict[str, str] | None:
    pairs = {}
    for value in values:
        role, equals, header = value.partition("=")
        if not (equals and role.strip() and header.strip()):
            raise click.BadParameter(f"'{value}' is not of the form role=header, e.g. customer_id=Kundennummer")
        pairs[role.strip()] = header.strip()
    return pairs or None


def _names(_: click.Context, __: click.Parameter, value: str | None) -> tuple[str, ...] | None:
    """Split 'A,B,"C, D"' as a line of CSV."""
    if value is None:
        return None
    return tuple(name.strip() for name in next(csv.reader([value], skipinitialspace=True), []) if name.strip())


def input_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say how a file is read."""
    options = [
        click.option("-c", "--config", "config_file", metavar="FILE", help="Settings file (see `reportgen init`)."),
        click.option("--kind", "input__kind", type=click.Choice(_KINDS), help="Customer table or order log."),
        click.option("--map", "input__map", multiple=True, metavar="ROLE=HEADER", callback=_pairs,
                     help="Say what a column is, e.g. customer_id=Kundennummer; repeatable."),
        click.option("--encoding", "input__encoding", metavar="NAME", help="Text encoding, e.g. cp1252."),
        click.option("--delimiter", "input__delimiter", metavar="CHAR", help="Column separator of text files."),
        click.option("--sheet", "input__sheet", metavar="NAME", help="Excel sheet."),
        click.option("--engine", "input__engine", metavar="NAME", help="duckdb, spark, or an address of Spark."),
        click.option("--table-name", "input__table_name", metavar="NAME", help="Table of a database."),
        click.option("--query", "input__query", metavar="SQL", help="What to ask of a database."),
        click.option("--decimal", "input__decimal", type=click.Choice(("comma", "point")), help="Decimal mark."),
        click.option("--dates", "input__dates", type=click.Choice(("dmy", "mdy", "ymd")),
                     help="Order of day and month."),
        click.option("--timezone", "input__timezone", metavar="ZONE", help="Zone of the shop, e.g. Europe/Berlin."),
        click.option("--currency", "input__currency", metavar="CODE", help="ISO code of all amounts, e.g. EUR."),
        click.option("--as-of", "input__as_of", metavar="DATE", help="The day that the report looks back from."),
        click.option("--memory", "input__memory", metavar="SIZE", help="Most memory for tables, e.g. 2GB."),
    ]  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def month_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that choose months."""
    options = [
        click.option("--period", "input__period", metavar="YYYY-MM",
                     help="Report on one month: later rows are left out, and the report says what changed."),
        click.option("--refit", is_flag=True, help="Form the segments anew in this month; else they are kept."),
        click.option("--accept", multiple=True, type=click.Choice(GATES), metavar="NAME",
                     help="Publish although this check of the input says no; repeatable."),
        click.option("--from", "first", metavar="YYYY-MM", help="First of several months; those done are skipped."),
        click.option("--to", "last", metavar="YYYY-MM", help="Last of several months."),
        click.option("--due", is_flag=True, help="All months since the newest report that have ended."),
        click.option("--keep-going", is_flag=True, help="Of several months: go on after one that fails."),
        click.option("--revise", default="", metavar="REASON",
                     help="Publish a month again that is published; the earlier edition stays."),
    ]  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def segment_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say how segments are formed."""
    options = [
        click.option("-k", "--k", "segments__k", type=int, metavar="N", help="Number of segments; else on evidence."),
        click.option("--features", "segments__features", metavar="A,B,…", callback=_names,
                     help="Columns that form the segments."),
        click.option("--exclude", "segments__exclude", metavar="A,B,…", callback=_names,
                     help="Columns that never form segments."),
        click.option("--scale", "segments__scale", type=click.Choice(("standard", "none")),
                     help="Make columns comparable (z-scores), or take their units as they are."),
        click.option("--algorithm", "segments__algorithm", type=click.Choice(_ALGORITHMS),
                     help="How segments are found; auto: by the columns, with a reason."),
        click.option("--seed", "segments__seed", type=int, metavar="N", help="Start value of all random numbers."),
    ]  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def report_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say what the report looks like."""
    options = [
        click.option("--title", "report__title", metavar="TEXT", help="Title of the report."),
        click.option("--organisation", "report__organisation", metavar="TEXT", help="Name in the masthead."),
        click.option("--language", "report__language", metavar="CODE", help="Language of the report: en, de, fr, es."),
        click.option("--paper", "report__paper", type=click.Choice(_PAPERS), help="Paper of the PDF."),
        click.option("--format", "report__formats", metavar="A,B,…", callback=_names,
                     help="Files to write: html, pdf, xlsx, json, email."),
        click.option("--customers", "report__customers", type=click.Choice(_LISTS),
                     help="List of all customers: CSV, Parquet, or a folder of Parquet files per segment."),
        click.option("-o", "--output", "output", metavar="FOLDER", help="Folder that receives the run's folder."),
    ]  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def load(config_file: str | None, flags: dict[str, Any]) -> Any:
    """Read the settings file; flags of the same names overrule it."""
    from reportgen.config import load_config

    return load_config(config_file, **overrides(**flags))
