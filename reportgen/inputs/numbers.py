"""Numbers as people write them: the conventions, and how a column of them is told apart and read.

Reading is SQL, so that columns of any length stay in the engine; a column has one convention for all its rows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from reportgen.inputs.currencies import ISO_CODES, SIGNS
from reportgen.inputs.sql import literal
from reportgen.inputs.words import word_set

Decimal = Literal[".", ","]


@dataclass(frozen=True)
class NumberFormat:
    """How numbers are written in one column."""

    decimal: Decimal = "."
    grouping: str = ""  # "", ".", ",", " ", "'"
    symbols: bool = False  # signs, codes, percent, brackets, trailing minus or odd blanks occur
    percent: bool = False  # written with %, and kept as written: "12 %" is 12


CONVENTIONS: tuple[NumberFormat, ...] = (
    NumberFormat(".", ","),
    NumberFormat(",", "."),
    NumberFormat(".", " "),
    NumberFormat(",", " "),
    NumberFormat(".", "'"),
    NumberFormat(",", "'"),
)

_NOTHING = (
    "|-|--|---|–|—|.|?|n/a|na|n.a.|n.a|#n/a|#na|#n/v|#nv|<na>|null|none|nan|nil|nat|unknown|missing|undefined|blank"
    "|(blank)|not available|not applicable|#div/0!|#value!|#ref!|#name?|#num!|#null!|inf|-inf|+inf"
    "|infinity|-infinity|\\n|k.a.|k. a.|unbekannt|inconnu"
    "|desconocido|sconosciuto|desconhecido|onbekend|nieznany|okänd|s/d|n.d.|nd|неизвестно|不明|未知"
)
MISSING = tuple(dict.fromkeys((*_NOTHING.split("|"), *sorted(word_set("missing")))))
NO_TEXT = ("", "#n/a", "n/a", "<na>", "null", "nan", "nat", "\\n", "#ref!", "#value!", "#name?", "#div/0!")

_BLANKS = "\t\n\r\x0b\x0c \u00a0\u1680\u2000-\u200b\u202f\u205f\u3000\ufeff"
_ODD, _SAME = "−–‒－﹣’‘´`ʼ０１２３４５６７８９，．￥＄％（）", "-----'''''0123456789,.¥$%()"
_WORDS = sorted({*(re.escape(sign) for sign in SIGNS), *ISO_CODES}, key=lambda word: (-len(word), word))
_UNDIVIDED = "[¥円₩원₫]|(?i:jpy|krw|vnd|clp)"  # money without cents: a mark before three digits groups thousands
SYMBOL = f"(?:(?i:{'|'.join(_WORDS)})|[kKMT][€$£]|[%‰])"


def blank_free(text: str) -> str:
    """Return SQL for a text without blanks of any kind at its ends."""
    return f"regexp_replace({text}, {literal(f'^[{_BLANKS}]+|[{_BLANKS}]+$')}, '', 'g')"


def is_missing(text: str, words: tuple[str, ...] = MISSING) -> str:
    """Return SQL that is true where a text stands for nothing."""
    return f"coalesce(lower({blank_free(text)}) IN ({', '.join(map(literal, words))}), true)"


def is_tidy(text: str) -> str:
    """Return SQL that is true for most texts that stay as they are, and costs a fifth of finding out for all.

    They begin with a letter or a digit, end visibly, and don't begin like a short word that stands for nothing.
    """
    short = [word for word in NO_TEXT if "A" <= word[:1] <= "z"]
    alike = {letter: chr(ord(letter) + 1) for word in short for letter in (word[0].lower(), word[0].upper())}
    risky = " OR ".join(f"{text} >= {literal(one)} AND {text} < {literal(after)}" for one, after in alike.items())
    word = f"{text} >= 'A' AND {text} < '{{' AND (strlen({text}) > {max(map(len, short))} OR NOT ({risky}))"
    return f"({text} >= '0' AND {text} < ':' OR {word}) AND {text}[-1] BETWEEN '!' AND '~'"


def tidy(text: str) -> str:
    """Return SQL for a number with one kind of minus, apostrophe, digit and blank, and blanks only between digits."""
    same = f"translate({text}, {literal(_ODD)}, {literal(_SAME)})"
    spaced = f"regexp_replace({same}, {literal(f'[{_BLANKS}]+')}, ' ', 'g')"
    return f"trim(regexp_replace({spaced}, ' *([^0-9 ]) *', '\\1', 'g'))"


_BEFORE = f"[-+(]*{SYMBOL}?[-+(]*"
_AFTER = rf"[-+]?{SYMBOL}?[-+]?\)?"
_TWO_SIGNS = "regexp_matches(p.before || p.after, '[-+(].*[-+(]')"


def digits_pattern(fmt: NumberFormat) -> str:
    """Return the regular expression of the digits of a tidy number in a convention, grouped or not."""
    point, group = re.escape(fmt.decimal), re.escape(fmt.grouping)
    whole = r"[0-9]+"
    if fmt.grouping:
        whole = rf"[1-9][0-9]{{0,2}}(?:{group}[0-9]{{3}})+|[1-9][0-9]?(?:{group}[0-9]{{2}})+{group}[0-9]{{3}}|{whole}"
    return rf"(?:{whole})(?:{point}[0-9]*)?(?:[eE][+-]?[0-9]+)?|{point}[0-9]+"


def plain_pattern(decimal: str) -> str:
    """Return the regular expression of a bare number: digits, one sign in front, a decimal mark, an exponent."""
    return rf"[-+]?(?:[0-9]+(?:{re.escape(decimal)}[0-9]*)?|{re.escape(decimal)}[0-9]+)(?:[eE][-+]?[0-9]+)?"


def let(value: str, name: str, body: str) -> str:
    """Return SQL that computes a value once and uses it by name in the body; expressions would double otherwise."""
    return f"list_transform([{value}], lambda {name}: {body})[1]"


def parse_number(text: str, fmt: NumberFormat) -> str:
    """Return SQL that reads a text as DOUBLE, null where it is no number of this convention.

    The nearest double of what is written, so that ``round(100 * x)`` gives exact cents back: sum those, or DECIMALs,
    where a total must not depend on the order of the rows.
    """
    thorough = _parse_tidy(text, fmt)
    if fmt.symbols or fmt.grouping:
        return thorough
    bare = f"trim({text})"
    value = bare if fmt.decimal == "." else f"replace({bare}, ',', '.')"
    fast = f"CASE WHEN regexp_full_match({bare}, {literal(plain_pattern(fmt.decimal))}) THEN {_finite(value)} END"
    return f"coalesce({fast}, {thorough})"


def _parse_tidy(text: str, fmt: NumberFormat) -> str:
    digits = f"replace(p.digits, {literal(fmt.grouping)}, '')" if fmt.grouping else "p.digits"
    value = _finite(f"replace({digits}, {literal(fmt.decimal)}, '.')")
    once = f"CASE WHEN NOT {_TWO_SIGNS} THEN {value} END"
    signed = f"CASE WHEN regexp_matches(p.before || p.after, '[-(]') THEN 0 - {once} ELSE {once} END"
    pattern = f"^({_BEFORE})({digits_pattern(fmt)})({_AFTER})$"
    return let(f"regexp_extract({tidy(text)}, {literal(pattern)}, ['before', 'digits', 'after'])", "p", signed)


def _finite(digits: str) -> str:
    return let(f"try_cast({digits} AS DOUBLE)", "v", "CASE WHEN abs(v) < 1e100 THEN v + 0 END")  # + 0: no negative zero


def number_stages() -> tuple[str, ...]:
    """Return SELECT lists that turn a column ``value`` into the columns that ``number_tests`` needs."""
    parts = rf"^({_BEFORE})([0-9.,][-+0-9., 'eE]*?)({_AFTER})$"
    fits = (f"regexp_full_match(core, {literal(digits_pattern(fmt))}) AS f{i}" for i, fmt in enumerate(CONVENTIONS))
    return (
        f"*, {tidy('value')} AS neat",
        f"*, regexp_extract(neat, {literal(parts)}, ['before', 'core', 'after']) AS p",
        f"*, CASE WHEN NOT {_TWO_SIGNS} THEN p.core END AS core",
        f"*, {', '.join(fits)}",
    )


def number_tests() -> dict[str, str]:
    """Return the SQL conditions whose counts ``choose_number`` needs, over the columns of ``number_stages``."""
    tests = {f"fits{i}": f"f{i}" for i in range(len(CONVENTIONS))}
    for i, fmt in enumerate(CONVENTIONS):
        tests[f"grouped{i}"] = f"f{i} AND contains(core, {literal(fmt.grouping)})"
    tests["marked"] = "(f0 OR f1) AND regexp_matches(core, '[.,]')"
    tests["bare"] = f"regexp_full_match(trim(value), '{plain_pattern('.')}|{plain_pattern(',')}')"
    tests["signs"] = "neat <> core AND neat NOT IN ('-' || core, '+' || core)"
    tests["undivided"] = f"regexp_matches(neat, {literal(_UNDIVIDED)})"
    tests["percent"] = "contains(neat, '%')"
    tests["zeros"] = "regexp_full_match(neat, '0[0-9]+')"
    return tests


@dataclass(frozen=True)
class NumberChoice:
    """The convention that fits most cells of a column; ``ambiguous`` when ``1.234`` may be 1234 or 1.234."""

    format: NumberFormat
    fitting: int
    ambiguous: bool = False


def choose_number(counts: Mapping[str, int], prefer: Decimal | None = None) -> NumberChoice | None:
    """Choose the convention from the counts of ``number_tests``; ``prefer`` settles what the column leaves open."""
    best = max(counts[f"fits{i}"] for i in range(len(CONVENTIONS)))
    if not best:
        return None
    options = [i for i in range(len(CONVENTIONS)) if counts[f"fits{i}"] == best]
    open_mark = len({CONVENTIONS[i].decimal for i in options}) == 2 and counts["marked"] > 0
    undivided = open_mark and 2 * counts["undivided"] > best
    if undivided:
        options = [i for i in options if counts[f"grouped{i}"]]
    elif open_mark and prefer:
        options = [i for i in options if CONVENTIONS[i].decimal == prefer]
    chosen = max(options, key=lambda i: (counts[f"grouped{i}"], -i))
    grouped = counts[f"grouped{chosen}"] > 0
    fmt = replace(
        CONVENTIONS[chosen],
        grouping=CONVENTIONS[chosen].grouping if grouped else "",
        symbols=counts["signs"] > 0 or (not grouped and counts["bare"] < best),
        percent=2 * counts["percent"] > best,
    )
    return NumberChoice(fmt, best, ambiguous=open_mark and not undivided and prefer is None)
