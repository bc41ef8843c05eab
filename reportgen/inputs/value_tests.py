"""Value tests: what the cells of a column say about a role (domain.md 13.5), whatever its header says."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable
from importlib import resources

from reportgen.inputs.currencies import currency_code
from reportgen.inputs.facts import Facts
from reportgen.inputs.statuses import plain_status, status_meaning
from reportgen.inputs.words import word_set

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]{2,}")
_TIME = re.compile(r"\d{1,2}[:.h]\d{2}(?::\d{2})?(?:\s?[AaPp]\.?[Mm]\.?)?")
_BAND = re.compile(
    r"(?:under |unter |over |über |<=?|>=?|≤|≥)?\s?\d{1,3}\s?(?:\+|(?:-|–|to|bis|à|a|until)\s?\d{1,3}|and over|plus)?"
    r"(?:\s?(?:years|jahre|ans|años|anni|anos|jaar|lat|år))?",
    re.IGNORECASE,
)
_POSTCODE = re.compile(r"'?[A-Za-z0-9][A-Za-z0-9 -]{1,9}(?:\.0)?")
_ORDER_NAME = re.compile(r"#?[A-Za-z]*[-_]?\d+")
_GUID = re.compile(r"\{?[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}\}?")


@functools.cache
def value_words(name: str) -> frozenset[str]:
    """Return one list of ``value_words.json``, in lower case."""
    lists = json.loads(resources.files(__package__).joinpath("value_words.json").read_text("utf-8"))
    return frozenset(word.casefold() for word in lists[name])


def passing(test: str, facts: Facts) -> float:
    """Return the share of known cells that pass a test; of distinct values where the test is about those."""
    return _TESTS[test][0](facts) if facts.known > 0 else 0.0


def passes(test: str, facts: Facts) -> bool:
    """Whether enough cells pass."""
    return passing(test, facts) >= _TESTS[test][1]


def is_words(facts: Facts) -> bool:
    """Whether the cells are neither numbers nor dates."""
    return facts.numeric < 0.95 and not _written_dates(facts)


def is_dates(facts: Facts) -> bool:
    """Whether the cells are dates by themselves: written with separators or names, or typed, or plainly YYYYMMDD."""
    plain = facts.date is not None and facts.date.format.pattern == "%Y%m%d"
    return _date(facts) >= 0.95 and (_written_dates(facts) or (plain and facts.distinct > 1))


def order_names(facts: Facts) -> bool:
    """Whether a column called "Name" holds order numbers such as #1001."""
    return _share(facts, lambda value: bool(_ORDER_NAME.fullmatch(value))) >= 0.8


def is_guids(facts: Facts) -> bool:
    """Whether the cells are GUIDs."""
    return _share(facts, lambda value: bool(_GUID.fullmatch(value))) >= 0.95


def is_gender(facts: Facts) -> bool:
    """Whether cells name two genders, with or without a header that says so."""
    values = {value.casefold() for value, _ in facts.sample}
    core = values - {"other", "x", "u", "d", "divers", "diverse", "unknown", "n/a"}
    return (
        2 <= len(core) <= 4
        and len(values) <= 6
        and values <= value_words("gender")
        and bool(
            {"m", "f"} <= core
            or {"m", "w"} <= core
            or {"м", "ж"} <= core
            or any(len(value) > 2 or value in "男女" for value in core)
        )
    )


def payment_cards(facts: Facts) -> bool:
    """Whether the values look like payment card numbers: 13 to 19 digits that pass the Luhn check."""
    digits = [re.sub(r"[ -]", "", value) for value, _ in facts.sample]
    long = [value for value in digits if re.fullmatch(r"\d{13,19}", value)]
    return len(long) >= 10 and len(long) >= 0.95 * len(digits) and sum(map(_luhn, long)) >= 0.95 * len(long)


def _luhn(digits: str) -> bool:
    doubled = [int(d) * (2 if i % 2 else 1) for i, d in enumerate(reversed(digits))]
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def _share(facts: Facts, good: Callable[[str], bool]) -> float:
    total = sum(n for _, n in facts.sample)
    return sum(n for value, n in facts.sample if good(value)) / total if total else 0.0


def _distinct_share(facts: Facts, good: Callable[[str], bool]) -> float:
    return sum(good(value) for value, _ in facts.sample) / len(facts.sample) if facts.sample else 0.0


