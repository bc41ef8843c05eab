from __future__ import annotations

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reportgen.inputs.numbers import (
    CONVENTIONS,
    NumberChoice,
    NumberFormat,
    choose_number,
    is_missing,
    number_stages,
    number_tests,
    parse_number,
)

CON = duckdb.connect()
CON.execute("SET threads = 1")
POINT, COMMA = NumberFormat(".", ","), NumberFormat(",", ".")


def detect(values: list[str], prefer: str | None = None) -> NumberChoice | None:
    source = "(SELECT unnest(?) AS value)"
    for stage in number_stages():
        source = f"(SELECT {stage} FROM {source})"
    counts = ", ".join(f"count(*) FILTER ({test})" for test in number_tests().values())
    row = CON.execute(f"SELECT {counts} FROM {source}", [values]).fetchall()[0]
    return choose_number(dict(zip(number_tests(), row, strict=True)), prefer)  # type: ignore[arg-type]


def parse(values: list[str], fmt: NumberFormat) -> list[float | None]:
    rows = CON.execute(f"SELECT {parse_number('value', fmt)} FROM (SELECT unnest(?) AS value)", [values]).fetchall()
    return [row[0] for row in rows]


def read(*values: str) -> list[float | None]:
    choice = detect(list(values))
    assert choice is not None
    assert not choice.ambiguous
    return parse(list(values), choice.format)


@pytest.mark.parametrize(
    ("written", "numbers"),
    [
        (["1.234,56", "7"], [1234.56, 7]),
        (["￥1,234", "￥980", "￥12,000"], [1234, 980, 12000]),  # money without cents
        (["1.234円", "980円"], [1234, 980]),
        (["1,234.56", "7"], [1234.56, 7]),
        (["1 234,56", "7"], [1234.56, 7]),
        (["1\u00a0234,56", "1\u202f234\u202f567,5"], [1234.56, 1234567.5]),
        (["1'234.50", "2’345’678"], [1234.5, 2345678]),
        (["1,23,456.70", "12,34,567"], [123456.7, 1234567]),
        (["€ 1.234,50", "2,00 €", "EUR 3,10", "4,5 eur"], [1234.5, 2, 3.1, 4.5]),
        (["$1,234.50", "-$12.00", "$-3.00"], [1234.5, -12, -3]),
        (["R$ 1.234,50", "R$ 2,00"], [1234.5, 2]),
        (["12,50 kr", "kr 1,25", "3,5 zł"], [12.5, 1.25, 3.5]),
        (["(12.00)", "12.00-", "−3.5", "- 4.25", "+1.5"], [-12, -12, -3.5, -4.25, 1.5]),
        (["12%", "3.5 %"], [12, 3.5]),
        (["1.5e3", "2E-2", "7"], [1500, 0.02, 7]),
        ([".5", "0.25"], [0.5, 0.25]),
        ([",5", "0,25"], [0.5, 0.25]),
        (["１２３", "４５"], [123, 45]),
        (["-0", "0"], [0, 0]),
    ],
)
def test_each_convention_is_told_and_read(written: list[str], numbers: list[float]) -> None:
    assert read(*written) == numbers
    assert "-0.0" not in str(read(*written))


@pytest.mark.parametrize("values", [["1.234", "5"], ["1,234", "12"], ["1.234", "-9.876", "1,234"]])
def test_thousands_or_three_decimals_is_a_question(values: list[str]) -> None:
    choice = detect(values)
    assert choice is not None
    assert choice.ambiguous


@pytest.mark.parametrize(
    ("values", "decimal"),
    [
        (["1.234", "1.2"], "."),
        (["1.234", "0.123"], "."),
        (["1.234", "1234.567"], "."),
        (["1.234", "1.234.567"], ","),
        (["1.234", "1.234,5"], ","),
        (["1,234", "0,5"], ","),
    ],
)
def test_the_rest_of_the_column_answers_it(values: list[str], decimal: str) -> None:
    choice = detect(values)
    assert choice is not None
    assert (choice.format.decimal, choice.ambiguous) == (decimal, False)


def test_blanks_of_any_kind_around_a_bare_number_do_no_harm() -> None:
    assert parse(["\u00a012.5", " 7\t"], NumberFormat()) == [12.5, 7]


def test_a_preference_answers_it_too() -> None:
    assert parse(["1.234"], detect(["1.234"], ",").format) == [1234]  # type: ignore[union-attr]
    assert parse(["1.234"], detect(["1.234"], ".").format) == [1.234]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "text", ["12 abc", "2011-01-04", "1.2.3", "12,34.56,7", "nan", "inf", "1_000", "0x1F", "--5", ""]
)
def test_what_is_no_number_is_null(text: str) -> None:
    for fmt in (*CONVENTIONS, NumberFormat(), NumberFormat(","), NumberFormat(symbols=True)):
        assert parse([text], fmt) == [None], fmt


@pytest.mark.parametrize(
    "text",
    ["", " ", "-", "n/a", "N/A", "#N/A", "null", "NaN", "inf", "-Infinity", "Unknown", "?", "\u00a0", "unbekannt"],
)
def test_words_for_nothing(text: str) -> None:
    assert CON.execute(f"SELECT {is_missing('value')} FROM (SELECT ? AS value)", [text]).fetchall() == [(True,)]


def written(number: int, fmt: NumberFormat, style: str, blank: str) -> str:
    """Write cents in a convention."""
    whole, cents = divmod(abs(number), 100)
    text = f"{whole:,}".replace(",", blank if fmt.grouping == " " else fmt.grouping) + f"{fmt.decimal}{cents:02}"
    signed = {"minus": f"-{text}", "after": f"{text}-", "brackets": f"({text})", "currency": f"-€ {text}"}
    return signed[style] if number < 0 else f"€ {text}" if style == "currency" else text


@settings(max_examples=25, deadline=None)
@given(
    numbers=st.lists(st.integers(-(10**11), 10**11), min_size=1, max_size=100),
    fmt=st.sampled_from(CONVENTIONS),
    style=st.sampled_from(["minus", "after", "brackets", "currency"]),
    blank=st.sampled_from([" ", "\u00a0", "\u202f", "\u2009"]),
)
def test_every_amount_in_every_convention_comes_back_exactly(
    numbers: list[int], fmt: NumberFormat, style: str, blank: str
) -> None:
    texts = [written(number, fmt, style, blank) for number in numbers]
    choice = detect(texts)
    assert choice is not None
    assert not choice.ambiguous
    assert parse(texts, choice.format) == [number / 100 for number in numbers]
