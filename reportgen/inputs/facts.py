"""What the engine counts about every column, over all rows, in a few queries."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from reportgen.inputs.cells import NUMERIC, TEMPORAL, as_text
from reportgen.inputs.dates import DateChoice, DateFormat, Order, choose_date, date_order, date_stages, date_tests
from reportgen.inputs.numbers import (
    CONVENTIONS,
    NO_TEXT,
    SYMBOL,
    Decimal,
    NumberChoice,
    NumberFormat,
    blank_free,
    choose_number,
    is_missing,
    number_stages,
    number_tests,
    parse_number,
    tidy,
)
from reportgen.inputs.spark_rows import at_home
from reportgen.inputs.sql import Engine, engine_over, identifier, literal
from reportgen.inputs.table import Part, Table

SAMPLE = 1000  # distinct values looked at one by one, chosen by hash: the same in any row order
PROBED = 100_000  # rows, chosen by hash, that say how the columns of a much larger table are written
_SELDOM = 0.05  # distinct values per row of the probe from which a column repeats too seldom to be known from it


@dataclass(frozen=True)
class Facts:
    """Counts and a sample of one column; cells that say "n/a" in some way are counted as ``nothing``."""

    name: str
    position: int
    sql_type: str
    rows: int
    filled: int = 0
    distinct: int = 0
    nothing: int = 0  # filled cells that stand for nothing where a number or date is expected
    sample: tuple[tuple[str, int], ...] = ()  # distinct values with their number of cells
    number: NumberChoice | None = None
    date: DateChoice | None = None
    counts: Mapping[str, int] = field(default_factory=dict)  # of numbers.number_tests
    low: float | None = None
    high: float | None = None
    whole: int = 0  # cells that hold a whole number
    numbers: int = 0  # distinct numbers
    signs: tuple[str, ...] = ()  # currency signs beside the numbers

    @property
    def known(self) -> int:
        """Filled cells apart from those that stand for nothing."""
        return self.filled - self.nothing

    @property
    def numeric(self) -> float:
        """Share of the known cells that are numbers."""
        return self.number.fitting / self.known if self.number and self.known else 0.0

    @property
    def dated(self) -> float:
        """Share of the known cells that are dates."""
        return self.date.fitting / self.known if self.date and self.known else 0.0

    @property
    def integral(self) -> bool:
        """Whether (nearly) all known cells are whole numbers."""
        return self.known > 0 and self.whole >= 0.95 * self.known

    @property
    def pointless(self) -> bool:
        """Whether all cells are whole numbers written with a decimal point, as in 17850.0."""
        return bool(self.sample) and all(re.fullmatch(r"[+-]?\d+\.0+", value) for value, _ in self.sample)

    @property
    def repeats(self) -> bool:
        """Whether some value occurs twice."""
        return self.distinct < self.filled


def gather(table: Table, decimal: Decimal | None, order: Order | None) -> tuple[Facts, ...]:
    """Ask the engine about every column; ``decimal`` and ``order`` settle what no column can tell.

    What other columns of the table show settles it too, then a semicolon as delimiter (decimal comma). Of more than
    200,000 rows a part tells how columns are written, and how many of their cells are unreadable or "n/a"; values are
    counted in one pass over all rows, different ones that seldom repeat estimated to about 1%.
    """
    every = table.origin.rows // PROBED
    engine = engine_over(table.frame) if every >= 2 else Engine(at_home(table.frame))
    try:
        return _gather(engine, table, decimal, order) if every < 2 else _probe(engine, table, every, (decimal, order))
    finally:
        engine.close()


def _probe(engine: Engine, table: Table, every: int, settled: tuple[Decimal | None, Order | None]) -> tuple[Facts, ...]:
    cells = ", ".join(map(identifier, engine.source.columns))
    part = Engine(engine.part("probe", f"hash({cells}) % {every} = 0"))
    try:
        rows, *filled = part.ask(f"SELECT count(*), {_counted(engine.source.columns)} FROM {{source}}")[0]
        seen = _gather(part, replace(table, origin=replace(table.origin, parts=(Part("", rows),))), *settled)
    finally:
        part.close()
    return _whole(engine, seen, dict(zip(engine.source.columns, filled, strict=True)), every)


def _counted(columns: Iterable[str]) -> str:
    return ", ".join(f"count({identifier(name)})" for name in columns)


def _whole(engine: Engine, seen: tuple[Facts, ...], filled: Mapping[str, int], every: int) -> tuple[Facts, ...]:
    """Return what the probe showed, with counts over all rows; values that seldom repeat are counted by their hash."""
    fractions = [f for f in seen if f.sql_type.startswith(NUMERIC) and not f.integral]  # never tell rows apart
    seldom = [f for f in seen if f.distinct > _SELDOM * max(f.filled, 1) and f not in fractions]
    typed = [f for f in seen if f.sql_type.startswith(NUMERIC)]
    asked = [f"min({cell})::DOUBLE, max({cell})::DOUBLE" for cell in (identifier(f.name) for f in typed)]
    rows, *answers = engine.ask(  # which a Parquet file tells without being read
        f"SELECT {', '.join(['count(*)', _counted(f.name for f in seen), *asked])} FROM {{source}}"
    )[0]
    counts, found = answers[: len(seen)], iter(answers[len(seen) :])
    whole = _whole_numbers(engine, [f.name for f in typed if f.integral])
    facts = {f.name: _scaled(f, rows, n, n / max(filled[f.name], 1)) for f, n in zip(seen, counts, strict=True)}
    for f in seldom:
        cell, now = identifier(f.name), facts[f.name]
        cells, distinct = engine.ask(  # each column by itself: others need not be read again
            f"SELECT count({cell}), count(DISTINCT {cell}) FROM {{source}} WHERE hash({cell}) % {every} = 0"
        )[0]
        many = now.filled if distinct == cells else min(round(now.filled * distinct / cells), now.filled - 1)
        facts[f.name] = replace(now, distinct=many, numbers=many if now.numbers else 0)
    for f in typed:
        low, high, now = next(found), next(found), facts[f.name]
        if f.number:
            facts[f.name] = replace(now, low=low, high=high, whole=whole.get(f.name, now.whole))
    return tuple(facts.values())


def _whole_numbers(engine: Engine, names: Sequence[str]) -> dict[str, int]:
    """Return how many cells of each column hold a whole number."""
    numbers = [f"{identifier(name)}::DOUBLE" for name in names]
    asked = ", ".join(f"count_if({number} = floor({number}))" for number in numbers)
    found = engine.ask(f"SELECT {asked} FROM {{source}}")[0] if names else ()
    return dict(zip(names, map(int, found), strict=True))


def _scaled(f: Facts, rows: int, cells: int, times: float) -> Facts:
    """Return facts of the probe for all rows, of which ``cells`` hold something in this column."""
    filled, nothing = round(times * f.filled), round(times * f.nothing)
    if f.filled and times:
        filled = cells if abs(filled - cells) <= 1 else filled
    known = {f.known: filled - nothing}  # where all cells fit, all cells fit
    fit = {choice.fitting for choice in (f.number, f.date) if choice}
    scaled = {n: known.get(n, round(times * n)) for n in {*fit, f.whole, *(f.counts.values())}}
    return replace(
        f,
        rows=rows,
        filled=filled,
        nothing=nothing,
        whole=scaled[f.whole],
        counts={name: scaled[n] for name, n in f.counts.items()},
        number=replace(f.number, fitting=scaled[f.number.fitting]) if f.number else None,
        date=replace(
            f.date, fitting=scaled[f.date.fitting], recent=known.get(f.date.recent, round(times * f.date.recent))
        )
        if f.date
        else None,
    )


def _gather(engine: Engine, table: Table, decimal: Decimal | None, order: Order | None) -> tuple[Facts, ...]:
    facts = _distinct_values(engine, table)
    numeric = [f.position for f in facts if _may_be_number(f) and not f.sql_type.startswith(NUMERIC)]
    number_counts = _counts(engine, numeric, number_tests(), number_stages())
    date_counts: dict[int, dict[str, int]] = {}
    for named in (False, True):
        dated = [f.position for f in facts if _may_be_date(f) and _has_words(f) == named]
        date_counts |= _counts(engine, dated, date_tests(named), date_stages(named))
    prefer = decimal or _shown_decimal(number_counts.values(), table)
    settled = order or _shown_order(date_counts.values())
    facts = tuple(
        replace(
            f,
            number=_number(f, number_counts.get(f.position), prefer),
            date=_date(f, date_counts.get(f.position), settled),
            counts=number_counts.get(f.position, {}),
        )
        for f in facts
    )
    return _ranges(engine, facts)


def _distinct_values(engine: Engine, table: Table) -> tuple[Facts, ...]:
    relation = engine.source
    names, types = relation.columns, [str(kind) for kind in relation.types]
    cells = ", ".join(as_text(name, kind) for name, kind in zip(names, types, strict=True))
    written = (
        f"SELECT i, cell, count(*) AS n FROM (SELECT unnest([{cells}]) AS cell, unnest(range({len(names)})) AS i "
        "FROM {source}) WHERE cell IS NOT NULL GROUP BY ALL"
    )
    engine.keep(
        "values",
        f"SELECT i, value, sum(n)::BIGINT AS n, {is_missing('value')} AS nothing FROM "
        f"(SELECT i, {blank_free('cell')} AS value, n FROM ({written})) "
        f"WHERE lower(value) NOT IN ({', '.join(map(literal, NO_TEXT))}) GROUP BY ALL",
    )
    rows = table.origin.rows
    found = engine.ask(
        "SELECT i, sum(n)::BIGINT, count(*), coalesce(sum(n) FILTER (nothing), 0)::BIGINT, "
        f"min_by({{'value': value, 'n': n}}, hash(value), {SAMPLE}) FROM {{values}} GROUP BY i"
    )
    facts = {i: Facts(name, i, kind, rows) for i, (name, kind) in enumerate(zip(names, types, strict=True))}
    for i, filled, distinct, nothing, sample in found:
        pairs = tuple(sorted((item["value"], item["n"]) for item in sample))
        facts[i] = replace(facts[i], filled=filled, distinct=distinct, nothing=nothing, sample=pairs)
    return tuple(facts.values())


def _counts(
    engine: Engine, positions: Sequence[int], tests: Mapping[str, str], stages: Sequence[str]
) -> dict[int, dict[str, int]]:
    if not positions:
        return {}
    source = f"{{values}} WHERE NOT nothing AND i IN ({', '.join(map(str, positions))})"
    for stage in stages:
        source = f"(SELECT {stage} FROM {source})"
    sums = ", ".join(f"coalesce(sum(n) FILTER ({test}), 0)::BIGINT" for test in tests.values())
    found = engine.ask(f"SELECT i, {sums} FROM {source} GROUP BY i")
    return {i: dict(zip(tests, counts, strict=True)) for i, *counts in found}


def _may_be_number(facts: Facts) -> bool:
    return _mostly(facts, r"(?=.*\d)(?:[^A-Za-z]*[A-Za-z]{0,4}[^A-Za-z]*)") and not facts.sql_type.startswith(TEMPORAL)


def _may_be_date(facts: Facts) -> bool:
    if facts.sql_type.startswith(NUMERIC):  # 20240131, days since 1900, seconds since 1970
        return _mostly(facts, r"\d{5,60}(?:[.]\d*)?")
    return _mostly(facts, r"(?=(?:.*\d){3}).{5,60}") and not facts.sql_type.startswith(TEMPORAL)


def _has_words(facts: Facts) -> bool:
    return any(re.search(r"[^\W\d_]{3}", value) for value, _ in facts.sample)


def _mostly(facts: Facts, pattern: str) -> bool:
    fits = sum(n for value, n in facts.sample if len(value) <= 60 and re.fullmatch(pattern, value))
    return 2 * fits >= sum(n for _, n in facts.sample if n) - facts.nothing and fits > 0


def _number(facts: Facts, counts: Mapping[str, int] | None, prefer: Decimal | None) -> NumberChoice | None:
    if facts.sql_type.startswith(NUMERIC):
        return NumberChoice(NumberFormat(), facts.filled) if facts.filled else None
    return choose_number(counts, prefer) if counts else None


def _date(facts: Facts, counts: Mapping[str, int] | None, prefer: Order | None) -> DateChoice | None:
    if facts.sql_type.startswith(TEMPORAL):
        native = DateFormat("native", has_time=facts.sql_type != "DATE", has_offset="ZONE" in facts.sql_type)
        return DateChoice(native, facts.filled, facts.filled) if facts.filled else None
    return choose_date(counts, prefer) if counts else None


def _shown_decimal(columns: Iterable[Mapping[str, int]], table: Table) -> Decimal | None:
    """Return the decimal mark that the columns which leave no doubt agree on."""
    shown: set[Decimal] = set()
    for counts in columns:
        choice = choose_number(counts)
        if (
            choice
            and not choice.ambiguous
            and any(counts[f"fits{i}"] != counts["fits0"] for i in range(len(CONVENTIONS)))
        ):
            shown.add(choice.format.decimal)
    if len(shown) == 1:
        return shown.pop()
    return "," if not shown and ("delimiter", "semicolon") in table.origin.facts else None


def _shown_order(columns: Iterable[Mapping[str, int]]) -> Order | None:
    shown: set[Order] = set()
    for counts in columns:
        choice = choose_date(counts)
        if choice and not choice.ambiguous and counts["swapY"] + counts["swapy"] and "%b" not in choice.format.pattern:
            shown.add(date_order(choice.format.pattern))
    return shown.pop() if len(shown) == 1 else None


def _ranges(engine: Engine, facts: tuple[Facts, ...]) -> tuple[Facts, ...]:
    """Add range, whole numbers and signs of the columns that hold numbers, one query for each way of writing them."""
    alike: dict[NumberFormat, list[int]] = {}
    for f in facts:
        if f.number and f.numeric >= 0.5:
            alike.setdefault(replace(f.number.format, percent=False), []).append(f.position)
    queries = [_range_query(positions, fmt) for fmt, positions in alike.items()]
    found = {i: rest for i, *rest in engine.ask(" UNION ALL ".join(queries))} if queries else {}
    return tuple(_ranged(f, *found[f.position]) if f.position in found else f for f in facts)


def _ranged(facts: Facts, low: float, high: float, counts: Sequence[int], signs: Sequence[str] | None) -> Facts:
    return replace(facts, low=low, high=high, whole=counts[0], numbers=counts[1], signs=tuple(sorted(signs or ())))


def _range_query(positions: Sequence[int], fmt: NumberFormat) -> str:
    sign = f"nullif(regexp_extract({tidy('value')}, {literal(SYMBOL)}), '')" if fmt.symbols else "NULL::VARCHAR"
    boolean = "CASE lower(value) WHEN 'true' THEN '1' WHEN 'false' THEN '0' ELSE value END"
    numbers = (
        f"SELECT i, n, {parse_number(boolean, fmt)} AS x, {sign} AS sign FROM {{values}} "
        f"WHERE NOT nothing AND i IN ({', '.join(map(str, positions))})"
    )
    counts = "[coalesce(sum(n) FILTER (x = floor(x)), 0)::BIGINT, count(DISTINCT x)]"
    signs = "list(DISTINCT sign) FILTER (sign IS NOT NULL)"
    return f"SELECT i, min(x), max(x), {counts}, {signs} FROM ({numbers}) GROUP BY i"
