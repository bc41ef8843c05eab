"""Every language says the same things: same keys, same values, names that fit, and no English left in another one."""

from __future__ import annotations

import calendar
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from analyses import analysis_of, log_like, mall_like
from shared import ROOT

from reportgen.analysis import Analysis
from reportgen.config import Config, load_config
from reportgen.errors import ConfigError
from reportgen.inputs.translate import in_language
from reportgen.locales import Language, phrases
from reportgen.profiling.catalogue import read_catalogue
from reportgen.profiling.vocabulary import read_vocabulary
from reportgen.report.checks import check_report
from reportgen.report.html import render_html
from reportgen.report.sections import compose
from reportgen.report.wording import banned_words, format_quantity, say
from reportgen.values import Quantity, statement

LOCALES = sorted((ROOT / "templates/locales").glob("*.toml"))
TRANSLATED = [path.stem for path in LOCALES if path.stem != "en"]
ENGLISH = tomllib.loads((ROOT / "templates/locales/en.toml").read_text(encoding="utf-8"))


def entries(node: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in node.items():
        if isinstance(value, dict):
            yield from entries(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def values_in(phrase: str) -> set[str]:
    return set(re.findall(r"\{\^?(\w+)", phrase))


@cache
def told(code: str, kind: str, folder: str = "") -> Analysis:
    """An analysis described in a language."""
    made = mall_like() if kind == "table" else log_like()
    config = load_config(report__language=code, report__templates=folder)
    return analysis_of(made.source, in_language(made.customers, config), config)


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_language_has_the_keys_and_the_values_of_english(code: str) -> None:
    english, own = dict(entries(ENGLISH)), dict(entries(tomllib.loads(read(code))))
    own.pop("spelling.rules", None)  # not every language needs any
    assert own.keys() == english.keys()
    wrong = [
        key for key, phrase in english.items() if isinstance(phrase, str) and values_in(phrase) != values_in(own[key])
    ]
    assert not wrong


def read(code: str) -> str:
    return (ROOT / f"templates/locales/{code}.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("code", [path.stem for path in LOCALES])
def test_every_opening_of_a_name_fits_and_no_two_words_are_the_same(code: str) -> None:
    config = load_config(report__language=code)
    words, names = read_vocabulary(config), read_catalogue("names", config)
    values = [words.value(entry["word"], names["value"]["suffix"]) for entry in names["value"]["words"]]
    states = [words.state(state) for state in ("New", "One-time", "Active", "Slowing", "Lapsed")]
    for group in (values, states, [words.trait(entry["word"]) for entry in names["trait"]]):
        assert len(set(group)) == len(group)
    openings = [words.form("spend_state", spend=value, state=state) for value in values for state in states]
    assert max(map(len, openings)) <= names["longest"], max(openings, key=len)
    assert words.names["trait"].keys() >= {entry["word"] for entry in names["trait"]}


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_language_keeps_its_own_banned_words_out(code: str) -> None:
    exempt = ("group.", "role.", "format.")
    for key, phrase in phrases(code).items():
        plain = re.sub(r"\{[^}]*\}", "X", phrase)
        found = [p for p in banned_words(code) if re.search(rf"(?<!\w)(?:{p})(?!\w)", plain, re.IGNORECASE)]
        assert key.startswith(exempt) or not found, (key, found)


@pytest.mark.parametrize("kind", ["table", "log"])
@pytest.mark.parametrize("code", TRANSLATED)
def test_a_report_in_another_language_is_sound(code: str, kind: str) -> None:
    analysis = told(code, kind)
    report = compose(analysis, load_config(report__language=code))
    assert check_report(report) == ()
    assert all(len(ref.name) <= 28 for ref in report.segments)
    assert f'<html lang="{code}">' in render_html(report)


@pytest.mark.parametrize(
    ("code", "quantity", "shown"),
    [
        ("de", Quantity(41_234.0, "money", "EUR"), "41\u00a0Tsd.\u00a0€"),
        ("de", Quantity(0.125, "share", decimals=1), "12,5\u202f%"),
        ("fr", Quantity(41_234.0, "money", "EUR"), "41\u00a0k\u00a0€"),
        ("fr", Quantity(0.41, "share"), "41\u202f%"),
        ("fr", Quantity(12_345, "count"), "12\u202f345"),
        ("es", Quantity(1_234_567.0, "money", "EUR"), "1,2\u00a0M\u00a0€"),
        ("es", Quantity("2011-11-30", "date"), "30 de noviembre de 2011"),
        ("fr", Quantity(1.18, "ratio"), "18\u202f% de plus que la moyenne"),
        ("de", Quantity(2.5, "ratio"), "das 2,5-Fache des Durchschnitts"),
    ],
)
def test_figures_follow_the_language(code: str, quantity: Quantity, shown: str) -> None:
    assert format_quantity(quantity, code, "prose") == shown


def test_days_take_the_case_that_the_sentence_needs() -> None:
    gap = Quantity(21.0, "days", decimals=0)
    assert "nach 21\u00a0Tagen" in say(statement("action.personal.detail", own_gap=gap, lapse_limit=gap), "de").text
    assert say(statement("action.timing.once_then", double_gap=gap), "de").text.endswith("alle 21\u00a0Tage.")


# ------------------------------------------------------------------------------- a language nobody has heard of


def masked(phrase: str) -> str:
    """A phrase in another alphabet, its values and plural forms in place."""

    def letters(text: str) -> str:
        return re.sub(r"[A-Za-z]", lambda match: chr(0x430 + ord(match[0].lower()) - 97), text)

    parts = re.split(r"(\{\^?\w+(?:[:=][^}]*)?\})", phrase)
    for place, part in enumerate(parts):
        head, mark, forms = re.match(r"(\{\^?\w+)?([:=]?)(.*)", part, re.DOTALL).groups()  # type: ignore[union-attr]
        parts[place] = f"{head}{mark}{letters(forms)}" if head else letters(part)
    return "".join(parts)


def toml(table: dict[str, Any], name: str = "") -> Iterator[str]:
    if name:
        yield f"[{name}]"
    simple = {key: value for key, value in table.items() if not isinstance(value, dict)}
    for key, value in simple.items():
        kept = not isinstance(value, str) or "MMM" in value or key in ("formats", "decimal")
        shown = value if kept else masked(value)
        yield f"{key} = {str(shown).lower() if isinstance(shown, bool) else repr_toml(shown)}"
    for key in table.keys() - simple.keys():
        yield from toml(table[key], f"{name}.{key}".lstrip("."))


def repr_toml(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(repr_toml(item) for item in value) + "]"
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def made_up(folder: Path, change: Callable[[dict[str, Any]], dict[str, Any]] = dict) -> str:
    (folder / "locales").mkdir()
    text = "\n".join(toml(change({"formats": "en", **ENGLISH})))
    (folder / "locales/xx.toml").write_text(text, encoding="utf-8")
    return str(folder)


@pytest.mark.parametrize("kind", ["table", "log"])
def test_another_language_needs_no_code_and_leaves_no_english_word(tmp_path: Path, kind: str) -> None:
    folder = made_up(tmp_path)
    config = load_config(report__language="xx", report__templates=folder)
    analysis = told("xx", kind, folder)
    report = compose(analysis, config)
    page = re.sub(r"<style.*?</style>|<head>.*?</head>", "", render_html(report, config), flags=re.DOTALL)
    page = re.sub(r'<(\w+)[^>]* lang="en">.*?</\1>', " ", page, flags=re.DOTALL)
    seen = unescape(
        " ".join(re.findall(r'(?:alt|aria-label|data-nav|title)="([^"]*)"', page)) + re.sub(r"<[^>]*>", " ", page)
    )
    for own in names_in_the_data(analysis):
        seen = re.sub(re.escape(own), " ", seen, flags=re.IGNORECASE)
    known = {*calendar.month_name, *calendar.month_abbr, "sco"}  # "spending sco…" on a narrow map
    left = {word for word in re.findall(r"[A-Za-z]{3,}", seen) if word not in known}
    assert not left


def names_in_the_data(analysis: Analysis) -> list[str]:
    customers = analysis.customers
    found = {
        analysis.source,
        customers.currency,
        *(f.label for f in customers.fields),
        *(f.short for f in customers.fields),
    }
    found |= (
        {f.name for f in customers.fields}
        | {f.unit for f in customers.fields}
        | {c.name for c in customers.schema.columns}
    )
    found |= {level.level for profile in analysis.profiles for level in profile.levels}
    if customers.order_facts is not None:
        found |= set(customers.order_facts.categories)
    found |= {analysis.source.removesuffix(".csv")}
    found |= {word for label in tuple(found) for word in label.split()}
    return sorted((word for word in found if len(word) > 2 or word in ("k$",)), key=len, reverse=True)


def test_a_language_of_the_users_must_be_complete(tmp_path: Path) -> None:
    def shortened(whole: dict[str, Any]) -> dict[str, Any]:
        return {**whole, "phrases": {**whole["phrases"], "cover": {}}}

    language = Language("xx", made_up(tmp_path, shortened))
    with pytest.raises(ConfigError, match=r"xx\.toml lacks phrases\.cover\.kicker, .* and 2 more"):
        phrases(language)


def test_words_of_ours_can_be_replaced_one_by_one(tmp_path: Path) -> None:
    (tmp_path / "locales").mkdir()
    (tmp_path / "locales/de.toml").write_text('[phrases.cover]\nkicker = "Kundenbericht"\n', encoding="utf-8")
    own = phrases(Language("de", str(tmp_path)))
    assert (own["cover.kicker"], own["cover.data"]) == ("Kundenbericht", "Daten")
    assert phrases("de")["cover.kicker"] != "Kundenbericht"


@pytest.mark.parametrize("code", ["ge", "../en", "/etc/x", "", "en.toml", "tlh"])
def test_an_unknown_language_is_refused_with_those_that_are_known(code: str) -> None:
    with pytest.raises(ConfigError) as error:
        phrases(Language(code))
    assert "de, en, es, fr" in error.value.hint


def test_sections_can_be_left_out_and_reordered() -> None:
    config = load_config(report__sections=("terms", "summary", "segments"))
    report = compose(replace(told("en", "table")), config)
    ids = [section.id for section in report.sections]
    assert ids[:2] == ["appendix-terms", "summary"]
    assert all(id.startswith("segment") for id in ids[2:])
    page = render_html(report, config)
    links = re.findall(r'<li class="\w+"><a href="#([\w-]+)"', page)
    assert links == ids
    assert report.title == compose(told("en", "table"), Config()).title


def test_an_unknown_or_repeated_section_is_refused_with_the_list() -> None:
    with pytest.raises(ConfigError, match=r"'cover', 'summary', 'movement', 'map'"):
        load_config(report__sections=("summary", "mapp"))
    with pytest.raises(ConfigError, match="none twice"):
        load_config(report__sections=("map", "map"))


def test_french_signs_stay_with_the_word_before_them() -> None:
    """A line never begins with one: the spaces around them don't break."""
    loose = re.compile(r"(?<=\S) [;:?!»]|« ")
    phrases = entries(tomllib.loads(read("fr"))["phrases"])
    assert [key for key, phrase in phrases if isinstance(phrase, str) and loose.search(phrase)] == []
