"""Numbers to words: quantities in the style of a locale, and statements as sentences that keep their sources."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from functools import cache, lru_cache
from typing import Literal

from babel import Locale
from babel.core import UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_decimal

from reportgen.errors import ConfigError
from reportgen.locales import formats_of, locale_file, phrases
from reportgen.report.model import Sentence
from reportgen.values import Quantity, Statement

Style = Literal["cell", "prose"]
DASH = "–"
LONGEST_TEXT = 60  # characters of a data value inside a sentence
LONGEST_REMARK = 300  # characters of what a person says
LONGEST_CELL = 400  # characters of a text cell, which may be a whole sentence
_NBSP = "\u00a0"
_MINUS = "\u2212"
_WIDE = Context(prec=400)  # holds every float to the cent
_JOINERS = "\u200c\u200d"  # needed by Persian and by emoji; every other format character is dropped
_PLACEHOLDER = re.compile(r"\{(\^?)(\w+)(?:([:=])([^}]*))?\}")
_SPACES = re.compile("[^\\S\u00a0\u202f]+")  # spaces that hold a figure and its sign together stay
_PLURALS = ("zero", "one", "two", "few", "many", "other")


def format_quantity(quantity: Quantity, language: str = "en", style: Style = "cell", days: str = "") -> str:
    """Return a quantity as text.

    ``cell`` is for tables and tiles: fixed decimals (``quantity.decimals`` or the kind's own), no unit except the
    currency sign and the percent sign; ``unit_text`` names the unit. ``prose`` follows the wording rules: short
    money forms, two significant figures for money and days unless ``decimals`` makes them exact, ratios as words,
    units attached. Rounding is half away from zero. ``days`` are the plural forms of the unit of days in prose.
    """
    if quantity.suppressed:
        if quantity.kind != "count":
            return DASH
        return _word(language, "fewer_than_ten") if style == "prose" else "<10"
    if quantity.value is None:
        return DASH
    if isinstance(quantity.value, str):
        return _text(quantity, language, style)
    if quantity.value != quantity.value or quantity.value in (float("inf"), float("-inf")):
        return DASH
    return _days_in_prose(quantity, language, days) if days else _FORMATS[quantity.kind](quantity, language, style)


def unit_text(quantity: Quantity, language: str = "en") -> str:
    """Return the unit that belongs beside a cell or tile: "k$", "days", or nothing where the figure carries it."""
    if quantity.value is None or quantity.suppressed:
        return ""
    if quantity.kind == "days":
        return _plural(_word(language, "days"), _places(quantity.value, 0), language)
    if quantity.kind == "number" or (quantity.kind == "money" and not _is_currency(quantity.unit, language)):
        return quantity.unit
    return ""


def say(statement: Statement, language: str = "en") -> Sentence:
    """Return the sentence of a statement: its phrase with every placeholder filled in.

    ``{n}`` inserts a quantity, ``{^n}`` capitalises it, ``{n:customer|customers}`` picks the plural form that belongs
    to n, ``{n=Tag|Tagen}`` inserts days with these words for the unit, in the case that the sentence needs.
    Raises KeyError for a key without phrase or a placeholder without value.
    """
    values = dict(statement.values)
    phrase = phrases(language)[statement.key]

    def fill(match: re.Match[str]) -> str:
        capital, name, kind, forms = match.groups()
        if kind == ":":
            return _plural(forms, _places(values[name].value, 0), language)
        shown = format_quantity(values[name], language, "prose", forms or "")
        return shown[:1].upper() + shown[1:] if capital else shown

    return Sentence(_spelled(_PLACEHOLDER.sub(fill, phrase), language), (statement,))


def _spelled(words: str, language: str) -> str:
    """Write what only the whole sentence tells: in French "de octobre" is d’octobre, "1 mai" is 1er mai."""
    for found, written in locale_file(language).get("spelling", {}).get("rules", ()):
        words = re.sub(found, written, words)
    return words


def month_name(month: str, language: str = "en", short: bool = False) -> str:
    """Return "2011-11" as "November 2011", or short as "Nov 2011"."""
    day = dt.date.fromisoformat(f"{month}-01")
    return str(format_date(day, format="MMM y" if short else "MMMM y", locale=_locale(language)))


def banned_words(language: str = "en") -> tuple[str, ...]:
    """Return regular expressions of the words that generated prose must not contain."""
    return tuple(locale_file(language)["banned"]["patterns"])


def currency_affixes(unit: str, language: str = "en") -> tuple[str, str]:
    """Return what stands before and after an amount: ("€", "") in English, ("", " €") in German."""
    locale = _locale(language)
    symbol = str(locale.currency_symbols.get(unit, unit))
    if not symbol:
        return "", ""
    if not _is_currency(unit, language):
        return "", _NBSP + symbol
    if str(locale.currency_formats["standard"].pattern).lstrip("\u200e\u200f").startswith("¤"):
        return symbol + (_NBSP if symbol[-1].isalpha() else ""), ""
    return "", _NBSP + symbol


def direction(language: str = "en") -> str:
    """Return which way a language is written: "ltr" or "rtl"."""
    return str(_locale(language).text_direction)


def apportion(values: Sequence[float], decimals: int = 2) -> tuple[float, ...]:
    """Round shares so that they still total what they totalled: largest remainder, ties to the larger, then earlier.

    ``decimals`` counts digits of the share itself: 2 gives whole percent. Shares that do not total 1 within rounding
    are rounded one by one.
    """
    unit = Decimal(1).scaleb(-decimals)
    exact = [Decimal(repr(float(value))) for value in values]
    if abs(sum(exact, Decimal(0)) - 1) > Decimal("1e-6") or min(exact) < 0:
        return tuple(float(value.quantize(unit, ROUND_HALF_UP)) for value in exact)
    floors = [(value // unit) * unit for value in exact]
    spare = int(((1 - sum(floors, Decimal(0))) / unit).to_integral_value(ROUND_HALF_UP))
    order = sorted(range(len(exact)), key=lambda i: (-round(exact[i] - floors[i], 9), -exact[i], i))
    for i in order[:spare]:
        floors[i] += unit
    return tuple(float(value) for value in floors)


def shorten(text: str, longest: int = LONGEST_TEXT) -> str:
    """Make data harmless to read: no control characters or direction overrides, one line, an ellipsis when long."""
    kept = "".join(c if c in _JOINERS or unicodedata.category(c)[0] != "C" else " " for c in text[:4000])
    words = _SPACES.sub(" ", kept).strip()
    if len(words) > longest:
        words = words[: longest - 1].rstrip() + "…"
    right_to_left = any(unicodedata.bidirectional(c) in ("R", "AL") for c in words)
    return f"\u2068{words}\u2069" if right_to_left else words


def _text(quantity: Quantity, language: str, style: Style) -> str:
    if quantity.kind == "date":
        if len(str(quantity.value)) == len("2011-11"):
            return month_name(str(quantity.value), language)
        try:
            day = dt.date.fromisoformat(str(quantity.value)[:10])
        except ValueError:
            return shorten(str(quantity.value))
        pattern = _word(language, "date" if style == "prose" else "date_short")
        return format_date(day, format=pattern, locale=_locale(language))
    if quantity.kind == "remark":
        return shorten(str(quantity.value), LONGEST_REMARK)
    return shorten(str(quantity.value), LONGEST_CELL if style == "cell" else LONGEST_TEXT)


def _count(quantity: Quantity, language: str, style: Style) -> str:
    return _decimal(_places(quantity.value, 0), 0, language)


def _share(quantity: Quantity, language: str, style: Style) -> str:
    percent = _exact(quantity.value) * 100
    decimals = quantity.decimals
    if decimals is None:
        decimals = 1 if 0 < abs(_places(percent, 1)) < 10 else 0
    return _decimal(_places(percent, decimals), decimals, language) + _word(language, "percent")


def _change(quantity: Quantity, language: str, style: Style) -> str:
    shown = _share(quantity, language, style)
    return f"+{shown}" if float(quantity.value or 0) > 0 and re.search("[1-9]", shown) else shown


def _points(quantity: Quantity, language: str, style: Style) -> str:
    rounded = _places(_exact(quantity.value) * 100, 1 if quantity.decimals is None else quantity.decimals)
    shown = _decimal(rounded, -int(rounded.as_tuple().exponent), language)
    sign = "+" if rounded > 0 else ""
    return f"{sign}{shown}{_NBSP}{_word(language, 'points' if style == 'prose' else 'points_short')}"


def _money(quantity: Quantity, language: str, style: Style) -> str:
    value = _exact(quantity.value)
    if not _is_currency(quantity.unit, language):
        return _number(quantity, language, style)
    if style == "cell" or quantity.decimals is not None:
        decimals = quantity.decimals if quantity.decimals is not None else (0 if abs(value) >= 100 else 2)
        return _with_currency(_places(value, decimals), decimals, "", quantity.unit, language)
    rounded = _significant(value)
    for size, word in ((9, "billion"), (6, "million"), (4, "thousand")):
        if abs(rounded) >= Decimal(10) ** size:
            scaled = rounded.scaleb(-3 if size == 4 else -size)
            return _with_currency(scaled, 1 if abs(scaled) < 10 else 0, _word(language, word), quantity.unit, language)
    decimals = 0 if abs(rounded) >= 10 or rounded == 0 else 2
    return _with_currency(rounded, decimals, "", quantity.unit, language)


def _ratio(quantity: Quantity, language: str, style: Style) -> str:
    value = _exact(quantity.value)
    if style == "cell":
        decimals = 1 if quantity.decimals is None else quantity.decimals
        return _decimal(_places(value, decimals), decimals, language) + "×"
    limits: tuple[tuple[str, str], ...] = (
        ("0.10", "under_tenth"),
        ("0.25", "under_quarter"),
        ("0.50", "under_half"),
        ("0.95", "less"),
        ("1.05", "same"),
        ("1.75", "more"),
        ("1.90", "times"),
        ("2.10", "twice"),
    )
    form = next((word for limit, word in limits if value < Decimal(limit)), "times")
    percent = _decimal(_places(abs(1 - value) * 100, 0), 0, language) + _word(language, "percent")
    rounded = _places(value, 1) if value < 10 else _significant(value)
    times = _decimal(rounded, 1 if value < 10 else 0, language)
    return phrases(language)[f"ratio.{form}"].replace("{percent}", percent).replace("{times}", times)


def _days(quantity: Quantity, language: str, style: Style) -> str:
    if style == "prose":
        return _days_in_prose(quantity, language, _word(language, "days"))
    decimals = quantity.decimals or 0
    return _decimal(_places(quantity.value, decimals), decimals, language)


def _days_in_prose(quantity: Quantity, language: str, forms: str) -> str:
    value = _exact(quantity.value)
    whole = _places(value, 0)
    rounded = whole if quantity.decimals is not None or abs(value) < 10 else _significant(value)
    return f"{_decimal(rounded, 0, language)}{_NBSP}{_plural(forms, rounded, language)}"


def _number(quantity: Quantity, language: str, style: Style) -> str:
    value = _exact(quantity.value)
    decimals = quantity.decimals
    if decimals is None:
        decimals = 0 if abs(value) >= (10 if style == "prose" else 100) or value == value.to_integral() else 1
        decimals = 2 if 0 < abs(value) < 1 else decimals
    shown = _decimal(_places(value, decimals), decimals, language)
    if style == "cell" or not quantity.unit:
        return shown
    gap = "" if quantity.unit in ("%", "°") else _NBSP
    return f"{shown}{gap}{shorten(quantity.unit, 20)}"


def _score(quantity: Quantity, language: str, style: Style) -> str:
    decimals = 2 if quantity.decimals is None else quantity.decimals
    return _decimal(_places(quantity.value, decimals), decimals, language)


_FORMATS: Mapping[str, Callable[[Quantity, str, Style], str]] = {
    "count": _count,
    "money": _money,
    "share": _share,
    "change": _change,
    "points": _points,
    "index": _count,
    "ratio": _ratio,
    "days": _days,
    "number": _number,
    "score": _score,
    "date": _number,
    "text": _number,
    "remark": _number,
}


def _exact(value: object) -> Decimal:
    """Return the shortest decimal that reads back as this float, so that 0.285 rounds as it is written."""
    return value if isinstance(value, Decimal) else Decimal(repr(float(str(value))))


def _places(value: object, decimals: int) -> Decimal:
    rounded = _exact(value).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, _WIDE)
    return abs(rounded) if rounded == 0 else rounded


def _significant(value: Decimal, figures: int = 2) -> Decimal:
    if value == 0:
        return value
    return value.quantize(Decimal(1).scaleb(value.adjusted() - figures + 1), ROUND_HALF_UP)


def _decimal(value: Decimal, decimals: int, language: str) -> str:
    return _written(value, decimals, formats_of(language))


@lru_cache(maxsize=10_000)
def _written(value: Decimal, decimals: int, code: str) -> str:
    """Write a number that is rounded already, so that babel, which rounds half to even, has nothing to round.

    A page for the screen and one for print hold the same numbers.
    """
    pattern = "#,##0" + ("." + "0" * decimals if decimals > 0 else "")
    with localcontext(_WIDE):
        shown = format_decimal(value, format=pattern, locale=_parsed(code))
    return str(shown).replace("-", _MINUS)


def _with_currency(value: Decimal, decimals: int, word: str, unit: str, language: str) -> str:
    """Put the sign where the locale puts it: €41k, −€3, 41 Tsd. €."""
    before, after = currency_affixes(unit, language)
    sign = _MINUS if value < 0 else ""
    return f"{sign}{before}{_decimal(abs(value), decimals, language)}{word}{after}"


def _is_currency(unit: str, language: str) -> bool:
    """Tell €, EUR, R$ and no unit at all from units such as k$, which follow their number."""
    symbols = _locale(language).currency_symbols
    if not unit or unit in symbols or unit in symbols.values():
        return True
    return len(unit) == 1 and unicodedata.category(unit) == "Sc"


def _plural(forms: str, value: Decimal, language: str) -> str:
    """Pick the form of a word that goes with a number; forms stand in CLDR order (one|other, one|few|many|other)."""
    rule = _locale(language).plural_form
    known = [tag for tag in _PLURALS if tag in rule.tags or tag == "other"]
    words = forms.split("|")
    return words[min(known.index(rule(value)), len(words) - 1)]


def _word(language: str, name: str) -> str:
    return str(phrases(language)[f"format.{name}"])


def _locale(language: str) -> Locale:
    return _parsed(formats_of(language))


@cache
def _parsed(code: str) -> Locale:
    try:
        return Locale.parse(code, sep="-")
    except (UnknownLocaleError, ValueError):
        hint = 'Name a related one in its file, above the first table: formats = "en".'
        raise ConfigError(f"no rules for numbers and dates are known for the language '{code}'", hint) from None