def _written_dates(facts: Facts) -> bool:
    """Dates that no one could take for numbers."""
    return facts.dated >= 0.95 and facts.numeric < 0.95


def _id(facts: Facts) -> float:
    fractions = facts.numeric >= 0.95 and facts.whole < 0.95 * facts.known
    flag = facts.distinct < 2 or facts.sql_type == "BOOLEAN"
    return 0.0 if fractions or flag or _written_dates(facts) or payment_cards(facts) else 1.0


def _phone(facts: Facts) -> float:
    return _share(facts, lambda value: bool(re.fullmatch(r"'?\d{7,15}(?:\.0)?", re.sub(r"[-+()./ ](?!0$)", "", value))))


def _date(facts: Facts) -> float:
    return facts.date.recent / facts.known if facts.date else 0.0


def _integer(facts: Facts) -> float:
    whole = facts.whole / facts.known
    return whole if (facts.low or 0) >= 0 else 0.0


def _status(facts: Facts) -> float:
    """Most cells hold known statuses, or most statuses are known: "OK" and "OR" among states of the USA are not."""
    cells, values = _share(facts, _is_status), _distinct_share(facts, _is_status)
    return values if values >= 0.8 else cells


def _is_status(value: str) -> bool:
    return bool(status_meaning(value)) or plain_status(value) in _other_statuses()


@functools.cache
def _other_statuses() -> frozenset[str]:
    return frozenset(map(plain_status, value_words("status")))


def _label(facts: Facts) -> float:
    few = facts.distinct <= max(50, 0.05 * facts.rows)
    codes = facts.integral and facts.distinct <= 50
    return 1.0 if few and (is_words(facts) or codes) else 0.0


def _is_answer(value: str) -> bool:
    said = value.casefold().removesuffix(".0")
    return said in value_words("yes_no") or said in word_set("yes") | word_set("no")


def _flag(facts: Facts) -> float:
    return _share(facts, _is_answer)


def _consent(facts: Facts) -> float:
    consent = value_words("consent")
    return _share(facts, lambda value: _is_answer(value) or value.casefold() in consent)


def _country(facts: Facts) -> float:
    """Countries are told by their shape: their names are too many, in too many languages."""
    names = facts.distinct <= 300 and is_words(facts)
    return _share(facts, lambda value: len(value) <= 60 and not any(c.isdigit() for c in value)) if names else 0.0


def _gender(facts: Facts) -> float:
    codes = facts.integral and facts.distinct <= 3  # "gender = 1": a header that strong is not contradicted by codes
    words = facts.distinct <= 6 and _share(facts, lambda value: value.casefold() in value_words("gender")) >= 0.8
    return 1.0 if codes or words else 0.0


def _age(facts: Facts) -> float:
    if facts.numeric >= 0.95:
        return facts.whole / facts.known if (facts.low or 0) >= 0 and (facts.high or 0) <= 130 else 0.0
    return _share(facts, lambda value: bool(_BAND.fullmatch(value.strip()))) if facts.distinct <= 50 else 0.0


def _birth(facts: Facts) -> float:
    if facts.integral and (facts.low or 0) >= 1850 and (facts.high or 0) <= 2100:
        return facts.whole / facts.known
    return facts.dated


_TESTS: dict[str, tuple[Callable[[Facts], float], float]] = {
    "id": (_id, 0.95),
    "email": (lambda f: _share(f, lambda value: bool(_EMAIL.fullmatch(value))), 0.9),
    "phone": (_phone, 0.8),
    "date": (_date, 0.95),
    "time": (lambda f: _share(f, lambda value: bool(_TIME.fullmatch(value))), 0.95),
    "amount": (lambda f: f.numeric, 0.95),
    "number": (lambda f: f.numeric, 0.95),
    "integer": (_integer, 0.95),
    "status": (_status, 0.5),
    "currency": (lambda f: _share(f, lambda value: currency_code(value) is not None), 0.9),
    "country": (_country, 0.9),
    "postcode": (lambda f: _share(f, lambda value: bool(_POSTCODE.fullmatch(value))), 0.9),
    "consent": (_consent, 0.9),
    "flag": (_flag, 0.95),
    "date_or_flag": (lambda f: max(_date(f), _flag(f)), 0.95),
    "label": (_label, 1.0),
    "gender": (_gender, 1.0),
    "age": (_age, 0.95),
    "birth": (_birth, 0.95),
    "text": (lambda f: float(is_words(f)), 1.0),
    "any": (lambda _: 1.0, 0.0),
}
