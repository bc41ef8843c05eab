"""Dates as people write them: the orders of day, month, year, and how a column of them is told apart and read.

Reading is SQL, so that columns of any length stay in the engine; a column has one order for all its rows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast

from reportgen.inputs.numbers import blank_free, let
from reportgen.inputs.sql import literal

Order = Literal["dmy", "mdy", "ymd"]


@dataclass(frozen=True)
class DateFormat:
    """How dates are written in one column: a strptime pattern, or one of the numeric epochs.

    A pattern stands for its order of day, month and year: separators, zero padding and a time of day may vary.
    """

    pattern: str  # "%d.%m.%Y", … or "unix_s", "unix_ms", "excel", "native"
    has_time: bool = False
    has_offset: bool = False
    zone: str = ""  # IANA zone that offsets and unix times are converted to; empty: left as written


@dataclass(frozen=True)
class DateChoice:
    """The format that fits most cells of a column; ``ambiguous`` when day and month may be swapped."""

    format: DateFormat
    fitting: int
    recent: int  # fitting cells with a year from 1990 on
    ambiguous: bool = False


PATTERNS = (
    "%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d/%m/%y", "%m/%d/%y", "%y-%m-%d",
    "%d %b %Y", "%b %d %Y", "%Y %b %d", "%d %b %y", "%b %d %y",
)  # fmt: skip
EPOCHS = ("%Y%m%d", "excel", "unix_s", "unix_ms")
FIRST_YEAR, LAST_YEAR = 1850, 2150

# Word beginnings in EN DE FR ES IT PT NL PL SV DA NO TR RU FI, without accents; the longest beginning wins.
_MONTH_WORDS = {
    1: "jan gen ene sty oca янв tammi", 2: "feb fev fevr lut sub фев helmi", 3: "mar mär maerz mrz maa mrt maalis мар",
    4: "apr avr abr kwi nis апр huhti", 5: "mai may maj mei mag май мая touko maggio mayo maio mays",
    6: "jun juin giu cze haz июн kesa", 7: "jul juil lug lip tem июл heina", 8: "aug aou ago sie agu авг elo",
    9: "sep set wrz eyl сен syys", 10: "oct okt out ott paz eki окт loka", 11: "nov lis kas ноя marras noi",
    12: "dec dez dic gru ara дек joulu des",
}  # fmt: skip
_MONTHS = {word: month for month, words in _MONTH_WORDS.items() for word in words.split()}

_BREAK = r"[-./\s,年月일년월]+"
_NUMERIC = rf"^(?:[\pL]+\.?,? +)?([0-9]{{1,4}}){_BREAK}([0-9]{{1,2}}){_BREAK}([0-9]{{1,4}})[日.]?$"
_DAY, _WORD, _GAP = r"([0-9]{1,2})(?:st|nd|rd|th|er|ª|º|°)?", r"([\pL]{3,})\.?", r"[-./\s,]*(?:de[l]?\s+)?"
_NAMED = {
    "dmy": rf"^(?:[\pL]+[.,]*\s+)??{_DAY}{_GAP}{_WORD}{_GAP}([0-9]{{2,4}})[.,]?$",
    "mdy": rf"^(?:[\pL]+[.,]*\s+)??{_WORD}{_GAP}{_DAY}{_GAP}([0-9]{{2,4}})$",
    "ymd": rf"^([0-9]{{4}}){_GAP}{_WORD}{_GAP}{_DAY}$",
}
_TIME = (
    r"^(.*?[^\s,])(?:(?:\s*t|,?\s+(?:at |um |à |a las |alle |kl\.? )?)([0-9]{1,2})[:h]([0-9]{2})(?::([0-9]{2})(?:[.,]"
    r"[0-9]+)?)?(?:\s?uhr)?\s*([ap]\.?\s?m\.?)?\s*(z|utc|gmt|[+-][0-9]{2}:?(?:[0-9]{2})?)?(?:\s?\([a-z ]+\))?)?$"
)


def date_order(pattern: str) -> Order:
    """Return the order of day, month and year of a strptime pattern."""
    letters = "".join(letter for letter in pattern.lower().replace("%b", "%m") if letter in "dmy")
    return cast(Order, letters)


def split_time(text: str) -> str:
    """Return SQL for a struct of the date, the hour, minute, second, am/pm and the offset of a text."""
    low = f"lower({blank_free(text)})"
    return f"regexp_extract({low}, {literal(_TIME)}, ['date', 'h', 'm', 's', 'half', 'zone'])"


_MONTH_TABLE = "".join(f"|{word}={month:02}" for word, month in sorted(_MONTHS.items()))  # one text: cheap to plan


def _month(word: str) -> str:
    found = (let(f"strpos(h, '|' || left(w, {n}) || '=')", "k", _month_at("k", n)) for n in (6, 5, 4, 3))
    return let(f"strip_accents({word})", "w", let(literal(_MONTH_TABLE), "h", f"coalesce({', '.join(found)})"))


def _month_at(place: str, n: int) -> str:
    return f"CASE WHEN {place} > 0 THEN substr(h, {place} + length(left(w, {n})) + 2, 2) END"


_ORDERS: tuple[Order, ...] = ("ymd", "dmy", "mdy")


def _pieces(date: str, order: Order, named: bool) -> str:
    names = ", ".join(map(literal, order))
    return f"regexp_extract({date}, {literal(_NAMED[order] if named else _NUMERIC)}, [{names}])"


def _day(pieces: str, pattern: str, month: str) -> str:
    letter, digits = ("y", 2) if "%y" in pattern else ("Y", 4)
    whole = f"{pieces}.y || '-' || {month} || '-' || {pieces}.d"
    return f"CASE WHEN length({pieces}.y) = {digits} THEN try_strptime({whole}, '%{letter}-%m-%d') END"


def _seconds(parts: str) -> str:
    hour = f"try_cast({parts}.h AS INTEGER)"
    hour = f"(CASE left({parts}.half, 1) WHEN 'p' THEN {hour} % 12 + 12 WHEN 'a' THEN {hour} % 12 ELSE {hour} END)"
    total = f"({hour} * 3600 + try_cast({parts}.m AS INTEGER) * 60 + coalesce(try_cast({parts}.s AS INTEGER), 0))"
    return f"CASE WHEN {parts}.h = '' THEN 0 WHEN {hour} < 24 AND {parts}.m < '60' THEN {total} END"


def _offset(zone: str) -> str:
    minutes = f"(substr({zone}, 2, 2)::INTEGER * 60 + coalesce(try_cast(substr({zone}, 4, 2) AS INTEGER), 0))"
    return f"CASE left({zone}, 1) WHEN '+' THEN {minutes} WHEN '-' THEN -{minutes} ELSE 0 END"


def _local(utc: str, zone: str) -> str:
    return f"timezone({literal(zone)}, timezone('UTC', {utc}))" if zone else utc


def _read(text: str, fmt: DateFormat) -> str:
    if fmt.pattern in EPOCHS:
        return _read_epoch(text, fmt)
    month = _month("q.m") if "%b" in fmt.pattern else "q.m"
    written = f"{_day('q', fmt.pattern, month)} + to_seconds({_seconds('p')}::BIGINT)"
    written = let(_pieces("p.date", date_order(fmt.pattern), "%b" in fmt.pattern), "q", written)
    if fmt.has_offset and fmt.zone:
        minutes = let("replace(p.zone, ':', '')", "z", _offset("z"))
        shifted = _local(f"(w - to_minutes({minutes}))", fmt.zone)
        written = let(written, "w", f"CASE WHEN p.zone = '' THEN w ELSE {shifted} END")
    return let(split_time(text), "p", written)


def _read_epoch(text: str, fmt: DateFormat) -> str:
    whole = f"regexp_replace(trim({text}), '[.]0*$', '')"
    if fmt.pattern == "%Y%m%d":
        return f"CASE WHEN length({whole}) = 8 THEN try_strptime({whole}, '%Y%m%d') END"
    if fmt.pattern == "excel":
        days = f"try_cast(replace(trim({text}), ',', '.') AS DOUBLE)"
        seconds = f"CASE WHEN {days} BETWEEN 1 AND 99999 THEN round({days} * 86400) END"
        return f"TIMESTAMP '1899-12-30' + to_seconds({seconds})"
    scale = 1_000_000 if fmt.pattern == "unix_s" else 1000
    ticks = f"try_cast({whole} AS BIGINT)"
    return _local(f"make_timestamp(CASE WHEN {ticks} < 9000000000000 THEN {ticks} * {scale} END)", fmt.zone)


def parse_date(text: str, fmt: DateFormat) -> str:
    """Return SQL that reads a text as TIMESTAMP in the shop's zone, null where it is no date of this format.

    Offsets are converted to the zone; without one the wall clock stays as written (unix times: UTC).
    1900-01-01, 1970-01-01 and years outside 1850 to 2150 are missing dates.
    """
    if fmt.pattern == "native":
        return _native(text)
    value = _read(text, fmt)
    if fmt.pattern not in EPOCHS and "%b" not in fmt.pattern and not fmt.has_offset:
        usual = [f"{fmt.pattern}{time}" for time in (" %H:%M:%S", " %H:%M", "")]  # the engine's own reader is fast
        fast = f"try_strptime(trim({text}), [{', '.join(map(literal, usual))}])"
        value = f"coalesce({fast}, {value})"
    bad = f"year(t) NOT BETWEEN {FIRST_YEAR} AND {LAST_YEAR}"
    empty = "CAST(t AS DATE) IN (DATE '1900-01-01', DATE '1970-01-01')"
    return let(value, "t", f"CASE WHEN {bad} OR {empty} THEN NULL ELSE t END")


def _native(cell: str) -> str:
    """Compare with fixed days only: an engine that knows the range of a column needs no look at its cells."""
    missing = " OR ".join(f"{cell} >= DATE '{y}-01-01' AND {cell} < DATE '{y}-01-02'" for y in (1900, 1970))
    good = f"{cell} >= DATE '{FIRST_YEAR}-01-01' AND {cell} < DATE '{LAST_YEAR + 1}-01-01' AND NOT ({missing})"
    return f"CASE WHEN {good} THEN try_cast({cell} AS TIMESTAMP) END"


_SEPARATORS = {"dots": ".", "slashes": "/", "dashes": "-"}
_EPOCH_SHAPES = {"%Y%m%d": "[12][0-9]{7}([.]0)?", "excel": "[1-9][0-9]{4}([.,][0-9]+)?", "unix_s": "[0-9]{9,10}([.]0)?",
                 "unix_ms": "[0-9]{12,13}([.]0)?"}  # fmt: skip


def date_stages(named: bool = True) -> tuple[str, ...]:
    """Return SELECT lists that turn a column ``value`` into the columns that ``date_tests`` needs.

    Without ``named`` dates with months in words are not looked for, which is cheaper.
    """
    pieces = [f"{_pieces('parts.date', order, False)} AS {order}" for order in _ORDERS]
    months = []
    if named:
        pieces += [f"{_pieces('parts.date', order, True)} AS {order}_b" for order in _ORDERS]
        months = [f"struct_insert({order}_b, month := {_named(f'{order}_b')}) AS {order}_b_n" for order in _ORDERS]
    days = [f"{_staged_day(pattern)} AS d{i}" for i, pattern in enumerate(PATTERNS) if named or "%b" not in pattern]
    epochs = [f"{_read_epoch('value', DateFormat(epoch))} AS e{i}" for i, epoch in enumerate(EPOCHS)]
    return (
        f"*, {split_time('value')} AS parts",
        f"*, {', '.join(pieces)}, {_seconds('parts')} AS seconds",
        ", ".join(["*", *months]),
        f"*, {', '.join(days + epochs)}",
    )


def _named(pieces: str) -> str:
    return f"CASE WHEN {pieces}.m <> '' THEN {_month(f'{pieces}.m')} END"


def _staged_day(pattern: str) -> str:
    if "%b" in pattern:
        return _day(f"{date_order(pattern)}_b_n", pattern, f"{date_order(pattern)}_b_n.month")
    return _day(date_order(pattern), pattern, f"{date_order(pattern)}.m")


def date_tests(named: bool = True) -> dict[str, str]:
    """Return the SQL conditions whose counts ``choose_date`` needs, over the columns of ``date_stages``."""
    days = {pattern: f"d{i}" for i, pattern in enumerate(PATTERNS) if named or "%b" not in pattern}
    tests = {pattern: f"seconds >= 0 AND year({day}) BETWEEN 1900 AND 2100" for pattern, day in days.items()}
    tests["recent"] = " OR ".join(f"coalesce(year({day}) BETWEEN 1990 AND 2100, false)" for day in days.values())
    for i, (epoch, shape) in enumerate(_EPOCH_SHAPES.items()):
        tests[epoch] = f"regexp_full_match(trim(value), '{shape}') AND year(e{i}) BETWEEN 1970 AND 2100"
        tests[f"recent {epoch}"] = f"{tests[epoch]} AND year(e{i}) >= 1990"
    for full in ("Y", "y"):
        tests[f"swap{full}"] = f"{days[f'%d/%m/%{full}']} <> {days[f'%m/%d/%{full}']}"
    tests["time"] = "parts.h <> ''"
    tests["offset"] = "parts.zone <> ''"
    for name, sign in _SEPARATORS.items():
        tests[name] = f"contains(parts.date, {literal(sign)})"
    return tests


def choose_date(counts: Mapping[str, int], prefer: Order | None = None) -> DateChoice | None:
    """Choose the format from the counts of ``date_tests``; ``prefer`` settles what the column leaves open.

    Dots settle it too: nobody writes month.day.year. A two-digit year comes first only if nothing else fits as well.
    """
    best = max(counts.get(pattern, 0) for pattern in (*PATTERNS, *EPOCHS))
    if not best:
        return None
    options = [pattern for pattern in PATTERNS if counts.get(pattern) == best]
    if not options:
        epoch = next(epoch for epoch in EPOCHS if counts[epoch] == best)
        return DateChoice(DateFormat(epoch, has_time=epoch != "%Y%m%d"), best, counts[f"recent {epoch}"])
    ambiguous = False
    if {"dmy", "mdy"} <= {date_order(option) for option in options} and counts[f"swap{options[0][-1]}"]:
        settled = "dmy" if counts["dots"] == best else prefer
        ambiguous = settled is None
    else:
        settled = prefer
    chosen = next((option for option in options if date_order(option) == settled), options[0])
    fmt = DateFormat(_with_separator(chosen, counts), counts["time"] > 0, counts["offset"] > 0)
    return DateChoice(fmt, best, min(counts["recent"], best), ambiguous)


def _with_separator(pattern: str, counts: Mapping[str, int]) -> str:
    name = max(_SEPARATORS, key=lambda name: counts[name])
    return pattern if "%b" in pattern or not counts[name] else re.sub("[-/]", _SEPARATORS[name], pattern)
