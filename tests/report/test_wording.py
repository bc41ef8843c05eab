"""Numbers and sentences: every rule of rounding and wording as a literal."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reportgen.errors import ConfigError
from reportgen.report.wording import (
    apportion,
    banned_words,
    currency_affixes,
    format_quantity,
    month_name,
    phrases,
    say,
    shorten,
    unit_text,
)
from reportgen.values import Kind, Quantity, statement


def prose(value: float | str | None, kind: Kind, unit: str = "", decimals: int | None = None) -> str:
    return format_quantity(Quantity(value, kind, unit, decimals), "en", "prose")


def cell(value: float | str | None, kind: Kind, unit: str = "", decimals: int | None = None) -> str:
    return format_quantity(Quantity(value, kind, unit, decimals), "en")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (140.0, "€140"),
        (5_600.0, "€5,600"),
        (9_960.0, "€10k"),
        (41_234.0, "€41k"),
        (410_000.0, "€410k"),
        (999_999.0, "€1.0m"),
        (1_234_567.0, "€1.2m"),
        (2_000_000_000.0, "€2.0bn"),
        (3.456, "€3.50"),
        (0.0, "€0"),
        (-41_234.0, "−€41k"),
    ],
)
def test_money_in_prose_has_two_figures_and_short_forms(value: float, shown: str) -> None:
    assert prose(value, "money", "EUR") == shown


def test_money_without_currency_is_a_number_and_other_units_follow_it() -> None:
    assert prose(41_234.0, "money") == "41k"
    assert prose(86.54, "money", "k$") == "87\u00a0k$"
    assert cell(8_911_407.9, "money", "GBP", 2) == "£8,911,407.90"
    assert currency_affixes("EUR", "de") == ("", "\u00a0€")
    assert currency_affixes("CHF", "en") == ("CHF\u00a0", "")


@pytest.mark.parametrize(
    ("ratio", "words"),
    [
        (0.099, "less than a tenth of the average"),
        (0.1, "less than a quarter of the average"),
        (0.25, "less than half of the average"),
        (0.5, "50% less than average"),
        (0.9499, "5% less than average"),
        (0.95, "about the same as the average customer"),
        (1.0499, "about the same as the average customer"),
        (1.05, "5% more than average"),
        (1.18, "18% more than average"),
        (1.7499, "75% more than average"),
        (1.75, "1.8 times the average"),
        (1.9, "about twice the average"),
        (2.0999, "about twice the average"),
        (2.1, "2.1 times the average"),
        (12.34, "12 times the average"),
    ],
)
def test_ratios_read_as_the_rules_say(ratio: float, words: str) -> None:
    assert prose(ratio, "ratio") == words
    assert cell(ratio, "ratio").endswith("×")


@pytest.mark.parametrize(
    ("share", "shown"), [(0.285, "29%"), (0.0961, "9.6%"), (0.0996, "10%"), (0.0, "0%"), (1.0, "100%"), (0.005, "0.5%")]
)
def test_shares_are_whole_percent_with_a_decimal_below_ten(share: float, shown: str) -> None:
    assert prose(share, "share") == cell(share, "share") == shown


def test_rounding_is_half_away_from_zero_on_the_number_as_written() -> None:
    assert cell(0.125, "share", decimals=0) == "13%"
    assert cell(2.675, "number", decimals=2) == "2.68"
    assert cell(-2.5, "number", decimals=0) == "−3"
    assert cell(-0.2, "number", decimals=0) == "0"


def test_changes_days_scores_dates_and_hidden_cells() -> None:
    assert prose(0.03, "points") == "+3.0\u00a0percentage points"
    assert prose(374.0, "days") == "370\u00a0days"
    assert prose(374.0, "days", decimals=0) == "374\u00a0days"
    assert prose(1.0, "days") == "1\u00a0day"
    assert cell(0.5539, "score") == "0.55"
    assert prose("2011-06-30", "date") == "30 June 2011"
    assert format_quantity(Quantity(3, "count", suppressed=True), "en", "prose") == "fewer than 10"
    assert format_quantity(Quantity(3, "count", suppressed=True)) == "<10"
    assert format_quantity(Quantity(0.3, "share", suppressed=True)) == "–"
    assert cell(None, "money") == cell(math.nan, "number") == cell(math.inf, "money") == "–"
    assert month_name("2011-11", short=True) == "Nov 2011"


def test_units_stand_beside_cells_and_inside_prose() -> None:
    assert (cell(86.54, "number", "k$"), unit_text(Quantity(86.54, "number", "k$"))) == ("86.5", "k$")
    assert prose(86.54, "number", "k$") == "87\u00a0k$"
    assert unit_text(Quantity(1, "days")) == "day"
    assert unit_text(Quantity(5.0, "money", "EUR")) == ""


def test_sentences_keep_their_sources_and_pick_plural_forms() -> None:
    one = statement("method.logarithms", columns=Quantity(1, "count"))
    many = statement("method.logarithms", columns=Quantity(3, "count"))
    assert say(one).text == "Logarithms were taken of 1 skewed column."
    assert say(many).text == "Logarithms were taken of 3 skewed columns."
    assert say(many).sources == (many,)


def test_a_missing_phrase_or_value_is_an_error() -> None:
    with pytest.raises(KeyError):
        say(statement("no.such_phrase"))
    with pytest.raises(KeyError):
        say(statement("method.logarithms"))


def test_unknown_languages_are_refused() -> None:
    with pytest.raises(ConfigError, match="language"):
        phrases("xx-nonsense")
    assert phrases("en-GB") == phrases("en")


def test_data_values_are_shortened_and_made_harmless() -> None:
    long = prose("x" * 10_000, "text")
    assert len(long) == 60
    assert long.endswith("…")
    assert shorten("a\0b\nc\u202ed") == "a b c d"
    assert shorten("مرحبا") == "\u2068مرحبا\u2069"
    assert shorten("👨\u200d👩\u200d👧") == "👨\u200d👩\u200d👧"
    assert cell("=1+1<script>", "text") == "=1+1<script>"  # markup is escaped where it is written


def test_largest_remainder_gives_ties_to_the_larger_then_the_earlier_part() -> None:
    assert apportion([39 / 200, 22 / 200, 81 / 200, 23 / 200, 35 / 200]) == (0.20, 0.11, 0.41, 0.11, 0.17)
    assert apportion([1 / 3, 1 / 3, 1 / 3]) == (0.34, 0.33, 0.33)
    assert apportion([0.5, 0.2]) == (0.5, 0.2)


@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=25), st.sampled_from([2, 3]))
def test_apportioned_shares_total_one_and_stay_within_a_unit(sizes: list[int], decimals: int) -> None:
    shares = [size / sum(sizes) for size in sizes]
    rounded = apportion(shares, decimals)
    assert round(sum(rounded), 9) == 1
    assert all(abs(a - b) < 10**-decimals + 1e-9 for a, b in zip(shares, rounded, strict=True))


@given(st.floats(allow_nan=True, allow_infinity=True, width=32), st.sampled_from(["money", "share", "ratio", "number"]))
def test_every_number_prints_without_trouble(value: float, kind: Kind) -> None:
    for shown in (cell(value, kind, "EUR"), prose(value, kind, "EUR")):
        assert shown
        assert "nan" not in shown.lower()
        assert "E+" not in shown


def test_banned_words_are_listed() -> None:
    assert "because" in banned_words()


@pytest.mark.parametrize(
    ("month", "kept"), [("2024-10", "d’octobre 2024"), ("2024-08", "d’août 2024"), ("2024-09", "de septembre 2024")]
)
def test_french_elides_before_a_month_that_begins_with_a_vowel(month: str, kept: str) -> None:
    said = say(statement("change.kept", month=Quantity(month, "date")), "fr").text
    assert said == f"Les segments sont ceux {kept}, pour que les mois se comparent."


def test_french_counts_the_first_of_a_month_as_such() -> None:
    days = {"first": Quantity("2024-01-01", "date"), "last": Quantity("2024-12-31", "date")}
    assert say(statement("trust.period", **days), "fr").text == "Commandes du 1er janvier 2024 au 31 décembre 2024."
