from __future__ import annotations

import datetime as dt

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reportgen.inputs.dates import DateChoice, DateFormat, choose_date, date_order, date_stages, date_tests, parse_date

CON = duckdb.connect()
CON.execute("SET threads = 1")


def detect(values: list[str], prefer: str | None = None) -> DateChoice | None:
    source = "(SELECT unnest(?) AS value)"
    for stage in date_stages():
        source = f"(SELECT {stage} FROM {source})"
    counts = ", ".join(f"count(*) FILTER ({test})" for test in date_tests().values())
    row = CON.execute(f"SELECT {counts} FROM {source}", [values]).fetchall()[0]
    return choose_date(dict(zip(date_tests(), row, strict=True)), prefer)  # type: ignore[arg-type]


def parse(values: list[str], fmt: DateFormat) -> list[dt.datetime | None]:
    rows = CON.execute(f"SELECT {parse_date('value', fmt)} FROM (SELECT unnest(?) AS value)", [values]).fetchall()
    return [row[0] for row in rows]


def read(*values: str) -> list[dt.datetime | None]:
    choice = detect(list(values))
    assert choice is not None
    assert not choice.ambiguous
    return parse(list(values), choice.format)


DAY = dt.datetime(2011, 1, 4)


@pytest.mark.parametrize(
    "values",
    [
        ["2011-01-04", "2011-12-31"],
        ["2011/1/4", "2011/12/31"],
        ["04.01.2011", "31.12.2011"],
        ["4.1.11", "31.12.11"],
        ["4/1/2011", "31/12/2011"],
        ["1/4/2011", "12/31/2011"],
        ["1/4/11", "12/31/11"],
        ["04-01-2011", "31-12-2011"],
        ["20110104", "20111231"],
        ["20110104.0", "20111231.0"],
        ["40547", "40908"],
        ["1294099200", "1325289600"],
        ["1294099200000", "1325289600000"],
        ["4 Jan 2011", "31 Dec 2011"],
        ["04-JAN-11", "31-DEC-11"],
        ["Jan 4, 2011", "December 31st, 2011"],
        ["Tuesday, January 4, 2011", "Saturday, December 31, 2011"],
        ["Tue, 4 Jan 2011", "Sat, 31 Dec 2011"],
        ["4. Januar 2011", "31. Dezember 2011"],
        ["4 janv. 2011", "31 déc. 2011"],
        ["4 janvier 2011", "31 décembre 2011"],
        ["4 de enero de 2011", "31 de diciembre de 2011"],
        ["4 gennaio 2011", "31 dicembre 2011"],
        ["4 de janeiro de 2011", "31 de dezembro de 2011"],
        ["4 januari 2011", "31 december 2011"],
        ["4 stycznia 2011", "31 grudnia 2011"],
        ["4 января 2011", "31 декабря 2011"],
        ["4 Ocak 2011", "31 Aralık 2011"],
        ["2011年1月4日", "2011年12月31日"],
        ["2011 Jan 04", "2011 Dec 31"],
    ],
)
def test_each_way_of_writing_dates(values: list[str]) -> None:
    assert read(*values) == [DAY, dt.datetime(2011, 12, 31)]


@pytest.mark.parametrize(
    ("values", "time"),
    [
        (["2011-01-04 09:05:07"], (9, 5, 7)),
        (["2011-01-04T09:05:07.000"], (9, 5, 7)),
        (["04.01.2011 9:05"], (9, 5, 0)),
        (["13/1/2011 9:05 PM", "4/1/2011 9:05 PM"], (21, 5, 0)),
        (["1/13/2011, 12:05:00 am", "1/4/2011, 12:05:00 am"], (0, 5, 0)),
        (["Jan 4, 2011 at 9:05 p.m."], (21, 5, 0)),
        (["40547.5"], (12, 0, 0)),
    ],
)
def test_times_of_day(values: list[str], time: tuple[int, int, int]) -> None:
    assert read(*values)[-1] == DAY + dt.timedelta(hours=time[0], minutes=time[1], seconds=time[2])


def test_a_time_may_be_missing_in_some_cells() -> None:
    assert read("31.12.2011 10:00", "04.01.2011") == [dt.datetime(2011, 12, 31, 10), DAY]


def test_all_ambiguous_is_a_question_and_dots_or_equal_parts_answer_it() -> None:
    assert detect(["1/2/2011", "3/4/2011"]).ambiguous  # type: ignore[union-attr]
    assert detect(["01-02-11", "03-04-11"]).ambiguous  # type: ignore[union-attr]
    assert not detect(["1.2.2011", "3.4.2011"]).ambiguous  # type: ignore[union-attr]
    assert read("3/3/2011", "4/4/2011") == [dt.datetime(2011, 3, 3), dt.datetime(2011, 4, 4)]


@pytest.mark.parametrize(("order", "day"), [("dmy", (2003, 2, 1)), ("mdy", (2003, 1, 2)), ("ymd", (2001, 2, 3))])
def test_the_user_answers_it(order: str, day: tuple[int, int, int]) -> None:
    choice = detect(["01/02/03"], order)
    assert choice is not None
    assert not choice.ambiguous
    assert parse(["01/02/03"], choice.format) == [dt.datetime(*day)]


def test_one_cell_decides() -> None:
    ambiguous = [f"{1 + i % 12}/{1 + i % 11}/2011" for i in range(5000)]
    assert date_order(detect([*ambiguous, "13/1/2011"]).format.pattern) == "dmy"  # type: ignore[union-attr]
    assert date_order(detect([*ambiguous, "1/13/2011"]).format.pattern) == "mdy"  # type: ignore[union-attr]


def test_cells_that_are_no_date_of_this_format_are_null() -> None:
    fmt = DateFormat("%d.%m.%Y")
    bad = [
        "31.02.2011",
        "13/25/2011",
        "4.13.2011",
        "4.1.11",
        "Total",
        "4.1.2011 25:00",
        "1.1.1900",
        "01.01.1970",
        "1.1.0011",
    ]
    assert parse(bad, fmt) == [None] * len(bad)


def test_offsets_become_the_time_of_the_shop() -> None:
    values = ["2026-05-01 23:30:00 +0000", "2026-05-01T23:30:00-05:00", "2026-05-01 23:30:00Z", "2026-05-01 23:30:00"]
    choice = detect(values)
    assert choice is not None
    assert choice.format.has_offset
    berlin = DateFormat(choice.format.pattern, True, True, "Europe/Berlin")
    hours = [dt.datetime(2026, 5, 2, 1, 30), dt.datetime(2026, 5, 2, 6, 30), dt.datetime(2026, 5, 2, 1, 30)]
    assert parse(values, berlin) == [*hours, dt.datetime(2026, 5, 1, 23, 30)]
    assert parse(values, choice.format) == [dt.datetime(2026, 5, 1, 23, 30)] * 4  # no zone: as written


def test_unix_times_become_the_time_of_the_shop() -> None:
    assert parse(["1294099200"], DateFormat("unix_s", True, zone="Asia/Tokyo")) == [dt.datetime(2011, 1, 4, 9)]


@settings(max_examples=25, deadline=None)
@given(
    days=st.lists(st.dates(dt.date(1990, 1, 1), dt.date(2068, 12, 31)), min_size=1, max_size=100),
    form=st.sampled_from(
        [
            "%Y-%m-%d",
            "%d.%m.%Y",
            "%d/%m/%Y",
            "%m/%d/%Y",
            "%d-%b-%Y",
            "%B %d, %Y",
            "%Y%m%d",
            "%d.%m.%y",
            "%Y-%m-%dT%H:%M:%S",
        ]
    ),
)
def test_every_date_in_every_format_comes_back(days: list[dt.date], form: str) -> None:
    texts = [day.strftime(form) for day in [*days, dt.date(2013, 12, 31)]]  # the last one tells day from month
    choice = detect(texts)
    assert choice is not None
    assert not choice.ambiguous
    assert parse(texts, choice.format)[:-1] == [dt.datetime(d.year, d.month, d.day) for d in days]
